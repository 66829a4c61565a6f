"""The row shape: one loop over independent rows, everything downstream inlined in it.

The body of each query stands where its input is emitted, in order of declaration, depth
first (produce and consume, after T. Neumann, "Efficiently Compiling Efficient Query Plans
for Modern Hardware", VLDB 2011). Streams emitted at several places, and chains that would
nest too deep, get a local function instead.
"""

from __future__ import annotations

from functools import partial
from typing import Literal

import msgspec

from eventflux.base.rows import field_names
from eventflux.compiler.batch_windows import Entering, write_entry
from eventflux.compiler.bodies import (
    assign_simple,
    counts_name,
    failing_alone,
    failing_fired,
    item_texts,
    passing,
    with_time,
    write_title,
)
from eventflux.compiler.clauses import BatchRows, write_lone_order
from eventflux.compiler.collecting import RowCollecting
from eventflux.compiler.entries import Entry, write_event_time
from eventflux.compiler.environment import Environment, Writer
from eventflux.compiler.inlining import INLINE_DEPTH, streams_apart
from eventflux.compiler.pieces import Scope, Variable
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.places import Arrival, mark_of
from eventflux.compiler.running import write_running
from eventflux.compiler.sliding import Then, write_slide
from eventflux.compiler.source import Source, cold
from eventflux.compiler.taken import TakenRows
from eventflux.compiler.ticks import write_note
from eventflux.compiler.waiting import write_wait

Times = Literal["none", "list", "column"]
"""Where a row's event time comes from: the clock, a list beside the rows, a column."""


class Variant(msgspec.Struct, frozen=True):
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
        self.collecting = RowCollecting(self.writer, self.time)
        self.taken = TakenRows(self.writer, stream, self.collecting)
        self.batches: dict[str, str] = {}
        """The local names of what takes the logical batches of streams."""
        self.functions: dict[str, str] = {}
        self.unwritten: list[str] = []
        """Streams that have a function without a body as yet."""
        self.function_sources: list[Source] = []
        self.apart = streams_apart(env.graph, stream)

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
            zipped = [row, *(variable.text for variable in metadata.values())]
            if self.entry is not None and self.entry.partition is not None:
                zipped.append(self.entry.partition)
            header = f"for {', '.join(zipped)} in zip({rows}, *{beside}):"
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
                event_time = self.env.graph.plan.streams[self.stream].event_time
                assert event_time is not None
                given = columns[event_time]
                write_event_time(loop, self.writer, self.stream, given, row, self.time)
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
        self.collecting.begin(source)
        for stream, batch in self.batches.items():
            source.line(f"{batch} = {self.writer.bind('batches', self.env.batches)}[{stream!a}]")
        self.taken.begin(source)
        for function in self.function_sources:
            source.include(function)
        with self.taken.told(source):
            source.include(loop)
        if self.variant.moves_clock:
            source.line(f"{self.writer.bind('clock', self.env.clock)}.advance_to({self.now})")

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

    def _move_clock(self, source: Source) -> None:
        time = self.sent if self.variant.times == "list" else self.time
        with source.block(f"if {time} > {self.now}:"):
            source.line(f"{self.now} = {time}")
            if self.env.sets_timers():
                timers = self.writer.bind("timers", self.env.timers)
                with source.block(f"if {self.now} >= {timers}.next_due:"):
                    source.line(f"{timers}.advance({self.now})")
            if self.env.shows_clock():
                source.line(f"{self.writer.bind('clock', self.env.clock)}.time = {self.now}")

    def _consume(
        self, source: Source, stream: str, columns: dict[str, Variable], row: str, depth: int
    ) -> None:
        """Write what happens to one row of ``stream``: collected, then read by each query."""
        row = self.collecting.collect(source, stream, columns, row)
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
                count = partial(self.taken.count, source, pipeline)
                write_entry(Entering(source, self.writer, pipeline, passed, arrival, count))
            elif pipeline.waits:
                arrival = self._arrival(pipeline, row)
                count = partial(self.taken.count, source, pipeline)
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
        out, counts = BatchRows(self.writer, pipeline, made, ()), counts_name(self.writer, pipeline)
        fail, arrival = self.writer.bind("fail", self.env.fail), self._arrival(pipeline, row)
        failed = f"{out.cut_back()}; {fail}({pipeline.index}, {cold(row)}, error)"
        out.start(source)
        with (
            failing_alone(source, pipeline, failed),
            passing(source, self.writer, pipeline.before, scope) as passed,
        ):
            out.append(source, passed, (), "")
            self.taken.count(source, pipeline)
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
        self.taken.count(source, pipeline)

    def _take(self, source: Source, pipeline: Pipeline, scope: Scope) -> None:
        """Have a row that has entered give none."""
        self.taken.count(source, pipeline)

    def _give_expired(self, source: Source, pipeline: Pipeline, scope: Scope, depth: int) -> None:
        """Emit a row that has left the window, as :meth:`_give` one that has entered."""
        counts = counts_name(self.writer, pipeline)
        having = pipeline.clauses.having
        with failing_fired(source, self.writer, pipeline):
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
                dropped = f"{counts_name(self.writer, pipeline)}.dropped += 1"
                self._swallow(source, pipeline, given, dropped)
            else:
                self._emit(source, pipeline, given, depth)

    def _emit(
        self, source: Source, pipeline: Pipeline, scope: Scope, depth: int, fired: str = ""
    ) -> None:
        """Emit a row. The line ``fired`` counts it, where it isn't that of a row that was taken."""
        target = pipeline.query.target
        texts = item_texts(self.writer, pipeline, scope)
        readers = self.env.graph.readers(target)
        counted_by_length = self.taken.by_length(pipeline)

        def count() -> None:
            if fired:
                source.line(fired)
            elif not counted_by_length:
                self.taken.count(source, pipeline)

        if len(self.env.outlets(target)) == 1 and not readers:
            self.collecting.collect_made(source, pipeline, texts)
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

    def _needs_function(self, stream: str, depth: int) -> bool:
        apart = stream in self.apart or stream in self.functions
        return apart or depth + 1 >= INLINE_DEPTH

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
            used = [c for c in self.taken.counters if inner.mentions(c)]
            if used:
                body.line(f"nonlocal {', '.join(used)}")
            body.include(inner)
        self.function_sources.append(body)
