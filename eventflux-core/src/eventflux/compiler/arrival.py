"""The time at which a step of rows that move the clock begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from eventflux.base.clock import BEGINNING_MS, Clock, ManualClock
from eventflux.base.rows import Row
from eventflux.compiler.event_times import LastTime
from eventflux.operators.timers import Timers
from eventflux.operators.tumbling import TumblingWindow

Arrival = Callable[[Sequence[Row], Any], int]
"""Gives a step its first ``now``, from the rows to come and what is given beside them."""

FEW_ROWS = 8
"""For fewer rows looking ahead costs more than it saves."""


class Arrived:
    """The clock at the last arrival of rows, or when it last fired timers."""

    __slots__ = ("_clock", "_timers", "ms")

    def __init__(self, clock: Clock, timers: Timers) -> None:
        self._clock = clock
        self._timers = timers
        self.ms = BEGINNING_MS

    def arrive(self) -> int:
        """The place of rows that come now, with all that is due before them fired."""
        clock = self._clock
        now = clock.now_ms()
        if now >= self._timers.next_due:
            self._timers.advance(now)
        elif isinstance(clock, ManualClock):
            clock.advance_to(now)
        self.ms = now
        return now


def look_ahead(
    clock: ManualClock, timers: Timers, windows: Sequence[TumblingWindow], last_time: LastTime
) -> Arrival:
    """The clock's time, or that of the last row where this changes nothing but saves work.

    The step moves ``now`` with each row that is later, and fires timers then. While all
    ``windows`` that its rows enter are open nothing else reads it, so that it may begin at
    the last row's time if no timer is due before: rows in order of time then pass a single
    comparison.
    """

    def arrive(rows: Sequence[Row], beside: Any) -> int:
        now = clock.time
        if now is None:
            return BEGINNING_MS
        if len(rows) < FEW_ROWS:
            return now
        last = last_time(rows, beside)
        if last is None or not now < last < timers.next_due:
            return now
        for window in windows:
            if last >= window.end:  # it is closed: an open one sets a timer
                return now
        return last

    return arrive


def standing(clock: ManualClock) -> Arrival:
    """The clock's time, which each row that is later moves on: after a step that ends early
    the clock stands at its last row."""
    return lambda rows, beside: BEGINNING_MS if clock.time is None else clock.time
