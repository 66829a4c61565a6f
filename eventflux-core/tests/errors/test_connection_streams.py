"""``<name>.connection``: what becomes of a connection, in its place among the rows."""

from __future__ import annotations

from itertools import count
from typing import Any, ClassVar

import pytest

from eventflux import SqlError, UsageError
from eventflux.base.clock import SystemClock
from eventflux.spi import SourceKind
from eventflux.testing.scripted import Lose, Refuse

from .world import QueueFactory, World, check_sums, sink, source

NOTICE = """event STRING, "streamName" STRING, peer STRING, reason STRING, at TIMESTAMP,
    since TIMESTAMP, duration_ms LONG"""
TELL = sink("Told", NOTICE) + "INSERT INTO Told SELECT * FROM Raw.connection;\n"
COPY = sink() + "INSERT INTO Out SELECT v FROM Raw;\n"


class LiveFactory(QueueFactory):
    kind: ClassVar[SourceKind] = "live"


@pytest.fixture
def live(world: World) -> World:
    world.manager.context.add_source_factory("live", LiveFactory(world))
    return world


def live_source() -> str:
    return source().replace("'queue'", "'live'")


async def test_a_gap_stands_between_the_rows_before_and_after(live: World) -> None:
    live.put(1, 2, 3)
    live.max_batch = 1
    live.script("Raw.receive", None, Lose("cut"), None, None)
    order = (
        sink("All", "what STRING")
        + "INSERT INTO All SELECT event AS what FROM Raw.connection;\n"
        + "INSERT INTO All SELECT CAST(v AS STRING) AS what FROM Raw;"
    )
    app = await live.run(live_source() + COPY + TELL + order)
    assert live.got("All", "what") == [
        "connected",
        "1",
        "disconnected",
        "connected",
        "gap",
        "2",
        "3",
    ]
    assert live.got("Told", "event") == ["connected", "disconnected", "connected", "gap"]
    start, lost, back, gap = live.got("Told")
    assert (start["reason"], start["since"], start["duration_ms"]) == (None, None, None)
    assert (lost["reason"], lost["since"], lost["streamName"]) == ("cut", None, "Raw")
    assert (gap["reason"], gap["since"]) == ("cut", lost["at"])
    assert gap["duration_ms"] >= 0
    assert {**gap, "event": "connected"} == back
    check_sums(app, ["Raw"])


async def test_a_gap_begins_when_the_connection_was_lost(
    live: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = count(1_760_000_000_000)
    monkeypatch.setattr(SystemClock, "now_ms", lambda self: next(looks))
    live.put(1)
    live.script("Raw.receive", Lose("cut"))
    await live.run(live_source() + COPY + TELL)
    lost, gap = (row for row in live.got("Told") if row["event"] in ("disconnected", "gap"))
    assert gap["since"] == lost["at"] < gap["at"]


async def test_a_source_that_delivers_again_has_no_gap(world: World) -> None:
    world.put(1)
    world.script("Raw.receive", Lose("cut"))
    await world.run(source() + COPY + TELL)
    assert world.got("Told", "event") == ["connected", "disconnected", "connected"]
    assert world.queues["Raw"].acked == [0]


async def test_tries_that_fail_are_no_losses(world: World) -> None:
    world.put(1)
    world.script("Raw.receive", Lose("cut"))
    world.script("Raw.open", None, Lose("away"), Lose("away"))
    await world.run(source() + COPY + TELL)
    assert world.got("Told", "event") == ["connected", "disconnected", "connected"]


async def test_a_sink_tells_too_even_by_itself(world: World) -> None:
    world.put(1)
    world.script("Out.send", Lose("no broker"))
    told = "INSERT INTO Out SELECT 0 - 1 AS v FROM Out.connection WHERE event = 'disconnected';"
    app = await world.run(source() + COPY + told)
    assert sorted(world.got("Out", "v")) == [-1, 1]
    check_sums(app, ["Raw"])


async def test_notices_wait_for_nobody_and_are_acknowledged_by_nobody(world: World) -> None:
    world.put(1)
    world.script("Raw.receive", Lose("cut"))
    world.script("Told.send", *[Refuse((0,), transient=True)] * 3)
    tell = TELL.replace("'tiny')", """'tiny', "error.retry.initial-delay" = '0ms')""")
    await world.run(source() + COPY + tell)
    assert world.queues["Raw"].acked == [0]
    assert len(world.got("Told")) == 3


async def test_a_row_that_fails_on_their_way_fails_alone(world: World) -> None:
    world.put(1)
    sql = (
        sink("Told", "v LONG NOT NULL") + "INSERT INTO Told SELECT since AS v FROM Raw.connection;"
    )
    app = await world.run(source() + COPY + sql)
    assert world.got("Out", "v") == [1]
    counted = app.stats()["streams"]["Raw.connection"]
    assert (counted["received"], counted["errors"], counted["dropped"]) == (1, 1, 1)
    check_sums(app, ["Raw"])


async def test_a_query_that_must_not_fail_stops_the_app(world: World) -> None:
    world.put(1)
    sql = sink("Told", "v LONG NOT NULL") + (
        "INSERT INTO Told SELECT since AS v FROM Raw.connection WITH (\"error.strategy\" = 'fail');"
    )
    app = await world.run(source() + COPY + sql)
    assert app.state == "failed"


async def test_a_program_can_watch_them(world: World) -> None:
    world.put(1)
    world.script("Raw.receive", Lose("cut"))
    app = world.create(source() + COPY)
    seen: list[Any] = []
    app.on("Raw.connection", lambda row: seen.append((row.event, row.reason)))
    world.queues["Raw"].end()
    await app.astart()
    await app.await_finished()
    await app.astop()
    assert seen == [("connected", None), ("disconnected", "cut"), ("connected", "cut")]
    with pytest.raises(UsageError, match="come from the app alone"):
        app.input("Raw.connection")


def test_what_is_no_source_and_no_sink_has_none(world: World) -> None:
    with pytest.raises(SqlError) as refused:
        world.create(
            source() + COPY + "INSERT INTO A SELECT v FROM Raw; SELECT event FROM A.connection;"
        )
    assert "'A' has no connection: it is neither a source nor a sink" in str(refused.value)
    app = world.create("CREATE STREAM S (v INT); INSERT INTO T SELECT v FROM S;")
    with pytest.raises(UsageError, match=r"has no stream 'S\.connection'"):
        app.on("S.connection", print)


WRONG = {
    "SELECT event FROM Row.connection;": "did you mean 'Raw'?",
    "SELECT event FROM Raw.conection;": "did you mean Raw.connection?",
    "SELECT evnt FROM Raw.connection;": "did you mean 'event'?",
    'INSERT INTO "Raw.connection" SELECT v FROM Raw;': "holds the connection of 'Raw'",
}


@pytest.mark.parametrize("sql", WRONG)
def test_names_are_checked(world: World, sql: str) -> None:
    with pytest.raises(SqlError) as refused:
        world.create(source() + sql)
    assert WRONG[sql] in str(refused.value)
