"""The figures of floats that leave in the order in which they came: sum, moments and extremes.

They are kept at three prices, and change over from one to the next by themselves:

- *Easy*: a value is added and taken back in place, and when an extreme leaves, what may be off
  is computed anew from the values that are left. That is rare, but for data with a trend.
- *Ordered*: where it is not rare, queues of the coming extremes are kept: a value goes from a
  queue as soon as a later one is more extreme, so that its first is the extreme. Each value
  enters and leaves it once, whatever the data.
- *Exact*: where rounding would show, or a value is NaN, infinite or huge, sums are exact
  (:mod:`eventflux.operators.aggregates.exact_sums`).

Generated code does the usual steps of the first two itself, and keeps one or two values, whose
figures are computed from them each time, in the accumulator.

Sums of squares are taken of values less a pivot among them: Chan, Golub and LeVeque, *Algorithms
for Computing the Sample Variance* (1983). Sums are computed anew before so much was taken back
that rounding could show: each is compared with the greatest that it has been when an extreme left,
for what is far greater than the rest is one. The queues are those of Lemire, *Streaming
Maximum-Minimum Filter Using No More than Three Comparisons per Element* (2006).
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable
from math import fsum, nan
from typing import Any, TypeAlias

from eventflux.operators.aggregates.exact_sums import (
    UNITS,
    Odd,
    is_usual,
    odd_with,
    odd_without,
    total,
    variance,
)

Now: TypeAlias = tuple[float, float, float, float, float]
"""Sum, least and greatest value, population variance, the newest value."""

LOSS = 2.0**8
"""By how much the sum may shrink before it is computed anew: what rounding has left in it weighs so
many times more beside it."""
PRECISION = 2.0**12
"""By how much sums of squares may shrink before all is computed anew: around a pivot that may be
off by as much, so of 53 bits 29 are right at the worst."""
FEW = 3
"""So many values at least are kept here; fewer stand in the accumulator itself."""
_EASY = 16
"""So many extremes leave between two reviews of easy figures."""
_SHORT = 16
"""Of so few values finding an extreme costs no more than anything else."""
_TRENDS = 2
"""So many reviews in a row find an extreme that is about to leave before queues are kept."""
_ALARMS = 8
"""So many reviews out of turn before sums are exact."""
_SUMS = ("total", "loud", "low", "high", "pivot", "shifted", "squares", "noise")


class Figures:
    """Those of one group: of ``values``, oldest first, at least one."""

    __slots__ = (
        "_alarms", "_trend", "due", "exact", "high", "highs", "loud", "low", "lows", "moments",
        "noise", "pivot", "shifted", "squares", "total", "values",
    )  # fmt: skip

    low: float
    """The least value; NaN where sums are exact, so that no value is in order with it."""
    high: float
    total: float
    loud: float
    """How great ``total`` has been, by its size, when an extreme left, since it was computed."""
    pivot: float
    shifted: float
    """The sum of the values less ``pivot``."""
    squares: float
    """That of their squares."""
    noise: float
    """How great ``squares`` have been when an extreme left, since they were computed."""

    def __init__(self, first: float, other: float | None, moments: bool) -> None:
        """Of two values, none of them NaN, infinite or huge; of one where it or the next is."""
        self.moments = moments
        """Whether a variance is asked for."""
        self.lows: deque[float] | None = None
        """The queue of coming least values, where it is kept."""
        self.highs: deque[float] | None = None
        self.exact: Exact | None = None
        self.due = _EASY
        """So many extremes leave until the next review."""
        self._trend = self._alarms = 0
        if other is None:
            self.values = deque((first,))
            self.total = self.loud = self.pivot = self.shifted = self.squares = self.noise = 0.0
            self._be_exact()
            return
        self.values = deque((first, other))
        self.total = first + other + 0.0
        self.loud = abs(self.total)
        self.low, self.high = (first, other) if first <= other else (other, first)
        self.pivot = first
        self.shifted = shift = other - first
        self.squares = self.noise = shift * shift

    def few(self) -> tuple[float, float | None]:
        """The one or two values that are left."""
        first, *others = self.values
        return first, others[0] if others else None

    def now(self) -> Now:
        """The figures of all values."""
        values = self.values
        if self.exact is not None:
            return *self.exact.now(len(values)), values[-1]
        spread = self._spread() if self.low < self.high else 0.0
        return self.total, self.low, self.high, spread, values[-1]

    def unusual(self, value: float) -> Now:
        """Add a value, the newest of ``values``, where sums are exact, or it makes them so."""
        if self.exact is None:
            self._be_exact()
        else:
            self.exact.add(value)
        return self.now()

    def leave_exact(self, old: float) -> None:
        """Take back what left ``values``, where sums are exact."""
        exact = self.exact
        assert exact is not None, "sums are exact"
        exact.remove(old)
        exact.stay -= 1
        if exact.stay <= 0 and exact.odd is None:
            self.exact = None
            self._be_easy()

    def closer(self) -> float:
        """The variance, where rounding would show in what is kept."""
        if self.low == self.high:
            return 0.0
        self.review()
        return self.now()[3]

    def review(self) -> None:
        """Compute sums anew: what has left weighed far more than what is left, the pivot is far
        from the values, or it is due. Then see what is the best way to go on."""
        rows = len(self.values)
        self._sum()
        if rows <= _SHORT:
            self.due = 4 * _EASY
            return
        if self.due > 0:
            self._alarms += 1
            if self._alarms > _ALARMS:
                self._be_exact()
            return
        self._alarms //= 2
        values = self.values
        leaves_soon = min(values.index(self.low), values.index(self.high)) < rows / _EASY
        self._trend = self._trend + 1 if leaves_soon else 0
        if self._trend < _TRENDS:
            self.due = _EASY
            self.lows = self.highs = None
            return
        self.due = 4 * rows
        if self.lows is None:
            self._queue()

    def _spread(self) -> float:
        rows = len(self.values)
        rest = self.squares - self.shifted * self.shifted / rows
        if rest * PRECISION > self.squares:
            return rest / rows
        mean = fsum(self.values) / rows
        return fsum([(value - mean) ** 2 for value in self.values]) / rows

    def _sum(self) -> None:
        self.total = fsum(self.values)
        self.loud = abs(self.total)
        if self.moments:
            self._measure()

    def _measure(self) -> None:
        """The pivot and the sums around it."""
        values = self.values
        self.pivot = pivot = self.total / len(values) if self.low < self.high else self.low
        shifts = [value - pivot for value in values]
        self.shifted = fsum(shifts)
        self.squares = self.noise = fsum([shift * shift for shift in shifts])

    def _queue(self) -> None:
        self.lows, self.highs = deque(), deque()
        for value in self.values:
            _enqueue(self.lows, self.highs, value)

    def _be_exact(self) -> None:
        self.lows = self.highs = None
        self.low = self.high = nan
        self.exact = Exact(self.values)

    def _be_easy(self) -> None:
        values = self.values
        self.due = _EASY
        self._trend = self._alarms = 0
        self.low, self.high = min(values), max(values)
        self._sum()

    def dump(self) -> list[float | int | bool]:
        """All but the values."""
        exact = self.exact
        return [
            self.moments, self.lows is not None, exact is not None,
            0 if exact is None else exact.stay, self.due, self._trend, self._alarms,
            *(getattr(self, name) for name in _SUMS),
        ]  # fmt: skip

    @staticmethod
    def load(dumped: list[Any]) -> Figures:
        """What was dumped, without its values: they are appended to ``values`` one by one, then
        :meth:`loaded` is called."""
        figures = Figures(0.0, 0.0, False)
        figures.values.clear()
        (
            figures.moments,
            ordered,
            exact,
            stay,
            *counts,
        ) = dumped[:7]
        figures.due, figures._trend, figures._alarms = counts
        for name, value in zip(_SUMS, dumped[7:], strict=True):
            setattr(figures, name, value)
        if ordered:
            figures.lows = deque()
        if exact:
            figures.exact = Exact(())
            figures.exact.stay = stay
        return figures

    def loaded(self) -> None:
        """All values are there."""
        if self.exact is not None:
            stay = self.exact.stay
            self._be_exact()
            self.exact.stay = stay
        elif self.lows is not None:
            self._queue()

    def __sizeof__(self) -> int:
        queues = (self.values, self.lows, self.highs)
        return object.__sizeof__(self) + sum(sys.getsizeof(q) for q in queues if q is not None)


class Exact:
    """Exact sums, and queues of the coming extremes, NaN left out."""

    __slots__ = ("highs", "lows", "odd", "squares", "stay", "units")

    def __init__(self, values: Iterable[float]) -> None:
        self.units = self.squares = 0
        self.odd: Odd | None = None
        self.lows: deque[float] = deque()
        self.highs: deque[float] = deque()
        self.stay = 0
        """Values that leave until sums may be less than exact again."""
        for value in values:
            self.add(value)
            self.stay += 1

    def add(self, value: float) -> None:
        if is_usual(value):
            units = int(value * UNITS)
            self.units += units
            self.squares += units * units
        else:
            self.odd = odd_with(self.odd, value)
        if value == value:
            _enqueue(self.lows, self.highs, value)

    def remove(self, value: float) -> None:
        if is_usual(value):
            units = int(value * UNITS)
            self.units -= units
            self.squares -= units * units
        else:
            self.odd = odd_without(self.odd, value)
        if value == value:
            for queue in (self.lows, self.highs):
                if queue[0] == value:
                    queue.popleft()

    def now(self, rows: int) -> tuple[float, float, float, float]:
        """Sum, least and greatest value, population variance."""
        low, high = (self.lows[0], self.highs[0]) if self.lows else (nan, nan)
        spread = variance(rows, self.units, self.squares, self.odd, 0)
        assert spread is not None, "there is a value"
        return total(self.units, self.odd), low, high, spread


def _enqueue(lows: deque[float], highs: deque[float], value: float) -> None:
    while lows and lows[-1] > value:
        lows.pop()
    lows.append(value)
    while highs and highs[-1] < value:
        highs.pop()
    highs.append(value)


def figures_of(figures: Figures | None, only: float | None, other: float | None) -> Now:
    """The figures of a group that has several values, or ``only`` one, or an ``other`` behind it;
    of none all are NaN."""
    if figures is not None:
        return figures.now()
    if only is None:
        return nan, nan, nan, nan, nan
    if other is None:
        return only + 0.0, only, only, only - only, only
    low, high = (only, other) if only <= other else (other, only)
    shift = other - only
    return only + other + 0.0, low, high, shift * shift / 4, other


def values_of(figures: Figures | None, only: float | None, other: float | None) -> Iterable[float]:
    """The values of a group that has several, or ``only`` one, or an ``other`` behind it."""
    if figures is not None:
        return figures.values
    return [value for value in (only, other) if value is not None]
