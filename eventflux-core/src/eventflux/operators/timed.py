"""The rows of a sliding window of time that may come in any order (semantics 5.8, 9.0)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from eventflux.operators.entries import Entry, EntryWindow
from eventflux.operators.groups import Groups
from eventflux.operators.keyed import Keys
from eventflux.operators.packing import Pack, pack
from eventflux.operators.timers import NEVER


class TimedRows(EntryWindow):
    """Entries in order of their time, of equal ones the earlier first.

    An entry ends with the number of its row and its time. Rows that come in order are appended;
    another is put where it belongs, in as many steps as there are rows of a later time.
    """

    __slots__ = ("held", "mark", "times")

    def __init__(self, groups: Groups | None, pack: Pack = pack) -> None:
        super().__init__(groups, Keys(1), pack)
        self.held: deque[Entry] = deque()
        self.times: deque[int] = deque()
        self.mark = -NEVER
        """The latest time of a row, where the window goes by its rows alone."""

    def insert(self, time: int, entry: Entry) -> None:
        self.entries.put(entry[-2], entry)
        self._place(time, entry)

    def pop_first(self) -> Entry:
        self.times.popleft()
        entry = self.held.popleft()
        self.entries.pop(entry[-2])
        return entry

    def forget(self, until: int) -> Iterator[Entry]:
        """Take out the entries of ``until`` or before, one by one."""
        while self.times and self.times[0] <= until:
            yield self.pop_first()

    def _place(self, time: int, entry: Entry) -> None:
        later = 0
        while later < len(self.times) and self.times[-1 - later] > time:
            later += 1
        self.times.insert(len(self.times) - later, time)
        self.held.insert(len(self.held) - later, entry)

    def _plain(self) -> list[Any]:
        return [self.mark]

    def _arrange(self, plain: list[Any]) -> None:
        [self.mark] = plain or [-NEVER]
        self.times.clear()
        self.held.clear()
        for _, entry in sorted(self.entries.by_key.items()):
            self._place(entry[-1], entry)
