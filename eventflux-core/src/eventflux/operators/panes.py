"""Panes: windows of which several are open at once (semantics 5.5, 5.6, 5.8, 9.0).

How generated code drives them. ``place`` is where a row stands, epoch milliseconds::

    if place < mark and panes.is_late(place):
        late(index, row, place)              # to <stream>.late; nothing else changes
    else:
        ...                                  # filters, keys and arguments: all that can fail
        if not panes.start <= place < panes.end:
            panes.enter(place)
        for pane in panes.entered:           # those that take the row
            groups = pane.live               # the groups by key, or the list of rows; what notes
            ...                              # changes of groups for a store is pane.contents
            if pane.given:                   # only where there is a lateness
                panes.give_again(pane, key)

A pane goes by a :class:`Time`: a watermark, or the app's clock. With a lateness ``L`` the first
comparison is ``place < mark - L``: nothing newer can be late, so that a row in order costs two
comparisons. Pane and group are changed only when nothing of the row can fail any more.

A pane closes when time reaches its end: its rows are given by :attr:`Panes.flush`, generated code
too, and it is kept for the lateness. Until then a row that enters gives the row of its group
again (of a pane that holds rows as they are, its own row).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from eventflux.operators.contents import BufferedRows, GroupedRows, OpenWindow
from eventflux.operators.records import Gone, Header, Record, load_all, load_into, track_all
from eventflux.operators.spans import Spans
from eventflux.operators.timers import NEVER, Time, Timers

GivePane = Callable[[int, int, Any, int], None]
"""Generated code that emits the contents of a pane as one batch: ``flush(start, end, contents,
first)``, the contents being groups by key or a list of rows, of which it gives those from
``first`` on."""


class Pane:
    """One window ``[start, end)`` and what has entered it."""

    __slots__ = ("contents", "end", "given", "live", "start")

    def __init__(self, start: int, end: int, contents: BufferedRows | GroupedRows) -> None:
        self.start = start
        self.end = end
        self.contents = contents
        self.live = contents.live
        """What generated code fills: the groups by key, or the list of rows."""
        self.given = False
        """Whether its rows have been given: time has reached its end."""


class Panes:
    """The panes of a window that have not been forgotten yet.

    ``entered`` are those that take a row of ``start <= place < end``; with no such place known
    ``end`` is low.
    """

    __slots__ = (
        "_by_end", "_closed_until", "_forgotten", "_kept_until", "_leave_later", "_new", "_origin",
        "_rank", "_spans", "_time", "_tracked", "before_closing", "closing", "end", "entered",
        "flush", "header", "left", "left_at", "place", "start",
    )  # fmt: skip

    closed_by_rows = False
    """Whether what a pane gives stands where the row does that closes it."""

    def __init__(
        self,
        contents: Callable[[bytes], BufferedRows | GroupedRows],
        spans: Spans,
        time: Time,
        rank: int,
        *,
        leave: bool = False,
    ) -> None:
        """``contents`` makes those of a new pane, whose records' keys begin with what it is
        given; ``rank`` orders windows due at once. With ``leave`` the rows of a pane are given once
        more when the next one ends."""
        self._by_end: dict[int, Pane] = {}
        self._new = contents
        self._spans = spans
        self._origin = spans.origin
        self._time = time
        self._rank = rank
        self.header = Header(1, *contents(b"").form)
        self._tracked = False
        self._closed_until = -NEVER
        """The end of the last pane that has closed."""
        self._forgotten: list[int] = []
        """The ends of the panes that are gone since the last cut."""
        self._leave_later = leave
        self._kept_until: dict[int, Pane] = {}
        """The panes that have closed, by when they are forgotten."""
        self.left: Sequence[OpenWindow] = ()
        """While rows are given: those that leave."""
        self.left_at = -NEVER
        """The event time of these."""
        self.flush: GivePane = _no_code
        self.place = -NEVER
        """Where the rows stand that are given, of a window that gives some before it closes."""
        self.closing = True
        """Whether what is given is of a pane that has closed, not of one that goes on."""
        self.before_closing: Callable[[int], object] = nothing_before
        """Called with the time at which panes close, before they do."""
        self.entered: list[Pane]
        self._leave()

    def is_late(self, place: int) -> bool:
        """Whether all windows of ``place`` have closed, lateness included."""
        if self._spans.origin is None:
            return False  # the first row makes the grid
        spans = self._spans.around(place)
        return bool(spans) and spans[-1][1] + self._time.lateness <= self._time.mark

    def enter(self, place: int) -> None:
        """Have the panes of ``place``, which is not late, take rows.

        By the clock the windows of a row may all have closed, where one upstream gave it: the
        first that is open takes it then.
        """
        by_clock = isinstance(self._time, Timers)
        over = self._closed_until if by_clock else self._time.mark - self._time.lateness
        around = self._spans.around(place)
        spans = [span for span in around if span[1] > over]
        if around and not spans:
            spans = [self._spans.behind(over)]
        self.start, self.end = self._spans.until_next(place)
        self.entered = [self._pane(*span) for span in spans]

    def _pane(self, start: int, end: int) -> Pane:
        pane = self._by_end.get(end)
        if pane is None:
            pane = self._open(start, end)
            pane.given = end <= self._time.mark
            self._schedule(pane)
        return pane

    def _open(self, start: int, end: int) -> Pane:
        pane = self._by_end[end] = Pane(start, end, self._new(_tag(end)))
        if self._tracked:
            pane.contents.track()
        return pane

    def give_again(self, pane: Pane, key: Any = None) -> None:
        """Give the row of a group of a pane again, or of a pane of rows its last."""
        self.closing = pane.given
        groups = pane.live
        if isinstance(groups, list):
            self.flush(pane.start, pane.end, groups, len(groups) - 1)
        else:
            self.flush(pane.start, pane.end, {key: groups[key]}, 0)

    def tell(self, due: int, changed: Mapping[int, Iterable[Any]]) -> None:
        """Give the rows of groups that have changed, by the ends of their panes, at a tick: those
        of panes that are still open, a batch each. What closes with the tick closes first."""
        if not self.closed_by_rows:
            self._close(due)
        for end in sorted(changed):
            pane = self._by_end.get(end)
            if pane is not None and not pane.given:
                self.place, self.closing = due, False
                self.flush(pane.start, end, {key: pane.live[key] for key in changed[end]}, 0)

    def open_windows(self) -> list[OpenWindow]:
        """The panes that have not closed and have rows, the first to end first."""
        panes = (p for _, p in sorted(self._by_end.items()) if p.live and not p.given)
        return [(pane.start, pane.end, pane.live) for pane in panes]

    @property
    def next_due(self) -> int:
        """When the next pane closes, :data:`NEVER` if there is none."""
        return min((pane.end for pane in self._by_end.values() if not pane.given), default=NEVER)

    def _schedule(self, pane: Pane) -> None:
        if pane.given:
            until = pane.end + self._time.lateness
            if self._leave_later:
                until = self._spans.behind(pane.end)[1] + self._time.lateness
            self._kept_until[until] = pane
            self._time.schedule(until, self._rank, self._forget)
        else:
            self._time.schedule(pane.end, self._rank, self._close)

    def _close(self, due: int) -> None:
        pane = self._by_end.get(due)
        if pane is None or pane.given:
            return
        if not self.closed_by_rows:
            self.before_closing(due)
        pane.given = True
        self._closed_until = max(self._closed_until, due)
        if self._leave_later:
            self._let_go(due)
        if self._time.lateness or self._leave_later:
            self._schedule(pane)
        else:
            self._drop(due)
        self._leave()
        if not self.closed_by_rows:
            self.place = pane.end - 1
        self.closing = True
        self.flush(pane.start, pane.end, pane.live, 0)
        self.left = ()

    def _forget(self, due: int) -> None:
        """Forget the pane that has been kept until now; its rows leave with what closes now, if
        anything does."""
        if not self._leave_later:
            self._let_go(due)
        elif (closing := self._by_end.get(due)) is None or closing.given:
            self._let_go(due)
            if self.left:
                self.flush(due, due, [], 0)
                self.left = ()
        self._leave()

    def _let_go(self, due: int) -> None:
        """Drop the pane that has been kept until ``due``, if one has; its rows have left then."""
        pane = self._kept_until.pop(due, None)
        if pane is None:
            return
        self._drop(pane.end)
        if self._leave_later and pane.live:
            self.left = [(pane.start, pane.end, pane.live)]
        if not self.closed_by_rows:
            self.left_at = due - self._time.lateness

    def _drop(self, end: int) -> None:
        if self._by_end.pop(end, None) is not None and self._tracked:
            self._forgotten.append(end)

    def _leave(self) -> None:
        """Have no panes that take rows."""
        self.start = self.end = -NEVER
        self.entered = []

    def pending(self) -> int:
        """How many rows of the input are held and have not been given; one of several panes
        counts in each."""
        return sum(p.contents.pending() for p in self._by_end.values() if not p.given)

    def discard(self) -> int:
        """Drop the open panes; gives how many rows were in them, not given."""
        lost = self.pending()
        for end in list(self._by_end):
            self._drop(end)
        self._kept_until.clear()
        self._leave()
        return lost

    def track(self) -> None:
        self._tracked = True
        track_all(self.header, *(pane.contents for pane in self._by_end.values()))

    def cut(self) -> Iterator[Record]:
        panes = self._by_end.values()
        head = self.header.cut([self._plain(), *([p.start, p.end, p.given] for p in panes)])
        gone: list[Record] = [(_tag(end), Gone.ALL) for end in self._forgotten]
        self._forgotten = []
        return chain(head, gone, *[pane.contents.cut() for pane in panes])

    def load(self, records: Iterable[tuple[bytes, bytes]]) -> None:
        self._by_end.clear()
        self._kept_until.clear()
        self._forgotten = []
        self._leave()
        stored = list(records)
        tag = self.header.tag
        load_all(((key, value) for key, value in stored if key.startswith(tag)), self.header)
        plain, *panes = self.header.values or [[]]
        self._load_plain(plain)
        for start, end, given in panes:
            pane = self._open(start, end)
            pane.given = given
            self._schedule(pane)
        load_into(
            ((key, value) for key, value in stored if not key.startswith(tag)),
            [pane.contents for pane in self._by_end.values()],
        )

    def _plain(self) -> list[Any]:
        """What is kept beside the panes."""
        return [self._spans.origin, self._closed_until]

    def _load_plain(self, plain: list[Any]) -> None:
        """Take it back; nothing where nothing was stored."""
        self._spans.origin, self._closed_until = plain or [self._origin, -NEVER]

    def size(self) -> tuple[int, int]:
        """Groups or rows held in all panes, and about how many bytes they take."""
        sizes = [pane.contents.size() for pane in self._by_end.values()]
        return sum(count for count, _ in sizes), sum(size for _, size in sizes)


def _tag(end: int) -> bytes:
    """What the keys of a pane's records begin with, before the tag of its contents."""
    return b"p" + (end % 2**64).to_bytes(8, "big")


def nothing_before(due: int) -> None:
    """What has to be done before most windows close."""


def _no_code(start: int, end: int, contents: Any, first: int) -> None:
    raise RuntimeError("the window's flush was not compiled")
