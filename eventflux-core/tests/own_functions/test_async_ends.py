"""Asynchronous functions at the end of an app: what is under way, and what is held behind them."""

from __future__ import annotations

import asyncio

import pytest

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
