"""Windows of one row a key: unique and firstUnique."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from eventflux.compiler.pieces import Variable
from eventflux.compiler.sliding.entries import Entries
from eventflux.operators.unique import UniqueRows
from eventflux.planner import windows as w


class Unique(Entries):
    """The newest row of each key."""

    def begin(self) -> None:
        self.numbered = self.pipeline.tells_window or self.pipeline.order_shows
        super().begin()
        window = self.pipeline.window
        assert isinstance(window, w.Unique | w.FirstUnique)
        assert isinstance(self.window, UniqueRows)
        self.ttl = window.ttl_ms
        self.own = 0 if self.ttl is None else 1
        self.by_key = self.bind("by_key", self.window.entries.by_key)
        if self.ttl is not None:
            self.keep_order(f"{self.name}.newest", self.by_key)

    def read_row(self) -> None:
        assert isinstance(self.pipeline.window, w.Unique | w.FirstUnique)
        self.row_key = self.key(self.pipeline.window.columns)

    def make_room(self) -> None:
        self.forget()
        left = self.fresh("entry")
        self.source.line(f"{left} = {self.by_key}.pop({self.row_key}, None)")
        with self.source.block(f"if {left} is not None:"):
            self.leave(left, self.own)

    def forget(self) -> None:
        """What leaves because its time to live is over."""
        if self.ttl is not None:
            self.leave_all(f"{self.name}.forget({self.place} - {self.ttl})", self.own)

    def leave_by(self, now: str) -> str:
        self.leave_all(f"{self.name}.forget({now} - {self.ttl})", self.own)
        return f"{self.name}.oldest + {self.ttl} if {self.by_key} else None"

    def put(self, group: str | None, arguments: Sequence[Variable]) -> None:
        own = () if self.ttl is None else (self.place,)
        self.keep(self.row_key, self.entry(group, arguments, *own))
        self.wait_for_departure()


class FirstUnique(Unique):
    """The first row of each key; the others are dropped."""

    @contextmanager
    def admitting(self) -> Iterator[None]:
        self.forget()
        with self.source.block(f"if {self.row_key} in {self.by_key}:"):
            self.count_dropped()
        with self.source.block("else:"):
            yield

    def make_room(self) -> None:
        """Nothing: who leaves has left before it is known whether the row is dropped."""

    def put(self, group: str | None, arguments: Sequence[Variable]) -> None:
        if self.pipeline.leaving == "never" and not self.pipeline.tells_rows:
            self.keep(self.row_key, "None")
        else:
            super().put(group, arguments)
