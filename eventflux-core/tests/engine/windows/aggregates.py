"""The aggregates of the models, over a list of values, NULLs among them (semantics 4.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import sqrt
from typing import TypeAlias

Value: TypeAlias = int | None
Result: TypeAlias = int | float | list[Value] | None


def _known(fold: Callable[[list[int]], Result]) -> Callable[[Sequence[Value]], Result]:
    """Skips NULLs; of nothing the result is NULL."""

    def over(values: Sequence[Value]) -> Result:
        known = [value for value in values if value is not None]
        return fold(known) if known else None

    return over


def _variance(known: list[int], fewer: int = 0) -> Fraction:
    mean = Fraction(sum(known), len(known))
    return sum(((value - mean) ** 2 for value in known), Fraction()) / (len(known) - fewer)


def _median(known: list[int]) -> float:
    ordered, middle = sorted(known), len(known) // 2
    return (ordered[middle] + ordered[-middle - 1]) / 2


def _descending(values: Sequence[Value]) -> Result:
    """NULLs stand last."""
    known = sorted((value for value in values if value is not None), reverse=True)
    return [*known, *[None] * (len(values) - len(known))] or None


AGGREGATES: dict[str, Callable[[Sequence[Value]], Result]] = {
    "count(*)": len,
    "count(v)": lambda values: sum(value is not None for value in values),
    "count(DISTINCT v)": lambda values: len(set(values) - {None}),
    "sum(v)": _known(sum),
    "avg(v)": _known(lambda known: sum(known) / len(known)),
    "min(v)": _known(min),
    "max(v)": _known(max),
    "first(v)": _known(lambda known: known[0]),
    "last(v)": _known(lambda known: known[-1]),
    "stddev(v)": _known(lambda known: sqrt(_variance(known))),
    "var_samp(v)": _known(lambda known: None if len(known) < 2 else float(_variance(known, 1))),
    "sum(DISTINCT v)": _known(lambda known: sum(set(known))),
    "median(v)": _known(_median),
    "array_agg(v ORDER BY v DESC)": _descending,
    "first(v ORDER BY v * v % 3, v)": _known(
        lambda known: min(known, key=lambda v: (v * v % 3, v))
    ),
    "last(v ORDER BY v * v % 3)": _known(
        lambda known: max(reversed(known), key=lambda v: v * v % 3)
    ),
    "percentile_disc(0.5) WITHIN GROUP (ORDER BY v DESC)": _known(
        lambda known: sorted(known, reverse=True)[(len(known) + 1) // 2 - 1]
    ),
}
