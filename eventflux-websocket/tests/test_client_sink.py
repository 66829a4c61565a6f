"""A client sink against a server that is not ours."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import WSMsgType, web

from eventflux.spi import Disconnected, SinkBatch
from eventflux_websocket.client_sink import ClientSink
from eventflux_websocket.framing import BINARY, client_frames
from eventflux_websocket.options import SinkOptions

from .conftest import CONTEXT, Raw, Server, shake_hands, until

Serve = Callable[..., Awaitable[Server]]
ServeRaw = Callable[[Raw], Awaitable[int]]
Open = Callable[..., Awaitable[ClientSink]]
Socket = web.WebSocketResponse

SIZE = 64 * 2**20
"""Bytes of a message, more than the sockets of both sides hold."""


class Listener:
    """A server's side that notes what comes."""

    def __init__(self) -> None:
        self.got: list[tuple[WSMsgType, str | bytes]] = []

    async def __call__(self, socket: Socket, request: web.Request) -> None:
        async for message in socket:
            self.got.append((message.type, message.data))


@pytest.mark.parametrize("compression", ["none", "deflate"])
async def test_batches_arrive_in_order(serve: Serve, open_sink: Open, compression: str) -> None:
    listener = Listener()
    sink = await open_sink((await serve(listener)).url, compression=compression)
    lengths = [0, 1, 125, 126, 65_535, 65_536]
    payloads = [b"x" * length for length in lengths] + [b"%d" % n for n in range(1000)]
    assert await sink.send(SinkBatch(payloads)) == []
    assert await sink.send(SinkBatch(["ü".encode()])) == []
    await until(lambda: len(listener.got) == len(payloads) + 1)
    assert {kind for kind, _ in listener.got} == {WSMsgType.TEXT}
    assert [str(data).encode() for _, data in listener.got] == [*payloads, "ü".encode()]


async def test_what_is_no_text_is_refused_alone(serve: Serve, open_sink: Open) -> None:
    listener = Listener()
    sink = await open_sink((await serve(listener)).url)
    [refused] = await sink.send(SinkBatch([b"a", b"\xff", b"b"]))
    assert (refused.index, refused.transient) == (1, False)
    assert refused.reason == "a text message must be UTF-8, and this one is not"
    assert refused.hint == "set \"websocket.message.type\" = 'binary'"
    await until(lambda: len(listener.got) == 2)
    assert [data for _, data in listener.got] == ["a", "b"]


async def test_binary_messages_may_hold_anything(serve: Serve, open_sink: Open) -> None:
    listener = Listener()
    sink = await open_sink((await serve(listener)).url, message_type="binary")
    assert await sink.send(SinkBatch([b"\xff\x00"])) == []
    await until(lambda: bool(listener.got))
    assert listener.got == [(WSMsgType.BINARY, b"\xff\x00")]


async def test_a_server_that_does_not_read_is_waited_for(
    serve_raw: ServeRaw, open_sink: Open
) -> None:
    reads, got = asyncio.Event(), bytearray()
    whole = len(client_frames([bytes(SIZE), b"behind"], BINARY))

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await shake_hands(reader, writer)
        await reads.wait()
        while len(got) < whole:
            got.extend(await reader.read(2**20))

    sink = await open_sink(f"ws://127.0.0.1:{await serve_raw(handle)}/", message_type="binary")
    big = asyncio.ensure_future(sink.send(SinkBatch([bytes(SIZE)])))
    behind = asyncio.ensure_future(sink.send(SinkBatch([b"behind"])))
    done, _ = await asyncio.wait([big, behind], timeout=0.1)
    assert not done
    reads.set()
    assert await big == await behind == []
    await until(lambda: len(got) == whole)


async def test_sends_under_way_are_told_of_a_loss(serve_raw: ServeRaw, open_sink: Open) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await shake_hands(reader, writer)
        await reader.read(1)

    sink = await open_sink(f"ws://127.0.0.1:{await serve_raw(handle)}/", message_type="binary")
    with pytest.raises(Disconnected, match=r"\(1006\)"):
        await sink.send(SinkBatch([bytes(SIZE)]))


async def test_what_the_server_says_is_left_alone(serve: Serve, open_sink: Open) -> None:
    got: list[str] = []

    async def talk(socket: Socket, request: web.Request) -> None:
        for _ in range(5000):
            await socket.send_str("x" * 1000)
        got.append(await socket.receive_str())

    sink = await open_sink((await serve(talk)).url)
    await sink.send(SinkBatch([b"heard all the same"]))
    await until(lambda: bool(got))


async def test_a_connection_that_ended_meanwhile_is_told_of(serve: Serve, open_sink: Open) -> None:
    async def talk(socket: Socket, request: web.Request) -> None:
        await socket.close(code=1001, message=b"going down")

    sink = await open_sink((await serve(talk)).url)
    assert sink.condition is None or "1001" in sink.condition
    await until(lambda: sink.condition is not None)
    assert sink.condition is not None
    assert "1001 (going away) going down; connects again with the next message" in sink.condition
    with pytest.raises(Disconnected, match="1001"):
        await sink.send(SinkBatch([b"late"]))


async def test_a_sink_says_goodbye(serve: Serve, open_sink: Open) -> None:
    codes: list[int | None] = []

    async def talk(socket: Socket, request: web.Request) -> None:
        await socket.receive()
        codes.append(socket.close_code)

    sink = await open_sink((await serve(talk)).url)
    await sink.close()
    await sink.close()
    assert codes == [1000]


async def test_send_before_open_is_a_loss() -> None:
    sink = ClientSink(SinkOptions.parse({"websocket.url": "ws://localhost:1"}), CONTEXT)
    with pytest.raises(Disconnected, match="is not open"):
        await sink.send(SinkBatch([b"x"]))
