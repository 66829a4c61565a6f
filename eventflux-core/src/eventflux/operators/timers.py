"""The timers of one app: all windows share them, and one number says when the next is due."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Container

from eventflux.base.clock import Clock, ManualClock

NEVER = 2**63
"""A due time that no clock reaches."""

Fire = Callable[[int], None]
"""Called with the due time."""

_Timer = tuple[int, int, int, Fire]
"""When it is due, the rank of its query, how many were made before it, and what it calls."""


class Timers:
    """Fires callbacks in order of due time, then of their queries, then of creation.

    ``next_due`` is a plain attribute, for generated code compares it with the time of each
    row. While a timer fires, a manual clock shows its due time.
    """

    __slots__ = ("_clock", "_created", "_heap", "next_due")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[_Timer] = []
        self._created = 0
        self.next_due = NEVER

    def schedule(self, due: int, rank: int, fire: Fire) -> None:
        """Call ``fire(due)`` when the clock reaches ``due`` (ms).

        Args:
            due: when; a time already past fires at the next :meth:`advance`.
            rank: the place of the query in topological order, for ties.
            fire: what to call; it ignores a due time that is no longer its own.
        """
        self._created += 1
        heapq.heappush(self._heap, (due, rank, self._created, fire))
        self.next_due = self._heap[0][0]

    def advance(self, now_ms: int) -> None:
        """Fire all that is due up to ``now_ms``, what that schedules included."""
        heap, clock = self._heap, self._clock
        while heap and heap[0][0] <= now_ms:
            self._fire(heapq.heappop(heap))
        if isinstance(clock, ManualClock):
            clock.advance_to(now_ms)

    def run_out(self, ranks: Container[int] | None = None) -> None:
        """Fire all that is set, or all of the queries of some ``ranks``, in order, as if time
        went on to its end."""
        heap = self._heap
        while waiting := heap if ranks is None else [t for t in heap if t[1] in ranks]:
            first = min(waiting)
            heap.remove(first)
            heapq.heapify(heap)
            self._fire(first)

    def _fire(self, timer: _Timer) -> None:
        """Call one that is in the heap no more."""
        due, _, _, fire = timer
        self.next_due = self._heap[0][0] if self._heap else NEVER
        if isinstance(self._clock, ManualClock):
            self._clock.advance_to(due)
        fire(due)

    def clear(self) -> None:
        """Forget all timers."""
        self._heap.clear()
        self.next_due = NEVER
