"""The timers of one app: all windows share them, and one number says when the next is due."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Container
from typing import Protocol

from eventflux.base.clock import BEGINNING_MS, Clock, ManualClock

NEVER = 2**63
"""A due time that no clock reaches."""

Fire = Callable[[int], None]
"""Called with the due time."""

_Timer = tuple[int, int, int, Fire]
"""When it is due, the rank of its query, how many were made before it, and what it calls."""


class Time(Protocol):
    """What windows go by: the app's clock, or a watermark."""

    mark: int
    """Up to where it has come; what closes later takes rows, whatever their time."""
    lateness: int

    @property
    def ending(self) -> bool:
        """Whether it goes to its end, so that nothing comes behind what is due."""

    @property
    def now(self) -> int:
        """What time it is by it."""

    def schedule(self, due: int, rank: int, fire: Fire) -> None: ...


class TimerHeap:
    """Callbacks in order of due time, then of their queries, then of creation.

    ``next_due`` is a plain attribute, for generated code compares it with the time of each
    row.
    """

    __slots__ = ("_created", "_heap", "ending", "next_due")

    def __init__(self) -> None:
        self._heap: list[_Timer] = []
        self._created = 0
        self.next_due = NEVER
        self.ending = False
        """Whether timers fire because time has no end: what repeats itself stops then."""

    def schedule(self, due: int, rank: int, fire: Fire) -> None:
        """Call ``fire(due)`` when time reaches ``due`` (ms).

        Args:
            due: when; a time already past fires when time moves the next time.
            rank: the place of the query in topological order, for ties.
            fire: what to call; it ignores a due time that is no longer its own.
        """
        self._created += 1
        heapq.heappush(self._heap, (due, rank, self._created, fire))
        self.next_due = self._heap[0][0]

    def first(self, ranks: Container[int] | None = None) -> tuple[int, int] | None:
        """Due time and rank of the next timer, of the queries of some ``ranks`` where they are
        given; ``None`` for none."""
        timers = self._heap[:1] if ranks is None else [t for t in self._heap if t[1] in ranks]
        return min(timers)[:2] if timers else None

    def take(self, ranks: Container[int] | None = None) -> tuple[int, Fire]:
        """Remove the next timer, of those of some ``ranks``; there must be one."""
        heap = self._heap
        if ranks is None:
            due, _, _, fire = heapq.heappop(heap)
        else:
            first = min(timer for timer in heap if timer[1] in ranks)
            heap.remove(first)
            heapq.heapify(heap)
            due, _, _, fire = first
        self.next_due = heap[0][0] if heap else NEVER
        return due, fire

    def forget(self, fire: Fire) -> None:
        """Take out the timers that call ``fire``."""
        self._heap = [timer for timer in self._heap if timer[3] != fire]
        heapq.heapify(self._heap)
        self.next_due = self._heap[0][0] if self._heap else NEVER

    def clear(self) -> None:
        """Forget all timers."""
        self._heap.clear()
        self.next_due = NEVER


class Timers(TimerHeap):
    """Those that the app's clock fires. While one fires, a manual clock shows its due time.

    For windows that go by the clock no row is late.
    """

    __slots__ = ("_clock", "heading")

    mark = -NEVER
    lateness = 0

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.heading = BEGINNING_MS
        """Where time moves to, while timers fire on the way."""

    @property
    def now(self) -> int:
        """The clock; where that is moved by hand, while a timer fires, its due time."""
        return self._clock.now_ms()

    def advance(self, now_ms: int) -> None:
        """Fire all that is due up to ``now_ms``, what that schedules included."""
        clock, self.heading = self._clock, now_ms
        while self.next_due <= now_ms:
            self._fire(*self.take())
        if isinstance(clock, ManualClock):
            clock.advance_to(now_ms)

    def run_out(self, ranks: Container[int] | None = None) -> None:
        """Fire all that is set, or all of the queries of some ``ranks``, in order, as if time
        went on to its end."""
        self.ending = True
        try:
            while self.first(ranks) is not None:
                self._fire(*self.take(ranks))
        finally:
            self.ending = False

    def _fire(self, due: int, fire: Fire) -> None:
        if isinstance(self._clock, ManualClock):
            self._clock.advance_to(due)
        fire(due)
