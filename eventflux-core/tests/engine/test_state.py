"""State by example: what a snapshot keeps, whose it is, and what a failing row leaves of it."""

from __future__ import annotations

import math
from typing import Any

import pytest

from eventflux.base.failures import AbortStep, RowFailure
from eventflux.planner import plan_sql

from .generated.apps import FUNCTIONS
from .harness import Compiled, compiled

STREAM = "CREATE STREAM S (k DOUBLE, v LONG);"
RUNNING = "INSERT INTO Sums SELECT k, SUM(v) AS total FROM S GROUP BY k;"


def ends(app: Compiled, stream: str) -> list[tuple[Any, ...]]:
    return [values for name, values in app.take()[0] if name == stream]


def test_integers_beyond_64_bits_survive() -> None:
    sql = STREAM + (
        "INSERT INTO Out SELECT SUM(v * v * v) / 1e30 AS s, MAX(v * v) / 1e30 AS hi, COUNT(*) AS n "
        "FROM S GROUP BY v * v * v;"
        "INSERT INTO Win SELECT k, SUM(v * v) / 1e30 AS s FROM S WINDOW('tumbling', 10)"
    )
    first, second = compiled(sql), compiled(sql)
    large = 2**63 - 1
    first.send("S", [(1.0, large), (1.0, -large)], [1, 2])
    second.restore(first.saved())
    second.send("S", [(1.0, large)], [3])
    second.advance(10)
    published = second.take()[0]
    assert published[1] == ("Out", (2 * large**3 / 1e30, large**2 / 1e30, 2))
    assert [values[1] for stream, values in published if stream == "Win"] == [
        number * large**2 / 1e30 for number in (1, 2, 3)
    ]


@pytest.mark.parametrize("keys", ["k", "k, v"])
def test_nan_stays_one_group(keys: str) -> None:
    sql = STREAM + f"INSERT INTO Out SELECT COUNT(*) AS n FROM S GROUP BY {keys}"
    first, second = compiled(sql), compiled(sql)
    first.send("S", [(math.nan, 1), (float("nan"), 1)])
    second.restore(first.saved())
    second.send("S", [(-math.nan, 1)])
    assert ends(first, "Out") == [(1,), (2,)]
    assert ends(second, "Out") == [(3,)]


def test_state_belongs_to_its_query_wherever_that_stands() -> None:
    first = compiled(STREAM + RUNNING)
    first.send("S", [(1.0, 5)])
    other = "INSERT INTO Other SELECT COUNT(*) AS n FROM S;"
    second = compiled(STREAM + other + RUNNING)
    second.restore(first.saved())
    second.send("S", [(1.0, 1)])
    assert [logged for logged in second.take()[0] if logged[0] != "S"] == [
        ("Other", (1,)),
        ("Sums", (1.0, 6)),
    ]


def test_a_changed_query_starts_anew() -> None:
    first = compiled(STREAM + RUNNING)
    first.send("S", [(1.0, 5)])
    second = compiled(STREAM + RUNNING.replace("SUM(v)", "SUM(v + 0)"))
    second.restore(first.saved())
    second.send("S", [(1.0, 1)])
    assert ends(second, "Sums") == [(1.0, 1)]


def test_two_equal_queries_keep_their_own_state() -> None:
    sql = STREAM + "INSERT INTO S2 SELECT k, v FROM S WHERE v > 1;" + RUNNING
    sql += RUNNING.replace("Sums", "More").replace("FROM S ", "FROM S2 ")
    first, second = compiled(sql), compiled(sql)
    first.send("S", [(1.0, 1), (1.0, 2)])
    second.restore(first.saved())
    second.send("S", [(1.0, 10)])
    published = second.take()[0]
    assert ("Sums", (1.0, 13)) in published
    assert ("More", (1.0, 12)) in published


def test_restoring_goes_back() -> None:
    app = compiled(STREAM + "INSERT INTO Out SELECT SUM(v) AS s FROM S WINDOW('timeBatch', 10)")
    empty = app.saved()
    app.send("S", [(1.0, 5)], [3])
    full = app.saved()
    app.advance(13)
    app.restore(full)
    app.send("S", [(1.0, 1)], [4])
    app.advance(13)
    app.restore(empty)
    app.send("S", [(1.0, 7)], [0])
    app.advance(10)
    assert ends(app, "Out") == [(5,), (6,), (7,)]


@pytest.mark.parametrize("condition", ["", "WHERE v > 1"])
@pytest.mark.parametrize("batch", [False, True])
def test_a_row_that_fails_does_not_start_a_grid(condition: str, batch: bool) -> None:
    """``picky`` refuses 8: the grid starts with the row at 4."""
    sql = STREAM + (
        "INSERT INTO Out SELECT SUM(picky(v)) AS s, window_start() AS start "
        f"FROM S WINDOW('timeBatch', 10) {condition};"
        "INSERT INTO Rows SELECT k, SUM(picky(v)) AS s, window_start() AS start "
        f"FROM S WINDOW('timeBatch', 10) {condition}"
    )
    app = compiled(sql, FUNCTIONS)
    for row, time in (((1.0, 8), 1), ((2.0, 5), 4), ((3.0, 8), 5), ((4.0, 6), 13)):
        if batch:
            app.send_batch("S", [row], time)
        else:
            app.send("S", [row], [time])
    app.advance(14)
    published = [logged for logged in app.take()[0] if logged[0] != "S"]
    assert published == [
        ("Out", (13, 4)),
        ("Rows", (2.0, 6, 4)),
        ("Rows", (4.0, 13, 4)),
    ]
    assert [failure.query for failure in app.failures] == ["query_1", "query_2"] * 2


def test_a_failure_that_stops_the_step_leaves_counters_that_add_up() -> None:
    sql = STREAM + (
        "INSERT INTO A SELECT k, v FROM S WHERE v > 0;"
        "INSERT INTO B SELECT picky(v) AS v FROM A WHERE v > 1;"
        "INSERT INTO C SELECT v FROM B"
    )
    plan = plan_sql(sql, functions=FUNCTIONS).plan
    app = Compiled(plan, FUNCTIONS)

    def stop(failure: RowFailure) -> None:
        raise AbortStep

    app.program.on_failure = stop
    with pytest.raises(AbortStep):
        app.send("S", [(0.0, 0), (0.0, 5), (0.0, 8), (0.0, 6)])
    published = [logged for logged in app.take()[0] if logged[0] != "S"]
    assert published == [("A", (0.0, 5)), ("B", (6,)), ("C", (6,)), ("A", (0.0, 8))]
    counts = {
        name: {counter: number for counter, number in counters.items() if number}
        for name, counters in app.counters().items()
    }
    assert counts == {
        "query_1": {"in": 3, "passed": 2, "filtered": 1},
        "query_2": {"in": 2, "passed": 1, "failed": 1},
        "query_3": {"in": 1, "passed": 1},
    }
