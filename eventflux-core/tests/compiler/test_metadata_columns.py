"""METADATA columns beside rows, on the way in and out, are what rows that have them are."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventflux.base.clock import ManualClock
from eventflux.base.failures import RowFailure
from eventflux.base.rows import Row, values_of
from eventflux.compiler import Program, compile_plan
from eventflux.planner import plan_sql
from eventflux.planner.plan import Plan
from eventflux.spi.function_types import scalar_function

STREAM = """
SET app.time = 'event';
CREATE STREAM S (
  "from" STRING METADATA FROM 'key', a LONG NOT NULL, "class" STRING,
  at LONG METADATA, ts LONG NOT NULL
) WITH (type = 'source', extension = 'x', event.time = '{time}');
CREATE STREAM Out (n LONG, route STRING METADATA FROM 'key', name STRING, p LONG METADATA)
WITH (type = 'sink', extension = 'x');
"""
TO_OUT = """INSERT INTO Out (p, name, n, route) SELECT {a}, "class", ts, "from" FROM {source};"""
PROGRAMS = {
    "plain": TO_OUT.format(a="a + 1", source="S WHERE a > 2"),
    "failing": TO_OUT.format(a="boom(a)", source="S"),
    "two": TO_OUT.format(a="a", source="S") + TO_OUT.format(a="boom(at)", source="S"),
    "observed": "INSERT INTO Again SELECT name, p FROM Out WHERE p > 1;"
    + TO_OUT.format(a="a", source="S"),
    "window": "INSERT INTO Out (p, name, n, route) SELECT sum(a), max(\"class\"), count(*), 'r' "
    "FROM S WINDOW('tumbling', 2 sec) GROUP BY \"from\";",
    "chain": "".join(
        f'CREATE VIEW V{n} AS SELECT a, "class", ts, "from" '
        f"FROM {f'V{n - 1}' if n else 'S'} WHERE a < {20 - n};"
        for n in range(15)
    )
    + TO_OUT.format(a="a", source="V14"),
}
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["x", "y", None]),
        st.integers(-2, 9),
        st.sampled_from(["c", None]),
        st.one_of(st.none(), st.integers(0, 9000)),
        st.integers(0, 9000),
    ),
    max_size=20,
)


def boom(value: int) -> int:
    if value % 5 == 0:
        raise ValueError(f"boom {value}")
    return value


FUNCTIONS = {"boom": scalar_function("boom", boom)}


@cache
def planned(sql: str, time: str) -> Plan:
    return plan_sql(STREAM.format(time=time) + sql, functions=FUNCTIONS).plan


class Run:
    """A program fed with rows, and all that came of it."""

    def __init__(self, sql: str, time: str, *, split: bool, whole: bool = False) -> None:
        self.clock = ManualClock()
        self.program: Program = compile_plan(
            planned(sql, time), functions=FUNCTIONS, clock=self.clock
        )
        self.failures: list[tuple[Any, ...]] = []
        self.program.on_failure = self._failed
        self.out = self.program.outlet(["Out"], split=split, timed=True)
        self.others = self.program.outlet(["S", "Out"]) if whole else None

    def _failed(self, failure: RowFailure) -> None:
        row = failure.row
        self.failures.append(
            (failure.query, str(failure.error), row and type(row).__name__, row and values_of(row))
        )

    def finish(self) -> tuple[Any, ...]:
        self.program.flush()
        metadata = self.out.take_metadata()
        rows, times = self.out.take_with_times()
        values = [values_of(row) for row in rows]
        if self.out.split:
            values = [
                (n, route, name, p) for (n, name), route, p in zip(values, *metadata, strict=True)
            ]
        seen = [] if self.others is None else [values_of(row) for row in self.others.take()]
        return values, times, seen, self.failures, self.program.counters()


def whole_rows(program: Program, rows: list[tuple[Any, ...]]) -> list[Row]:
    return [program.row_type("S")(*row) for row in rows]


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("time", ["ts", "at"])
@given(rows=ROWS, cut=st.integers(0, 20), whole=st.booleans())
@settings(max_examples=30, deadline=None)
def test_beside_rows_or_in_them(
    name: str, time: str, rows: list[tuple[Any, ...]], cut: int, whole: bool
) -> None:
    within = Run(PROGRAMS[name], time, split=False, whole=whole)
    for part in (rows[:cut], rows[cut:]):
        within.program.step("S", whole_rows(within.program, part))
    beside = Run(PROGRAMS[name], time, split=True, whole=whole)
    make = beside.program.payload_type("S")
    for part in (rows[:cut], rows[cut:]):
        columns = [[row[0] for row in part], [row[3] for row in part]]
        beside.program.step("S", [make(row[1], row[2], row[4]) for row in part], None, columns)
    assert beside.finish() == within.finish()


@given(rows=ROWS)
@settings(deadline=None)
def test_of_logical_batches(rows: list[tuple[Any, ...]]) -> None:
    runs = [Run(PROGRAMS["observed"], "ts", split=split) for split in (False, True)]
    for run in runs:
        run.program.step_batch("S", whole_rows(run.program, rows))
    assert runs[0].finish() == runs[1].finish()


@pytest.mark.parametrize("time", ["ts", "at"])
def test_a_step_that_is_cut_leaves_the_clock_at_its_last_row(time: str) -> None:
    run = Run(PROGRAMS["failing"], time, split=True)
    program = run.program
    program.may_cut = True
    program.on_failure = lambda failure: program.cut()
    make = program.payload_type("S")
    rows = [make(a, "c", 1000 * a) for a in (1, 5, 7)]
    program.step("S", rows, None, [["x"] * 3, [1000, 5000, 7000]])
    assert program.taken == 2
    assert run.clock.time == 5000
