"""Callbacks and subscriptions."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from eventflux import BackpressureError, StreamFailed, UsageError

GOOD = ("a", 10, 0.5, True)


def broken(row: Any) -> None:
    raise KeyError("broken callback")


def test_a_callback_that_raises_drops_its_row_alone(
    app: Any, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[Any] = []

    def picky(row: Any) -> None:
        if row.name == "bad":
            raise KeyError("not this one")
        seen.append(row.name)

    app.on("T", picky)
    app.on("T", lambda row: seen.append(row.name.upper()))
    app.input("S").send_many([("a", 1, 1, True), ("bad", 1, 1, True), ("c", 1, 1, True)])
    assert seen == ["a", "c", "A", "BAD", "C"]
    assert app.state == "running"
    assert app.stats()["streams"]["T"]["observer_failed"] == 1
    assert "stream 'T': a row failed in the callback" in caplog.text
    assert "KeyError: 'not this one'" in caplog.text


def test_a_callback_that_raises_fails_the_app_where_told(outside: Any) -> None:
    sql = """
    CREATE STREAM S (v LONG) WITH (type = 'internal', "error.strategy" = 'fail');
    INSERT INTO T SELECT v FROM S;
    """
    app = outside.manager.create_app(sql)
    app.on("S", broken)
    app.start()
    with pytest.raises(StreamFailed, match="broken callback"):
        app.input("S").send((1,))
    with pytest.raises(StreamFailed, match="broken callback"):
        app.wait_finished(5)
    assert app.state == "failed"
    app.stop()


def test_a_callback_on_a_sink_fails_the_app_unless_it_drops(outside: Any, orders: str) -> None:
    app = outside.manager.create_app(orders)
    app.on("Large", broken)
    app.start()
    with pytest.raises(StreamFailed, match="broken callback"):
        app.input("Orders").send(("ann", 50.0))
    with pytest.raises(StreamFailed, match="broken callback"):
        app.wait_finished(5)
    app.stop()
    dropping = outside.manager.create_app(orders, overrides={"Large.error.strategy": "drop"})
    dropping.on("Large", broken)
    with dropping:
        dropping.input("Orders").send(("ann", 50.0), wait="confirmed")
        assert dropping.state == "running"


def test_callbacks_with_batch_get_the_rows_of_a_step(app: Any) -> None:
    batches: list[list[Any]] = []
    app.on("T", lambda rows: batches.append([row.name for row in rows]), batch=True)
    app.input("S").send_many([GOOD, GOOD, GOOD])
    app.input("S").send(GOOD)
    assert batches == [["a"] * 3, ["a"]]


def test_only_plain_functions_are_callbacks(app: Any) -> None:
    async def awaited(row: Any) -> None:
        await asyncio.sleep(0)

    with pytest.raises(UsageError, match=r"async for row in app\.subscribe"):
        app.on("T", awaited)
    with pytest.raises(UsageError, match="is no plain function"):
        app.on("T", "print")


def test_source_and_sink_streams_can_be_watched(outside: Any, orders: str) -> None:
    app = outside.manager.create_app(orders)
    seen: list[str] = []
    app.on("Orders", lambda row: seen.append(f"in {row.customer}"))
    app.on("Large", lambda row: seen.append(f"out {row.customer}"))
    with app:
        app.input("Orders").send_many([("ann", 50.0), ("bob", 1.0)], wait="confirmed")
    assert sorted(seen) == ["in ann", "in bob", "out ann"]
    assert outside.target.arrived == [b"ann 50.0"]


async def test_a_subscription_gives_the_rows_and_ends_with_the_app(
    outside: Any, inside: str
) -> None:
    app = outside.manager.create_app(inside)
    rows = app.subscribe("T")
    async with app:
        await app.input("S").asend_many([("a", n, 0, True) for n in (1, 2, 4)])
        first = await anext(rows)
        assert first.share == 100.0
        await app.input("S").asend(("z", 5, 0, True))
    assert [row.share async for row in rows] == [50.0, 25.0, 20.0]


async def test_a_subscription_is_read_from_another_loop(app: Any) -> None:
    rows = app.subscribe("T")
    reading = asyncio.ensure_future(anext(rows))
    await asyncio.sleep(0)
    await asyncio.to_thread(app.input("S").send, GOOD)
    row = await asyncio.wait_for(reading, 5)
    assert row.share == 10.0


async def test_a_full_subscription_makes_senders_wait(
    outside: Any, inside: str, until: Any
) -> None:
    app = outside.manager.create_app(inside)
    async with app:
        rows = app.subscribe("T", limit=4, full="wait")
        sent = 0

        async def send_all() -> None:
            nonlocal sent
            for _ in range(20):
                await app.input("S").asend(GOOD)
                sent += 1

        sending = asyncio.ensure_future(send_all())
        for _ in range(100):
            await asyncio.sleep(0)
        assert sent == 4
        got = [await anext(rows) for _ in range(20)]
        assert len(got) == 20
        await sending
        assert app.stats()["streams"]["T"]["observer_dropped"] == 0


async def test_a_full_subscription_drops_the_oldest_where_told(outside: Any, inside: str) -> None:
    app = outside.manager.create_app(inside)
    rows = app.subscribe("T", limit=3, full="drop_oldest")
    async with app:
        await app.input("S").asend_many([("a", n, 0, True) for n in (1, 2, 4, 5, 10)])
        assert app.stats()["streams"]["T"]["observer_dropped"] == 2
    assert [row.share async for row in rows] == [25.0, 20.0, 10.0]


async def test_a_full_subscription_fails_its_reader_where_told(outside: Any, inside: str) -> None:
    app = outside.manager.create_app(inside)
    rows = app.subscribe("T", limit=2, full="fail")
    async with app:
        await app.input("S").asend_many([("a", n, 0, True) for n in (1, 2, 4, 5)])
        assert app.state == "running"
        assert app.stats()["streams"]["T"]["observer_dropped"] == 2
        assert [(await anext(rows)).share for _ in range(2)] == [100.0, 50.0]
        with pytest.raises(BackpressureError, match="'T' was full with 2 rows and 2 more came"):
            await anext(rows)


async def test_a_waiting_subscription_does_not_hold_a_stop(outside: Any, inside: str) -> None:
    app = outside.manager.create_app(inside)
    rows = app.subscribe("T", limit=1)
    async with app:
        await app.input("S").asend(GOOD)
    assert len([row async for row in rows]) == 1


def test_subscriptions_are_checked(app: Any) -> None:
    with pytest.raises(UsageError, match="limit is at least 1"):
        app.subscribe("T", limit=0)
    with pytest.raises(UsageError, match="full is"):
        app.subscribe("T", full="never")


def test_errors_are_logged_by_the_runtime_logger(
    app: Any, caplog: pytest.LogCaptureFixture
) -> None:
    app.input("S").send(GOOD)
    with caplog.at_level(logging.WARNING, "eventflux.runtime"):
        app.on("T", broken)
        app.input("S").send(GOOD)
    assert {record.name for record in caplog.records} == {"eventflux.runtime"}


def test_a_callback_on_two_streams_sees_rows_in_the_order_of_their_emission(outside: Any) -> None:
    sql = """
    CREATE STREAM S (v LONG);
    INSERT INTO Even SELECT v FROM S WHERE v % 2 = 0;
    INSERT INTO Seen SELECT v FROM S;
    """
    seen: list[tuple[str, int]] = []
    with outside.manager.create_app(sql) as app:

        def both(row: Any) -> None:
            seen.append((type(row).__name__, row.v))

        app.on("Even", both)
        app.on("Seen", both)
        app.input("S").send_many([(1,), (2,), (4,)])
    assert seen == [("Seen", 1), ("Even", 2), ("Seen", 2), ("Even", 4), ("Seen", 4)]
