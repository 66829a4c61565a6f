"""Rows that are passed on later: delay (semantics 5.11)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Any

from eventflux.operators.keyed import KeyedState, Keys
from eventflux.operators.packing import Pack, unpack
from eventflux.operators.records import Header, Record, load_all, track_all
from eventflux.operators.timers import NEVER, Time

GiveRows = Callable[[int, list[Any], int], None]
"""Generated code that emits rows: ``flush(place, rows, first)``, those from ``first`` on."""


class DelayedRows:
    """Rows as tuples of what is needed of them, each given ``delay_ms`` behind its place.

    Generated code calls :meth:`add`. Rows come out one by one, in order of their places.
    """

    __slots__ = (
        "_delay", "_number", "_pack", "_rank", "_time", "_waiting", "flush", "header", "rows",
    )  # fmt: skip

    def __init__(self, delay_ms: int, pack: Pack, time: Time, rank: int) -> None:
        self._delay = delay_ms
        self._pack = pack
        self._time = time
        self._rank = rank
        self._number = 0
        self.header = Header(1)
        self._waiting: dict[int, list[int]] = {}
        """The numbers of the rows that are due, by when."""
        self.rows = KeyedState(b"r", Keys(1), self._encoded, _decoded, marks=False)
        """Place and row by number."""
        self.flush: GiveRows = _no_code

    def add(self, place: int, row: tuple[Any, ...]) -> None:
        """Hold a row back."""
        self._number += 1
        self.rows.put(self._number, (place, row))
        self._wait(self._number, place)

    def _wait(self, number: int, place: int) -> None:
        due = place + self._delay
        if due not in self._waiting:
            self._waiting[due] = []
            self._time.schedule(due, self._rank, self._give)
        self._waiting[due].append(number)

    def _give(self, due: int) -> None:
        for number in self._waiting.pop(due, ()):
            _, row = self.rows.pop(number)
            self.flush(due, [row], 0)

    @property
    def next_due(self) -> int:
        return min(self._waiting, default=NEVER)

    def pending(self) -> int:
        """Rows that wait."""
        return len(self.rows.by_key)

    def discard(self) -> int:
        """Drop them; gives how many there were."""
        lost = self.pending()
        self.rows.clear()
        self._waiting.clear()
        return lost

    def track(self) -> None:
        track_all(self.header, self.rows)

    def cut(self) -> Iterator[Record]:
        return chain(self.header.cut([self._number]), self.rows.cut())

    def load(self, records: Iterable[tuple[bytes, bytes]]) -> None:
        load_all(records, self.header, self.rows)
        [self._number] = self.header.values or [0]
        self._waiting.clear()
        for number, (place, _) in sorted(self.rows.by_key.items()):
            self._wait(number, place)

    def _encoded(self, held: tuple[int, tuple[Any, ...]]) -> bytes:
        return self._pack(list(held))

    def size(self) -> tuple[int, int]:
        """Rows, and about how many bytes they take."""
        rows = self.rows.by_key
        sample = [row for _, row in islice(rows.values(), 100)]
        each = sum(sys.getsizeof(row) + sum(map(sys.getsizeof, row)) for row in sample)
        return len(rows), sys.getsizeof(rows) + int(each / (len(sample) or 1) * len(rows))


def _decoded(value: bytes, number: int) -> tuple[int, tuple[Any, ...]]:
    place, row = unpack(value)
    return place, tuple(row)


def _no_code(place: int, rows: list[Any], first: int) -> None:
    raise RuntimeError("what becomes of delayed rows was not compiled")
