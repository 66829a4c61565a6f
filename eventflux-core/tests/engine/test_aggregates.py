"""Aggregates and GROUP BY against DuckDB: running values, their end, tumbling windows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from .generated.differences import divided, exact, remainder
from .harness import compiled
from .profile import examples

Values = tuple[Any, ...]

COLUMNS = "k STRING, g INT, v INT, n LONG NOT NULL, x DOUBLE, y DOUBLE NOT NULL, b BOOL"
THEIR_COLUMNS = "k VARCHAR, g INTEGER, v INTEGER, n BIGINT, x DOUBLE, y DOUBLE, b BOOLEAN"
KEYS = (
    ("k", "k"),
    ("g", "g"),
    ("b", "b"),
    ("x", "x"),
    ("n % 2", remainder("n", "2")),
    ("COALESCE(k, 'none')", "COALESCE(k, 'none')"),
    ("CASE WHEN v > 1 THEN 'big' WHEN v > 0 THEN 'small' END",) * 2,
    ("v IS NULL", "v IS NULL"),
    ("v * 3000000000", f"({exact('v')} * 3000000000)"),
)
ARGUMENTS = (
    ("v", "v"), ("n", "n"), ("x", "x"), ("y", "y"), ("v + n", f"({exact('v')} + n)"),
    ("v * 2", f"({exact('v')} * 2)"), ("x * v", "(x * v)"), ("-n", f"(-{exact('n')})"),
    ("v / 4", divided("v", "4")), ("CASE WHEN b THEN x END", "CASE WHEN b THEN x END"),
    ("CAST(b AS INT)", "CAST(b AS INTEGER)"),
)  # fmt: skip
TEXT_ARGUMENTS = (("k", "k"), ("CAST(v AS STRING)", "CAST(v AS VARCHAR)"))
CONDITIONS = ("TRUE", "v > 0", "k IS NOT NULL", "b", "NOT b OR x > 1e0", "v IN (1, 2, NULL)")

ROWS = st.tuples(
    st.none() | st.sampled_from(["a", "b", "", "é"]),
    st.none() | st.integers(0, 2),
    st.none() | st.integers(-3, 5) | st.sampled_from([2**31 - 1, -(2**31)]),
    st.integers(-5, 5) | st.sampled_from([2**45, -(2**45)]),
    st.none() | st.integers(-8, 8).map(lambda quarters: quarters / 4),
    st.integers(-8, 8).map(lambda quarters: quarters / 4),
    st.none() | st.booleans(),
)


@st.composite
def aggregates(draw: st.DrawFn) -> tuple[str, str]:
    """One aggregate, or an expression over some, in both dialects."""
    ours, theirs = draw(_aggregate())
    kind = draw(st.integers(0, 5))
    if kind == 0:
        return f"COALESCE({ours}, 0)", f"COALESCE({theirs}, 0)"
    if kind == 1:
        return f"{ours} / COUNT(v)", divided(theirs, "COUNT(v) {over}")
    if kind == 2:
        other, others = draw(_aggregate())
        return f"CASE WHEN {ours} > {other} THEN 1 ELSE 0 END", (
            f"CASE WHEN {theirs} > {others} THEN 1 ELSE 0 END"
        )
    return ours, theirs


@st.composite
def _aggregate(draw: st.DrawFn) -> tuple[str, str]:
    function = draw(st.sampled_from(["COUNT", "SUM", "AVG", "MIN", "MAX"]))
    if function == "COUNT" and draw(st.booleans()):
        return "COUNT(*)", "COUNT(*) {over}"
    ours, theirs = draw(st.sampled_from(ARGUMENTS))
    return f"{function}({ours})", f"{function}({theirs}) {{over}}"


@st.composite
def text_aggregates(draw: st.DrawFn) -> tuple[str, str]:
    function = draw(st.sampled_from(["COUNT", "MIN", "MAX"]))
    ours, theirs = draw(st.sampled_from(TEXT_ARGUMENTS))
    return f"{function}({ours})", f"{function}({theirs}) {{over}}"


@st.composite
def queries(draw: st.DrawFn) -> tuple[list[tuple[str, str]], list[tuple[str, str]], str]:
    """Group keys, aggregates, and a condition on the rows."""
    keys = draw(st.lists(st.sampled_from(KEYS), max_size=3, unique=True))
    found = draw(st.lists(aggregates() | text_aggregates(), min_size=1, max_size=4))
    return keys, found, draw(st.sampled_from(CONDITIONS))


@pytest.fixture(scope="module")
def duck() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        yield connection


def fill(duck: duckdb.DuckDBPyConnection, table: Sequence[Values], times: Sequence[int]) -> None:
    duck.execute(f"CREATE OR REPLACE TEMP TABLE t (id INTEGER, placed BIGINT, {THEIR_COLUMNS})")
    marks = ", ".join(["(" + ", ".join("?" * 9) + ")"] * len(table))
    values = [
        value
        for number, (row, time) in enumerate(zip(table, times, strict=True))
        for value in (number, time, *row)
    ]
    duck.execute(f"INSERT INTO t VALUES {marks}", values)


def close(ours: Values, theirs: Values) -> bool:
    """Equal, floating values but for the last digits that the order of adding decides."""
    return len(ours) == len(theirs) and all(
        a == pytest.approx(b, rel=1e-14) if isinstance(a, float) and b is not None else a == b
        for a, b in zip(ours, theirs, strict=True)
    )


def assert_rows(ours: Sequence[Values], theirs: Sequence[Values]) -> None:
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert close(a, b), (a, b)


def select_list(pairs: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{ours} AS c{number}" for number, (ours, _) in enumerate(pairs))


@given(
    table=st.lists(ROWS, min_size=1, max_size=25), asked=st.lists(queries(), min_size=1, max_size=8)
)
@examples(50)
def test_running_aggregates(
    duck: duckdb.DuckDBPyConnection,
    table: list[Values],
    asked: list[tuple[list[tuple[str, str]], list[tuple[str, str]], str]],
) -> None:
    """Each row gives the values so far; the last of a group those of a plain GROUP BY."""
    statements = [f"CREATE STREAM S ({COLUMNS})"]
    for number, (keys, found, condition) in enumerate(asked):
        group = f" GROUP BY {', '.join(ours for ours, _ in keys)}" if keys else ""
        statements.append(
            f"INSERT INTO Out{number} SELECT {select_list([*keys, *found])} "
            f"FROM S WHERE {condition}{group}"
        )
    app = compiled(";\n".join(statements))
    app.send("S", table)
    published = [logged for logged in app.take()[0] if logged[0] != "S"]
    fill(duck, table, [0] * len(table))
    for number, (keys, found, condition) in enumerate(asked):
        note(statements[number + 1])
        ours = [values for stream, values in published if stream == f"Out{number}"]
        parts = [theirs for _, theirs in keys]
        partition = f"PARTITION BY {', '.join(parts)} " if parts else ""
        over = f"OVER ({partition}ORDER BY id ROWS UNBOUNDED PRECEDING)"
        items = ", ".join([*parts, *(theirs.format(over=over) for _, theirs in found)])
        running = duck.execute(f"SELECT {items} FROM t WHERE {condition} ORDER BY id").fetchall()
        assert_rows(ours, running)

        items = ", ".join([*parts, *(theirs.format(over="") for _, theirs in found)])
        group = f"GROUP BY {', '.join(parts)}" if parts else ""
        having = "HAVING COUNT(*) > 0"
        final = duck.execute(f"SELECT {items} FROM t WHERE {condition} {group} {having}").fetchall()
        last = list({values[: len(keys)]: values for values in ours}.values())
        assert_rows(sorted(last, key=repr), sorted(final, key=repr))


@given(
    table=st.lists(st.tuples(ROWS, st.integers(0, 40)), min_size=1, max_size=25),
    asked=st.lists(queries(), min_size=1, max_size=8),
    size=st.sampled_from([1, 7, 50, 1000]),
    offset=st.integers(0, 6),
)
@examples(50)
def test_tumbling_windows(
    duck: duckdb.DuckDBPyConnection,
    table: list[tuple[Values, int]],
    asked: list[tuple[list[tuple[str, str]], list[tuple[str, str]], str]],
    size: int,
    offset: int,
) -> None:
    """Each window and group gives the values of a GROUP BY over the bucket of its time."""
    offset %= size
    statements = [f"CREATE STREAM S ({COLUMNS})"]
    for number, (keys, found, condition) in enumerate(asked):
        group = f" GROUP BY {', '.join(ours for ours, _ in keys)}" if keys else ""
        statements.append(
            f"INSERT INTO Out{number} SELECT window_start() AS start, "
            f"{select_list([*keys, *found])} FROM S WHERE {condition} "
            f"WINDOW('tumbling', {size}, {offset}){group}"
        )
    app = compiled(";\n".join(statements))
    rows = [row for row, _ in table]
    times: list[int] = []
    for _, step in table:
        times.append((times[-1] if times else 0) + step)
    app.send("S", rows, times)
    app.advance(times[-1] + size)
    published = [logged for logged in app.take()[0] if logged[0] != "S"]
    fill(duck, rows, times)
    start = f"placed - (placed - {offset} + {size}) % {size}"
    for number, (keys, found, condition) in enumerate(asked):
        note(statements[number + 1])
        ours = [values for stream, values in published if stream == f"Out{number}"]
        parts = [start, *(theirs for _, theirs in keys)]
        items = ", ".join([*parts, *(theirs.format(over="") for _, theirs in found)])
        windows = duck.execute(
            f"SELECT {items} FROM t WHERE {condition} GROUP BY {', '.join(parts)} "
            f"ORDER BY {start}, min(id)"
        ).fetchall()
        assert_rows(ours, windows)
