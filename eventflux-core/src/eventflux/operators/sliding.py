"""Windows that rows leave in the order in which they entered: length, time, timeLength."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from eventflux.operators.groups import CHUNK_GROUPS, Groups
from eventflux.operators.packing import Pack, pack, unpack
from eventflux.operators.timers import NEVER

_GROUPS, _ROWS = 0, 1
"""What a chunk of a snapshot holds."""


class SlidingRows:
    """The rows of a sliding window, oldest first, as columns: deques of equal length.

    ``members`` are the accumulators that the rows are folded into, or ``None`` for a row that a
    filter behind the window keeps out of them; ``values`` are the arguments of the aggregates, a
    deque each; ``times`` the places in time, where the window goes by them. Generated code
    appends and takes away; it drops a group with the last of its rows, by the ``key`` that an
    accumulator has.
    """

    __slots__ = ("_pack", "groups", "members", "times", "values")

    def __init__(self, groups: Groups, arguments: int, timed: bool, pack: Pack = pack) -> None:
        self.groups = groups
        self.members: deque[Any] = deque()
        self.values: tuple[deque[Any], ...] = tuple(deque() for _ in range(arguments))
        self.times: deque[int] | None = deque() if timed else None
        self._pack = pack

    @property
    def next_due(self) -> int:
        """Rows leave when others come: nothing is due."""
        return NEVER

    def snapshot(self) -> Iterator[bytes]:
        """The groups, then the rows: the key of each, or none, its values, its time."""
        for chunk in self.groups.snapshot():
            yield pack([_GROUPS, chunk])
        rows = zip(*self._columns(), strict=True)
        while part := list(islice(rows, CHUNK_GROUPS)):
            yield pack([_ROWS, self._pack(part)])

    def restore(self, chunks: Iterable[bytes]) -> None:
        for column in (self.members, *self.values, *self._times()):
            column.clear()
        parts = [unpack(chunk) for chunk in chunks]
        self.groups.restore(chunk for kind, chunk in parts if kind == _GROUPS)
        for kind, chunk in parts:
            if kind == _ROWS:
                self._load(unpack(chunk))

    def _load(self, rows: list[Any]) -> None:
        for key, *rest in rows:
            self.members.append(None if key is None else self.groups.by_key[self.groups.key(key)])
            for column, value in zip((*self.values, *self._times()), rest, strict=True):
                column.append(value)

    def _columns(self) -> list[Iterable[Any]]:
        keys = (m if m is None else self.groups.parts(m.key) for m in self.members)
        return [keys, *self.values, *self._times()]

    def _times(self) -> tuple[deque[int], ...]:
        return () if self.times is None else (self.times,)

    def size(self) -> tuple[int, int]:
        """Rows, and about how many bytes they and their groups take."""
        columns = (*self.values, *self._times())
        sampled = sum(sys.getsizeof(v) for column in columns for v in islice(column, 100))
        rows = len(self.members)
        each = sampled / (min(rows, 100) or 1)
        deques = sum(map(sys.getsizeof, (self.members, *columns)))
        return rows, int(each * rows) + deques + self.groups.size()[1]

    def pending(self) -> int:
        """Rows that wait for a row of their own: none."""
        return 0

    def discard(self) -> int:
        """Rows that slide are nothing unfinished: none is discarded at a stop."""
        return 0
