"""Why a stream has no rows: prepared situations, of each the one sentence that names the cause."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from eventflux import EventFluxManager, StartError, UsageError
from eventflux.app.why import Why
from eventflux.base.clock import VIRTUAL_EPOCH_MS
from eventflux.testing import AppRunner
from eventflux.testing.scripted import Hang, Lose, Refuse, Script

T = VIRTUAL_EPOCH_MS
SECOND = 1000

ORDERS = """
CREATE STREAM Orders (customer STRING, amount DOUBLE);
@info(name = 'big')
INSERT INTO Alerts SELECT customer, amount FROM Orders WHERE amount > 1000;
"""

CONNECTED = """
CREATE STREAM Orders (v LONG)
    WITH (type = 'source', extension = 'scripted', format = 'words'{source});
CREATE STREAM Alerts (v LONG)
    WITH (type = 'sink', extension = 'scripted', format = 'words'{sink});
INSERT INTO Alerts SELECT v FROM Orders WHERE v > 0;
"""

DROP = ", 'error.strategy' = 'drop', 'batch.max.messages' = '1'"

JOINED = """
CREATE STREAM Orders (ts LONG, v INT, WATERMARK FOR ts AS ts);
CREATE STREAM Payments (ts LONG, v INT, WATERMARK FOR ts AS ts);
INSERT INTO Both SELECT ts, v FROM Orders;
INSERT INTO Both SELECT ts, v FROM Payments;
INSERT INTO Totals SELECT sum(v) AS total FROM Both WINDOW('tumbling', 10 SECONDS);
"""


def connected(source: str = "", sink: str = "") -> str:
    return CONNECTED.format(source=source, sink=sink)


def lost(outside: Any, **scripts: Script) -> str:
    """The same with a source that follows scripts of its own."""
    factory = type(outside.source_factory)(outside.queue, **scripts)
    outside.manager.context.add_source_factory("lost", factory)
    return connected().replace("'source', extension = 'scripted'", "'source', extension = 'lost'")


# Nothing is sent


def test_nothing_was_sent() -> None:
    with AppRunner(ORDERS) as runner:
        why = runner.why("Alerts")
    assert why.summary == "Nothing reaches Alerts: no row has been sent to Orders."
    assert (why.cause, why.flows) == ("idle", False)
    assert why.hint == "app.input('Orders').send(…)"


async def test_an_idle_input(outside: Any) -> None:
    async with outside.manager.create_app(connected()) as app:
        why = app.why("Alerts")
    assert why.cause == "idle"
    assert why.summary == (
        "Nothing reaches Alerts yet: source 'Orders' (scripted) is connected and has received "
        "nothing."
    )


# Rows are turned away


def test_lists_without_elements() -> None:
    sql = """
        CREATE STREAM Posts (id INT, tags OBJECT);
        INSERT INTO Tags SELECT id, UNNEST(tags) AS tag FROM Posts WHERE id > 1;
    """
    with AppRunner(sql) as runner:
        runner.send_many("Posts", [(1, ["a"]), (2, []), (3, None), (4, "none")])
        why = runner.why("Tags")
    assert why.cause == "filter"
    assert why.summary == (
        "Nothing reaches Tags: `unnest(tags)` of query_1 (line 3) was empty in 3 of 4 rows."
    )
    assert why.hint == "NULL, and what is no list, has no elements"
    assert "the last row was unnested: (id = 4, tags = '\"none\"')" in str(why)


def test_a_filter_that_never_holds() -> None:
    with AppRunner(ORDERS) as runner:
        runner.send_many("Orders", [("ann", 5.0), ("bob", 12.5), ("cat", None)])
        why = runner.why("Alerts")
    assert why.cause == "filter"
    assert why.summary == (
        "Nothing reaches Alerts: the filter `amount > 1000.0` of query big (line 4) has turned "
        "away all 3 rows; the last was (customer = 'cat', amount = NULL)."
    )


def test_a_filter_behind_other_queries() -> None:
    sql = """
    CREATE STREAM S (v LONG);
    INSERT INTO A SELECT v * 2 AS w FROM S WHERE v > 1;
    INSERT INTO B SELECT w FROM A WHERE w < 0;
    INSERT INTO C SELECT w FROM B;
    """
    with AppRunner(sql) as runner:
        runner.send_many("S", [(1,), (7,), (0,)])
        why = runner.why("C")
    assert why.summary == (
        "Nothing reaches C: the filter `w < 0` of query_2 (line 4) has turned away the only row; "
        "the last was (w = 14)."
    )
    assert [step.name for step in why.steps] == ["query_3", "query_2", "query_1", "S"]


def test_a_filter_is_not_computed_again_where_that_would_show() -> None:
    calls = 0

    def dice(v: int) -> bool:
        nonlocal calls
        calls += 1
        return False

    context = EventFluxManager(plugins=False).context
    context.add_function("dice", dice, deterministic=False)
    sql = "CREATE STREAM S (v LONG NOT NULL); INSERT INTO A SELECT v FROM S WHERE dice(v);"
    with AppRunner(sql, context=context) as runner:
        runner.send("S", (1,))
        why = runner.why("A")
    assert "the filter `dice(v)` of query_1 (line 1) has turned away the only row." in why.summary
    assert calls == 1


def test_a_having_that_never_holds() -> None:
    sql = """
    CREATE STREAM S (name STRING, v LONG);
    INSERT INTO Often SELECT name, count(*) AS n FROM S WHERE v > 0
        GROUP BY name HAVING count(*) > 5;
    INSERT INTO Sums SELECT sum(v) AS s FROM S WINDOW('lengthBatch', 2) HAVING sum(v) > 100;
    """
    with AppRunner(sql) as runner:
        runner.send_many("S", [("a", 1), ("a", 2), ("b", 3), ("b", 4)])
        often, sums = runner.why("Often"), runner.why("Sums")
    assert (often.cause, sums.cause) == ("having", "having")
    assert often.summary == (
        "Nothing reaches Often: HAVING `count(*) > 5` of query_1 (line 3) did not hold for 4 "
        "results so far."
    )
    assert sums.summary == (
        "Nothing reaches Sums: HAVING `sum(v) > 100` of query_2 (line 5) did not hold for 2 "
        "results so far."
    )


def test_a_limit_that_lets_nothing_through() -> None:
    sql = "CREATE STREAM S (v LONG); INSERT INTO A SELECT v FROM S LIMIT 1 OFFSET 3;"
    with AppRunner(sql) as runner:
        runner.send_many("S", [(1,), (2,)])
        why = runner.why("A")
    assert why.summary.startswith("Nothing reaches A: LIMIT, OFFSET or a rate limit of query_1")


# Rows wait


def test_a_window_that_is_not_due() -> None:
    sql = """
    CREATE STREAM S (v LONG);
    INSERT INTO Sums SELECT sum(v) AS s FROM S WINDOW('tumbling', 5 MINUTES);
    """
    with AppRunner(sql) as runner:
        runner.send("S", (1,), T + 7 * SECOND)
        runner.send("S", (2,), T + 10 * SECOND)
        why = runner.why("Sums")
        runner.sleep(290 * SECOND)
        later = runner.why("Sums")
    assert why.cause == "window"
    assert why.summary == (
        "Nothing reaches Sums yet: the window `Tumbling 5 min, from the epoch` of query_1 (line 3) "
        "holds 2 rows and fires at 2026-01-01T00:05:00Z, in 4 min 50 s."
    )
    assert later.summary == "Sums gives rows: 1 so far."


def test_a_window_that_rows_fill() -> None:
    sql = (
        "CREATE STREAM S (v LONG); INSERT INTO A SELECT sum(v) AS s FROM S "
        "WINDOW('lengthBatch', 10);"
    )
    with AppRunner(sql) as runner:
        runner.send_many("S", [(1,), (2,), (3,)])
        why = runner.why("A")
    assert "holds 3 of the 10 rows that fill it" in why.summary


def test_a_snapshot_of_a_window_that_rows_fill_waits_for_time() -> None:
    sql = (
        "CREATE STREAM S (v LONG); "
        "INSERT INTO A SELECT v FROM S WINDOW('lengthBatch', 10) OUTPUT SNAPSHOT EVERY 5 SECONDS; "
        "INSERT INTO B SELECT v FROM S WINDOW('tumbling', 1000) OUTPUT SNAPSHOT EVERY 5 SECONDS;"
    )
    with AppRunner(sql) as runner:
        runner.send_many("S", [(1,), (2,), (3,)])
        for stream in ("A", "B"):  # whatever closes before
            assert runner.why(stream).summary.endswith(
                "holds 3 rows and fires at 2026-01-01T00:00:05Z, in 5 s."
            )


def test_an_output_that_is_limited() -> None:
    sql = """
    CREATE STREAM S (v LONG);
    INSERT INTO A SELECT v FROM S OUTPUT LAST EVERY 10 SECONDS;
    INSERT INTO B SELECT v FROM S OUTPUT EVERY 5 EVENTS;
    """
    with AppRunner(sql) as runner:
        runner.send_many("S", [(1,), (2,)])
        by_time, by_rows = runner.why("A"), runner.why("B")
    assert "yet: `OUTPUT LAST EVERY 10 s` of query_1 (line 3) holds" in by_time.summary
    assert by_time.summary.endswith("holds 1 row and fires at 2026-01-01T00:00:10Z, in 10 s.")
    assert by_rows.summary.endswith("holds 2 of the 5 rows that fill it.")


def test_a_trigger_that_is_not_due() -> None:
    sql = "CREATE TRIGGER T AT EVERY 5 MINUTES; INSERT INTO A SELECT 1 AS one FROM T;"
    with AppRunner(sql) as runner:
        runner.sleep(1)
        why = runner.why("A")
    assert why.summary.startswith("Nothing reaches A yet: trigger T gives its first row at ")


async def test_asynchronous_functions_that_do_not_answer(
    outside: Any, until: Callable[..., Any]
) -> None:
    answer = asyncio.Event()

    async def ask(v: int) -> int:
        await answer.wait()
        return v

    outside.manager.context.add_function("ask", ask)
    sql = "CREATE STREAM S (v LONG NOT NULL); INSERT INTO A SELECT ask(v) AS w FROM S;"
    async with outside.manager.create_app(sql) as app:
        await app.input("S").asend((1,))
        why = app.why("A")
        answer.set()
        await until(lambda: app.why("A").flows)
    assert why.cause == "queued"
    assert why.summary == (
        "Nothing reaches A yet: 1 row waits for asynchronous functions of query_1 (line 1)."
    )


def test_event_time_that_only_rows_move() -> None:
    sql = """
    SET app.time = 'event';
    CREATE STREAM S (v LONG);
    INSERT INTO Sums SELECT sum(v) AS s FROM S WINDOW('tumbling', 5 MINUTES);
    """
    with AppRunner(sql) as runner:
        runner.send("S", (1,), T)
        why = runner.why("Sums")
    assert "fires when a row moves the app's clock to 2026-01-01T00:05:00Z" in why.summary


def test_a_watermark_that_another_input_holds_back() -> None:
    with AppRunner(JOINED) as runner:
        runner.send_many("Orders", [(T, 1), (T + 30 * SECOND, 2)])
        silent = runner.why("Totals")
        runner.send("Payments", (T + 2 * SECOND, 5))
        behind = runner.why("Totals")
    assert silent.cause == behind.cause == "watermark"
    assert silent.summary == (
        "Nothing reaches Totals yet: the window `Tumbling 10 s, from the epoch` of query_3 "
        "(line 6) holds 2 rows and fires when the watermark has reached 2026-01-01T00:00:10Z; "
        "Payments holds it back: it has had no row yet, while Orders is at 2026-01-01T00:00:30Z."
    )
    assert silent.hint == (
        "Payments is left out when no row of it has come for watermark.idle = 1 min"
    )
    assert "Payments holds it back: it is at 2026-01-01T00:00:02Z" in behind.summary


def test_a_watermark_that_only_later_rows_move() -> None:
    sql = """
    CREATE STREAM S (ts LONG, v INT, WATERMARK FOR ts AS ts - 1000);
    INSERT INTO Sums SELECT sum(v) AS s FROM S WINDOW('tumbling', 10 SECONDS);
    """
    with AppRunner(sql) as runner:
        runner.send("S", (T + 5 * SECOND, 1))
        why = runner.why("Sums")
    assert why.cause == "watermark"
    assert "the watermark has reached 2026-01-01T00:00:10Z; it is at 2026-01-01T00:00:04Z by S" in (
        why.summary
    )
    assert why.hint == "only a row of S with a later event time moves it on"


def test_rows_that_are_late() -> None:
    sql = """
    CREATE STREAM S (ts LONG, v INT, WATERMARK FOR ts AS ts);
    INSERT INTO Sums SELECT sum(v) AS s FROM S WHERE v > 0 WINDOW('tumbling', 10 SECONDS);
    """
    with AppRunner(sql) as runner:
        runner.send("S", (T + 60 * SECOND, -1))
        runner.send_many("S", [(T, 1), (T + SECOND, 2)])
        why = runner.why("Sums")
    assert why.cause == "late"
    assert "2 of 3 rows of S came too late for query_1 (line 3)" in why.summary
    assert "1 filtered" in why.summary
    assert "watermark.lateness" in str(why.hint)


def test_late_rows_and_errors_that_nobody_reads() -> None:
    sql = """
    CREATE STREAM S (ts LONG, v INT, WATERMARK FOR ts AS ts);
    CREATE STREAM Sums (s INT);
    INSERT INTO Sums SELECT sum(v) * 2 AS s FROM S WINDOW('time', 10 SECONDS);
    """
    with AppRunner(sql) as runner:
        before = [runner.why(f"S.{ending}") for ending in ("late", "errors")]
        runner.send("S", (T + 60 * SECOND, 2_000_000_000))
        runner.send_many("S", [(T, 1), (T + SECOND, 2)])
        late, errors = runner.why("S.late"), runner.why("S.errors")
        steps = str(runner.why("Sums"))
    assert [why.cause for why in before] == ["idle", "idle"]
    assert (late.cause, errors.cause) == ("flows", "flows")
    assert late.summary.startswith('"S.late" gives rows: 2 so far')
    assert errors.summary.startswith('"S.errors" gives rows: 1 so far')
    assert 'INSERT INTO … SELECT * FROM "S.late"' in str(late.hint)
    assert "the last row came to its state: (ts = 1767225601000, v = 2)" in steps


async def test_a_connection_that_nobody_reads(outside: Any) -> None:
    async with outside.manager.create_app(connected()) as app:
        why = app.why("Orders.connection")
    assert why.cause == "idle"
    assert "what the connection of Orders tells is kept for nobody" in why.summary


def test_a_row_is_shown_as_sql_writes_it() -> None:
    sql = """
    CREATE STREAM S (t TIMESTAMP, price DECIMAL(9, 2), name STRING, tags OBJECT, raw BYTES);
    INSERT INTO A SELECT t FROM S WHERE price > 100;
    """
    with AppRunner(sql) as runner:
        runner.send("S", (T, Decimal("1.50"), "O'Hara", ["a"], b"x"))
        why = runner.why("A")
    assert why.summary.endswith(
        "the last was (t = '2026-01-01T00:00:00Z', price = 1.50, name = 'O''Hara', "
        "tags = '[\"a\"]', raw = 'x')."
    )


# Errors


def test_all_rows_fail() -> None:
    sql = """
    CREATE STREAM S (v LONG);
    INSERT INTO A SELECT CAST(v AS STRING) AS t, 1 AS n FROM S WHERE v > 0;
    CREATE STREAM B (w LONG NOT NULL);
    INSERT INTO B SELECT CASE WHEN v < 0 THEN v END AS w FROM S;
    """
    with AppRunner(sql) as runner:
        runner.send_many("S", [(1,), (2,)])
        why = runner.why("B")
    assert why.cause == "errors"
    assert why.summary.startswith(
        "Nothing reaches B: both rows failed in query_2 (line 5); the last: query 'query_2': "
    )
    assert "(v=2)" in why.summary
    assert why.hint == (
        "INSERT INTO … SELECT * FROM S.errors shows what fails, and the log tells it"
    )


def test_rows_that_fail_inside_a_query() -> None:
    """Their errors are those of the stream that the query reads."""
    sql = """
    CREATE STREAM S (v LONG);
    CREATE STREAM B (w LONG NOT NULL);
    INSERT INTO B SELECT w FROM (SELECT CASE WHEN v < 0 THEN v END AS w FROM S) WHERE TRUE;
    """
    with AppRunner(sql) as runner:
        runner.send_many("S", [(1,), (2,)])
        why = runner.why("B")
    assert why.summary.startswith("Nothing reaches B: both rows failed in query_1 (line 4); the ")
    assert "NULL in column 'w'" in why.summary
    assert "FROM S.errors" in str(why.hint)


async def test_no_message_can_be_read(outside: Any, until: Callable[..., Any]) -> None:
    outside.queue.put(b"one", b"two")
    async with outside.manager.create_app(connected()) as app:
        await until(lambda: len(outside.queue.rejected) == 2)
        why = app.why("Alerts")
    assert why.cause == "errors"
    assert why.summary.startswith(
        "Nothing reaches Alerts: both messages of source 'Orders' (scripted) could not be read; "
        "the last: invalid literal"
    )


# Connectors


async def test_a_source_that_is_not_connected(outside: Any, until: Callable[..., Any]) -> None:
    opens = Script([None, *([Lose("the broker is away")] * 1000)])
    sql = lost(outside, opens=opens, receives=Script([Lose("the line was cut")]))
    async with outside.manager.create_app(sql) as app:
        await until(lambda: "reconnecting" in app.health()["Orders"])
        why = app.why("Alerts")
    assert why.cause == "disconnected"
    assert why.summary.startswith(
        "Nothing reaches Alerts: source 'Orders' (lost) is not connected but reconnecting: the "
    )


async def test_a_source_that_an_app_waits_for_at_its_start(
    outside: Any, until: Callable[..., Any]
) -> None:
    opens = Script([Lose("the broker is away")] * 1000)
    app = outside.manager.create_app(lost(outside, opens=opens))
    starting = asyncio.ensure_future(app.astart())
    await until(lambda: app.health()["Orders"].startswith("not connected"))
    why = app.why("Alerts")
    await app.astop()
    with pytest.raises(StartError):
        await starting
    assert why.cause == "disconnected"
    assert why.summary == (
        "Nothing reaches Alerts yet: the app is starting, and source 'Orders' (lost) is not "
        "connected: the broker is away."
    )
    assert why.hint is not None
    assert "app.start.timeout" in why.hint


async def test_a_sink_that_holds_another_stream_up(outside: Any, until: Callable[..., Any]) -> None:
    outside.use_sink(sends=Script([Hang()]))
    outside.queue.put(*(b"%d" % n for n in range(1, 50)), b"-1")
    sql = connected(", 'batch.max.messages' = '5'", ", 'max.in.flight' = '5'")
    sql += "INSERT INTO Negative SELECT v FROM Orders WHERE v < 0;"
    app = outside.manager.create_app(sql, overrides={"app.stop.timeout": "20ms"})
    async with app:
        await until(lambda: app.stats()["connectors"]["Alerts"]["queued"] >= 5)
        alerts, negative = app.why("Alerts"), app.why("Negative")
    assert alerts.cause == "backpressure"
    assert alerts.summary == (
        "10 rows reached Alerts, but none has left it: sink 'Alerts' (scripted) has confirmed "
        "nothing; 5 wait, 5 are on their way."
    )
    [source] = [step for step in negative.steps if step.kind == "source"]
    assert "waits for sink 'Alerts' (scripted), where 5 messages wait to be sent" in source.notes


async def test_a_source_that_a_sink_holds_up(outside: Any, until: Callable[..., Any]) -> None:
    queue = type(outside.queue)()
    outside.use_sink(sends=Script([Hang()]))
    outside.manager.context.add_source_factory("other", type(outside.source_factory)(queue))
    sql = (
        connected("", ", 'max.in.flight' = '5'")
        + """
    CREATE STREAM More (v LONG) WITH (type = 'source', extension = 'other', format = 'words');
    INSERT INTO Alerts SELECT v FROM More;
    INSERT INTO Copy SELECT v FROM More;
    """
    )
    outside.queue.put(*(b"%d" % n for n in range(1, 50)))
    app = outside.manager.create_app(sql, overrides={"app.stop.timeout": "20ms"})
    async with app:
        await until(lambda: app.stats()["connectors"]["Alerts"]["queued"] >= 5)
        queue.put(b"1")
        why = app.why("Copy")
    assert why.cause == "backpressure"
    assert why.summary == (
        "Nothing reaches Copy yet: source 'More' (other) is held up by sink 'Alerts' (scripted), "
        "where 44 messages wait to be sent."
    )


async def test_a_sink_that_refuses_everything(outside: Any, until: Callable[..., Any]) -> None:
    refusal = Refuse((0,), reason="no queue is bound there")
    outside.use_sink(sends=Script([refusal, refusal]))
    outside.queue.put(b"1", b"2")
    async with outside.manager.create_app(connected(sink=DROP)) as app:
        await until(lambda: app.stats()["connectors"]["Alerts"]["refused"] == 2)
        why = app.why("Alerts")
    assert why.cause == "refused"
    assert why.summary == (
        "Rows reach Alerts, but none leaves it: sink 'Alerts' (scripted) had both messages "
        "refused: no queue is bound there."
    )


async def test_an_app_that_does_not_run(outside: Any) -> None:
    app = outside.manager.create_app(connected())
    before = app.why("Alerts")
    async with app:
        pass
    assert before.cause == app.why("Alerts").cause == "not running"
    assert before.summary == "Nothing reaches Alerts: the app is not running but created."


async def test_an_app_that_failed(outside: Any, until: Callable[..., Any]) -> None:
    outside.queue.put(b"x")
    app = outside.manager.create_app(connected(", 'error.strategy' = 'fail'"))
    await app.astart()
    await until(lambda: app.state == "failed")
    why = app.why("Alerts")
    await app.astop()
    assert why.cause == "failed"
    assert why.summary.startswith("Nothing reaches Alerts: the app has failed: ")


# A stream that has rows


async def test_a_stream_that_gives_rows(outside: Any, until: Callable[..., Any]) -> None:
    outside.queue.put(b"1", b"2")
    async with outside.manager.create_app(connected()) as app:
        await until(lambda: len(outside.target.arrived) == 2)
        why = app.why("Alerts")
    assert why.flows
    assert why.summary.startswith("Alerts gives rows: 2 so far, the last ")
    assert why.summary.endswith(" ms ago.")


# Asking


def test_a_stream_that_is_not_there() -> None:
    with AppRunner(ORDERS) as runner, pytest.raises(UsageError, match="Alerts"):
        runner.why("Alarts")


def test_asking_from_another_thread(outside: Any) -> None:
    with outside.manager.create_app(connected()) as app:
        assert app.why("Alerts").cause == "idle"
        assert asyncio.run(app.awhy("Alerts")).cause == "idle"


def test_the_report_as_json_and_as_text() -> None:
    with AppRunner(JOINED) as runner:
        runner.send_many("Orders", [(T, 1), (T + 30 * SECOND, 2)])
        why = runner.why("Totals")
    assert msgspec.json.decode(msgspec.json.encode(why), type=Why) == why
    text = str(why)
    assert text.startswith(why.summary)
    assert "  in 2 · absorbed 2\n" in text
    assert "watermark of Payments: no row yet ← the watermark" in text


def test_asking_changes_nothing() -> None:
    """Of an app that is asked after each row the results are those of one that is not."""
    rows = [(T + n * 4 * SECOND, n) for n in range(8)]
    with AppRunner(JOINED, outputs=["Totals"]) as quiet:
        quiet.send_many("Orders", rows)
        quiet.send_many("Payments", rows)
        expected, counted = quiet.rows("Totals"), quiet.stats()
    with AppRunner(JOINED, outputs=["Totals"]) as asked:
        for stream in ("Orders", "Payments"):
            for row in rows:
                asked.send(stream, row)
                asked.why("Totals")
        assert asked.rows("Totals") == expected != []
        assert asked.stats() == counted


def test_what_can_be_asked_keeps_few_rows() -> None:
    customer = "".join(["a", "customer"])  # nobody else holds it
    rows = [(customer, 1.0), *[("b", float(n)) for n in range(100)]]
    held = sys.getrefcount(customer)
    with EventFluxManager(plugins=False).create_app(ORDERS) as app:
        for send in (app.input("Orders").send_many, app.input("Orders").send_batch):
            send(rows)
            assert "customer = 'b', amount = 99.0" in app.why("Alerts").summary
            assert sys.getrefcount(customer) == held
