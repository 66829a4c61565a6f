"""Outlets that want the event time of each row have it, whatever shape the code takes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from eventflux.base.clock import ManualClock
from eventflux.base.rows import values_of
from eventflux.compiler import Program, compile_plan
from eventflux.planner import plan_sql

STREAM = "CREATE STREAM S (a LONG NOT NULL, ts LONG NOT NULL)"
EVENT_TIME = f"SET app.time = 'event'; {STREAM} WITH (event.time = 'ts');"


def program_of(sql: str) -> Program:
    return compile_plan(plan_sql(sql).plan, functions={}, clock=ManualClock())


def by_steps(program: Program) -> None:
    rows = [program.row_type("S")(a, 1000 * a) for a in range(8)]
    program.step("S", rows[:3])
    program.step("S", rows[3:])
    program.flush()


def by_batch(program: Program) -> None:
    program.step_batch("S", [program.row_type("S")(a, 1000 * a) for a in range(8)])
    program.flush()


CHAIN = EVENT_TIME + "".join(
    f"INSERT INTO T{n} SELECT a, ts FROM {f'T{n - 1}' if n else 'S'} WHERE a < {100 - n};"
    for n in range(16)
)
REJOIN = EVENT_TIME + (
    "INSERT INTO A SELECT a, ts FROM S WHERE a < 6; INSERT INTO B SELECT a, ts FROM A;"
    "INSERT INTO B SELECT a, ts FROM S; INSERT INTO Out SELECT a, ts FROM B WHERE a > 0;"
    "INSERT INTO Other SELECT a, ts FROM B WHERE a > 1; INSERT INTO More SELECT a, ts FROM B;"
    "INSERT INTO Yet SELECT a, ts FROM B;"
)


@pytest.mark.parametrize("feed", [by_steps, by_batch])
@pytest.mark.parametrize(
    ("sql", "stream"),
    [
        (EVENT_TIME, "S"),
        (EVENT_TIME + "INSERT INTO Out SELECT a, ts FROM S WHERE a > 3;", "Out"),
        (EVENT_TIME + "INSERT INTO Out SELECT 10 / (a - 3) AS a, ts FROM S WHERE a > 1;", "Out"),
        (CHAIN, "T3"),
        (CHAIN, "T15"),
        (REJOIN, "B"),
        (REJOIN, "Out"),
    ],
)
def test_each_row_has_its_own_time(sql: str, stream: str, feed: Callable[[Program], None]) -> None:
    program = program_of(sql)
    timed, plain = program.outlet([stream], timed=True), program.outlet([stream])
    feed(program)
    rows, times = timed.take_with_times()
    assert rows
    assert [values_of(row)[-1] for row in rows] == times
    assert plain.take() == rows
    assert timed.take_with_times() == ([], [])


def test_a_window_gives_its_last_millisecond() -> None:
    program = program_of(
        EVENT_TIME + "INSERT INTO Out SELECT count(*) AS n FROM S WINDOW('tumbling', 2 sec);"
    )
    outlet = program.outlet(["Out"], timed=True)
    by_steps(program)
    rows, times = outlet.take_with_times()
    assert [values_of(row) for row in rows] == [(2,)] * 4
    assert times == [1999, 3999, 5999, 7999]


def test_without_a_time_of_its_own_a_row_has_that_of_its_step() -> None:
    clock = ManualClock()
    sql = STREAM + "; INSERT INTO Out SELECT a, ts FROM S;"
    program = compile_plan(plan_sql(sql).plan, functions={}, clock=clock)
    outlet = program.outlet(["Out"], timed=True)
    row = program.row_type("S")(1, 0)
    for now in (5, 7):
        program.advance(now)
        program.step("S", [row, row])
    program.step("S", [row], [6])
    assert outlet.take_with_times()[1] == [5, 5, 7, 7, 6]
