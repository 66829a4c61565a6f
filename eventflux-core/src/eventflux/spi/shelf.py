"""Things of one kind by name: what a registry is made of, and what it takes."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from eventflux.base.errors import PluginError
from eventflux.base.types import DataType
from eventflux.spi.options import Options
from eventflux.spi.source import SourceKind

F = TypeVar("F")

PROGRAM = "this program"
"""Who provides what no plugin does."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_BINDINGS = frozenset({"type", "extension", "format"})
"""Options of every stream, which no connector can have as its own."""


@dataclass(frozen=True, slots=True)
class Entry(Generic[F]):
    name: str
    factory: F
    provider: str


class Shelf(Mapping[str, F]):
    """Factories of one kind by name, found in any case and listed in order of name.

    ``base`` is their class, ``needs`` are the attributes that it leaves to them.
    """

    def __init__(self, what: str, base: type[Any], needs: Sequence[str] = ()) -> None:
        self.what = what
        self._base = base
        self._needs = needs
        self._entries: dict[str, Entry[F]] = {}

    def __getitem__(self, name: str) -> F:
        return self._entries[name.lower()].factory

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._entries

    def __iter__(self) -> Iterator[str]:
        return (entry.name for _, entry in sorted(self._entries.items()))

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, name: str, factory: F, provider: str, *, replace: bool = False) -> None:
        """
        Raises:
            PluginError: the name is unfit, or taken and not to be replaced, or the factory lacks
                something.
        """
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise PluginError(
                f"{name!r} is no name for a {self.what}",
                "letters, digits, '.', '_' and '-', a letter first",
            )
        self._check(f"{self.what} {name!r}", factory)
        taken = self._entries.get(name.lower())
        if taken is not None and not replace:
            raise already_provided(f"{self.what} {name!r}", taken.provider, provider)
        self._entries[name.lower()] = Entry(name, factory, provider)

    def discard(self, provider: str) -> None:
        """Forget what ``provider`` brought."""
        self._entries = {k: e for k, e in self._entries.items() if e.provider != provider}

    def provider_of(self, factory: object) -> str | None:
        return next((e.provider for e in self._entries.values() if e.factory is factory), None)

    def _check(self, shown: str, factory: object) -> None:
        if isinstance(factory, type) and issubclass(factory, self._base):
            raise PluginError(
                f"{shown}: {factory.__name__} is a class", f"give an instance: {factory.__name__}()"
            )
        if not isinstance(factory, self._base):
            what = "class" if isinstance(factory, type) else type(factory).__name__
            raise PluginError(f"{shown} is a {what}, expected a {self._base.__name__}")
        missing = [need for need in self._needs if not hasattr(factory, need)]
        if missing:
            raise PluginError(
                f"{shown}: {type(factory).__name__} lacks " + ", ".join(missing),
                f"declare them in the class, as {self._base.__name__} says",
            )
        for attribute, check in _CHECKS.items():
            expected = check(getattr(factory, attribute)) if hasattr(factory, attribute) else None
            if expected is not None:
                given = getattr(factory, attribute)
                raise PluginError(f"{shown}: {attribute} is {given!r}, expected {expected}")


def already_provided(shown: str, provider: str, again: str) -> PluginError:
    """The error for a name that ``provider`` has, and ``again`` wants."""
    hint = "one of the two has to go: pip uninstall it, or ask its authors for another name"
    if again == PROGRAM:
        hint = "give it another name, or say replace=True to have it in the place of the other"
    return PluginError(f"{shown} is already provided by {provider}", hint)


def _check_doc(doc: object) -> str | None:
    return None if isinstance(doc, str) else "a text of one line"


def _check_kind(kind: object) -> str | None:
    kinds = typing.get_args(SourceKind)
    return None if kind in kinds else "one of " + ", ".join(map(repr, kinds))


def _check_formats(formats: object) -> str | None:
    fits = isinstance(formats, list | tuple) and all(isinstance(f, str) for f in formats)
    return None if fits else "a list of names"


def _check_metadata(metadata: object) -> str | None:
    fits = isinstance(metadata, Mapping) and all(
        isinstance(name, str) and isinstance(kind, DataType) for name, kind in metadata.items()
    )
    return None if fits else "a mapping of names to a DataType each"


def _check_options(options: object) -> str | None:
    if not (isinstance(options, type) and issubclass(options, Options)):
        return "a class of Options"
    taken = [spec.name for spec in options.specs() if spec.name in _BINDINGS]
    return f"no option {taken[0]!r}, which every stream has: give it a prefix" if taken else None


_CHECKS = {
    "doc": _check_doc,
    "kind": _check_kind,
    "formats": _check_formats,
    "metadata": _check_metadata,
    "options": _check_options,
}
"""What is expected of an attribute that is none such; ``None`` if all is well."""
