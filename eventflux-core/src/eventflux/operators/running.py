"""Aggregates without a window: running values since the start."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from eventflux.operators.groups import Groups
from eventflux.operators.records import Header, Record, load_all, track_all
from eventflux.operators.timers import NEVER


class RunningAggregate:
    """One accumulator a group, for ever. Generated code updates :attr:`groups`."""

    __slots__ = ("groups", "header")

    def __init__(self, groups: Groups) -> None:
        self.groups = groups
        self.header = Header(1, *groups.form)

    @property
    def next_due(self) -> int:
        return NEVER

    def track(self) -> None:
        track_all(self.header, self.groups)

    def cut(self) -> Iterator[Record]:
        return chain(self.header.cut([]), self.groups.cut())

    def load(self, records: Iterable[tuple[bytes, bytes]]) -> None:
        load_all(records, self.header, self.groups)

    def size(self) -> tuple[int, int]:
        """Groups, and about how many bytes they take."""
        return self.groups.size()

    def pending(self) -> int:
        """Rows that wait for a row of their own: none."""
        return 0

    def discard(self) -> int:
        """Running values are nothing unfinished: none is discarded at a stop."""
        return 0
