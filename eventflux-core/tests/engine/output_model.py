"""What OUTPUT … EVERY means, slowly and plainly (semantics 9.4).

A model takes rows as they come out of a query, each with its place and the watermark, and gives
what comes out behind OUTPUT: a list of ``(before, row)``, ``before`` being how many rows had come
when it did. Time is told of by rows, and at last by an end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Given:
    """A row of the query: which it is, its values, the key of its group, and where it stands."""

    number: int
    row: tuple[Any, ...]
    key: Any
    place: int
    """The clock at its arrival, or its event time under a watermark."""
    mark: int
    """Where the clock, or the watermark, was before it."""
    moved: int
    """Where that is behind it."""


@dataclass(frozen=True)
class Clause:
    mode: str
    rows: int | None
    every: int | None
    grouped: bool
    at_end: bool = False

    @property
    def sql(self) -> str:
        every = f"{self.rows} EVENTS" if self.every is None else f"{self.every} MILLISECONDS"
        end = " WITH (emit = 'end')" if self.at_end else ""
        return f"OUTPUT {self.mode} EVERY {every}{end}"

    @property
    def at_once(self) -> bool:
        return self.mode == "FIRST" and not self.at_end


def picked(clause: Clause, batch: Sequence[Given]) -> list[Given]:
    """Which rows of a batch come out, in which order."""
    if clause.mode == "ALL":
        return list(batch)
    groups: dict[Any, list[Given]] = {}
    for given in batch:
        groups.setdefault(given.key if clause.grouped else None, []).append(given)
    return [rows[0] if clause.mode == "FIRST" else rows[-1] for rows in groups.values()]


def limited(
    clause: Clause, given: Sequence[Given], end: int, *, stops: bool
) -> list[tuple[int, tuple[Any, ...]]]:
    """What comes out until time reaches ``end``; with ``stops`` the app stops then."""
    if clause.every is not None:
        return _by_time(clause, given, end, stops)
    assert clause.rows is not None
    found: list[tuple[int, tuple[Any, ...]]] = []
    for start in range(0, len(given), clause.rows):
        batch = given[start : start + clause.rows]
        whole = len(batch) == clause.rows
        for one in picked(clause, batch):
            if clause.at_once:
                found.append((given.index(one) + 1, one.row))
            elif whole or stops:
                found.append((start + len(batch), one.row))
    return found


def _by_time(
    clause: Clause, given: Sequence[Given], end: int, stops: bool
) -> list[tuple[int, tuple[Any, ...]]]:
    """Periods are looked at one by one, from the first row on, when time comes to their ends."""
    every = clause.every
    assert every is not None
    if not given:
        return []
    origin = max(given[0].place, given[0].mark)

    def period(place: int) -> int:
        return (place - origin) // every

    found: list[tuple[int, tuple[Any, ...]]] = []
    open_periods: dict[int, list[Given]] = {}

    def close(until: int, count: int) -> None:
        for number in sorted(open_periods):
            if origin + (number + 1) * every <= until:
                batch = open_periods.pop(number)
                if not clause.at_once:
                    found.extend((count, one.row) for one in picked(clause, batch))

    for count, one in enumerate(given):
        close(one.mark, count)
        batch = open_periods.setdefault(period(max(one.place, one.mark)), [])
        before = picked(clause, batch)
        batch.append(one)
        if clause.at_once and one in picked(clause, batch) and one not in before:
            found.append((count + 1, one.row))
        close(one.moved, count + 1)
    close(end, len(given))
    if stops:
        close(2**62, len(given))
    return found


def snapshots(
    every: int, given: Sequence[Given], grouped: bool, end: int
) -> list[tuple[int, tuple[Any, ...]]]:
    """The latest row of all, or of each group, at the end of each period up to ``end``."""
    if not given:
        return []
    due = max(given[0].place, given[0].mark) + every
    latest: dict[Any, tuple[Any, ...]] = {}
    found: list[tuple[int, tuple[Any, ...]]] = []

    def tell(until: int, count: int) -> None:
        nonlocal due
        while due <= until:
            found.extend((count, row) for row in latest.values())
            due += every

    for count, one in enumerate(given):
        tell(one.mark, count)
        latest[one.key if grouped else None] = one.row
        tell(one.moved, count + 1)
    tell(end, len(given))
    return found
