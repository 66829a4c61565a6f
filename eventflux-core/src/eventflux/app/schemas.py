"""Connectors and mappers look at the columns of their streams."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from eventflux.app.creation import broken_factory, created
from eventflux.app.metadata import metadata_problems, template_problems
from eventflux.app.origins import diagnostic, named_in
from eventflux.app.wiring import Wiring
from eventflux.base.errors import EventFluxError
from eventflux.base.rows import row_type
from eventflux.spi.mapper import MapperContext, SinkMapper, SourceMapper
from eventflux.spi.option_rules import NotKnown
from eventflux.spi.registry import Registry
from eventflux.spi.source import ConnectorContext


def check_schemas(wiring: Wiring, app: str, unclear: Collection[str]) -> None:
    """Let each connector refuse columns that don't suit it, but for ``unclear`` streams."""
    for name, resolved in wiring.streams.items():
        if name in unclear:
            continue
        wiring.problems += [*metadata_problems(resolved), *template_problems(resolved)]
        if resolved.factory is None:
            continue
        schema = resolved.stream.schema.payload
        metadata = tuple(column.metadata or "" for column in resolved.stream.schema.metadata)
        context = ConnectorContext(name, app, schema.names, metadata=metadata)
        factory, options = resolved.factory, resolved.known_options
        checks = {"check_schema": partial(factory.check_schema, context, schema)}
        if options is not None:
            checks["check_options"] = partial(factory.check_options, options, context)
        for method, check in checks.items():
            try:
                check()
            except NotKnown:
                continue
            except EventFluxError as error:
                text = named_in(error, resolved.texts)
                wiring.problems.append(diagnostic(name, error, text, resolved.stream.place))
            except (Exception, SystemExit) as error:
                broken = broken_factory(resolved.connector_by, method, error)
                wiring.problems.append(diagnostic(name, broken, None, resolved.stream.place))


def check_mappers(wiring: Wiring, unclear: Collection[str], registry: Registry) -> None:
    """Let each mapper refuse columns that don't suit it, but for ``unclear`` streams."""
    for name, resolved in wiring.streams.items():
        if resolved.mapper_factory is None or resolved.mapper_options is None or name in unclear:
            continue
        stream = resolved.stream
        payload = stream.schema.payload
        context = MapperContext(name, payload, row_type(name, payload))
        kind: type[SourceMapper | SinkMapper] = (
            SourceMapper if stream.role == "source" else SinkMapper
        )
        by = registry.provider_of(resolved.mapper_factory)
        try:
            created(kind, by, resolved.mapper_factory, resolved.mapper_options, context)
        except EventFluxError as error:
            text = named_in(error, resolved.texts)
            wiring.problems.append(diagnostic(name, error, text, stream.place))
