"""A client source against a server that is not ours."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import WSMsgType, web
from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as serve_by_websockets

from eventflux.spi import Disconnected, EndOfStream, ReceiveLimits
from eventflux_websocket.client_source import ClientSource
from eventflux_websocket.options import SourceOptions

from .conftest import CONTEXT, LIMITS, Server, until

Serve = Callable[..., Awaitable[Server]]
Open = Callable[..., Awaitable[ClientSource]]
Socket = web.WebSocketResponse


async def silent(socket: Socket, request: web.Request) -> None:
    """Says nothing, reads all."""
    async for _ in socket:
        pass


async def take(source: ClientSource, count: int) -> list[bytes]:
    """Receive so many messages."""
    got: list[bytes] = []
    while len(got) < count:
        got += (await source.receive(LIMITS)).payloads
    return got


async def test_messages_come_in_order_and_together(serve: Serve, open_source: Open) -> None:
    async def talk(socket: Socket, request: web.Request) -> None:
        await socket.receive()
        for number in range(3000):
            await socket.send_str(f'{{"n": {number}}}')
        await silent(socket, request)

    server = await serve(talk)
    source = await open_source(server.url, on_connect="go")
    batches = [await source.receive(LIMITS)]
    while sum(len(batch.payloads) for batch in batches) < 3000:
        batches.append(await source.receive(LIMITS))
    assert [p for batch in batches for p in batch.payloads] == [
        b'{"n": %d}' % number for number in range(3000)
    ]
    assert len(batches) < 1000
    assert {batch.token for batch in batches} == {None}


async def test_limits_of_a_batch_are_kept(serve: Serve, open_source: Open) -> None:
    async def talk(socket: Socket, request: web.Request) -> None:
        for size in (10, 10, 10, 50, 10):
            await socket.send_bytes(b"x" * size)
        await silent(socket, request)

    source = await open_source((await serve(talk)).url)
    await until(lambda: source.gauges()["messages_waiting"] == 5)
    sizes = []
    while source.gauges()["messages_waiting"]:
        batch = await source.receive(ReceiveLimits(messages=2, bytes=25))
        sizes.append([len(payload) for payload in batch.payloads])
    assert sizes == [[10, 10], [10], [50], [10]]


async def test_a_cancelled_receive_loses_nothing(serve: Serve, open_source: Open) -> None:
    async def talk(socket: Socket, request: web.Request) -> None:
        await socket.receive()
        await socket.send_str("kept")
        await silent(socket, request)

    source = await open_source((await serve(talk)).url)
    waiting = asyncio.ensure_future(source.receive(LIMITS))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert source._wire is not None
    source._wire.send([b"go"], 0x81)
    assert await take(source, 1) == [b"kept"]


async def test_metadata_tells_type_and_time(serve: Serve, open_source: Open) -> None:
    async def talk(socket: Socket, request: web.Request) -> None:
        await socket.send_str("a")
        await socket.send_bytes(b"b")
        await silent(socket, request)

    context = replace(CONTEXT, metadata=("type", "received"))
    source = await open_source((await serve(talk)).url, context=context)
    kinds: list[Any] = []
    times: list[Any] = []
    while len(kinds) < 2:
        batch = await source.receive(LIMITS)
        assert batch.metadata is not None
        kinds += batch.metadata["type"]
        times += batch.metadata["received"]
    assert kinds == ["text", "binary"]
    assert all(abs(CONTEXT.clock.now_ms() - time) < 10_000 for time in times)


async def test_fragments_and_pings_between_them_are_one_message(
    open_source: Open,
) -> None:
    async def talk(socket: ServerConnection) -> None:
        async def parts() -> Any:
            yield "one "
            await socket.ping()
            yield "message"

        await socket.send(parts())
        await socket.wait_closed()

    async with serve_by_websockets(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        source = await open_source(f"ws://127.0.0.1:{port}/")
        assert await take(source, 1) == [b"one message"]
        await source.close()


@pytest.mark.parametrize("compression", ["none", "deflate"])
async def test_compression_is_spoken_where_it_is_asked_for(
    serve: Serve, open_source: Open, compression: str
) -> None:
    seen: list[int] = []

    async def talk(socket: Socket, request: web.Request) -> None:
        seen.append(socket.compress)
        await socket.send_str("x" * 1000)
        await silent(socket, request)

    source = await open_source((await serve(talk)).url, compression=compression)
    assert await take(source, 1) == [b"x" * 1000]
    assert bool(seen[0]) == (compression == "deflate")


async def test_the_request_has_headers_login_and_query(serve: Serve, open_source: Open) -> None:
    server = await serve(silent, protocols=("v2.feed",))
    url = server.url.replace("127.0.0.1", "user:p%40ss@127.0.0.1") + "?token=t%20k"
    headers = {"X-Key": "k1", "Origin": "https://example.org", "User-Agent": "mine"}
    source = await open_source(url, headers=headers, subprotocol="v1.feed, v2.feed")
    [request] = server.requests
    assert request.headers["Authorization"] == "Basic dXNlcjpwQHNz"
    assert request.query["token"] == "t k"
    assert {name: request.headers[name] for name in headers} == headers
    assert source.peer == f"the WebSocket server at {server.url}"


async def test_messages_are_sent_after_each_connect(serve: Serve, open_source: Open) -> None:
    heard: list[list[str]] = []

    async def talk(socket: Socket, request: web.Request) -> None:
        heard.append([(await socket.receive_str()) for _ in range(4)])
        await socket.close()

    server = await serve(talk)
    source = await open_source(
        server.url, on_connect="login", on_connect_more={"10": "last", "9": "b", "1": "a"}
    )
    with pytest.raises(Disconnected):
        await source.receive(LIMITS)
    await source.close()
    await source.open(None)
    with pytest.raises(Disconnected):
        await source.receive(LIMITS)
    assert heard == [["login", "a", "b", "last"]] * 2


async def test_a_heartbeat_is_heard_again_and_again(serve: Serve, open_source: Open) -> None:
    async def talk(socket: Socket, request: web.Request) -> None:
        for _ in range(3):
            await socket.send_str(await socket.receive_str())
        await silent(socket, request)

    source = await open_source(
        (await serve(talk)).url, heartbeat_message='{"op":"ping"}', heartbeat_interval=5
    )
    assert await take(source, 3) == [b'{"op":"ping"}'] * 3


async def test_what_came_before_a_loss_is_received_before_it_is_told(
    serve: Serve, open_source: Open
) -> None:
    async def talk(socket: Socket, request: web.Request) -> None:
        for number in range(10):
            await socket.send_str(str(number))
        await socket.close(code=1012, message=b"deploy")

    source = await open_source((await serve(talk)).url)
    await until(lambda: source.gauges()["messages_waiting"] == 10)
    assert await take(source, 10) == [b"%d" % number for number in range(10)]
    with pytest.raises(Disconnected, match=r"closed the connection: 1012 .* deploy"):
        await source.receive(LIMITS)


async def test_a_source_that_is_not_read_stops_the_server(serve: Serve, open_source: Open) -> None:
    sent = 0

    async def talk(socket: Socket, request: web.Request) -> None:
        nonlocal sent
        for number in range(20_000):
            await socket.send_bytes(number.to_bytes(4, "big") * 1000)
            sent += 1
        await silent(socket, request)

    source = await open_source((await serve(talk)).url, queue_messages=100, queue_bytes=400_000)
    before = -1
    while sent != before:  # until the server can't send any more
        before = sent
        await asyncio.sleep(0.05)
    assert sent < 20_000
    assert source.condition is not None
    assert "the server has to wait" in source.condition
    assert source.gauges()["bytes_waiting"] < 400_000 + 2 * 2**20
    got = await take(source, 20_000)
    assert [int.from_bytes(payload[:4], "big") for payload in got] == list(range(20_000))
    assert source.condition is None


async def test_compressed_messages_that_hold_very_much_fill_no_memory(
    serve: Serve, open_source: Open
) -> None:
    async def talk(socket: Socket, request: web.Request) -> None:
        for _ in range(100):
            await socket.send_bytes(bytes(2**20))
        await silent(socket, request)

    source = await open_source(
        (await serve(talk)).url, compression="deflate", queue_bytes=4 * 2**20
    )
    got = 0
    while got < 100:
        got += len((await source.receive(LIMITS)).payloads)
        assert source.gauges()["bytes_waiting"] <= 16 * 2**20


async def test_stop_ends_the_stream_and_close_says_goodbye(serve: Serve, open_source: Open) -> None:
    codes: list[int | None] = []

    async def talk(socket: Socket, request: web.Request) -> None:
        message = await socket.receive()
        assert message.type is WSMsgType.CLOSE
        codes.append(socket.close_code)

    source = await open_source((await serve(talk)).url)
    waiting = asyncio.ensure_future(source.receive(LIMITS))
    await asyncio.sleep(0)
    await source.stop()
    with pytest.raises(EndOfStream):
        await waiting
    await source.close()
    await source.close()
    assert codes == [1000]


async def test_what_still_waits_at_the_end_is_counted(serve: Serve, open_source: Open) -> None:
    async def talk(socket: Socket, request: web.Request) -> None:
        for text in ("taken", "waits", "waits"):
            await socket.send_str(text)
        await socket.receive()

    source = await open_source((await serve(talk)).url)
    await until(lambda: source.gauges()["messages_waiting"] == 3)
    await source.receive(ReceiveLimits(messages=1))
    await source.stop()
    for _ in range(2):
        await source.close()
        assert source.counters() == {"messages_discarded": 2}
    assert source.gauges() == {"messages_waiting": 0, "bytes_waiting": 0}


async def test_receive_before_open_is_a_loss() -> None:
    source = ClientSource(SourceOptions.parse({"websocket.url": "ws://localhost:1"}), CONTEXT)
    with pytest.raises(Disconnected, match="is not open"):
        await source.receive(LIMITS)


@pytest.mark.parametrize(("reconnect", "ends"), [(False, True), (True, False)])
async def test_a_server_that_is_done_ends_a_source_that_does_not_come_again(
    serve: Serve, open_source: Open, reconnect: bool, ends: bool
) -> None:
    async def talk(socket: Socket, request: web.Request) -> None:
        await socket.send_str("last")
        await socket.close(code=1000)

    source = await open_source((await serve(talk)).url, reconnect=reconnect)
    assert await take(source, 1) == [b"last"]
    with pytest.raises(EndOfStream if ends else Disconnected):
        await source.receive(LIMITS)
