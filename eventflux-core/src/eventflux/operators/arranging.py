"""DISTINCT, ORDER BY, OFFSET and LIMIT over the rows of one logical batch (semantics 4.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from eventflux.operators.keyed import NAN


class Arrangement:
    """Which rows of a batch come out, and in which order.

    Args:
        distinct: what tells whether rows are equal, a tuple of each; ``None`` if all pass.
        order: of each key of ORDER BY, whether it is descending, and whether NULLs stand first.
        offset: how many rows are left out at the start.
        limit: how many come out at most.
    """

    __slots__ = ("_distinct", "_limits", "_order")

    def __init__(
        self,
        distinct: Callable[[Any], tuple[Any, ...]] | None,
        order: Sequence[tuple[bool, bool]],
        offset: int,
        limit: int | None,
    ) -> None:
        self._distinct = distinct
        self._order = tuple(order)
        self._limits = slice(offset, None if limit is None else offset + limit)

    def __call__(self, rows: Sequence[Any], keys: Sequence[tuple[Any, ...]]) -> list[int]:
        """The places of the rows that come out, in order; ``keys`` are those of ORDER BY, a tuple
        for each row, or nothing without it."""
        kept: Iterable[int] = range(len(rows))
        if self._distinct is not None:
            # The first of equal rows stays: later ones are given first, and overwritten.
            first = {self._distinct(rows[i]): i for i in reversed(range(len(rows)))}
            kept = first.values()
        found = sorted(kept)
        for number in reversed(range(len(self._order))):
            descending, nulls_first = self._order[number]
            nothing = _BELOW if nulls_first is not descending else _ABOVE
            ranks = {i: _rank(keys[i][number], nothing) for i in found}
            found.sort(key=ranks.__getitem__, reverse=descending)
        return found[self._limits]


_BELOW, _ABOVE = (0,), (3,)
"""The ranks of NULL: below all values, or above all."""


def _rank(value: Any, nothing: tuple[int]) -> tuple[Any, ...]:
    """What sorts as ORDER BY says: NaN above all numbers."""
    if value is None:
        return nothing
    return (1, value) if value == value else (2,)


def equal_values(fields: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """What tells whether two rows with these attributes are equal: NaN is equal to NaN."""

    def values(row: Any) -> tuple[Any, ...]:
        found = [getattr(row, field) for field in fields]
        return tuple([value if value == value else NAN for value in found])

    return values
