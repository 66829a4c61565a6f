"""How long steps take: a histogram, counted once a batch."""

from __future__ import annotations

from bisect import bisect_left

BOUNDS = (0.0001, 0.0003, 0.001, 0.002, 0.005, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
"""Upper bounds of the buckets in seconds; one more bucket takes what is longer."""


class Durations:
    """Counts of durations by bucket, and their sum."""

    __slots__ = ("counts", "last_at", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        """How many durations fell into each bucket, the last being those above all bounds."""
        self.total = 0.0
        """All of them together, in seconds."""
        self.last_at = 0.0
        """When (``perf_counter``) the last of them began."""

    def record(self, seconds: float) -> None:
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds
