"""What a window in batches collects until its end: rows as they are, or groups."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, Protocol

from eventflux.operators.groups import Groups
from eventflux.operators.logs import LogState
from eventflux.operators.packing import Pack, pack
from eventflux.operators.records import Block, Record

OpenWindow = tuple[int, int, Any]
"""The start and the end of a window, 0 where it has none in time, and what has entered it: groups
by key or a list of rows."""


class Contents(Block, Protocol):
    """What a window collects until its end."""

    @property
    def form(self) -> tuple[str, ...]: ...
    @property
    def live(self) -> Any:
        """What generated code fills: groups by key, or a list of rows."""

    def cut(self) -> Iterator[Record]: ...
    def size(self) -> tuple[int, int]: ...
    def pending(self) -> int: ...
    def clear(self) -> None: ...


class BufferedRows:
    """The rows of a batch as tuples of the columns needed later, the event time last."""

    __slots__ = ("_log", "rows", "tag")

    def __init__(self, pack: Pack = pack, tag: bytes = b"r") -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.tag = tag
        self._log = LogState(tag, pack)

    @property
    def form(self) -> tuple[str, ...]:
        """A row is as its query has it: nothing else tells."""
        return ()

    @property
    def live(self) -> list[tuple[Any, ...]]:
        return self.rows

    def track(self) -> None:
        self._log.track()

    def cut(self) -> Iterator[Record]:
        count = len(self.rows)
        return self._log.cut(count, count, lambda fresh: self.rows[-fresh:])

    def reset(self) -> None:
        self.rows.clear()
        self._log.reset()

    def load(self, key: bytes, value: bytes) -> None:
        self._log.load(key, value)

    def loaded(self) -> None:
        self._log.loaded()
        self.rows.extend(map(tuple, self._log.take()))

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
        self._log.clear()


class GroupedRows(Groups):
    """The rows of a batch folded into one accumulator a group as they come.

    Its accumulators count their rows in the field ``n``.
    """

    __slots__ = ()

    @property
    def live(self) -> dict[Any, Any]:
        return self.by_key

    def pending(self) -> int:
        """How many rows of the input are held."""
        return sum(accumulator.n for accumulator in self.by_key.values())
