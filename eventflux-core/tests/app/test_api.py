"""The Python API: start, send, watch, stop; from threads and from asyncio."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eventflux import (
    EventFluxError,
    EventFluxManager,
    InputError,
    RefusedError,
    StreamFailed,
    UsageError,
)
from eventflux.testing.scripted import Hang, Refuse, Script

GOOD = ("a", 10, 0.5, True)


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_rows_go_in_as_tuples_dicts_and_rows(app: Any) -> None:
    seen: list[Any] = []
    app.on("T", seen.append)
    entry = app.input("S")
    entry.send(GOOD)
    entry.send(["b", 20, None, False])
    entry.send({"name": "c", "ok": True, "value": 25})
    entry.send(app.row_type("S")("d", 50, 1, True))
    assert [(row.name, row.share) for row in seen] == [
        ("a", 10.0),
        ("b", 5.0),
        ("c", 4.0),
        ("d", 2.0),
    ]
    assert app.stats()["streams"]["S"]["received"] == 4


def test_many_rows_keep_their_order_over_slices(app: Any) -> None:
    seen: list[Any] = []
    app.on("T", seen.extend, batch=True)
    app.input("S").send_many({"value": n, "ok": True} for n in range(1, 5001))
    assert [row.share for row in seen] == [100 / n for n in range(1, 5001)]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ((1, 10, 0.5, True), "column 'name' is STRING and takes a str, got 1 (int)"),
        (("a", "10", 0.5, True), "column 'value' is LONG and takes an int of 64 bits, got '10'"),
        (("a", True, 0.5, True), "column 'value' is LONG"),
        (("a", 2**63, 0.5, True), "column 'value' is LONG"),
        (("a", 1.0, 0.5, True), "column 'value' is LONG"),
        (("a", 1, "x", True), "column 'ratio' is DOUBLE and takes a float or int, got 'x'"),
        (("a", 1, 10**400, True), "column 'ratio' is DOUBLE"),
        (("a", 1, 0.5, 1), "column 'ok' is BOOL and takes a bool, got 1 (int)"),
        (("a", 1, 0.5, None), "column 'ok' is NOT NULL, got None"),
        (("a", 1, 0.5), "has 4 columns, got 3 values"),
        (("a", 1, 0.5, True, 1), "has 4 columns, got 5 values"),
        ([{"name": "a", "ok": True}], "send_many() takes several rows"),
        ({"name": "a"}, "column 'ok' is NOT NULL and missing"),
        ({"valeu": 1, "ok": True}, "did you mean 'value'?"),
        ("abcd", "a row is a tuple, a list, a dict"),
        (7, "a row is a tuple, a list, a dict"),
    ],
)
def test_values_that_do_not_fit_are_refused_at_the_call(app: Any, row: Any, told: str) -> None:
    with pytest.raises(InputError) as raised:
        app.input("S").send(row)
    assert told in str(raised.value)
    assert "stream 'S'" in str(raised.value)
    assert app.stats()["streams"]["S"]["received"] == 0


@pytest.mark.parametrize("program", ["programs/orders.sql", Path("orders.sql"), None, b"SELECT 1"])
def test_a_program_is_given_as_its_text(program: Any) -> None:
    with pytest.raises(UsageError, match="given as its text, got") as raised:
        EventFluxManager(plugins=False).create_app(program)
    assert "read_text" in str(raised.value.hint)
    assert "SELECT" not in str(raised.value), "a program in bytes may hold a password"


def test_of_many_rows_none_is_sent_if_one_does_not_fit(app: Any) -> None:
    with pytest.raises(InputError, match="row 2: stream 'S'"):
        app.input("S").send_many([GOOD, ("a",), GOOD])
    assert app.stats()["streams"]["S"]["received"] == 0


def test_timestamps_are_checked(app: Any) -> None:
    with pytest.raises(InputError, match="2 timestamps for 1 rows"):
        app.input("S").send_many([GOOD], [1, 2])
    with pytest.raises(InputError, match=r"epoch milliseconds, got 1\.5"):
        app.input("S").send(GOOD, 1.5)
    with pytest.raises(InputError, match="'processed' or 'confirmed'"):
        app.input("S").send(GOOD, wait="sometime")


def test_unknown_streams_are_refused_with_a_guess(app: Any) -> None:
    for use in (app.input, lambda name: app.on(name, print), app.subscribe, app.row_type):
        with pytest.raises(UsageError, match="did you mean 'S'"):
            use("s")


def test_a_batch_send_is_one_logical_batch(outside: Any) -> None:
    sql = (
        "CREATE STREAM S (k STRING, v LONG); INSERT INTO T SELECT k, sum(v) AS s FROM S GROUP BY k;"
    )
    app = outside.manager.create_app(sql)
    seen: list[Any] = []
    app.on("T", lambda row: seen.append((row.k, row.s)))
    with app:
        app.input("S").send_batch([("a", 1), ("b", 2), ("a", 3)])
        assert seen == [("a", 4), ("b", 2)]
        app.input("S").send_many([("a", 1), ("a", 1)])
        assert seen[2:] == [("a", 5), ("a", 6)]


def test_sending_to_an_app_that_does_not_run_is_refused(outside: Any, inside: str) -> None:
    app = outside.manager.create_app(inside)
    with pytest.raises(UsageError, match="not running but created"):
        app.input("S").send(GOOD)
    app.start()
    app.stop()
    with pytest.raises(UsageError, match="not running but stopped"):
        app.input("S").send(GOOD)


def test_a_plain_call_on_the_apps_own_loop_is_refused(app: Any) -> None:
    errors: list[BaseException] = []

    def send_again(row: Any) -> None:
        for call in (lambda: app.input("S").send(GOOD), app.stop, app.wait_finished):
            try:
                call()
            except UsageError as error:
                errors.append(error)

    app.on("T", send_again)
    app.input("S").send(GOOD)
    assert len(errors) == 3
    assert "would block the app's own event loop" in str(errors[0])
    assert "await its twin" in str(errors[0])


async def test_the_async_twins_run_on_the_callers_loop(outside: Any, inside: str) -> None:
    app = outside.manager.create_app(inside)
    threads: set[threading.Thread] = set()
    seen: list[Any] = []

    def see(row: Any) -> None:
        seen.append(row.share)
        threads.add(threading.current_thread())

    app.on("T", see)
    async with app:
        await app.input("S").asend(GOOD)
        await app.input("S").asend_many([GOOD, GOOD])
        await app.input("S").asend_batch([GOOD, GOOD], wait="confirmed")
        with pytest.raises(UsageError, match="would block"):
            app.input("S").send(GOOD)
        with pytest.raises(UsageError, match="would block"):
            app.stop()
    assert seen == [10.0] * 5
    assert threads == {threading.current_thread()}
    assert app.state == "stopped"


async def test_async_calls_reach_an_app_on_another_thread(app: Any) -> None:
    await app.input("S").asend(GOOD)
    assert app.stats()["streams"]["S"]["received"] == 1
    await app.astop()
    assert app.state == "stopped"


def test_confirmed_waits_for_the_sinks(outside: Any, orders: str) -> None:
    app = outside.manager.create_app(orders)
    with app:
        app.input("Orders").send(("ann", 50.0), wait="confirmed")
        assert outside.target.arrived == [b"ann 50.0"]
        app.input("Orders").send(("bob", 5.0), wait="confirmed")
        app.input("Orders").send_many([("cat", 20.0), ("dan", 30.0)], wait="confirmed")
        app.input("Orders").send_batch([("eve", 40.0)], wait="confirmed")
    assert outside.target.arrived == [b"ann 50.0", b"cat 20.0", b"dan 30.0", b"eve 40.0"]


def test_what_waits_for_a_confirmation_learns_of_a_refusal(outside: Any, orders: str) -> None:
    outside.use_sink(sends=Script([Refuse((0,), reason="no queue is bound")]))
    app = outside.manager.create_app(orders)
    app.start()
    with pytest.raises(StreamFailed, match="no queue is bound"):
        app.input("Orders").send(("ann", 50.0), wait="confirmed")
    with pytest.raises(StreamFailed, match="no queue is bound"):
        app.wait_finished()
    assert app.state == "failed"
    assert isinstance(app.failure, StreamFailed)
    with pytest.raises(StreamFailed):
        app.input("Orders").send(("ann", 50.0))
    app.stop()


async def test_what_waits_for_a_confirmation_learns_of_a_stop(outside: Any, orders: str) -> None:
    outside.use_sink(sends=Script([Hang()]))
    app = outside.manager.create_app(orders, overrides={"app.stop.timeout": "20ms"})
    await app.astart()
    sending = asyncio.ensure_future(app.input("Orders").asend(("ann", 50.0), wait="confirmed"))
    await asyncio.sleep(0.005)
    assert not sending.done()
    await app.astop()
    with pytest.raises(UsageError, match="stopped before the results were confirmed"):
        await sending


def test_a_blocked_send_from_a_thread_ends_with_the_app(outside: Any, orders: str) -> None:
    outside.use_sink(sends=Script([Hang()] * 5))
    app = outside.manager.create_app(
        orders, overrides={"app.stop.timeout": "20ms", "Large.max.in.flight": "1"}
    )
    app.start()
    entry = app.input("Orders")
    errors: list[EventFluxError] = []

    def send_until_refused() -> None:
        try:
            for _ in range(10):
                entry.send(("ann", 50.0))
        except EventFluxError as error:
            errors.append(error)

    thread = threading.Thread(target=send_until_refused)
    thread.start()
    _wait_until(lambda: app.stats()["streams"]["Orders"]["received"] == 2)
    app.stop()
    thread.join(5)
    assert not thread.is_alive()
    assert len(errors) == 1
    assert isinstance(errors[0], UsageError)


def test_an_app_stops_and_starts_again_with_its_callbacks(outside: Any, inside: str) -> None:
    app = outside.manager.create_app(inside)
    seen: list[float] = []
    app.on("T", lambda row: seen.append(row.share))
    for _ in range(3):
        with app:
            app.start()
            app.input("S").send(GOOD)
        app.stop()
    assert seen == [10.0] * 3


async def test_an_app_may_change_from_a_thread_to_a_loop(outside: Any, inside: str) -> None:
    app = outside.manager.create_app(inside)
    await asyncio.to_thread(app.start)
    await asyncio.to_thread(app.stop)
    async with app:
        await app.input("S").asend(GOOD)
    assert app.stats()["streams"]["S"]["received"] == 1


def test_the_end_of_the_sources_ends_the_wait(outside: Any, orders: str) -> None:
    outside.queue.put(b"ann 50", b"bob 5", b"cat 70")
    outside.queue.end()
    with outside.manager.create_app(orders) as app:
        assert app.wait_finished(5)
        assert outside.target.arrived == [b"ann 50.0", b"cat 70.0"]
    assert outside.queue.acked == [0, 1, 2]


def test_the_wait_for_the_end_may_be_limited(app: Any) -> None:
    assert not app.wait_finished(0.01)


def test_a_start_that_fails_leaves_nothing_behind(outside: Any, orders: str) -> None:
    outside.use_sink(opens=Script([Refuse(reason="access refused")]))
    app = outside.manager.create_app(orders)
    before = set(threading.enumerate())
    with pytest.raises(RefusedError, match=r"sink 'Large' \(scripted\): access refused"):
        app.start()
    assert set(threading.enumerate()) <= before
    with app:
        app.input("Orders").send(("ann", 50.0), wait="confirmed")


def test_with_raises_the_failure_that_nobody_has_seen(outside: Any, orders: str) -> None:
    outside.use_sink(sends=Script([Refuse((0,))]))
    outside.queue.put(b"ann 50")
    app = outside.manager.create_app(orders)
    with pytest.raises(StreamFailed), app:
        _wait_until(lambda: app.state == "failed")


def test_event_time_moves_by_rows_and_by_hand(outside: Any) -> None:
    sql = """
    SET app.time = 'event';
    CREATE STREAM S (v LONG, ts LONG) WITH ("event.time" = 'ts');
    INSERT INTO T SELECT sum(v) AS s FROM S WINDOW('tumbling', 1 SECOND);
    """
    app = outside.manager.create_app(sql)
    seen: list[int] = []
    app.on("T", lambda row: seen.append(row.s))
    with app:
        app.input("S").send_many([(1, 100), (2, 900)])
        assert seen == []
        app.input("S").send((5, 1100))
        assert seen == [3]
        app.advance_to(2000)
        assert seen == [3, 5]
        with pytest.raises(InputError):
            app.advance_to("2000")


async def test_event_time_is_moved_from_the_loop_of_the_app(outside: Any) -> None:
    sql = """
    SET app.time = 'event';
    CREATE STREAM S (v LONG, ts LONG) WITH ("event.time" = 'ts');
    INSERT INTO T SELECT sum(v) AS s FROM S WINDOW('tumbling', 1 SECOND);
    """
    app = outside.manager.create_app(sql)
    seen: list[int] = []
    app.on("T", lambda row: seen.append(row.s))
    with pytest.raises(UsageError, match="is not running"):
        await app.aadvance_to(2000)
    await app.astart()
    await app.input("S").asend((5, 100))
    await app.aadvance_to(999)
    assert seen == []
    await app.aadvance_to(2000)
    assert seen == [5]
    with pytest.raises(InputError):
        await app.aadvance_to(True)
    await app.astop()


def test_the_system_clock_is_not_moved_by_hand(app: Any) -> None:
    with pytest.raises(UsageError, match="runs on the system clock"):
        app.advance_to(2000)


def test_timers_fire_by_themselves_on_the_system_clock(outside: Any) -> None:
    sql = """
    CREATE STREAM S (v LONG);
    INSERT INTO T SELECT sum(v) AS s FROM S WINDOW('tumbling', 20 MILLISECONDS);
    """
    app = outside.manager.create_app(sql)
    fired = threading.Event()
    app.on("T", lambda row: fired.set())
    with app:
        app.input("S").send((1,))
        assert fired.wait(5)


def test_nobody_sends_rows_into_a_view_or_a_step_of_a_query(outside: Any) -> None:
    sql = """
    CREATE STREAM S (v LONG);
    CREATE VIEW Twice AS SELECT v * 2 AS v FROM S;
    INSERT INTO T SELECT v FROM (SELECT v FROM Twice) AS step;
    """
    app = outside.manager.create_app(sql)
    seen: list[int] = []
    app.on("Twice", lambda row: seen.append(row.v))
    with app:
        for stream in ("Twice", "query_1/step"):
            with pytest.raises(UsageError, match="come from its query alone"):
                app.input(stream)
        app.input("S").send((1,))
        app.input("T").send((5,))
    assert seen == [2]
