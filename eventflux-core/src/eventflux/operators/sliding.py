"""Windows that rows leave in the order in which they entered: length, time, timeLength."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from eventflux.operators.accumulators import Codec
from eventflux.operators.aggregates.figures import values_of
from eventflux.operators.groups import Groups
from eventflux.operators.logs import LogState
from eventflux.operators.packing import Pack, pack
from eventflux.operators.records import Header, Record, load_all, track_all
from eventflux.operators.timers import NEVER


class SlidingRows:
    """The rows of a sliding window, oldest first, as columns: deques of equal length.

    ``members`` are the accumulators that the rows are folded into, ``True`` where there are none,
    or ``None`` for a row that a filter behind the window keeps out of them; ``values`` are the
    arguments of the aggregates and what is told of rows that leave, a deque each, but empty where
    their :mod:`figures <eventflux.operators.aggregates.figures>` have the values, unless some are
    NULL or state is tracked; ``times`` the places in time, where the window goes by them.
    Generated code appends and takes away; it drops a group with the last of its rows, by the
    ``key`` that an accumulator has.
    """

    __slots__ = (
        "_apart", "_figured", "_log", "_pack", "entered", "groups", "header", "members", "times",
        "values",
    )  # fmt: skip

    def __init__(
        self,
        groups: Groups | None,
        values: int,
        timed: bool,
        pack: Pack = pack,
        figured: Sequence[int] = (),
        apart: Sequence[int] = (),
    ) -> None:
        """``figured`` are the arguments whose figures have the values; of those that are
        ``apart``, with no NULL among them, columns are kept only where state is tracked."""
        self._figured = figured
        self._apart = apart
        self.groups = groups
        self.members: deque[Any] = deque()
        self.values: tuple[deque[Any], ...] = tuple(deque() for _ in range(values))
        self.times: deque[int] | None = deque() if timed else None
        self.entered = 0
        """How many rows have entered, counted by generated code where state is tracked."""
        self._pack = pack
        self.header = Header(1, *(groups.form if groups is not None else ()))
        self._log = LogState(b"r", self._packed)

    @property
    def next_due(self) -> int:
        """Rows leave when others come: nothing is due."""
        return NEVER

    def track(self) -> None:
        self.entered = len(self.members)
        for index in self._apart:
            self.values[index].extend(self._values_apart(index))
        self._apart = ()
        track_all(self.header, *self._groups(), self._log)

    def cut(self) -> Iterator[Record]:
        rows = self._log.cut(self.entered, len(self.members), self._newest)
        groups = (block.cut() for block in self._groups())
        return chain(self.header.cut(self._plain()), *groups, rows)

    def _groups(self) -> tuple[Groups, ...]:
        return () if self.groups is None else (self.groups,)

    def _plain(self) -> list[Any]:
        """What is kept beside the rows."""
        return []

    def _newest(self, count: int) -> Iterator[tuple[Any, ...]]:
        """The columns are copied now, which takes little; rows are made of them one by one."""
        columns = (self.members, *self.values, *self._times())
        copies = [list(islice(reversed(column), count)) for column in columns]
        return zip(*map(reversed, copies), strict=True)

    def _values_apart(self, index: int) -> Iterator[float | None]:
        """The values of all rows, which only figures have."""
        values: dict[int, Iterator[float]] = {}
        for member in self.members:
            if member is not None and id(member) not in values:
                held = (getattr(member, f"{name}{index}") for name in ("figures", "only", "other"))
                values[id(member)] = iter(values_of(*held))
            yield None if member is None else next(values[id(member)])

    def _packed(self, rows: list[Any]) -> bytes:
        """Rows as they are stored: the key of each, or none, its values, its time."""
        if self.groups is None:
            return self._pack(rows)
        parts = self.groups.keys.parts
        return self._pack([(m if m is None else parts(m.key), *rest) for m, *rest in rows])

    def load(self, records: Iterable[tuple[bytes, bytes]]) -> None:
        columns = (*self.values, *self._times())
        for column in (self.members, *columns):
            column.clear()
        load_all(records, self.header, *self._groups(), self._log)
        self.entered = self._log.entered
        member_of = bool if self.groups is None else self.groups.of_row
        for stored, *rest in self._log.take():
            self.members.append(None if stored is None else member_of(stored))
            for column, value in zip(columns, rest, strict=True):
                column.append(value)
        for index in self._figured:
            self._refill(f"figures{index}", self.values[index])
        for index in self._apart:
            self.values[index].clear()

    def _refill(self, field: str, values: Iterable[float | None]) -> None:
        """Give figures the values back that they were loaded without."""
        for member, value in zip(self.members, values, strict=True):
            if value is not None and (figures := getattr(member, field)) is not None:
                figures.values.append(value)
        for member in self.groups.by_key.values() if self.groups is not None else ():
            if (figures := getattr(member, field)) is not None:
                figures.loaded()

    def _times(self) -> tuple[deque[int], ...]:
        return () if self.times is None else (self.times,)

    def told_rows(self, told: int) -> list[tuple[Any, ...]]:
        """The rows that no filter keeps out, oldest first: the member of each, and the last of
        its values, ``told`` of them."""
        columns = self.values[len(self.values) - told :]
        rows = zip(self.members, *columns, strict=True)
        return [row for row in rows if row[0] is not None]

    def size(self) -> tuple[int, int]:
        """Rows, and about how many bytes they and their groups take."""
        columns = (*self.values, *self._times())
        sampled = sum(sys.getsizeof(v) for column in columns for v in islice(column, 100))
        rows = len(self.members)
        each = sampled / (min(rows, 100) or 1)
        deques = sum(map(sys.getsizeof, (self.members, *columns)))
        return rows, int(each * rows) + deques + sum(g.size()[1] for g in self._groups())

    def pending(self) -> int:
        """Rows that wait for a row of their own: none."""
        return 0

    def discard(self) -> int:
        """Rows that slide are nothing unfinished: none is discarded at a stop."""
        return 0


class JudgedRows(SlidingRows):
    """Rows that a condition on all of them holds: ``whole`` is their accumulator, whatever their
    group. The last values of a row are the arguments of that."""

    __slots__ = ("_codec", "whole")

    def __init__(self, groups: Groups | None, values: int, codec: Codec, pack: Pack = pack) -> None:
        super().__init__(groups, values, False, pack)
        self.header = Header(self.header.form, *codec.form)
        self._codec = codec
        self.whole = codec.new()

    def _plain(self) -> list[Any]:
        return self._codec.dump(self.whole)

    def load(self, records: Iterable[tuple[bytes, bytes]]) -> None:
        super().load(records)
        stored = self.header.values
        self.whole = self._codec.load(stored, ()) if stored else self._codec.new()
