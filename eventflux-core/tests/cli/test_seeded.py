"""Made-up rows fit their stream and are always the same."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import msgspec

from eventflux.base.rows import row_type
from eventflux.base.types import Column, DataType, Schema
from eventflux.cli.seeded import ROWS, seeded_rows

SCHEMA = Schema(tuple(Column(f"a_{t.value.lower()}", t, nullable=False) for t in DataType))


def test_ten_rows_that_the_stream_takes() -> None:
    rows = seeded_rows("S", SCHEMA, None)
    assert len(rows) == ROWS == 10
    kind = row_type("S", SCHEMA)
    keep = (Decimal, bytes)
    converted = [msgspec.convert(row, kind, builtin_types=keep) for row in rows]
    assert [msgspec.to_builtins(row, builtin_types=keep) for row in converted] == rows


def test_the_same_stream_gets_the_same_rows_and_another_one_others() -> None:
    assert seeded_rows("S", SCHEMA, None) == seeded_rows("S", SCHEMA, None)
    assert seeded_rows("S", SCHEMA, None) != seeded_rows("T", SCHEMA, None)


def test_event_time_rises_by_a_second_a_row() -> None:
    times = [row["a_long"] for row in seeded_rows("S", SCHEMA, "a_long")]
    assert [later - earlier for earlier, later in pairwise(times)] == [1000] * 9
