"""A compiled app: its state, and the generated code that works on it."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from operator import length_hint
from typing import Any

from eventflux.base.clock import Clock, ManualClock
from eventflux.base.failures import FailureHandler
from eventflux.base.insight import Insight
from eventflux.base.rows import Row, row_type
from eventflux.base.state_records import Records, StateChange, StateInfo
from eventflux.compiler.aggregates.own import own_aggregates, taking
from eventflux.compiler.arrival import Arrived
from eventflux.compiler.calls import ambient_of, called
from eventflux.compiler.closing import close_windows, give_what_is_limited
from eventflux.compiler.code import AppCode
from eventflux.compiler.counts import QueryCounts, counters_of
from eventflux.compiler.environment import Batch, Environment
from eventflux.compiler.event_times import Beside, EventTimes
from eventflux.compiler.failures import Failures
from eventflux.compiler.generated import Generated
from eventflux.compiler.graph import Graph
from eventflux.compiler.insight import LastRows, insight_of
from eventflux.compiler.late import LateRows
from eventflux.compiler.live import live_of
from eventflux.compiler.outlets import RowOutlet
from eventflux.compiler.state import AppState
from eventflux.operators.chance import Chance
from eventflux.operators.timers import NEVER, Timers
from eventflux.operators.watermarks import WatermarkOptions
from eventflux.planner.plan import Plan
from eventflux.planner.settings import read_setting
from eventflux.spi.own_aggregates import Aggregate, SqlCallable


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
        self._clock = clock
        self._timers = Timers(clock)
        aggregates = {n: f for n, f in functions.items() if isinstance(f, Aggregate)}
        own = own_aggregates(aggregates)
        own_names = {one.name: one.state for one in own.values()}
        self._graph = graph = Graph(plan, own)
        self._generated = generated = Generated()
        self._live = live = live_of(graph, own_names, generated, self._timers, watermarks)
        self._arrived = Arrived(clock, self._timers)
        chance = Chance(clock.seed if isinstance(clock, ManualClock) else None)
        calls = called(x for p in graph.pipelines for x in p.expressions())
        self._drives_out = {
            name
            for p in graph.pipelines
            if p.gives_expired
            for name in plan.streams
            if p in graph.reachable(name)
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
        batches: dict[str, Batch] = {}
        self._failures = Failures(plan, generated, self._counts, self._received)
        late = LateRows(
            graph, live, self._row_types, self._counts, self._received, clock, self._arrived,
            batches,
        )  # fmt: skip
        self._state = AppState(
            graph, live.operators, live.beside, clock, self._timers, live.watermarks,
            live.triggers,
            chance if calls & {"random", "uuid"} else None,
        )  # fmt: skip
        self._env = Environment(
            graph=graph,
            functions={
                name: taking(f) if isinstance(f, Aggregate) else f for name, f in functions.items()
            },
            own_names=own_names,
            row_types=self._row_types,
            payload_types=self._payload_types,
            live=live,
            counts=self._counts,
            clock=clock,
            timers=self._timers,
            fail=self._failures.fail,
            fail_time=self._failures.fail_time,
            fail_fired=self._failures.fail_fired,
            fail_entry=self._failures.fail_entry,
            late=late.take,
            batches=batches,
            bounds_future=read_setting(plan.settings, "app.time") != "event",
            asks_now="now" in calls,
            ambient=ambient_of(clock, self._arrived, chance),
        )
        self._code = AppCode(self._env, generated, self._times, self._arrived, self._received)
        self._steps = self._code.steps
        self._last = LastRows(self._env, generated)
        self.taken = 0
        self._taking: Sequence[Row] = ()
        """The rows of the running step; what is cut off is not taken any more."""
        self._waiting: Iterator[Row] = iter(())

    @property
    def on_failure(self) -> FailureHandler:
        """Takes each row that fails; raises its error unless it is set."""
        return self._failures.handler

    @on_failure.setter
    def on_failure(self, handler: FailureHandler) -> None:
        self._failures.handler = handler

    @property
    def may_cut(self) -> bool:
        return self._code.may_cut

    @may_cut.setter
    def may_cut(self, may_cut: bool) -> None:
        self._code.may_cut = may_cut

    # What the runtime calls

    @property
    def next_due(self) -> int | None:
        due = self._timers.next_due
        if due == NEVER or (isinstance(self._clock, ManualClock) and self._clock.time is None):
            return None
        return due

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
        self._env.all_outlets.append(outlet)
        self._code.forget()
        return outlet

    def release(self, outlet: object) -> None:
        self._env.all_outlets[:] = [o for o in self._env.all_outlets if o is not outlet]
        self._code.forget()

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
        partitioned = partitions is not None and stream in self._live.watermarks.roots
        if partitioned:
            roots = self._live.watermarks.roots[stream].partitions
            given = [*(metadata or ()), [roots[name] for name in partitions or ()]]
        made = self._steps.get((stream, beside, partitioned))
        step, arrive = made or self._code.step(stream, beside, partitioned)
        self._taking = rows
        self._waiting = waiting = iter(rows)
        try:
            step(waiting, given, None if arrive is None else arrive(rows, given))
        except BaseException:
            self.cut()
            self._catch_up(stream, beside, self._taking, given)
            raise
        finally:
            rows, self._taking = self._taking, ()
            self.taken = taken = len(rows)
            self._received[stream] += taken
            self._last.see(stream, rows, metadata)

    def _catch_up(self, stream: str, beside: Beside, rows: Sequence[Row], given: Any) -> None:
        """Move the clock to where ``rows`` take it, of a step that was cut short."""
        clock = self._clock
        if not isinstance(clock, ManualClock) or not self._times.known(stream, beside):
            return
        times = self._times.of(stream, beside, rows, given)
        seen = [time for time in times if time is not None]
        if seen:
            clock.advance_to(max(seen))

    def cut(self) -> None:
        if self._taking:
            self.taken = len(self._taking) - length_hint(self._waiting)
            self._taking = self._taking[: self.taken]
            deque(self._waiting, maxlen=0)  # so that the step ends

    def is_read(self, stream: str) -> bool:
        return self._env.is_read(stream)

    def step_batch(self, stream: str, rows: Sequence[Row], time: int | None = None) -> None:
        if not rows:
            return
        if len(rows) == 1 and stream in self._drives_out:
            self.step(stream, rows, None if time is None else [time])
            return
        process = self._code.batch(stream)
        self._received[stream] += len(rows)
        self._last.see(stream, rows)
        if stream in self._live.watermarks.roots:
            self._batch_under_watermark(stream, rows, time, process)
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
        places = [self._arrived.arrive()] * len(rows)
        process(rows, places if times is None else times, places)

    def _batch_under_watermark(
        self, stream: str, rows: Sequence[Row], time: int | None, process: Batch
    ) -> None:
        """A logical batch is processed as a whole before it moves the watermark."""
        root = self._live.watermarks.roots[stream]
        moves_clock = self._clock.moved_by_rows
        limit = NEVER  # of rows that move the clock by their event times none is ahead of it
        if time is not None and moves_clock:
            self.advance(time)
        if time is not None or not moves_clock:
            limit = self._clock.now_ms() + root.options.max_future
        entered, times, marks = self._code.entering(stream)(rows, limit)
        if not entered:
            return
        if time is None and moves_clock:
            self.advance(max(times))
        now = self._arrived.arrive()
        process(entered, times, times)
        root.seen_at = now
        reached = max((mark for mark in marks if mark is not None), default=root.mark)
        if reached > root.mark:
            root.move(reached)
        elif root.idle:
            root.wake()

    def advance(self, now_ms: int) -> None:
        self._code.prepare_windows()
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
            self._code.forget()  # it takes the stream for alone
        self._code.prepare_windows()
        begun = not isinstance(self._clock, ManualClock) or self._clock.time is not None
        root.assign(partitions, self._arrived.arrive() if begun else None)

    def end_input(self, stream: str) -> None:
        if stream in self._live.watermarks.roots:
            self._code.prepare_windows()
            self._live.watermarks.end(stream)

    def flush(self) -> None:
        self._code.prepare_windows()
        self.end_triggers()
        try:
            close_windows(self._graph, self._live, self._timers, self._clock)
        finally:
            for trigger in self._live.triggers.values():
                trigger.go_on()

    def flush_output(self) -> None:
        self._code.prepare_windows()
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
            self._code.forget()
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
            self._code.forget()

    # What people look at

    def source_code(self) -> str:
        return self._code.text()

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
