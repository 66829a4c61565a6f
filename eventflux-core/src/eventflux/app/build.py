"""From a program to what the runtime runs."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

import importlib_metadata
import msgspec

from eventflux.app.creation import created
from eventflux.app.error_options import error_edges, stream_edges
from eventflux.app.program import Program
from eventflux.app.query_errors import home_of
from eventflux.app.settings import (
    checkpoint_interval,
    flushes_on_stop,
    has_event_time,
    limits_of,
)
from eventflux.app.watermarks import watermark_options
from eventflux.app.wiring import ResolvedStream
from eventflux.base.clock import Clock, ManualClock, SystemClock
from eventflux.base.connection_columns import whose_connection
from eventflux.base.error_columns import whose_errors
from eventflux.base.errors import Position, UsageError
from eventflux.compiler import compile_plan
from eventflux.operators.scalars import result_of
from eventflux.planner.async_stages import Stage, with_stages
from eventflux.planner.connection_streams import with_connection_streams
from eventflux.planner.error_streams import with_error_streams
from eventflux.planner.late_streams import with_late_streams
from eventflux.planner.plan import Plan, Stream
from eventflux.runtime.engine import Engine
from eventflux.runtime.metadata import MetadataReader, MetadataWriter
from eventflux.runtime.row_payloads import RowPayloadDecoder, RowPayloadEncoder
from eventflux.runtime.specs import (
    AppSpec,
    AsyncCallSpec,
    SinkSpec,
    SourceSpec,
    StageSpec,
    StoreSpec,
)
from eventflux.runtime.stream_options import SinkStreamOptions, SourceStreamOptions, StreamOptions
from eventflux.runtime.values import RowMaker
from eventflux.spi.functions import AsyncFunction
from eventflux.spi.mapper import (
    MapperContext,
    SinkMapper,
    SinkMapperFactory,
    SourceMapper,
    SourceMapperFactory,
)
from eventflux.spi.own_aggregates import SqlCallable
from eventflux.spi.registry import Registry
from eventflux.spi.sink import Sink, SinkFactory
from eventflux.spi.source import ConnectorContext, Source, SourceFactory
from eventflux.spi.state_store import StateStore, StateStoreContext


def build(
    program: Program, registry: Registry, clock: Clock | None = None, *, fresh: bool = False
) -> AppSpec:
    """Make the engine of a program, and what its streams are connected by.

    Args:
        registry: what the program's names were looked up in.
        clock: in place of the one that ``app.time`` names.
        fresh: whether the first start ignores the state that is stored.

    Raises:
        UsageError: ``fresh``, and the program stores no state.
    """
    plan, settings, name = program.plan, program.settings, program.name
    streams = program.wiring.streams
    chosen: Clock = clock or (ManualClock() if has_event_time(settings) else SystemClock())
    set_plan = msgspec.structs.replace(plan, settings=dict(settings))
    functions = {**registry.callables, **program.functions}
    whole, stages = with_stages(whole_plan(set_plan), functions)
    engine: Engine = compile_plan(
        whole,
        functions=functions,
        clock=chosen,
        watermarks={
            name: watermark_options(stream.common)
            for name, stream in streams.items()
            if isinstance(stream.common, StreamOptions)
        },
    )
    store = _store(program, registry, fresh=fresh)
    waits = [(stage.asked, stage.answered) for stage in stages]
    reaches = reached_streams(whole, [*error_edges(program.handlings), *waits])
    checkpointed = frozenset[str]()
    if store is not None:
        checkpointed = frozenset(
            n for n, reached in reaches.items() if any(map(engine.absorbs, reached))
        )
    sources: list[SourceSpec] = []
    sinks: list[SinkSpec] = []
    if not program.replaced:
        for resolved in streams.values():
            if isinstance(resolved.factory, SourceFactory):
                source = _source(
                    resolved, resolved.factory, engine, name, chosen, registry, checkpointed
                )
                sources.append(source)
            elif isinstance(resolved.factory, SinkFactory):
                sinks.append(_sink(resolved, resolved.factory, engine, name, chosen, registry))
    dead_letters = {target for _, target in error_edges(program.handlings)}
    return AppSpec(
        name=name,
        engine=engine,
        clock=chosen,
        sources=sources,
        sinks=sinks,
        streams={stream: resolved.common for stream, resolved in streams.items()},
        reaches=reaches,
        checkpointed=checkpointed,
        queries={h.query: h.options for h in program.handlings if h.query is not None},
        homes={
            **{
                stream.name: home_of(plan, stream.name)
                for stream in plan.streams.values()
                if stream.unnamed_of is not None
            },
            **{stage.answered: home_of(plan, stage.source) for stage in stages},
        },
        error_schemas={
            name: stream.schema
            for name, stream in whole.streams.items()
            if whose_errors(name) is not None or name in dead_letters
        },
        limits=limits_of(settings),
        flush_on_stop=flushes_on_stop(settings),
        store=store,
        plugin_of=functools.cache(registry.plugin_of),
        stages=[_stage(plan, stage, functions) for stage in stages],
    )


def _stage(plan: Plan, stage: Stage, functions: Mapping[str, SqlCallable]) -> StageSpec:
    calls = []
    for call in stage.calls:
        function = functions[call.function.lower()]
        assert isinstance(function, AsyncFunction), "a stage is made of those"
        convert = result_of(function.name, function.returns)
        calls.append(AsyncCallSpec(function, call.first, call.count, convert))
    place = next(query.place for query in plan.queries if query.name == stage.query)
    return StageSpec(
        query=stage.query,
        position=Position(place.line, place.column),
        source=stage.source,
        home=home_of(plan, stage.source),
        asked=stage.asked,
        answered=stage.answered,
        columns=stage.columns,
        calls=tuple(calls),
    )


def whole_plan(plan: Plan) -> Plan:
    """The plan with the streams that others have at their side."""
    return with_connection_streams(with_late_streams(with_error_streams(plan)))


def reached_streams(
    plan: Plan, error_edges: Iterable[tuple[str, str]] = ()
) -> dict[str, frozenset[str]]:
    """For each stream those that its rows can lead to, also as errors, itself included."""
    following: dict[str, set[str]] = {stream: set() for stream in plan.streams}
    for name in plan.streams:
        told = whose_connection(name)
        if told is not None and plan.streams[told].role == "source":
            following[told].add(name)  # notices of a sink may come back to it
    for source, target in (*stream_edges(plan), *error_edges):
        following[source].add(target)
    reached: dict[str, frozenset[str]] = {}

    waiting = list(following)
    while waiting:
        stream = waiting[-1]
        unknown = [target for target in following[stream] if target not in reached]
        if unknown and stream not in reached:
            waiting.extend(unknown)
            continue
        below = (reached[target] for target in following[stream])
        reached.setdefault(stream, frozenset({stream}).union(*below))
        waiting.pop()
    return reached


def _source(
    resolved: ResolvedStream,
    factory: SourceFactory,
    engine: Engine,
    app: str,
    clock: Clock,
    registry: Registry,
    checkpointed: Collection[str],
) -> SourceSpec:
    stream = resolved.stream
    connector_by = registry.provider_of(factory)
    payload, payload_type = stream.schema.payload, engine.payload_type(stream.name)
    context = _context(stream, engine, app, clock)
    if stream.name in checkpointed:
        context = replace(context, checkpointed=True)
    mapper: SourceMapper = RowPayloadDecoder(RowMaker(stream.name, payload, payload_type))
    if isinstance(resolved.mapper_factory, SourceMapperFactory):
        mapper_context = MapperContext(stream.name, payload, payload_type, factory.lines)
        mapper = resolved.mapper_factory.create(resolved.mapper_options, mapper_context)
    assert isinstance(resolved.common, SourceStreamOptions)
    return SourceSpec(
        stream=stream.name,
        connector=resolved.connector,
        kind=factory.kind,
        create=lambda: created(
            Source,
            connector_by,
            factory,
            resolved.connector_options,
            context,
        ),
        mapper=mapper,
        options=resolved.common,
        row_payloads=resolved.mapper_factory is None,
        connector_by=connector_by,
        mapper_by=registry.provider_of(resolved.mapper_factory),
        metadata=MetadataReader(stream.schema) if stream.schema.metadata else None,
        row_type=payload_type,
        reconnection=factory.reconnection(resolved.connector_options),
        prefetch=factory.prefetch(resolved.connector_options),
        watermark=stream.watermark is not None,
        when_silent=factory.when_silent(resolved.connector_options),
    )


def _store(program: Program, registry: Registry, *, fresh: bool) -> StoreSpec | None:
    """Where the state of a program is kept; what has its connectors replaced keeps none."""
    store = program.store
    if store is None or program.replaced:
        if fresh:
            raise UsageError(
                "there is no stored state to ignore", "--state DIR, or SET checkpoint.dir = 'DIR'"
            )
        return None
    by = registry.provider_of(store.factory)
    context = StateStoreContext(program.name)
    return StoreSpec(
        name=store.name,
        create=lambda: created(StateStore, by, store.factory, store.options, context),
        interval=checkpoint_interval(program.settings),
        fresh=fresh,
        version=_version(),
    )


def _version() -> str:
    try:
        return importlib_metadata.version("eventflux-core")
    except importlib_metadata.PackageNotFoundError:
        return "unknown"  # run from a source tree that isn't installed


def _context(stream: Stream, engine: Engine, app: str, clock: Clock) -> ConnectorContext:
    return ConnectorContext(
        stream.name,
        app,
        stream.schema.payload.names,
        clock,
        tuple(dict.fromkeys(column.metadata or "" for column in stream.schema.metadata)),
        engine.row_type(stream.name),
    )


def _sink(
    resolved: ResolvedStream,
    factory: SinkFactory,
    engine: Engine,
    app: str,
    clock: Clock,
    registry: Registry,
) -> SinkSpec:
    stream = resolved.stream
    connector_by = registry.provider_of(factory)
    payload_type = engine.payload_type(stream.name)
    context = _context(stream, engine, app, clock)
    mapper: SinkMapper = RowPayloadEncoder()
    if isinstance(resolved.mapper_factory, SinkMapperFactory):
        mapper_context = MapperContext(
            stream.name, stream.schema.payload, payload_type, factory.lines
        )
        mapper = resolved.mapper_factory.create(resolved.mapper_options, mapper_context)
    assert isinstance(resolved.common, SinkStreamOptions)
    return SinkSpec(
        stream=stream.name,
        connector=resolved.connector,
        create=lambda: created(
            Sink,
            connector_by,
            factory,
            resolved.connector_options,
            context,
        ),
        mapper=mapper,
        options=resolved.common,
        max_in_flight=resolved.common.max_in_flight or factory.max_in_flight,
        row_payloads=resolved.mapper_factory is None,
        connector_by=connector_by,
        mapper_by=registry.provider_of(resolved.mapper_factory),
        metadata=MetadataWriter(stream.schema, engine.row_type(stream.name), payload_type)
        if stream.schema.metadata
        else None,
        reconnection=factory.reconnection(resolved.connector_options),
    )
