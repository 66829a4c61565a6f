"""What windows have in common that rows leave in any order: entries of rows, as tuples."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from operator import itemgetter
from typing import Any

from eventflux.operators.groups import Groups
from eventflux.operators.keyed import KeyedState, Keys
from eventflux.operators.packing import Pack, pack, unpack
from eventflux.operators.records import Header, Record, load_all, track_all
from eventflux.operators.timers import NEVER

Entry = tuple[Any, ...]


class EntryWindow:
    """The base of these windows. Generated code makes the entries and takes them back.

    With ``groups`` an entry begins with the accumulator that its row is folded into, ``None``
    where a filter behind the window keeps it out; the arguments of the aggregates follow, then
    what is told of a row that leaves, then the row's number where it is needed, then what the
    window itself goes by. Without groups it begins with ``True`` where rows are told of. A group
    is dropped with the last of its rows, by the ``key`` that an accumulator has. ``None`` stands
    for an entry of nothing.
    """

    __slots__ = ("_pack", "entered", "entries", "groups", "header")

    def __init__(self, groups: Groups | None, keys: Keys, pack: Pack = pack) -> None:
        """``keys`` are what entries are known by again."""
        self.groups = groups
        self.entries = KeyedState(b"e", keys, self._encoded, _decoded, marks=False)
        self.entered = 0
        """The number of the latest row, where they have some."""
        self._pack = pack
        self.header = Header(1, *(groups.form if groups is not None else ()))

    def _beside(self) -> tuple[KeyedState, ...]:
        """What else a window keeps."""
        return ()

    def _plain(self) -> list[Any]:
        """Plain values that it keeps, beside the number of the latest row."""
        return []

    def _arrange(self, plain: list[Any]) -> None:
        """The entries have been loaded, and the plain values; of those none if nothing was."""

    @property
    def next_due(self) -> int:
        """Rows leave when others come: nothing is due."""
        return NEVER

    def track(self) -> None:
        track_all(self.header, *self._blocks())

    def cut(self) -> Iterator[Record]:
        head = self.header.cut([self.entered, *self._plain()])
        return chain(head, *(block.cut() for block in self._blocks()))

    def load(self, records: Iterable[tuple[bytes, bytes]]) -> None:
        load_all(records, self.header, *self._blocks())
        self.entered, *plain = self.header.values or [0]
        if self.groups is not None:
            for key, entry in self.entries.by_key.items():
                if entry is not None and entry[0] is not None:
                    self.entries.by_key[key] = (self.groups.of_row(entry[0]), *entry[1:])
        self._arrange(plain)

    def _blocks(self) -> tuple[KeyedState, ...]:
        groups = () if self.groups is None else (self.groups,)
        return (*groups, self.entries, *self._beside())

    def _encoded(self, entry: Entry | None) -> bytes:
        if entry is not None and self.groups is not None and entry[0] is not None:
            entry = (self.groups.keys.parts(entry[0].key), *entry[1:])
        return self._pack([entry])

    def told_rows(self, told: int) -> list[Entry]:
        """The entries that no filter keeps out, of a window without groups whose rows have numbers,
        in order of these: they stand behind what is ``told`` of each row."""
        kept = [entry for entry in self.entries.by_key.values() if entry[0] is not None]
        return sorted(kept, key=itemgetter(1 + told))

    def size(self) -> tuple[int, int]:
        """Rows, and about how many bytes they and their groups take."""
        rows = len(self.entries.by_key)
        sample = [e or () for e in islice(self.entries.by_key.values(), 100)]
        each = sum(sys.getsizeof(row) + sum(map(sys.getsizeof, row)) for row in sample)
        taken = sys.getsizeof(self.entries.by_key) + int(each / (len(sample) or 1) * rows)
        return rows, taken + (self.groups.size()[1] if self.groups is not None else 0)

    def pending(self) -> int:
        """Rows that wait for a row of their own: none."""
        return 0

    def discard(self) -> int:
        """Rows that slide are nothing unfinished: none is discarded at a stop."""
        return 0


def _decoded(value: bytes, key: Any) -> Entry | None:
    [entry] = unpack(value)
    return None if entry is None else tuple(entry)
