"""A compiled app: its state, and the generated code that works on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import inf
from operator import length_hint
from typing import Any

from eventflux.base.clock import Clock, ManualClock
from eventflux.base.error_columns import whose_errors
from eventflux.base.errors import Position, RowError
from eventflux.base.failures import FailureHandler, RowFailure
from eventflux.base.rows import Row, row_type
from eventflux.base.types import DataType
from eventflux.compiler.accumulators import class_source
from eventflux.compiler.arrival import Arrival, look_ahead, standing
from eventflux.compiler.batches import BatchFunctions
from eventflux.compiler.bodies import Environment, Operator, RowOutlet
from eventflux.compiler.counts import QueryCounts
from eventflux.compiler.generated import Generated
from eventflux.compiler.pipeline import Graph, Pipeline
from eventflux.compiler.rows import Times, Variant, write_row_step
from eventflux.compiler.source import identifier
from eventflux.operators.groups import Groups
from eventflux.operators.packing import pack, pack_any
from eventflux.operators.running import RunningAggregate
from eventflux.operators.timers import NEVER, Timers
from eventflux.operators.tumbling import BufferedRows, GroupedRows, TumblingWindow
from eventflux.planner.plan import Plan
from eventflux.spi.functions import ScalarFunction

Step = Callable[[Any, Any, Any], None]


class Program:
    """A compiled app: what the runtime asks of an engine, by generated code."""

    def __init__(self, plan: Plan, functions: Mapping[str, ScalarFunction], clock: Clock) -> None:
        self.plan = plan
        self.on_failure: FailureHandler = _reraise
        self.may_cut = False
        self._clock = clock
        self._timers = Timers(clock)
        self._graph = Graph(plan)
        self._row_types = {n: row_type(n, s.schema) for n, s in plan.streams.items()}
        self._counts = {p.index: QueryCounts() for p in self._graph.pipelines}
        self._received = dict.fromkeys(plan.streams, 0)
        self._outlets: list[RowOutlet] = []
        self._generated = Generated()
        self._accumulators = {
            p.index: self._accumulator(p) for p in self._graph.pipelines if p.layout is not None
        }
        self._operators = {p.index: self._operator(p) for p in self._graph.pipelines if p.stateful}
        self._env = Environment(
            graph=self._graph,
            functions=functions,
            row_types=self._row_types,
            operators=self._operators,
            accumulators=self._accumulators,
            counts=self._counts,
            outlets=self._outlets_of,
            clock=clock,
            timers=self._timers,
            fail=self._fail,
            fail_time=self._fail_time,
            fail_fired=self._fail_fired,
        )
        self._stepping: dict[str, tuple[Step, Arrival | None]] = {}
        self._stepping_timed: dict[str, tuple[Step, Arrival | None]] = {}
        self._batches: dict[str, Step] = {}
        self._read: dict[str, bool] = {}
        self._windows_ready = False
        self.taken = 0
        self._taking: list[Row] | None = None
        """The rows of the running step; what is cut off is not taken any more."""
        self._waiting: Iterator[Row] = iter(())

    # What the runtime calls

    @property
    def next_due(self) -> int | None:
        due = self._timers.next_due
        return None if due == NEVER else due

    def row_type(self, stream: str) -> type[Row]:
        return self._row_types[stream]

    def outlet(self, streams: Sequence[str], *, timed: bool = False) -> RowOutlet:
        outlet = RowOutlet(frozenset(streams), timed)
        self._outlets.append(outlet)
        self._forget_code()
        return outlet

    def release(self, outlet: object) -> None:
        self._outlets = [kept for kept in self._outlets if kept is not outlet]
        self._forget_code()

    def _forget_code(self) -> None:
        self._stepping.clear()
        self._stepping_timed.clear()
        self._read.clear()
        self._batches.clear()
        self._windows_ready = False

    def step(self, stream: str, rows: Sequence[Row], times: Sequence[int] | None = None) -> None:
        if not rows:
            self.taken = 0
            return
        entry = (self._stepping if times is None else self._stepping_timed).get(stream)
        if entry is None:
            entry = self._compile_step(stream, times is not None)
        step, arrive = entry
        self._taking = taking = list(rows)
        self._waiting = waiting = iter(taking)
        self.taken = 0
        try:
            step(waiting, times, None if arrive is None else arrive(rows, times))
        except BaseException:
            self.cut()
            self._catch_up(stream, taking, times)
            raise
        finally:
            self._taking = None
            self.taken = len(taking)
            self._received[stream] += len(taking)

    def cut(self) -> None:
        if self._taking is not None:
            self.taken = len(self._taking) - length_hint(self._waiting)
            del self._taking[self.taken :]

    def is_read(self, stream: str) -> bool:
        known = self._read.get(stream)
        if known is None:
            known = bool(self._graph.readers(stream) or self._outlets_of(stream))
            self._read[stream] = known
        return known

    def step_batch(self, stream: str, rows: Sequence[Row], time: int | None = None) -> None:
        if not rows:
            return
        if not self._windows_ready or stream not in self._batches:
            self._compile_batches(stream)
        self._received[stream] += len(rows)
        times = [time] * len(rows) if time is not None else self._column_times(stream, rows)
        if times is not None:
            kept = [(row, t) for row, t in zip(rows, times, strict=True) if t is not None]
            for row, t in zip(rows, times, strict=True):
                if t is None:
                    self._fail_time(stream, row)
            rows, times = [row for row, _ in kept], [t for _, t in kept]
            if not rows:
                return
            if self._clock.moved_by_rows:
                self.advance(max(times))
        now = self._arrive()
        places = [now] * len(rows)
        batch: Any = self._batches[stream]
        batch(rows, places if times is None else times, places)

    def advance(self, now_ms: int) -> None:
        self._prepare_windows()
        self._timers.advance(now_ms)

    def flush(self) -> None:
        self._prepare_windows()
        self._timers.run_out()

    def discard(self) -> None:
        for index, operator in self._operators.items():
            self._counts[index].discarded += operator.discard()
        self._timers.clear()

    def absorbs(self, stream: str) -> bool:
        return any(p.stateful for p in self._graph.reachable(stream))

    def entered(self, stream: str) -> int:
        return self._received[stream]

    def stream_counters(self) -> dict[str, int]:
        queries = self.counters()
        published = dict(self._received)
        for pipeline in self._graph.pipelines:
            counted = queries[pipeline.query.name]
            published[pipeline.query.target] += counted["passed"] + counted["fired"]
        return published

    def counters(self) -> dict[str, dict[str, int]]:
        published = dict(self._received)
        found: dict[int, dict[str, int]] = {}
        for pipeline in sorted(self._graph.pipelines, key=lambda p: self._graph.rank[p.index]):
            counted = self._counts[pipeline.index].told(
                published[pipeline.query.source],
                filters=bool(pipeline.filters),
                has_window=pipeline.window is not None,
            )
            published[pipeline.query.target] += counted["passed"] + counted["fired"]
            found[pipeline.index] = counted
        return {p.query.name: found[p.index] for p in self._graph.pipelines}

    def snapshot(self) -> dict[str, Any]:
        clock = self._clock.time if isinstance(self._clock, ManualClock) else None
        states = {
            key: list(self._operators[index].snapshot())
            for key, index in self._state_keys().items()
        }
        return {"clock": clock, "queries": states}

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        self._timers.clear()
        if isinstance(self._clock, ManualClock):
            self._clock.reset(snapshot["clock"])
        states = snapshot["queries"]
        for key, index in self._state_keys().items():
            self._operators[index].restore(states.get(key, ()))

    # What people look at

    def source_code(self) -> str:
        """The generated code of the app: each input's step, then batches and windows."""
        parts = [
            self._generated.text(class_source(p.layout, identifier(f"Group_{p.query.name}")))
            for p in self._graph.pipelines
            if p.layout is not None
        ]
        for stream in self._inputs():
            _, source = write_row_step(self._env, stream, self._variant(stream, False))
            parts.append(f"# rows of {ascii(stream)[1:-1]}\n" + self._generated.text(source))
        if any(p.window is not None for p in self._graph.pipelines):
            parts.append(self._generated.text(BatchFunctions(self._env, (), True).source))
        return "\n".join(parts)

    def state_sizes(self) -> dict[str, tuple[int, int]]:
        """For each query that keeps state: rows or groups held, and about how many bytes."""
        return {
            self.plan.queries[index].name: operator.size()
            for index, operator in self._operators.items()
        }

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
            s.role == "source" or n not in written)]  # fmt: skip

    def _variant(self, stream: str, with_times: bool) -> Variant:
        times: Times = "list" if with_times else "none"
        if not with_times and self.plan.streams[stream].event_time is not None:
            times = "column"
        return Variant(times, moves_clock=times != "none" and self._clock.moved_by_rows)

    def _compile_step(self, stream: str, with_times: bool) -> tuple[Step, Arrival | None]:
        self._prepare_windows()
        variant = self._variant(stream, with_times)
        writer, source = write_row_step(self._env, stream, variant)
        made = self._generated.run(source, writer, ("step",), f"rows of {stream}")
        entry = made["step"], self._arrival(stream, variant)
        (self._stepping_timed if with_times else self._stepping)[stream] = entry
        return entry

    def _arrival(self, stream: str, variant: Variant) -> Arrival | None:
        """What gives the step its first ``now``; ``None`` where nobody asks."""
        if variant.moves_clock:
            assert isinstance(self._clock, ManualClock)
            if self.may_cut or any(whose_errors(s) and self.is_read(s) for s in self.plan.streams):
                return standing(self._clock)
            entered = [self._operators[p.index] for p in self._graph.entered_windows(stream)]
            windows = [window for window in entered if isinstance(window, TumblingWindow)]
            column = self._time_field(stream) if variant.times == "column" else None
            return look_ahead(self._clock, self._timers, windows, column)
        asked = any(p.window for p in self._graph.pipelines) or any(o.timed for o in self._outlets)
        if isinstance(self._clock, ManualClock) or asked:
            return lambda rows, times: self._arrive()
        return None

    def _catch_up(self, stream: str, rows: Sequence[Row], times: Sequence[int] | None) -> None:
        """Move the clock to where ``rows`` take it, of a step that was cut short."""
        clock = self._clock
        variant = self._variant(stream, times is not None)
        if not isinstance(clock, ManualClock) or not variant.moves_clock:
            return
        read = self._column_times(stream, rows) if times is None else times[: len(rows)]
        seen = [time for time in read or () if time is not None]
        if seen:
            clock.advance_to(max(seen))

    def _prepare_windows(self) -> None:
        if not self._windows_ready:
            self._compile_batches()

    def _compile_batches(self, *streams: str) -> None:
        if streams or any(p.window is not None for p in self._graph.pipelines):
            functions = BatchFunctions(self._env, (*streams, *self._batches), windows=True)
            names = (*functions.functions.values(), *functions.flushes.values())
            made = self._generated.run(functions.source, functions.writer, names, "batches")
            self._batches = {s: made[n] for s, n in functions.functions.items()}
            for index, name in functions.flushes.items():
                window = self._operators[index]
                assert isinstance(window, TumblingWindow)
                window.flush = made[name]
        self._windows_ready = True

    def _accumulator(self, pipeline: Pipeline) -> type:
        assert pipeline.layout is not None
        name = f"Group_{pipeline.index + 1}"
        source = class_source(pipeline.layout, name)
        made = self._generated.run(source, {"INFINITY": inf}, (name,), name)
        accumulator: type = made[name]
        return accumulator

    def _operator(self, pipeline: Pipeline) -> Operator:
        keys = len(pipeline.aggregate.keys) if pipeline.aggregate is not None else 0
        exact = pack_any if pipeline.keeps(DataType.DECIMAL, DataType.OBJECT) else pack
        window = pipeline.window
        if window is None:
            assert pipeline.layout is not None
            fields = pipeline.layout.fields()
            return RunningAggregate(Groups(self._accumulators[pipeline.index], fields, keys, exact))
        contents: BufferedRows | GroupedRows = BufferedRows(exact)
        if pipeline.folds_batches:
            assert pipeline.layout is not None
            fields = pipeline.layout.fields()
            contents = GroupedRows(self._accumulators[pipeline.index], fields, keys, exact)
        rank = self._graph.rank[pipeline.index]
        return TumblingWindow(contents, window.size_ms, window.origin_ms, self._timers, rank)

    def _outlets_of(self, stream: str) -> list[RowOutlet]:
        return [outlet for outlet in self._outlets if stream in outlet.streams]

    # Time

    def _arrive(self) -> int:
        """The place of rows that come now, with all that is due before them fired."""
        clock = self._clock
        now = clock.now_ms()
        if isinstance(clock, ManualClock):
            clock.advance_to(now)
        elif now >= self._timers.next_due:
            self._timers.advance(now)
        return now

    def _column_times(self, stream: str, rows: Sequence[Row]) -> list[Any] | None:
        if self.plan.streams[stream].event_time is None:
            return None
        field = self._time_field(stream)
        return [getattr(row, field) for row in rows]

    def _time_field(self, stream: str) -> str:
        column = self.plan.streams[stream].event_time
        assert column is not None
        position = self.plan.streams[stream].schema.names.index(column)
        return self._row_types[stream].__struct_fields__[position]

    # Failures and counts

    def _fail(self, index: int, row: Any, error: Exception) -> None:
        self._counts[index].failed += 1
        self._report(index, row, error)

    def _fail_fired(self, index: int, error: Exception) -> None:
        self._counts[index].fired_failed += 1
        self._report(index, None, error)

    def _report(self, index: int, row: Any, error: Exception) -> None:
        query = self.plan.queries[index]
        place = self._generated.place_of(error) or query.place
        position = Position(place.line, place.column)
        self.on_failure(RowFailure(query.source, query.name, row, error, position))

    def _fail_time(self, stream: str, row: Any) -> None:
        self._received[stream] -= 1
        column = self.plan.streams[stream].event_time
        error = RowError(f"NULL in column '{column}', which is the event time of '{stream}'")
        self.on_failure(RowFailure(stream, None, row, error, None))

    def _state_keys(self) -> dict[str, int]:
        """The key of each operator's state: its query's fingerprint, told apart by the query's
        own name where it has one, else by order."""
        seen: Counter[str] = Counter()
        keys: dict[str, int] = {}
        for index in self._operators:
            query = self.plan.queries[index]
            name = f"{query.fingerprint} {query.name}" if query.named else query.fingerprint
            seen[name] += 1
            keys[f"{name}#{seen[name]}"] = index
        return keys


def _reraise(failure: RowFailure) -> None:
    raise failure.error
