"""The event times of the rows that windows give (semantics 5.1)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from eventflux.base.clock import ManualClock
from eventflux.base.rows import values_of
from eventflux.compiler import compile_plan
from eventflux.planner import plan_sql

STREAM = "CREATE STREAM S (k STRING, v INT);\n"

ROWS = [("a", 1), ("b", 2), ("a", 3), ("c", 4)]
TIMES = [10, 20, 30, 40]


def timed(
    select: str, rows: Sequence[tuple[str, int]] = ROWS, until: int = 1000
) -> list[tuple[object, int]]:
    """The first column of each row of a query, and its event time."""
    plan = plan_sql(f"{STREAM}INSERT INTO T SELECT {select}").plan
    program = compile_plan(plan, functions={}, clock=ManualClock())
    outlet = program.outlet(["T"], timed=True)
    make = program.row_type("S")
    program.step("S", [make(*values) for values in rows], TIMES[: len(rows)])
    program.advance(until)
    out, times = outlet.take_with_times()
    return [(values_of(row)[0], time) for row, time in zip(out, times, strict=True)]


@pytest.mark.parametrize("window", ["lengthBatch(4)"])
def test_groups_of_counted_windows_are_as_new_as_their_newest_row(window: str) -> None:
    select = f"k, count(*) AS n FROM S WINDOW {window} GROUP BY k"
    assert timed(select) == [("a", 30), ("b", 20), ("c", 40)]


@pytest.mark.parametrize("window", ["TUMBLING(100 ms)"])
def test_groups_of_windows_by_time_are_as_new_as_the_window(window: str) -> None:
    select = f"k, count(*) AS n FROM S WINDOW {window} GROUP BY k"
    assert timed(select) == [("a", 99), ("b", 99), ("c", 99)]


@pytest.mark.parametrize("window", ["lengthBatch(4)", "TUMBLING(100 ms)"])
@pytest.mark.parametrize("select", ["k", "k, sum(v) AS s"])
def test_rows_of_their_own_keep_their_times(select: str, window: str) -> None:
    own = list(zip("abac", TIMES, strict=True))
    assert timed(f"{select} FROM S WINDOW {window}") == own


@pytest.mark.parametrize("window", ["", "WINDOW('length', 3)", "WINDOW TIME(1 MINUTE)"])
def test_groups_told_of_at_ticks_are_as_new_as_their_last_row(window: str) -> None:
    select = f"k, count(*) AS n FROM S {window} GROUP BY k EMIT EVERY 100"
    assert timed(select, until=100) == [("a", 30), ("b", 20), ("c", 40)]


def test_groups_of_open_windows_told_of_at_ticks_are_as_new_as_the_window() -> None:
    select = "k, count(*) AS n FROM S WINDOW TUMBLING(1 SECOND) GROUP BY k EMIT EVERY 100"
    assert timed(select, until=100) == [("a", 999), ("b", 999), ("c", 999)]


@pytest.mark.parametrize("window", ["lengthBatch(4)"])
def test_changes_of_counted_windows_are_as_new_as_their_events(window: str) -> None:
    select = f"k, count(*) AS n FROM S WINDOW {window} GROUP BY k EMIT CHANGES"
    assert timed(select) == [("a", 10), ("b", 20), ("a", 30), ("c", 40)]
