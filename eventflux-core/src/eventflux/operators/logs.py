"""Rows in the order in which they came, of which a cut gives the new ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Any

from eventflux.base.errors import StateError
from eventflux.operators.packing import Pack, pack, unpack
from eventflux.operators.records import Gone, Record

_HEAD = b""


class LogState:
    """What is stored of rows that are appended at the end and leave at the head.

    Rows are numbered from 0 as they come, and stored in chunks. A cut stores the new ones, drops
    the chunks that were left behind, and notes where in the first chunk the head is. The rows
    themselves are with the operator, which tells at each cut what it holds, and takes over those
    that were loaded.
    """

    __slots__ = (
        "_chunks", "_cleared", "_head", "_loading", "_pack", "_rows", "_stored", "_tracked", "tag",
    )  # fmt: skip

    CHUNK = 500
    """How many rows go into a record."""

    def __init__(self, tag: bytes, pack: Pack = pack) -> None:
        """``pack`` encodes a list of rows as the operator gives them."""
        self.tag = tag
        self._pack = pack
        self._tracked = False
        self._cleared = False
        self._chunks: deque[tuple[int, int]] = deque()
        """The stored chunks: the number of the first row, and of the one behind the last."""
        self._stored = 0
        self._head = 0
        """The number of the first row, as it is stored."""
        self._loading: dict[bytes, bytes] = {}
        self._rows: list[Any] = []

    def track(self) -> None:
        self._tracked = True
        self.clear()

    def clear(self) -> None:
        """All rows have left at once; the next one has number 0 again."""
        self._chunks.clear()
        self._stored = self._head = 0
        self._cleared = self._tracked

    @property
    def entered(self) -> int:
        """After a load: how many rows have entered so far, also those that have left."""
        return self._stored

    def cut(
        self, entered: int, held: int, newest: Callable[[int], Iterable[Any]]
    ) -> Iterator[Record]:
        """What has changed since the last cut.

        Args:
            entered: how many rows have been appended since the start or the last :meth:`clear`;
                after :meth:`track` it may be counted from ``held`` on.
            held: how many of them are there still.
            newest: gives so many of the newest rows, in order; called at once, and what it gives
                is read later.
        """
        head = entered - held
        fresh = min(entered - self._stored, held)
        gone: list[Record] = [(self.tag, Gone.ALL)] if self._cleared else []
        while self._chunks and self._chunks[0][1] <= head:
            gone.append((self._key(self._chunks.popleft()[0]), Gone.ONE))
        if head != self._head:
            gone.append((self.tag + _HEAD, pack([head])))
        first = entered - fresh
        for start in range(first, entered, self.CHUNK):
            self._chunks.append((start, min(start + self.CHUNK, entered)))
        self._cleared, self._stored, self._head = False, entered, head
        return chain(gone, self._records(first, newest(fresh) if fresh else ()))

    def _records(self, first: int, rows: Iterable[Any]) -> Iterator[Record]:
        coming = iter(rows)
        while chunk := list(islice(coming, self.CHUNK)):
            yield self._key(first), self._pack(chunk)
            first += len(chunk)

    def _key(self, number: int) -> bytes:
        return self.tag + number.to_bytes(8, "big")

    def reset(self) -> None:
        self.clear()
        self._cleared = False
        self._rows = []
        self._loading = {}

    def load(self, key: bytes, value: bytes) -> None:
        self._loading[key] = value

    def loaded(self) -> None:
        chunks, self._loading = self._loading, {}
        if _HEAD in chunks:
            [self._head] = unpack(chunks.pop(_HEAD))
        self._stored = self._head
        for key, chunk in sorted(chunks.items()):
            first, rows = int.from_bytes(key, "big"), unpack(chunk)
            if first > self._stored:
                raise StateError(f"the rows from {self._stored} to {first} are missing")
            self._rows += rows[self._stored - first :]
            self._stored = first + len(rows)
            self._chunks.append((first, self._stored))

    def take(self) -> list[Any]:
        """The rows that were loaded, as :func:`unpack` gives them; once."""
        rows, self._rows = self._rows, []
        return rows
