"""Aggregates without a window: running values since the start."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from eventflux.operators.groups import Groups
from eventflux.operators.timers import NEVER


class RunningAggregate:
    """One accumulator a group, for ever. Generated code updates :attr:`groups`."""

    __slots__ = ("groups",)

    def __init__(self, groups: Groups) -> None:
        self.groups = groups

    @property
    def next_due(self) -> int:
        return NEVER

    def snapshot(self) -> Iterator[bytes]:
        return self.groups.snapshot()

    def restore(self, chunks: Iterable[bytes]) -> None:
        self.groups.restore(chunks)

    def size(self) -> tuple[int, int]:
        """Groups, and about how many bytes they take."""
        return self.groups.size()

    def pending(self) -> int:
        """Rows that wait for a row of their own: none."""
        return 0

    def discard(self) -> int:
        """Running values are nothing unfinished: none is discarded at a stop."""
        return 0
