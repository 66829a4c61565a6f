"""Functions and aggregates of a program's own, in generated apps: what they stand for does not show
that it is theirs, however rows are cut into steps and wherever the app is restored."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from eventflux import EventFluxManager
from eventflux.testing import AppRunner

from .generated.apps import FEW, PICKY, Action, Advance, App, Batch, actions, apps
from .profile import examples
from .test_invariants import cut

pytestmark = pytest.mark.usefixtures("programs_read_once")

Outcome = tuple[dict[str, list[tuple[Any, ...]]], dict[str, dict[str, int]]]
"""The rows of all streams, and the counters of all queries."""


@st.composite
def runs(draw: st.DrawFn) -> tuple[App, list[Action]]:
    """An app and what happens to it; no logical batches, which no row stays in that waits."""
    app = draw(apps())
    return app, draw(actions(app))


def behind(app: App, call: str) -> str:
    """The app behind a ``call`` for each row of its inputs."""
    inputs = "|".join(app.inputs)
    sql = re.sub(rf"FROM ({inputs})\b", r"FROM Asked\1", app.sql)
    for name in app.inputs:
        sql += f";\nINSERT INTO Asked{name} SELECT k, {call}(n) AS n, m, x FROM {name}"
    note(sql)
    return sql


def own_aggregates(sql: str) -> str:
    """The program with some of the engine's aggregates as own ones."""
    sql = sql.replace("MAX(n)", "own_max(n)").replace("COUNT(m)", "COALESCE(own_count(m), 0)")
    note(sql)
    return sql


def new_manager() -> EventFluxManager:
    manager = EventFluxManager(plugins=False)
    manager.function(PICKY.call, name="picky", arguments=["LONG"], returns="LONG")
    manager.context.add_function(FEW)

    @manager.function
    def at_once(number: int | None) -> int | None:
        return number

    @manager.function(concurrency=3)
    async def later(number: int | None) -> int | None:
        for _ in range(0 if number is None else number % 4):
            await asyncio.sleep(0)
        return number

    @manager.aggregate(name="own_max")
    class Max:
        def __init__(self) -> None:
            self.values: list[int] = []

        def add(self, value: int) -> None:
            self.values.append(value)

        def result(self) -> int | None:
            return max(self.values, default=None)

    @manager.aggregate(name="own_count")
    class Count:
        def __init__(self) -> None:
            self.count = 0

        def add(self, value: int) -> None:
            self.count += 1

        def merge(self, later: Count) -> None:
            self.count += later.count

        def result(self) -> int:
            return self.count

    return manager


MANAGER = new_manager()


def outcome(sql: str, todo: Sequence[Action], size: int, border: int | None = None) -> Outcome:
    """What an app gives of actions in steps of up to ``size`` rows; restored at the ``border``."""
    if border is not None:
        with AppRunner(sql, context=MANAGER.context) as first:
            keep_all(first)
            perform(first, todo[:border], size)
            rows, saved = all_rows(first), first.persist()
        with AppRunner(sql, context=MANAGER.context) as then:
            keep_all(then)
            then.restore(saved)
            perform(then, todo[border:], size)
            return {name: rows[name] + more for name, more in all_rows(then).items()}, {}
    with AppRunner(sql, context=MANAGER.context) as runner:
        keep_all(runner)
        perform(runner, todo, size)
        return all_rows(runner), dict(runner.stats()["queries"])


def keep_all(runner: AppRunner) -> None:
    for stream in runner.plan.streams:
        runner.keep(stream)


def all_rows(runner: AppRunner) -> dict[str, list[tuple[Any, ...]]]:
    return {stream: runner.rows(stream) for stream in runner.plan.streams}


def perform(runner: AppRunner, todo: Sequence[Action], size: int) -> None:
    for action in cut(todo, size):
        match action:
            case Advance(now):
                runner.advance_to(now)
            case Batch(stream, rows, time):
                runner.send_batch(stream, rows, time)
            case [row, *_] as several:
                times = None if row.time is None else [one.time or 0 for one in several]
                runner.send_many(row.stream, [one.values for one in several], times)


@given(run=runs(), data=st.data())
@examples(40)
def test_an_asynchronous_function_before_an_app_does_not_show(
    run: tuple[App, list[Action]], data: st.DataObject
) -> None:
    app, todo = run
    expected = outcome(behind(app, "at_once"), todo, 1)
    sql = behind(app, "later")
    for size in (1, 7, 1000):
        assert outcome(sql, todo, size) == expected
    border = data.draw(st.integers(0, len(todo)), label="border")
    assert outcome(sql, todo, 1000, border)[0] == expected[0]


@given(run=runs(), data=st.data())
@examples(40)
def test_own_aggregates_are_those_that_they_stand_for(
    run: tuple[App, list[Action]], data: st.DataObject
) -> None:
    app, todo = run
    expected = outcome(app.sql, todo, 1)
    sql = own_aggregates(app.sql)
    for size in (1, 7, 1000):
        assert outcome(sql, todo, size) == expected
    border = data.draw(st.integers(0, len(todo)), label="border")
    assert outcome(sql, todo, 1000, border)[0] == expected[0]
