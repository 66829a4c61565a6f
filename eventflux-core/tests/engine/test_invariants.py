"""The invariants, over generated apps that chain, fan out and rejoin.

Everything is compared with the interpreter of :mod:`oracle`, which takes one event at a
time and knows nothing of batches, generated code or snapshots.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from hypothesis import given, note
from hypothesis import strategies as st

from eventflux.planner import plan_sql
from eventflux.planner.plan import Plan

from .generated.apps import FUNCTIONS, Action, Advance, App, Batch, Row, actions, apps
from .harness import Compiled, Logged, SteppedClock
from .oracle import Interpreter
from .profile import examples

Run = tuple[App, list[Action]]


@st.composite
def runs(draw: st.DrawFn, batches: bool = True) -> Run:
    """An app and what happens to it."""
    app = draw(apps())
    return app, draw(actions(app, batches))


def planned(sql: str) -> Plan:
    note(sql)
    return plan_sql(sql, functions=FUNCTIONS).plan


def interpret(oracle: Interpreter, todo: Sequence[Action]) -> Interpreter:
    """All actions, one event at a time."""
    for action in todo:
        match action:
            case Row(stream, values, time):
                oracle.send(stream, values, time)
            case Batch(stream, rows, time):
                oracle.send_batch(stream, rows, time)
            case Advance(now):
                oracle.advance(now)
    return oracle


def perform(app: Compiled, todo: Sequence[Action], size: int = 1000) -> Compiled:
    """All actions, neighbouring rows of a stream in steps of up to ``size``."""
    for action in cut(todo, size):
        match action:
            case Advance(now):
                app.advance(now)
            case Batch(stream, rows, time):
                app.send_batch(stream, rows, time)
            case [Row(stream, _, time), *_] as several:
                times = None if time is None else [row.time or 0 for row in several]
                app.send(stream, [row.values for row in several], times)
    return app


def cut(todo: Sequence[Action], size: int) -> Iterator[Advance | Batch | list[Row]]:
    def alike(action: Action) -> object:
        if isinstance(action, Row):
            return (action.stream, action.time is None)
        return id(action)

    for _, run in groupby(todo, alike):
        rows: list[Row] = []
        for action in run:
            if isinstance(action, Row):
                rows.append(action)
            else:
                yield action
        for start in range(0, len(rows), size):
            yield rows[start : start + size]


def assert_same(app: Compiled, oracle: Interpreter, published: Sequence[Logged]) -> None:
    """Rows of all streams in their order, failures, timers and every counter."""
    assert list(published) == oracle.published
    assert app.failures == oracle.failures
    assert app.program.next_due == oracle.next_due()
    assert app.counters() == oracle.counters()
    assert +Counter(app.program.stream_counters()) == Counter(s for s, _ in oracle.published)


def assert_every_row_is_accounted_for(counters: dict[str, dict[str, int]]) -> None:
    for counts in counters.values():
        ends = ("passed", "filtered", "absorbed", "late", "failed", "dropped", "queued")
        assert counts["in"] == sum(counts[end] for end in ends)
        assert min(counts.values()) >= 0


@given(run=runs())
@examples(120)
def test_batch_boundaries_do_not_show(run: Run) -> None:
    app, todo = run
    plan = planned(app.sql)
    oracle = interpret(Interpreter(plan, FUNCTIONS), todo)
    for size in (1, 7, 1000):
        engine = perform(Compiled(plan, FUNCTIONS), todo, size)
        assert_same(engine, oracle, engine.take()[0])
        assert_every_row_is_accounted_for(engine.counters())


@given(run=runs(), data=st.data())
@examples(60)
def test_what_is_observed_changes_nothing(run: Run, data: st.DataObject) -> None:
    app, todo = run
    plan = planned(app.sql)
    oracle = interpret(Interpreter(plan, FUNCTIONS), todo)
    streams = data.draw(st.permutations(app.streams))
    border, end = sorted(data.draw(st.tuples(*[st.integers(0, len(streams))] * 2)))
    groups = [group for group in (streams[:border], streams[border:end]) if group]
    engine = perform(Compiled(plan, FUNCTIONS, observed=groups), todo)
    for group, published in zip(groups, engine.take(), strict=True):
        assert published == [logged for logged in oracle.published if logged[0] in group]
    assert engine.counters() == oracle.counters()


@given(run=runs())
@examples(40)
def test_two_runs_are_the_same(run: Run) -> None:
    app, todo = run
    first, second = (perform(Compiled(planned(app.sql), FUNCTIONS), todo, 3) for _ in "ab")
    assert first.take() == second.take()
    assert first.failures == second.failures
    assert first.saved() == second.saved()


@given(run=runs(), data=st.data())
@examples(100)
def test_snapshot_and_restore_do_not_show(run: Run, data: st.DataObject) -> None:
    app, todo = run
    plan = planned(app.sql)
    oracle = interpret(Interpreter(plan, FUNCTIONS), todo)
    border = data.draw(st.integers(0, len(todo)), label="border")
    before = perform(Compiled(plan, FUNCTIONS), todo[:border])
    saved = before.saved()
    after = Compiled(plan, FUNCTIONS)
    if data.draw(st.booleans(), label="into an app that has run"):
        perform(after, todo)
        after.take()
        after.failures.clear()
    after.restore(saved)
    assert after.saved() == saved
    assert after.program.next_due == before.program.next_due
    perform(after, todo[border:])
    assert before.take()[0] + after.take()[0] == oracle.published
    assert before.failures + after.failures == oracle.failures


@given(run=runs(batches=False))
@examples(40)
def test_a_batch_of_one_is_a_row(run: Run) -> None:
    app, todo = run
    plan = planned(app.sql)
    rows = perform(Compiled(plan, FUNCTIONS), todo)
    alone = [Batch(a.stream, (a.values,), a.time) if isinstance(a, Row) else a for a in todo]
    batches = perform(Compiled(plan, FUNCTIONS), alone)
    assert batches.take() == rows.take()
    assert batches.failures == rows.failures
    assert batches.counters() == rows.counters()
    assert batches.saved() == rows.saved()


@given(run=runs(), data=st.data())
@examples(60)
def test_a_row_that_fails_changes_nothing_else(run: Run, data: st.DataObject) -> None:
    app, todo = run
    inputs = "|".join(app.inputs)
    sql = re.sub(rf"FROM ({inputs})\b", r"FROM Good\1", app.sql)
    for name in app.inputs:
        sql += f";\nINSERT INTO Good{name} SELECT k, picky(n) AS n, m, x FROM {name}"
    plan = planned(sql)
    spoiled = [bad for action in todo for bad in data.draw(_spoiled(action))]
    good = perform(Compiled(plan, FUNCTIONS), todo)
    bad = perform(Compiled(plan, FUNCTIONS), spoiled, size=5)
    published, expected = (
        [logged for logged in app.take()[0] if not logged[0].startswith("In")]
        for app in (bad, good)
    )
    assert published == expected
    assert bad.saved() == good.saved()


@st.composite
def _spoiled(draw: st.DrawFn, action: Action) -> list[Action]:
    """The action, and perhaps rows that fail beside it."""
    fails = ("a", 8, 1, 0.5)
    spoil = draw(st.booleans())
    match action:
        case Row(stream, _, time) if spoil:
            return [action, Row(stream, fails, time)]
        case Batch(stream, rows, time) if spoil:
            at = draw(st.integers(0, len(rows)))
            return [Batch(stream, (*rows[:at], fails, *rows[at:]), time)]
    return [action]


@given(run=runs(), start=st.integers(0, 100), calls=st.lists(st.booleans(), min_size=8))
@examples(60)
def test_under_the_wall_clock_rows_are_placed_where_it_stands(
    run: Run, start: int, calls: list[bool]
) -> None:
    app, todo = run
    plan = planned(app.sql)
    oracle = Interpreter(plan, FUNCTIONS, moved_by_rows=False)
    oracle.advance(start)
    clock = SteppedClock(start)
    engine = Compiled(plan, FUNCTIONS, clock=clock)
    for action, call in zip(todo, calls * len(todo), strict=False):
        interpret(oracle, [action])
        if isinstance(action, Advance):
            clock.now = max(clock.now, action.now)
            if call:
                engine.advance(clock.now)
        else:
            perform(engine, [action])
    engine.advance(clock.now)
    assert list(engine.take()[0]) == oracle.published
    assert engine.failures == oracle.failures
    assert engine.counters() == oracle.counters()


@given(run=runs(), flush=st.booleans(), more=st.data())
@examples(60)
def test_windows_close_or_are_dropped_at_the_end(
    run: Run, flush: bool, more: st.DataObject
) -> None:
    app, todo = run
    plan = planned(app.sql)
    oracle = interpret(Interpreter(plan, FUNCTIONS), todo)
    engine = perform(Compiled(plan, FUNCTIONS), todo)
    if flush:
        oracle.flush()
        engine.program.flush()
    else:
        oracle.discard()
        engine.program.discard()
    again = more.draw(actions(app))
    interpret(oracle, again)
    perform(engine, again)
    assert_same(engine, oracle, engine.take()[0])
