"""A named window gives each of its readers what the same window of its own would give it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from eventflux.planner import draft_plan, plan_sql

from ..harness import Logged, compiled
from ..profile import examples
from . import models as m
from .engine import alike
from .events import STREAM, Story, stories
from .queries import Query, batch_rows, queries
from .test_by_clock import BATCHES, DELAY, SESSIONS, SLIDING
from .test_cuts import BY_WATERMARK, LAGGING, Actions, actions, after, assert_cuts_do_not_show

KEYED = [window for window, key in SESSIONS if key is not None]
WINDOWS = [
    *(case.window for case in SLIDING if case.window.startswith("WINDOW")),
    *(case.window for case in BATCHES),
    *KEYED,
    DELAY,
]
readers = st.lists(
    queries(("rows", "total", "grouped", "per row")).map(lambda query: replace(query, before=None)),
    min_size=2,
    max_size=3,
)


def named(stream: str, window: str, asked: Sequence[Query]) -> str:
    """A program of which each query reads one window."""
    sql = (
        f"{stream} CREATE WINDOW W (k STRING, v INT, ts LONG NOT NULL) {window}; "
        "INSERT INTO W SELECT k, v, ts FROM S;"
    )
    for number, query in enumerate(asked):
        sql += " " + query.sql("", f"T{number}").replace("FROM S", "FROM W")
    note(sql)
    return sql


def rows_of(logged: Sequence[Logged], target: str) -> list[tuple[object, ...]]:
    return [values for stream, values in logged if stream == target]


def assert_as_with_their_own(
    stream: str, window: str, asked: Sequence[Query], todo: Actions
) -> None:
    together = after(compiled(named(stream, window, asked)), todo)
    for number, query in enumerate(asked):
        alone = after(compiled(f"{stream} {query.sql(window)}"), todo)
        assert rows_of(together, f"T{number}") == rows_of(alone, "T")


@pytest.mark.parametrize("window", WINDOWS)
@given(story=stories(), asked=readers)
@examples(25)
def test_by_the_clock(window: str, story: Story, asked: list[Query]) -> None:
    assert_as_with_their_own(STREAM, window, asked, actions(story, True))


@pytest.mark.parametrize("window", BY_WATERMARK)
@given(story=stories(), asked=readers)
@examples(25)
def test_by_a_watermark(window: str, story: Story, asked: list[Query]) -> None:
    assert_as_with_their_own(LAGGING, window, asked, actions(story, False))


@given(story=stories(), asked=readers)
@examples(40)
def test_sessions_without_a_key_are_those_of_all_rows(story: Story, asked: list[Query]) -> None:
    """A session of a query's own would be one of a group."""
    sql = named(STREAM, "WINDOW('session', 100)", asked)
    given = after(compiled(sql), actions(story, True)[:-1])
    for number, query in enumerate(asked):
        expected = batch_rows(query, story.events, m.session(100, lambda row: None), story.end)
        assert alike(rows_of(given, f"T{number}"), expected)


@pytest.mark.parametrize("window", ["WINDOW('length', 3)", "WINDOW('session', 100)", DELAY])
@given(story=stories(), asked=readers, data=st.data())
@examples(25)
def test_cuts_do_not_show(
    window: str, story: Story, asked: list[Query], data: st.DataObject
) -> None:
    assert_cuts_do_not_show(named(STREAM, window, asked), story, True, data)


def test_state_is_known_by_what_the_window_holds() -> None:
    def fingerprint(window: str) -> str:
        sql = f"CREATE WINDOW W (v INT) {window}; INSERT INTO T SELECT sum(v) AS s FROM W;"
        return plan_sql(sql).plan.queries[-1].fingerprint

    assert fingerprint("length(5)") == fingerprint("WINDOW('length', 5)")
    assert fingerprint("length(5)") != fingerprint("length(6)")


def test_a_stream_that_becomes_a_window_keeps_the_state_of_its_readers() -> None:
    stream = plan_sql(
        "CREATE STREAM W (v INT); INSERT INTO T SELECT sum(v) AS s FROM W WINDOW('length', 5);"
    ).plan
    window = plan_sql(
        "CREATE WINDOW W (v INT) length(5); INSERT INTO T SELECT sum(v) AS s FROM W;"
    ).plan
    assert stream.queries[0].fingerprint == window.queries[0].fingerprint


def test_what_is_wrong_in_a_window_is_told_once() -> None:
    draft = draft_plan(
        "CREATE WINDOW W (v INT) WINDOW('sort', 2, x);"
        + "".join(f"INSERT INTO T{i} SELECT v FROM W AS w{i};" for i in range(3))
    )
    assert [problem.message for problem in draft.problems] == ["stream 'W' has no column 'x'"]
