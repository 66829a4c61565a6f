"""From SQL to what the runtime runs: plan, wire, compile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from eventflux.app.option_texts import diagnostic, read_given
from eventflux.app.settings import (
    app_name,
    flushes_on_stop,
    has_event_time,
    limits_of,
    merge_settings,
)
from eventflux.app.wiring import ResolvedStream, Wiring, check_schemas, wire
from eventflux.base.clock import Clock, ManualClock, SystemClock
from eventflux.base.errors import Diagnostic, MissingPackageError, OptionError, SqlError
from eventflux.compiler import compile_plan
from eventflux.planner import plan_sql
from eventflux.planner.plan import Plan
from eventflux.runtime.engine import Engine
from eventflux.runtime.row_payloads import RowPayloadDecoder, RowPayloadEncoder
from eventflux.runtime.specs import AppSpec, SinkSpec, SourceSpec
from eventflux.runtime.stream_options import SinkStreamOptions, SourceStreamOptions
from eventflux.runtime.values import RowMaker
from eventflux.spi.mapper import (
    MapperContext,
    SinkMapper,
    SinkMapperFactory,
    SourceMapper,
    SourceMapperFactory,
)
from eventflux.spi.registry import Registry
from eventflux.spi.sink import SinkFactory
from eventflux.spi.source import ConnectorContext, SourceFactory


@dataclass(frozen=True, slots=True)
class Built:
    """An app ready to run, and what was found on the way."""

    plan: Plan
    spec: AppSpec
    settings: dict[str, str]
    """From the file, the SQL and the command line together."""
    warnings: tuple[Diagnostic, ...]
    wiring: Wiring


def build(
    sql: str,
    registry: Registry,
    *,
    file: str = "<sql>",
    overrides: Mapping[str, str] | None = None,
    config: Mapping[str, Any] | None = None,
    replace_external: bool = False,
    clock: Clock | None = None,
) -> Built:
    """Make an app of SQL.

    Args:
        file: what messages call the SQL.
        overrides: ``Stream.option`` or ``app.setting`` to its text; wins over the SQL.
        config: a parsed configuration file; the SQL wins over it.
        replace_external: leave all connectors out: sources become inputs of the API.
        clock: in place of the one that ``app.time`` names.

    Raises:
        SqlError: the SQL, an option or a setting is wrong; all problems together.
        MissingPackageError: connectors or mappers are not installed; all together.
    """
    planned = plan_sql(sql, functions=registry.functions, name=file)
    plan = planned.plan
    given = read_given(plan, config, overrides)
    settings, setting_problems = merge_settings(
        given.app_config, plan.settings, given.app_overrides
    )
    wiring = wire(plan, registry, given, replaced=replace_external)
    name = app_name(settings, file)
    check_schemas(wiring, plan, name)
    problems = [*given.problems, *setting_problems, *wiring.problems]
    if wiring.missing:
        raise _all_missing(wiring.missing, problems, sql, file)
    if problems:
        raise SqlError(problems, sql, file)
    chosen: Clock = clock or (ManualClock() if has_event_time(settings) else SystemClock())
    engine: Engine = compile_plan(plan, functions=registry.functions, clock=chosen)
    sources: list[SourceSpec] = []
    sinks: list[SinkSpec] = []
    if not replace_external:
        for resolved in wiring.streams.values():
            try:
                if isinstance(resolved.factory, SourceFactory):
                    sources.append(_source(resolved, resolved.factory, engine, name, chosen))
                elif isinstance(resolved.factory, SinkFactory):
                    sinks.append(_sink(resolved, resolved.factory, engine, name, chosen))
            except OptionError as error:
                stream = resolved.stream
                problems.append(diagnostic(stream.name, error, None, stream.place))
    if problems:
        raise SqlError(problems, sql, file)
    spec = AppSpec(
        name=name,
        engine=engine,
        clock=chosen,
        sources=sources,
        sinks=sinks,
        streams={stream: resolved.common for stream, resolved in wiring.streams.items()},
        reaches=reached_streams(plan),
        limits=limits_of(settings),
        flush_on_stop=flushes_on_stop(settings),
    )
    return Built(plan, spec, settings, (*planned.warnings, *wiring.warnings), wiring)


def reached_streams(plan: Plan) -> dict[str, frozenset[str]]:
    """For each stream those that its rows can lead to, itself included."""
    reached: dict[str, frozenset[str]] = {}

    def visit(stream: str) -> frozenset[str]:
        if stream not in reached:
            below = [visit(query.target) for query in plan.readers(stream)]
            reached[stream] = frozenset({stream}).union(*below)
        return reached[stream]

    for stream in plan.streams:
        visit(stream)
    return reached


def _all_missing(
    missing: Sequence[MissingPackageError], problems: Sequence[Diagnostic], sql: str, file: str
) -> MissingPackageError:
    lines = dict.fromkeys(error.message for error in missing)
    packages = dict.fromkeys(package for error in missing for package in error.packages)
    found = [*lines, *(problem.render(sql, file) for problem in problems)]
    return MissingPackageError("\n".join(found), list(packages))


def _source(
    resolved: ResolvedStream, factory: SourceFactory, engine: Engine, app: str, clock: Clock
) -> SourceSpec:
    stream = resolved.stream
    row_type = engine.row_type(stream.name)
    context = ConnectorContext(stream.name, app, stream.schema.names, clock)
    mapper: SourceMapper = RowPayloadDecoder(RowMaker(stream.name, stream.schema, row_type))
    if isinstance(resolved.mapper_factory, SourceMapperFactory):
        mapper_context = MapperContext(stream.name, stream.schema, row_type)
        mapper = resolved.mapper_factory.create(resolved.mapper_options, mapper_context)
    assert isinstance(resolved.common, SourceStreamOptions)
    return SourceSpec(
        stream=stream.name,
        connector=resolved.connector,
        kind=factory.kind,
        create=partial(factory.create, resolved.connector_options, context),
        mapper=mapper,
        options=resolved.common,
        row_payloads=resolved.mapper_factory is None,
    )


def _sink(
    resolved: ResolvedStream, factory: SinkFactory, engine: Engine, app: str, clock: Clock
) -> SinkSpec:
    stream = resolved.stream
    context = ConnectorContext(stream.name, app, stream.schema.names, clock)
    mapper: SinkMapper = RowPayloadEncoder()
    if isinstance(resolved.mapper_factory, SinkMapperFactory):
        row_type = engine.row_type(stream.name)
        mapper_context = MapperContext(stream.name, stream.schema, row_type)
        mapper = resolved.mapper_factory.create(resolved.mapper_options, mapper_context)
    assert isinstance(resolved.common, SinkStreamOptions)
    return SinkSpec(
        stream=stream.name,
        connector=resolved.connector,
        create=partial(factory.create, resolved.connector_options, context),
        mapper=mapper,
        options=resolved.common,
        max_in_flight=resolved.common.max_in_flight or factory.max_in_flight,
        row_payloads=resolved.mapper_factory is None,
    )
