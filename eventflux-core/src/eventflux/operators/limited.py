"""OUTPUT … EVERY: how often the rows of a query come out (semantics 9.4)."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any, Literal, TypeAlias

from eventflux.base.clock import BEGINNING_MS
from eventflux.operators.delayed import GiveRows
from eventflux.operators.grids import FixedGrid
from eventflux.operators.keyed import KeyedState, Keys
from eventflux.operators.packing import Pack, unpack
from eventflux.operators.records import Header, Record, load_all, track_all
from eventflux.operators.timers import NEVER, Time

Mode: TypeAlias = Literal["all", "first at once", "first", "last", "snapshot"]
"""Which rows of a batch come out, and when: at its end, but for those at once."""

_Held: TypeAlias = tuple[int, Any, tuple[Any, ...]]
"""The end of the batch that a row is in, the key of its group, and the row."""

_COUNTED = BEGINNING_MS
"""Stands for the end of a batch that a row ends: no period ends then."""


class LimitedRows:
    """Rows as tuples of what is needed of them, the event time last, in batches of so many rows or
    of a period each.

    Generated code calls :meth:`add`. Rows come out one by one. A batch ends with a row, or when
    time has come to the end of its period; under a watermark several periods may be open. Periods
    lie on a grid that begins at the first row.
    """

    __slots__ = (
        "_batches", "_count", "_due", "_grid", "_keys", "_mode", "_number", "_pack", "_place",
        "_rank", "_size", "_time", "flush", "header", "rows",
    )  # fmt: skip

    def __init__(
        self,
        mode: Mode,
        rows: int | None,
        every_ms: int | None,
        keys: int,
        pack: Pack,
        time: Time,
        rank: int,
    ) -> None:
        """``keys`` is how many parts the key of a group has."""
        self._mode = mode
        self._size = rows
        self._grid = None if every_ms is None else FixedGrid(every_ms, None)
        self._keys = Keys(keys, pack)
        self._pack = pack
        self._time = time
        self._rank = rank
        self._number = self._count = self._place = 0
        self._due: int | None = None
        """When the next snapshot is."""
        self.header = Header(1)
        self._batches: dict[int, dict[Any, int]] = {}
        """The numbers of the rows that are held, by the end of their batch and their group."""
        self.rows = KeyedState(b"r", Keys(1), self._encoded, self._decoded, marks=False)
        """What is held, by number."""
        self.flush: GiveRows = _no_code

    def add(self, place: int, key: Any, row: tuple[Any, ...]) -> int:
        """Take a row; gives how many rows never come out because of it."""
        end = _COUNTED if self._grid is None else self._end_of(place)
        held = self._batches.get(end)
        if held is None:
            held = self._open(end)
        if self._mode == "all":
            key = self._number + 1
        number = held.get(key)
        self._place = place
        self._count += 1
        new = number is None
        if new:
            self._number += 1
            number = held[key] = self._number
        if new or self._mode in ("last", "snapshot"):
            self.rows.put(number, (end, key, row))
        if new and self._mode == "first at once":
            self.rows.put(number, (end, key, ()))
            self._end_if_full()
            self.flush(place, [row], 0)
        else:
            self._end_if_full()
        return 0 if new else 1

    def _end_of(self, place: int) -> int:
        """The end of the period that a row is in; what comes behind the end of its own is in the
        one that is open."""
        if self._mode == "snapshot":
            if self._due is None:
                self._set(self._next(place))
            return _COUNTED
        return self._next(max(place, self._time.mark))

    def _next(self, place: int) -> int:
        assert self._grid is not None
        return self._grid.next(self._grid.start_of(place))

    def _open(self, end: int) -> dict[Any, int]:
        held = self._batches[end] = {}
        if end != _COUNTED:
            self._time.schedule(end, self._rank, self._at_end)
        return held

    def _end_if_full(self) -> None:
        if self._size is not None and self._count >= self._size:
            self._end(_COUNTED, self._place)

    def _at_end(self, due: int) -> None:
        if due in self._batches:
            self._end(due, due)

    def _end(self, end: int, place: int) -> None:
        """End a batch: what it holds comes out at ``place``."""
        self._count = 0
        held = [self.rows.pop(number)[2] for number in self._batches.pop(end).values()]
        if self._mode == "first at once":
            return  # these have come out
        for row in held:
            self.flush(place, [row], 0)

    def _set(self, due: int) -> None:
        self._due = due
        self._time.schedule(due, self._rank, self._tell)

    def _tell(self, due: int) -> None:
        """Give the latest row of each group, as of now; what time has missed is not made up for."""
        assert self._grid is not None
        self._due = None
        if not self._time.ending:
            self._set(self._next(max(due, self._time.now)))
        for number in list(self._batches[_COUNTED].values()):
            row = self.rows.by_key[number][2]
            self.flush(due, [(*row[:-1], due)], 0)

    @property
    def counts(self) -> bool:
        """Whether a row ends a batch, and not time."""
        return self._size is not None

    def close(self) -> None:
        """The app stops: what is held comes out now, but for snapshots."""
        if self._mode == "snapshot":
            return
        for end in sorted(self._batches):
            self._end(end, self._place if end == _COUNTED else end)

    @property
    def next_due(self) -> int:
        if self._mode == "snapshot":
            return NEVER if self._due is None else self._due
        return min(self._batches, default=NEVER) if self._grid is not None else NEVER

    def pending(self) -> int:
        """Rows that wait to come out."""
        return 0 if self._mode in ("first at once", "snapshot") else len(self.rows.by_key)

    def discard(self) -> int:
        """Drop them; gives how many there were."""
        lost = self.pending()
        self._forget()
        self.rows.clear()
        return lost

    def _forget(self) -> None:
        self._batches.clear()
        self._count = 0
        self._due = None
        if self._grid is not None:
            self._grid.origin = None

    def track(self) -> None:
        track_all(self.header, self.rows)

    def cut(self) -> Iterator[Record]:
        origin = None if self._grid is None else self._grid.origin
        values = [self._number, self._count, self._place, self._due, origin]
        return chain(self.header.cut(values), self.rows.cut())

    def load(self, records: Iterable[tuple[bytes, bytes]]) -> None:
        load_all(records, self.header, self.rows)
        self._forget()
        values: list[Any] = self.header.values or [0, 0, 0, None, None]
        self._number, self._count, self._place, due, origin = values
        if self._grid is not None:
            self._grid.origin = origin
        for number, (end, key, _) in sorted(self.rows.by_key.items()):
            held = self._batches.get(end)
            if held is None:
                held = self._open(end)
            held[key] = number
        if due is not None:
            self._set(due)

    def _encoded(self, held: _Held) -> bytes:
        end, key, row = held
        parts = [key] if self._mode == "all" else self._keys.parts(key)
        return self._pack([end, parts, list(row)])

    def _decoded(self, value: bytes, number: int) -> _Held:
        end, parts, row = unpack(value)
        key = parts[0] if self._mode == "all" else self._keys.key(parts)
        return end, key, tuple(row)

    def size(self) -> tuple[int, int]:
        """Rows, and about how many bytes they take."""
        rows = self.rows.by_key
        sample = [row for _, _, row in islice(rows.values(), 100)]
        each = sum(sys.getsizeof(row) + sum(map(sys.getsizeof, row)) for row in sample)
        return len(rows), sys.getsizeof(rows) + int(each / (len(sample) or 1) * len(rows))


def _no_code(place: int, rows: list[Any], first: int) -> None:
    raise RuntimeError("what becomes of limited rows was not compiled")
