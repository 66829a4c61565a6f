"""Python functions in SQL: how they are declared, what they are given and what they may do."""

from __future__ import annotations

import functools
import itertools
import math
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import eventflux
from eventflux import EventFluxManager, PluginError, SqlError
from eventflux.spi.registry import Registry
from eventflux.testing import AppRunner

COLUMNS = "CREATE STREAM S (i INT, d DOUBLE, s STRING, b BOOL, m DECIMAL, t TIMESTAMP);"


def results(manager: EventFluxManager, expression: str, *rows: tuple[Any, ...]) -> list[Any]:
    """What an expression gives over rows of S, without those that fail."""
    sql = f"{COLUMNS} INSERT INTO T SELECT {expression} AS r FROM S;"
    with AppRunner(sql, ["T"], context=manager.context) as runner:
        runner.send_many("S", [(*row, *[None] * (6 - len(row))) for row in rows])
        return [row[0] for row in runner.rows("T")]


def test_a_decorated_function_is_still_the_function(manager: EventFluxManager) -> None:
    @eventflux.function
    def shout(text: str) -> str:
        return text.upper() + "!"

    assert shout("a") == "A!"
    manager.function(shout)
    assert results(manager, "shout(s)", (1, 1.0, "a"), (1, 1.0, None)) == ["A!", None]


def test_a_name_in_any_script(manager: EventFluxManager) -> None:
    @manager.function(aliases=["二倍"])
    def größe(number: int) -> int:
        return number * 2

    assert results(manager, "größe(i) + 二倍(i)", (2,)) == [8]


def test_what_wraps_a_decorated_function_is_another(manager: EventFluxManager) -> None:
    @eventflux.function
    def plain(number: int) -> int:
        return number

    @functools.wraps(plain)
    def tenfold(number: int) -> int:
        return plain(number) * 10

    manager.function(tenfold)
    assert results(manager, "plain(i)", (2,)) == [20]


def test_a_manager_decorates_too(manager: EventFluxManager) -> None:
    @manager.function
    def halve(number: float) -> float:
        return number / 2

    @manager.function(name="twice", aliases=["doubled"])
    def named(number: int) -> int:
        return number * 2

    assert named(2) == 4
    assert results(manager, "halve(i) + twice(i) + DOUBLED(i)", (2,)) == [9.0]


def test_what_is_written_in_c(manager: EventFluxManager) -> None:
    manager.function(math.hypot, arguments=["DOUBLE", float], returns=float)
    assert results(manager, "hypot(d, i)", (4, 3.0)) == [5.0]


def test_null_reaches_the_parameters_that_take_it(manager: EventFluxManager) -> None:
    calls = []

    @manager.function
    def both(text: str, number: int | None) -> str:
        calls.append((text, number))
        return f"{text}{number}"

    rows = [(1, 1.0, "a"), (None, 1.0, "a"), (1, 1.0, None), (None, 1.0, None)]
    assert results(manager, "both(s, i)", *rows) == ["a1", "aNone", None, None]
    assert calls == [("a", 1), ("a", None)]


def test_a_moment_is_a_datetime(manager: EventFluxManager) -> None:
    @manager.function
    def next_year(moment: datetime) -> datetime:
        assert moment.tzinfo is UTC
        return moment.replace(year=moment.year + 1)

    @manager.function
    def year_of(moment: datetime | None) -> int:
        return moment.year if moment else 0

    row = (1, 1.0, "a", True, Decimal(1), 1_709_210_096_789)
    assert results(manager, "year_of(t)", row, (1,)) == [2024, 0]
    row = (*row[:-1], 1_000)
    assert results(manager, "next_year(t)", row, (1,)) == [31_536_001_000, None]


@pytest.mark.parametrize("given", [None, 7, "x", True, 2.5])
def test_a_result_of_another_type_fails_its_row(manager: EventFluxManager, given: Any) -> None:
    manager.function(lambda: given, name="gives", arguments=[], returns="LONG")
    expected = {None: [None], 7: [7]}.get(given, []) if not isinstance(given, bool) else []
    assert results(manager, "gives()", (1,)) == expected


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: x, "has no name"),
        (len, "no SQL type|no annotation|signature"),
        (print, r"has no fixed number|no annotation"),
    ],
)
def test_what_can_not_be_declared(call: Callable[..., Any], message: str) -> None:
    with pytest.raises(PluginError, match=message):
        eventflux.function(call)


def test_a_name_that_is_taken(manager: EventFluxManager) -> None:
    def one() -> int:
        return 1

    manager.function(one)
    with pytest.raises(PluginError, match="'one'"):
        manager.function(one)
    manager.function(one, name="one", replace=True)


def test_a_registry_takes_decorated_functions_only() -> None:
    @eventflux.function
    def shout(text: str) -> str:
        return text.upper()

    registry = Registry()
    registry.add_function(shout, provider="acme")
    assert registry.functions["shout"].returns == "STRING"
    with pytest.raises(PluginError, match="decorate it"):
        registry.add_function(len)


# CREATE FUNCTION … LANGUAGE PYTHON


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    made = ModuleType("own_module")

    def plain(text: str, number: int = 3) -> str:
        return f"{text}{number}"

    plain.__annotations__.clear()  # SQL gives the types

    def annotated(number: int | None) -> str:
        return f"<{number}>"

    class Kept:
        @staticmethod
        def inner(number: int) -> int:
            return number + 1

    for value in (plain, annotated, Kept):
        value.__module__ = made.__name__
        setattr(made, value.__name__, value)
    vars(made)["decorated"] = eventflux.function(name="other", deterministic=False)(annotated)
    monkeypatch.setitem(sys.modules, made.__name__, made)
    return made


@pytest.mark.usefixtures("module")
@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ("f(t STRING, n INT) RETURNS STRING LANGUAGE PYTHON AS 'own_module:plain'", "x7"),
        ("f(t STRING) RETURNS STRING LANGUAGE Python AS 'own_module:plain'", "x3"),
        ("f(n INT) RETURNS STRING LANGUAGE PYTHON AS 'own_module:annotated'", "<7>"),
        ("f(n LONG) RETURNS STRING LANGUAGE PYTHON AS 'own_module:decorated'", "<7>"),
        ("f(n INT) RETURNS LONG LANGUAGE PYTHON AS 'own_module:Kept.inner'", 8),
    ],
)
def test_a_function_of_a_module(definition: str, expected: object) -> None:
    names = [word for word in ("t", "n") if f"{word} " in definition.split(")")[0].split("(")[1]]
    sql = f"CREATE FUNCTION {definition}; CREATE STREAM S (t STRING, n INT);"
    with AppRunner(f"{sql} INSERT INTO T SELECT f({', '.join(names)}) AS r FROM S;", ["T"]) as run:
        run.send("S", ("x", 7))
        assert [row[0] for row in run.rows("T")] == [expected]


@pytest.mark.usefixtures("module")
def test_a_null_goes_by_the_annotations() -> None:
    sql = """
        CREATE FUNCTION f(n INT) RETURNS STRING LANGUAGE PYTHON AS 'own_module:annotated';
        CREATE FUNCTION g(n STRING) RETURNS STRING LANGUAGE PYTHON AS 'own_module:plain';
        CREATE STREAM S (n INT, t STRING);
        INSERT INTO T SELECT f(n) AS a, g(t) AS b FROM S;
    """
    with AppRunner(sql, ["T"]) as run:
        run.send("S", (None, None))
        assert run.rows("T") == [("<None>", None)]


@pytest.mark.usefixtures("module")
@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ("f(n DOUBLE) RETURNS STRING {}:annotated'", "parameter n is DOUBLE, and .* takes LONG"),
        ("f(n INT) RETURNS LONG {}:annotated'", "RETURNS LONG, and .* gives STRING"),
        ("f() RETURNS STRING {}:annotated'", "takes LONG, but f has 0 parameter"),
        ("f() RETURNS STRING {}:plain'", "declared with 0 argument"),
        ("f() RETURNS STRING {}:Annotated'", "own_module has no 'Annotated'"),
        ("f() RETURNS STRING {}:__name__'", "not callable"),
        ("f() RETURNS STRING {}'", "names no function of a module"),
    ],
)
def test_what_does_not_fit_its_function(definition: str, message: str) -> None:
    sql = "CREATE FUNCTION " + definition.format("LANGUAGE PYTHON AS 'own_module")
    with pytest.raises(SqlError, match=message):
        EventFluxManager(plugins=False).create_app(sql)


# What it raises


@settings(deadline=None)
@given(
    rows=st.lists(st.integers(-5, 5), max_size=40), every=st.integers(1, 7), cut=st.integers(1, 9)
)
def test_what_raises_at_every_nth_row_changes_nothing_but_those_rows(
    rows: list[int], every: int, cut: int
) -> None:
    manager = EventFluxManager(plugins=False)
    calls = itertools.count(1)

    @manager.function(deterministic=False)
    def moody(number: int) -> int:
        if next(calls) % every == 0:
            raise ValueError("not now")
        return number * 10

    sql = """
        CREATE STREAM S (v INT);
        INSERT INTO T SELECT moody(v) AS r FROM S;
        INSERT INTO U SELECT sum(r) AS total, count(*) AS n FROM T;
        INSERT INTO V SELECT v FROM S;
        INSERT INTO E SELECT errorMessage FROM S.errors;
    """
    good = [row for at, row in enumerate(rows, 1) if at % every]
    with AppRunner(sql, ["T", "U", "V", "E"], context=manager.context) as runner:
        for start in range(0, len(rows), cut):
            runner.send_many("S", [(row,) for row in rows[start : start + cut]])
        assert [row[0] for row in runner.rows("T")] == [row * 10 for row in good]
        totals = list(itertools.accumulate(row * 10 for row in good))
        assert runner.rows("U") == list(zip(totals, range(1, len(good) + 1), strict=True))
        assert [row[0] for row in runner.rows("V")] == rows
        assert len(runner.rows("E")) == len(rows) - len(good)


def not_two(number: int) -> int:
    if number == 2:
        raise ValueError
    return number


@pytest.mark.parametrize(
    "around",
    [
        "{} + 1", "-{}", "{} > 0", "{} > 0 OR s = 'x'", "NOT {} > 0", "{} IS NULL", "{} IN (7)",
        "{} BETWEEN 0 AND d", "CAST({} AS STRING) || 'x'", "nullif({}, 7)", "nullif(7, {})",
        "{} IS DISTINCT FROM i", "coalesce({}, 0)", "CASE WHEN {} > 0 THEN 1 END",
        "CASE i WHEN 5 THEN 1 ELSE {} END", "square({} + 1)", "CAST({} AS STRING) LIKE s",
        "ARRAY[{}]", "ARRAY[1, 2][{}]", "abs({})",
    ],
)  # fmt: skip
@pytest.mark.parametrize("window", ["", " WINDOW('lengthBatch', 1)"])
def test_what_raises_inside_anything_fails_its_row(
    manager: EventFluxManager, around: str, window: str
) -> None:
    manager.function(not_two)
    sql = f"""
        CREATE FUNCTION square(x LONG) RETURNS LONG AS 'x * x';
        {COLUMNS}
        INSERT INTO T SELECT i, {around.format("not_two(i)")} AS r FROM S{window};
    """
    with AppRunner(sql, ["T"], context=manager.context) as runner:
        runner.send_many("S", [(i, 1.0, "x", True, None, None) for i in (1, 2, 3)])
        assert [row[0] for row in runner.rows("T")] == [1, 3]


# Values used several times


def test_a_value_that_a_body_uses_twice_is_found_once(manager: EventFluxManager) -> None:
    numbers = itertools.count(1)

    @manager.function(deterministic=False)
    def tick() -> int:
        return next(numbers)

    sql = """
        CREATE FUNCTION square(x LONG) RETURNS LONG AS 'x * x';
        CREATE FUNCTION fourth(x LONG) RETURNS LONG AS 'square(x) * square(x + 0)';
        CREATE STREAM S (v INT);
        INSERT INTO T SELECT square(tick()) AS a, fourth(tick()) AS b, square(square(tick())) AS c
        FROM S;
    """
    with AppRunner(sql, ["T"], context=manager.context) as runner:
        runner.send("S", (0,))
        runner.send("S", (0,))
        assert runner.rows("T") == [(1, 16, 81), (16, 625, 1296)]


def test_functions_that_grow_without_end_are_refused() -> None:
    chain = ["CREATE FUNCTION f0(x INT) RETURNS INT AS 'x + x';"]
    chain += [
        f"CREATE FUNCTION f{n}(x INT) RETURNS INT AS 'f{n - 1}(x) + f{n - 1}(x + 1)';"
        for n in range(1, 60)
    ]
    with pytest.raises(SqlError, match="grows to more than 5000 parts"):
        EventFluxManager(plugins=False).create_app("\n".join(chain))


def test_a_row_that_fails_in_one_reader_of_a_window_is_there_for_the_others(
    manager: EventFluxManager,
) -> None:
    manager.function(not_two)
    sql = """
        CREATE WINDOW W (v INT) WINDOW('length', 2);
        INSERT INTO A SELECT sum(not_two(v)) AS s FROM W;
        INSERT INTO B SELECT sum(v) AS s FROM W WHERE not_two(v) > 0;
        INSERT INTO C SELECT sum(v) AS s FROM W;
    """
    with AppRunner(sql, ["A", "B", "C"], context=manager.context) as runner:
        runner.send_many("W", [(1,), (2,), (4,), (8,)])
        assert runner.rows("A") == runner.rows("B") == [(1,), (5,), (12,)]
        assert runner.rows("C") == [(1,), (3,), (6,), (12,)]
