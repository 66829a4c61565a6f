"""The invariants, over generated apps that chain, fan out and rejoin.

Everything is compared with the interpreter of :mod:`oracle`, which takes one event at a
time and knows nothing of batches, generated code or snapshots.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from hypothesis import given, note
from hypothesis import strategies as st

from eventflux.planner import plan_sql
from eventflux.planner.plan import Plan

from .generated.apps import FUNCTIONS, Action, Advance, App, Batch, Row, actions, apps
from .harness import Compiled, Logged
from .oracle import Interpreter
from .profile import examples


def planned(app: App) -> Plan:
    note(app.sql)
    return plan_sql(app.sql, functions=FUNCTIONS).plan


def expected(plan: Plan, todo: Sequence[Action]) -> Interpreter:
    """The interpreter after all actions."""
    oracle = Interpreter(plan, FUNCTIONS)
    for action in todo:
        match action:
            case Row(stream, values, time):
                oracle.send(stream, values, time)
            case Batch(stream, rows, time):
                oracle.send_batch(stream, rows, time)
            case Advance(now):
                oracle.advance(now)
    return oracle


def perform(app: Compiled, todo: Sequence[Action], size: int) -> None:
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
    assert list(published) == oracle.published
    assert app.failures == oracle.failures
    assert app.counters() == oracle.counters()


@st.composite
def runs(draw: st.DrawFn, batches: bool = False) -> tuple[App, list[Action]]:
    app = draw(apps())
    return app, draw(actions(app, batches))


@given(run=runs(batches=True))
@examples(150)
def test_batch_boundaries_do_not_show(run: tuple[App, list[Action]]) -> None:
    app, todo = run
    plan = planned(app)
    oracle = expected(plan, todo)
    for size in (1, 7, 1000):
        engine = Compiled(plan, FUNCTIONS)
        perform(engine, todo, size)
        assert_same(engine, oracle, engine.take()[0])
