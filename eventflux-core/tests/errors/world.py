"""Apps between scripted queues and targets, one for each stream, and a small JSON format."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import msgspec
from msgspec.structs import replace

from eventflux import EventFluxManager
from eventflux.app.app_runtime import AppRuntime
from eventflux.app.build import build
from eventflux.app.program import read_program
from eventflux.app.query_errors import home_of
from eventflux.base.errors import EventFluxError
from eventflux.base.rows import Row
from eventflux.base.types import DataType
from eventflux.runtime.backoff import Backoff
from eventflux.runtime.specs import Limits
from eventflux.spi import (
    ConnectorContext,
    Decoded,
    Encoded,
    MapperContext,
    MapperError,
    Options,
    SinkMapper,
    SinkMapperFactory,
    SourceMapper,
    SourceMapperFactory,
)
from eventflux.testing.scripted import (
    Fault,
    Script,
    ScriptedQueue,
    ScriptedSink,
    ScriptedSinkFactory,
    ScriptedSource,
    ScriptedSourceFactory,
    ScriptedTarget,
)

DEAD = """(originalEvent STRING, errorMessage STRING, errorType STRING, "timestamp" LONG,
    attemptCount INT, streamName STRING)"""
"""The columns of a dead-letter stream."""


class NoOptions(Options, prefix="tiny"):
    """None."""


class TinyDecoder(SourceMapper):
    """JSON objects; an array is several rows. ``later N …`` can be read the N+1st time."""

    def __init__(self, context: MapperContext, tries: dict[bytes, int]) -> None:
        self._decoder = msgspec.json.Decoder(context.row_type)
        self._tries = tries

    def decode(self, payloads: Sequence[bytes]) -> Decoded:
        rows: list[Row] = []
        origins: list[int] = []
        errors: list[MapperError] = []
        for index, payload in enumerate(payloads):
            if payload.startswith(b"later "):
                _, times, text = payload.split(b" ", 2)
                self._tries[payload] = tries = self._tries.get(payload, 0) + 1
                if tries <= int(times):
                    errors.append(MapperError(index, "not now", transient=True))
                    continue
            else:
                text = payload
            try:
                rows.append(self._decoder.decode(text))
                origins.append(index)
            except msgspec.MsgspecError as error:
                errors.append(MapperError(index, str(error)))
        return Decoded(rows, errors, origins)


class TinyEncoder(SinkMapper):
    """JSON objects; a row with a text ``unwritable`` in it can't be one."""

    def encode(self, rows: Sequence[Row]) -> Encoded:
        payloads: list[bytes] = []
        errors: list[MapperError] = []
        for index, row in enumerate(rows):
            if "unwritable" in msgspec.structs.astuple(row):
                errors.append(MapperError(index, "it can't be written"))
            else:
                payloads.append(msgspec.json.encode(row))
        return Encoded(payloads, errors)


class TinySourceFactory(SourceMapperFactory):
    name: ClassVar[str] = "tiny"
    doc: ClassVar[str] = "JSON objects"
    options: ClassVar[type[Options]] = NoOptions

    def __init__(self) -> None:
        self.tries: dict[bytes, int] = {}

    def create(self, options: Any, context: MapperContext) -> SourceMapper:
        return TinyDecoder(context, self.tries)


class TinySinkFactory(SinkMapperFactory):
    name: ClassVar[str] = "tiny"
    doc: ClassVar[str] = "JSON objects"
    options: ClassVar[type[Options]] = NoOptions

    def create(self, options: Any, context: MapperContext) -> SinkMapper:
        return TinyEncoder()


class QueueFactory(ScriptedSourceFactory):
    def __init__(self, world: World) -> None:
        super().__init__(ScriptedQueue(), metadata={"key": DataType.STRING, "size": DataType.INT})
        self.world = world

    def create(self, options: Any, context: ConnectorContext) -> ScriptedSource:
        stream = context.stream
        return ScriptedSource(
            self.world.queues[stream],
            receives=self.world.scripts[f"{stream}.receive"],
            opens=self.world.scripts[f"{stream}.open"],
            max_batch=self.world.max_batch,
        )


class TargetFactory(ScriptedSinkFactory):
    def __init__(self, world: World) -> None:
        super().__init__(ScriptedTarget())
        self.world = world

    def create(self, options: Any, context: ConnectorContext) -> ScriptedSink:
        stream = context.stream
        sink = ScriptedSink(
            self.world.targets[stream],
            sends=self.world.scripts[f"{stream}.send"],
            opens=self.world.scripts[f"{stream}.open"],
        )
        self.made.append(sink)
        return sink


class World:
    """What is outside of an app: ``queues`` and ``targets`` by the name of the stream."""

    def __init__(self) -> None:
        self.queues: defaultdict[str, ScriptedQueue] = defaultdict(ScriptedQueue)
        self.targets: defaultdict[str, ScriptedTarget] = defaultdict(ScriptedTarget)
        self.scripts: defaultdict[str, Script] = defaultdict(Script)
        self.max_batch: int | None = None
        self.manager = EventFluxManager(plugins=False)
        self.decoders = TinySourceFactory()
        self.sinks = TargetFactory(self)
        context = self.manager.context
        context.add_source_factory("queue", QueueFactory(self))
        context.add_sink_factory("target", self.sinks)
        context.add_source_mapper_factory("tiny", self.decoders)
        context.add_sink_mapper_factory("tiny", TinySinkFactory())

    def script(self, call: str, *faults: Fault) -> None:
        """Script ``Stream.open``, ``Stream.receive`` or ``Stream.send``."""
        self.scripts[call] = Script(faults)

    def put(self, *values: Any, stream: str = "Raw") -> None:
        """Put messages: numbers as ``{"v": …}``, bytes as they are."""
        self.queues[stream].put(
            *(v if isinstance(v, bytes) else json.dumps({"v": v}).encode() for v in values)
        )

    def got(self, stream: str, column: str | None = None) -> list[Any]:
        """What has arrived in a target: the rows, or one column of them."""
        rows = [json.loads(payload) for payload in self.targets[stream].arrived]
        return rows if column is None else [row[column] for row in rows]

    def create(self, sql: str) -> Any:
        """An app that does not wait between tries to connect again."""
        program = read_program(sql, self.manager.context)
        spec = build(program, self.manager.context)
        limits = Limits(backoff=Backoff(initial=0.0, cap=0.0, late_cap=0.0))
        return AppRuntime(program, replace(spec, limits=limits))

    async def run(self, sql: str) -> Any:
        """Run an app until all queues are empty, or until it fails; gives the app."""
        app = self.create(sql)
        for queue in self.queues.values():
            queue.end()
        await app.astart()
        try:
            async with asyncio.timeout(20):
                await app.await_finished()
            await app.astop()
        except EventFluxError:
            await app.astop()
        return app


def source(name: str = "Raw", columns: str = "v LONG NOT NULL", **options: str) -> str:
    """The definition of a source stream."""
    return _stream(name, columns, "type = 'source', extension = 'queue', format = 'tiny'", options)


def sink(name: str = "Out", columns: str = "v LONG", **options: str) -> str:
    """The definition of a sink stream."""
    return _stream(name, columns, "type = 'sink', extension = 'target', format = 'tiny'", options)


def _stream(name: str, columns: str, kind: str, options: Mapping[str, str]) -> str:
    own = "".join(f""", "{_option(key)}" = '{value}'""" for key, value in options.items())
    columns = columns if columns.startswith("(") else f"({columns})"
    return f"CREATE STREAM {name} {columns} WITH ({kind}{own});\n"


def _option(key: str) -> str:
    """``error__retry__max_attempts`` as the option is called."""
    return key.replace("__", ".").replace("_", "-")


def nonzero(counters: Mapping[str, int], *names: str) -> dict[str, int]:
    """The counters of ``names`` that are not 0."""
    return {name: counters[name] for name in names if counters[name]}


def check_sums(app: Any, one_row_a_message: Iterable[str] = ()) -> None:
    """Every row and message of an app is accounted for, nothing being under way.

    Of the sources in ``one_row_a_message`` each message is one row.
    """
    stats, plan = app.stats(), app.plan
    streams, queries, connectors = stats["streams"], stats["queries"], stats["connectors"]

    def check(what: str, counted: Mapping[str, int], left: int, *parts: str) -> None:
        assert left == sum(counted.get(part, 0) for part in parts), (what, parts, dict(counted))

    for name, counted in connectors.items():
        parts = ["acknowledged", "rejected", "requeued", "in_flight"]
        if "confirmed" in counted:
            parts = ["confirmed", "refused", "abandoned", "queued", "in_flight"]
            assert counted["messages"] == streams[name]["published"], (name, counted)
        check(name, counted, counted["messages"], *parts)
    for query in plan.queries:
        counted = queries[query.name]
        assert counted["in"] == streams[query.source]["published"]
        parts = ["passed", "filtered", "absorbed", "late", "failed", "dropped", "queued"]
        check(query.name, counted, counted["in"], *parts)
    for name, counted in streams.items():
        writers = [queries[q.name] for q in plan.queries if q.target == name]
        written = sum(writer["passed"] + writer["fired"] for writer in writers)
        check(name, counted, counted["published"] - written, "decoded", "error_rows")
        readers = [queries[q.name] for q in plan.queries if home_of(plan, q.source) == name]
        failed = sum(reader["failed"] + reader["fired_failed"] for reader in readers)
        failed += connectors.get(name, {}).get("refused", 0)
        check(name, counted, counted["errors"] - failed, "failed", "observer_failed")
        check(name, counted, counted["errors"], "dropped", "dead_lettered", "fatal")
    letters = sum(counted["dead_lettered"] for counted in streams.values())
    made = sum(counted["error_rows"] for name, counted in streams.items() if "." not in name)
    assert letters == made
    for name in one_row_a_message:
        counted = streams[name]
        check(name, counted, counted["received"], "decoded", "failed", "returned")
