"""UNNEST gives the rows that DuckDB's gives, of one list and of several side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from eventflux.testing import AppRunner

from .duck import Duck, duck, fill
from .profile import examples

__all__ = ["duck"]

OURS = "CREATE STREAM S (id INT, a OBJECT, b OBJECT, k INT); "
THEIRS = "id INT, a INT[], b TEXT[], k INT"

LISTS_OF_INTS = st.none() | st.lists(st.none() | st.integers(-3, 3), max_size=4)
LISTS_OF_TEXTS = st.none() | st.lists(st.none() | st.sampled_from(["", "x", "ü", "'"]), max_size=4)
TABLES = st.lists(st.tuples(LISTS_OF_INTS, LISTS_OF_TEXTS, st.integers(0, 3)), max_size=6)
Table = Sequence[tuple[Any, ...]]


def given_by(query: str, table: Table, *, batch: bool) -> list[tuple[Any, ...]]:
    """What a query gives over the rows of ``table``, sent one by one or as one batch."""
    with AppRunner(f"{OURS} INSERT INTO T {query};", ["T"]) as runner:
        rows = [(number, *row) for number, row in enumerate(table)]
        if batch and rows:
            runner.send_batch("S", rows)
        else:
            runner.send_many("S", rows)
        return [tuple(row) for row in runner.rows("T")]


QUERIES = (
    "SELECT id, UNNEST(a) AS x FROM {}",
    "SELECT UNNEST(a) AS x, id, UNNEST(b) AS y, k FROM {} WHERE k > 0",
    "SELECT id, CAST(UNNEST(a) AS INT) * 2 + k AS x FROM {} WHERE k <> 1",
    "SELECT id, coalesce(CAST(UNNEST(b) AS TEXT), '-') || '!' AS x FROM {}",
    "SELECT id, x FROM (SELECT id, CAST(UNNEST(a) AS INT) AS x FROM {}) AS e WHERE x > 0",
)


@examples(100)
@given(table=TABLES, number=st.integers(0, len(QUERIES) - 1), batch=st.booleans())
def test_the_same_rows_in_the_same_order(
    duck: Duck, table: Table, number: int, batch: bool
) -> None:
    fill(duck, THEIRS, table)
    query = QUERIES[number]
    ours = given_by(query.format("S"), table, batch=batch)
    assert ours == duck.execute(query.format("t")).fetchall()


@examples(100)
@given(table=TABLES, limit=st.integers(0, 4))
def test_distinct_sorted_and_limited_over_a_batch(duck: Duck, table: Table, limit: int) -> None:
    fill(duck, THEIRS, table)
    query = "SELECT DISTINCT k, CAST(UNNEST(a) AS INT) AS x FROM {} ORDER BY k, x"
    query += f" LIMIT {limit} OFFSET 1"
    ours = given_by(query.format("S"), table, batch=True)
    assert ours == duck.execute(query.format("t")).fetchall()


@examples(100)
@given(table=TABLES)
def test_groups_of_elements(duck: Duck, table: Table) -> None:
    fill(duck, THEIRS, table)
    elements = "(SELECT k, CAST(UNNEST(a) AS INT) AS x FROM {}) AS e"
    query = f"SELECT x, count(*) AS n, sum(k) AS s FROM {elements} GROUP BY x"
    ours = {row[0]: row for row in given_by(query.format("S"), table, batch=False)}
    theirs = {row[0]: row for row in duck.execute(query.format("t")).fetchall()}
    assert ours == theirs
