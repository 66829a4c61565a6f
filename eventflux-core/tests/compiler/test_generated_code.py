"""The generated code: worth reading, kept as snapshots; traced back to the SQL.

``UPDATE_SNAPSHOTS=1 pytest`` writes the snapshots anew, for a person to read the diff.
"""

from __future__ import annotations

import gc
import linecache
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import pytest

from eventflux.base.clock import ManualClock, SystemClock
from eventflux.base.failures import RowFailure
from eventflux.base.rows import values_of
from eventflux.base.types import DataType
from eventflux.compiler import Program, compile_plan
from eventflux.planner import plan_sql
from eventflux.spi.functions import ScalarFunction

SNAPSHOTS = Path(__file__).parent / "generated"

ORDERS = """
CREATE STREAM Orders (id STRING, amount DOUBLE, product STRING);
INSERT INTO Priced
SELECT id, product, CASE WHEN amount > 1000 THEN 'HIGH' ELSE 'LOW' END AS priority
FROM Orders WHERE amount > 50;
"""
BARS = """
SET app.time = 'event';
CREATE STREAM Trades (symbol STRING NOT NULL, price DOUBLE, ts LONG NOT NULL)
WITH (event.time = 'ts');
INSERT INTO Bars
SELECT symbol, count(*) AS trades, sum(price) AS total, avg(price) AS mean, min(price) AS low
FROM Trades WINDOW('tumbling', 1 MINUTE) GROUP BY symbol;
"""
ROUTED = """
CREATE STREAM Orders (id STRING, tenant STRING METADATA FROM 'key', amount DOUBLE)
WITH (type = 'source', extension = 'broker');
CREATE STREAM Large (id STRING, route STRING METADATA, amount DOUBLE)
WITH (type = 'sink', extension = 'broker');
INSERT INTO Large (id, route, amount)
SELECT id, coalesce(tenant, 'nobody'), amount FROM Orders WHERE amount > 50;
"""
REJOIN = """
CREATE STREAM S (a LONG NOT NULL, b STRING);
INSERT INTO Small SELECT a, b FROM S WHERE a < 10;
INSERT INTO Even SELECT a, b FROM S WHERE a % 2 = 0;
INSERT INTO Both SELECT a, b FROM Small;
INSERT INTO Both SELECT a, b FROM Even;
INSERT INTO Counted SELECT b, count(*) AS n FROM Both GROUP BY b;
"""


def program_of(sql: str, *observed: str, manual: bool = False) -> Program:
    program = compile_plan(
        plan_sql(sql).plan, functions={}, clock=ManualClock() if manual else SystemClock()
    )
    for stream in observed:
        program.outlet([stream], split=bool(program.plan.streams[stream].schema.metadata))
    return program


@pytest.mark.parametrize(
    ("name", "sql", "observed", "manual"),
    [
        ("orders", ORDERS, "Priced", False),
        ("bars", BARS, "Bars", True),
        ("routed", ROUTED, "Large", False),
        (
            "rejoin",
            REJOIN,
            "Counted",
            False,
        ),
    ],
)
def test_snapshot(name: str, sql: str, observed: str, manual: bool) -> None:
    code = program_of(sql, observed, manual=manual).source_code()
    path = SNAPSHOTS / f"{name}.py.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(code, encoding="utf-8")
    assert code == path.read_text(encoding="utf-8")


FAILING = """
CREATE STREAM S (a STRING);
INSERT INTO T
SELECT a,
       shout(a) AS loud
FROM S;
"""


def refuse(text: str) -> str:
    raise ValueError(f"not {text}")


def failing_program(
    observed: Sequence[str] = ("T",), sql: str = FAILING
) -> tuple[Program, list[RowFailure]]:
    shout = ScalarFunction("shout", refuse, (DataType.STRING,), DataType.STRING)
    functions = {"shout": shout}
    plan = plan_sql(sql, functions=functions).plan
    program = compile_plan(plan, functions=functions, clock=SystemClock())
    failures: list[RowFailure] = []
    program.on_failure = failures.append
    if observed:
        program.outlet(list(observed))
    program.step("S", [program.row_type("S")("x")])
    return program, failures


@pytest.mark.parametrize("observed", [["T"], []], ids=["read", "unread"])
def test_a_failure_names_the_place_in_the_sql(observed: list[str]) -> None:
    _, failures = failing_program(observed)
    (failure,) = failures
    assert failure.query == "query_1"
    assert failure.position is not None
    assert (failure.position.line, failure.position.column) == (5, 8)


def test_programs_of_the_same_code_have_places_of_their_own() -> None:
    lines = []
    for sql in (FAILING, "\n\n" + FAILING, FAILING):
        _, failures = failing_program(sql=sql)
        assert failures[0].position is not None
        lines.append(failures[0].position.line)
    assert lines == [5, 7, 5]


def test_a_traceback_shows_the_generated_line() -> None:
    _program, failures = failing_program()
    text = "".join(traceback.format_exception(failures[0].error))
    assert "shout(" in text
    assert "<eventflux" in text


def generated_files() -> set[str]:
    return {name for name in linecache.cache if name.startswith("<eventflux")}


@pytest.mark.skipif(
    sys.version_info[:3] == (3, 13, 0),
    reason="CPython 3.13.0 does not collect a program that has made a step; 3.11 and 3.12 do",
)
def test_generated_sources_go_after_their_program() -> None:
    program, failures = failing_program()
    mine = generated_files()
    del program
    failures.clear()
    gc.collect()
    failing_program()
    assert not mine <= generated_files()


class Dropping(tuple[object, ...]):
    """Lines of a file; while they are looked at, the last that is held goes."""

    held: ClassVar[list[object]] = []

    def __len__(self) -> int:
        self.held.clear()
        gc.collect()
        return super().__len__()


def test_a_program_may_go_while_the_sources_of_tracebacks_are_looked_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(linecache, "cache", {"first": Dropping((0, None, [], "first"))})
    Dropping.held.append(failing_program())
    assert generated_files()
    linecache.checkcache()
    assert not Dropping.held


def test_names_and_texts_of_users_cannot_reach_the_code() -> None:
    sql = """
    CREATE STREAM "row" ("now" STRING, "a b" STRING, "x); import os #" LONG, "é'" STRING);
    INSERT INTO "emit""); import os #" SELECT "now", "a b" AS "error", "x); import os #", "é'",
      'it''s "quoted" \\ and
      broken' AS "print" FROM "row" WHERE "now" <> 'x';
    """
    target = 'emit"); import os #'
    program = program_of(sql, target)
    outlet = program.outlet([target])
    program.step("row", [program.row_type("row")("n", "e", 3, "u")])
    (row,) = outlet.take()
    assert values_of(row) == ("n", "e", 3, "u", 'it\'s "quoted" \\ and\n      broken')
    code = [line for line in program.source_code().splitlines() if "#" not in line]
    assert not any("import os" in line for line in code)
