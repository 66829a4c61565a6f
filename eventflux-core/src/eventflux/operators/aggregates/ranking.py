"""Values by how often each is there: the state of ``mode``."""

from __future__ import annotations

from typing import Any

from eventflux.operators.aggregates.sorted_values import SortedValues
from eventflux.operators.keyed import NAN

_Rank = tuple[int, bool, Any]
"""``(-count, is NaN, value)`` of a value, so that the first is the most frequent. Of equal values,
``1.0`` and ``1.00``, it has the one that came first."""


class Ranking:
    """A multiset that knows its most frequent value; of several the least, NaN the greatest."""

    __slots__ = ("_found", "_ranks")

    def __init__(self) -> None:
        self._found: dict[Any, _Rank] = {}
        self._ranks = SortedValues()

    def __sizeof__(self) -> int:
        each = 72  # a tuple of three
        return object.__sizeof__(self) + self._found.__sizeof__() + each * len(self._found)

    @property
    def first(self) -> Any:
        """The most frequent value, ``None`` of nothing."""
        if not self._found:
            return None
        _, is_nan, value = self._ranks.lowest
        return NAN if is_nan else value

    def add(self, value: Any) -> None:
        self._move(value, 1)

    def remove(self, value: Any) -> None:
        """Take one such value out, which must be there."""
        self._move(value, -1)

    def merge(self, other: Ranking) -> None:
        for value, (below, _, _) in other._found.items():
            self._move(value, -below)

    def _move(self, value: Any, by: int) -> None:
        is_nan = value != value
        if is_nan:
            value = NAN
        below, shown = 0, 0.0 if is_nan else value
        found = self._found.get(value)
        if found is not None:
            self._ranks.remove(found)
            below, _, shown = found
        if below - by:
            self._found[value] = rank = (below - by, is_nan, shown)
            self._ranks.add(rank)
        else:
            del self._found[value]

    def dump(self) -> list[list[Any]]:
        """Its values and their counts as plain data."""
        return [list(self._found), [-below for below, _, _ in self._found.values()]]

    @staticmethod
    def load(dumped: list[list[Any]]) -> Ranking:
        """The ranking that :meth:`dump` gave."""
        ranking = Ranking()
        for value, count in zip(*dumped, strict=True):
            ranking._move(value, count)
        return ranking
