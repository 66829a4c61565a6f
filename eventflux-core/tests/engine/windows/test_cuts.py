"""Cuts of state while an app runs: each is the app at one moment, however it is read.

A store applies the changes of one cut after the other. Those of a cut are read bit by bit while
rows come in; what a fresh app then loads goes on as if nothing had been.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from eventflux.base.state_records import StateChange, apply

from ..harness import Compiled, Logged, compiled
from ..profile import examples
from .events import STREAM, Event, Story, stories
from .expiring import Kind, expiring_sql, kinds
from .queries import Query, queries
from .test_by_clock import BATCHES, SESSIONS, SLIDING

Stored = dict[str, dict[bytes, bytes]]
Actions = Sequence[Callable[[Compiled], None]]

LAGGING = (
    "CREATE STREAM S (k STRING, v INT, ts LONG NOT NULL, WATERMARK FOR ts AS ts - 50) "
    "WITH (watermark.lateness = 60);"
)
RUNNING = ""
"""No window."""
BY_CLOCK = [
    RUNNING,
    *(case.window for case in SLIDING),
    *(case.window for case in BATCHES),
    *(window for window, _ in SESSIONS),
]
BY_WATERMARK = [
    "WINDOW TUMBLING(100 ms)", "WINDOW('hop', 100, 30, 10)", "WINDOW('session', 100, k)",
    "WINDOW TIME(100 ms)",
]  # fmt: skip

EXPIRING = [
    "WINDOW('length', 3)", "WINDOW TIME(100 ms)", "WINDOW('timeLength', 100, 3)",
    "WINDOW('externalTime', ts, 100)", "WINDOW('sort', 3, v)", "WINDOW('unique', k)",
    "WINDOW('expression', 'sum(v) <= 12')", "WINDOW('frequent', 2, k)",
    "WINDOW('lossyFrequent', 0.5, 0.25, k)", "WINDOW('unique', k, 100)",
    "WINDOW('firstUnique', k, 100)",
]  # fmt: skip
"""Those that tell of rows that leave."""
PASSED = [
    "WINDOW TIME(100 ms)", "WINDOW('timeLength', 100, 3)", "WINDOW('unique', k, 100)",
    "WINDOW('firstUnique', k, 100)",
]  # fmt: skip
"""Those whose rows a watermark passes."""
HANDING_ON = [
    "WINDOW TUMBLING(100 ms)", "WINDOW('timeBatch', 100)", "WINDOW('hop', 100, 30, 10)",
    "WINDOW('cron', '*/1 * * * * *')", "WINDOW('lengthBatch', 3)",
    "WINDOW('externalTimeBatch', ts, 100)", "WINDOW('externalTimeBatch', ts, 100, 0, 150)",
]  # fmt: skip
"""Those of which batches leave, of rows without aggregates."""


def sending(piece: Sequence[Event], timed: bool) -> Callable[[Compiled], None]:
    rows = [event.values for event in piece]
    times = [event.t for event in piece] if timed else None
    return lambda app: app.send("S", rows, times)


def actions(story: Story, timed: bool) -> Actions:
    """The pieces of a story, and its end."""
    found = [sending(piece, timed) for piece in story.cut()]
    return [*found, lambda app: app.advance(story.end), lambda app: app.program.flush()]


def after(app: Compiled, todo: Actions) -> list[Logged]:
    """What an app publishes over some actions."""
    for act in todo:
        act(app)
    return app.take()[0]


def cuts_while_running(
    app: Compiled, todo: Actions, moments: frozenset[int], reading: Sequence[int]
) -> Iterator[tuple[int, Stored]]:
    """At each of the ``moments``, numbers of actions, a cut is begun, of which some changes are
    read behind each action; gives what a store holds when all of it is read."""
    app.program.track_state()
    stored: Stored = {}
    reader: Iterator[StateChange] = iter(())
    begun: int | None = None
    for number in range(len(todo) + 1):
        if number in moments:
            apply(reader, stored)
            if begun is not None:
                yield begun, stored
            reader, begun = app.program.cut_state(), number
        if number < len(todo):
            todo[number](app)
        apply(list(islice(reader, reading[number % len(reading)])), stored)
    apply(reader, stored)
    if begun is not None:
        yield begun, stored


def assert_cuts_do_not_show(sql: str, story: Story, timed: bool, data: st.DataObject) -> None:
    note(sql)
    todo = actions(story, timed)
    moments = data.draw(st.frozensets(st.integers(0, len(todo)), min_size=1, max_size=4))
    reading = data.draw(st.lists(st.integers(0, 4), min_size=1, max_size=4))
    running, never_cut = compiled(sql), compiled(sql)
    expected = [after(never_cut, [act]) for act in todo]
    in_the_end = never_cut.saved()
    for moment, stored in cuts_while_running(running, todo, moments, reading):
        loaded = compiled(sql)
        loaded.restore(stored)
        assert after(loaded, todo[moment:]) == list(chain(*expected[moment:]))
        assert loaded.saved() == in_the_end
    assert running.take()[0] == list(chain(*expected))


def query_of(window: str, query: Query) -> str:
    """A query by SQL; without a window there is no place for a filter behind it."""
    return (replace(query, after=None) if window == RUNNING else query).sql(window)


shapes = queries(("rows", "total", "grouped", "per row"))


@pytest.mark.parametrize("window", BY_CLOCK)
@given(story=stories(), query=shapes, data=st.data())
@examples(25)
def test_by_the_clock(window: str, story: Story, query: Query, data: st.DataObject) -> None:
    assert_cuts_do_not_show(f"{STREAM} {query_of(window, query)}", story, True, data)


@pytest.mark.parametrize("window", BY_WATERMARK)
@given(story=stories(), query=shapes, data=st.data())
@examples(25)
def test_by_a_watermark(window: str, story: Story, query: Query, data: st.DataObject) -> None:
    assert_cuts_do_not_show(f"{LAGGING} {query.sql(window)}", story, False, data)


@pytest.mark.parametrize(
    ("window", "timed"),
    [*((window, True) for window in EXPIRING), *((window, False) for window in PASSED)],
)
@given(story=stories(), query=shapes, kind=kinds, data=st.data())
@examples(25)
def test_rows_that_leave(
    window: str, timed: bool, story: Story, query: Query, kind: Kind, data: st.DataObject
) -> None:
    sql = expiring_sql(query, kind, window)
    assert_cuts_do_not_show(f"{STREAM if timed else LAGGING} {sql}", story, timed, data)


@pytest.mark.parametrize("window", HANDING_ON)
@given(
    story=stories(),
    query=queries(("rows",)),
    kind=kinds,
    timed=st.booleans(),
    data=st.data(),
)
@examples(25)
def test_batches_that_leave(
    window: str, story: Story, query: Query, kind: Kind, timed: bool, data: st.DataObject
) -> None:
    """By the clock, and by a watermark with some lateness."""
    sql = expiring_sql(query, kind, window)
    assert_cuts_do_not_show(f"{STREAM if timed else LAGGING} {sql}", story, timed, data)


EMITTED = [
    (RUNNING, "EVERY 30"), ("WINDOW TUMBLING(100 ms)", "EVERY 30"),
    ("WINDOW('hop', 100, 30, 10)", "EVERY 50"), ("WINDOW('session', 100, k)", "EVERY 30"),
    ("WINDOW('externalTimeBatch', ts, 100)", "EVERY 30"), ("WINDOW TIME(100 ms)", "EVERY 30"),
    ("WINDOW('length', 3)", "EVERY 50"), ("WINDOW('unique', k, 100)", "EVERY 30"),
    ("WINDOW TUMBLING(100 ms)", "CHANGES"), ("WINDOW('lengthBatch', 3)", "CHANGES"),
]  # fmt: skip


@pytest.mark.parametrize(("window", "emit"), EMITTED)
@given(story=stories(), query=queries(("total", "grouped")), data=st.data())
@examples(25)
def test_emit_by_the_clock(
    window: str, emit: str, story: Story, query: Query, data: st.DataObject
) -> None:
    sql = f"{STREAM} {query_of(window, query).removesuffix(';')} EMIT {emit};"
    assert_cuts_do_not_show(sql, story, True, data)


@pytest.mark.parametrize("emit", ["EVERY 30", "CHANGES", "FINAL"])
@pytest.mark.parametrize("window", [RUNNING, "WINDOW('length', 3)", *BY_WATERMARK])
@given(story=stories(), query=queries(("total", "grouped")), data=st.data())
@examples(25)
def test_emit_by_a_watermark(
    window: str, emit: str, story: Story, query: Query, data: st.DataObject
) -> None:
    sql = f"{LAGGING} {query_of(window, query).removesuffix(';')} EMIT {emit};"
    assert_cuts_do_not_show(sql, story, False, data)


STATEMENTS = {
    "aggregates": "SELECT k, array_agg(v) AS a, string_agg(k, '|') AS s, median(v) AS m, "
    "count(DISTINCT v) AS d, sum(v) FILTER (WHERE v > 2) AS f "
    "FROM S {window} GROUP BY k",
    "values in an order": "SELECT k, array_agg(v ORDER BY v DESC) AS a, string_agg(k, '|' ORDER BY "
    "v NULLS FIRST) AS s, first(ts ORDER BY v) AS f, last(ts ORDER BY k, v DESC) AS l "
    "FROM S {window} GROUP BY k",
    "sketches": "SELECT k, approx_count_distinct(v) AS n, approx_percentile(v, 0.5) AS m "
    "FROM S WINDOW('session', 25) GROUP BY k",
    "arranged": "SELECT DISTINCT k, max(v) AS m FROM S WINDOW('hop', 100, 50) GROUP BY k "
    "HAVING count(*) > 1 ORDER BY m DESC LIMIT 2",
    "time to live": "SELECT k, count(*) AS n, sum(v) AS s FROM S GROUP BY k "
    "WITH ('state.ttl' = '100 ms')",
    "what outlives windows": "SELECT k, min_forever(v) AS low, max_forever(v) AS high "
    "FROM S {window} GROUP BY k",
    "what outlives windows, for some time": "SELECT k, max_forever(v) AS high "
    "FROM S WINDOW('hop', 100, 50) GROUP BY k EMIT CHANGES WITH ('state.ttl' = '200 ms')",
    "deduplicated": "SELECT k, v FROM S DEDUPLICATE BY k WITHIN 100 ms",
    "deduplicated, the last": "SELECT k, v FROM S DEDUPLICATE BY k WITHIN 100 ms KEEP LAST",
    "deduplicated by expressions": "SELECT k, v FROM S DEDUPLICATE BY v % 3, k = 'a' WITHIN 100 ms",
    "deduplicated by an expression, the last": "SELECT v % 3 AS r, sum(v) AS s FROM S "
    "DEDUPLICATE BY v % 3 WITHIN 100 ms KEEP LAST GROUP BY v % 3",
    "delayed": "SELECT k, v FROM S WINDOW('delay', 100)",
    "aggregates of delayed rows": "SELECT k, sum(v) AS s FROM S WINDOW('delay', 100) GROUP BY k",
    "aggregates of what was deduplicated": "SELECT k, count(*) AS n, sum(v) AS s "
    "FROM S DEDUPLICATE BY k WITHIN 100 ms KEEP LAST WHERE v > 2 GROUP BY k",
    "two windows in a row": "SELECT k, sum(v) AS s, last(v) AS v FROM S WINDOW('length', 3) "
    "GROUP BY k; INSERT INTO U SELECT count(*) AS n, sum(s) AS s FROM T WINDOW TUMBLING(100 ms)",
}


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
@given(story=stories(), window=st.sampled_from(BY_CLOCK), data=st.data())
@examples(30)
def test_other_state(statement: str, story: Story, window: str, data: st.DataObject) -> None:
    sql = f"{STREAM} INSERT INTO T {statement.format(window=window)};"
    assert_cuts_do_not_show(sql, story, True, data)
