"""Asynchronous functions: order, bounds, failures, and what their callers wait for."""

from __future__ import annotations

import asyncio
import functools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from waiting import until

from eventflux import EventFluxManager, PluginError, SqlError, StreamFailed
from eventflux.runtime import async_stage
from eventflux.runtime.error_policy import Retries
from eventflux.testing import AppRunner

PLAIN = "CREATE STREAM S (v INT, w INT); INSERT INTO T SELECT v, score(v) AS s FROM S;"
WITH_ERRORS = PLAIN + "INSERT INTO E SELECT errorMessage, attemptCount FROM S.errors;"


def run(manager: EventFluxManager, sql: str, rows: list[Any], output: str = "T") -> list[Any]:
    with AppRunner(sql, [output], context=manager.context) as runner:
        runner.send_many("S", rows)
        return runner.rows(output)


class Gates:
    """A function whose calls end when they are told to."""

    def __init__(self) -> None:
        self.open: dict[int, asyncio.Future[int]] = {}
        self.most = self.calls = 0

    async def __call__(self, number: int) -> int:
        self.calls += 1
        self.open[number] = asyncio.get_running_loop().create_future()
        self.most = max(self.most, len(self.open))
        try:
            return await self.open[number]
        finally:
            del self.open[number]

    async def end(self, number: int) -> None:
        await until(lambda: number in self.open)
        self.open[number].set_result(number)


@pytest.mark.parametrize("ordered", [True, False])
async def test_rows_go_on_in_order_unless_that_is_given_up(
    manager: EventFluxManager, ordered: bool
) -> None:
    gates = Gates()
    manager.function(gates, name="score", concurrency=3, ordered=ordered)
    got: list[int] = []
    async with manager.create_app(PLAIN) as app:
        app.on("T", lambda row: got.append(row.v))
        await app.input("S").asend_many([(v, 0) for v in range(5)])
        await until(lambda: len(gates.open) == 3)
        gates.open[2].set_result(2)
        await until(lambda: 3 in gates.open)
        assert got == ([] if ordered else [2])
        gates.open[0].set_result(0)
        await until(lambda: len(got) == (1 if ordered else 2))
        for number in (1, 4, 3):
            await gates.end(number)
        await until(lambda: len(got) == 5)
        assert got == ([0, 1, 2, 3, 4] if ordered else [2, 0, 1, 4, 3])
    assert gates.most == 3


async def test_backpressure_and_accounts(manager: EventFluxManager) -> None:
    """A confirmed send returns when the results are out; a second one waits for room."""
    gates = Gates()
    manager.function(gates, name="score", concurrency=1)
    async with manager.create_app(PLAIN) as app:
        sending = asyncio.ensure_future(
            app.input("S").asend_many([(v, 0) for v in range(3)], wait="confirmed")
        )
        await until(lambda: 0 in gates.open)
        more = asyncio.ensure_future(app.input("S").asend_many([(9, 0)]))
        for _ in range(10):
            await asyncio.sleep(0)
        assert not sending.done()
        assert not more.done()
        counts = app.stats()["queries"]["query_1"]
        assert (counts["in"], counts["queued"], counts["passed"]) == (3, 3, 0)
        for number in range(3):
            await gates.end(number)
        await sending
        await more
        await until(lambda: 9 in gates.open)
        gates.open[9].set_result(9)
    counts = app.stats()["queries"]["query_1"]
    assert (counts["in"], counts["queued"], counts["passed"]) == (4, 0, 4)


async def test_a_stop_waits_for_what_is_under_way(manager: EventFluxManager) -> None:
    gates = Gates()
    manager.function(gates, name="score")
    got: list[int] = []
    app = manager.create_app(PLAIN)
    await app.astart()
    app.on("T", lambda row: got.append(row.s))
    await app.input("S").asend((1, 0))
    await until(lambda: 1 in gates.open)
    stopping = asyncio.ensure_future(app.astop())
    await asyncio.sleep(0)
    assert not stopping.done()
    gates.open[1].set_result(10)
    await stopping
    assert got == [10]


async def test_a_stop_gives_up_at_its_timeout(manager: EventFluxManager) -> None:
    gates = Gates()
    manager.function(gates, name="score")
    app = manager.create_app("SET app.stop.timeout = '20ms';" + PLAIN)
    await app.astart()
    await app.input("S").asend((1, 0))
    await until(lambda: 1 in gates.open)
    await app.astop()
    assert gates.open == {}


@settings(deadline=None)
@given(st.lists(st.integers(-3, 3), max_size=25), st.integers(2, 5), st.integers(1, 7))
def test_what_raises_changes_nothing_but_its_rows(rows: list[int], every: int, cut: int) -> None:
    manager = EventFluxManager(plugins=False)

    @manager.function(concurrency=4)
    async def moody(number: int, place: int) -> int:
        for _ in range(number % 3):
            await asyncio.sleep(0)
        if place % every == 0:
            raise ValueError(f"not {place}")
        return number * 10

    sql = """
        CREATE STREAM S (v INT, place INT);
        INSERT INTO T SELECT v, moody(v, place) AS r FROM S WHERE v != 3;
        INSERT INTO U SELECT sum(r) AS total, count(*) AS n FROM T;
        INSERT INTO E SELECT errorMessage FROM S.errors;
    """
    given = [(value, place) for place, value in enumerate(rows)]
    asked = [(value, place) for value, place in given if value != 3]
    good = [value for value, place in asked if place % every]
    with AppRunner(sql, ["T", "U", "E"], context=manager.context) as runner:
        for start in range(0, len(given), cut):
            runner.send_many("S", given[start : start + cut])
        assert runner.rows("T") == [(value, value * 10) for value in good]
        totals = [sum(good[: n + 1]) * 10 for n in range(len(good))]
        assert runner.rows("U") == [(total, n) for n, total in enumerate(totals, 1)]
        bad = [f"not {place}" for _, place in asked if place % every == 0]
        assert [message for (message,) in runner.rows("E")] == bad


def test_null_is_not_called_for(manager: EventFluxManager) -> None:
    calls = []

    @manager.function
    async def score(number: int) -> int:
        calls.append(number)
        return number

    assert run(manager, PLAIN, [(1, 0), (None, 0)]) == [(1, 1), (None, None)]
    assert calls == [1]


def test_a_coroutine_function_with_some_arguments_given(manager: EventFluxManager) -> None:
    async def plus(one: int, other: int) -> int:
        return one + other

    score = functools.partial(plus, 10)
    manager.function(score, name="score", arguments=["LONG"], returns="LONG", concurrency=2)
    assert run(manager, PLAIN, [(1, 0)]) == [(1, 11)]


def test_tries_again(manager: EventFluxManager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(async_stage, "_RETRY", Retries(0, "exponential", 1, 30_000))
    tries: dict[int, int] = {}

    @manager.function(retry=2)
    async def score(number: int) -> int:
        tries[number] = tries.get(number, 0) + 1
        if tries[number] <= number:
            raise ConnectionError(f"try {tries[number]} of {number}")
        return number

    rows = run(manager, WITH_ERRORS, [(0, 0), (1, 0), (2, 0), (3, 0)])
    assert rows == [(0, 0), (1, 1), (2, 2)]
    assert tries == {0: 1, 1: 2, 2: 3, 3: 3}


def test_the_stream_may_say_how_often_it_is_tried(manager: EventFluxManager) -> None:
    tries = 0

    @manager.function
    async def score(number: int) -> int:
        nonlocal tries
        tries += 1
        raise ConnectionError("gone")

    sql = WITH_ERRORS.replace(
        "w INT)",
        "w INT) WITH (error.strategy = 'retry', error.retry.max-attempts = 3, "
        "error.retry.initial-delay = '1ms')",
        1,
    )
    assert run(manager, sql, [(1, 0)], "E") == [("gone", 4)]
    assert tries == 4


def test_a_call_that_takes_too_long(manager: EventFluxManager) -> None:
    @manager.function(timeout="10ms")
    async def score(number: int) -> int:
        if number == 1:
            await asyncio.Event().wait()
        return number

    assert run(manager, WITH_ERRORS, [(1, 0), (2, 0)], "E") == [
        ("score() took longer than 0.01 s", 1)
    ]


def test_a_result_of_another_type(manager: EventFluxManager) -> None:
    manager.function(_text, name="score", arguments=["LONG"], returns="LONG")
    assert run(manager, WITH_ERRORS, [(1, 0)], "E") == [
        ("function score() returned str, declared was LONG", 1)
    ]


async def _text(number: int) -> str:
    return "text"


def test_results_are_kept_for_the_same_arguments(manager: EventFluxManager) -> None:
    calls: list[int] = []

    @manager.function(cache=2, concurrency=1)
    async def score(number: int) -> int:
        calls.append(number)
        return number * 2

    rows = [(v, 0) for v in (1, 2, 1, 3, 1, 2)]
    assert run(manager, PLAIN, rows) == [(v, v * 2) for v, _ in rows]
    assert calls == [1, 2, 3, 2]  # 1 was used last when 3 came, so 2 had to go


def test_the_same_call_twice_is_made_once(manager: EventFluxManager) -> None:
    calls: list[int] = []

    @manager.function
    async def score(number: int) -> int:
        calls.append(number)
        return number

    sql = """
        CREATE FUNCTION twice(x LONG) RETURNS LONG AS 'x * 2 + score(x)';
        CREATE STREAM S (v INT, w INT);
        INSERT INTO T SELECT v + score(v + 1) AS a, score(v + 1) * w AS b, twice(v + 0) AS c
        FROM S WHERE w > 0 AND score(v + 1) > 1;
    """
    assert run(manager, sql, [(1, 2), (0, 5), (7, 0)]) == [(3, 4, 3)]
    assert calls == [2, 1, 1, 0]


def test_under_fail_the_app_stops(manager: EventFluxManager) -> None:
    @manager.function
    async def score(number: int) -> int:
        return 1 // number

    sql = PLAIN.replace("w INT)", "w INT) WITH (error.strategy = 'fail')", 1)
    with (
        AppRunner(sql, ["T"], context=manager.context) as runner,
        pytest.raises(StreamFailed, match="by zero"),
    ):
        runner.send_many("S", [(1, 0), (0, 0), (1, 0)])
    assert runner.rows("T") == [(1, 1)]


@pytest.mark.parametrize("call", ["inverse(v)", "1.0 / checked(later(v))"])
async def test_a_row_that_fails_its_stream_alone_leaves_the_others(
    manager: EventFluxManager, call: str
) -> None:
    """Rows of the API go on, those of the same step among them."""

    @manager.function
    async def inverse(number: int) -> float:
        return 1 / number

    @manager.function
    async def later(number: int) -> int:
        return number

    @manager.function
    def checked(number: int) -> int:
        if number == 0:
            raise ZeroDivisionError
        return number

    app = manager.create_app(f"""
        CREATE STREAM S (v INT) WITH (error.strategy = 'fail', on.fail = 'stream');
        INSERT INTO T SELECT {call} AS v FROM S;
    """)
    got: list[float] = []
    app.on("T", lambda row: got.append(row.v))
    async with app:
        await app.input("S").asend_many([(number,) for number in (1, 0, 2)])
        await app.input("S").asend((4,), wait="confirmed")
        assert got == [1.0, 0.5, 0.25]
        assert [type(error) for error in app.stream_failures.values()] == [StreamFailed]
        counts = app.stats()["queries"]["query_1"]
        assert (counts["in"], counts["failed"], counts["queued"]) == (4, 1, 0)


@pytest.mark.parametrize("call", ["attemptCount", "CAST(later(attemptCount) AS INT)"])
def test_an_error_on_the_way_of_an_error_is_only_logged(
    manager: EventFluxManager, call: str
) -> None:
    """A row of A that comes of an error fails, where failures stop the app."""

    @manager.function
    async def later(number: int) -> int:
        return number

    @manager.function
    def refuse(number: int) -> int:
        raise ValueError(number)

    sql = f"""
        CREATE STREAM S (v INT);
        CREATE STREAM A (v INT) WITH (error.strategy = 'fail');
        INSERT INTO T SELECT refuse(v) AS v FROM S;
        INSERT INTO A SELECT {call} AS v FROM S.errors;
        INSERT INTO U SELECT refuse(v) AS v FROM A;
        INSERT INTO W SELECT v FROM S;
    """
    assert run(manager, sql, [(1,), (2,)], "W") == [(1,), (2,)]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT sum(score(v)) AS s FROM S", "its query has aggregates"),
        ("SELECT score(v) AS s FROM S WINDOW('length', 3)", "its query has a window"),
        ("SELECT score(score(v)) AS s FROM S", "both are asynchronous"),
        ("SELECT with_score(random() * v) AS s FROM S", r"random\(\) .* is used on both sides"),
        ("SELECT with_score(tick()) AS s FROM S", r"tick\(\) is used on both sides"),
        ("SELECT score(v) AS s FROM M", "the watermark of M can't wait"),
        ("SELECT score(v) AS s FROM (SELECT v FROM M)", "the watermark of M can't wait"),
    ],
)
def test_where_it_can_not_stand(manager: EventFluxManager, query: str, message: str) -> None:
    @manager.function
    async def score(number: int) -> int:
        return number

    @manager.function(deterministic=False)
    def tick() -> int:
        return 1

    sql = f"""
        CREATE FUNCTION with_score(x DOUBLE) RETURNS DOUBLE AS 'x + score(CAST(x AS LONG))';
        CREATE STREAM S (v INT);
        CREATE STREAM M (v LONG, WATERMARK FOR v AS v);
        INSERT INTO T {query};
    """
    with pytest.raises(SqlError, match=message):
        manager.create_app(sql)


@pytest.mark.parametrize(
    ("reads", "doubtful"),
    [
        ("sum(v) AS v FROM A WINDOW('tumbling', 1 HOUR)", True),
        ("v FROM A OUTPUT LAST EVERY 1 HOUR", True),
        ("sum(v) AS v FROM A EMIT EVERY 1 HOUR", True),
        ("sum(v) AS v FROM A WINDOW('externalTimeBatch', t, 1 HOUR)", False),
        ("sum(v) AS v FROM A WINDOW('lengthBatch', 2)", False),
        ("sum(v) AS v FROM S WINDOW('tumbling', 1 HOUR)", False),
    ],
)
@pytest.mark.parametrize("time", ["event", "system"])
def test_a_clock_that_rows_move_does_not_wait(
    manager: EventFluxManager, reads: str, doubtful: bool, time: str
) -> None:
    @manager.function
    async def score(number: int) -> int:
        return number

    sql = f"""
        SET app.time = '{time}';
        CREATE STREAM S (v INT, t LONG);
        INSERT INTO A SELECT score(v) AS v, t FROM S;
        INSERT INTO B SELECT {reads} WITH (name = 'timed');
    """
    warnings = [warning.message for warning in manager.create_app(sql).warnings]
    told = "may have moved on when score, which is asynchronous, answers"
    assert any(told in warning for warning in warnings) == (doubtful and time == "event")


@pytest.mark.parametrize("name", ["q/asked", "q/answered"])
def test_streams_may_have_the_names_of_its_parts(manager: EventFluxManager, name: str) -> None:
    @manager.function
    async def score(number: int) -> int:
        return number

    sql = f"""
        CREATE STREAM S (v INT, w INT);
        INSERT INTO `{name}` SELECT w FROM S;
        INSERT INTO T SELECT score(v) AS v FROM S WITH (name = 'q');
        INSERT INTO U SELECT w FROM `{name}`;
    """
    assert run(manager, sql, [(1, 5), (2, 6)]) == [(1,), (2,)]
    assert run(manager, sql, [(1, 5), (2, 6)], "U") == [(5,), (6,)]


@pytest.mark.parametrize(
    ("details", "message"),
    [
        ({"concurrency": 0}, "concurrency is a whole number from 1 on, not 0"),
        ({"retry": -1}, "retry is a whole number from 0 on"),
        ({"timeout": "soon"}, "timeout"),
        ({"cache": 10, "deterministic": False}, "is not deterministic"),
    ],
)
def test_options_that_can_not_be(
    manager: EventFluxManager, details: dict[str, Any], message: str
) -> None:
    with pytest.raises(PluginError, match=message):
        manager.function(_text, name="score", **details)


def test_options_of_what_is_not_async(manager: EventFluxManager) -> None:
    with pytest.raises(PluginError, match="has concurrency, and is not async"):
        manager.function(len, name="n", arguments=["STRING"], returns="INT", concurrency=2)
