"""OUTPUT SNAPSHOT over a window tells of what that holds, as its model says, by the app's clock and
by a watermark (semantics 9.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from ..harness import compiled
from ..profile import examples
from . import models as m
from .engine import alike, run_to_the_end, streams_of
from .events import STREAM, Event, Story, stories
from .models import Batch, Batches, History, Rows
from .queries import Output, Query, given_rows, kept, plain, queries
from .sliding_cases import SLIDING_CASES, Case
from .test_by_clock import BATCHES, assert_gives
from .test_by_watermark import Lagging
from .test_cuts import BY_WATERMARK, LAGGING, assert_cuts_do_not_show

Held = Callable[[History, int], list[Batch]]
"""What is held of rows that have entered, at a time: a batch for each window that is open."""

EVERY = st.sampled_from([1, 30, 50, 100, 130])
shapes = queries(("rows", "total", "grouped", "per row"))


def in_sliding(case: Case) -> Held:
    def held(history: History, now: int) -> list[Batch]:
        rows = case.holds(history) if history else []
        alive = [row for row in rows if case.lasts is None or row.t > now - case.lasts]
        return [Batch(now, 0, 0, alive)]

    return held


SLIDING = [
    *SLIDING_CASES,
    Case("DEDUPLICATE BY k WITHIN 100 ms", m.first_unique(100), 100, kept(m.first_unique(100))),
    Case("WINDOW('frequent', 2, k)", m.frequent(2), None, kept(m.frequent(2))),
    Case("WINDOW('lossyFrequent', 0.5, 0.25, k)", m.lossy_frequent(0.5, 0.25)),
]


def open_batches(batches: Batches) -> Held:
    """Of a window of time those that have not ended before; of rows that have no time, the rest."""

    def held(history: History, now: int) -> list[Batch]:
        beyond = max([now, *(row.t for row in history)]) + 2_000
        known = [batch for batch in batches(history, beyond) if batch.due >= now]
        return sorted(known, key=lambda batch: (batch.end, history.index(batch.rows[0])))

    return held


def by_first_row(held: Held) -> Held:
    """Sessions: in the order in which they began."""

    def ordered(history: History, now: int) -> list[Batch]:
        return sorted(held(history, now), key=lambda batch: history.index(batch.rows[0]))

    return ordered


def not_full(n: int) -> Held:
    def held(history: History, now: int) -> list[Batch]:
        rows = list(history[len(history) - len(history) % n :])
        return [Batch(now, 0, 0, rows)] if rows else []

    return held


def not_over_by_rows(batches: Batches) -> Held:
    """Of externalTimeBatch: what a row far ahead would have it give."""

    def held(history: History, now: int) -> list[Batch]:
        if not history:
            return []
        ahead = history[-1]._replace(ts=10**12)
        return batches([*history, ahead], now)[len(batches(history, now)) :]

    return held


def held_by(window: str, batches: Batches) -> Held:
    if "lengthBatch" in window:
        return not_full(int(window[-2]))
    return (not_over_by_rows if "externalTimeBatch" in window else open_batches)(batches)


CLOSING = {case.window: held_by(case.window, case.batches) for case in BATCHES}


def taken_by(held: Held) -> Callable[[History], bool]:
    """Whether the newest row is in a window: it is not late, and in no gap between windows."""

    def taken(history: History) -> bool:
        open_ones = held(history, history[-1].t)
        return any(row is history[-1] for batch in open_ones for row in batch.rows)

    return taken


class Told:
    """The rows that have come, and when their windows are told of."""

    def __init__(self, query: Query, every: int, held: Held, enters: Callable[[History], bool]):
        self.query = query
        self.every = every
        self.held = held
        self.enters = enters
        self.history: Rows = []
        self.origin: int | None = None
        self.due: int | None = None
        self.groups: list[Any] = []
        """In the order in which they were first seen."""
        self.newest: Event | None = None
        """The last row that the aggregates have taken, held or not."""

    def enter(self, row: Event, mark: int) -> None:
        if not self.query.enters(row):
            return
        self.history.append(row)
        if not self.query.leaves(row) or not self.enters(self.history):
            return
        self.newest = row
        if row.k not in self.groups:
            self.groups.append(row.k)
        if self.due is None:
            place = max(row.t, mark)
            self.origin = place if self.origin is None else self.origin
            self.due = place - (place - self.origin) % self.every + self.every

    def ticks(self, until: int) -> Iterator[Output]:
        """All up to a time."""
        while self.due is not None and self.due <= until:
            yield from self.tick(self.due)

    def tick(self, now: int) -> Iterator[Output]:
        assert self.due is not None
        batches = [
            batch._replace(rows=[row for row in batch.rows if self.query.leaves(row)])
            for batch in self.held(self.history, now)
        ]
        alive = {row.k for batch in batches for row in batch.rows}
        self.groups = [k for k in self.groups if k in alive]
        self.due = self.due + self.every if alive else None
        for batch in batches:
            yield from self.rows_of(batch)

    def rows_of(self, batch: Batch) -> Iterator[Output]:
        if self.query.shape == "per row":  # the one row of all, its bare column that of the last
            bounds = (batch.start, batch.end) if self.query.bounds else ()
            for newest in [self.newest if self.sliding else batch.rows[-1]] if batch.rows else []:
                assert newest is not None
                yield (*self.query.row(newest, batch.rows), *bounds)
        elif self.query.shape == "grouped" and batch.end == 0 and self.sliding:
            groups = [[row for row in batch.rows if row.k == k] for k in self.groups]
            yield from (self.query.row(rows[-1], rows) for rows in groups if rows)
        else:
            yield from given_rows(self.query, [batch])

    sliding = False


def telling(query: Query, window: str, every: int) -> str:
    sql = query.sql(window).removesuffix(";")
    return f"{sql} OUTPUT SNAPSHOT EVERY {every} MILLISECONDS;"


def by_the_clock(told: Told, story: Story) -> list[Output]:
    found: list[Output] = []
    for row in story.events:
        found += told.ticks(row.t)
        told.enter(row, row.t)
    return found + list(told.ticks(story.end))


@pytest.mark.parametrize("case", [pytest.param(case, id=case.window) for case in SLIDING])
@given(story=stories(), query=shapes, every=EVERY)
@examples(40)
def test_windows_that_slide(case: Case, story: Story, query: Query, every: int) -> None:
    told = Told(query, every, in_sliding(case), case.passes)
    told.sliding = True
    expected = by_the_clock(told, story)
    assert_gives(f"{STREAM} {telling(query, case.window, every)}", story, expected)


@pytest.mark.parametrize("window", CLOSING)
@given(story=stories(), data=st.data(), every=EVERY)
@examples(40)
def test_windows_that_close(window: str, story: Story, data: st.DataObject, every: int) -> None:
    bounded = "lengthBatch" not in window and "externalTimeBatch" not in window
    query = data.draw(queries(("rows", "total", "grouped", "per row"), bounded))
    held = CLOSING[window]
    enters = plain if "lengthBatch" in window else taken_by(held)
    expected = by_the_clock(Told(query, every, held, enters), story)
    assert_gives(f"{STREAM} {telling(query, window, every)}", story, expected)


@pytest.mark.parametrize(
    ("window", "keyed"), [("'session', 100", False), ("'session', 25, k", True)]
)
@given(story=stories(), query=queries(("rows", "total", "grouped"), bounds=True), every=EVERY)
@examples(40)
def test_sessions(window: str, keyed: bool, story: Story, query: Query, every: int) -> None:
    """Without a key of its own a session is one of a group, where there are groups."""
    keyed = keyed or query.shape == "grouped"
    gap = 25 if "25" in window else 100
    held = by_first_row(open_batches(m.session(gap, lambda row: row.k if keyed else None)))
    expected = by_the_clock(Told(query, every, held, plain), story)
    assert_gives(f"{STREAM} {telling(query, f'WINDOW({window})', every)}", story, expected)


def open_hops(history: History, now: int) -> list[Batch]:
    """Those of 100 every 50 of rows in any order."""
    ends = sorted({row.t // 50 * 50 + beyond for row in history for beyond in (50, 100)})
    rows = {end: [row for row in history if end - 100 <= row.t < end] for end in ends if end >= now}
    return [Batch(end, end - 100, end, rows[end]) for end in rows]


LATE = {
    "WINDOW TUMBLING(100 ms)": open_batches(m.tumbling(100)),
    "WINDOW('hop', 100, 50)": open_hops,
    "WINDOW TIME(100 ms)": in_sliding(Case("", lambda history: list(history), 100)),
}


@pytest.mark.parametrize("window", LATE)
@given(story=stories(), query=shapes, every=EVERY, delay=st.sampled_from([0, 50, 120]))
@examples(40)
def test_by_a_watermark(window: str, story: Story, query: Query, every: int, delay: int) -> None:
    """Which tells of what has come when it passes the end of a period, and once more in the end."""
    told = Told(query, every, LATE[window], plain)
    told.sliding = "TIME(" in window
    expected: list[Output] = []
    mark = -(10**12)
    for event in story.events:
        row = event._replace(t=event.ts)
        open_then = LATE[window]([row], mark) if told.sliding else LATE[window]([row], mark + 1)
        if any(batch.rows for batch in open_then):
            told.enter(row, mark)
        mark = max(mark, row.ts - delay)
        expected += told.ticks(mark)
    if told.due is not None:
        expected += told.tick(told.due)
    sql = f"{Lagging(delay, 0).sql} {telling(query, window, every)}"
    note(sql)
    rows = run_to_the_end(sql, story, ["T"])["T"]
    assert alike(rows, expected), f"given    {rows}\nexpected {expected}"


@pytest.mark.parametrize("window", [*(case.window for case in SLIDING), *CLOSING])
@given(story=stories(), query=shapes, every=EVERY, data=st.data())
@examples(25)
def test_cuts_by_the_clock(
    window: str, story: Story, query: Query, every: int, data: st.DataObject
) -> None:
    assert_cuts_do_not_show(f"{STREAM} {telling(query, window, every)}", story, True, data)


@pytest.mark.parametrize("window", ["WINDOW('length', 3)", *BY_WATERMARK])
@given(story=stories(), query=shapes, every=EVERY, data=st.data())
@examples(25)
def test_cuts_by_a_watermark(
    window: str, story: Story, query: Query, every: int, data: st.DataObject
) -> None:
    assert_cuts_do_not_show(f"{LAGGING} {telling(query, window, every)}", story, False, data)


@pytest.mark.parametrize("window", [*(case.window for case in SLIDING), *CLOSING])
@given(story=stories(), query=shapes, every=EVERY, batch=st.booleans())
@examples(15)
def test_every_row_is_counted(
    window: str, story: Story, query: Query, every: int, batch: bool
) -> None:
    """Also those that come in batches, which are told of like the others."""
    app = compiled(f"{STREAM} {telling(query, window, every)}")
    given, entered = streams_of(app, story, in_batches=batch), len(story.events)
    (counted,) = app.counters().values()
    assert (counted["in"], counted["passed"], counted["fired"]) == (entered, 0, given.count("T"))
    assert min(counted.values()) >= 0
    turned_away = ("filtered", "absorbed", "late", "failed", "dropped", "queued")
    assert sum(counted[what] for what in turned_away) == entered


FOREVER = "SELECT k, max_forever(v) AS high, min_forever(v) AS low FROM S {window} GROUP BY k"


@pytest.mark.parametrize("window", CLOSING)
@given(story=stories(), every=EVERY, data=st.data())
@examples(15)
def test_what_outlives_windows(window: str, story: Story, every: int, data: st.DataObject) -> None:
    told = FOREVER.format(window=window)
    sql = f"{STREAM} INSERT INTO T {told} OUTPUT SNAPSHOT EVERY {every} MILLISECONDS"
    assert_cuts_do_not_show(f"{sql};", story, True, data)
