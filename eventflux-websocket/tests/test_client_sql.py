"""Clients in programs: what SQL says of them, and what the runtime does with it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from eventflux import EventFluxManager
from eventflux.base.errors import RefusedError, StreamFailed, UnreachableError

from .conftest import Server, until

Serve = Callable[..., Awaitable[Server]]
Socket = web.WebSocketResponse

PROGRAM = """
CREATE STREAM Ticks (n INT, kind STRING METADATA FROM 'type') WITH (
  type = 'source', extension = 'websocket', format = 'json', websocket.url = '{ticks}',
  websocket.reconnect.delay.ms = '1', websocket.reconnect.max.delay.ms = '20');
CREATE STREAM Even (n INT, kind STRING) WITH (
  type = 'sink', extension = 'websocket', format = 'json', websocket.url = '{even}',
  websocket.reconnect.delay.ms = '1', websocket.reconnect.max.delay.ms = '20');
INSERT INTO Even SELECT n, kind FROM Ticks WHERE n % 2 = 0;
"""


class Feed:
    """Sends numbers, so many to each client, and then stays or goes."""

    def __init__(self, count: int, *, code: int | None = None) -> None:
        self._count = count
        self._code = code
        self.next = 0

    async def __call__(self, socket: Socket, request: web.Request) -> None:
        for _ in range(self._count):
            await socket.send_str(f'{{"n": {self.next}}}')
            self.next += 1
        if self._code is not None:
            await socket.close(code=self._code)
        async for _ in socket:
            pass


class Listener:
    def __init__(self) -> None:
        self.got: list[str] = []

    async def __call__(self, socket: Socket, request: web.Request) -> None:
        async for message in socket:
            self.got.append(message.data)


def source_only(url: str, *options: str) -> str:
    given = "".join(f", {option}" for option in options)
    return (
        "CREATE STREAM Ticks (n INT) WITH (type = 'source', extension = 'websocket', "
        f"format = 'json', websocket.url = '{url}'{given});\n"
        "CREATE STREAM Kept (n INT);\nINSERT INTO Kept SELECT n FROM Ticks;"
    )


async def test_messages_go_through_and_servers_may_come_and_go(serve: Serve) -> None:
    feed, listener = Feed(10), Listener()
    ticks, even = await serve(feed), await serve(listener)
    app = EventFluxManager().create_app(PROGRAM.format(ticks=ticks.url, even=even.url))
    async with app:
        await until(lambda: len(listener.got) == 5)
        assert listener.got == [f'{{"n":{n},"kind":"text"}}' for n in range(0, 10, 2)]
        await even.stop()
        await even.start()
        await ticks.stop()
        await until(lambda: app.health()["Ticks"].startswith("reconnecting"))
        await ticks.start()
        await until(lambda: len(listener.got) == 10)
        assert set(app.health().values()) == {"running"}
    connectors = app.stats()["connectors"]
    assert connectors["Ticks"]["reconnects"] >= 1
    assert connectors["Even"]["reconnects"] >= 1
    assert connectors["Even"]["confirmed"] == 10


async def test_a_program_reads_the_gap_between_the_messages_before_and_after(serve: Serve) -> None:
    server = await serve(Feed(2))
    pace = "websocket.reconnect.delay.ms = '1'", "websocket.reconnect.max.delay.ms = '20'"
    app = EventFluxManager().create_app(
        source_only(server.url, *pace)
        + """
        INSERT INTO Seen SELECT CAST(n AS STRING) AS what FROM Ticks;
        INSERT INTO Seen SELECT event AS what FROM Ticks.connection;
        """
    )
    seen: list[str] = []
    gaps: list[Any] = []
    app.on("Seen", lambda row: seen.append(row.what))
    app.on("Ticks.connection", lambda row: gaps.append(row) if row.event == "gap" else None)
    async with app:
        await until(lambda: len(seen) == 3)
        await server.stop()
        await until(lambda: app.health()["Ticks"].startswith("reconnecting"))
        await server.start()
        await until(lambda: len(seen) == 8)
    assert seen == ["connected", "0", "1", "disconnected", "connected", "gap", "2", "3"]
    (gap,) = gaps
    assert gap.duration_ms == pytest.approx(gap.at - gap.since, abs=50)
    assert str(server.port) in gap.peer
    assert gap.reason


@pytest.mark.parametrize(
    ("format_name", "columns", "message"),
    [
        ("json", "a INT, b STRING", '{"a":1,"b":"ü"}'),
        ("csv", "a INT, b STRING", "1,ü"),
        ("text", "line STRING", "any ü"),
        ("bytes", "data BYTES", "any ü"),
    ],
)
async def test_each_format_goes_both_ways(
    serve: Serve, format_name: str, columns: str, message: str
) -> None:
    async def talk(socket: Socket, request: web.Request) -> None:
        await socket.send_str(message)
        async for _ in socket:
            pass

    listener = Listener()
    ticks, even = await serve(talk), await serve(listener)
    app = EventFluxManager().create_app(
        f"""
        CREATE STREAM A ({columns}) WITH (type = 'source', extension = 'websocket',
          format = '{format_name}', websocket.url = '{ticks.url}');
        CREATE STREAM B ({columns}) WITH (type = 'sink', extension = 'websocket',
          format = '{format_name}', websocket.url = '{even.url}');
        INSERT INTO B SELECT * FROM A;
        """
    )
    async with app:
        await until(lambda: bool(listener.got))
    assert [text.rstrip() for text in listener.got] == [message]


async def test_a_server_that_is_done_ends_a_program_that_does_not_connect_again(
    serve: Serve,
) -> None:
    server = await serve(Feed(3, code=1000))
    app = EventFluxManager().create_app(source_only(server.url, "websocket.reconnect = 'false'"))
    async with app:
        await app.await_finished()
    assert app.failure is None
    assert app.stats()["streams"]["Kept"]["published"] == 3


@pytest.mark.parametrize(
    ("option", "told"),
    [
        (
            "websocket.reconnect = 'false'",
            "it does not connect again, as 'websocket.reconnect' says",
        ),
        (
            "websocket.reconnect.max.attempts = '2'",
            "raise websocket.reconnect.max.attempts, or leave it unset",
        ),
    ],
)
async def test_a_loss_fails_a_program_that_may_not_connect_again(
    serve: Serve, option: str, told: str
) -> None:
    server = await serve(Feed(1))
    pace = ("websocket.reconnect.delay.ms = '1'", "websocket.reconnect.max.delay.ms = '1'")
    app = EventFluxManager().create_app(source_only(server.url, option, *pace))
    await app.astart()
    await until(lambda: app.stats()["streams"]["Kept"]["published"] == 1)
    await server.stop()
    with pytest.raises(StreamFailed, match=r"source 'Ticks' \(websocket\)") as failed:
        await app.await_finished()
    assert told in str(failed.value)


async def test_what_refuses_fails_the_start_at_once(serve: Serve) -> None:
    server = await serve(Feed(0))
    url = server.url.replace("/ws", "/status/401?token=hunter2")
    app = EventFluxManager().create_app(source_only(url))
    with pytest.raises(RefusedError, match="answered 401 Unauthorized") as refused:
        await app.astart()
    assert "hunter2" not in str(refused.value)
    assert "websocket.headers.Authorization" in str(refused.value)


async def test_what_is_unreachable_is_tried_for_a_while() -> None:
    sql = "SET app.start.timeout = '50ms';\n" + source_only("ws://127.0.0.1:1/")
    app = EventFluxManager().create_app(sql)
    with pytest.raises(UnreachableError, match="refuses connections"):
        await app.astart()


def test_a_program_without_a_url_is_told_so() -> None:
    sql = source_only("ws://localhost").replace(", websocket.url = 'ws://localhost'", "")
    with pytest.raises(Exception, match=r"option 'websocket\.url' is required"):
        EventFluxManager().create_app(sql)


async def test_a_stop_does_not_wait_for_a_server_that_hangs(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventflux_websocket.wire.CLOSE_TIMEOUT", 0.05)
    forever = asyncio.Event()

    async def talk(socket: Socket, request: web.Request) -> None:
        await forever.wait()

    server = await serve(talk)
    app = EventFluxManager().create_app(source_only(server.url))
    began = asyncio.get_running_loop().time()
    async with app:
        pass
    assert asyncio.get_running_loop().time() - began < 1.0
