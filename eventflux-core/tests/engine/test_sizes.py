"""Programs that are deep, long, wide or many compile, run and give the right rows."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

import pytest

from eventflux import SqlError
from eventflux.planner import plan_sql

from .generated.apps import FUNCTIONS
from .harness import Compiled, compiled, run
from .oracle import Interpreter

ROWS = [(1, 2), (0, 0), (3, 0), (None, 2), (2, None), (None, None), (-7, 5)]

NESTED = {
    "parentheses": ("(", "a", ")"),
    "plus": ("(1 + ", "a", ")"),
    "plus on the left": ("(", "a", " + b)"),
    "times": ("(", "a", " * -3)"),
    "division": ("(", "a", " / b)"),
    "division by what may be 0": ("(1 / ", "a", ")"),
    "remainder": ("(b % ", "a", ")"),
    "minus": ("- ", "a", ""),
    "minus of more": ("-(", "a", " - b)"),
    "not": ("NOT ", "a > 1", ""),
    "not in parentheses": ("NOT (", "a > b", ")"),
    "and": ("(a > 1 AND ", "b > 1", ")"),
    "and, or": ("(a > 1 AND (b > 1 OR ", "a < 9", "))"),
    "not and": ("NOT (a > 1 AND ", "b > 1", ")"),
    "case result": ("CASE WHEN a > 0 THEN ", "a", " ELSE b END"),
    "case else": ("CASE WHEN a > 9 THEN b ELSE ", "a", " END"),
    "case condition": ("CASE WHEN ", "a > 0", " THEN b > 0 END"),
    "case operand": ("CASE ", "a", " WHEN 1 THEN b ELSE 1 END"),
    "case value": ("CASE a WHEN ", "a", " THEN 1 END"),
    "coalesce": ("COALESCE(", "a", " / b, b)"),
    "coalesce on the right": ("COALESCE(a, ", "b", ")"),
    "cast": ("CAST(", "a", " AS INT)"),
    "cast to and fro": ("CAST(CAST(", "a", " AS STRING) AS INT)"),
    "is null": ("(", "(a > 1)", " IS NULL)"),
    "is not null": ("(", "(a > b)", " IS NOT NULL)"),
    "equals": ("(", "(a = 1)", " = (b = 1))"),
    "in": ("(", "(a = 1)", " IN (b = 1, TRUE))"),
    "in a list": ("(a = 1) IN (TRUE, ", "b = 1", ")"),
    "between": ("(", "a > 1", " = (a BETWEEN b AND 3))"),
    "between bounds": ("COALESCE(a, b) BETWEEN 0 AND (CASE WHEN ", "a > b", " THEN a ELSE b END)"),
    "like": ("CAST(", "'true'", " LIKE 't%' AS STRING)"),
    "like of what differs": ("(CAST(", "a > b", " AS STRING) LIKE CAST(a AS STRING))"),
    "function": ("picky(", "a", ")"),
    "everything": (
        "CASE WHEN NOT COALESCE(a / b > CAST(-(",
        "a",
        ") AS DOUBLE), a IN (1, b, NULL)) THEN a % 7 ELSE COALESCE(b, 1) + 1 END",
    ),
}
PLACES = {
    "select": "SELECT a, {} AS x FROM S",
    "where": "SELECT a, b FROM S WHERE ({}) IS NOT NULL",
    "argument": "SELECT a, COUNT({}) AS x, MAX(CAST({} AS STRING)) AS y FROM S",
    "key": "SELECT COUNT(*) AS n FROM S GROUP BY {}",
    "row of a window": "SELECT a, {} AS x FROM S WINDOW('tumbling', 10)",
    "behind a window": "SELECT COUNT(*) AS n FROM S WINDOW('timeBatch', 10) WHERE ({}) IS NULL",
}


def deepest(shape: str) -> str:
    """The shape nested as deep as the language allows, less two levels for what is around."""
    opening, core, closing = NESTED[shape]

    def refused(depth: int) -> bool:
        text = opening * depth + core + closing * depth
        sql = f"CREATE STREAM S (a INT, b INT); SELECT {text} AS x FROM S"
        try:
            plan_sql(sql, functions=FUNCTIONS)
        except SqlError as error:
            problem = error.diagnostics[0].message
            assert "nests deeper than 40" in problem or "chains more than 100" in problem
            return True
        return False

    depth = bisect_left(range(1, 60), True, key=refused) - 2
    assert depth >= 4
    return opening * depth + core + closing * depth


def assert_as_interpreted(sql: str, rows: list[Any]) -> None:
    plan = plan_sql(sql, functions=FUNCTIONS).plan
    engine, oracle = Compiled(plan, FUNCTIONS), Interpreter(plan, FUNCTIONS)
    engine.send("S", rows, [1] * len(rows))
    engine.send_batch("S", rows, 2)
    engine.advance(100)
    for row in rows:
        oracle.send("S", row, 1)
    oracle.send_batch("S", rows, 2)
    oracle.advance(100)
    assert engine.take()[0] == oracle.published
    assert engine.counters() == oracle.counters()


@pytest.mark.parametrize("shape", NESTED)
def test_expressions_nest_as_deep_as_the_language_allows(shape: str) -> None:
    text = deepest(shape)
    queries = [
        f"INSERT INTO Out{number} " + place.format(text, text)
        for number, place in enumerate(PLACES.values())
    ]
    assert_as_interpreted("CREATE STREAM S (a INT, b INT); " + "; ".join(queries), ROWS)


LISTS = {
    "simple CASE": ("CASE a + 1 ", " ", "WHEN {} THEN b", " ELSE a END"),
    "searched CASE": ("CASE ", " ", "WHEN a = {} THEN {} * b", " END"),
    "searched CASE, ELSE": ("CASE ", " ", "WHEN a = {} THEN b / 2", " ELSE -1 END"),
    "COALESCE": ("COALESCE(", ", ", "{} / b", ", a)"),
    "IN": ("a IN (", ", ", "{}", ")"),
    "NOT IN with NULL": ("a NOT IN (", ", ", "{}", ", NULL)"),
    "IN of texts": ("CAST(a AS STRING) IN (", ", ", "'{}'", ")"),
    "IN of columns": ("a IN (", ", ", "b", ")"),
    "OR": ("", " OR ", "a = {}", ""),
    "AND": ("", " AND ", "a <> {}", ""),
}


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("count", [31, 1200])
def test_long_lists(kind: str, count: int) -> None:
    opening, separator, item, closing = LISTS[kind]
    items = separator.join(item.format(number, number) for number in range(5, 5 + count))
    last = 4 + count
    rows = [(5, 2), (last, 3), (last // 2, None), (last - 1, 0), (1, 1), (None, 4), (last + 1, -1)]
    sql = f"CREATE STREAM S (a INT, b INT); SELECT {opening}{items}{closing} AS x FROM S"
    assert_as_interpreted(sql, rows)


def test_a_row_of_300_columns() -> None:
    names = [f"c{n}" for n in range(300)]
    columns = ", ".join(f"{name} INT" for name in names)
    sums = ", ".join(f"SUM({name}) AS {name}" for name in names)
    out = run(
        f"CREATE STREAM S ({columns});"
        "INSERT INTO Copy SELECT * FROM S;"
        f"INSERT INTO Swapped SELECT {', '.join(reversed(names))} FROM Copy WHERE c299 > 0;"
        f"INSERT INTO Sums SELECT {sums} FROM Copy",
        [tuple(range(300)), tuple(range(1, 301)), tuple([None] * 300)],
    )
    assert out["Copy"][1] == tuple(range(1, 301))
    assert out["Swapped"] == [tuple(range(299, -1, -1)), tuple(range(300, 0, -1))]
    assert out["Sums"][-1] == tuple(2 * n + 1 for n in range(300))


def test_60_queries_in_a_row() -> None:
    steps = "; ".join(f"INSERT INTO S{n + 1} SELECT v + 1 AS v FROM S{n}" for n in range(60))
    app = compiled("CREATE STREAM S0 (v LONG); " + steps)
    app.send("S0", [(1,), (None,)])
    app.send_batch("S0", [(10,)])
    last = [values for stream, values in app.take()[0] if stream == "S60"]
    assert last == [(61,), (None,), (70,)]


def test_100_readers_of_one_stream() -> None:
    queries = "; ".join(
        f"INSERT INTO Out SELECT v, {n} AS n FROM S WHERE v > {n}" for n in range(100)
    )
    app = compiled("CREATE STREAM S (v INT); " + queries)
    app.send("S", [(50,), (2,)])
    out = [values for stream, values in app.take()[0] if stream == "Out"]
    assert out == [(50, n) for n in range(50)] + [(2, 0), (2, 1)]


@pytest.mark.parametrize("diamonds", [3, 12])
def test_the_code_of_diamonds_grows_with_the_program_only(diamonds: int) -> None:
    """Each doubles the rows, and must not double the code."""
    queries = "; ".join(
        f"INSERT INTO S{n + 1} SELECT v + {2**n} AS v FROM S{n};"
        f"INSERT INTO S{n + 1} SELECT * FROM S{n}"
        for n in range(diamonds)
    )
    app = compiled("CREATE STREAM S0 (v LONG); " + queries)
    assert len(app.program.source_code()) < 4000 * diamonds
    app.send("S0", [(0,)])
    last = [values for stream, values in app.take()[0] if stream == f"S{diamonds}"]
    assert sorted(last) == [(number,) for number in range(2**diamonds)]


def test_many_rejoins_in_every_shape() -> None:
    """Layers of three streams, each fed by all of the layer before, two of them by windows."""
    statements = ["CREATE STREAM L0a (k STRING, n LONG)", "CREATE STREAM L0b (k STRING, n LONG)"]
    selects = (
        "SELECT k, n FROM {} WHERE n > 0",
        "SELECT k, SUM(n) AS n FROM {} GROUP BY k",
        "SELECT k, MAX(n) AS n FROM {} WINDOW('tumbling', 10) GROUP BY k",
    )
    for layer in range(3):
        for target in "ab":
            for source in "ab":
                select = selects[(layer + ord(target) + ord(source)) % 3]
                statements.append(
                    f"INSERT INTO L{layer + 1}{target} " + select.format(f"L{layer}{source}")
                )
    sql = "; ".join(statements)
    plan = plan_sql(sql).plan
    engine, oracle = Compiled(plan), Interpreter(plan)
    for number in range(40):
        stream, row = "L0" + "ab"[number % 2], ("xyz"[number % 3], number - 5)
        engine.send(stream, [row], [number * 3])
        oracle.send(stream, row, number * 3)
    assert engine.take()[0] == oracle.published
    assert engine.counters() == oracle.counters()
