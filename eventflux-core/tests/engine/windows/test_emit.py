"""EMIT gives what its models give, by the app's clock and by a watermark, however rows come in
(semantics 5.16)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from ..profile import examples
from . import models as m
from .engine import alike, run_to_the_end
from .events import STREAM, Event, Story, stories
from .models import Batch, Batches, Rows
from .queries import Output, Query, given_rows, kept, queries, sliding_rows
from .sliding_cases import SLIDING_CASES, Case
from .test_by_clock import assert_gives
from .test_by_watermark import Lagging

RUNNING = ""
"""No window."""


CASES = [
    Case(RUNNING, lambda history: list(history)),
    *SLIDING_CASES,
    Case("WINDOW('frequent', 1, k)", m.frequent(1), None, kept(m.frequent(1))),
]

BATCHES = [
    ("WINDOW('timeBatch', 100)", m.time_batch(100)),
    ("WINDOW TUMBLING(100 ms)", m.tumbling(100)),
    ("WINDOW('hop', 100, 50)", m.hop(100, 50)),
    ("WINDOW('hop', 100, 30, 10)", m.hop(100, 30, 10)),
    ("WINDOW('cron', '*/1 * * * * *')", m.cron(1000)),
    ("WINDOW('session', 100)", m.session(100)),
    ("WINDOW('session', 25, k)", m.session(25, lambda row: row.k)),
]

EVERY = st.sampled_from([1, 30, 50, 100, 130])
BEYOND = 2_000
"""All windows are closed so long after the last row."""

grouped = queries(("total", "grouped"))


def emitting(query: Query, window: str, emit: str) -> str:
    return f"{STREAM} {query.sql(window).removesuffix(';')} EMIT {emit};"


def ticks(every: int, after: int, until: int) -> range:
    """Those behind ``after``, up to ``until``."""
    return range(after - after % every + every, until + 1, every)


def group(query: Query, row: Event) -> object:
    return row.k if query.shape == "grouped" else None


class Told:
    """A window without batches, and the groups that have changed since the last tick."""

    def __init__(self, case: Case, query: Query) -> None:
        self.case = case
        self.query = query
        self.history: Rows = []
        self.held: Rows = []
        self.newest: dict[object, Event] = {}
        self.changed: dict[object, None] = {}

    def enter(self, row: Event) -> None:
        if not self.query.enters(row):
            return
        self.history.append(row)
        before, passes = self.held, self.case.passes(self.history)
        if passes or "frequent" in self.case.window:
            self.held = self.case.holds(self.history)
        self.leave(before)
        if passes and self.query.leaves(row):
            self.changed[group(self.query, row)] = None
            self.newest[group(self.query, row)] = row

    def leave(self, before: Rows) -> None:
        for row in before:
            if self.query.leaves(row) and not any(row is other for other in self.held):
                self.changed[group(self.query, row)] = None

    def tick(self, now: int) -> Iterator[Output]:
        before, lasts = self.held, self.case.lasts
        self.held = [row for row in before if lasts is None or row.t > now - lasts]
        self.leave(before)
        for key in self.changed:
            rows = [r for r in self.held if self.query.leaves(r) and group(self.query, r) == key]
            if rows:
                yield self.query.row(self.newest[key], rows)
        self.changed = {}


def told(case: Case, query: Query, story: Story, every: int) -> Iterator[Output]:
    state, now = Told(case, query), story.events[0].t
    for row in story.events:
        for tick in ticks(every, now, row.t):
            yield from state.tick(tick)
        now = row.t
        state.enter(row)
    for tick in ticks(every, now, story.end):
        yield from state.tick(tick)


@pytest.mark.parametrize("case", CASES, ids=[case.window for case in CASES])
@given(story=stories(), query=queries(("total", "grouped", "per row")), every=EVERY)
@examples(40)
def test_every_so_often_over_rows_that_slide(
    case: Case, story: Story, query: Query, every: int
) -> None:
    if case.window == RUNNING:
        query = Query(query.shape, query.aggregates, query.before)
    sql = emitting(query, case.window, f"EVERY {every}")
    assert_gives(sql, story, list(told(case, query, story, every)))


def so_far(query: Query, batch: Batch, rows: Rows, changed: Rows) -> Iterator[Output]:
    """What the groups of ``changed`` rows have come to with ``rows``, those so far."""
    rows = [row for row in rows if query.leaves(row)]
    keys = dict.fromkeys(group(query, row) for row in changed if query.leaves(row))
    for key in keys:
        mine = [row for row in rows if group(query, row) == key]
        yield query.row(mine[-1], mine)


def begun_first(batches: list[Batch], rows: Rows) -> list[Batch]:
    """Open windows in the order of their first rows, which is that of their ends too, but for
    sessions."""
    order = {id(row): number for number, row in enumerate(rows)}
    return sorted(batches, key=lambda batch: order[id(batch.rows[0])])


def batches_told(window: Batches, query: Query, story: Story, every: int) -> Iterator[Output]:
    rows = [row for row in story.events if query.enters(row)]
    batches = window(rows, story.end + BEYOND)
    now = story.events[0].t
    for tick in ticks(every, now, story.end):
        yield from given_rows(query, [b for b in batches if now < b.due <= tick])
        now = tick
        for batch in begun_first([b for b in batches if b.due > tick], rows):
            known = [row for row in batch.rows if row.t < tick]
            new = [row for row in known if row.t >= tick - every]
            yield from so_far(query, batch, known, new)
    yield from given_rows(query, [b for b in batches if now < b.due <= story.end])


def session_key(window: str, query: Query, model: Batches) -> Batches:
    """Without a key of its own a session is one of a group, where there are groups."""
    if window == "WINDOW('session', 100)" and query.shape == "grouped":
        return m.session(100, lambda row: row.k)
    return model


batch_windows = pytest.mark.parametrize(
    ("window", "model"), BATCHES, ids=[window for window, _ in BATCHES]
)


@batch_windows
@given(story=stories(), query=grouped, every=EVERY)
@examples(40)
def test_every_so_often_and_at_the_end(
    window: str, model: Batches, story: Story, query: Query, every: int
) -> None:
    model = session_key(window, query, model)
    sql = emitting(query, window, f"EVERY {every}")
    assert_gives(sql, story, list(batches_told(model, query, story, every)))


def changes(window: Batches, query: Query, story: Story) -> Iterator[Output]:
    batches = window([row for row in story.events if query.enters(row)], story.end + BEYOND)
    now = story.events[0].t
    for number, row in enumerate(story.events):
        yield from given_rows(query, [b for b in batches if now < b.due <= row.t])
        now = row.t
        earlier = story.events[: number + 1]
        for batch in batches:
            if any(row is one for one in batch.rows):
                known = [one for one in batch.rows if any(one is other for other in earlier)]
                yield from so_far(query, batch, known, [row])
    yield from given_rows(query, [b for b in batches if now < b.due <= story.end])


@batch_windows
@given(story=stories(), query=grouped)
@examples(40)
def test_with_each_change_and_at_the_end(
    window: str, model: Batches, story: Story, query: Query
) -> None:
    model = session_key(window, query, model)
    assert_gives(emitting(query, window, "CHANGES"), story, list(changes(model, query, story)))


@given(story=stories(), query=queries(("total", "grouped", "per row")))
@examples(40)
def test_with_each_change_of_a_counted_batch(story: Story, query: Query) -> None:
    rows = [row for row in story.events if query.enters(row)]
    expected: list[Output] = []
    for start in range(0, len(rows), 3):
        batch = rows[start : start + 3]
        for number, row in enumerate(batch, 1):
            whole = Batch(0, 0, 0, batch)
            expected += so_far(query, whole, batch[:number], [row])
    assert_gives(emitting(query, "WINDOW('lengthBatch', 3)", "CHANGES"), story, expected)


def by_time(story: Story, delay: int, query: Query) -> tuple[Rows, Rows]:
    """The rows that enter in order of time, which is the only one they have then, and those that
    the watermark had passed when they came."""
    reached = -(10**15)
    entered: Rows = []
    late: Rows = []
    for row in story.events:
        if query.enters(row):
            (late if row.ts < reached else entered).append(row._replace(t=row.ts))
        reached = max(reached, row.ts - delay)
    return sorted(entered, key=lambda row: row.t), late


FINAL = [case for case in CASES if "externalTime" not in case.window]


@pytest.mark.parametrize("case", FINAL, ids=[case.window for case in FINAL])
@given(
    story=stories(),
    delay=st.sampled_from([0, 50, 120]),
    query=queries(("total", "grouped", "per row")),
)
@examples(40)
def test_final_values_by_a_watermark(case: Case, story: Story, delay: int, query: Query) -> None:
    if case.window == RUNNING:
        query = Query(query.shape, query.aggregates, query.before)
    rows, late = by_time(story, delay, query)
    expected = list(sliding_rows(query, rows, case.holds, case.passes))
    sql = emitting(query, case.window, "FINAL").replace(STREAM, Lagging(delay, 0).sql)
    note(sql)
    found = run_to_the_end(sql, story, ["T", "S.late"])
    assert alike(found["T"], expected), f"given    {found['T']}\nexpected {expected}"
    assert [row[:3] for row in found["S.late"]] == [row.values for row in late]


def told_by_watermark(query: Query, story: Story, delay: int, every: int) -> Iterator[Output]:
    """A running value: a change waits for the first tick behind its time, and behind the
    watermark, whichever is later."""
    reached: int | None = None
    known: Rows = []
    due: dict[object, int] = {}
    for row in [*story.events, None]:
        if row is not None and query.enters(row):
            known.append(row)
            at = row.ts if reached is None else max(row.ts, reached)
            tick, key = at - at % every + every, group(query, row)
            if tick < due.get(key, 10**15):
                due.pop(key, None)
                due[key] = tick
        if row is not None:
            reached = row.ts - delay if reached is None else max(reached, row.ts - delay)
        for tick in sorted(
            {tick for tick in due.values() if row is None or tick <= (reached or 0)}
        ):
            for key in [key for key in due if due[key] == tick]:
                del due[key]
                mine = [one for one in known if group(query, one) == key]
                yield query.row(mine[-1], mine)


@given(
    story=stories(),
    delay=st.sampled_from([0, 50, 120]),
    query=queries(("total", "grouped", "per row")),
    every=EVERY,
)
@examples(60)
def test_every_so_often_by_a_watermark(story: Story, delay: int, query: Query, every: int) -> None:
    query = Query(query.shape, query.aggregates, query.before)
    expected = list(told_by_watermark(query, story, delay, every))
    sql = emitting(query, RUNNING, f"EVERY {every}").replace(STREAM, Lagging(delay, 0).sql)
    note(sql)
    [rows] = run_to_the_end(sql, story, ["T"]).values()
    assert alike(rows, expected), f"given    {rows}\nexpected {expected}"
