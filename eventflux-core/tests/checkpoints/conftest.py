"""Apps with state between a scripted queue, a scripted target and a scripted store, and the death
of their process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest
from waiting import until

from eventflux import EventFluxManager
from eventflux.app import AppRuntime
from eventflux.base.rows import Row
from eventflux.spi import (
    ConnectorContext,
    Decoded,
    Encoded,
    MapperContext,
    MapperError,
    Options,
    Positions,
    ReceiveLimits,
    SinkMapper,
    SinkMapperFactory,
    Source,
    SourceBatch,
    SourceFactory,
    SourceKind,
    SourceMapper,
    SourceMapperFactory,
)
from eventflux.testing.scripted import (
    Fault,
    ScriptedHistory,
    ScriptedLog,
    ScriptedLogFactory,
    ScriptedQueue,
    ScriptedSinkFactory,
    ScriptedSourceFactory,
    ScriptedStoreFactory,
    ScriptedTarget,
)


class NoOptions(Options, prefix="tiny"):
    """None."""


class TinyDecoder(SourceMapper):
    """JSON objects."""

    def __init__(self, row_type: type[Row]) -> None:
        self._decode = msgspec.json.Decoder(row_type).decode

    def decode(self, payloads: Sequence[bytes]) -> Decoded:
        rows, errors, origins = [], [], []
        for index, payload in enumerate(payloads):
            try:
                rows.append(self._decode(payload))
                origins.append(index)
            except msgspec.MsgspecError as error:
                errors.append(MapperError(index, str(error)))
        return Decoded(rows, errors, origins)


class TinyEncoder(SinkMapper):
    def encode(self, rows: Sequence[Row]) -> Encoded:
        return Encoded([msgspec.json.encode(row) for row in rows])


class TinySourceFactory(SourceMapperFactory):
    name: ClassVar[str] = "tiny"
    doc: ClassVar[str] = "JSON objects"
    options: ClassVar[type[Options]] = NoOptions

    def create(self, options: Any, context: MapperContext) -> SourceMapper:
        return TinyDecoder(context.row_type)


class TinySinkFactory(SinkMapperFactory):
    name: ClassVar[str] = "tiny"
    doc: ClassVar[str] = "JSON objects"
    options: ClassVar[type[Options]] = NoOptions

    def create(self, options: Any, context: MapperContext) -> SinkMapper:
        return TinyEncoder()


class TapeSource(Source):
    """Reads messages by their number, and leaves them where they are."""

    def __init__(self, tape: list[bytes], opened_at: list[Any]) -> None:
        self._tape = tape
        self._opened_at = opened_at
        self._next = 0

    async def open(self, positions: Positions | None) -> None:
        self._opened_at.append(positions)
        self._next = 0 if positions is None else positions["tape"]

    async def receive(self, limits: ReceiveLimits) -> SourceBatch:
        await until(lambda: self._next < len(self._tape), seconds=None)
        end = self._next + min(limits.messages, 3)
        payloads = self._tape[self._next : end]
        self._next += len(payloads)
        return SourceBatch(payloads, positions={"tape": self._next})

    async def close(self) -> None:
        """Nothing is open."""


class TapeFactory(SourceFactory):
    name: ClassVar[str] = "tape"
    doc: ClassVar[str] = "a tape, to be read again and again"
    kind: ClassVar[SourceKind] = "replayable"
    options: ClassVar[type[Options]] = NoOptions
    formats: ClassVar[Sequence[str]] = ("*",)

    def __init__(self) -> None:
        self.tape: list[bytes] = []
        self.opened_at: list[Any] = []

    def create(self, options: Any, context: ConnectorContext) -> Source:
        return TapeSource(self.tape, self.opened_at)


SINK = "WITH (type = 'sink', extension = 'scripted', format = 'tiny')"
SOURCE = "WITH (type = 'source', extension = 'scripted', format = 'tiny')"
STREAMS = f"""
SET app.time = 'event'; SET checkpoint.store = 'scripted'; SET checkpoint.interval = '1 hour';
CREATE STREAM S (k STRING, v LONG, t LONG)
    {SOURCE.replace(")", ", event.time = 't')")};
CREATE STREAM Out (k STRING, total LONG) {SINK};
"""
SUMS = STREAMS + "INSERT INTO Out SELECT k, SUM(v) AS total FROM S GROUP BY k;"
WINDOWS = STREAMS + (
    "INSERT INTO Out SELECT k, SUM(v) AS total FROM S WINDOW('tumbling', 10) GROUP BY k;"
)


class World:
    """What outlives the processes of an app: its queue, its target, its store."""

    def __init__(self) -> None:
        self.queue = ScriptedQueue()
        self.target = ScriptedTarget()
        self.history = ScriptedHistory()
        self.tapes = TapeFactory()
        self.log = ScriptedLog([])
        self.prefetch: int | None = None

    def put(self, *rows: tuple[str, int, int]) -> None:
        self.queue.put(*(json.dumps({"k": k, "v": v, "t": t}).encode() for k, v, t in rows))

    @property
    def arrived(self) -> list[tuple[Any, ...]]:
        """The rows that are safe at the target."""
        return [tuple(json.loads(payload).values()) for payload in self.target.arrived]

    @property
    def revisions(self) -> list[int]:
        return sorted(self.history.checkpoints)

    def app(
        self, sql: str, *, sends: Iterable[Fault] = (), store: Any = None, **how: Any
    ) -> AppRuntime:
        """A new process's app; ``store`` scripts the calls of its state store."""
        manager = EventFluxManager()
        context = manager.context
        sends = iter(sends)
        source = ScriptedSourceFactory(self.queue, max_batch=1, prefetch=self.prefetch)
        context.add_source_factory("scripted", source)
        context.add_source_factory("tape", self.tapes)
        context.add_source_factory("scripted-log", ScriptedLogFactory(self.log))
        self.sinks = ScriptedSinkFactory(self.target, sends=_script(sends))
        context.add_sink_factory("scripted", self.sinks)
        context.add_source_mapper_factory("tiny", TinySourceFactory())
        context.add_sink_mapper_factory("tiny", TinySinkFactory())
        self.stores = ScriptedStoreFactory(self.history, **(store or {}))
        context.add_state_store_factory("scripted", self.stores)
        return manager.create_app(sql, name="app.sql", environment={}, **how)

    @asynccontextmanager
    async def process(self, sql: str, **how: Any) -> AsyncIterator[AppRuntime]:
        """A process that runs the app and dies at the end: nothing is stopped, confirmed or
        acknowledged any more, and the broker delivers again what was not acknowledged."""
        before = asyncio.all_tasks()
        app = self.app(sql, **how)
        await app.astart()
        try:
            yield app
        finally:
            self.history.held.set()
            left = asyncio.all_tasks() - before
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            for store in self.stores.made:
                store.close()
            self.queue.give_back(self.queue.open)
            self.history.held.clear()


def _script(faults: Iterable[Fault]) -> Any:
    from eventflux.testing.scripted import Script

    return Script(faults)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    return tmp_path / "state"
