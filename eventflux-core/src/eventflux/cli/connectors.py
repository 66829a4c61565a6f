"""``eventflux connectors [NAME]``: connectors, formats and state stores, and their options."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from eventflux.cli.completion import complete_connector

if TYPE_CHECKING:
    from eventflux.base.types import DataType
    from eventflux.spi.options import Options
    from eventflux.spi.registry import Registry


def connectors(
    name: Annotated[
        str | None,
        typer.Argument(
            help="A connector, a format or a state store: shows each of its options.",
            autocompletion=complete_connector,
        ),
    ] = None,
) -> None:
    """List connectors, formats and state stores, or show each option of one.

    eventflux connectors
    eventflux connectors rabbitmq
    eventflux connectors json
    """
    from eventflux.spi.plugins import installed_registry

    registry = installed_registry()
    if name is None:
        _list_all(registry)
    else:
        _show_one(registry, name)


def _list_all(registry: Registry) -> None:
    from eventflux.cli.tables import print_table

    rows = [
        (name, "source", _formats(source.formats), source.doc)
        for name, source in registry.source_factories.items()
    ]
    rows += [
        (name, "sink", _formats(sink.formats), sink.doc)
        for name, sink in registry.sink_factories.items()
    ]
    rows.sort(key=lambda row: row[0])
    print_table(sys.stdout, ("extension", "as", "formats", "what it does"), rows)
    formats = [
        (name, "source", mapper.doc) for name, mapper in registry.source_mapper_factories.items()
    ]
    formats += [
        (name, "sink", mapper.doc) for name, mapper in registry.sink_mapper_factories.items()
    ]
    formats.sort(key=lambda row: row[0])
    print_table(sys.stdout, ("format", "in", "what it does"), formats)
    stores = [(name, store.doc) for name, store in registry.state_store_factories.items()]
    print_table(sys.stdout, ("checkpoint.store", "what it does"), sorted(stores))
    print("Each option of one:  eventflux connectors NAME")


def _formats(formats: object) -> str:
    """The formats that a connector works with, as a cell."""
    names = list(formats) if isinstance(formats, list | tuple) else []
    if not names:
        return "none: it has rows"
    return "any" if "*" in names else ", ".join(names)


def _show_one(registry: Registry, name: str) -> None:
    from eventflux.runtime.stream_options import SinkStreamOptions, SourceStreamOptions

    parts = list(_parts_of(registry, name))
    if not parts:
        _refuse(registry, name)
    for role, what, doc, options in parts:
        print(f"{what} — {doc}")
        _print_options(options)
        _print_metadata(registry, name, role)
        if role in ("source", "sink"):
            print(f"Every {role} has these, too:")
            _print_options(SourceStreamOptions if role == "source" else SinkStreamOptions)


def _print_metadata(registry: Registry, name: str, role: str) -> None:
    """What METADATA columns may read or set, where the connector has any."""
    from eventflux.cli.tables import print_table

    known: Mapping[str, DataType] = {}
    if role == "source":
        known = registry.source_factories[name].metadata
    elif role == "sink":
        known = registry.sink_factories[name].metadata
    if known:
        print(f"METADATA columns {'read' if role == 'source' else 'set'} these of a message:")
        print_table(sys.stdout, ("METADATA", "type"), [(n, str(t)) for n, t in known.items()])
        print()


def _parts_of(registry: Registry, name: str) -> Iterator[tuple[str, str, str, type[Options]]]:
    """What is called ``name``: role, heading, doc and options of each."""
    key = f"extension = '{name}'"
    if name in registry.source_factories:
        source = registry.source_factories[name]
        yield "source", f"{name}, source: type = 'source', {key}", source.doc, source.options
    if name in registry.sink_factories:
        sink = registry.sink_factories[name]
        yield "sink", f"{name}, sink: type = 'sink', {key}", sink.doc, sink.options
    if name in registry.source_mapper_factories:
        decoder = registry.source_mapper_factories[name]
        yield "", f"{name}, format of sources: format = '{name}'", decoder.doc, decoder.options
    if name in registry.sink_mapper_factories:
        encoder = registry.sink_mapper_factories[name]
        yield "", f"{name}, format of sinks: format = '{name}'", encoder.doc, encoder.options
    if name in registry.state_store_factories:
        store = registry.state_store_factories[name]
        yield "", f"{name}, state store: checkpoint.store = '{name}'", store.doc, store.options


def _refuse(registry: Registry, name: str) -> None:
    """Raise the error for a name that nothing has: what to install, or what is known."""
    from eventflux.base.errors import MissingPackageError, OptionError, PlannedError
    from eventflux.base.suggest import did_you_mean

    for look_up in (registry.source_factory, registry.source_mapper_factory):
        try:
            look_up(name)
        except (MissingPackageError, PlannedError):
            raise
        except OptionError:
            continue
    known = {
        *registry.source_factories,
        *registry.sink_factories,
        *registry.source_mapper_factories,
        *registry.sink_mapper_factories,
        *registry.state_store_factories,
    }
    raise OptionError(f"no connector and no format is called {name!r}", did_you_mean(name, known))


def _print_options(options: type[Options]) -> None:
    from eventflux.cli.tables import print_table

    specs = options.specs()
    if not specs:
        print("  It has no options of its own.\n")
        return
    print_table(
        sys.stdout,
        ("option", "type", "default", "meaning"),
        [
            (
                spec.name,
                spec.type_name,
                "required" if spec.required else spec.default_text or "unset",
                spec.doc,
            )
            for spec in specs
        ],
    )
    print()
