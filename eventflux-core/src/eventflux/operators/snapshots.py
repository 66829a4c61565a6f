"""OUTPUT SNAPSHOT: groups are told of at the end of each period, changed or not (semantics 9.4).

Generated code calls :meth:`Snapshots.note` as it does of :class:`Ticks`. Periods lie on a grid that
begins at the first row of the query; while no group has rows there is none to tell of.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from eventflux.operators.grids import FixedGrid
from eventflux.operators.keyed import KeyedState, Keys
from eventflux.operators.packing import Pack, pack, unpack
from eventflux.operators.panes import Time
from eventflux.operators.records import Header, Record, load_all, track_all
from eventflux.operators.ticks import Leave, Tell, Ticks
from eventflux.operators.timers import NEVER


class Snapshots:
    """The groups of a query, in the order in which they were first seen, and when they are told
    of next."""

    __slots__ = (
        "_due", "_grid", "_header", "_number", "_rank", "_time", "groups", "leave", "seen", "tell",
    )  # fmt: skip

    def __init__(self, every_ms: int, keys: int, pack: Pack, time: Time, rank: int) -> None:
        """``keys`` is how many parts a key has."""
        self._grid = FixedGrid(every_ms, None)
        self._time = time
        self._rank = rank
        self._due: int | None = None
        self._number = 0
        self._header = Header([1])
        self.seen = KeyedState(b"c", Keys(keys, pack), _encoded, _decoded, marks=False)
        """The number of each group."""
        self.groups: Mapping[Any, Any] = {}
        """Those that are there."""
        self.tell: Tell = _no_code
        self.leave: Leave | None = None

    def note(self, key: Any, place: int) -> None:
        """A group has a row, or has lost one."""
        if key not in self.seen.by_key:
            self._number += 1
            self.seen.put(key, self._number)
        if self._due is None:
            self._set(max(place, self._time.mark))

    def _set(self, place: int) -> None:
        """Have the period end that a place is in."""
        self._due = self._grid.next(self._grid.start_of(place))
        self._time.schedule(self._due, self._rank, self._tick)

    def _tick(self, due: int) -> None:
        if self.leave is not None:
            self.leave(due)
        self._due = None
        numbers = self.seen.by_key
        for key in [key for key in numbers if key not in self.groups]:
            self.seen.pop(key)
        if not numbers:
            return
        if not self._time.ending:  # what the clock has missed meanwhile is not made up for
            self._set(max(due, self._time.now))
        self.tell(due, sorted(numbers, key=numbers.__getitem__))

    @property
    def next_due(self) -> int:
        return NEVER if self._due is None else self._due

    def pending(self) -> int:
        """No row waits: what is told is told again."""
        return 0

    def discard(self) -> int:
        self.seen.clear()
        self._due = self._grid.origin = None
        return 0

    def track(self) -> None:
        track_all(self._header, self.seen)

    def cut(self) -> Iterator[Record]:
        values = [self._number, self._due, self._grid.origin]
        return chain(self._header.cut(values), self.seen.cut())

    def load(self, records: Iterable[tuple[bytes, bytes]]) -> None:
        load_all(records, self._header, self.seen)
        values: list[Any] = self._header.values or [0, None, None]
        self._number, self._due, self._grid.origin = values
        if self._due is not None:
            self._time.schedule(self._due, self._rank, self._tick)

    def size(self) -> tuple[int, int]:
        """Groups, and about how many bytes their numbers take."""
        count = len(self.seen.by_key)
        return count, sys.getsizeof(self.seen.by_key) + 100 * count


Telling = Ticks | Snapshots
"""What has a query tell of its groups when time has come."""


def _encoded(number: int) -> bytes:
    return pack([number])


def _decoded(value: bytes, key: Any) -> int:
    [number] = unpack(value)
    return int(number)


def _no_code(due: int, keys: list[Any]) -> None:
    raise RuntimeError("what tells of groups was not compiled")
