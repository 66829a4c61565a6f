"""Grids of time: where the batches of a window begin and end (semantics 5.5).

All times are epoch milliseconds. A grid has ``start_of(place)``, the last boundary at or before a
place, ``next(boundary)``, the one behind it, and ``back(boundary, ms)``, what is so much before it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

DAY_MS = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_LAST_DAY = date.max.toordinal()
_FIRST_DAY, _FIRST_MONDAY = date(1970, 1, 1).toordinal(), date(1970, 1, 5).toordinal()


class Grid(Protocol):
    origin: int | None
    """A boundary; ``None`` as long as the first row has not set it."""

    def start_of(self, place: int) -> int: ...
    def next(self, boundary: int) -> int: ...
    def back(self, boundary: int, ms: int) -> int: ...


class FixedGrid:
    """Boundaries ``origin + k * size_ms``; without an origin the first place is it."""

    __slots__ = ("origin", "size_ms")

    def __init__(self, size_ms: int, origin: int | None) -> None:
        self.size_ms = size_ms
        self.origin = origin

    def start_of(self, place: int) -> int:
        if self.origin is None:
            self.origin = place
        return place - (place - self.origin) % self.size_ms

    def next(self, boundary: int) -> int:
        return boundary + self.size_ms

    def back(self, boundary: int, ms: int) -> int:
        return boundary - ms


class CalendarGrid:
    """Boundaries every so many days at midnight of a time zone, or so long behind it.

    Days count from 1970-01-01, whole weeks from a Monday. A day is as long as it is there: 23 or
    25 hours where the clocks change. Where midnight does not exist the day begins at the change,
    where there are two at the first.
    """

    __slots__ = ("_anchor", "_days", "_fixed", "_offset", "_zone", "origin")

    def __init__(self, zone: ZoneInfo, size_ms: int, offset_ms: int) -> None:
        """``size_ms`` is a multiple of :data:`DAY_MS`."""
        self.origin: int | None = offset_ms
        self._zone = zone
        self._days = size_ms // DAY_MS
        self._offset = offset_ms * _MS
        self._anchor = _FIRST_MONDAY if self._days % 7 == 0 else _FIRST_DAY
        self._fixed = FixedGrid(size_ms, offset_ms + (self._anchor - _FIRST_DAY) * DAY_MS)
        """For times that no calendar names, before the year 1 or after 9999."""

    def start_of(self, place: int) -> int:
        try:
            return self._begin(self._first_day(place))
        except (OverflowError, ValueError):
            return self._fixed.start_of(place)

    def next(self, boundary: int) -> int:
        try:
            return self._begin(self._first_day(boundary) + self._days)
        except (OverflowError, ValueError):
            return boundary + self._days * DAY_MS

    def back(self, boundary: int, ms: int) -> int:
        """The boundary as many days before; ``ms`` is a multiple of :data:`DAY_MS`."""
        try:
            return self._begin(self._day(boundary - 1) + 1 - ms // DAY_MS)
        except (OverflowError, ValueError):
            return boundary - ms

    def _first_day(self, place: int) -> int:
        """The first of the days that end at the same boundary as that of ``place``."""
        day = self._day(place)
        return day - (day - self._anchor) % self._days

    def _day(self, place: int) -> int:
        """The day that ``place`` falls on, counted as Python's ordinals: the last that has begun,
        though clocks that are put back over midnight show the one before again."""
        local = (_EPOCH + place * _MS).astimezone(self._zone).replace(tzinfo=None)
        day = min((local - self._offset).toordinal() + 1, _LAST_DAY)
        while self._begin(day) > place:
            day -= 1
        return day

    def _begin(self, day: int) -> int:
        wall = datetime.combine(date.fromordinal(day), time()) + self._offset
        return (wall.replace(tzinfo=self._zone) - _EPOCH) // _MS


def grid_of(size_ms: int, origin: int | None, zone: ZoneInfo | None) -> Grid:
    """The grid of a window: by the calendar of ``zone`` where it goes by whole days and does not
    begin at its first row, else fixed."""
    if zone is None or origin is None or size_ms % DAY_MS:
        return FixedGrid(size_ms, origin)
    return CalendarGrid(zone, size_ms, origin)
