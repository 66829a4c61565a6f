"""Tables in DuckDB."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import pytest

Values = tuple[Any, ...]
Duck = duckdb.DuckDBPyConnection


@pytest.fixture(scope="module")
def duck() -> Iterator[Duck]:
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        yield connection


def fill(duck: Duck, columns: str, table: Sequence[Values]) -> None:
    """Make the table ``t``, each row numbered by its first column ``id``."""
    duck.execute(f"CREATE OR REPLACE TEMP TABLE t ({columns})")
    if table:
        marks = ", ".join(["(" + ", ".join("?" * (len(table[0]) + 1)) + ")"] * len(table))
        values = [value for number, row in enumerate(table) for value in (number, *row)]
        duck.execute(f"INSERT INTO t VALUES {marks}", values)
