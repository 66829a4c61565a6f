"""Generated expressions give what DuckDB gives, in the select list and in WHERE."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from eventflux.base.types import LONG_MAX, LONG_MIN
from eventflux.testing import AppRunner

from .columns import COLUMNS, EMPTY, OUR_TABLE, THEIR_TABLE, rows
from .duck import Duck, Values, duck, fill
from .generated import Query, Sql, queries
from .guarded import guarded
from .profile import examples

__all__ = ["duck"]


def ours(query: Query, number: int) -> str:
    items = ", ".join(f"{item.ours} AS v{n}" for n, item in enumerate(query.items))
    where = f" WHERE {query.condition.ours}" if query.condition else ""
    return f"INSERT INTO Out{number} SELECT id, {items} FROM S{where}"


def theirs(query: Query) -> str:
    """The condition and the values, as columns."""
    return ", ".join([query.condition.theirs if query.condition else "TRUE",
                      *(item.theirs for item in query.items)])  # fmt: skip


@given(
    table=st.lists(rows(), min_size=4, max_size=10),
    asked=st.lists(queries() | guarded(), min_size=1, max_size=12),
)
@examples(80)
def test_values_and_chosen_rows(duck: Duck, table: list[Values], asked: list[Query]) -> None:
    outputs = [f"Out{number}" for number in range(len(asked))]
    statements = [ours(query, number) for number, query in enumerate(asked)]
    sql = ";\n".join([f"CREATE STREAM S ({OUR_TABLE})", *statements])
    with AppRunner(sql, outputs) as runner:
        runner.send_many("S", [(number, *row) for number, row in enumerate(table)])
        found = [runner.rows(output) for output in outputs]
        schemas = [runner.plan.streams[output].schema for output in outputs]

    fill(duck, THEIR_TABLE, table)
    answer = duck.execute(f"SELECT {', '.join(map(theirs, asked))} FROM t ORDER BY id").fetchall()
    start = 0
    for query, statement, rows_, schema in zip(asked, statements, found, schemas, strict=True):
        end = start + 1 + len(query.items)
        parts = [(number, row[start], row[start + 1 : end]) for number, row in enumerate(answer)]
        start = end
        expected = [(number, *values) for number, chosen, values in parts if chosen]
        kept = [row for row in expected if all(map(is_storable, row))]
        event(f"rows: {'all' if len(kept) == len(table) else 'some' if kept else 'none'}")
        different = set(map(exactly, rows_)) ^ set(map(exactly, kept))
        numbers = {int(row[0][1]) for row in different}
        assert not different, (
            f"{statement}\nDuckDB: SELECT {theirs(query)} FROM t\nof "
            f"{[table[n] for n in numbers]}\ngives {[row for row in rows_ if row[0] in numbers]}\n"
            f"DuckDB: {[row for row in kept if row[0] in numbers]}"
        )
        assert [row[0] for row in rows_] == [row[0] for row in kept]
        for item, column in zip(query.items, schema.columns[1:], strict=True):
            check_type(item, column.type.python_type)


BEYOND = 2**53
"""From here on DOUBLE has not every integer."""


@pytest.mark.parametrize(
    "text",
    [
        f"CASE l WHEN 1.5e0 THEN 'point' WHEN {BEYOND + 1} THEN 'next' ELSE 'none' END",
        "CASE l WHEN d THEN 'point' WHEN l0 THEN 'next' ELSE 'none' END",
        "CASE l WHEN l0 THEN 'next' WHEN f0 THEN 'point' END",
        "CASE d WHEN l THEN 'near' WHEN 0.5e0 THEN 'point' END",
    ],
)
def test_case_compares_each_pair_in_its_own_type(duck: Duck, text: str) -> None:
    values = {"l": BEYOND, "l0": BEYOND + 1, "d": 0.5, "f0": 0.25}
    row = tuple(values.get(column.name, EMPTY[column.type]) for column in COLUMNS)
    table = [
        row,
        tuple(None if column.nullable else v for column, v in zip(COLUMNS, row, strict=True)),
    ]
    with AppRunner(
        f"CREATE STREAM S ({OUR_TABLE}); INSERT INTO Out SELECT {text} AS x FROM S", ["Out"]
    ) as runner:
        runner.send_many("S", [(number, *values) for number, values in enumerate(table)])
        found = runner.rows("Out")
    fill(duck, THEIR_TABLE, table)
    assert found == duck.execute(f"SELECT {text} FROM t ORDER BY id").fetchall()


def exactly(row: Values) -> tuple[tuple[type, str], ...]:
    """What tells 1 from 1.0 and from TRUE, and -0.0 from 0.0."""
    return tuple((type(value), repr(value)) for value in row)


def is_storable(value: Any) -> bool:
    """Whether a column that nobody declared holds it; a row with one that it doesn't is lost."""
    integer = isinstance(value, int) and not isinstance(value, bool)
    return not integer or LONG_MIN <= value <= LONG_MAX


def check_type(item: Sql, python_type: type) -> None:
    """A plan says what type the column has, also where its values are all NULL."""
    if "NULL" not in item.ours:
        assert python_type is item.type.python_type
