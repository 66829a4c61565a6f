"""A compiled app: its state, and the generated code that works on it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from operator import length_hint
from typing import Any

from eventflux.base.clock import Clock, ManualClock
from eventflux.base.failures import FailureHandler
from eventflux.base.insight import Insight
from eventflux.base.late_columns import whose_late
from eventflux.base.rows import Row, row_type
from eventflux.base.side_streams import fed_from
from eventflux.base.state_records import Records, StateChange, StateInfo
from eventflux.base.types import DataType
from eventflux.compiler.aggregates import class_source
from eventflux.compiler.aggregates.own import own_aggregates
from eventflux.compiler.arrival import Arrival, Arrived, look_ahead, standing
from eventflux.compiler.batches import BatchFunctions
from eventflux.compiler.calls import ambient_of, called
from eventflux.compiler.closing import close_windows, give_what_is_limited
from eventflux.compiler.connecting import connect
from eventflux.compiler.counts import QueryCounts, counters_of
from eventflux.compiler.entries import write_entering
from eventflux.compiler.environment import Environment, RowOutlet
from eventflux.compiler.event_times import Beside, EventTimes
from eventflux.compiler.failures import Failures
from eventflux.compiler.generated import Generated
from eventflux.compiler.graph import Graph
from eventflux.compiler.insight import LOOKED_AT, LastRows, insight_of
from eventflux.compiler.late import Batch, LateRows
from eventflux.compiler.live import live_of
from eventflux.compiler.rows import Times, Variant, write_row_step
from eventflux.compiler.source import identifier
from eventflux.compiler.state import AppState
from eventflux.operators.chance import Chance
from eventflux.operators.own_states import trial
from eventflux.operators.timers import NEVER, Timers
from eventflux.operators.tumbling import TumblingWindow
from eventflux.operators.watermarks import WatermarkOptions
from eventflux.planner.plan import Plan
from eventflux.planner.settings import read_setting
from eventflux.spi.functions import ScalarFunction
from eventflux.spi.own_aggregates import Aggregate, SqlCallable

Step = Callable[[Any, Any, Any], None]


def _taking(aggregate: Aggregate) -> ScalarFunction:
    """What makes, of the arguments of a row, the value that an aggregate takes."""
    call, given = trial(aggregate), aggregate.arguments
    nulls = aggregate.takes_null
    return ScalarFunction(aggregate.name, call, given, DataType.OBJECT, takes_null=nulls)


class Program:
    """A compiled app: what the runtime asks of an engine, by generated code."""

    def __init__(
        self,
        plan: Plan,
        functions: Mapping[str, SqlCallable],
        clock: Clock,
        watermarks: Mapping[str, WatermarkOptions],
    ) -> None:
        self.plan = plan
        self.may_cut = False
        self._clock = clock
        self._timers = Timers(clock)
        aggregates = {n: f for n, f in functions.items() if isinstance(f, Aggregate)}
        own = own_aggregates(aggregates)
        own_names = {one.name: one.state for one in own.values()}
        self._graph = graph = Graph(plan, own)
        self._generated = Generated()
        self._live = live = live_of(graph, own_names, self._generated, self._timers, watermarks)
        self._arrived = Arrived()
        chance = Chance(clock.seed if isinstance(clock, ManualClock) else None)
        self._called = called(x for p in graph.pipelines for x in p.expressions())
        self._asks_time = "now" in self._called or any(p.reads_event_time for p in graph.pipelines)
        """Whether what a row gives depends on the clock at its arrival."""
        self._drives_out = {
            name
            for p in self._graph.pipelines
            if p.gives_expired
            for name in plan.streams
            if p in self._graph.reachable(name)
        }
        """The streams whose rows drive others out of windows that tell of them: one by one where
        they come alone, which is no logical batch."""
        self._row_types = {n: row_type(n, s.schema) for n, s in plan.streams.items()}
        self._payload_types = {
            n: row_type(n, s.schema.payload) if s.schema.metadata else self._row_types[n]
            for n, s in plan.streams.items()
        }
        self._times = EventTimes(plan, self._row_types, self._payload_types)
        self._counts = {p.index: QueryCounts() for p in graph.pipelines}
        self._received = dict.fromkeys(plan.streams, 0)
        self._outlets: list[RowOutlet] = []
        self._batches: dict[str, Batch] = {}
        self._failures = Failures(plan, self._generated, self._counts, self._received)
        late = LateRows(
            graph, live, self._row_types, self._counts, self._received, clock, self._arrived,
            self._batches,
        )  # fmt: skip
        self._state = AppState(
            graph, live.operators, live.beside, clock, self._timers, live.watermarks,
            live.triggers,
            chance if self._called & {"random", "uuid"} else None,
        )  # fmt: skip
        self._env = Environment(
            graph=graph,
            functions={
                name: _taking(f) if isinstance(f, Aggregate) else f for name, f in functions.items()
            },
            own_names=own_names,
            row_types=self._row_types,
            payload_types=self._payload_types,
            live=live,
            counts=self._counts,
            outlets=self._outlets_of,
            clock=clock,
            timers=self._timers,
            fail=self._failures.fail,
            fail_time=self._failures.fail_time,
            fail_fired=self._failures.fail_fired,
            fail_entry=self._failures.fail_entry,
            late=late.take,
            batches=self._batches,
            bounds_future=read_setting(plan.settings, "app.time") != "event",
            shows_clock=self._shows_clock,
            ambient=ambient_of(clock, self._arrived, chance),
        )
        self._last = LastRows(self._env, self._generated)
        self._seen = self._last.seen
        self._stepping: dict[Beside, dict[str, tuple[Step, Arrival | None]]]
        self._stepping = {"nothing": {}, "times": {}, "metadata": {}}
        self._stepping_partitions: dict[str, tuple[Step, Arrival | None]] = {}
        self._entering: dict[str, Callable[[Sequence[Row], int], Any]] = {}
        self._windows_ready = False
        self.taken = 0
        self._taking: list[Row] | None = None
        """The rows of the running step; what is cut off is not taken any more."""
        self._waiting: Iterator[Row] = iter(())

    @property
    def on_failure(self) -> FailureHandler:
        """Takes each row that fails; raises its error unless it is set."""
        return self._failures.handler

    @on_failure.setter
    def on_failure(self, handler: FailureHandler) -> None:
        self._failures.handler = handler

    # What the runtime calls

    @property
    def next_due(self) -> int | None:
        due = self._timers.next_due
        begun = not isinstance(self._clock, ManualClock) or self._clock.time is not None
        return due if due != NEVER and begun else None

    def row_type(self, stream: str) -> type[Row]:
        return self._row_types[stream]

    def payload_type(self, stream: str) -> type[Row]:
        return self._payload_types[stream]

    def outlet(
        self, streams: Sequence[str], *, timed: bool = False, split: bool = False
    ) -> RowOutlet:
        columns: list[str] = []
        if split:
            [stream] = streams
            columns = [column.name for column in self.plan.streams[stream].schema.metadata]
        outlet = RowOutlet(frozenset(streams), timed, columns)
        self._outlets.append(outlet)
        self._forget_code()
        return outlet

    def release(self, outlet: object) -> None:
        self._outlets = [kept for kept in self._outlets if kept is not outlet]
        self._forget_code()

    def _forget_code(self) -> None:
        for entries in self._stepping.values():
            entries.clear()
        self._stepping_partitions.clear()
        self._batches.clear()
        self._windows_ready = False

    def step(
        self,
        stream: str,
        rows: Sequence[Row],
        times: Sequence[int] | None = None,
        metadata: Sequence[Sequence[Any]] | None = None,
        partitions: Sequence[str] | None = None,
    ) -> None:
        if not rows:
            self.taken = 0
            return
        beside: Beside = "nothing"
        given: Any = None
        if metadata is not None:
            beside, given = "metadata", metadata
        elif times is not None:
            beside, given = "times", times
        made = self._stepping[beside].get(stream)
        partitioned = partitions is not None and stream in self._live.watermarks.roots
        if partitioned:
            roots = self._live.watermarks.roots[stream].partitions
            given = [*(metadata or ()), [roots[name] for name in partitions or ()]]
            made = self._stepping_partitions.get(stream)
        step, arrive = made or self._compile_step(stream, beside, partitioned)
        self._taking = taking = list(rows)
        self._waiting = waiting = iter(taking)
        self._seen[stream] = taking, metadata
        self.taken = 0
        try:
            step(waiting, given, None if arrive is None else arrive(rows, given))
        except BaseException:
            self.cut()
            self._catch_up(stream, beside, taking, given)
            raise
        finally:
            self._taking = None
            self.taken = len(taking)
            self._received[stream] += len(taking)
            if len(taking) > LOOKED_AT:
                self._last.let_go(stream)

    def cut(self) -> None:
        if self._taking is not None:
            self.taken = len(self._taking) - length_hint(self._waiting)
            del self._taking[self.taken :]

    def is_read(self, stream: str) -> bool:
        return bool(self._graph.readers(stream) or self._outlets_of(stream))

    def step_batch(self, stream: str, rows: Sequence[Row], time: int | None = None) -> None:
        if not rows:
            return
        if len(rows) == 1 and stream in self._drives_out:
            self.step(stream, rows, None if time is None else [time])
            return
        if not self._windows_ready or stream not in self._batches:
            self._compile_batches(stream)
        self._received[stream] += len(rows)
        self._seen[stream] = rows[-LOOKED_AT:], None
        if stream in self._live.watermarks.roots:
            self._batch_under_watermark(stream, rows, time)
            return
        times: Sequence[Any] | None = None
        if time is not None:
            times = [time] * len(rows)
        elif self._times.known(stream, "nothing"):
            times = self._times.of(stream, "nothing", rows, None)
        if times is not None:
            kept = [(row, t) for row, t in zip(rows, times, strict=True) if t is not None]
            for row, t in zip(rows, times, strict=True):
                if t is None:
                    self._failures.fail_time(stream, row)
            rows, times = [row for row, _ in kept], [t for _, t in kept]
            if not rows:
                return
            if self._clock.moved_by_rows:
                self.advance(max(times))
        now = self._arrive()
        places = [now] * len(rows)
        self._batches[stream](rows, places if times is None else times, places)

    def _batch_under_watermark(self, stream: str, rows: Sequence[Row], time: int | None) -> None:
        """A logical batch is processed as a whole before it moves the watermark."""
        root = self._live.watermarks.roots[stream]
        if stream not in self._entering:
            writer, source = write_entering(self._env, stream, root)
            made = self._generated.run(source, writer, ("entering",), f"entry of {stream}")
            self._entering[stream] = made["entering"]
        moves_clock = self._clock.moved_by_rows
        limit = NEVER  # of rows that move the clock by their event times none is ahead of it
        if time is not None and moves_clock:
            self.advance(time)
        if time is not None or not moves_clock:
            limit = self._clock.now_ms() + root.options.max_future
        entered, times, marks = self._entering[stream](rows, limit)
        if not entered:
            return
        if time is None and moves_clock:
            self.advance(max(times))
        now = self._arrive()
        self._batches[stream](entered, times, times)
        root.seen_at = now
        reached = max((mark for mark in marks if mark is not None), default=root.mark)
        if reached > root.mark:
            root.move(reached)
        elif root.idle:
            root.wake()

    def advance(self, now_ms: int) -> None:
        self._prepare_windows()
        self._arrived.ms = now_ms
        self._timers.advance(now_ms)

    def begin_triggers(self) -> None:
        for trigger in self._live.triggers.values():
            trigger.begin()

    def end_triggers(self) -> None:
        for trigger in self._live.triggers.values():
            trigger.rest()

    def assign(self, stream: str, partitions: Collection[str]) -> None:
        root = self._live.watermarks.roots.get(stream)
        if root is None:
            return
        if not root.partitions:
            self._forget_code()  # it takes the stream for alone
        self._prepare_windows()
        begun = not isinstance(self._clock, ManualClock) or self._clock.time is not None
        root.assign(partitions, self._arrive() if begun else None)

    def end_input(self, stream: str) -> None:
        if stream in self._live.watermarks.roots:
            self._prepare_windows()
            self._live.watermarks.end(stream)

    def flush(self) -> None:
        self._prepare_windows()
        self.end_triggers()
        try:
            close_windows(self._graph, self._live, self._timers, self._clock)
        finally:
            for trigger in self._live.triggers.values():
                trigger.go_on()

    def flush_output(self) -> None:
        self._prepare_windows()
        give_what_is_limited(self._graph, self._live)

    def discard(self) -> None:
        for index, operator in self._state.kept():
            self._counts[index].discarded += operator.discard()
        for trigger in self._live.triggers.values():
            trigger.discard()
        self._timers.clear()
        self._live.watermarks.clear()

    def absorbs(self, stream: str) -> bool:
        return any(p.stateful for p in self._graph.reachable(stream))

    def entered(self, stream: str) -> int:
        return self._received[stream]

    def stream_counters(self) -> dict[str, int]:
        return counters_of(self._graph, self._counts, self._received)[1]

    def counters(self) -> dict[str, dict[str, int]]:
        return counters_of(self._graph, self._counts, self._received)[0]

    def state_keys(self) -> dict[str, StateInfo]:
        return self._state.infos()

    def track_state(self) -> None:
        if not self._env.tracked:
            self._env.tracked = True
            self._forget_code()
        self._state.track()

    def cut_state(self) -> Iterator[StateChange]:
        assert self._env.tracked, "track_state() comes first"
        return self._state.cut()

    def load_state(self, records: Records) -> None:
        try:
            self._state.load(records)
        finally:
            for departures in self._live.departures.values():
                departures.resume()
        if self._live.watermarks.partitioned:
            self._forget_code()

    # What people look at

    def source_code(self) -> str:
        """The generated code of the app: each input's step, then batches and windows."""
        parts = [
            self._generated.text(class_source(p.layout, identifier(f"Group_{p.query.name}")))
            for p in self._graph.pipelines
            if p.layout is not None
        ]
        for stream in self._inputs():
            _, source = write_row_step(self._env, stream, self._usual_variant(stream))
            parts.append(f"# rows of {ascii(stream)[1:-1]}\n" + self._generated.text(source))
        if self._live.triggers or any(p.gives_batches for p in self._graph.pipelines):
            functions = BatchFunctions(self._env, self._live.triggers, windows=True)
            parts.append(self._generated.text(functions.source))
        return "\n".join(parts)

    def state_sizes(self) -> dict[str, tuple[int, int]]:
        """For each query that keeps state: rows or groups held, and about how many bytes."""
        return self._state.sizes()

    def insight(self) -> Insight:
        return insight_of(self._env, self._last, self._live.triggers)

    def query_at(self, filename: str, first: int, line: int) -> str | None:
        by_place = {query.place: query for query in self.plan.queries}
        for place in self._generated.places(filename, first, line):
            query = by_place.get(place)
            if query is not None:
                return f"query {query.name!r} (line {query.place.line})"
        return None

    # Compiling

    def _inputs(self) -> list[str]:
        written = {query.target for query in self.plan.queries}
        read = {query.source for query in self.plan.queries}
        return [n for n, s in self.plan.streams.items() if n in read and (
            s.role == "source" or (n not in written and s.trigger is None))]  # fmt: skip

    def _usual_variant(self, stream: str) -> Variant:
        """How rows of a source, or of the API without times, are processed."""
        known = self.plan.streams[stream]
        beside = known.role == "source" and known.schema.metadata
        return self._variant(stream, "metadata" if beside else "nothing")

    def _variant(self, stream: str, beside: Beside) -> Variant:
        times: Times = "none"
        if self._times.known(stream, beside):
            times = "list" if beside == "times" else "column"
        moves_clock = times != "none" and self._clock.moved_by_rows
        return Variant(times, moves_clock, beside == "metadata")

    def _compile_step(
        self, stream: str, beside: Beside, partitioned: bool
    ) -> tuple[Step, Arrival | None]:
        self._prepare_windows()
        variant = replace(self._variant(stream, beside), partitioned=partitioned)
        writer, source = write_row_step(self._env, stream, variant)
        made = self._generated.run(source, writer, ("step",), f"rows of {stream}")
        entry = made["step"], self._arrival(stream, beside, variant)
        known = self._stepping_partitions if partitioned else self._stepping[beside]
        known[stream] = entry
        return entry

    def _arrival(self, stream: str, beside: Beside, variant: Variant) -> Arrival | None:
        """What gives the step its first ``now``; ``None`` where nobody asks."""
        if variant.moves_clock:
            assert isinstance(self._clock, ManualClock)
            fed = any(fed_from(s) and self.is_read(s) for s in self.plan.streams)
            if self.may_cut or fed or self._asks_time:
                return standing(self._clock)
            entered = [self._live.operators[p.index] for p in self._graph.entered_windows(stream)]
            windows = [window for window in entered if isinstance(window, TumblingWindow)]
            if len(windows) != len(entered) or self._live.triggers:
                return standing(self._clock)
            last = self._times.last(stream, beside)
            return look_ahead(self._clock, self._timers, windows, last)
        asked = self._asks_time
        asked = asked or any(p.window or p.follows_time for p in self._graph.pipelines)
        asked = (
            asked or any(o.timed for o in self._outlets) or stream in self._live.watermarks.roots
        )
        asked = asked or bool(self._live.triggers)
        if isinstance(self._clock, ManualClock) or asked:
            return lambda rows, beside: self._arrive()
        return None

    def _catch_up(self, stream: str, beside: Beside, rows: Sequence[Row], given: Any) -> None:
        """Move the clock to where ``rows`` take it, of a step that was cut short."""
        clock = self._clock
        variant = self._variant(stream, beside)
        if not isinstance(clock, ManualClock) or not variant.moves_clock:
            return
        times = self._times.of(stream, beside, rows, given)
        seen = [time for time in times if time is not None]
        if seen:
            clock.advance_to(max(seen))

    def _prepare_windows(self) -> None:
        if not self._windows_ready:
            self._compile_batches()

    def _compile_batches(self, *streams: str) -> None:
        late = [s for s in self.plan.streams if whose_late(s) is not None and self.is_read(s)]
        if (
            streams
            or late
            or self._live.triggers
            or any(p.gives_batches for p in self._graph.pipelines)
        ):
            streams = tuple(dict.fromkeys((*streams, *late, *self._live.triggers, *self._batches)))
            functions = BatchFunctions(self._env, streams, windows=True)
            made = self._generated.run(
                functions.source, functions.writer, functions.names(), "batches"
            )
            self._batches.clear()
            self._batches.update({s: made[n] for s, n in functions.functions.items()})
            for name, trigger in self._live.triggers.items():
                trigger.emit = partial(self._emit_trigger, name)
            connect(functions, made, self._env, self._live)
        self._windows_ready = True

    def _emit_trigger(self, stream: str, due: int) -> None:
        self._received[stream] += 1
        self._batches[stream]([self._row_types[stream](due)], [due], [due])

    def _outlets_of(self, stream: str) -> list[RowOutlet]:
        return [outlet for outlet in self._outlets if stream in outlet.streams]

    # Time

    def _arrive(self) -> int:
        """The place of rows that come now, with all that is due before them fired."""
        clock = self._clock
        now = clock.now_ms()
        if now >= self._timers.next_due:
            self._timers.advance(now)
        elif isinstance(clock, ManualClock):
            clock.advance_to(now)
        self._arrived.ms = now
        return now

    def _shows_clock(self) -> bool:
        return "now" in self._called or self._late_rows_are_read()

    def _late_rows_are_read(self) -> bool:
        return any(whose_late(s) is not None and self.is_read(s) for s in self.plan.streams)
