"""Spans: which windows of time there are, where several may be open at once (semantics 5.5, 5.6).

They follow a grid of time. All places are epoch milliseconds.
"""

from __future__ import annotations

from typing import Protocol

from eventflux.operators.grids import Grid


class Spans(Protocol):
    """Which windows there are."""

    origin: int | None
    """Where they begin; ``None`` as long as the first row has not set it."""

    def around(self, place: int) -> list[tuple[int, int]]:
        """The windows ``[start, end)`` that ``place`` is in, the first to end first."""

    def until_next(self, place: int) -> tuple[int, int]:
        """The places around ``place`` that are in the same windows."""

    def behind(self, place: int) -> tuple[int, int]:
        """The first window that ends behind ``place``."""


class Tiles:
    """Windows side by side: each place is in one."""

    __slots__ = ("_grid",)

    def __init__(self, grid: Grid) -> None:
        self._grid = grid

    @property
    def origin(self) -> int | None:
        return self._grid.origin

    @origin.setter
    def origin(self, origin: int | None) -> None:
        self._grid.origin = origin

    def around(self, place: int) -> list[tuple[int, int]]:
        return [self.behind(place)]

    def until_next(self, place: int) -> tuple[int, int]:
        return self.behind(place)

    def behind(self, place: int) -> tuple[int, int]:
        start = self._grid.start_of(place)
        return start, self._grid.next(start)


class Hops:
    """Windows of ``size_ms`` that end at each boundary of a grid: a place is in several, or, where
    they are shorter than it is from one to the next, perhaps in none."""

    __slots__ = ("_grid", "_size", "origin")

    def __init__(self, grid: Grid, size_ms: int) -> None:
        self._grid = grid
        self._size = size_ms
        self.origin: int | None = grid.origin

    def around(self, place: int) -> list[tuple[int, int]]:
        found = []
        start, end = self.behind(place)
        while start <= place:
            found.append((start, end))
            end = self._grid.next(end)
            start = self._grid.back(end, self._size)
        return found

    def until_next(self, place: int) -> tuple[int, int]:
        low = self._grid.start_of(place)
        start, end = self.behind(place)
        high = end
        while start <= place:
            low = max(low, start)
            end = self._grid.next(end)
            start = self._grid.back(end, self._size)
        return low, min(high, start)

    def behind(self, place: int) -> tuple[int, int]:
        end = self._grid.next(self._grid.start_of(place))
        return self._grid.back(end, self._size), end
