"""INSERT EXPIRED and ALL EVENTS give what leaves a window, when it does, as the models say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from eventflux.testing import AppRunner

from ..harness import compiled
from ..profile import examples
from . import models as m
from .engine import alike, run, run_to_the_end, streams_of
from .events import STREAM, Event, Story, stories
from .expiring import (
    Kind,
    Leaves,
    at_the_next,
    behind,
    driven_out,
    expiring_rows,
    expiring_sql,
    first,
    handed_by_watermark,
    handed_rows,
    kinds,
    one_later,
    out_of_time,
    out_of_time_by_key,
    passed_by_watermark,
    replaced_first,
)
from .models import History, Sliding
from .queries import Query, kept, plain, queries
from .test_by_clock import not_late
from .test_by_watermark import Lagging
from .watermarks import Assign, hop, tumbling


@dataclass(frozen=True)
class Case:
    window: str
    holds: Sliding
    leaves: Leaves = first
    passes: Callable[[History], bool] = plain
    oldest: Callable[[Event], int] = lambda row: 0


CASES = [
    Case("WINDOW('length', 1)", m.length(1)),
    Case("WINDOW('length', 4)", m.length(4)),
    Case(
        "WINDOW('externalTime', ts, 100)",
        m.external_time(100),
        passes=not_late(100),
        oldest=lambda row: row.ts,
    ),
    Case("WINDOW('sort', 3, v)", m.sort(3), behind),
    Case("WINDOW('sort', 2, v, 'desc')", m.sort(2, descending=True), behind),
    Case("WINDOW('unique', k)", m.unique()),
    Case("WINDOW('expression', 'count() <= 3')", m.expression(lambda r: len(r) <= 3), behind),
    Case(
        "WINDOW('expression', 'last.ts - first.ts < 100')",
        m.expression(lambda rows: rows[-1].ts - rows[0].ts < 100),
        behind,
    ),
    Case("WINDOW('frequent', 1, k)", m.frequent(1), passes=kept(m.frequent(1))),
    Case("WINDOW('frequent', 2, k)", m.frequent(2), passes=kept(m.frequent(2))),
    Case(
        "WINDOW('lossyFrequent', 0.3, 0.1, k)",
        m.lossy_frequent(0.3, 0.1),
        replaced_first,
        m.frequent_enough(0.3, 0.1),
    ),
    Case(
        "WINDOW('lossyFrequent', 0.5, 0.25, k)",
        m.lossy_frequent(0.5, 0.25),
        replaced_first,
        m.frequent_enough(0.5, 0.25),
    ),
]
TIMED = [("WINDOW TIME(100 ms)", 100, None), ("WINDOW('time', 10)", 10, None),
         ("WINDOW('timeLength', 100, 3)", 100, 3)]  # fmt: skip

shapes = queries(("rows", "total", "grouped", "per row"))


@pytest.mark.parametrize("case", [pytest.param(case, id=case.window) for case in CASES])
@given(story=stories(), query=shapes, kind=kinds)
@examples(40)
def test_rows_that_others_drive_out(case: Case, story: Story, query: Query, kind: Kind) -> None:
    sql = f"{STREAM} {expiring_sql(query, kind, case.window)}"
    note(sql)
    entering = [event for event in story.events if query.enters(event)]
    steps = driven_out(entering, case.holds, case.passes, case.leaves, case.oldest)
    expected = expiring_rows(query, kind, steps)
    rows = run(sql, story)
    assert alike(rows, expected), f"given    {rows}\nexpected {expected}"


@pytest.mark.parametrize(("window", "size", "most"), TIMED)
@given(story=stories(), query=shapes, kind=kinds)
@examples(40)
def test_rows_that_grow_old(
    window: str, size: int, most: int | None, story: Story, query: Query, kind: Kind
) -> None:
    sql = f"{STREAM} {expiring_sql(query, kind, window)}"
    note(sql)
    entering = [event for event in story.events if query.enters(event)]
    expected = expiring_rows(query, kind, out_of_time(entering, size, story.end, most))
    rows = run(sql, story)
    assert alike(rows, expected), f"given    {rows}\nexpected {expected}"


@pytest.mark.parametrize(("window", "size", "most"), TIMED)
@given(story=stories(), delay=st.sampled_from([0, 50, 120]), query=shapes, kind=kinds)
@examples(40)
def test_rows_that_a_watermark_passes(
    window: str, size: int, most: int | None, story: Story, delay: int, query: Query, kind: Kind
) -> None:
    sql = f"{Lagging(delay, 0).sql} {expiring_sql(query, kind, window)}"
    note(sql)
    steps = passed_by_watermark(story.events, size, delay, query.enters, most)
    expected = expiring_rows(query, kind, steps)
    rows = run_to_the_end(sql, story, ["T"])["T"]
    assert alike(rows, expected), f"given    {rows}\nexpected {expected}"


@pytest.mark.parametrize(
    ("window", "first"),
    [
        ("WINDOW('unique', k, 100)", False),
        ("WINDOW('firstUnique', k, 100)", True),
        ("DEDUPLICATE BY k WITHIN 100 ms", True),
    ],
)
@given(story=stories(), query=shapes, kind=kinds)
@examples(40)
def test_keys_that_are_forgotten(
    window: str, first: bool, story: Story, query: Query, kind: Kind
) -> None:
    sql = f"{STREAM} {expiring_sql(query, kind, window)}"
    note(sql)
    entering = [event for event in story.events if query.enters(event)]
    steps = out_of_time_by_key(entering, 100, story.end, first=first)
    expected = expiring_rows(query, kind, steps)
    rows = run(sql, story)
    assert alike(rows, expected), f"given    {rows}\nexpected {expected}"


GRIDS = [
    ("WINDOW TUMBLING(100 ms)", m.tumbling(100), 100),
    ("WINDOW('tumbling', 100, 30)", m.tumbling(100, 30), 100),
    ("WINDOW('timeBatch', 100)", m.time_batch(100), 100),
    ("WINDOW('hop', 100, 50)", m.hop(100, 50), 50),
    ("WINDOW('hop', 100, 30, 10)", m.hop(100, 30, 10), 30),
    ("WINDOW('sliding', 100, 150)", m.hop(100, 150), 150),
    ("WINDOW('cron', '*/1 * * * * *')", m.cron(1000), 1000),
]
of_rows = queries(("rows",), bounds=True)


@pytest.mark.parametrize(("window", "batches", "step"), GRIDS, ids=[grid[0] for grid in GRIDS])
@given(story=stories(), query=of_rows, kind=kinds)
@examples(40)
def test_windows_on_a_grid(
    window: str, batches: m.Batches, step: int, story: Story, query: Query, kind: Kind
) -> None:
    sql = f"{STREAM} {expiring_sql(query, kind, window)}"
    note(sql)
    entering = [event for event in story.events if query.enters(event)]
    handed = one_later(batches(entering, story.end), story.end, step)
    expected = handed_rows(query, kind, handed)
    rows = run(sql, story)
    assert alike(rows, expected), f"given    {rows}\nexpected {expected}"


@pytest.mark.parametrize("n", [1, 3])
@given(story=stories(), query=queries(("rows",)), kind=kinds)
@examples(40)
def test_batches_of_rows(n: int, story: Story, query: Query, kind: Kind) -> None:
    window = f"WINDOW('lengthBatch', {n})"
    sql = f"{STREAM} {expiring_sql(query, kind, window)}"
    note(sql)
    entering = [event for event in story.events if query.enters(event)]
    expected = handed_rows(query, kind, at_the_next(m.length_batch(n)(entering, story.end)))
    rows = run(sql, story)
    assert alike(rows, expected), f"given    {rows}\nexpected {expected}"


@pytest.mark.parametrize("start", [None, 30])
@given(story=stories(), query=of_rows, kind=kinds)
@examples(40)
def test_batches_by_a_column(start: int | None, story: Story, query: Query, kind: Kind) -> None:
    window = "WINDOW('externalTimeBatch', ts, 100" + (")" if start is None else f", {start})")
    sql = f"{STREAM} {expiring_sql(query, kind, window)}"
    note(sql)
    entering = [event for event in story.events if query.enters(event)]
    batches = m.external_time_batch(100, start)(entering, story.end)
    newest = max((event.ts for event in entering), default=0)
    expected = handed_rows(query, kind, one_later(batches, newest, 100))
    rows = run(sql, story)
    assert alike(rows, expected), f"given    {rows}\nexpected {expected}"


@pytest.mark.parametrize(
    ("window", "assign", "step"),
    [
        ("WINDOW TUMBLING(100 ms)", tumbling(100), 100),
        ("WINDOW('hop', 100, 30, 10)", hop(100, 30, 10), 30),
    ],
    ids=["tumbling", "hop"],
)
@given(
    story=stories(),
    lagging=st.builds(Lagging, st.sampled_from([0, 50, 120]), st.sampled_from([0, 60, 100])),
    query=of_rows,
    kind=kinds,
)
@examples(40)
def test_windows_that_a_watermark_closes(
    window: str,
    assign: Assign,
    step: int,
    story: Story,
    lagging: Lagging,
    query: Query,
    kind: Kind,
) -> None:
    sql = f"{lagging.sql} {expiring_sql(query, kind, window)}"
    note(sql)
    handed = handed_by_watermark(
        story.events, lambda row: assign(row) if query.enters(row) else [], step,
        lagging.delay, lagging.lateness,
    )  # fmt: skip
    expected = handed_rows(query, kind, handed)
    rows = run_to_the_end(sql, story, ["T"])["T"]
    assert alike(rows, expected), f"given    {rows}\nexpected {expected}"


WINDOWS = [
    *(case.window for case in CASES), *(timed[0] for timed in TIMED), *(grid[0] for grid in GRIDS),
    "WINDOW('lengthBatch', 3)", "WINDOW('externalTimeBatch', ts, 100)",
    "WINDOW('unique', k, 100)", "WINDOW('firstUnique', k, 100)",
]  # fmt: skip


@pytest.mark.parametrize("window", WINDOWS)
@given(story=stories(), query=queries(("rows",)), kind=kinds, batch=st.booleans())
@examples(15)
def test_every_row_is_counted(
    window: str, story: Story, query: Query, kind: Kind, batch: bool
) -> None:
    """Also those of a query behind it, whether they come by rows, by batches or by timers."""
    behind_it = "INSERT INTO U SELECT v FROM T WHERE v > 2;"
    app = compiled(f"{STREAM} {expiring_sql(query, kind, window)} {behind_it}")
    given, entered = streams_of(app, story, in_batches=batch), len(story.events)
    of_window, of_behind = app.counters().values()
    assert of_window["in"] == entered
    assert of_window["passed"] + of_window["fired"] == given.count("T") == of_behind["in"]
    assert of_behind["passed"] == given.count("U")
    if kind == "expired":
        assert of_window["passed"] == 0
    assert min(of_window.values()) >= 0
    turned_away = ("passed", "filtered", "absorbed", "late", "failed", "dropped", "queued")
    assert sum(of_window[what] for what in turned_away) == entered


@pytest.mark.parametrize("window", ["'length', 1", "'sort', 1, id, 'desc'", "'unique', one"])
def test_a_group_that_is_restored_has_its_key_to_the_digit(window: str) -> None:
    """Equal keys are one group, but 1.00 is written otherwise than 1, and -0.0 than 0.0."""
    sql = f"""
        CREATE STREAM S (id INT, one INT, n DECIMAL(9, 2), x DOUBLE);
        INSERT EXPIRED EVENTS INTO T
        SELECT n, x, count(*) AS c FROM S WINDOW({window}) GROUP BY n, x;
    """
    with AppRunner(sql) as first, AppRunner(sql, outputs=["T"]) as second:
        first.send("S", (1, 1, Decimal("1.00"), -0.0))
        second.restore(first.persist())
        second.send("S", (2, 1, Decimal("2.00"), 2.0))
        assert repr(second.rows("T")) == "[(Decimal('1.00'), -0.0, 0)]"
