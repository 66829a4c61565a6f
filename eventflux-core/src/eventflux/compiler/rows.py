"""The row shape: one loop over independent rows, everything downstream inlined in it.

The body of each query stands where its input is emitted, in order of declaration, depth
first (produce and consume, after T. Neumann, "Efficiently Compiling Efficient Query Plans
for Modern Hardware", VLDB 2011). Streams emitted at several places, and chains that would
nest too deep, get a local function instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

from eventflux.base.rows import field_names
from eventflux.compiler.batch_windows import Entering, write_entry
from eventflux.compiler.bodies import (
    assign_simple,
    failing_alone,
    item_texts,
    passing,
    with_time,
    write_title,
)
from eventflux.compiler.clauses import BatchRows, write_lone_order
from eventflux.compiler.entries import Entry
from eventflux.compiler.environment import Environment, RowOutlet, Writer
from eventflux.compiler.pieces import Scope, Variable
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.places import Arrival, mark_of
from eventflux.compiler.running import write_running
from eventflux.compiler.sliding import Then, write_slide
from eventflux.compiler.source import Source, cold
from eventflux.compiler.ticks import write_note
from eventflux.compiler.waiting import write_wait
from eventflux.planner.plan import Place

Times = Literal["none", "list", "column"]
"""Where a row's event time comes from: the clock, a list beside the rows, a column."""

INLINE_BODIES = 3
"""A stream emitted at several places is inlined up to this many query bodies."""
INLINE_DEPTH = 12
"""Chained queries nest this deep before a function is made (CPython allows 20 blocks)."""


@dataclass(frozen=True, slots=True)
class Variant:
    """How the loop gets its times, and whether rows move the clock."""

    times: Times
    moves_clock: bool
    metadata: bool = False
    """Whether rows are those of payloads, with METADATA columns in lists beside them."""
    partitioned: bool = False
    """Whether a list behind the METADATA columns has the roots of their partitions."""


def write_row_step(env: Environment, stream: str, variant: Variant) -> tuple[Writer, Source]:
    """Write ``step(rows, beside, now)`` for independent rows of ``stream``; ``beside`` are
    their times, or their METADATA columns and the roots of their partitions."""
    return _RowStep(env, stream, variant).write()


class _RowStep:
    def __init__(self, env: Environment, stream: str, variant: Variant) -> None:
        self.env = env
        self.stream = stream
        self.variant = variant
        self.writer = Writer(env)
        self.now = self.writer.names.fresh("now")
        self.time = self.writer.names.fresh("time") if variant.times != "none" else self.now
        self.entry = self._entry()
        self.sent = self.writer.names.fresh("sent") if self.entry is not None else self.time
        """What moves the clock of a list of times: a watermark's rows have their own besides."""
        self.counters: dict[int, str] = {}
        self.by_length: dict[int, str] = {}
        self.before: dict[int, str] = {}
        self.collected: dict[str, str] = {}
        self.beside: dict[str, str] = {}
        """The local names of what is collected beside rows, by what they are in the outlet."""
        self.batches: dict[str, str] = {}
        """The local names of what takes the logical batches of streams."""
        self.functions: dict[str, str] = {}
        self.unwritten: list[str] = []
        """Streams that have a function without a body as yet."""
        self.function_sources: list[Source] = []
        self.sites = self._emission_sites(stream)

    def write(self) -> tuple[Writer, Source]:
        names = self.writer.names
        rows, beside = names.fresh("rows"), names.fresh("beside")
        row = names.fresh("row")
        loop = Source(names)
        metadata: dict[str, Variable] = {}
        header = f"for {row} in {rows}:"
        if self.variant.times == "list":
            header = f"for {row}, {self.sent} in zip({rows}, {beside}):"
        elif self.variant.metadata or self.variant.partitioned:
            if self.variant.metadata:
                for column in self.writer.schema(self.stream).metadata:
                    metadata[column.name] = Variable(names.fresh(column.name), column.nullable)
            given = [row, *(variable.text for variable in metadata.values())]
            if self.entry is not None and self.entry.partition is not None:
                given.append(self.entry.partition)
            header = f"for {', '.join(given)} in zip({rows}, *{beside}):"
        with loop.block(header):
            columns = self.writer.loads(loop, self.stream, row, payload=self.variant.metadata)
            if metadata:
                columns |= metadata
                row = self._whole_row(row, metadata)
            timed = self.variant.moves_clock and self.variant.times == "list"
            if timed:
                self._move_clock(loop)
            if self.entry is not None:
                columns = self.entry.write_entry(loop, columns, row, self.time)
            elif self.variant.times == "column":
                self._read_time(loop, columns, row)
            if self.variant.moves_clock and not timed:
                self._move_clock(loop)
            self._consume(loop, self.stream, columns, row, depth=0)
            if self.entry is not None:
                self.entry.write_move(loop, columns, self.time, self.now)
        while self.unwritten:
            self._write_function(self.unwritten.pop())
        source = Source(names)
        with source.block(f"def step({rows}, {beside}, {self.now}):"):
            self._write_frame(source, loop)
        return self.writer, source

    def _entry(self) -> Entry | None:
        """What writes how rows of a stream with a watermark move it."""
        root = self.env.live.watermarks.roots.get(self.stream)
        if root is None:
            return None
        limit: str | None = None
        if self.env.bounds_future and not self.variant.moves_clock:
            limit = self.writer.names.fresh("limit")
        elif self.env.bounds_future and self.variant.times == "list":
            limit = f"{self.now} + {root.options.max_future}"
        partition = self.writer.names.fresh("root") if self.variant.partitioned else None
        return Entry(self.writer, self.stream, root, limit, partition)

    def _begin_entry(self, source: Source, entry: Entry) -> None:
        entry.begin(source)
        if entry.limit is not None and not self.variant.moves_clock:
            source.line(f"{entry.limit} = {self.now} + {entry.root.options.max_future}")

    def _arrival(self, pipeline: Pipeline, row: str) -> Arrival:
        mark = self._mark(pipeline) if pipeline.index in self.env.live.followed else ""
        if pipeline.by_watermark:
            return Arrival(row, self.time, self.time, mark, in_order=False)
        return Arrival(row, self.now, self.time, mark, in_order=True)

    def _mark(self, pipeline: Pipeline) -> str:
        """The watermark of a query: a variable, where the rows of this step alone move it."""
        if self.entry is not None and self.entry.own is self.env.live.followed[pipeline.index]:
            return self.entry.mark
        return mark_of(self.writer, pipeline)

    def _write_frame(self, source: Source, loop: Source) -> None:
        if self.entry is not None:
            self._begin_entry(source, self.entry)
        for outlet, collected in self.collected.items():
            source.line(f"{collected} = {outlet}.rows")
        for part, collected in self.beside.items():
            source.line(f"{collected} = {part}")
        for stream, batch in self.batches.items():
            source.line(f"{batch} = {self.writer.bind('batches', self.env.batches)}[{stream!a}]")
        for name in self.counters.values():
            source.line(f"{name} = 0")
        for index, collected in self.by_length.items():
            source.line(f"{self._before(index)} = len({collected})")
        for function in self.function_sources:
            source.include(function)
        if self.counters or self.by_length:
            with source.block("try:"):
                source.include(loop)
            with source.block("finally:"):
                for index, name in self.counters.items():
                    source.line(f"{self._counts(index)}.taken += {name}")
                for index, collected in self.by_length.items():
                    growth = f"len({collected}) - {self._before(index)}"
                    source.line(f"{self._counts(index)}.taken += {growth}")
        else:
            source.include(loop)
        if self.variant.moves_clock:
            source.line(f"{self.writer.bind('clock', self.env.clock)}.advance_to({self.now})")

    def _list(self, stream: str, outlet: str) -> str:
        """The local name of the list in which an outlet collects the rows of ``stream``."""
        if outlet not in self.collected:
            self.collected[outlet] = self.writer.names.fresh(f"out_{stream}")
        return self.collected[outlet]

    def _list_beside(self, part: str, hint: str) -> str:
        """The local name of a list that an outlet has beside its rows."""
        if part not in self.beside:
            self.beside[part] = self.writer.names.fresh(hint)
        return self.beside[part]

    def _collects_rows(self, stream: str) -> bool:
        """Whether an outlet takes the rows of ``stream`` as they are."""
        return not all(outlet.split for outlet in self.env.outlets(stream))

    def _row(self, stream: str, columns: dict[str, Variable]) -> str:
        """The text that makes a row of its columns."""
        values = (columns[name].text for name in self.writer.schema(stream).names)
        return f"{self.writer.row_type(stream)}({', '.join(values)})"

    def _whole_row(self, row: str, metadata: dict[str, Variable]) -> str:
        """The text that makes a row of one of payloads and the METADATA columns beside it."""
        schema = self.writer.schema(self.stream).payload
        columns = {
            column.name: Variable(f"{row}.{field}", column.nullable)
            for column, field in zip(schema.columns, field_names(schema), strict=True)
        }
        return self._row(self.stream, columns | metadata)

    def _collect(self, source: Source, stream: str, columns: dict[str, Variable], row: str) -> None:
        """Write how outlets collect a row of ``stream``."""
        for outlet, name in self.writer.outlets(stream):
            collected = row
            if outlet.split:
                payload = (columns[c].text for c in self.writer.schema(stream).payload.names)
                collected = f"{self.writer.payload_type(stream)}({', '.join(payload)})"
            source.line(f"{self._list(stream, name)}.append({collected})")
            self._collect_beside(source, stream, outlet, name, columns)

    def _collect_beside(
        self,
        source: Source,
        stream: str,
        outlet: RowOutlet,
        name: str,
        columns: dict[str, Variable],
    ) -> None:
        """Write how an outlet collects what is beside a row, when that can't fail any more."""
        for place, column in enumerate(outlet.split):
            values = self._list_beside(f"{name}.metadata[{place}]", f"{column}_of_{stream}")
            source.line(f"{values}.append({columns[column].text})")
        if outlet.timed:
            times = self._list_beside(f"{name}.times", f"times_{stream}")
            source.line(f"{times}.append({self.time})")

    def _before(self, index: int) -> str:
        if index not in self.before:
            self.before[index] = self.writer.names.fresh(f"before_{index}")
        return self.before[index]

    def _counts(self, index: int) -> str:
        name = self.env.graph.plan.queries[index].name
        return self.writer.bind(f"counts_{name}", self.env.counts[index])

    def _read_time(self, source: Source, columns: dict[str, Variable], row: str) -> None:
        column = self.env.graph.plan.streams[self.stream].event_time
        assert column is not None
        source.line(f"{self.time} = {columns[column].text}")
        if columns[column].nullable:
            fail = self.writer.bind("fail_time", self.env.fail_time)
            with source.block(f"if {self.time} is None:"):
                source.line(f"{fail}({self.stream!a}, {row})")
                source.line("continue")

    def _move_clock(self, source: Source) -> None:
        timers = self.writer.bind("timers", self.env.timers)
        time = self.sent if self.variant.times == "list" else self.time
        with source.block(f"if {time} > {self.now}:"):
            source.line(f"{self.now} = {time}")
            with source.block(f"if {self.now} >= {timers}.next_due:"):
                source.line(f"{timers}.advance({self.now})")
            if self.env.shows_clock():
                source.line(f"{self.writer.bind('clock', self.env.clock)}.time = {self.now}")

    def _emission_sites(self, stream: str) -> dict[str, int]:
        """How many places would emit each stream if all were inlined (2 means several)."""
        sites: dict[str, int] = {stream: 1}
        waiting = [stream]
        while waiting:
            for pipeline in self.env.graph.readers(waiting.pop()):
                target = pipeline.query.target
                if pipeline.hands_on and sites.get(target, 0) < 2:
                    sites[target] = 2 if pipeline.gives_expired else sites.get(target, 0) + 1
                    waiting.append(target)
        return sites

    def _bodies(self, stream: str) -> int:
        """How many query bodies inlining ``stream`` makes, counted up to beyond the limit."""
        total = 0
        waiting = [stream]
        while waiting and total <= INLINE_BODIES:
            for pipeline in self.env.graph.readers(waiting.pop()):
                total += 1
                if pipeline.hands_on:
                    waiting.append(pipeline.query.target)
        return total

    def _consume(
        self, source: Source, stream: str, columns: dict[str, Variable], row: str, depth: int
    ) -> None:
        """Write what happens to one row of ``stream``: collected, then read by each query."""
        if self._collects_rows(stream):
            row = assign_simple(source, self.writer, f"row_{stream}", row)
        self._collect(source, stream, columns, row)
        for pipeline in self.env.graph.readers(stream):
            scope = Scope(columns)
            if pipeline.reads_event_time:
                scope = with_time(scope, self.time)
            self._query(source, pipeline, scope, row, depth)

    def _query(
        self, source: Source, pipeline: Pipeline, scope: Scope, row: str, depth: int
    ) -> None:
        write_title(source, pipeline)
        if pipeline.unnest is not None:
            self._give_several(source, pipeline, scope, row)
            return
        fail = self.writer.bind("fail", self.env.fail)
        failed = cold(row)
        with (
            failing_alone(source, pipeline, f"{fail}({pipeline.index}, {failed}, error)"),
            passing(source, self.writer, pipeline.before, scope) as passed,
        ):
            if pipeline.in_batches:
                arrival = self._arrival(pipeline, row)
                count = partial(self._count, source, pipeline)
                write_entry(Entering(source, self.writer, pipeline, passed, arrival, count))
            elif pipeline.waits:
                arrival = self._arrival(pipeline, row)
                count = partial(self._count, source, pipeline)
                write_wait(source, self.writer, pipeline, passed, arrival, count)
            elif pipeline.stateful:
                arrival = self._arrival(pipeline, row)
                give = partial(self._give, source, pipeline, depth=depth)
                expired: Then | None = None
                if pipeline.gives_expired:
                    expired = partial(self._give_expired, source, pipeline, depth=depth)
                if not pipeline.gives_current:
                    give = partial(self._take, source, pipeline)
                if pipeline.ticks:
                    passed = with_time(passed, self.time)
                    give = partial(self._note, source, pipeline, arrival)
                if pipeline.window is not None:
                    write_slide(source, self.writer, pipeline, passed, arrival, give, expired)
                else:
                    give(write_running(source, self.writer, pipeline, passed, arrival))
            else:
                self._give(source, pipeline, passed, depth)

    def _give_several(self, source: Source, pipeline: Pipeline, scope: Scope, row: str) -> None:
        """Emit the rows that are made of one, as a logical batch: all of them or none."""
        target, made = pipeline.query.target, self.writer.names.fresh("made")
        out, counts = BatchRows(self.writer, pipeline, made, ()), self._counts(pipeline.index)
        fail, arrival = self.writer.bind("fail", self.env.fail), self._arrival(pipeline, row)
        failed = f"{out.cut_back()}; {fail}({pipeline.index}, {cold(row)}, error)"
        out.start(source)
        with (
            failing_alone(source, pipeline, failed),
            passing(source, self.writer, pipeline.before, scope) as passed,
        ):
            out.append(source, passed, (), "")
            self._count(source, pipeline)
        out.arrange(source, counts, "fired_dropped", taken=False)
        if target not in self.batches:
            self.batches[target] = self.writer.names.fresh(f"batch_{target}")
        with source.block(f"if {made}:"):
            source.line(f"{counts}.fired += len({made})")
            beside = f"[{arrival.time}] * len({made}), [{arrival.place}] * len({made})"
            source.line(f"{self.batches[target]}({made}, {beside})")

    def _note(self, source: Source, pipeline: Pipeline, arrival: Arrival, scope: Scope) -> None:
        """Have the group of a row be told of later."""
        write_note(source, self.writer, pipeline, arrival.place, *(k.text for k in scope.keys))
        self._count(source, pipeline)

    def _take(self, source: Source, pipeline: Pipeline, scope: Scope) -> None:
        """Have a row that has entered give none."""
        self._count(source, pipeline)

    def _give_expired(self, source: Source, pipeline: Pipeline, scope: Scope, depth: int) -> None:
        """Emit a row that has left the window, as :meth:`_give` one that has entered."""
        counts = self._counts(pipeline.index)
        fail, having = self.writer.bind("fail_fired", self.env.fail_fired), pipeline.clauses.having
        with failing_alone(source, pipeline, f"{fail}({pipeline.index}, error)"):
            with passing(source, self.writer, having, scope) as given:
                write_lone_order(source, self.writer, pipeline, given)
                if pipeline.clauses.swallow_one:
                    self._swallow(source, pipeline, given, f"{counts}.fired_dropped += 1")
                else:
                    self._emit(source, pipeline, given, depth, f"{counts}.fired += 1")
            if having:
                with source.block("else:"):
                    source.line(f"{counts}.fired_filtered += 1")

    def _swallow(self, source: Source, pipeline: Pipeline, scope: Scope, count: str) -> None:
        """Drop a row that could be made, and have the line ``count`` say so."""
        for text, _, place in item_texts(self.writer, pipeline, scope):
            assign_simple(source, self.writer, "swallowed", text, place)
        source.line(count)

    def _give(self, source: Source, pipeline: Pipeline, scope: Scope, depth: int) -> None:
        """Emit a row if it passes HAVING, unless nothing is left then of a batch of one."""
        with passing(source, self.writer, pipeline.clauses.having, scope) as given:
            write_lone_order(source, self.writer, pipeline, given)
            if pipeline.clauses.swallow_one:
                dropped = f"{self._counts(pipeline.index)}.dropped += 1"
                self._swallow(source, pipeline, given, dropped)
            else:
                self._emit(source, pipeline, given, depth)

    def _count(self, source: Source, pipeline: Pipeline) -> None:
        """Count a row that was taken, where nothing else tells."""
        if not pipeline.turns_rows_away or pipeline.index in self.by_length:
            return
        counter = self.counters.get(pipeline.index)
        if counter is None:
            counter = self.writer.names.fresh(f"taken_{pipeline.query.name}")
            self.counters[pipeline.index] = counter
        source.line(f"{counter} += 1")

    def _counted_by_length(self, pipeline: Pipeline) -> bool:
        """Whether the growth of the one list that its rows go to tells how many there were."""
        target = pipeline.query.target
        outlets = self.env.outlets(target)
        graph = self.env.graph
        if pipeline.gives_expired:
            return False
        if not outlets or outlets[0].streams != {target} or self.stream == target:
            return False
        if len(graph.plan.writers(target)) != 1 or graph.follows_batches(pipeline):
            return False
        if pipeline.turns_rows_away and pipeline.index not in self.by_length:
            self.by_length[pipeline.index] = self._list(target, self.writer.outlets(target)[0][1])
        return True

    def _emit(
        self, source: Source, pipeline: Pipeline, scope: Scope, depth: int, fired: str = ""
    ) -> None:
        """Emit a row. The line ``fired`` counts it, where it isn't that of a row that was taken."""
        target = pipeline.query.target
        texts = item_texts(self.writer, pipeline, scope)
        readers = self.env.graph.readers(target)
        counted_by_length = self._counted_by_length(pipeline)

        def count() -> None:
            if fired:
                source.line(fired)
            elif not counted_by_length:
                self._count(source, pipeline)

        if len(self.env.outlets(target)) == 1 and not readers:
            self._emit_once(source, pipeline, texts)
            count()
            return
        columns: dict[str, Variable] = {}
        hints = (item.name for item in pipeline.items)
        for hint, (text, nullable, place) in zip(hints, texts, strict=True):
            name = assign_simple(source, self.writer, hint, text, place)
            columns[hint] = Variable(name, nullable)
        count()
        arguments = ", ".join(variable.text for variable in columns.values())
        if readers and self._needs_function(target, depth):
            function = self._function(target)
            extra = f", {self.now}, {self.time}" if self.time != self.now else f", {self.now}"
            source.line(f"{function}({arguments}{extra})")
            return
        self._consume(source, target, columns, self._row(target, columns), depth + 1)

    def _emit_once(
        self, source: Source, pipeline: Pipeline, texts: list[tuple[str, bool, Place]]
    ) -> None:
        """Write how the one outlet that takes rows of a query collects one: of values that are
        put nowhere else."""
        target = pipeline.query.target
        [(outlet, name)] = self.writer.outlets(target)
        beside: dict[str, Variable] = {}
        values: list[tuple[str, Place]] = []
        for item, (text, nullable, place) in zip(pipeline.items, texts, strict=True):
            if item.name in outlet.split:
                value = assign_simple(source, self.writer, item.name, text)
                beside[item.name] = Variable(value, nullable)
            else:
                values.append((text, place))
        make = self.writer.payload_type if outlet.split else self.writer.row_type
        source.call(f"{self._list(target, name)}.append({make(target)}(", values, "))")
        self._collect_beside(source, target, outlet, name, beside)

    def _needs_function(self, stream: str, depth: int) -> bool:
        several = self.sites.get(stream, 0) > 1 and self._bodies(stream) > INLINE_BODIES
        return stream in self.functions or several or depth + 1 >= INLINE_DEPTH

    def _function(self, stream: str) -> str:
        """The local function that consumes one row of ``stream`` given by its columns."""
        if stream not in self.functions:
            self.functions[stream] = self.writer.names.fresh(f"consume_{stream}")
            self.unwritten.append(stream)
        return self.functions[stream]

    def _write_function(self, stream: str) -> None:
        names = self.writer.names
        function = self.functions[stream]
        schema = self.env.graph.plan.streams[stream].schema
        columns = {
            column.name: Variable(names.fresh(column.name), column.nullable)
            for column in schema.columns
        }
        parameters = [variable.text for variable in columns.values()]
        parameters.append(self.now)
        if self.time != self.now:
            parameters.append(self.time)
        body = Source(names)
        with body.block(f"def {function}({', '.join(parameters)}):"):
            inner = Source(names)
            self._consume(inner, stream, columns, self._row(stream, columns), depth=0)
            used = [c for c in self.counters.values() if inner.mentions(c)]
            if used:
                body.line(f"nonlocal {', '.join(used)}")
            body.include(inner)
        self.function_sources.append(body)
