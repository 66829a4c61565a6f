"""The name of what is new, in its forms, and which names are free."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventflux.spi.registry import Registry

Kind: TypeAlias = Literal["connector", "mapper", "functions", "app"]

LONGEST = 20
"""Characters of the longest name: the lines of the templates have room for so many."""
_ALLOWED = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Name:
    """A name such as ``my-queue``."""

    text: str

    @property
    def distribution(self) -> str:
        """What pip calls it: ``eventflux-my-queue``."""
        return f"eventflux-{self.text}"

    @property
    def identifier(self) -> str:
        """What SQL and Python call it: ``my_queue``."""
        return self.text.replace("-", "_")

    @property
    def class_prefix(self) -> str:
        """What the names of its classes begin with: ``MyQueue``."""
        return "".join(part.capitalize() for part in self.text.split("-"))


def read_name(text: str) -> Name:
    """The name that a user gave.

    Raises:
        ValueError: it is none, and what one is.
    """
    if text.startswith(("eventflux-", "eventflux_")):
        raise ValueError(f"{text!r}: leave 'eventflux' out, it is put before the name")
    if not _ALLOWED.fullmatch(text) or len(text) > LONGEST:
        raise ValueError(
            f"{text!r} is no name: lower-case letters and digits, a letter first, words joined "
            f"by '-', at most {LONGEST} characters; for example my-queue"
        )
    return Name(text)


def refuse_taken(kind: Kind, name: Name) -> None:
    """Refuse a name that something else has.

    Raises:
        ValueError: who has it.
    """
    from eventflux.spi.plugins import installed_registry
    from eventflux.spi.well_known import EXTENSION_PACKAGES, FORMAT_PACKAGES

    if kind == "app":
        return
    packages = {**EXTENSION_PACKAGES, **FORMAT_PACKAGES}
    own = packages.get(name.identifier) if kind != "functions" else None
    if name.distribution in {"eventflux-core", *packages.values()}:
        own = name.distribution
    if own is not None:
        raise ValueError(f"'{name.text}' is kept for EventFlux's own package {own}")
    for taken in _taken(kind, name, installed_registry()):
        raise ValueError(f"'{name.text}' is taken: {taken}; `eventflux plugins` lists all")


def _taken(kind: Kind, name: Name, registry: Registry) -> Iterator[str]:
    from importlib import metadata

    shelves = {
        "connector": (registry.source_factories, registry.sink_factories),
        "mapper": (registry.source_mapper_factories, registry.sink_mapper_factories),
    }
    for shelf in shelves.get(kind, ()):
        if name.identifier in shelf:
            yield f"{registry.provider_of(shelf[name.identifier])} brings a {kind} of that name"
    try:
        version = metadata.version(name.distribution)
    except metadata.PackageNotFoundError:
        return
    yield f"{name.distribution} {version} is installed"
