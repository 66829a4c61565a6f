"""Tumbling and timeBatch windows: batches of rows on a fixed grid of time (semantics 5.5)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Protocol

from eventflux.operators.groups import CHUNK_GROUPS, Groups
from eventflux.operators.packing import Pack, pack, unpack
from eventflux.operators.timers import NEVER, Timers

Flush = Callable[[int, int], None]
"""Generated code that emits the batch in the contents: ``flush(window_start, window_end)``."""


class Contents(Protocol):
    """What a window collects until its end."""

    def snapshot(self) -> Iterator[bytes]: ...
    def restore(self, chunks: Iterable[bytes]) -> None: ...
    def size(self) -> tuple[int, int]: ...
    def pending(self) -> int: ...
    def clear(self) -> None: ...


class BufferedRows:
    """The rows of a batch as tuples of the columns needed later, the event time last."""

    __slots__ = ("_pack", "rows")

    def __init__(self, pack: Pack = pack) -> None:
        self._pack = pack
        self.rows: list[tuple[Any, ...]] = []

    def snapshot(self) -> Iterator[bytes]:
        rows = iter(self.rows)
        while part := list(islice(rows, CHUNK_GROUPS)):
            yield self._pack(part)

    def restore(self, chunks: Iterable[bytes]) -> None:
        self.rows.clear()
        for chunk in chunks:
            self.rows.extend(map(tuple, unpack(chunk)))

    def size(self) -> tuple[int, int]:
        """Rows, and about how many bytes they take."""
        sample = self.rows[:100]
        each = sum(sys.getsizeof(r) + sum(map(sys.getsizeof, r)) for r in sample)
        return len(self.rows), int(each / (len(sample) or 1) * len(self.rows))

    def pending(self) -> int:
        """How many rows of the input are held."""
        return len(self.rows)

    def clear(self) -> None:
        self.rows.clear()


class GroupedRows(Groups):
    """The rows of a batch folded into one accumulator a group as they come.

    Its accumulators count their rows in the field ``n``.
    """

    __slots__ = ()

    def pending(self) -> int:
        """How many rows of the input are held."""
        return sum(accumulator.n for accumulator in self.by_key.values())

    def clear(self) -> None:
        self.by_key.clear()


class TumblingWindow:
    """One open batch ``[start, end)`` at a time, on the grid ``origin + k * size``.

    Rows come with a place that never goes back but for rows of upstream windows; such a row
    enters the open batch, or the first one that has not been closed yet. Generated code
    fills :attr:`contents`, compares places with :attr:`end` and calls :meth:`enter`;
    :attr:`end` is low while no batch is open, so that any place is past it.
    """

    __slots__ = (
        "_closed_until", "_first", "_rank", "_timers",
        "contents", "end", "flush", "origin", "size_ms", "start",
    )  # fmt: skip

    def __init__(
        self, contents: Contents, size_ms: int, origin: int | None, timers: Timers, rank: int
    ) -> None:
        self.contents = contents
        self.size_ms = size_ms
        self.origin = origin
        self.start = self.end = self._closed_until = -NEVER
        self.flush: Flush = _no_code
        self._first = origin
        self._timers = timers
        self._rank = rank

    def enter(self, place: int) -> None:
        """Make the batch of ``place`` the open one, flushing the one before it.

        Called for a place at or past :attr:`end`, before its row goes into the contents.
        """
        if self.is_open:
            self.close()
        if self.origin is None:
            self.origin = place
        place = max(place, self._closed_until)
        self.start = place - (place - self.origin) % self.size_ms
        self.end = self.start + self.size_ms
        self._timers.schedule(self.end, self._rank, self._on_timer)

    @property
    def is_open(self) -> bool:
        return self.end != -NEVER

    @property
    def next_due(self) -> int:
        """When the open batch is due, :data:`NEVER` if there is none."""
        return self.end if self.is_open else NEVER

    def _on_timer(self, due: int) -> None:
        if due == self.end:
            self.close()

    def close(self) -> None:
        """Flush the open batch now, whatever the time."""
        if not self.is_open:
            return
        start, end = self.start, self.end
        self.start = self.end = -NEVER
        self._closed_until = end
        self.flush(start, end)

    def discard(self) -> int:
        """Drop the open batch; gives how many rows were in it."""
        lost = self.contents.pending()
        self.contents.clear()
        if self.is_open:
            self._closed_until = self.end
            self.start = self.end = -NEVER
        return lost

    def snapshot(self) -> Iterator[bytes]:
        """One chunk with the grid and the open batch, then the contents."""
        yield pack([self.origin, self.start, self.end, self._closed_until])
        yield from self.contents.snapshot()

    def restore(self, chunks: Iterable[bytes]) -> None:
        chunks = iter(chunks)
        head = next(chunks, None)
        self.contents.clear()
        if head is None:
            self.origin = self._first
            self.start = self.end = self._closed_until = -NEVER
            return
        self.origin, self.start, self.end, self._closed_until = unpack(head)
        self.contents.restore(chunks)
        if self.is_open:
            self._timers.schedule(self.end, self._rank, self._on_timer)

    def size(self) -> tuple[int, int]:
        """Groups or rows held, and about how many bytes they take."""
        return self.contents.size()


def _no_code(start: int, end: int) -> None:
    raise RuntimeError("the window's flush was not compiled")
