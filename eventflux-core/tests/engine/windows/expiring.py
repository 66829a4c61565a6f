"""What leaves sliding windows, and when, recomputed row by row (semantics 0.2, 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple, TypeAlias

from hypothesis import strategies as st

from .events import Event
from .models import Batch, History, Rows, Sliding
from .queries import Output, Query, given_rows, row_over
from .watermarks import Assign, Bounds

Kind = Literal["expired", "all"]
kinds: st.SearchStrategy[Kind] = st.sampled_from(["expired", "all"])
Leaves: TypeAlias = Callable[[Event, Event], bool]
"""Whether a row that leaves, the first, does so before the one enters that drives it out."""


class Step(NamedTuple):
    """A row leaves, or enters: what is held then."""

    row: Event
    held: Rows
    left: bool


def first(left: Event, entered: Event) -> bool:
    """All rows make room."""
    return True


def behind(left: Event, entered: Event) -> bool:
    """Rows leave when one is in, maybe that itself."""
    return False


def replaced_first(left: Event, entered: Event) -> bool:
    """A row makes room for another of its key; the rest leaves behind that."""
    return left.k == entered.k and left is not entered


def driven_out(
    events: History,
    window: Sliding,
    passes: Callable[[History], bool],
    leaves: Leaves,
    oldest: Callable[[Event], int] = lambda row: 0,
) -> Iterator[Step]:
    """Each row drives others out; ``oldest`` is what those are ordered by, before their arrival."""
    held: Rows = []
    history: Rows = []
    for event in events:
        history.append(event)
        after = window(history)
        held = [*held, event]
        gone = [row for row in held if not any(row is kept for kept in after)]
        gone = [row for row in gone if row is not event or leaves is not first]
        gone.sort(key=oldest)
        for row in (row for row in gone if leaves(row, event)):
            held = [kept for kept in held if kept is not row]
            yield Step(row, held[:-1], True)
        for row in (row for row in gone if not leaves(row, event)):
            held = [kept for kept in held if kept is not row]
            yield Step(row, held, True)
        held = after
        if passes(history):
            yield Step(event, after, False)


def out_of_time(events: History, d: int, end: int, most: int | None = None) -> Iterator[Step]:
    """Rows leave when the clock is d behind their place, or when there are more than ``most``."""
    held: Rows = []
    for event in events:
        yield from _old(held, event.t - d, lambda row: row.t)
        if most is not None and len(held) == most:
            gone = held.pop(0)
            yield Step(gone, list(held), True)
        held.append(event)
        yield Step(event, list(held), False)
    yield from _old(held, end - d, lambda row: row.t)


def passed_by_watermark(
    events: History, d: int, delay: int, enters: Callable[[Event], bool], most: int | None = None
) -> Iterator[Step]:
    """Rows leave in order of their ts when the watermark has come d past it, which each row moves
    on behind itself; in the end all have. More than ``most`` rows are never held."""
    held: Rows = []
    mark = -(10**15)
    for event in events:
        if enters(event) and event.ts > mark - d:
            held.append(event)
            if most is not None and len(held) > most:
                earliest = min(held, key=lambda row: row.ts)
                held[:] = [row for row in held if row is not earliest]
                yield Step(earliest, list(held), True)
            yield Step(event, list(held), False)
        mark = max(mark, event.ts - delay)
        yield from _old(held, mark - d, lambda row: row.ts)
    yield from _old(held, 10**15, lambda row: row.ts)


def out_of_time_by_key(events: History, d: int, end: int, *, first: bool) -> Iterator[Step]:
    """One row a key, the newest or the ``first``, which leaves when the clock is d behind its
    place."""
    held: Rows = []
    for event in events:
        yield from _old(held, event.t - d, lambda row: row.t)
        same = [row for row in held if row.k == event.k]
        if first and same:
            continue
        for gone in same:
            held.remove(gone)
            yield Step(gone, list(held), True)
        held.append(event)
        yield Step(event, list(held), False)
    yield from _old(held, end - d, lambda row: row.t)


class Handed(NamedTuple):
    """A window gives rows of its, when it closes or, once more, when they leave."""

    batch: Batch
    left: bool


def one_later(batches: Iterable[Batch], until: int, step: int) -> Iterator[Handed]:
    """Batches that end up to a time, and leave ``step`` later: before those that end then."""
    found = [(batch.end, True, batch) for batch in batches]
    found += [(batch.end + step, False, batch) for batch in batches]
    for _, enters, batch in sorted(found, key=lambda one: one[:2]):
        if batch.end + (0 if enters else step) <= until:
            yield Handed(batch, not enters)


def at_the_next(batches: Iterable[Batch]) -> Iterator[Handed]:
    """Batches that leave when the next one comes, whenever that is."""
    before: Batch | None = None
    for batch in batches:
        if before is not None:
            yield Handed(before, True)
        yield Handed(batch, False)
        before = batch


def handed_by_watermark(
    history: History, assign: Assign, step: int, delay: int, lateness: int
) -> Iterator[Handed]:
    """Windows close when the watermark comes to their ends, and leave a ``step`` and the lateness
    later; until then a row that enters gives its own at once."""
    held: dict[Bounds, Rows] = {}
    reached = -(10**15)
    for row in history:
        for bounds in assign(row):
            if reached < bounds[1] + lateness:
                held.setdefault(bounds, []).append(row)
                if bounds[1] <= reached:
                    yield Handed(Batch(0, *bounds, [row]), False)
        before, reached = reached, max(reached, row.ts - delay)
        yield from _handed(held, before, reached, step + lateness)
    yield from _handed(held, reached, 10**15, step + lateness)


def _handed(held: dict[Bounds, Rows], before: int, reached: int, later: int) -> Iterator[Handed]:
    due = [(bounds[1], True, bounds) for bounds in held]
    due += [(bounds[1] + later, False, bounds) for bounds in held]
    for time, enters, bounds in sorted(due):
        if before < time <= reached:
            yield Handed(Batch(0, *bounds, list(held[bounds])), not enters)


def handed_rows(query: Query, kind: Kind, handed: Iterable[Handed]) -> list[Output]:
    """What a query without aggregates makes of them."""
    told = (one.batch for one in handed if one.left or kind == "all")
    return given_rows(query, told)


def _old(held: Rows, until: int, time: Callable[[Event], int]) -> Iterator[Step]:
    """Those of ``until`` or before, the oldest first."""
    for gone in sorted((row for row in held if time(row) <= until), key=time):
        held[:] = [row for row in held if row is not gone]
        yield Step(gone, list(held), True)


def expiring_rows(query: Query, kind: Kind, steps: Iterator[Step]) -> list[Output]:
    """What a query makes of some steps."""
    told = (step for step in steps if step.left or kind == "all")
    return [row for step in told for row in row_over(query, step.row, step.held)]


def expiring_sql(query: Query, kind: Kind, window: str) -> str:
    return query.sql(window).replace("INSERT INTO", f"INSERT {kind.upper()} EVENTS INTO")
