"""Queries over a window, as SQL and as what they give by the models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from hypothesis import strategies as st

from .aggregates import AGGREGATES
from .events import Event
from .models import Batch, Batches, History, Rows, Sliding

Shape = Literal["rows", "total", "grouped", "per row"]
"""Without aggregates; aggregates alone; by k; aggregates beside a bare column."""
Output: TypeAlias = tuple[Any, ...]

Condition = Callable[[Event], bool]
CONDITIONS: dict[str, Condition] = {
    "v > 2": lambda row: row.v is not None and row.v > 2,
    "v < 8": lambda row: row.v is not None and row.v < 8,
    "k = 'a' OR v IS NULL": lambda row: row.k == "a" or row.v is None,
}


@dataclass(frozen=True)
class Query:
    """A query whose window is still to be put in. ``before`` and ``after`` are where WHERE
    stands; ``bounds`` tells whether ``window_start()`` and ``window_end()`` are selected."""

    shape: Shape
    aggregates: tuple[str, ...]
    before: str | None = None
    after: str | None = None
    bounds: bool = False

    def sql(self, window: str, target: str = "T") -> str:
        items = {
            "rows": ["k", "v", "ts"],
            "total": [],
            "grouped": ["k"],
            "per row": ["v"],
        }[self.shape]
        if self.shape != "rows":
            items += [f"{call} AS a{i}" for i, call in enumerate(self.aggregates)]
        if self.bounds:
            items += ["CAST(window_start() AS LONG) AS ws", "CAST(window_end() AS LONG) AS we"]
        before = f"WHERE {self.before} " if self.before else ""
        after = f" WHERE {self.after}" if self.after else ""
        group = " GROUP BY k" if self.shape == "grouped" else ""
        return (
            f"INSERT INTO {target} SELECT {', '.join(items)} FROM S {before}{window}{after}{group};"
        )

    def enters(self, row: Event) -> bool:
        return self.before is None or CONDITIONS[self.before](row)

    def leaves(self, row: Event) -> bool:
        return self.after is None or CONDITIONS[self.after](row)

    def row(self, newest: Event, rows: Rows) -> Output:
        """The row that ``newest`` gives over the rows of its group."""
        if self.shape == "rows":
            return newest.values
        head: dict[Shape, Output] = {"grouped": (newest.k,), "per row": (newest.v,)}
        values = [row.v for row in rows]
        return (*head.get(self.shape, ()), *(AGGREGATES[call](values) for call in self.aggregates))


def plain(history: History) -> bool:
    return True


def kept(window: Sliding) -> Callable[[History], bool]:
    """The newest row gives a row if the window holds it."""
    return lambda history: any(row is history[-1] for row in window(history))


def sliding_rows(
    query: Query, events: History, window: Sliding, passes: Callable[[History], bool] = plain
) -> Iterator[Output]:
    """A row for each row, over what the window holds then."""
    history: Rows = []
    for event in events:
        if not query.enters(event):
            continue
        history.append(event)
        if passes(history):
            yield from row_over(query, event, window(history))


def row_over(query: Query, newest: Event, held: Rows) -> Iterator[Output]:
    """The row that ``newest`` gives over what a window holds, unless WHERE drops it behind it."""
    if query.leaves(newest):
        content = [row for row in held if query.leaves(row)]
        if query.shape == "grouped":
            content = [row for row in content if row.k == newest.k]
        yield query.row(newest, content)


def batch_rows(query: Query, events: History, window: Batches, end: int) -> list[Output]:
    """The rows of all batches."""
    return given_rows(query, window([event for event in events if query.enters(event)], end))


def given_rows(query: Query, batches: Iterable[Batch]) -> list[Output]:
    """What a query makes of what its window gives."""
    return [row for batch in batches for row in _rows_of(query, batch)]


def _rows_of(query: Query, batch: Batch) -> Iterator[Output]:
    if batch.again and not query.leaves(batch.rows[-1]):
        return
    rows = [row for row in batch.rows if query.leaves(row)]
    bounds = (batch.start, batch.end) if query.bounds else ()
    if query.shape in ("rows", "per row"):
        for number, row in enumerate(rows, 1):
            if not batch.again or number == len(rows):
                yield (*query.row(row, rows[:number]), *bounds)
    elif query.shape == "total" and rows:
        yield (*query.row(rows[-1], rows), *bounds)
    elif query.shape == "grouped":
        for k in [rows[-1].k] if batch.again else dict.fromkeys(row.k for row in rows):
            group = [row for row in rows if row.k == k]
            yield (*query.row(group[-1], group), *bounds)


_CALLS = st.lists(st.sampled_from(sorted(AGGREGATES)), min_size=1, max_size=4, unique=True)
_CONDITIONS = st.sampled_from([None] * 6 + sorted(CONDITIONS))


def queries(shapes: tuple[Shape, ...], bounds: bool = False) -> st.SearchStrategy[Query]:
    return st.builds(
        Query,
        st.sampled_from(shapes),
        _CALLS.map(tuple),
        _CONDITIONS,
        _CONDITIONS,
        st.booleans() if bounds else st.just(False),
    )
