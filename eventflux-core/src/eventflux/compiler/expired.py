"""Rows that leave a window as those of a logical batch: INSERT EXPIRED | ALL EVENTS (semantics
0.2)."""

from __future__ import annotations

from eventflux.compiler.aggregates import results
from eventflux.compiler.bodies import counts_name, failing_fired
from eventflux.compiler.clauses import BatchRows
from eventflux.compiler.environment import Writer
from eventflux.compiler.folding import groups_name, key_text, key_variables
from eventflux.compiler.pieces import Scope, Variable
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.source import Source


class ExpiredRows:
    """The rows of a logical batch that come out because they have left the window.

    They stand before those that have entered, where DISTINCT, ORDER BY or LIMIT are done to each
    kind by itself, or where there is but one for each group that has lost some; otherwise among
    them, as they have left one by one.
    """

    def __init__(self, writer: Writer, pipeline: Pipeline, entered: BatchRows, *lists: str) -> None:
        """``entered`` are the rows that come out because they have entered, ``lists`` the names
        of these, of their times and of their places."""
        self._apart = pipeline.clauses.arrange or pipeline.aggregate is not None
        self._entered = self._lists = lists
        self._out = entered
        if self._apart:
            self._lists = tuple(writer.names.fresh(f"expired_{name}") for name in lists)
            self._out = BatchRows(writer, pipeline, self._lists[0], self._lists[1:])
        self._writer = writer
        self._pipeline = pipeline
        self._counts = counts_name(writer, pipeline)
        self._touched = writer.names.fresh("left_by_group")

    def start(self, source: Source) -> None:
        """Write that there are none, but for those of ``entered``."""
        if self._apart:
            self._out.start(source)
        if self._pipeline.aggregate is not None:
            source.line(f"{self._touched} = {{}}")

    def leave(self, source: Source, scope: Scope, time: str, place: str) -> None:
        """Write that the row of ``scope`` has left the window."""
        if self._pipeline.aggregate is None:
            self._append(source, scope, time, place)
            return
        kept = [scope.columns[column.name].text for column in self._pipeline.kept]
        row = f"({', '.join([*kept, time, place])})"
        source.line(f"{self._touched}[{key_text(scope.keys)}] = {row}")

    def _append(self, source: Source, scope: Scope, time: str, place: str) -> None:
        """Write that the row of ``scope`` is one of them, if it passes HAVING."""
        writer, pipeline, rows = self._writer, self._pipeline, self._lists[0]
        before = writer.names.fresh("before")
        if not self._apart:
            source.line(f"{before} = len({rows})")
        with failing_fired(source, writer, pipeline):
            filtered = f"{self._counts}.fired_filtered += 1"
            self._out.append(source, scope, (time, place), filtered)
        if not self._apart:
            source.line(f"{self._counts}.fired += len({rows}) - {before}")

    def finish(self, source: Source) -> None:
        """Write that all of the batch have left: they are put before those of ``entered``."""
        if self._pipeline.aggregate is not None:
            self._append_groups(source)
        if self._apart:
            self._out.arrange(source, self._counts, "fired_dropped", taken=False)
            source.line(f"{self._counts}.fired += len({self._lists[0]})")
            for entered, expired in zip(self._entered, self._lists, strict=True):
                source.line(f"{entered}[:0] = {expired}")

    def _append_groups(self, source: Source) -> None:
        """One row for each group that has lost some, of the last of these."""
        writer, pipeline, names = self._writer, self._pipeline, self._writer.names
        assert pipeline.layout is not None
        key, group = names.fresh("key"), names.fresh("group")
        time, place = names.fresh("time"), names.fresh("place")
        kept = [names.fresh(column.name) for column in pipeline.kept]
        groups = groups_name(writer, pipeline)
        new = writer.group_type(pipeline)
        row = f"({', '.join([*kept, time, place])})"
        with source.block(f"for {key}, {row} in {self._touched}.items():"):
            source.line(f"{group} = {groups}.get({key}) or {new}()")
            columns = {
                column.name: Variable(name, column.nullable)
                for column, name in zip(pipeline.kept, kept, strict=True)
            }
            scope = Scope(
                columns=columns,
                keys=key_variables(pipeline, key),
                aggregates=results(pipeline.layout, group, names),
                not_null=pipeline.not_null,
            )
            self._append(source, scope, time, place)
