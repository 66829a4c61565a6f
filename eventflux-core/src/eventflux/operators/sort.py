"""The rows of a sort window, in their order (semantics 5.9)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from eventflux.operators.entries import Entry, EntryWindow
from eventflux.operators.groups import Groups
from eventflux.operators.keyed import Keys
from eventflux.operators.packing import Pack, pack
from eventflux.operators.ranks import falling, rising

Rank = tuple[tuple[Any, ...], ...]
"""What rows are compared by, a part for each column."""


class SortedRows(EntryWindow):
    """Entries by their order, of equal ones the earlier first.

    An entry ends with the number of its row and the values of the columns that it is sorted by.
    """

    __slots__ = ("_parts", "_ranks", "held")

    def __init__(
        self, groups: Groups | None, descending: Sequence[bool], pack: Pack = pack
    ) -> None:
        super().__init__(groups, Keys(1), pack)
        self.held: list[Entry] = []
        """The entries in order."""
        self._ranks: list[Rank] = []
        self._parts = tuple(falling if falls else rising for falls in descending)

    def rank(self, *values: Any) -> Rank:
        """What a row with these values of the columns is compared by."""
        return tuple([part(value) for part, value in zip(self._parts, values, strict=True)])

    def insert(self, rank: Rank, entry: Entry) -> None:
        self.entries.put(self._number(entry), entry)
        self._place(rank, entry)

    def pop_last(self) -> Entry:
        self._ranks.pop()
        entry = self.held.pop()
        self.entries.pop(self._number(entry))
        return entry

    def _place(self, rank: Rank, entry: Entry) -> None:
        place = bisect_right(self._ranks, rank)
        self._ranks.insert(place, rank)
        self.held.insert(place, entry)

    def _number(self, entry: Entry) -> int:
        number: int = entry[-len(self._parts) - 1]
        return number

    def _arrange(self, plain: list[Any]) -> None:
        self._ranks.clear()
        self.held.clear()
        for _, entry in sorted(self.entries.by_key.items()):
            self._place(self.rank(*entry[-len(self._parts) :]), entry)
