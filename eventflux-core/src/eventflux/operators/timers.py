"""The timers of one app: all windows share them, and one number says when the next is due."""

from __future__ import annotations

import heapq
from collections.abc import Callable

from eventflux.base.clock import Clock, ManualClock

NEVER = 2**63
"""A due time that no clock reaches."""

Fire = Callable[[int], None]
"""Called with the due time."""


class Timers:
    """Fires callbacks in order of due time, then of their queries, then of creation.

    ``next_due`` is a plain attribute, for generated code compares it with the time of each
    row. While a timer fires, a manual clock shows its due time.
    """

    __slots__ = ("_clock", "_created", "_heap", "next_due")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[tuple[int, int, int, Fire]] = []
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
        manual = clock if isinstance(clock, ManualClock) else None
        while heap and heap[0][0] <= now_ms:
            due, _, _, fire = heapq.heappop(heap)
            self.next_due = heap[0][0] if heap else NEVER
            if manual is not None:
                manual.advance_to(due)
            fire(due)
        if manual is not None:
            manual.advance_to(now_ms)

    def run_out(self) -> None:
        """Fire all that is set, in order, as if time went on to its end."""
        while self._heap:
            self.advance(self.next_due)

    def clear(self) -> None:
        """Forget all timers."""
        self._heap.clear()
        self.next_due = NEVER
