"""Windows of the latest rows of frequent keys: frequent and lossyFrequent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from eventflux.compiler.pieces import Variable
from eventflux.compiler.sliding.entries import Entries
from eventflux.operators.frequent import FrequentRows, LossyFrequentRows
from eventflux.planner import windows as w


class _Counted(Entries):
    def begin(self) -> None:
        self.numbered = self.pipeline.tells_rows
        super().begin()
        window = self.pipeline.window
        assert isinstance(window, w.Frequent | w.LossyFrequent)
        assert isinstance(self.window, FrequentRows | LossyFrequentRows)
        self.row_key = self.key(window.columns)

    def put(self, group: str | None, arguments: Sequence[Variable]) -> None:
        self.keep(self.row_key, self.entry(group, arguments))


class Frequent(_Counted):
    """A row that finds no counter is dropped, and takes one from each."""

    @contextmanager
    def admitting(self) -> Iterator[None]:
        with self.source.block(f"if {self.name}.admits({self.row_key}):"):
            yield
        with self.source.block("else:"):
            self.source.line(f"{self.name}.decrement()")
            self.count_dropped()

    def make_room(self) -> None:
        self.leave_all(self.oldest_first(f"{self.name}.count({self.row_key})"))


class LossyFrequent(_Counted):
    """Every row enters; one whose key is not frequent is dropped all the same."""

    def make_room(self) -> None:
        self.frequent = self.fresh("frequent")
        self.source.line(f"{self.frequent} = {self.name}.count({self.row_key})")
        self.leave_all(f"{self.name}.replace({self.row_key})")

    def settle(self) -> None:
        self.leave_all(self.oldest_first(f"{self.name}.end_bucket()"))

    @contextmanager
    def emitting(self) -> Iterator[None]:
        if self.pipeline.snapshot:  # it tells of what the window holds, frequent or not
            yield
            return
        with self.source.block(f"if {self.frequent}:"):
            yield
        with self.source.block("else:"):
            self.count_dropped()
