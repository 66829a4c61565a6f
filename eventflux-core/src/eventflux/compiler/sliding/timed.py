"""Windows of time whose rows may come in any order: by a watermark, or by a column of theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from eventflux.compiler.pieces import Variable
from eventflux.compiler.places import unless_late, write_time
from eventflux.compiler.sliding.entries import Entries
from eventflux.operators.timed import TimedRows
from eventflux.planner import windows as w


class Timed(Entries):
    """A row leaves when the watermark is as far behind it as the window is long. A row that
    would have left is late."""

    numbered = True

    def begin(self) -> None:
        super().begin()
        window = self.pipeline.window
        assert isinstance(window, w.Time | w.TimeLength | w.ExternalTime)
        assert isinstance(self.window, TimedRows)
        self.rows = self.window
        self.size = window.size_ms
        self.most = window.rows if isinstance(window, w.TimeLength) else None
        self.times = self.bind("times", self.rows.times)
        self.own = isinstance(window, w.ExternalTime)
        self.time = self.arrival.time
        if isinstance(window, w.ExternalTime):
            self.time = write_time(self.source, self.writer, window.column, self.scope)
            self.place = self.time
            self.mark = f"{self.name}.mark"
        else:
            self.mark = self.arrival.mark

    @contextmanager
    def admitting(self) -> Iterator[None]:
        late = f"{self.place} <= {self.mark} - {self.size}"
        row = self.arrival.row
        with unless_late(self.source, self.writer, self.pipeline, late, row, self.time):
            yield

    def make_room(self) -> None:
        if self.own:
            with self.source.block(f"if {self.place} > {self.mark}:"):
                self.source.line(f"{self.mark} = {self.place}")
        if self.holds and not self.pipeline.gives_departures:
            until = self.fresh("until")
            self.source.line(f"{until} = {self.mark} - {self.size}")
            with self.source.block(f"if {self.times} and {self.times}[0] <= {until}:"):
                self.leave_all(f"{self.name}.forget({until})", own=1)

    def put(self, group: str | None, arguments: Sequence[Variable]) -> None:
        if self.holds:
            entry = self.entry(group, arguments, self.place)
            self.source.line(f"{self.name}.insert({self.place}, {entry})")
            self.wait_for_departure()

    def leave_by(self, now: str) -> str:
        self.leave_all(f"{self.name}.forget({now} - {self.size})", own=1)
        return f"{self.times}[0] + {self.size} if {self.times} else None"

    def settle(self) -> None:
        if self.most is not None and self.holds:
            with self.source.block(f"if len({self.times}) > {self.most}:"):
                self.leave(f"{self.name}.pop_first()", own=1)
