"""Triggers: rows that the app makes itself when a time has come (semantics 9.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from eventflux.base.clock import BEGINNING_MS
from eventflux.operators.grids import FixedGrid, Grid
from eventflux.operators.records import Header, Record, load_all, track_all
from eventflux.operators.timers import NEVER, Timers

_BEFORE_QUERIES = -1
"""The rank of triggers among what is due at the same time: what they give comes first."""


class TriggerTimes:
    """When a trigger gives rows.

    It begins when the app's clock is first told of: with a clock that rows move, there is no time
    before the first row. Without a grid that is also the one time of its row. A grid without an
    origin (``AT EVERY``) begins then; of times that pass unseen, as while the app was down, the
    first gives a row, and the others only where it catches up.
    """

    __slots__ = ("_begun", "_catch_up", "_due", "_grid", "_timers", "emit", "header")

    def __init__(self, grid: Grid | None, timers: Timers, *, catch_up: bool) -> None:
        self._grid = grid
        self._timers = timers
        self._catch_up = catch_up
        self._begun = False
        self._due: int | None = None
        self.header = Header(1)
        self.emit: Callable[[int], None] = _no_code
        """Makes the row that was due at a time."""

    def begin(self) -> None:
        """The app starts: ``AT START`` gives its row, the others go on if they have begun."""
        self.rest()
        if self._grid is None:
            self._begun = False
        self.go_on()

    def rest(self) -> None:
        """Give no more rows until it begins or goes on."""
        self._timers.forget(self._begin)
        self._timers.forget(self._fire)

    def go_on(self) -> None:
        """Wait for the next time."""
        if not self._begun:
            self._timers.schedule(BEGINNING_MS, _BEFORE_QUERIES, self._begin)
        elif self._due is not None:
            self._timers.schedule(self._due, _BEFORE_QUERIES, self._fire)

    def _begin(self, due: int) -> None:
        now = self._timers.heading
        self._begun = True
        if self._grid is None:
            self._due = now
        else:
            self._due = self._grid.next(self._grid.start_of(now))
        self.go_on()

    def _fire(self, due: int) -> None:
        if self._grid is None:
            self._due = None
        else:
            last = due if self._catch_up else max(due, self._grid.start_of(self._timers.now))
            self._due = self._grid.next(last)
        self.go_on()
        self.emit(due)

    @property
    def next_due(self) -> int:
        return NEVER if self._due is None else self._due

    def pending(self) -> int:
        """No row waits in it."""
        return 0

    def discard(self) -> int:
        """Forget everything, as before the app was started."""
        self.rest()
        self._begun, self._due = False, None
        self._forget_grid()
        return 0

    def _forget_grid(self, origin: int | None = None) -> None:
        if isinstance(self._grid, FixedGrid):
            self._grid.origin = origin

    def track(self) -> None:
        track_all(self.header)

    def cut(self) -> Iterator[Record]:
        return self.header.cut([self._begun, self._due])

    def load(self, records: Iterable[tuple[bytes, bytes]]) -> None:
        load_all(records, self.header)
        values: list[Any] = self.header.values or [False, None]
        self._begun, self._due = values
        self._forget_grid(self._due)
        self.go_on()

    def size(self) -> tuple[int, int]:
        """It holds no rows."""
        return 0, 0


def _no_code(due: int) -> None:
    raise RuntimeError("what becomes of a trigger's rows was not compiled")
