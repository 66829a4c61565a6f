"""OUTPUT SNAPSHOT: what is held is told of at the end of each period, changed or not (semantics
9.4).

Periods lie on a grid that begins at the first row of the query. While nothing is held there is
nothing to tell, and no period ends.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from eventflux.operators.grids import FixedGrid
from eventflux.operators.keyed import KeyedState, Keys
from eventflux.operators.packing import Pack, pack, unpack
from eventflux.operators.records import Header, Record, load_all, track_all
from eventflux.operators.ticks import Leave, Tell, Ticks
from eventflux.operators.timers import NEVER, Time


class Snapshots:
    """When a query tells of all that its window holds.

    Generated code calls :meth:`wait` with the place of a row that enters.
    """

    __slots__ = ("_due", "_grid", "_rank", "_time", "header", "held", "leave", "tell")

    def __init__(self, every_ms: int, time: Time, rank: int) -> None:
        self._grid = FixedGrid(every_ms, None)
        self._time = time
        self._rank = rank
        self._due: int | None = None
        self.header = Header(1)
        self.held: Callable[[], list[Any]] = list
        """Gives what is held: what there is to tell of."""
        self.tell: Tell = _no_code
        """Gives the rows of that."""
        self.leave: Leave | None = None

    def wait(self, place: int) -> None:
        """Something is held, from ``place`` on."""
        if self._due is None:
            self._set(max(place, self._time.mark))

    def _set(self, place: int) -> None:
        """Have the period end that a place is in."""
        self._due = self._grid.next(self._grid.start_of(place))
        self._time.schedule(self._due, self._rank, self.end)

    def end(self, due: int) -> None:
        """End the period that ends at ``due``, if one does; once. A window that closes then calls
        it first, so that it is told of as a whole."""
        if due != self._due:
            return
        if self.leave is not None:
            self.leave(due)
        self._due = None
        held = self.held()
        if not held:
            return
        if not self._time.ending:  # what the clock has missed meanwhile is not made up for
            self._set(max(due, self._time.now))
        self.tell(due, held)

    @property
    def next_due(self) -> int:
        return NEVER if self._due is None else self._due

    def pending(self) -> int:
        """No row waits: what is told is told again."""
        return 0

    def discard(self) -> int:
        self._due = self._grid.origin = None
        return 0

    def track(self) -> None:
        track_all(self.header)

    def cut(self) -> Iterator[Record]:
        return self.header.cut(self._plain())

    def load(self, records: Iterable[tuple[bytes, bytes]]) -> None:
        load_all(records, self.header)
        self._resume(self.header.values or [None, None])

    def _plain(self) -> list[Any]:
        return [self._due, self._grid.origin]

    def _resume(self, plain: list[Any]) -> None:
        self._due, self._grid.origin = plain
        if self._due is not None:
            self._time.schedule(self._due, self._rank, self.end)

    def size(self) -> tuple[int, int]:
        """Nothing beside what the window holds."""
        return 0, 0


class GroupSnapshots(Snapshots):
    """When a query tells of its groups, in the order in which they were first seen.

    Generated code calls :meth:`note` as it does of :class:`Ticks`.
    """

    __slots__ = ("_groups", "_number", "seen")

    def __init__(
        self,
        groups: Mapping[Any, Any],
        every_ms: int,
        keys: int,
        pack: Pack,
        time: Time,
        rank: int,
    ) -> None:
        """``groups`` are those that are there; ``keys`` is how many parts a key has."""
        super().__init__(every_ms, time, rank)
        self._groups = groups
        self._number = 0
        self.seen = KeyedState(b"c", Keys(keys, pack), _encoded, _decoded, marks=False)
        """The number of each group."""
        self.held = self._in_order

    def note(self, key: Any, place: int) -> None:
        """A group has a row, or has lost one."""
        if key not in self.seen.by_key:
            self._number += 1
            self.seen.put(key, self._number)
        self.wait(place)

    def _in_order(self) -> list[Any]:
        """The keys of the groups; those that are there no more are forgotten."""
        numbers = self.seen.by_key
        for key in [key for key in numbers if key not in self._groups]:
            self.seen.pop(key)
        return sorted(numbers, key=numbers.__getitem__)

    def discard(self) -> int:
        self.seen.clear()
        return super().discard()

    def track(self) -> None:
        track_all(self.header, self.seen)

    def cut(self) -> Iterator[Record]:
        return chain(self.header.cut([self._number, *self._plain()]), self.seen.cut())

    def load(self, records: Iterable[tuple[bytes, bytes]]) -> None:
        load_all(records, self.header, self.seen)
        self._number, *plain = self.header.values or [0, None, None]
        self._resume(plain)

    def size(self) -> tuple[int, int]:
        """Groups, and about how many bytes their numbers take."""
        count = len(self.seen.by_key)
        return count, sys.getsizeof(self.seen.by_key) + 100 * count


Telling = Ticks | Snapshots
"""What has a query tell of what it holds when time has come."""


def _encoded(number: int) -> bytes:
    return pack([number])


def _decoded(value: bytes, key: Any) -> int:
    [number] = unpack(value)
    return int(number)


def _no_code(due: int, held: list[Any]) -> None:
    raise RuntimeError("what tells of what is held was not compiled")
