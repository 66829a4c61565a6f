"""The lengthBatch window: batches of a number of rows (semantics 5.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

from eventflux.operators.contents import BufferedRows, Contents, GroupedRows, OpenWindow
from eventflux.operators.records import Header, Record, load_all, track_all
from eventflux.operators.timers import NEVER

FlushCounted = Callable[[int], None]
"""Generated code that emits the batch in the contents, at the place of the row that filled it."""

GiveChange = Callable[[int, dict[Any, Any], int], None]
"""Generated code that emits the row of each of some groups: ``give(place, groups, 0)``."""


class LengthBatchWindow:
    """One batch, which its ``length``-th row fills.

    Generated code fills :attr:`contents`, counts in :attr:`rows` each row that enters, those that
    a filter behind the window takes away among them, and calls :meth:`close` with the last.
    """

    __slots__ = ("contents", "flush", "header", "length", "rows")

    def __init__(self, contents: Contents, length: int) -> None:
        self.contents = contents
        self.length = length
        self.rows = 0
        self.flush: FlushCounted = _no_code
        self.header = Header(1, *contents.form)

    @property
    def next_due(self) -> int:
        return NEVER

    def close(self, place: int) -> None:
        """Flush the batch, full or not."""
        if self.rows:
            self.rows = 0
            self.flush(place)

    def open_windows(self) -> list[OpenWindow]:
        """The batch, if it has rows."""
        live = self.contents.live
        return [(0, 0, live)] if live else []

    def pending(self) -> int:
        """How many rows are held."""
        return self.contents.pending()

    def discard(self) -> int:
        """Drop the batch; gives how many rows were in it."""
        lost = self.pending()
        self.contents.clear()
        self.rows = 0
        return lost

    def track(self) -> None:
        track_all(self.header, self.contents)

    def cut(self) -> Iterator[Record]:
        return chain(self.header.cut([self.rows]), self.contents.cut())

    def load(self, records: Iterable[tuple[bytes, bytes]]) -> None:
        load_all(records, self.header, self.contents)
        [self.rows] = self.header.values or [0]

    def size(self) -> tuple[int, int]:
        """Groups or rows held, and about how many bytes they take."""
        return self.contents.size()


class LeavingBatch(LengthBatchWindow):
    """A batch of rows, and the one before it, which leaves when this one is full."""

    __slots__ = ("_before", "_rows", "left_at")

    def __init__(self, rows: BufferedRows, length: int, before: BufferedRows) -> None:
        super().__init__(rows, length)
        self._rows = rows
        self._before = before
        self.left_at = -NEVER
        """The event time of rows that leave: that of the row that has them leave."""

    @property
    def left(self) -> list[OpenWindow]:
        """The batch before, if it has rows."""
        rows = self._before.rows
        return [(0, 0, rows)] if rows else []

    def close(self, place: int, time: int | None = None) -> None:
        """``time`` is the event time of the row that fills the batch."""
        if not self.rows:
            return
        self.left_at = place if time is None else time
        super().close(place)
        self._before.clear()
        self._before.rows.extend(self._rows.rows)
        self._rows.clear()

    def discard(self) -> int:
        self._before.clear()
        return super().discard()

    def track(self) -> None:
        track_all(self.header, self.contents, self._before)

    def cut(self) -> Iterator[Record]:
        return chain(super().cut(), self._before.cut())

    def load(self, records: Iterable[tuple[bytes, bytes]]) -> None:
        load_all(records, self.header, self.contents, self._before)
        [self.rows] = self.header.values or [0]

    def size(self) -> tuple[int, int]:
        rows, taken = super().size()
        before, more = self._before.size()
        return rows + before, taken + more


class ChangingBatch(LengthBatchWindow):
    """A batch of groups that gives a row with each event; nothing is left to give when it is full.

    Generated code calls :meth:`give_change` when a row has been folded.
    """

    __slots__ = ("_groups", "give")

    closing = True
    """What it gives lasts: nothing more is given of its rows when it is full."""

    def __init__(self, groups: GroupedRows, length: int) -> None:
        super().__init__(groups, length)
        self._groups = groups
        self.give: GiveChange = _no_code

    def give_change(self, place: int, key: Any) -> None:
        """Give what the group of the row has come to."""
        self.give(place, {key: self._groups.by_key[key]}, 0)

    def close(self, place: int) -> None:
        self.discard()

    def pending(self) -> int:
        """Rows that wait for a row of their own: none."""
        return 0


def _no_code(*_: Any) -> None:
    raise RuntimeError("the window's flush was not compiled")
