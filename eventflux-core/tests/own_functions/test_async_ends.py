"""Asynchronous functions at the end of an app: what is under way, what is held behind
them, and calls that won't end."""

from __future__ import annotations

import asyncio
import logging

import pytest
from waiting import until

from eventflux import EventFluxManager
from eventflux.testing import AppRunner

HOUR = "WINDOW('tumbling', 1 HOUR)"
CHAINS = {
    "one behind another": f"""
        INSERT INTO A SELECT later(v) AS v FROM S;
        INSERT INTO B SELECT much_later(v) AS v FROM A;
        INSERT INTO T SELECT sum(v) AS v FROM B {HOUR};
    """,
    "between windows": f"""
        INSERT INTO A SELECT sum(v) AS v FROM S {HOUR};
        INSERT INTO B SELECT later(v) AS v FROM A;
        INSERT INTO T SELECT sum(v) AS v FROM B {HOUR};
    """,
    "between rate limits": """
        INSERT INTO A SELECT sum(v) AS v FROM S OUTPUT LAST EVERY 1 HOUR;
        INSERT INTO B SELECT later(v) AS v FROM A;
        INSERT INTO T SELECT v FROM B OUTPUT LAST EVERY 1 HOUR;
    """,
}


@pytest.fixture
def slow(manager: EventFluxManager) -> EventFluxManager:
    """With functions whose results come some turns later."""

    @manager.function
    async def later(number: int) -> int:
        for _ in range(5):
            await asyncio.sleep(0)
        return number

    @manager.function
    async def much_later(number: int) -> int:
        for _ in range(20):
            await asyncio.sleep(0)
        return number

    return manager


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
async def test_a_stop_gives_out_what_is_held_behind_them(
    slow: EventFluxManager, chain: str
) -> None:
    app = slow.create_app("CREATE STREAM S (v INT);" + chain)
    got: list[int] = []
    await app.astart()
    app.on("T", lambda row: got.append(row.v))
    await app.input("S").asend_many([(1,), (2,), (4,)])
    await app.astop(flush=True)
    assert got == [7]


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
def test_so_does_a_runner(slow: EventFluxManager, chain: str) -> None:
    sql = "SET app.flush.on.stop = 'true'; CREATE STREAM S (v INT);" + chain
    with AppRunner(sql, ["T"], context=slow.context) as runner:
        runner.send_many("S", [(1,), (2,), (4,)])
        runner.stop()
        assert runner.rows("T") == [(7,)]


def test_a_runner_counts_what_failed(manager: EventFluxManager) -> None:
    @manager.function
    async def inverse(number: int) -> float:
        return 1 / number

    sql = "CREATE STREAM S (v INT); INSERT INTO T SELECT inverse(v) AS v FROM S WITH (name = 'q');"
    with AppRunner(sql, ["T"], context=manager.context) as runner:
        runner.send_many("S", [(1,), (0,)])
        counts = runner.stats()["queries"]["q"]
        assert (counts["in"], counts["passed"], counts["failed"]) == (2, 1, 1)


async def test_a_call_that_ignores_that_it_is_cancelled(
    manager: EventFluxManager, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds a stop for a moment only, takes no place of a call of the next run, and its result
    is none of that."""
    monkeypatch.setattr("eventflux.runtime.lifecycle._LEAST_CLOSE", 0.01)
    end, cancelled = asyncio.Event(), 0

    @manager.function(ordered=False, concurrency=1)
    async def stubborn(number: int) -> int:
        nonlocal cancelled
        while number == 1 and not end.is_set():
            try:
                await end.wait()
            except asyncio.CancelledError:
                cancelled += 1
        return number

    got: list[int] = []
    app = manager.create_app(
        "SET app.stop.timeout = '10ms'; CREATE STREAM S (v INT);"
        "INSERT INTO T SELECT stubborn(v) AS v FROM S WITH (name = 'q');"
    )
    app.on("T", lambda row: got.append(row.v))
    await app.astart()
    await app.input("S").asend((1,))
    with caplog.at_level(logging.ERROR):
        await app.astop()
    assert cancelled == 1
    assert "query 'q': 1 calls of stubborn() go on though they were cancelled" in caplog.text
    await app.astart()
    await app.input("S").asend((2,), wait="confirmed")
    end.set()
    await app.input("S").asend((3,), wait="confirmed")
    await app.astop()
    assert got == [2, 3]


async def test_a_call_that_was_cancelled_is_not_tried_again(manager: EventFluxManager) -> None:
    calls = 0

    @manager.function(retry=1000)
    async def wrapping(number: int) -> int:
        nonlocal calls
        calls += 1
        never: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        try:
            return await never
        except asyncio.CancelledError:
            raise ConnectionError("lost") from None

    app = manager.create_app(
        "SET app.stop.timeout = '10ms'; CREATE STREAM S (v INT);"
        "INSERT INTO T SELECT wrapping(v) AS v FROM S;"
    )
    await app.astart()
    await app.input("S").asend((1,))
    await until(lambda: calls)
    await app.astop()
    assert calls == 1


def test_a_call_that_cancels_itself_fails_its_row(manager: EventFluxManager) -> None:
    @manager.function
    async def score(number: int) -> int:
        if number == 1:
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
        await asyncio.sleep(0)
        return number

    sql = """
        CREATE STREAM S (v INT);
        INSERT INTO T SELECT score(v) AS v FROM S;
        INSERT INTO E SELECT errorMessage FROM S.errors;
    """
    with AppRunner(sql, ["T", "E"], context=manager.context) as runner:
        runner.send_many("S", [(1,), (2,)])
        assert runner.rows("T") == [(2,)]
        assert runner.rows("E") == [("it raised CancelledError",)]
