"""EMIT EVERY: groups that have changed are told of at ticks (semantics 5.16).

Generated code calls :meth:`Ticks.note` with the key of a group and the place of what changes it:
of a row that enters, or of one that makes another leave. A change is told at the first tick behind
its place. Ticks are the boundaries of a grid that no row has made, so that every query, and every
run, has the same; with nothing to tell there is none.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

from eventflux.operators.grids import Grid
from eventflux.operators.groups import Groups
from eventflux.operators.keyed import KeyedState, Keys
from eventflux.operators.packing import Pack, pack, unpack
from eventflux.operators.records import Header, Record, load_all, track_all
from eventflux.operators.timers import NEVER, Time

Tell = Callable[[int, list[Any]], None]
"""Gives the rows of the groups that have these keys, at a tick: ``tell(due, keys)``."""

GiveGroups = Callable[[int, dict[Any, Any], int], None]
"""Generated code that emits a row of each group: ``give(place, groups, 0)``."""

Leave = Callable[[int], int | None]
"""Generated code that takes out the rows that have left a window by a time, and gives when the next
one does, ``None`` for never."""


class Ticks:
    """The groups that have changed and have not been told of, each with when it is."""

    __slots__ = (
        "_due", "_end", "_grid", "_in_windows", "_number", "_rank", "_start", "_time", "changed",
        "header", "leave", "tell",
    )  # fmt: skip

    def __init__(
        self, grid: Grid, keys: int, pack: Pack, time: Time, rank: int, *, in_windows: bool
    ) -> None:
        """``keys`` is how many parts a key has; ``in_windows`` says that windows hold the rows of
        a group, and give them when they close."""
        self._grid = grid
        self._in_windows = in_windows
        self._time = time
        self._rank = rank
        self._start = self._end = -NEVER
        """A period of the grid: what changes in it is told at its end."""
        self._number = 0
        self._due: dict[int, list[Any]] = {}
        """The ticks that are set, with the keys that may have to be told then."""
        self.header = Header(1)
        self.changed = KeyedState(b"c", Keys(keys, pack), _encoded, _decoded, marks=False)
        """When a group is told of, and the number of its change, by its key."""
        self.tell: Tell = _no_code
        self.leave: Leave | None = None

    def note(self, key: Any, place: int) -> None:
        """A group has changed."""
        place = max(place, self._time.mark)
        if not self._start <= place < self._end:
            self._start = self._grid.start_of(place)
            self._end = self._grid.next(self._start)
        known = self.changed.by_key.get(key)
        if known is None or self._end < known[0]:
            self._number += 1
            self.changed.put(key, (self._end, self._number))
            self._wait(self._end).append(key)

    def _wait(self, due: int) -> list[Any]:
        """The keys that are looked at by a tick, which is set if it was not."""
        if due not in self._due:
            self._due[due] = []
            self._time.schedule(due, self._rank, self._tick)
        return self._due[due]

    def _tick(self, due: int) -> None:
        leaves = None if self.leave is None else self.leave(due)
        changed = self.changed.by_key
        keys = {key for key in self._due.pop(due, ()) if key in changed and changed[key][0] == due}
        ordered = sorted(keys, key=lambda key: changed[key][1])
        for key in ordered:
            self.changed.pop(key)
        if ordered:
            self.tell(due, ordered)
        if leaves is not None:  # what the clock has missed meanwhile is not made up for
            last = max(leaves, self._time.now) - 1
            self._wait(self._grid.next(self._grid.start_of(last)))

    @property
    def next_due(self) -> int:
        return min(self._due, default=NEVER)

    def pending(self) -> int:
        """How many groups wait to be told of, for each of which a row may be lost."""
        return 0 if self._in_windows else len(self.changed.by_key)

    def discard(self) -> int:
        """Forget all changes; gives how many rows that was."""
        lost = self.pending()
        self.changed.clear()
        self._due.clear()
        return lost

    def track(self) -> None:
        track_all(self.header, self.changed)

    def cut(self) -> Iterator[Record]:
        return chain(self.header.cut([self._number, *sorted(self._due)]), self.changed.cut())

    def load(self, records: Iterable[tuple[bytes, bytes]]) -> None:
        load_all(records, self.header, self.changed)
        self._number, *ticks = self.header.values or [0]
        self._start = self._end = -NEVER
        self._due.clear()
        for due in ticks:
            self._wait(due)
        for key, (due, _) in self.changed.by_key.items():
            self._wait(due).append(key)

    def size(self) -> tuple[int, int]:
        """Groups that have changed, and about how many bytes they take."""
        count = len(self.changed.by_key)
        return count, sys.getsizeof(self.changed.by_key) + 100 * count


def telling_groups(groups: Groups, give: GiveGroups, *, may_be_empty: bool) -> Tell:
    """What tells of groups that are there, and have rows in them: ``may_be_empty`` says that
    some may have none."""
    by_key = groups.by_key

    def tell(due: int, keys: list[Any]) -> None:
        found = {key: by_key[key] for key in keys if key in by_key}
        if may_be_empty:
            found = {key: group for key, group in found.items() if group.n}
        if found:
            give(due, found, 0)

    return tell


def by_window(keys: Iterable[Any], parts: int) -> dict[int, list[Any]]:
    """The keys of groups by those of their windows, of keys that begin with these: a group has
    one of ``parts``."""
    found: dict[int, list[Any]] = {}
    for whole in keys:
        window, *rest = whole if parts else (whole,)
        found.setdefault(window, []).append(rest[0] if parts == 1 else tuple(rest))
    return found


def _encoded(change: tuple[int, int]) -> bytes:
    return pack(list(change))


def _decoded(value: bytes, key: Any) -> tuple[int, int]:
    due, number = unpack(value)
    return due, number


def _no_code(due: int, keys: list[Any]) -> None:
    raise RuntimeError("what tells of changes was not compiled")
