"""CAST from every type to every other, over the values at the edges of both."""

from __future__ import annotations

from typing import Any

import pytest

from eventflux.base.types import DataType
from eventflux.testing import AppRunner

from .columns import BOOL, DOUBLE, FLOAT, INT, LONG, STRING, THEIR_TYPES, TYPES
from .duck import Duck, duck, fill
from .generated import cast

__all__ = ["duck"]

VALUES: dict[DataType, tuple[Any, ...]] = {
    STRING: (
        "", " ", "12", " 12\t", "-0", "+7", "007", "1.5", ".5", "5.", "1e3", "1E-2", "1e999",
        "-1e999", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
        "-2147483648", "2147483647", "2147483648", "1_000", "0x1F", "true", "TRUE", " Yes ", "no",
        "0", "1", "t", "f", "on", "2", "abc", "1 2", "--5", "é", "1e", "e5", "+", ".", "1.5.2",
        "3.5e38", "4.9e-324", "0.1", "NULL", "\n", "1,5", "1\n", "- 1",
    ),
    INT: (0, 1, -1, 2**31 - 1, -(2**31), 42),
    LONG: (0, 1, -1, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**63 - 1, -(2**63), 2**53 + 1),
    FLOAT: (0.0, -0.0, 1.5, -2.5, 3.0e38, 2.0**31, 0.25, -0.75),
    DOUBLE: (
        0.0, -0.0, 0.1, 1.5, 2.5, -1.5, 9.99, -9.99, 0.999, 100.0, 1e15, 1e16, 1e17, 1e-4, 1e-5,
        1e300, 5e-324, 123456789012345.67, 2147483647.9, 2147483648.0, -2147483648.9, -2147483649.0,
        9.223372036854775e18, 2.0**63, -(2.0**63), 9.3e18, 3.5e38, -3.5e38, 1 / 3, float("inf"),
        float("-inf"),
    ),
    BOOL: (True, False),
}  # fmt: skip


@pytest.mark.parametrize("source", TYPES)
def test_the_matrix(duck: Duck, source: DataType) -> None:
    table = [(value,) for value in (*VALUES[source], None)]
    ours = ", ".join(f"CAST(v AS {target}) AS c{n}" for n, target in enumerate(TYPES))
    sql = f"CREATE STREAM S (v {source}); INSERT INTO Out SELECT v, {ours} FROM S"
    with AppRunner(sql, ["Out"]) as runner:
        runner.send_many("S", table)
        found = runner.rows("Out")
    fill(duck, f"id INTEGER, v {THEIR_TYPES[source]}", table)
    theirs = ", ".join(cast("v", source, target) for target in TYPES)
    expected = duck.execute(f"SELECT v, {theirs} FROM t ORDER BY id").fetchall()
    assert list(map(repr, found)) == list(map(repr, expected))
