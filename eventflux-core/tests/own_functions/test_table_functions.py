"""Python functions that make several rows of one: how they are declared, called and bounded."""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any, ParamSpec, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import eventflux
from eventflux import EventFluxManager, PluginError, SqlError
from eventflux.testing import AppRunner

P = ParamSpec("P")
R = TypeVar("R")

STREAM = "CREATE STREAM S (id INT, s STRING, t TIMESTAMP, o OBJECT);"


@pytest.fixture
def manager() -> EventFluxManager:
    return EventFluxManager(plugins=False)


def without_annotations(call: Callable[P, R]) -> Callable[P, R]:
    """As users may write it, where SQL or a decorator gives the types."""
    call.__annotations__.clear()
    return call


@eventflux.function
def words(text: str) -> Iterator[str]:
    """The words of a text."""
    yield from text.split()


def results(manager: EventFluxManager, items: str, *rows: tuple[Any, ...]) -> list[Any]:
    """What a select list gives over rows of S, without those that fail."""
    with AppRunner(
        f"{STREAM} INSERT INTO T SELECT {items} FROM S;", ["T"], context=manager.context
    ) as runner:
        runner.send_many("S", [(*row, *[None] * (4 - len(row))) for row in rows])
        return runner.rows("T")


def failures(manager: EventFluxManager, call: str, *rows: tuple[Any, ...]) -> list[str]:
    sql = f"""
        {STREAM}
        INSERT INTO T SELECT id, {call} AS r FROM S;
        INSERT INTO E SELECT errorMessage FROM S.errors;
    """
    with AppRunner(sql, ["T", "E"], context=manager.context) as runner:
        runner.send_many("S", [(*row, *[None] * (4 - len(row))) for row in rows])
        assert runner.rows("T") == []
        return [message for (message,) in runner.rows("E")]


def test_a_generator_makes_several_rows_of_one(manager: EventFluxManager) -> None:
    manager.function(words)
    assert list(words("a b")) == ["a", "b"]
    rows = [(1, "to be or"), (2, ""), (3, None), (4, "not")]
    expected = [(1, "to"), (1, "be"), (1, "or"), (4, "not")]
    assert results(manager, "id, words(s) AS word", *rows) == expected


def test_what_it_may_be_annotated_with(manager: EventFluxManager) -> None:
    @manager.function
    def counted(number: int) -> Generator[int, None, None]:
        yield from range(number)

    @manager.function
    def listed(number: int) -> Iterable[int]:
        return [number, number + 1]

    @manager.function
    def nothing(number: int) -> Iterator[int] | None:
        return None

    @manager.function
    def some(number: int) -> Iterator[int | None]:
        yield number
        yield None

    assert results(manager, "counted(id) AS r", (2,)) == [(0,), (1,)]
    assert results(manager, "listed(id) AS r", (2,)) == [(2,), (3,)]
    assert results(manager, "some(id) AS r", (2,)) == [(2,), (None,)]


def test_types_that_are_given(manager: EventFluxManager) -> None:
    manager.function(str.split, name="parts", arguments=["STRING"], returns=Iterator[str])

    @manager.function(arguments=["INT"], returns="DOUBLE")
    @without_annotations
    def halves(number: int) -> Iterator[float]:
        yield number / 2
        yield 1

    assert results(manager, "parts(s) AS r", (1, "a b")) == [("a",), ("b",)]
    assert results(manager, "halves(id) AS r", (3,)) == [(1.5,), (1.0,)]


def test_moments_are_datetimes(manager: EventFluxManager) -> None:
    @manager.function
    def days(first: datetime, count: int) -> Iterator[datetime]:
        assert first.tzinfo is UTC
        for number in range(count):
            yield first + timedelta(days=number)

    assert results(manager, "days(t, id) AS r", (2, "", 1000)) == [(1000,), (86_401_000,)]


def test_null_reaches_the_parameters_that_take_it(manager: EventFluxManager) -> None:
    @manager.function
    def both(text: str, number: int | None) -> Iterator[str]:
        yield f"{text}{number}"

    rows = [(1, "a"), (None, "a"), (1, None)]
    assert results(manager, "both(s, id) AS r", *rows) == [("a1",), ("aNone",)]


def test_objects_have_several_values_a_row(manager: EventFluxManager) -> None:
    @manager.function
    def numbered(text: str) -> Iterator[Any]:
        for number, word in enumerate(text.split()):
            yield {"word": word, "at": number}

    sql = f"""
        {STREAM}
        INSERT INTO T
        SELECT id, row ->> 'word' AS word, CAST(row -> 'at' AS INT) AS at
        FROM (SELECT id, numbered(s) AS row FROM S);
    """
    with AppRunner(sql, ["T"], context=manager.context) as runner:
        runner.send("S", (1, "a b", None, None))
        assert runner.rows("T") == [(1, "a", 0), (1, "b", 1)]


def test_it_goes_side_by_side_with_lists(manager: EventFluxManager) -> None:
    manager.function(words)
    expected = [("A", 7), ("B", 8), (None, 9)]
    assert (
        results(manager, "upper(words(s)) AS w, UNNEST(o) AS n", (1, "a b", 0, [7, 8, 9]))
        == expected
    )


def test_groups_behind_it(manager: EventFluxManager) -> None:
    manager.function(words)
    sql = f"""
        {STREAM}
        INSERT INTO T
        SELECT word, count(*) AS n FROM (SELECT words(s) AS word FROM S) GROUP BY word;
    """
    with AppRunner(sql, ["T"], context=manager.context) as runner:
        runner.send_many("S", [(1, "a b a", None, None), (2, "b", None, None)])
        assert runner.rows("T") == [("a", 2), ("b", 1), ("b", 2)]


# What fails


@settings(deadline=None)
@given(
    rows=st.lists(st.integers(0, 4), max_size=30), every=st.integers(1, 7), cut=st.integers(1, 9)
)
def test_what_raises_at_every_nth_value_changes_nothing_but_its_row(
    rows: list[int], every: int, cut: int
) -> None:
    manager = EventFluxManager(plugins=False)
    values = itertools.count(1)

    @manager.function(deterministic=False)
    def moody(number: int) -> Iterator[int]:
        for at in range(number):
            if next(values) % every == 0:
                raise ValueError("not now")
            yield number * 10 + at

    sql = """
        CREATE STREAM S (v INT);
        INSERT INTO T SELECT moody(v) AS r FROM S;
        INSERT INTO U SELECT sum(r) AS total FROM T;
        INSERT INTO V SELECT v FROM S;
        INSERT INTO E SELECT originalEvent FROM S.errors;
    """
    made = itertools.count(1)
    good: list[list[int]] = []
    for row in rows:
        got = list(itertools.takewhile(lambda _: next(made) % every, range(row)))
        if len(got) == row:
            good.append([row * 10 + at for at in got])
    with AppRunner(sql, ["T", "U", "V", "E"], context=manager.context) as runner:
        for start in range(0, len(rows), cut):
            runner.send_many("S", [(row,) for row in rows[start : start + cut]])
        assert [row[0] for row in runner.rows("T")] == [value for got in good for value in got]
        totals = list(itertools.accumulate(sum(got) for got in good if got))
        assert [row[0] for row in runner.rows("U")] == totals
        assert [row[0] for row in runner.rows("V")] == rows
        assert len(runner.rows("E")) == len(rows) - len(good)
        counts = runner.stats()["queries"]["query_1"]
        assert counts["in"] == counts["absorbed"] + counts["failed"] == len(rows)
        assert counts["fired"] == sum(map(len, good))


def test_one_without_end_is_bounded(manager: EventFluxManager) -> None:
    @manager.function
    def forever(number: int) -> Iterator[int]:
        yield from itertools.repeat(number)

    @manager.function(max_rows=3)
    def few(number: int) -> Iterator[int]:
        yield from range(number)

    assert failures(manager, "forever(id)", (1,)) == [
        "function forever() gave more than 10,000 rows, its max_rows"
    ]
    assert failures(manager, "few(id)", (4,)) == [
        "function few() gave more than 3 rows, its max_rows"
    ]
    assert results(manager, "few(id) AS r", (4,), (3,)) == [(0,), (1,), (2,)]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([1, "2"], r"function gives\(\) returned str, declared was LONG"),
        ([1, 2.5], r"function gives\(\) returned float, declared was LONG"),
        ([True], r"function gives\(\) returned bool, declared was LONG"),
        ("12", r"function gives\(\) returned str, declared were several rows"),
        ({"a": 1}, r"function gives\(\) returned dict, declared were several rows"),
        (12, r"function gives\(\) returned int, declared were several rows"),
        ([2**70], "1180591620717411303424 is out of the range of LONG in column 'r'"),
    ],
)
def test_a_value_of_another_type_fails_its_row(
    manager: EventFluxManager, value: Any, message: str
) -> None:
    manager.function(lambda: value, name="gives", arguments=[], returns=Iterator[int])
    [told] = failures(manager, "gives()", (1,))
    assert told == message.replace("\\", "")


# How it can't be declared


def _unannotated(number: int) -> Iterator[int]:
    yield number


def _as_text(text: str) -> Iterator[str]:
    yield text


del _unannotated.__annotations__["return"]
_as_text.__annotations__["return"] = "str"


def _pairs(text: str) -> Iterator[tuple[str, int]]:
    yield text, 1


async def _waiting(number: int) -> AsyncIterator[int]:
    yield number


async def _late(number: int) -> Iterator[int]:
    return iter([number])


def _one(number: int) -> int:
    return number


@pytest.mark.parametrize(
    ("call", "details", "message", "hint"),
    [
        (_unannotated, {}, "has another annotation, or none", "annotate it with Iterator"),
        (_as_text, {}, "has another annotation, or none", "annotate it with Iterator"),
        (_pairs, {}, "each of its rows has the type", "give dicts, annotated Iterator"),
        (_waiting, {}, "'_waiting' is an asynchronous generator", "UNNEST it in a query that"),
        (_late, {}, "'_late' is async, and gives several rows", "UNNEST it in a query that"),
        (_one, {"max_rows": 5}, "'_one' has max_rows, and gives one value", "leave it out"),
        (words, {"max_rows": 0}, "max_rows is a whole number from 1 on, not 0", ""),
        (words, {"max_rows": True}, "max_rows is a whole number from 1 on, not True", ""),
        (words, {"timeout": "1s"}, "'words' has timeout, and is not async", "write async def"),
    ],
)
def test_what_can_not_be_declared(
    call: Callable[..., Any], details: dict[str, Any], message: str, hint: str
) -> None:
    with pytest.raises(PluginError, match=message) as raised:
        eventflux.function(**details)(call)
    assert hint in (raised.value.hint or "")


# CREATE FUNCTION … RETURNS SETOF


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    made = ModuleType("own_rows")

    @without_annotations
    def plain(text: str, number: int) -> list[str]:
        return [text] * number

    @without_annotations
    def generated(text: str) -> Iterator[str]:
        yield text

    def annotated(text: str) -> Iterator[str]:
        yield from text

    def one(text: str) -> str:
        return text

    for value in (plain, generated, annotated, one):
        value.__module__ = made.__name__
        setattr(made, value.__name__, value)
    vars(made)["bounded"] = eventflux.function(max_rows=2)(lambda_of(annotated))
    monkeypatch.setitem(sys.modules, made.__name__, made)
    return made


def lambda_of(call: Callable[[str], Iterator[str]]) -> Callable[[str], Iterator[str]]:
    def bounded(text: str) -> Iterator[str]:
        return call(text)

    return bounded


@pytest.mark.usefixtures("module")
@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        (
            "f(s STRING, id INT) RETURNS SETOF STRING LANGUAGE PYTHON AS 'own_rows:plain'",
            ["ab", "ab"],
        ),
        ("f(s STRING) RETURNS SETOF TEXT LANGUAGE PYTHON AS 'own_rows:generated'", ["ab"]),
        ("f(s STRING) RETURNS SETOF STRING LANGUAGE PYTHON AS 'own_rows:annotated'", ["a", "b"]),
        ("f(s STRING) RETURNS SETOF STRING LANGUAGE PYTHON AS 'own_rows:bounded'", ["a", "b"]),
        ("f(s STRING) RETURNS SETOF STRING LANGUAGE PYTHON AS 'builtins:str.split'", ["ab"]),
    ],
)
def test_a_function_of_a_module(
    manager: EventFluxManager, definition: str, expected: list[str]
) -> None:
    arguments = ", ".join(name for name in ("s", "id") if f"{name} " in definition.split(")")[0])
    sql = f"CREATE FUNCTION {definition}; {STREAM} INSERT INTO T SELECT f({arguments}) AS r FROM S;"
    with AppRunner(sql, ["T"], context=manager.context) as runner:
        runner.send("S", (2, "ab", None, None))
        assert [row[0] for row in runner.rows("T")] == expected


@pytest.mark.usefixtures("module")
@pytest.mark.parametrize(
    ("returns", "of", "message"),
    [
        ("STRING", "annotated", "own_rows:annotated gives several rows.*RETURNS SETOF STRING"),
        ("STRING", "generated", "own_rows:generated gives several rows.*RETURNS SETOF STRING"),
        ("SETOF STRING", "one", "own_rows:one gives one value.*RETURNS STRING"),
        (
            "SETOF INT",
            "annotated",
            "f RETURNS SETOF INT, and own_rows:annotated gives SETOF STRING",
        ),
        ("TABLE (word STRING)", "annotated", "RETURNS TABLE .* is not part.*SETOF STRING"),
    ],
)
def test_what_does_not_fit_its_function(returns: str, of: str, message: str) -> None:
    sql = f"CREATE FUNCTION f(s STRING) RETURNS {returns} LANGUAGE PYTHON AS 'own_rows:{of}';"
    with pytest.raises(SqlError) as raised:
        EventFluxManager(plugins=False).create_app(sql)
    assert re.search(message, " ".join(str(raised.value).split()))


# Where it can't stand


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "SELECT id FROM S WHERE words(s) = 'a'",
            "words gives several rows, and can't stand in WHERE",
        ),
        (
            "SELECT words(words(s)) AS w FROM S",
            "words gives several rows, and can't stand in words",
        ),
        (
            "SELECT words(UNNEST(o)) AS w FROM S",
            "UNNEST gives several rows, and can't stand in words",
        ),
        (
            "SELECT UNNEST(words(s)) AS w FROM S",
            "words gives several rows, and can't stand in UNNEST",
        ),
        ("SELECT count(words(s)) AS n FROM S", "can't stand in the argument of count"),
        (
            "SELECT words(s) AS w, count(*) AS n FROM S",
            "words makes several rows of one, and its query has aggregates",
        ),
        ("SELECT words(s, 1) AS w FROM S", "it is words\\(STRING\\) -> SETOF STRING"),
        (
            "SELECT words(s) AS w, later(id) AS n FROM S",
            "later is asynchronous, and its query has UNNEST or a table function",
        ),
    ],
)
def test_where_it_can_not_stand(manager: EventFluxManager, query: str, message: str) -> None:
    manager.function(words)

    @manager.function
    async def later(number: int) -> int:
        return number

    with pytest.raises(SqlError, match=message):
        manager.create_app(f"{STREAM} INSERT INTO T {query};")
