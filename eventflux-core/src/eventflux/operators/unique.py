"""The rows of unique and firstUnique windows: one a key (semantics 5.10)."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from eventflux.operators.entries import Entry, EntryWindow
from eventflux.operators.groups import Groups
from eventflux.operators.keyed import Keys
from eventflux.operators.packing import Pack, pack
from eventflux.operators.records import Header


class UniqueRows(EntryWindow):
    """Entries by key, ``None`` of rows that stay for ever.

    With a time to live they are in the order in which they entered, and the last value of an
    entry is its place in time.
    """

    __slots__ = ("_numbered", "_timed")

    def __init__(
        self,
        groups: Groups | None,
        keys: Keys,
        timed: bool,
        pack: Pack = pack,
        *,
        numbered: bool = False,
    ) -> None:
        """``numbered`` says that the number of a row stands before its place, where it shows in
        which order rows leave."""
        super().__init__(groups, keys, pack)
        if numbered:
            self.header = Header(2, *(groups.form if groups is not None else ()))
        self._timed = timed
        self._numbered = numbered
        if timed:
            # Of a plain dict finding the first takes ever longer as those before it are taken out.
            self.entries.by_key = OrderedDict()

    def oldest_place(self) -> int | None:
        """That of the oldest, if there is one."""
        return self.oldest if self.entries.by_key else None

    @property
    def newest(self) -> int:
        """The place of the newest entry, of a window with a time to live that has some."""
        place: int = next(reversed(self.entries.by_key.values()))[-1]
        return place

    @property
    def oldest(self) -> int:
        """That of the oldest."""
        place: int = next(iter(self.entries.by_key.values()))[-1]
        return place

    def forget(self, until: int) -> list[Entry]:
        """Take out the entries whose place is ``until`` or before, the oldest first."""
        by_key = self.entries.by_key
        left: list[Entry] = []
        while by_key:
            key, entry = next(iter(by_key.items()))
            if entry[-1] > until:
                break
            left.append(self.entries.pop(key))
        return left

    def _arrange(self, plain: list[Any]) -> None:
        if self._timed:
            by_key, order = self.entries.by_key, -2 if self._numbered else -1
            for key, _ in sorted(by_key.items(), key=lambda item: item[1][order]):
                by_key[key] = by_key.pop(key)
