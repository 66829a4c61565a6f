"""Panes: the open windows of a query under a watermark, several at once (semantics 5.5, 9.0).

How generated code drives them. ``place`` is the event time of a row, ``mark`` the watermark of the
query, both epoch milliseconds::

    if place < mark and panes.is_late(place):
        late(index, row, place)              # to <stream>.late; nothing else changes
    else:
        ...                                  # filters, keys and arguments: all that can fail
        if not panes.start <= place < panes.end:
            panes.enter(place)               # makes the pane of the row the current one
        groups = panes.current               # its groups by key, or its list of rows; what notes
                                             # their changes for a store is panes.contents
        ...                                  # fold or append the row
        if panes.given:                      # only where there is a lateness
            panes.give_again(key)

With a lateness ``L`` the first comparison is ``place < mark - L``: nothing newer can be late, so
that a row in order costs two comparisons. Pane and group are changed only when nothing of the row
can fail any more.

A pane closes when the watermark reaches its end: its rows are given by :attr:`Panes.flush`,
generated code too, and it is kept for the lateness. Until then a row that enters gives the row of
its group again (of a pane that holds rows as they are, its own row).

A window by which a row is in several panes at once (hop) asks :meth:`Panes.pane` for each of its
ends and folds into the ``contents`` of each; such a row is late only if all of them have closed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

from eventflux.operators.grids import Grid
from eventflux.operators.records import Gone, Header, Record, load_all, load_into, track_all
from eventflux.operators.timers import NEVER
from eventflux.operators.tumbling import BufferedRows, GroupedRows
from eventflux.operators.watermarks import Watermark

GivePane = Callable[[int, int, Any, int], None]
"""Generated code that emits the contents of a pane as one batch: ``flush(start, end, contents,
first)``, the contents being groups by key or a list of rows, of which it gives those from
``first`` on."""


class Pane:
    """One window ``[start, end)`` and what has entered it."""

    __slots__ = ("contents", "end", "given", "start")

    def __init__(self, start: int, end: int, contents: BufferedRows | GroupedRows) -> None:
        self.start = start
        self.end = end
        self.contents = contents
        self.given = False
        """Whether its rows have been given: the watermark has reached its end."""

    @property
    def live(self) -> Any:
        """What generated code fills: the groups by key, or the list of rows."""
        contents = self.contents
        return contents.by_key if isinstance(contents, GroupedRows) else contents.rows


class Panes:
    """The open panes of a window on a grid of time.

    ``start``, ``end``, ``current``, ``contents`` and ``given`` are those of the pane that the last
    row entered; with no such pane ``end`` is low, so that no place is in it.
    """

    __slots__ = (
        "_by_end", "_forgotten", "_grid", "_header", "_new", "_origin", "_rank", "_tracked",
        "_watermark", "contents", "current", "end", "flush", "given", "start",
    )  # fmt: skip

    def __init__(
        self,
        contents: Callable[[bytes], BufferedRows | GroupedRows],
        grid: Grid,
        watermark: Watermark,
        rank: int,
    ) -> None:
        """``contents`` makes those of a new pane, whose records' keys begin with what it is
        given; ``rank`` orders windows due at once."""
        self._by_end: dict[int, Pane] = {}
        self._new = contents
        self._grid = grid
        self._origin = grid.origin
        self._watermark = watermark
        self._rank = rank
        self._header = Header([1, *contents(b"").shape])
        self._tracked = False
        self._forgotten: list[int] = []
        """The ends of the panes that are gone since the last cut."""
        self.flush: GivePane = _no_code
        self.contents: Any
        self.current: Any
        self._leave()

    def is_late(self, place: int) -> bool:
        """Whether the watermark has closed the window of ``place``, lateness included."""
        if self._grid.origin is None:
            return False  # the first row makes the grid
        end = self._grid.next(self._grid.start_of(place))
        return end + self._watermark.lateness <= self._watermark.mark

    def enter(self, place: int) -> None:
        """Make the pane of ``place``, which is not late, the current one."""
        start = self._grid.start_of(place)
        pane = self.pane(start, self._grid.next(start))
        self.start, self.end = pane.start, pane.end
        self.current, self.contents, self.given = pane.live, pane.contents, pane.given

    def pane(self, start: int, end: int) -> Pane:
        """The pane ``[start, end)``, opened if it is not there; it must not have closed."""
        pane = self._by_end.get(end)
        if pane is None:
            pane = self._by_end[end] = Pane(start, end, self._new(_tag(end)))
            pane.given = end <= self._watermark.mark
            if self._tracked:
                pane.contents.track()
            self._schedule(pane)
        return pane

    def give_again(self, key: Any = None) -> None:
        """Give the row of a group of the current pane again, or of a pane of rows its last."""
        groups = self.current
        if isinstance(groups, list):
            self.flush(self.start, self.end, groups, len(groups) - 1)
        else:
            self.flush(self.start, self.end, {key: groups[key]}, 0)

    def give_all_again(self) -> None:
        """Give the current pane again, where its rows depend on each other."""
        self.flush(self.start, self.end, self.current, 0)

    @property
    def next_due(self) -> int:
        """When the next pane closes by its watermark, :data:`NEVER` if there is none."""
        return min((pane.end for pane in self._by_end.values() if not pane.given), default=NEVER)

    def _schedule(self, pane: Pane) -> None:
        if pane.given:
            due = pane.end + self._watermark.lateness
            self._watermark.schedule(due, self._rank, self._forget)
        else:
            self._watermark.schedule(pane.end, self._rank, self._close)

    def _close(self, due: int) -> None:
        pane = self._by_end.get(due)
        if pane is None or pane.given:
            return
        pane.given = True
        if self._watermark.lateness:
            self._schedule(pane)
        else:
            self._drop(due)
        self._leave()
        self.flush(pane.start, pane.end, pane.live, 0)

    def _forget(self, due: int) -> None:
        self._drop(due - self._watermark.lateness)
        self._leave()

    def _drop(self, end: int) -> None:
        if self._by_end.pop(end, None) is not None and self._tracked:
            self._forgotten.append(end)

    def _leave(self) -> None:
        """Have no current pane."""
        self.start = self.end = -NEVER
        self.current = self.contents = None
        self.given = False

    def pending(self) -> int:
        """How many rows of the input are held and have not been given."""
        return sum(p.contents.pending() for p in self._by_end.values() if not p.given)

    def discard(self) -> int:
        """Drop the open panes; gives how many rows were in them, not given."""
        lost = self.pending()
        for end in list(self._by_end):
            self._drop(end)
        self._leave()
        return lost

    def track(self) -> None:
        self._tracked = True
        track_all(self._header, *(pane.contents for pane in self._by_end.values()))

    def cut(self) -> Iterator[Record]:
        panes = self._by_end.values()
        head = self._header.cut([self._grid.origin, *([p.start, p.end, p.given] for p in panes)])
        gone: list[Record] = [(_tag(end), Gone.ALL) for end in self._forgotten]
        self._forgotten = []
        return chain(head, gone, *[pane.contents.cut() for pane in panes])

    def load(self, records: Iterable[tuple[bytes, bytes]]) -> None:
        self._by_end.clear()
        self._forgotten = []
        self._leave()
        stored = list(records)
        load_all(((k, v) for k, v in stored if k[:1] == self._header.tag), self._header)
        self._grid.origin, *panes = self._header.values or [self._origin]
        for start, end, given in panes:
            pane = self._by_end[end] = Pane(start, end, self._new(_tag(end)))
            pane.given = given
            if self._tracked:
                pane.contents.track()
            self._schedule(pane)
        load_into(
            ((k, v) for k, v in stored if k[:1] != self._header.tag),
            [pane.contents for pane in self._by_end.values()],
        )

    def size(self) -> tuple[int, int]:
        """Groups or rows held in all panes, and about how many bytes they take."""
        sizes = [pane.contents.size() for pane in self._by_end.values()]
        return sum(count for count, _ in sizes), sum(size for _, size in sizes)


def _tag(end: int) -> bytes:
    """What the keys of a pane's records begin with, before the tag of its contents."""
    return b"p" + (end % 2**64).to_bytes(8, "big")


def _no_code(start: int, end: int, contents: Any, first: int) -> None:
    raise RuntimeError("the window's flush was not compiled")
