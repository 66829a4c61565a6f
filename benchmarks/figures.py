"""What a run finds out: figures with their spread, and the goals they are held to."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """A limit for the median of a figure."""

    limit: float
    at_least: bool = False

    def met_by(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.limit:g}"


@dataclass(frozen=True)
class Figure:
    """One line of the table: a value measured once a round, or once."""

    group: str
    name: str
    values: Sequence[float]
    goal: Goal | None = None
    unit: str = "×"
    context: str = ""
    """An absolute figure beside the ratio, for orientation only."""

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def quartiles(self) -> tuple[float, float]:
        """The first and third quartile; of fewer than three values the extremes."""
        if len(self.values) < 3:
            return min(self.values), max(self.values)
        low, _, high = statistics.quantiles(self.values, n=4, method="inclusive")
        return low, high

    @property
    def verdict(self) -> str:
        """``pass`` or ``FAIL`` by the median, with ``~`` where the quartiles don't agree."""
        if self.goal is None:
            return ""
        low, high = self.quartiles
        sure = self.goal.met_by(low) == self.goal.met_by(high)
        return ("pass" if self.goal.met_by(self.median) else "FAIL") + ("" if sure else " ~")


@dataclass(frozen=True)
class Skipped:
    """Something that could not be measured here, and why."""

    group: str
    name: str
    reason: str


def ratios(numerator: Sequence[float], denominator: Sequence[float]) -> list[float]:
    """The ratio of two contenders round by round; both were measured in each."""
    return [above / below for above, below in zip(numerator, denominator, strict=True)]
