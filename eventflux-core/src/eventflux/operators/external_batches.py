"""Batches by a column of time (semantics 5.8): externalTimeBatch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eventflux.base.clock import BEGINNING_MS
from eventflux.operators.contents import BufferedRows, GroupedRows
from eventflux.operators.panes import Panes
from eventflux.operators.spans import Spans
from eventflux.operators.timers import NEVER, Timers
from eventflux.operators.watermarks import Mark


class ExternalBatches(Panes):
    """Panes that go by the times of their rows: each moves :attr:`own` when it has entered.

    Generated code sets :attr:`place`, where the row that is entering stands, for the rows of the
    batches that it closes; with a time-out it calls :meth:`seen`.
    """

    __slots__ = ("_timeout", "_timers", "_watched", "own", "seen_at")

    closed_by_rows = True

    def __init__(
        self,
        contents: Callable[[bytes], BufferedRows | GroupedRows],
        spans: Spans,
        timers: Timers,
        rank: int,
        timeout_ms: int | None,
        *,
        leave: bool = False,
    ) -> None:
        self.own = Mark()
        super().__init__(contents, spans, self.own, rank, leave=leave)
        self._timers = timers
        self._timeout = timeout_ms
        self._watched = False
        self.place = self.seen_at = BEGINNING_MS

    @property
    def times_out(self) -> bool:
        return self._timeout is not None

    @property
    def mark(self) -> int:
        return self.own.mark

    @property
    def next_due(self) -> int:
        """When the app's clock closes what is open; rows do otherwise."""
        if self._timeout is None or not self._watched:
            return NEVER
        return self.seen_at + self._timeout

    def seen(self) -> None:
        """A row has come, at :attr:`place`."""
        self.seen_at = self.place
        if not self._watched:
            self._watch()

    def _watch(self) -> None:
        assert self._timeout is not None
        self._watched = True
        self._timers.schedule(self.seen_at + self._timeout, self._rank, self._look)

    def _look(self, due: int) -> None:
        assert self._timeout is not None
        if due < self.seen_at + self._timeout:
            self._watch()
        elif self._watched:
            self._watched = False
            self.before_closing(due)
            self.close(due)

    def close(self, place: int) -> None:
        """Flush all that is open, which then has rows of ``place``."""
        self.place = self.left_at = place
        if self._by_end:
            self.own.advance(max(self.own.mark, *self._by_end))

    def _plain(self) -> list[Any]:
        return [*super()._plain(), self.own.mark, self.seen_at, self._watched]

    def _load_plain(self, plain: list[Any]) -> None:
        super()._load_plain(plain[:-3])
        self.own.clear()
        self.own.mark, self.seen_at, watched = plain[-3:] or (BEGINNING_MS, BEGINNING_MS, False)
        self._watched = False
        if watched:
            self._watch()
