"""Windows that rows leave in the order in which they entered: length, time, timeLength."""

from __future__ import annotations

from collections.abc import Sequence

from eventflux.compiler.pieces import Variable
from eventflux.compiler.sliding.frame import Sliding
from eventflux.operators.sliding import SlidingRows
from eventflux.planner import windows as w


class Columns(Sliding):
    """Rows as columns, a deque each."""

    def begin(self) -> None:
        assert isinstance(self.operator, SlidingRows)
        self.rows = self.operator
        self.members = self.bind("members", self.rows.members)
        self.values = [self.bind("values", column) for column in self.rows.values]
        layout = self.pipeline.layout
        arguments = () if layout is None else layout.arguments
        self.arguments = len(arguments)
        self.stored = [
            self.writer.env.tracked or argument.nullable or argument.figures is None
            for argument in arguments
        ]
        """Whether the column of an argument is kept: figures have the values themselves."""
        self.stored += [True] * (len(self.values) - len(self.stored))
        self.times = None
        if self.rows.times is not None:
            self.times = self.bind("times", self.rows.times)
            self.keep_order(f"{self.times}[-1]", self.times)

    def make_room(self) -> None:
        header = self._leaving()
        if header:
            with self.source.block(header):
                self.take_oldest()

    def take_oldest(self) -> list[str]:
        """Take the oldest row out; gives the names of its values."""
        left = self.fresh("left")
        self.source.line(f"{left} = {self.members}.popleft()")
        old = [self.fresh("old") for _ in self.values]
        for value, column, stored in zip(old, self.values, self.stored, strict=True):
            if stored:
                self.source.line(f"{value} = {column}.popleft()")
        if self.times is not None:
            self.source.line(f"{self.times}.popleft()")
        kept = old[len(old) - len(self.pipeline.kept) :]
        self.leave_group(self.rows.groups, left, old[: self.arguments], kept)
        return old

    def leave_by(self, now: str) -> str:
        assert isinstance(self.pipeline.window, w.Time | w.TimeLength)
        size = self.pipeline.window.size_ms
        with self.source.block(f"while {self.times} and {self.times}[0] <= {now} - {size}:"):
            self.take_oldest()
        return f"{self.times}[0] + {size} if {self.times} else None"

    def put(self, group: str | None, arguments: Sequence[Variable]) -> None:
        self.source.line(f"{self.members}.append({group})")
        kept = self.kept_texts() if group else ["None"] * len(self.pipeline.kept)
        given = [argument.text for argument in arguments]
        given += ["None"] * (len(self.values) - len(given) - len(kept)) + kept
        for value, column, stored in zip(given, self.values, self.stored, strict=True):
            if stored:
                self.source.line(f"{column}.append({value})")
        if self.times is not None:
            self.source.line(f"{self.times}.append({self.place})")
            self.wait_for_departure()
        if self.writer.env.tracked:
            self.source.line(f"{self.bind('window', self.rows)}.entered += 1")

    def _leaving(self) -> str:
        """The head of the block that runs for each row that leaves; empty where only time, in a
        step of its own, makes one leave."""
        match self.pipeline.window:
            case w.Length(rows=rows):
                header = f"if len({self.members}) == {rows}:"
            case w.Time() if self.pipeline.gives_departures:
                header = ""
            case w.TimeLength(rows=rows) if self.pipeline.gives_departures:
                header = f"if len({self.members}) == {rows}:"
            case w.Time(size_ms=size):
                header = f"while {self._too_old(size)}:"
            case w.TimeLength(size_ms=size, rows=rows):
                header = f"while len({self.members}) == {rows} or {self._too_old(size)}:"
            case other:
                raise TypeError(f"{type(other).__name__} is no window of columns")
        return header

    def _too_old(self, size_ms: int) -> str:
        until = self.fresh("until")
        self.source.line(f"{until} = {self.place} - {size_ms}")
        return f"{self.times} and {self.times}[0] <= {until}"
