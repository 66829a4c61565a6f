"""Options that are known, but not where they stand."""

from __future__ import annotations

from collections.abc import Iterable

from eventflux.base.errors import OptionError
from eventflux.spi.options import OptionSpec, covering
from eventflux.spi.registry import Registry
from eventflux.spi.well_known import EXTENSION_PACKAGES, FORMAT_PACKAGES
from eventflux.sql.words import PLANNED

_LATER = ("async.",)
"""Options of parts that are not built yet, refused by name."""


def misplaced(
    name: str, role: str, others: Iterable[OptionSpec], registry: Registry | None
) -> OptionError | None:
    """What is wrong with an option that a stream of this role does not have, if it is known.

    Args:
        others: the options that it would have in the other role.
        registry: whose connectors and formats it may be of; ``None`` if it begins as the
            stream's own options do.
    """
    if name.startswith(_LATER):
        return OptionError(
            f"option '{name}' is not supported yet", f"leave it out, it is {PLANNED}"
        )
    if name in ("extension", "format"):
        return OptionError(f"'{name}' is for sources and sinks")
    if role != "internal" and covering(others, name):
        other = "sources" if role == "sink" else "sinks"
        return OptionError(f"option '{name}' is for {other}, this is a {role}", "leave it out")
    owner = None if registry is None else _owner_of(name, registry)
    if owner is None:
        return None
    if role == "internal":
        return OptionError(
            f"option '{name}' is for sources and sinks",
            f"add type = 'source' or type = 'sink', and {owner}",
        )
    return OptionError(
        f"option '{name}' is for streams with {owner}", f"leave it out, or write {owner}"
    )


def _owner_of(option: str, registry: Registry) -> str | None:
    """What has options that begin as ``option`` does, as WITH names it, if it is known."""
    first, dot, _ = option.partition(".")
    formats = {*registry.source_mapper_factories, *registry.sink_mapper_factories}
    connectors = {*registry.source_factories, *registry.sink_factories}
    if dot and first in formats | FORMAT_PACKAGES.keys():
        return f"format = '{first}'"
    if dot and first in connectors | EXTENSION_PACKAGES.keys():
        return f"extension = '{first}'"
    return None
