"""Every window gives what its model gives, by the app's clock, however rows come in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from ..profile import examples
from . import models as m
from .engine import alike, run
from .events import STREAM, Event, Story, stories
from .models import Batches, History, Rows, Sliding
from .queries import Output, Query, batch_rows, kept, plain, queries, row_over, sliding_rows


@dataclass(frozen=True)
class SlidingCase:
    window: str
    holds: Sliding
    passes: Callable[[History], bool] = plain


@dataclass(frozen=True)
class BatchCase:
    window: str
    batches: Batches
    bounds: bool = True
    """Whether the window has a start and an end."""


def not_late(d: int) -> Callable[[History], bool]:
    late = m.late_for_external_time(d)
    return lambda history: not late(history)


def _span(rows: Rows) -> bool:
    return rows[-1].ts - rows[0].ts < 100


def _total(rows: Rows) -> bool:
    known = [row.v for row in rows if row.v is not None]
    return bool(known) and sum(known) <= 12


SLIDING = [
    SlidingCase("WINDOW('length', 1)", m.length(1)),
    SlidingCase("WINDOW('length', 4)", m.length(4)),
    SlidingCase("WINDOW TIME(100 ms)", m.time(100)),
    SlidingCase("WINDOW('time', 10)", m.time(10)),
    SlidingCase("WINDOW('timeLength', 100, 3)", m.time_length(100, 3)),
    SlidingCase("WINDOW('externalTime', ts, 100)", m.external_time(100), not_late(100)),
    SlidingCase("WINDOW('sort', 3, v)", m.sort(3)),
    SlidingCase("WINDOW('sort', 2, v, 'desc')", m.sort(2, descending=True)),
    SlidingCase("WINDOW('unique', k)", m.unique()),
    SlidingCase("WINDOW('unique', k, 100)", m.unique(100)),
    SlidingCase("WINDOW('firstUnique', k)", m.first_unique(), kept(m.first_unique())),
    SlidingCase("WINDOW('firstUnique', k, 100)", m.first_unique(100), kept(m.first_unique(100))),
    SlidingCase("DEDUPLICATE BY k WITHIN 100 ms", m.first_unique(100), kept(m.first_unique(100))),
    SlidingCase("WINDOW('expression', 'count() <= 3')", m.expression(lambda r: len(r) <= 3)),
    SlidingCase("WINDOW('expression', 'sum(v) <= 12')", m.expression(_total)),
    SlidingCase("WINDOW('expression', 'last.ts - first.ts < 100')", m.expression(_span)),
    SlidingCase("WINDOW('frequent', 1, k)", m.frequent(1), kept(m.frequent(1))),
    SlidingCase("WINDOW('frequent', 2, k)", m.frequent(2), kept(m.frequent(2))),
    SlidingCase(
        "WINDOW('lossyFrequent', 0.3, 0.1, k)",
        m.lossy_frequent(0.3, 0.1),
        m.frequent_enough(0.3, 0.1),
    ),
    SlidingCase(
        "WINDOW('lossyFrequent', 0.5, 0.25, k)",
        m.lossy_frequent(0.5, 0.25),
        m.frequent_enough(0.5, 0.25),
    ),
]

BATCHES = [
    BatchCase("WINDOW('lengthBatch', 1)", m.length_batch(1), bounds=False),
    BatchCase("WINDOW('lengthBatch', 3)", m.length_batch(3), bounds=False),
    BatchCase("WINDOW('timeBatch', 100)", m.time_batch(100)),
    BatchCase("WINDOW('timeBatch', 100, 30)", m.time_batch(100, 30)),
    BatchCase("WINDOW TUMBLING(100 ms)", m.tumbling(100)),
    BatchCase("WINDOW('tumbling', 100, 30)", m.tumbling(100, 30)),
    BatchCase("WINDOW('hop', 100, 50)", m.hop(100, 50)),
    BatchCase("WINDOW('hop', 100, 30, 10)", m.hop(100, 30, 10)),
    BatchCase("WINDOW('sliding', 100, 150)", m.hop(100, 150)),
    BatchCase("WINDOW('externalTimeBatch', ts, 100)", m.external_time_batch(100), bounds=False),
    BatchCase(
        "WINDOW('externalTimeBatch', ts, 100, 30)", m.external_time_batch(100, 30), bounds=False
    ),
    BatchCase("WINDOW('cron', '*/1 * * * * *')", m.cron(1000)),
]

DELAY = "WINDOW('delay', 100)"

SESSIONS = [
    ("WINDOW('session', 100)", None),
    ("WINDOW('session', 100, k)", lambda row: row.k),
    ("WINDOW('session', 25, k)", lambda row: row.k),
]


sliding_cases = pytest.mark.parametrize(
    "case", [pytest.param(case, id=case.window) for case in SLIDING]
)
batch_cases = pytest.mark.parametrize(
    "case", [pytest.param(case, id=case.window) for case in BATCHES]
)


def assert_gives(sql: str, story: Story, expected: list[Output]) -> None:
    note(sql)
    rows = run(sql, story)
    assert alike(rows, expected), f"given    {rows}\nexpected {expected}"


@sliding_cases
@given(story=stories(), query=queries(("rows", "total", "grouped", "per row")))
@examples(40)
def test_sliding_windows(case: SlidingCase, story: Story, query: Query) -> None:
    expected = list(sliding_rows(query, story.events, case.holds, case.passes))
    assert_gives(f"{STREAM} {query.sql(case.window)}", story, expected)


@batch_cases
@given(story=stories(), data=st.data())
@examples(40)
def test_batch_windows(case: BatchCase, story: Story, data: st.DataObject) -> None:
    query = data.draw(queries(("rows", "total", "grouped", "per row"), case.bounds))
    expected = batch_rows(query, story.events, case.batches, story.end)
    assert_gives(f"{STREAM} {query.sql(case.window)}", story, expected)


@batch_cases
@given(story=stories(), grouped=st.booleans())
@examples(25)
def test_extremes_outlive_batch_windows(case: BatchCase, story: Story, grouped: bool) -> None:
    """Over all batches that were given so far."""
    ever: dict[object, list[int | None]] = {}
    expected: list[Output] = []
    for batch in case.batches(story.events, story.end):
        for key in dict.fromkeys(row.k if grouped else None for row in batch.rows):
            of_key = [row.v for row in batch.rows if not grouped or row.k == key]
            ever.setdefault(key, []).extend(of_key)
            known = [value for value in ever[key] if value is not None]
            found = (min(known, default=None), max(known, default=None), len(of_key))
            expected.append((key, *found) if grouped else found)
    selected, by = ("k, ", " GROUP BY k") if grouped else ("", "")
    calls = "min_forever(v) AS low, max_forever(v) AS high, count(*) AS n"
    sql = f"{STREAM} INSERT INTO T SELECT {selected}{calls} FROM S {case.window}{by};"
    assert_gives(sql, story, expected)


@given(story=stories(), query=queries(("rows",)))
@examples(40)
def test_delay(story: Story, query: Query) -> None:
    expected = batch_rows(query, story.events, m.delay(100), story.end)
    assert_gives(f"{STREAM} {query.sql(DELAY)}", story, expected)


PASSING = {DELAY: m.delay(100), "DEDUPLICATE BY k WITHIN 100 ms KEEP LAST": m.keep_last(100)}


@pytest.mark.parametrize("window", PASSING)
@given(story=stories(), query=queries(("total", "grouped", "per row")))
@examples(40)
def test_aggregates_of_what_is_passed_on(window: str, story: Story, query: Query) -> None:
    """Over all rows that have come out so far."""
    entered = [event for event in story.events if query.enters(event)]
    passed: Rows = []
    expected: list[Output] = []
    for batch in PASSING[window](entered, story.end):
        passed.append(batch.rows[-1])
        expected += row_over(query, passed[-1], passed)
    assert_gives(f"{STREAM} {query.sql(window)}", story, expected)


@pytest.mark.parametrize(("window", "key"), SESSIONS, ids=[window for window, _ in SESSIONS])
@given(story=stories(), data=st.data())
@examples(40)
def test_sessions(
    window: str, key: Callable[[Event], object] | None, story: Story, data: st.DataObject
) -> None:
    """Without a key of its own a session is one of a group, where there are groups."""
    query = data.draw(queries(("rows", "total", "grouped", "per row"), True))
    if key is None and query.shape == "grouped":
        key = _group
    model = m.session(int(re.findall(r"\d+", window)[0]), key or (lambda row: None))
    expected = batch_rows(query, story.events, model, story.end)
    assert_gives(f"{STREAM} {query.sql(window)}", story, expected)


@given(story=stories(), query=queries(("rows",)))
@examples(40)
def test_keep_last(story: Story, query: Query) -> None:
    query = replace(query, after=None)
    expected = batch_rows(query, story.events, m.keep_last(100), story.end)
    sql = f"{STREAM} {query.sql('DEDUPLICATE BY k WITHIN 100 ms KEEP LAST')}"
    assert_gives(sql, story, expected)


def _group(row: Event) -> object:
    return row.k
