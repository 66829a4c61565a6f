"""Expressions against DuckDB, an independent engine (semantics 2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import pytest
from hypothesis import event, given, note
from hypothesis import strategies as st

from eventflux.base.types import DataType

from .generated.differences import DIFFERENCES, Difference
from .generated.expressions import (
    BOOL,
    COLUMNS,
    DUCKDB_TYPES,
    TYPES,
    Sql,
    cast_for_duckdb,
    expressions,
    rows,
)
from .harness import compiled, run
from .profile import examples

Values = tuple[Any, ...]
LONG_RANGE = range(-(2**63), 2**63)


@pytest.fixture(scope="module")
def duck() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        yield connection


def fill(duck: duckdb.DuckDBPyConnection, table: Sequence[Values]) -> None:
    """Make the table ``t`` of :data:`COLUMNS`, its rows numbered by ``id``."""
    columns = ", ".join(f"{column.name} {DUCKDB_TYPES[column.type]}" for column in COLUMNS)
    duck.execute(f"CREATE OR REPLACE TEMP TABLE t (id INTEGER, {columns})")
    marks = ", ".join(["(" + ", ".join("?" * (len(COLUMNS) + 1)) + ")"] * len(table))
    values = [value for number, row in enumerate(table) for value in (number, *row)]
    duck.execute(f"INSERT INTO t VALUES {marks}", values)


STREAM = "CREATE STREAM S (id INT NOT NULL, {})".format(
    ", ".join(f"{c.name} {c.type}{'' if c.nullable else ' NOT NULL'}" for c in COLUMNS)
)


@st.composite
def questions(draw: st.DrawFn) -> tuple[Sql, Sql | None]:
    """An expression to select, and perhaps a condition on its rows."""
    depth = draw(st.integers(1, 3))
    selected = draw(expressions(draw(st.sampled_from(TYPES)), depth))
    return selected, draw(st.none() | expressions(BOOL, draw(st.integers(1, 3))))


@given(
    table=st.lists(rows(), min_size=4, max_size=10),
    asked=st.lists(questions(), min_size=8, max_size=16),
)
@examples(50)
def test_generated_expressions(
    duck: duckdb.DuckDBPyConnection, table: list[Values], asked: list[tuple[Sql, Sql | None]]
) -> None:
    statements = [STREAM]
    theirs = []
    for number, (selected, condition) in enumerate(asked):
        where = f" WHERE {condition.ours}" if condition else ""
        statements.append(f"INSERT INTO E{number} SELECT id, {selected.ours} AS v FROM S{where}")
        theirs += [selected.theirs, condition.theirs if condition else "TRUE"]
    app = compiled(";\n".join(statements))
    app.send("S", [(number, *row) for number, row in enumerate(table)])
    found: dict[str, list[Values]] = {f"E{number}": [] for number in range(len(asked))}
    for stream, values in app.take()[0]:
        if stream != "S":
            found[stream].append(values)
    failed = {(failure.query, failure.values[0]) for failure in app.failures if failure.values}

    fill(duck, table)
    answers = duck.execute(f"SELECT {', '.join(theirs)} FROM t ORDER BY id").fetchall()
    for number, (selected, condition) in enumerate(asked):
        answered = [(row, a[2 * number]) for row, a in enumerate(answers) if a[2 * number + 1]]
        note(f"{selected.ours}  WHERE {condition.ours if condition else True}")
        note(f"DuckDB: {selected.theirs}  WHERE {condition.theirs if condition else True}")
        kept = [(row, value) for row, value in answered if storable(value)]
        event(f"{selected.type}: " + ("values" if any(v is not None for _, v in kept) else "none"))
        assert found[f"E{number}"] == kept
        assert all(type(o[1]) is type(t[1]) for o, t in zip(found[f"E{number}"], kept, strict=True))
        lost = {row for row, value in answered if not storable(value)}
        assert {row for query, row in failed if query == f"query_{number + 1}"} == lost


def storable(value: Any) -> bool:
    """Whether a column that nobody declared can hold it: integers are LONG there."""
    return not isinstance(value, int) or isinstance(value, bool) or value in LONG_RANGE


CAST_VALUES: dict[DataType, list[Any]] = {
    DataType.STRING: [
        "", " ", "12", " 12\t", "-0", "+7", "1.5", ".5", "5.", "1e3", "1E-2", "1e999", "-1e999",
        "9223372036854775807", "9223372036854775808", "-2147483648", "2147483648", "1_000", "0x1F",
        "true", "TRUE", " Yes ", "no", "0", "1", "t", "f", "on", "2", "abc", "1 2", "--5", "é",
        "1e", "e5", "+", ".", "1.5.2",
    ],
    DataType.INT: [0, 1, -1, 2**31 - 1, -(2**31), 42],
    DataType.LONG: [0, 1, -1, 2**31, -(2**31) - 1, 2**63 - 1, -(2**63), 2**53 + 1],
    DataType.FLOAT: [0.0, -0.0, 1.5, -2.5, 3.0e38, 2.0**31],
    DataType.DOUBLE: [
        0.0, -0.0, 0.1, 1.5, 2.5, -1.5, 9.99, -9.99, 100.0, 1e15, 1e16, 1e17, 1e-5, 1e300, 5e-324,
        2147483647.9, 2147483648.0, -2147483648.9, 9.223372036854775e18, 9.3e18, 3.5e38, 1 / 3,
    ],
    DataType.BOOL: [True, False],
}  # fmt: skip


@pytest.mark.parametrize("source", TYPES)
@pytest.mark.parametrize("target", TYPES)
def test_the_whole_matrix_of_casts(
    duck: duckdb.DuckDBPyConnection, source: DataType, target: DataType
) -> None:
    values = [*CAST_VALUES[source], None]
    sql = f"CREATE STREAM S (v {source}); INSERT INTO Out SELECT CAST(v AS {target}) AS c FROM S"
    ours = [row[0] for row in run(sql, [(value,) for value in values])["Out"]]
    theirs = [
        duck.execute(
            f"SELECT {cast_for_duckdb('v', source, target)} "
            f"FROM (SELECT CAST(? AS {DUCKDB_TYPES[source]}) AS v)",
            [value],
        ).fetchall()[0][0]
        for value in values
    ]
    assert list(zip(values, ours, strict=True)) == list(zip(values, theirs, strict=True))
    assert [type(value) for value in ours] == [type(value) for value in theirs]


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda difference: difference.name)
def test_each_difference_is_one(duck: duckdb.DuckDBPyConnection, difference: Difference) -> None:
    sql = f"CREATE STREAM S (v INT); INSERT INTO Out SELECT {difference.example} AS x FROM S"
    assert run(sql, [(1,)])["Out"] == [(difference.ours,)]
    try:
        theirs = duck.execute(f"SELECT {difference.example}").fetchall()[0][0]
    except duckdb.Error:
        return
    assert theirs != difference.ours
