"""A compiled app made of Python functions, and a bench that runs it between scripted
connectors."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from eventflux.base.clock import Clock, SystemClock
from eventflux.base.insight import Insight
from eventflux.base.rows import Row, row_type
from eventflux.base.state_records import Records, StateChange, StateInfo
from eventflux.base.types import Column, DataType, Schema
from eventflux.runtime.backoff import Backoff
from eventflux.runtime.engine import FailureHandler, RowFailure
from eventflux.runtime.row_payloads import RowPayloadEncoder
from eventflux.runtime.runtime import Runtime
from eventflux.runtime.specs import AppSpec, Limits, SinkSpec, SourceSpec
from eventflux.runtime.stream_options import SinkStreamOptions, SourceStreamOptions
from eventflux.spi import Decoded, Encoded, MapperError, Reconnection, SinkMapper, SourceMapper
from eventflux.testing.scripted import (
    Script,
    ScriptedQueue,
    ScriptedSink,
    ScriptedSource,
    ScriptedTarget,
)

SCHEMA = Schema((Column("v", DataType.LONG, nullable=False),))
LongRow = row_type("LongRow", SCHEMA)

QUICK = Limits(
    connect=5.0, start=0.3, stop=5.0, backoff=Backoff(initial=0.0, cap=0.0, late_cap=0.0)
)
AT_ONCE = {"error.retry.initial-delay": "0ms"}
"""No waiting between tries."""

Emit = Callable[[int], Iterable[tuple[str, int]]]
"""A query: from the value of a row to (target, value) pairs."""


class FakeOutlet:
    def __init__(self) -> None:
        self.rows: list[Row] = []

    def take(self) -> list[Row]:
        rows, self.rows = self.rows, []
        return rows

    def take_metadata(self) -> list[list[Any]]:
        return []

    def take_with_times(self) -> tuple[list[Row], list[int]]:
        rows = self.take()
        return rows, [0] * len(rows)


class FakeEngine:
    """An :class:`eventflux.runtime.engine.Engine` whose only query, of stream ``In``, is a
    function. ``held`` rows are emitted to ``Out`` by a timer at ``due``, or by a flush."""

    def __init__(self, query: Emit) -> None:
        self._query = query
        self._outlets: list[tuple[frozenset[str], FakeOutlet]] = []
        self._published: Counter[str] = Counter()
        self._failed = 0
        self._entered: Counter[str] = Counter()
        self._cut = False
        self.taken = 0
        self.may_cut = False
        self.on_failure: FailureHandler = lambda failure: None
        self.next_due: int | None = None
        self.held: list[int] = []
        self.discarded: list[int] = []
        self.steps: list[int] = []
        self.times: list[Sequence[int] | None] = []

    def row_type(self, stream: str) -> type[Row]:
        return LongRow

    def insight(self) -> Insight:
        return Insight(0, {}, {})

    def source_code(self) -> str:
        return ""

    def payload_type(self, stream: str) -> type[Row]:
        return LongRow

    def outlet(
        self, streams: Sequence[str], *, timed: bool = False, split: bool = False
    ) -> FakeOutlet:
        outlet = FakeOutlet()
        self._outlets.append((frozenset(streams), outlet))
        return outlet

    def release(self, outlet: object) -> None:
        self._outlets = [kept for kept in self._outlets if kept[1] is not outlet]

    def publish(self, stream: str, row: Row) -> None:
        self._published[stream] += 1
        for streams, outlet in self._outlets:
            if stream in streams:
                outlet.rows.append(row)

    def step(
        self,
        stream: str,
        rows: Sequence[Row],
        times: Sequence[int] | None = None,
        metadata: Sequence[Sequence[Any]] | None = None,
        partitions: Sequence[str] | None = None,
    ) -> None:
        self.times.append(times)
        self.taken, self._cut = 0, False
        self.steps.append(0)
        for row in rows:
            if self._cut:
                break
            self.taken += 1
            self.steps[-1] += 1
            self._entered[stream] += 1
            self.publish(stream, row)
            if stream != "In":
                continue
            try:
                emitted = list(self._query(row.v))  # type: ignore[attr-defined]
            except Exception as error:
                self._failed += 1
                self.on_failure(RowFailure(stream, "query_1", row, error, None))
                continue
            for target, value in emitted:
                self.publish(target, LongRow(value))

    def cut(self) -> None:
        self._cut = True

    def is_read(self, stream: str) -> bool:
        return any(stream in streams for streams, _ in self._outlets)

    def entered(self, stream: str) -> int:
        return self._entered[stream]

    def step_batch(self, stream: str, rows: Sequence[Row], time: int | None = None) -> None:
        self.step(stream, rows, None if time is None else [time] * len(rows))

    def advance(self, now_ms: int) -> None:
        if self.next_due is not None and now_ms >= self.next_due:
            self.next_due = None
            self.flush()

    def begin_triggers(self) -> None:
        """It has none."""

    def end_triggers(self) -> None:
        """It has none."""

    def assign(self, stream: str, partitions: Collection[str]) -> None:
        """It has no watermarks."""

    def end_input(self, stream: str) -> None:
        """No row of it comes any more."""

    def flush(self) -> None:
        held, self.held = self.held, []
        for value in held:
            self.publish("Out", LongRow(value))

    def flush_output(self) -> None:
        """It limits nothing."""

    def discard(self) -> None:
        self.discarded += self.held
        self.held = []

    def absorbs(self, stream: str) -> bool:
        return False

    def counters(self) -> dict[str, dict[str, int]]:
        return {"query_1": {"in": sum(self.steps), "failed": self._failed}}

    def stream_counters(self) -> dict[str, int]:
        return dict(self._published)

    def query_at(self, filename: str, first: int, line: int) -> str | None:
        return None

    def state_sizes(self) -> dict[str, tuple[int, int]]:
        return {}

    def state_keys(self) -> dict[str, StateInfo]:
        return {}

    def track_state(self) -> None:
        raise AssertionError("not used here")

    def cut_state(self) -> Iterator[StateChange]:
        raise AssertionError("not used here")

    def load_state(self, records: Records) -> None:
        raise AssertionError("not used here")


class LineDecoder(SourceMapper):
    """Each payload is numbers separated by commas, a row each; anything else is an error."""

    def decode(self, payloads: Sequence[bytes]) -> Decoded:
        rows: list[Row] = []
        origins: list[int] = []
        errors: list[MapperError] = []
        for index, payload in enumerate(payloads):
            try:
                values = [int(part) for part in payload.split(b",")]
            except ValueError:
                errors.append(MapperError(index, f"{payload!r} is no number"))
                continue
            rows += map(LongRow, values)
            origins += [index] * len(values)
        return Decoded(rows, errors, origins)


class LineEncoder(SinkMapper):
    """The number as text; a negative one can't be encoded."""

    def encode(self, rows: Sequence[Row]) -> Encoded:
        payloads: list[bytes] = []
        errors: list[MapperError] = []
        for index, row in enumerate(rows):
            (value,) = msgspec.structs.astuple(row)
            if value < 0:
                errors.append(MapperError(index, f"{value} is negative"))
            else:
                payloads.append(b"%d" % value)
        return Encoded(payloads, errors)


def to_out(value: int) -> list[tuple[str, int]]:
    return [("Out", value)]


@dataclass
class Bench:
    """An app ``In → query → Out`` (and ``Out2``, if the query emits to it) between a
    scripted queue and scripted targets."""

    query: Emit = to_out
    queue: ScriptedQueue = field(default_factory=ScriptedQueue)
    sinks: Sequence[str] = ("Out",)
    opens: Iterable[Any] = ()
    receives: Iterable[Any] = ()
    sends: Iterable[Any] = ()
    sink_opens: Iterable[Any] = ()
    max_batch: int | None = None
    source_options: Mapping[str, str] = field(default_factory=dict)
    sink_options: Mapping[str, str] = field(default_factory=dict)
    max_in_flight: int = 1024
    limits: Limits = QUICK
    clock: Clock = field(default_factory=SystemClock)
    flush_on_stop: bool = False
    rows_out: bool = False
    reconnection: Reconnection | None = None

    def __post_init__(self) -> None:
        self.engine = FakeEngine(self.query)
        self.targets = {name: ScriptedTarget() for name in self.sinks}
        self.made_sources: list[ScriptedSource] = []
        self.made_sinks: list[ScriptedSink] = []
        source_options = SourceStreamOptions.parse(self.source_options)
        sink_options = SinkStreamOptions.parse({**AT_ONCE, **self.sink_options})
        opens, receives = Script(self.opens), Script(self.receives)
        sends, sink_opens = Script(self.sends), Script(self.sink_opens)

        def make_source() -> ScriptedSource:
            source = ScriptedSource(
                self.queue, opens=opens, receives=receives, max_batch=self.max_batch
            )
            self.made_sources.append(source)
            return source

        def make_sink(target: ScriptedTarget) -> ScriptedSink:
            sink = ScriptedSink(target, opens=sink_opens, sends=sends)
            self.made_sinks.append(sink)
            return sink

        streams: dict[str, Any] = {"In": source_options}
        streams.update(dict.fromkeys(self.sinks, sink_options))
        self.app = Runtime(
            AppSpec(
                name="bench",
                engine=self.engine,
                clock=self.clock,
                sources=[
                    SourceSpec(
                        "In",
                        "scripted",
                        "acking",
                        make_source,
                        LineDecoder(),
                        source_options,
                        reconnection=self.reconnection,
                    )
                ],
                sinks=[
                    SinkSpec(
                        name,
                        "scripted",
                        lambda target=target: make_sink(target),  # type: ignore[misc]
                        RowPayloadEncoder() if self.rows_out else LineEncoder(),
                        sink_options,
                        sink_options.max_in_flight or self.max_in_flight,
                        self.rows_out,
                        reconnection=self.reconnection,
                    )
                    for name, target in self.targets.items()
                ],
                streams=streams,
                reaches={
                    "In": frozenset({"In", *self.sinks}),
                    **{name: frozenset({name}) for name in self.sinks},
                },
                limits=self.limits,
                flush_on_stop=self.flush_on_stop,
            )
        )

    @property
    def target(self) -> ScriptedTarget:
        return self.targets["Out"]

    @property
    def arrived(self) -> list[int]:
        """The numbers that are safe in ``Out``, in the order of their arrival."""
        return [int(payload) for payload in self.target.arrived]

    def put(self, *values: int | bytes) -> None:
        self.queue.put(*(v if isinstance(v, bytes) else b"%d" % v for v in values))

    async def run_to_end(self) -> None:
        """Start, let the queue run empty, stop."""
        self.queue.end()
        await self.app.start()
        async with asyncio.timeout(20):
            await self.app.finished.wait()
        await self.app.stop()

    def check_counters(self) -> None:
        """What holds whenever nothing is under way."""
        stats = self.app.stats()
        for name, counted in stats["connectors"].items():
            settled = (
                ("acknowledged", "rejected", "requeued", "in_flight")
                if name == "In"
                else ("confirmed", "refused", "abandoned", "queued", "in_flight")
            )
            assert counted["messages"] == sum(counted[key] for key in settled), (name, counted)
        for name in self.sinks:
            published = stats["streams"][name]["published"]
            assert stats["connectors"][name]["messages"] == published


async def settle_down(turns: int = 50) -> None:
    """Let the loop turn until what can happen has happened."""
    for _ in range(turns):
        await asyncio.sleep(0)


@pytest.fixture
def bench() -> type[Bench]:
    return Bench


@pytest.fixture
def settled() -> Callable[..., Any]:
    return settle_down
