"""The latest rows of frequent keys: frequent and lossyFrequent (semantics 5.13)."""

from __future__ import annotations

import math
from typing import Any

from eventflux.operators.entries import Entry, EntryWindow
from eventflux.operators.groups import Groups
from eventflux.operators.keyed import KeyedState, Keys
from eventflux.operators.packing import Pack, pack, unpack


class _CountedRows(EntryWindow):
    """Keys that are counted, each with the entry of its latest row, ``None`` where nothing
    aggregates."""

    __slots__ = ("counts",)

    def __init__(self, groups: Groups | None, keys: Keys, pack: Pack = pack) -> None:
        super().__init__(groups, keys, pack)
        self.counts = _numbers(b"c", keys)

    def replace(self, key: Any) -> list[Entry]:
        """Take out the entry of the row that a new one of ``key`` replaces, if there is one."""
        if key not in self.entries.by_key:
            return []
        entry = self.entries.pop(key)
        return [] if entry is None else [entry]

    def _drop(self, keys: list[Any]) -> list[Entry]:
        """Forget keys; gives their entries, which leave."""
        for key in keys:
            self.counts.pop(key)
        return [entry for key in keys for entry in self.replace(key)]

    def _beside(self) -> tuple[KeyedState, ...]:
        return (self.counts,)


class FrequentRows(_CountedRows):
    """At most ``most`` counters, as Misra and Gries have them.

    J. Misra, D. Gries: Finding repeated elements. Science of Computer Programming 2 (1982).
    """

    __slots__ = ("_most",)

    def __init__(self, most: int, groups: Groups | None, keys: Keys, pack: Pack = pack) -> None:
        super().__init__(groups, keys, pack)
        self._most = most

    def admits(self, key: Any) -> bool:
        """Whether a row of ``key`` finds a counter, perhaps one that falls to zero now."""
        counts = self.counts.by_key
        return key in counts or len(counts) < self._most or 1 in counts.values()

    def count(self, key: Any) -> list[Entry]:
        """Count a row of ``key``, which is admitted; gives the entries that leave."""
        left: list[Entry] = []
        counts = self.counts.by_key
        if key not in counts and len(counts) == self._most:
            left = self.decrement()
        self.counts.put(key, counts.get(key, 0) + 1)
        return left + self.replace(key)

    def decrement(self) -> list[Entry]:
        """Take one from every counter; gives the entries of those that fall to zero."""
        counts = self.counts.by_key
        gone = [key for key, count in counts.items() if count == 1]
        left = self._drop(gone)
        for key, count in counts.items():
            self.counts.put(key, count - 1)
        return left


class LossyFrequentRows(_CountedRows):
    """Counters by buckets of rows, as Manku and Motwani have them.

    A count is too low by at most the key's ``delta``, the number of buckets before it was there.
    G. S. Manku, R. Motwani: Approximate frequency counts over data streams. VLDB 2002.
    """

    __slots__ = ("_deltas", "_share", "_width", "number")

    def __init__(
        self, support: float, error: float, groups: Groups | None, keys: Keys, pack: Pack = pack
    ) -> None:
        super().__init__(groups, keys, pack)
        self._deltas = _numbers(b"d", keys)
        self._share = support - error
        self._width = math.ceil(1 / error)
        self.number = 0
        """How many rows there were so far."""

    def count(self, key: Any) -> bool:
        """Count a row of ``key``; whether it is frequent, so that its row is given."""
        self.number += 1
        counted = self.counts.by_key.get(key, 0) + 1
        self.counts.put(key, counted)
        if counted == 1:
            self._deltas.put(key, math.ceil(self.number / self._width) - 1)
        return bool(counted >= self._share * self.number)

    def end_bucket(self) -> list[Entry]:
        """Behind the last row of a bucket: forget the rare keys; gives their entries."""
        if self.number % self._width:
            return []
        bucket = self.number // self._width
        deltas = self._deltas.by_key
        rare = [k for k, count in self.counts.by_key.items() if count + deltas[k] <= bucket]
        for key in rare:
            self._deltas.pop(key)
        return self._drop(rare)

    def _beside(self) -> tuple[KeyedState, ...]:
        return (self.counts, self._deltas)

    def _plain(self) -> list[Any]:
        return [self.number]

    def _arrange(self, plain: list[Any]) -> None:
        [self.number] = plain or [0]


def _numbers(tag: bytes, keys: Keys) -> KeyedState:
    """Numbers by key."""

    def encode(number: int) -> bytes:
        return pack([number])

    def decode(value: bytes, key: Any) -> int:
        [number] = unpack(value)
        return int(number)

    return KeyedState(tag, keys, encode, decode, marks=False)
