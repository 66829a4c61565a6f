"""Values by how often each is there: the state of ``mode``."""

from __future__ import annotations

from typing import Any

from eventflux.operators.aggregates.sorted_values import SortedValues
from eventflux.operators.keyed import NAN


class Ranking:
    """A multiset that knows its most frequent value; of several the least, NaN the greatest."""

    __slots__ = ("_counts", "_ranks")

    def __init__(self) -> None:
        self._counts: dict[Any, int] = {}
        self._ranks = SortedValues()
        """For each value ``(-count, is NaN, value)``, so that the first is the most frequent."""

    def __sizeof__(self) -> int:
        each = 72  # a tuple of three
        return object.__sizeof__(self) + self._counts.__sizeof__() + each * len(self._counts)

    @property
    def first(self) -> Any:
        """The most frequent value, ``None`` of nothing."""
        if not self._counts:
            return None
        _, is_nan, value = self._ranks.lowest
        return NAN if is_nan else value

    def add(self, value: Any) -> None:
        self._move(value, 1)

    def remove(self, value: Any) -> None:
        """Take one such value out, which must be there."""
        self._move(value, -1)

    def merge(self, other: Ranking) -> None:
        for value, count in other._counts.items():
            self._move(value, count)

    def _move(self, value: Any, by: int) -> None:
        is_nan = value != value
        if is_nan:
            value = NAN
        count = self._counts.get(value, 0)
        shown = 0.0 if is_nan else value
        if count:
            self._ranks.remove((-count, is_nan, shown))
        if count + by:
            self._counts[value] = count + by
            self._ranks.add((-count - by, is_nan, shown))
        else:
            del self._counts[value]

    def dump(self) -> list[list[Any]]:
        """Its values and their counts as plain data."""
        return [list(self._counts), list(self._counts.values())]

    @staticmethod
    def load(dumped: list[list[Any]]) -> Ranking:
        """The ranking that :meth:`dump` gave."""
        ranking = Ranking()
        for value, count in zip(*dumped, strict=True):
            ranking._move(value, count)
        return ranking
