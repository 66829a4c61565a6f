"""What the shell offers when Tab is pressed: names of connectors, and options for ``--set``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from eventflux.spi.options import Options
    from eventflux.spi.registry import Registry


def complete_connector(incomplete: str) -> list[str]:
    """The connectors and formats that begin so."""
    from eventflux.spi.plugins import installed_registry

    registry = installed_registry()
    names = {
        *registry.source_factories,
        *registry.sink_factories,
        *registry.source_mapper_factories,
        *registry.sink_mapper_factories,
        *registry.state_store_factories,
    }
    return sorted(name for name in names if name.startswith(incomplete))


def complete_set(context: typer.Context, incomplete: str) -> list[str]:
    """The settings, and the options of the program's streams, that begin so."""
    from eventflux.planner.settings import SETTINGS

    # An unfinished command line is not sorted by parameters: the program stands among the rest.
    given = [context.params.get("file"), *(context.params.get("files") or ()), *context.args]
    names = {f"{name}=" for name in SETTINGS}
    for file in given:
        if file is not None and Path(file).is_file():
            names.update(_options_of(Path(file)))
    return sorted(name for name in names if name.startswith(incomplete))


def _options_of(file: Path) -> Iterator[str]:
    """``Stream.option=`` for each option of each stream, as far as the file can be read."""
    from eventflux.planner import draft_plan
    from eventflux.spi.plugins import installed_registry

    registry = installed_registry()
    sql = file.read_text(encoding="utf-8", errors="replace")
    for stream in draft_plan(sql, functions=registry.callables).plan.streams.values():
        for group in _groups(registry, stream.role, stream.extension or "", stream.format or ""):
            for spec in group.specs():
                yield f"{stream.name}." + (f"{spec.name}=" if spec.of is None else spec.stem)


def _groups(registry: Registry, role: str, extension: str, format_name: str) -> list[type[Options]]:
    from eventflux.runtime.stream_options import (
        SinkStreamOptions,
        SourceStreamOptions,
        StreamOptions,
    )

    if role == "internal":
        return [StreamOptions]
    source = role == "source"
    groups: list[type[Options]] = [SourceStreamOptions if source else SinkStreamOptions]
    connectors = registry.source_factories if source else registry.sink_factories
    if extension in connectors:
        groups.append(connectors[extension].options)
    mappers = registry.source_mapper_factories if source else registry.sink_mapper_factories
    if format_name in mappers:
        groups.append(mappers[format_name].options)
    return groups
