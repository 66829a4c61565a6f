"""Tumbling and timeBatch windows: batches of rows on a fixed grid of time (semantics 5.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from eventflux.operators.contents import Contents
from eventflux.operators.grids import Grid
from eventflux.operators.records import Header, Record, load_all, track_all
from eventflux.operators.timers import NEVER, Timers

Flush = Callable[[int, int], None]
"""Generated code that emits the batch in the contents: ``flush(window_start, window_end)``."""


class TumblingWindow:
    """One open batch ``[start, end)`` at a time, on a grid of time.

    Rows come with a place that never goes back but for rows of upstream windows; such a row
    enters the open batch, or the first one that has not been closed yet. Generated code
    fills :attr:`contents`, compares places with :attr:`end` and calls :meth:`enter`;
    :attr:`end` is low while no batch is open, so that any place is past it.
    """

    __slots__ = (
        "_closed_until", "_grid", "_origin", "_rank", "_timers", "contents", "end", "flush",
        "header", "start",
    )  # fmt: skip

    def __init__(self, contents: Contents, grid: Grid, timers: Timers, rank: int) -> None:
        self.contents = contents
        self.start = self.end = self._closed_until = -NEVER
        self.flush: Flush = _no_code
        self._grid = grid
        self._origin = grid.origin
        self.header = Header(1, *contents.form)
        self._timers = timers
        self._rank = rank

    def enter(self, place: int) -> None:
        """Make the batch of ``place`` the open one, flushing the one before it.

        Called for a place at or past :attr:`end`, before its row goes into the contents.
        """
        if self.is_open:
            self.close()
        self.start = self._grid.start_of(max(place, self._closed_until))
        self.end = self._grid.next(self.start)
        self._timers.schedule(self.end, self._rank, self._on_timer)

    @property
    def is_open(self) -> bool:
        return self.end != -NEVER

    @property
    def next_due(self) -> int:
        """When the open batch is due, :data:`NEVER` if there is none."""
        return self.end if self.is_open else NEVER

    def _on_timer(self, due: int) -> None:
        if due == self.end:
            self.close()

    def close(self) -> None:
        """Flush the open batch now, whatever the time."""
        if not self.is_open:
            return
        start, end = self.start, self.end
        self.start = self.end = -NEVER
        self._closed_until = end
        self.flush(start, end)

    def pending(self) -> int:
        """How many rows are held."""
        return self.contents.pending()

    def discard(self) -> int:
        """Drop the open batch; gives how many rows were in it."""
        lost = self.pending()
        self.contents.clear()
        if self.is_open:
            self._closed_until = self.end
            self.start = self.end = -NEVER
        return lost

    def track(self) -> None:
        track_all(self.header, self.contents)

    def cut(self) -> Iterator[Record]:
        values = [self._grid.origin, self.start, self.end, self._closed_until]
        return chain(self.header.cut(values), self.contents.cut())

    def load(self, records: Iterable[tuple[bytes, bytes]]) -> None:
        load_all(records, self.header, self.contents)
        values = self.header.values or [self._origin, -NEVER, -NEVER, -NEVER]
        self._grid.origin, self.start, self.end, self._closed_until = values
        if self.is_open:
            self._timers.schedule(self.end, self._rank, self._on_timer)

    def size(self) -> tuple[int, int]:
        """Groups or rows held, and about how many bytes they take."""
        return self.contents.size()


def _no_code(start: int, end: int) -> None:
    raise RuntimeError("the window's flush was not compiled")
