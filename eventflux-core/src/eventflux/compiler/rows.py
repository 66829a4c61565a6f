"""The row shape: one loop over independent rows, everything downstream inlined in it.

The body of each query stands where its input is emitted, in order of declaration, depth
first (produce and consume, after T. Neumann, "Efficiently Compiling Efficient Query Plans
for Modern Hardware", VLDB 2011). Streams emitted at several places, and chains that would
nest too deep, get a local function instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from eventflux.compiler.bodies import (
    Environment,
    Writer,
    assign_simple,
    failing_alone,
    item_texts,
    passing,
    write_fold,
    write_title,
)
from eventflux.compiler.pieces import Scope, Variable
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.source import Source, cold
from eventflux.operators.tumbling import BufferedRows, TumblingWindow

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


def write_row_step(env: Environment, stream: str, variant: Variant) -> tuple[Writer, Source]:
    """Write ``step(rows, times, now)`` for independent rows of ``stream``."""
    return _RowStep(env, stream, variant).write()


class _RowStep:
    def __init__(self, env: Environment, stream: str, variant: Variant) -> None:
        self.env = env
        self.stream = stream
        self.variant = variant
        self.writer = Writer(env)
        self.now = self.writer.names.fresh("now")
        self.time = self.writer.names.fresh("time") if variant.times != "none" else self.now
        self.counters: dict[int, str] = {}
        self.by_length: dict[int, str] = {}
        self.before: dict[int, str] = {}
        self.collected: dict[str, str] = {}
        self.collected_times: dict[str, str] = {}
        self.functions: dict[str, str] = {}
        self.unwritten: list[str] = []
        """Streams that have a function without a body as yet."""
        self.function_sources: list[Source] = []
        self.sites = self._emission_sites(stream)

    def write(self) -> tuple[Writer, Source]:
        names = self.writer.names
        rows, times = names.fresh("rows"), names.fresh("times")
        row = names.fresh("row")
        loop = Source(names)
        header = f"for {row} in {rows}:"
        if self.variant.times == "list":
            header = f"for {row}, {self.time} in zip({rows}, {times}):"
        with loop.block(header):
            columns = self.writer.loads(loop, self.stream, row)
            if self.variant.times == "column":
                self._read_time(loop, columns, row)
            if self.variant.moves_clock:
                self._move_clock(loop)
            self._consume(loop, self.stream, columns, row, depth=0)
        while self.unwritten:
            self._write_function(self.unwritten.pop())
        source = Source(names)
        with source.block(f"def step({rows}, {times}, {self.now}):"):
            self._write_frame(source, loop)
        return self.writer, source

    def _write_frame(self, source: Source, loop: Source) -> None:
        for outlet, collected in self.collected.items():
            source.line(f"{collected} = {outlet}.rows")
        for outlet, collected in self.collected_times.items():
            source.line(f"{collected} = {outlet}.times")
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

    def _lists(self, stream: str) -> list[str]:
        """The local names of the lists that collect the rows of ``stream``."""
        outlets = self.writer.outlets(stream)
        for outlet in outlets:
            if outlet not in self.collected:
                self.collected[outlet] = self.writer.names.fresh(f"out_{stream}")
        return [self.collected[outlet] for outlet in outlets]

    def _time_lists(self, stream: str) -> list[str]:
        """The local names of the lists that collect the event times of its rows."""
        names = []
        for outlet, name in zip(self.env.outlets(stream), self.writer.outlets(stream), strict=True):
            if outlet.timed:
                if name not in self.collected_times:
                    self.collected_times[name] = self.writer.names.fresh(f"times_{stream}")
                names.append(self.collected_times[name])
        return names

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
        with source.block(f"if {self.time} > {self.now}:"):
            source.line(f"{self.now} = {self.time}")
            with source.block(f"if {self.now} >= {timers}.next_due:"):
                source.line(f"{timers}.advance({self.now})")

    def _emission_sites(self, stream: str) -> dict[str, int]:
        """How many places would emit each stream if all were inlined (2 means several)."""
        sites: dict[str, int] = {stream: 1}
        waiting = [stream]
        while waiting:
            for pipeline in self.env.graph.readers(waiting.pop()):
                target = pipeline.query.target
                if pipeline.window is None and sites.get(target, 0) < 2:
                    sites[target] = sites.get(target, 0) + 1
                    waiting.append(target)
        return sites

    def _bodies(self, stream: str) -> int:
        """How many query bodies inlining ``stream`` makes, counted up to beyond the limit."""
        total = 0
        waiting = [stream]
        while waiting and total <= INLINE_BODIES:
            for pipeline in self.env.graph.readers(waiting.pop()):
                total += 1
                if pipeline.window is None:
                    waiting.append(pipeline.query.target)
        return total

    def _consume(
        self, source: Source, stream: str, columns: dict[str, Variable], row: str, depth: int
    ) -> None:
        """Write what happens to one row of ``stream``: collected, then read by each query."""
        for collected in self._lists(stream):
            source.line(f"{collected}.append({row})")
        for collected in self._time_lists(stream):
            source.line(f"{collected}.append({self.time})")
        for pipeline in self.env.graph.readers(stream):
            self._query(source, pipeline, Scope(columns), row, depth)

    def _query(
        self, source: Source, pipeline: Pipeline, scope: Scope, row: str, depth: int
    ) -> None:
        write_title(source, pipeline)
        fail = self.writer.bind("fail", self.env.fail)
        failed = cold(row)
        with (
            failing_alone(source, pipeline, f"{fail}({pipeline.index}, {failed}, error)"),
            passing(source, self.writer, pipeline.before, scope) as passed,
        ):
            if pipeline.window is not None:
                self._enter_window(source, pipeline, passed)
            else:
                if pipeline.aggregate is not None:
                    passed = write_fold(source, self.writer, pipeline, passed)
                self._emit(source, pipeline, passed, depth)

    def _count(self, source: Source, pipeline: Pipeline) -> None:
        """Count a row that was taken, where nothing else tells."""
        if not pipeline.filters or pipeline.index in self.by_length:
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
        if not outlets or outlets[0].streams != {target} or self.stream == target:
            return False
        if len(graph.plan.writers(target)) != 1 or graph.follows_window(pipeline):
            return False
        if pipeline.filters and pipeline.index not in self.by_length:
            self.by_length[pipeline.index] = self._lists(target)[0]
        return True

    def _enter_window(self, source: Source, pipeline: Pipeline, scope: Scope) -> None:
        """Put a row into a window, which it opens only when nothing of it can fail any more."""
        window = self.env.operators[pipeline.index]
        assert isinstance(window, TumblingWindow)
        name = self.writer.bind(f"window_{pipeline.query.name}", window)

        def enter(condition: str) -> None:
            with source.block(f"if {condition}:"):
                source.line(f"{name}.enter({self.now})")

        def enter_anyway() -> None:
            enter(f"{self.now} >= {name}.end")

        def enter_first(contents: str) -> None:
            enter(f"not {contents}")

        with passing(source, self.writer, pipeline.after, scope) as passed:
            # Timers have fired: without conditions behind it, an open window is never empty.
            if pipeline.folds_batches and pipeline.after:
                write_fold(source, self.writer, pipeline, passed, before=enter_anyway)
            elif pipeline.folds_batches:
                write_fold(source, self.writer, pipeline, passed, on_first=enter_first)
            else:
                assert isinstance(window.contents, BufferedRows)
                rows = self.writer.bind(f"batch_{pipeline.query.name}", window.contents.rows)
                kept = write_kept(source, self.writer, pipeline, passed, self.time)
                if pipeline.after:
                    enter_anyway()
                else:
                    enter_first(rows)
                source.line(f"{rows}.append({kept})")
            self._count(source, pipeline)
        if pipeline.after:
            with source.block("else:"):
                enter_anyway()

    def _emit(self, source: Source, pipeline: Pipeline, scope: Scope, depth: int) -> None:
        target = pipeline.query.target
        texts = item_texts(self.writer, pipeline, scope)
        lists = self._lists(target)
        readers = self.env.graph.readers(target)
        constructor = self.writer.row_type(target)
        counted_by_length = self._counted_by_length(pipeline)
        if len(lists) == 1 and not readers:
            source.call(
                f"{lists[0]}.append({constructor}(",
                ((text, place) for text, _, place in texts),
                "))",
            )
            for collected in self._time_lists(target):
                source.line(f"{collected}.append({self.time})")
            if not counted_by_length:
                self._count(source, pipeline)
            return
        columns: dict[str, Variable] = {}
        hints = (item.name for item in pipeline.items)
        for hint, (text, nullable, place) in zip(hints, texts, strict=True):
            name = assign_simple(source, self.writer, hint, text, place)
            columns[hint] = Variable(name, nullable)
        if not counted_by_length:
            self._count(source, pipeline)
        arguments = ", ".join(variable.text for variable in columns.values())
        if readers and self._needs_function(target, depth):
            function = self._function(target)
            extra = f", {self.now}, {self.time}" if self.time != self.now else f", {self.now}"
            source.line(f"{function}({arguments}{extra})")
            return
        row = f"{constructor}({arguments})"
        if lists:
            name = self.writer.names.fresh(f"row_{target}")
            source.line(f"{name} = {row}")
            row = name
        self._consume(source, target, columns, row, depth + 1)

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
        constructor = self.writer.row_type(stream)
        row = f"{constructor}({', '.join(parameters)})"
        parameters.append(self.now)
        if self.time != self.now:
            parameters.append(self.time)
        body = Source(names)
        with body.block(f"def {function}({', '.join(parameters)}):"):
            inner = Source(names)
            if self.env.outlets(stream):
                name = names.fresh(f"row_{stream}")
                inner.line(f"{name} = {row}")
                row = name
            self._consume(inner, stream, columns, row, depth=0)
            used = [c for c in self.counters.values() if inner.mentions(c)]
            if used:
                body.line(f"nonlocal {', '.join(used)}")
            body.include(inner)
        self.function_sources.append(body)


def write_kept(source: Source, writer: Writer, pipeline: Pipeline, scope: Scope, time: str) -> str:
    """Evaluate what a window keeps of a row, a tuple: bare columns, arguments, event time."""
    values = [writer.expressions.value(column, scope) for column in pipeline.bare]
    if pipeline.layout is not None:
        for argument in pipeline.layout.arguments:
            values.append(writer.expressions.value(argument.expression, scope))
    kept = writer.names.fresh("kept")
    source.line(f"{kept} = ({', '.join([*values, time])},)")
    return kept
