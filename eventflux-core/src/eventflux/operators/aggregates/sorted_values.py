"""Values in order, with any of them taken out again: for medians, percentiles and extremes."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from typing import Any

_FULL = 1024
"""A chunk with more values is split in two."""


class SortedValues:
    """A multiset in ascending order, as chunks of some hundred values each.

    Adding and removing a value bisects the chunks and moves the part of one: about a
    microsecond, up to a million values. All values must have an order: no NaN, no ``None``.
    """

    __slots__ = ("_chunks", "_count", "_highest")

    def __init__(self, values: Iterable[Any] = ()) -> None:
        found = sorted(values)
        half = _FULL // 2
        self._chunks = [found[start : start + half] for start in range(0, len(found), half)]
        self._highest = [chunk[-1] for chunk in self._chunks]
        self._count = len(found)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Any]:
        for chunk in self._chunks:
            yield from chunk

    def __getitem__(self, place: int) -> Any:
        """The value at ``place`` from 0, the lowest being the first."""
        for chunk in self._chunks:
            if place < len(chunk):
                return chunk[place]
            place -= len(chunk)
        raise IndexError(place)

    def __sizeof__(self) -> int:
        return object.__sizeof__(self) + sum(chunk.__sizeof__() + 8 for chunk in self._chunks)

    @property
    def lowest(self) -> Any:
        return self._chunks[0][0]

    @property
    def highest(self) -> Any:
        return self._chunks[-1][-1]

    def add(self, value: Any) -> None:
        self._count += 1
        if not self._chunks:
            self._chunks.append([value])
            self._highest.append(value)
            return
        place = min(bisect_left(self._highest, value), len(self._chunks) - 1)
        chunk = self._chunks[place]
        insort(chunk, value)
        self._highest[place] = chunk[-1]
        if len(chunk) > _FULL:
            self._chunks.insert(place + 1, chunk[_FULL // 2 :])
            del chunk[_FULL // 2 :]
            self._highest.insert(place, chunk[-1])

    def remove(self, value: Any) -> None:
        """Take one such value out.

        Raises:
            ValueError: there is none.
        """
        place = bisect_left(self._highest, value)
        if place == len(self._chunks):
            raise ValueError(f"{value!r} is not in it")
        chunk = self._chunks[place]
        at = bisect_left(chunk, value)
        if chunk[at] != value:
            raise ValueError(f"{value!r} is not in it")
        self._count -= 1
        del chunk[at]
        if chunk:
            self._highest[place] = chunk[-1]
        else:
            del self._chunks[place]
            del self._highest[place]

    def take(self, low: Any) -> None:
        """Take out the least value that is not less than ``low``, which there must be."""
        chunk = self._chunks[bisect_left(self._highest, low)]
        self.remove(chunk[bisect_left(chunk, low)])

    def merge(self, other: Iterable[Any]) -> None:
        """Add all values of another one."""
        self.__init__([*self, *other])  # type: ignore[misc]
