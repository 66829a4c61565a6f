"""How the rows of a test are cut into steps of the engine: the results must be the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from eventflux.testing.sql_tests.binding import BoundInsert, BoundStatement


@dataclass(frozen=True, slots=True)
class Cut:
    """Up to ``size`` rows of neighbouring INSERTs come at once; 0: those of each INSERT."""

    name: str
    size: int


AS_WRITTEN = Cut("the rows of each INSERT at once", 0)
OTHERS = (
    Cut("rows one by one", 1),
    Cut("three rows at a time", 3),
    Cut("the rows of neighbouring INSERTs at once", 1_000_000),
)
"""The cuts that a test is run in besides, where they differ."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that come at once; ``times`` has the time of each, or is ``None``."""

    insert: BoundInsert
    """The statement that has the first of them."""
    rows: tuple[dict[str, Any], ...]
    times: tuple[int, ...] | None


Times = dict[int, int]
"""The time of INSERTs with AT, by where they start: found when the test is played as written."""


def steps(
    statements: Sequence[BoundStatement], cut: Cut, times: Times
) -> list[BoundStatement | Rows]:
    """What is to be done, in order: the statements, with rows in the place of INSERTs that are
    not left as they are."""
    if not cut.size:
        return list(statements)
    made: list[BoundStatement | Rows] = []
    for place, group in groupby(statements, _neighbours):
        if place is None:
            made.extend(group)
        else:
            made.extend(_cut([each for each in group if isinstance(each, BoundInsert)], cut, times))
    return made


def _neighbours(bound: BoundStatement) -> tuple[str, bool] | None:
    """The same for INSERTs whose rows may come at once: those of one stream, with or without
    times. What an error is expected of stays as it is."""
    if not isinstance(bound, BoundInsert) or bound.statement.expected is not None:
        return None
    return bound.statement.stream.text, bound.statement.at is not None


def _cut(inserts: Sequence[BoundInsert], cut: Cut, times: Times) -> Iterator[Rows]:
    rows = [
        (bound, row, times.get(bound.statement.start)) for bound in inserts for row in bound.rows
    ]
    for start in range(0, len(rows), cut.size):
        part = rows[start : start + cut.size]
        at = tuple(time for _, _, time in part if time is not None)
        yield Rows(part[0][0], tuple(row for _, row, _ in part), at or None)


def sizes(cut_steps: Sequence[BoundStatement | Rows]) -> list[int]:
    """How many rows each step has: by this two ways of cutting can be told apart."""
    return [len(step.rows) if isinstance(step, Rows | BoundInsert) else 0 for step in cut_steps]
