"""The code of sliding windows: rows that leave are taken back from their groups.

A sliding window is a running aggregate that forgets. For each row that enters, generated code
evaluates keys and arguments, so that a row that fails leaves no trace; takes the rows that leave
out of their groups; puts the new one in; folds it into its group; and goes on with the row's
own output. Nothing happens between rows: what a clock has made old leaves when the next row
comes, before anybody can see it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from eventflux.compiler.aggregates import write_removal
from eventflux.compiler.bodies import Writer, passing, state_name, write_fold, write_touch
from eventflux.compiler.pieces import Scope, Variable
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.source import Source
from eventflux.operators.records import Gone
from eventflux.operators.sliding import SlidingRows
from eventflux.planner import windows as w

Then = Callable[[Scope], None]
"""Writes what follows for a row that is in the window, given the scope of its output."""


def write_slide(
    source: Source,
    writer: Writer,
    pipeline: Pipeline,
    scope: Scope,
    place: str,
    then: Then,
    *,
    may_go_back: bool = False,
) -> None:
    """Have a row enter the window of ``pipeline``; ``place`` is where it stands in time.

    Places never go back, but for rows of windows upstream (``may_go_back``): such a row is taken
    as one of the time of the newest.
    """
    rows = _Rows(source, writer, pipeline, place)
    if may_go_back:
        rows.keep_order()
    with passing(source, writer, pipeline.after, scope) as passed:
        then(write_fold(source, writer, pipeline, passed, rows.make_room, on_group=rows.put))
    if pipeline.after:
        with source.block("else:"):
            rows.make_room()
            rows.put(None, ())


class _Rows:
    """The columns of a window of rows that leave in the order in which they entered."""

    def __init__(self, source: Source, writer: Writer, pipeline: Pipeline, place: str) -> None:
        operator = writer.env.operators[pipeline.index]
        assert isinstance(operator, SlidingRows)
        self.source = source
        self.writer = writer
        self.pipeline = pipeline
        self.place = place
        name = pipeline.query.name
        self.window = writer.bind(f"window_{name}", operator)
        self.groups = writer.bind(f"groups_{name}", operator.groups.by_key)
        self.members = writer.bind(f"members_{name}", operator.members)
        self.values = [writer.bind(f"values_{name}", column) for column in operator.values]
        self.times = None
        if operator.times is not None:
            self.times = writer.bind(f"times_{name}", operator.times)

    def keep_order(self) -> None:
        """Bring the place of a row forward to that of the newest one."""
        if self.times is not None:
            given, self.place = self.place, self.writer.names.fresh("place")
            newest = f"{self.times}[-1]"
            ordered = f"not {self.times} or {newest} <= {given}"
            self.source.line(f"{self.place} = {given} if {ordered} else {newest}")

    def put(self, group: str | None, arguments: Sequence[Variable]) -> None:
        """Add a row that is folded into ``group``, or into none."""
        self.source.line(f"{self.members}.append({group})")
        for index, column in enumerate(self.values):
            value = arguments[index].text if arguments else "None"
            self.source.line(f"{column}.append({value})")
        if self.times is not None:
            self.source.line(f"{self.times}.append({self.place})")
        if self.writer.env.tracked:
            self.source.line(f"{self.window}.entered += 1")

    def make_room(self) -> None:
        """Take out the rows that leave before the new one enters."""
        source, layout = self.source, self.pipeline.layout
        assert layout is not None
        with self._leaving():
            left = self.writer.names.fresh("left")
            source.line(f"{left} = {self.members}.popleft()")
            arguments = []
            for argument, column in zip(layout.arguments, self.values, strict=True):
                value = self.writer.names.fresh("old")
                source.line(f"{value} = {column}.popleft()")
                arguments.append(Variable(value, argument.nullable))
            if self.times is not None:
                source.line(f"{self.times}.popleft()")
            with self._if_member(left):
                write_touch(source, self.writer, self.pipeline, f"{left}.key", left)
                write_removal(source, layout, left, arguments)
                with source.block(f"if not {left}.n:"):
                    self._drop(left)

    def _drop(self, group: str) -> None:
        """Forget a group that has no rows any more."""
        self.source.line(f"del {self.groups}[{group}.key]")
        if self.writer.env.tracked:
            state, gone = state_name(self.writer, self.pipeline), self.writer.bind("GONE", Gone.ONE)
            self.source.line(f"{state}.changed[{group}.key] = {gone}")

    @contextmanager
    def _leaving(self) -> Iterator[None]:
        """The block that runs for each row that leaves."""
        match self.pipeline.window:
            case w.Length(rows=rows):
                header = f"if len({self.members}) == {rows}:"
            case w.Time(size_ms=size):
                header = f"while {self._too_old(size)}:"
            case w.TimeLength(size_ms=size, rows=rows):
                header = f"while len({self.members}) == {rows} or {self._too_old(size)}:"
            case other:
                raise TypeError(f"{type(other).__name__} is no window of columns")
        with self.source.block(header):
            yield

    def _too_old(self, size_ms: int) -> str:
        return f"{self.times} and {self.times}[0] <= {self.place} - {size_ms}"

    @contextmanager
    def _if_member(self, left: str) -> Iterator[None]:
        """The block for a row that is folded into a group, as all are without a filter behind
        the window."""
        if not self.pipeline.after:
            yield
            return
        with self.source.block(f"if {left} is not None:"):
            yield
