"""Values of every type given from Python, and functions that take and give them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from eventflux import EventFluxManager
from eventflux.base.errors import InputError
from eventflux.testing import AppRunner

STREAM = "CREATE STREAM S (d DECIMAL(6, 2), t TIMESTAMP, b BYTES, o OBJECT);"
MAY = 1_714_521_600_000


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ((Decimal("1.005"), MAY, b"x", {"a": (1, 2)}), (Decimal("1.00"), MAY, b"x", {"a": [1, 2]})),
        ((7, "2024-05-01", bytearray(b"x"), "text"), (Decimal("7.00"), MAY, b"x", "text")),
        (
            (0.1, datetime(2024, 5, 1, tzinfo=UTC), memoryview(b"x"), 5),
            (Decimal("0.10"), MAY, b"x", 5),
        ),
        ((None, datetime(2024, 5, 1), None, None), (None, MAY, None, None)),
    ],
)  # fmt: skip
def test_values_as_python_has_them(given: tuple[Any, ...], stored: tuple[Any, ...]) -> None:
    with AppRunner(STREAM + "INSERT INTO T SELECT * FROM S", ["T"]) as runner:
        runner.send("S", given)
        assert list(map(repr, runner.rows("T"))) == [repr(stored)]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (("1.5", 0, b"", 1), "column 'd' is DECIMAL(6,2) and takes a Decimal, int or float"),
        ((10000, 0, b"", 1), "column 'd' is DECIMAL(6,2)"),
        ((Decimal("NaN"), 0, b"", 1), "column 'd' is DECIMAL(6,2)"),
        ((True, 0, b"", 1), "column 'd' is DECIMAL(6,2)"),
        ((1, "soon", b"", 1), "column 't' is TIMESTAMP and takes an int (epoch milliseconds)"),
        ((1, 2**63, b"", 1), "column 't' is TIMESTAMP"),
        ((1, 1.5, b"", 1), "column 't' is TIMESTAMP"),
        ((1, 0, "x", 1), "column 'b' is BYTES and takes bytes, got 'x'"),
        ((1, 0, b"", {1, 2}), "column 'o' is OBJECT and takes nested dicts with text keys, lists"),
        ((1, 0, b"", [{5: 6}]), "column 'o' is OBJECT"),
    ],
)  # fmt: skip
def test_values_that_do_not_fit(values: tuple[Any, ...], told: str) -> None:
    with AppRunner(STREAM) as runner, pytest.raises(InputError) as raised:
        runner.send("S", values)
    assert told in str(raised.value)


def test_nested_data_belongs_to_the_engine_once_it_is_sent() -> None:
    sql = STREAM + "INSERT INTO T SELECT o, count(*) AS n FROM S WINDOW('tumbling', 10)"
    given: dict[str, Any] = {"list": [1]}
    with AppRunner(sql, ["T"]) as runner:
        runner.send("S", (1, 0, b"", given), 1)
        given["list"].append(2)
        runner.advance_to(10)
        assert runner.rows("T") == [({"list": [1]}, 1)]


def test_functions_take_and_give_every_type() -> None:
    manager = EventFluxManager()

    def half(value: Decimal) -> Decimal:
        return value / 2

    def whole(value: Decimal) -> Decimal:
        return int(value)  # type: ignore[return-value]  # an int will do

    def backwards(value: bytes) -> bytes:
        return value[::-1]

    def keys(value: Any) -> Any:
        return tuple(value)

    for function in (half, whole, backwards, keys):
        manager.context.add_function(function.__name__, function)
    manager.context.add_function("later", lambda t: t + 1, ["TIMESTAMP"], "TIMESTAMP")
    app = manager.create_app(
        STREAM
        + "INSERT INTO T SELECT half(d) AS d, whole(d) AS w, later(t) AS t, backwards(b) AS b, "
        "keys(o) AS o FROM S"
    )
    seen: list[Any] = []
    app.on("T", seen.append)
    with app:
        app.input("S").send((5, MAY, b"ab", {"x": 1, "y": 2}))
    (row,) = seen
    assert (row.d, row.w, row.t) == (Decimal("2.5"), Decimal(5), MAY + 1)
    assert type(row.w) is Decimal
    assert (row.b, row.o) == (b"ba", ["x", "y"])


def test_a_function_that_gives_no_nested_data_fails_its_row() -> None:
    manager = EventFluxManager()
    manager.context.add_function("odd", lambda o: {1, 2}, ["OBJECT"], "OBJECT")
    app = manager.create_app(STREAM + "INSERT INTO T SELECT odd(o) AS o FROM S")
    failures: list[Any] = []
    app.on("S.errors", failures.append)
    with app:
        app.input("S").send((1, 0, b"", 1))
    assert "function odd() returned no OBJECT: it holds a set" in str(failures[0])
