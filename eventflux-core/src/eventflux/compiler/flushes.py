"""What a window makes of its contents when it closes, or tells of itself before: one logical
batch."""

from __future__ import annotations

from functools import partial

from msgspec.structs import replace

from eventflux.compiler.aggregates import results, write_update
from eventflux.compiler.batch_windows import buffered_rows, contents_name
from eventflux.compiler.bodies import (
    condition_text,
    counts_name,
    failing_alone,
    failing_fired,
    window_name,
    with_time,
)
from eventflux.compiler.clauses import BatchRows
from eventflux.compiler.environment import Writer
from eventflux.compiler.folding import groups_name, key_variables
from eventflux.compiler.forever import write_forever
from eventflux.compiler.pieces import Scope, Variable
from eventflux.compiler.pipeline import Pipeline, key_columns
from eventflux.compiler.places import Arrival, mark_of
from eventflux.compiler.running import write_running
from eventflux.compiler.sliding import write_slide
from eventflux.compiler.source import Source, cold
from eventflux.compiler.waiting import waited
from eventflux.planner.expressions import EVENT_TIME


def scope_of_group(pipeline: Pipeline, key: str, group: str, window: tuple[str, str]) -> Scope:
    """What can be read of a group of a window with these bounds, but for its aggregates."""
    assert pipeline.aggregate is not None
    assert pipeline.layout is not None
    scope = Scope(
        columns={
            column.name: Variable(f"{group}.last{i}", column.nullable)
            for i, column in enumerate(pipeline.layout.last)
        },
        keys=key_variables(pipeline, key),
        window=window,
        not_null=pipeline.not_null,
    )
    if not pipeline.ticks:
        return scope
    known = [scope.column(column.name) for column in key_columns(pipeline.aggregate)]
    return replace(scope, keys=tuple(known))


def results_of_group(
    source: Source, writer: Writer, pipeline: Pipeline, group: str, key: str
) -> tuple[Variable, ...]:
    """The aggregates of a group, read from its accumulator and what has outlived others."""
    assert pipeline.layout is not None
    found = results(pipeline.layout, group, writer.names)
    return write_forever(source, writer, pipeline, key, found)


def scope_of_row(
    writer: Writer, pipeline: Pipeline, window: tuple[str, str]
) -> tuple[list[str], Scope]:
    """Names for what is kept of a row of a window with these bounds, and what can be read then."""
    names = [writer.names.fresh(column.name) for column in pipeline.bare]
    columns = {
        column.name: Variable(name, column.nullable)
        for column, name in zip(pipeline.bare, names, strict=True)
    }
    return names, Scope(columns, window=window, not_null=pipeline.not_null)


class Flush:
    """Makes the output batch of a window."""

    def __init__(
        self,
        writer: Writer,
        source: Source,
        pipeline: Pipeline,
        bounds: tuple[str, str] | None,
        place: str,
        out: str,
        times: str,
        pane: tuple[str, str] | None,
    ) -> None:
        """``place`` is the name of when it is, where it has no ``bounds``. ``pane`` are the
        contents of one of several windows, and the first row of them that is given; they stay as
        they are."""
        self.writer = writer
        self.source = source
        self.pipeline = pipeline
        self.bounds = bounds
        """The names of the start and the end of the window, where it has those."""
        self.window = bounds or ("", "")
        self.place = place
        self.times = times
        beside = () if pipeline.gives_groups and bounds is not None else (times,)
        self.out = BatchRows(self.writer, pipeline, out, beside)
        self.out.start(source)
        self.pane = pane

    def write_groups(self) -> None:
        """One row a group, at the end of the window less 1 ms, else at the time of its last row."""
        pipeline, names = self.pipeline, self.writer.names
        groups = self.pane[0] if self.pane is not None else groups_name(self.writer, pipeline)
        key, group = names.fresh("key"), names.fresh("group")
        scope = scope_of_group(pipeline, key, group, self.window)
        newest = [] if self.bounds is not None else [scope.column(EVENT_TIME.name).text]
        if pipeline.snapshot:
            newest = [self.place]
        with self.source.block(f"for {key}, {group} in {groups}.items():"):
            aggregates = results_of_group(self.source, self.writer, pipeline, group, key)
            self._append(replace(scope, aggregates=aggregates), *newest)
        self._clear()
        self._arrange()
        if self.bounds is not None:
            self.source.line(f"{self.times} = [{self.bounds[1]} - 1] * len({self.out.rows})")

    def write_rows(self) -> None:
        """A row each, at its own event time, aggregates running within the batch."""
        pipeline, names = self.pipeline, self.writer.names
        batch = self.pane[0] if self.pane is not None else buffered_rows(self.writer, pipeline)
        time = names.fresh("time")
        columns, scope = scope_of_row(self.writer, pipeline, self.window)
        self.source.line(f"{self.times} = []")
        layout = pipeline.layout
        arguments = [names.fresh("value") for _ in layout.arguments] if layout else []
        if layout is not None:
            group = names.fresh("group")
            new = self.writer.group_type(pipeline)
            self.source.line(f"{group} = {new}()")
        row, number = f"({', '.join([*columns, *arguments, time])},)", names.fresh("number")
        header = f"for {row} in {batch}:"
        if self.pane is not None:
            header = f"for {number}, {row} in enumerate({batch}):"
        with self.source.block(header):
            if layout is not None:
                values = [
                    Variable(name, argument.nullable)
                    for name, argument in zip(arguments, layout.arguments, strict=True)
                ]
                write_update(self.source, layout, group, values, [])
                aggregates = results_of_group(self.source, self.writer, pipeline, group, "()")
                scope = replace(scope, aggregates=aggregates)
            if self.pane is not None:
                with self.source.block(f"if {number} < {self.pane[1]}:"):
                    self.source.line("continue")
            self._append(scope, time)
        self._clear()
        self._arrange()

    def write_left(self) -> None:
        """Rows that leave the window now, before those that have entered: ORDER BY and its like are
        for each kind by itself."""
        names, source, writer, pipeline = self.writer.names, self.source, self.writer, self.pipeline
        left, times = names.fresh("left"), names.fresh("left_times")
        start, end, live = names.fresh("start"), names.fresh("end"), names.fresh("live")
        window = window_name(writer, pipeline)
        columns, scope = scope_of_row(writer, pipeline, (start, end))
        rows = BatchRows(writer, pipeline, left, (times,))
        rows.start(source)
        row = ", ".join([*columns, names.fresh("time")])
        with (
            source.block(f"for {start}, {end}, {live} in {window}.left:"),
            source.block(f"for {row}, in {live}:"),
        ):
            self._append(scope, f"{window}.left_at", rows=rows)
        rows.arrange(source, self._counts, "fired_dropped", taken=False)
        source.line(f"{self.out.rows}[:0] = {left}")
        source.line(f"{self.times}[:0] = {times}")

    def write_waited(self, due: str) -> None:
        """The row of one that has waited, which enters 1 ms before ``due``."""
        names, source, pipeline, writer = self.writer.names, self.source, self.pipeline, self.writer
        assert self.pane is not None
        scope, columns, row = waited(writer, pipeline)
        time, place = names.fresh("time"), names.fresh("place")
        arrival = Arrival(row, place, time, mark_of(writer, pipeline), in_order=True)
        give = partial(self.out.append, source, beside=(time,), rejected=self._rejected)
        with source.block(f"for {', '.join([*columns, time])}, in {self.pane[0]}:"):
            source.line(f"{place} = {due} - 1")
            fail = writer.bind("fail_fired", writer.env.fail_fired)
            _, scope = condition_text(writer, pipeline.before, with_time(scope, time))
            failed = f"{fail}({pipeline.index}, error, {cold(row)})"
            with failing_alone(source, pipeline, failed):
                if pipeline.window is not None:
                    write_slide(source, writer, pipeline, scope, arrival, give)
                else:
                    give(write_running(source, writer, pipeline, scope, arrival))
        self._arrange()

    def _clear(self) -> None:
        """Drop what has been given, of a window that has one content only and keeps nothing."""
        if self.pane is None and not self.pipeline.gives_batches_expired:
            self.source.line(f"{contents_name(self.writer, self.pipeline)}.clear()")

    def _arrange(self) -> None:
        self.out.arrange(self.source, self._counts, "fired_dropped", taken=False)

    def _append(self, scope: Scope, *beside: str, rows: BatchRows | None = None) -> None:
        with failing_fired(self.source, self.writer, self.pipeline):
            (rows or self.out).append(self.source, scope, beside, self._rejected)

    @property
    def _rejected(self) -> str:
        return f"{self._counts}.fired_filtered += 1"

    @property
    def _counts(self) -> str:
        return counts_name(self.writer, self.pipeline)
