"""What breaks between a server and its clients, and that memory stays bounded meanwhile."""

from __future__ import annotations

import asyncio
import resource
import socket
import ssl
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import ClientConnectorError, ClientSession, ServerDisconnectedError, WSMsgType
from websockets.frames import Frame, Opcode

from eventflux.spi import ReceiveLimits, SinkBatch
from eventflux.testing.certificates import Authority
from eventflux_websocket import line, server_line
from eventflux_websocket.client_sink import ClientSink
from eventflux_websocket.framing import TEXT, client_frames, server_frames

from .conftest import CONTEXT, raw_client, until
from .test_server import OpenSink, OpenSource, received, session, texts

__all__ = ["session"]

MEGABYTE = 2**20


@pytest.fixture
def measured() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


def closing(code: int) -> bytes:
    return b"\x88" + code.to_bytes(2, "big")


async def close_code(reader: asyncio.StreamReader) -> int:
    """The code of the frame that the server closes with."""
    head = await reader.readexactly(2)
    assert head[0] == 0x88, head
    return int.from_bytes((await reader.readexactly(head[1]))[:2], "big")


# What clients send


async def test_a_huge_frame_is_refused_by_its_header(
    listening_source: OpenSource, measured: None
) -> None:
    source = await listening_source()
    reader, writer = await raw_client(source.url)
    writer.write(client_frames([b"before"], TEXT))
    writer.write(b"\x82\xff" + (100 * MEGABYTE).to_bytes(8, "big") + b"mask")

    async def pour() -> None:
        with suppress(ConnectionError, RuntimeError):  # the latter says uvloop
            for _ in range(100):
                writer.write(b"x" * MEGABYTE)
                await writer.drain()

    tracemalloc.reset_peak()
    pouring = asyncio.create_task(pour())
    assert await close_code(reader) == 1009
    assert await received(source, 1) == [b"before"]
    await until(lambda: source.gauges()["clients"] == 0)
    assert tracemalloc.get_traced_memory()[1] < 10 * MEGABYTE
    writer.transport.abort()
    await pouring


async def test_a_compressed_message_counts_as_what_it_becomes(
    listening_source: OpenSource, session: ClientSession
) -> None:
    source = await listening_source(compression="deflate", message_max_bytes=100_000)
    socket = await session.ws_connect(source.url, compress=15)
    await socket.send_str("x" * 100_000)
    assert await received(source, 1) == [b"x" * 100_000]
    await socket.send_str("x" * 10 * MEGABYTE)
    message = await socket.receive()
    assert (message.type, message.data) == (WSMsgType.CLOSE, 1009)


async def test_fragments_count_together(listening_source: OpenSource) -> None:
    source = await listening_source(message_max_bytes=1000)
    reader, writer = await raw_client(source.url)
    writer.write(Frame(Opcode.TEXT, b"x" * 600, fin=False).serialize(mask=True))
    writer.write(Frame(Opcode.CONT, b"x" * 600, fin=False).serialize(mask=True))
    assert await close_code(reader) == 1009
    writer.transport.abort()


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (client_frames([b"\xff"], TEXT), 1007),
        (Frame(Opcode.TEXT, b"unmasked").serialize(mask=False), 1002),
        (b"\xc1\x80mask", 1002),
    ],
    ids=["no UTF-8", "unmasked", "reserved bit"],
)
async def test_who_breaks_the_protocol_is_sent_away_alone(
    listening_source: OpenSource, session: ClientSession, bad: bytes, code: int
) -> None:
    source = await listening_source()
    other = await session.ws_connect(source.url)
    reader, writer = await raw_client(source.url)
    writer.write(client_frames([b"before"], TEXT) + bad + client_frames([b"after"], TEXT))
    assert await close_code(reader) == code
    assert await received(source, 1) == [b"before"]
    await other.send_str("still here")
    assert await received(source, 1) == [b"still here"]
    writer.transport.abort()


async def test_a_client_cut_off_in_the_middle_of_a_message(
    listening_source: OpenSource, session: ClientSession
) -> None:
    source = await listening_source()
    _, writer = await raw_client(source.url)
    writer.write(client_frames([b"whole", b"x" * 1000], TEXT)[:-500])
    assert await received(source, 1) == [b"whole"]
    writer.transport.abort()
    await until(lambda: source.gauges()["clients"] == 0)
    other = await session.ws_connect(source.url)
    await other.send_str("next")
    assert await received(source, 1) == [b"next"]


async def test_a_window_that_nobody_can_make(
    listening_sink: OpenSink, listening_source: OpenSource, session: ClientSession
) -> None:
    sink = await listening_sink(compression="deflate")
    smallest = "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=8"
    reader, writer = await raw_client(sink.url, smallest)
    await sink.send(SinkBatch([b"plain"]))
    assert await reader.readexactly(7) == server_frames([b"plain"], TEXT)
    writer.transport.abort()
    source = await listening_source(compression="deflate", path="/in")
    with pytest.raises(AssertionError, match=r"HTTP/1\.1 500"):
        await raw_client(source.url, smallest)
    other = await session.ws_connect(source.url, compress=9)
    await other.send_str("fine")
    assert await received(source, 1) == [b"fine"]


async def test_who_asks_and_reads_no_answer_is_cut_off(
    listening_source: OpenSource, measured: None
) -> None:
    source = await listening_source()
    _, writer = await raw_client(source.url)
    pings = Frame(Opcode.PING, b"?" * 125).serialize(mask=True) * 500
    asking = writer.get_extra_info("socket")
    asking.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    tracemalloc.reset_peak()
    with suppress(ConnectionError, RuntimeError):
        for _ in range(400):
            writer.write(pings)
            await writer.drain()
    await until(lambda: source.gauges()["clients"] == 0)
    assert tracemalloc.get_traced_memory()[1] < 5 * MEGABYTE
    writer.transport.abort()


# Clients that say nothing


async def test_a_client_that_asks_for_nothing(
    listening_source: OpenSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_line, "HANDSHAKE_TIMEOUT", 0.05)
    source = await listening_source()
    port = int(source.url.rpartition(":")[2].partition("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost:")
    answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert answer.endswith(b"no request came within 0.05 s\n")
    writer.close()


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (b"POST / HTTP/1.1\r\n\r\n", b"405 Method Not Allowed"),
        (b"\x16\x03\x01\x02\x00\x01", b"400 Bad Request"),
        (b"GET / HTTP/1.0\r\n\r\n", b"400 Bad Request"),
        (b"GET / HTTP/1.1\r\nno header\r\n\r\n", b"400 Bad Request"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000, b"400 Bad Request"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"426 Upgrade Required"),
        (b"GET //[ HTTP/1.1\r\nHost: x\r\n\r\n", b"400 Bad Request"),
    ],
)
async def test_what_is_no_websocket_request_is_answered(
    listening_source: OpenSource, sent: bytes, answer: bytes
) -> None:
    source = await listening_source()
    port = int(source.url.rpartition(":")[2].partition("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    assert (await reader.read()).startswith(b"HTTP/1.1 " + answer + b"\r\n")
    writer.close()


@pytest.mark.parametrize(
    ("header", "options", "answer"),
    [
        (b"Authorization: Bearer \xff", {"token": "t"}, b"401 Unauthorized"),
        (b"Origin: http://\xff", {"origins": "http://a.example"}, b"403 Forbidden"),
        (b"Upgrade: \xff", {}, b"400 Bad Request"),
        (b"Sec-WebSocket-Version: \xff", {}, b"400 Bad Request"),
        (b"Sec-WebSocket-Protocol: \xff", {"subprotocol": "a"}, b"400 Bad Request"),
    ],
)
async def test_headers_of_any_bytes_are_answered(
    listening_source: OpenSource, header: bytes, options: dict[str, Any], answer: bytes
) -> None:
    source = await listening_source(**options)
    port = int(source.url.rpartition(":")[2].partition("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = {
        b"Upgrade": b"websocket",
        b"Connection": b"Upgrade",
        b"Sec-WebSocket-Key": b"AQIDBAUGBwgJCgsMDQ4PEA==",
        b"Sec-WebSocket-Version": b"13",
    }
    name, _, value = header.partition(b": ")
    lines[name] = value
    head = b"".join(b"%s: %s\r\n" % line for line in lines.items())
    writer.write(b"GET / HTTP/1.1\r\n" + head + b"\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 " + answer + b"\r\n")
    writer.close()


async def test_headers_beyond_ascii_are_texts(listening_source: OpenSource) -> None:
    names = ("headers.who", "headers.bytes")
    source = await listening_source(context=replace(CONTEXT, metadata=names))
    _, writer = await raw_client(source.url, "Who: Zoë", "Bytes: \udcff")
    writer.write(client_frames([b"x"], TEXT))
    batch = await source.receive(ReceiveLimits())
    assert batch.metadata == {"headers.who": ["Zoë"], "headers.bytes": ["\ufffd"]}
    writer.close()


async def test_a_client_that_is_gone_without_a_word_is_given_up(
    listening_sink: OpenSink, session: ClientSession
) -> None:
    sink = await listening_sink(ping_interval=20, ping_timeout=500)
    deaf = await raw_client(sink.url)
    alive = await session.ws_connect(sink.url)
    reading = asyncio.create_task(texts(alive, 1))
    await until(lambda: sink.gauges()["clients"] == 1)
    await sink.send(SinkBatch([b"here"]))
    assert await reading == ["here"]
    deaf[1].transport.abort()


async def test_a_client_of_a_source_that_says_nothing_has_to_go(
    listening_source: OpenSource, session: ClientSession
) -> None:
    source = await listening_source(idle_timeout=50)
    socket = await session.ws_connect(source.url)
    message = await socket.receive()
    assert (message.type, message.data, message.extra) == (WSMsgType.CLOSE, 1000, "idle")
    await until(lambda: source.gauges()["clients"] == 0)


# Clients that don't read


async def fill(sink: Any, until_true: Any) -> int:
    """Send until something holds; how many messages that took."""
    sent = 0
    payload = b"x" * 10_000
    while not until_true():
        await sink.send(SinkBatch([payload] * 50))
        sent += 50
        await asyncio.sleep(0)
    return sent


async def test_who_does_not_read_is_disconnected_and_nobody_else(
    listening_sink: OpenSink,
    session: ClientSession,
    measured: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(line, "CLOSE_TIMEOUT", 0.2)
    sink = await listening_sink(queue_bytes=MEGABYTE)
    reader, writer = await raw_client(sink.url)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    good = await session.ws_connect(sink.url)
    tracemalloc.reset_peak()

    sent = 0
    while sink.gauges()["clients"] == 2:
        await sink.send(SinkBatch([b"x" * 10_000] * 50))
        assert await texts(good, 50) == ["x" * 10_000] * 50
        sent += 50
    await sink.send(SinkBatch([b"end"]))
    assert await texts(good, 1) == ["end"]
    counters = sink.counters()
    assert counters["clients_too_slow"] == 1
    assert 50 < counters["messages_dropped"] < sent
    assert tracemalloc.get_traced_memory()[1] < 12 * MEGABYTE
    writer.transport.resume_reading()  # type: ignore[attr-defined]
    rest = await reader.read()
    assert b"\x03\xf5too slow: " in rest[-60:]
    writer.transport.abort()


async def test_who_does_not_read_loses_the_oldest(listening_sink: OpenSink, measured: None) -> None:
    sink = await listening_sink(slow_clients="drop-oldest", queue_messages=80)
    reader, writer = await raw_client(sink.url)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    number = 0
    while sink.counters()["messages_dropped"] < 1000:
        await sink.send(SinkBatch([b"%08d" % n + b"x" * 9992 for n in range(number, number + 50)]))
        number += 50
        assert sink.gauges()["messages_waiting"] <= 80
        await asyncio.sleep(0)
    assert tracemalloc.get_traced_memory()[1] < 20 * MEGABYTE
    dropped = sink.counters()["messages_dropped"]
    writer.transport.resume_reading()  # type: ignore[attr-defined]
    got = [int((await reader.readexactly(4 + 10_000))[4:12]) for _ in range(number - dropped)]
    assert got == sorted(got)
    assert got[:40] == list(range(40))
    assert got[-70:] == list(range(number - 70, number))
    assert sink.gauges()["clients"] == 1
    writer.transport.abort()


async def test_all_wait_for_who_does_not_read(listening_sink: OpenSink) -> None:
    sink = await listening_sink(slow_clients="wait", queue_messages=80)
    reader, writer = await raw_client(sink.url)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    sending = asyncio.create_task(fill(sink, lambda: sink.counters()["clients_refused"] > 0))
    await until(lambda: sink.condition is not None)
    assert sink.condition == "all wait for slow clients: 1 of 1"
    waiting = sink.gauges()["messages_waiting"]
    for _ in range(50):
        await asyncio.sleep(0)
    assert sink.gauges()["messages_waiting"] == waiting <= 130
    writer.transport.resume_reading()  # type: ignore[attr-defined]
    await reader.readexactly(5000 * 10_004)
    writer.transport.abort()
    sending.cancel()
    assert sink.counters()["messages_dropped"] <= waiting


async def test_who_reads_slowly_is_alive_however_late_its_pongs(listening_sink: OpenSink) -> None:
    sink = await listening_sink(slow_clients="wait", ping_interval=20, ping_timeout=150)
    reader, writer = await raw_client(sink.url)
    sending = asyncio.create_task(fill(sink, lambda: False))
    loop = asyncio.get_running_loop()
    began = loop.time()
    while loop.time() < began + 0.5:
        await reader.read(400_000)
        await asyncio.sleep(0.005)
    assert sink.gauges()["clients"] == 1
    sending.cancel()
    writer.transport.abort()


async def test_who_never_reads_is_given_up_even_if_all_wait(listening_sink: OpenSink) -> None:
    sink = await listening_sink(slow_clients="wait", ping_interval=20, ping_timeout=40)
    _, writer = await raw_client(sink.url)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    await fill(sink, lambda: sink.gauges()["clients"] == 0)
    assert sink.counters()["messages_dropped"] > 0
    writer.transport.abort()


# TLS


async def test_tls(listening_sink: OpenSink, session: ClientSession, authority: Authority) -> None:
    certificate = authority.sign("localhost", "IP:127.0.0.1")
    sink = await listening_sink(ssl_certificate=str(certificate.file), ssl_key=str(certificate.key))
    assert sink.url.startswith("wss://127.0.0.1:")
    trusting = ssl.create_default_context(cafile=authority.file)
    socket = await session.ws_connect(sink.url, ssl=trusting)
    await sink.send(SinkBatch([b"secret" * 10_000]))
    assert await texts(socket, 1) == ["secret" * 10_000]
    with pytest.raises(ClientConnectorError):
        await session.ws_connect(sink.url)
    with pytest.raises(ServerDisconnectedError):
        await session.ws_connect(sink.url.replace("wss://", "ws://"))
    closing = asyncio.create_task(sink.close())
    assert (await socket.receive()).data == 1001
    await closing


async def test_both_ends_ours_over_tls(
    listening_source: OpenSource,
    open_sink: Callable[..., Awaitable[ClientSink]],
    authority: Authority,
) -> None:
    certificate = authority.sign("localhost", "IP:127.0.0.1")
    files = {"ssl_certificate": str(certificate.file), "ssl_key": str(certificate.key)}
    source = await listening_source(**files)
    sink = await open_sink(source.url, ssl_ca=str(authority.file))
    for size in (1, 1, 300_000, 1):
        await sink.send(SinkBatch([b"x" * size] * 3))
        assert await received(source, 3) == [b"x" * size] * 3


# Many


async def test_a_thousand_clients_at_once(listening_sink: OpenSink) -> None:
    count = 1000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    sink = await listening_sink(clients_max=count, recent_messages=1)
    await sink.send(SinkBatch([b"recent"]))
    clients = await asyncio.gather(*(raw_client(sink.url) for _ in range(count)))
    with pytest.raises(AssertionError, match=r"HTTP/1\.1 503"):
        await raw_client(sink.url)
    for number in range(10):
        await sink.send(SinkBatch([b"%d" % number] * 3))
    assert sink.gauges() == {"clients": count, "messages_waiting": 0}
    expected = server_frames([b"recent", *(b"%d" % n for n in range(10) for _ in range(3))], TEXT)
    for reader, _ in clients:
        assert await reader.readexactly(len(expected)) == expected
    closing = asyncio.create_task(sink.close())
    assert [await close_code(reader) for reader, _ in clients] == [1001] * count
    for _, writer in clients:
        writer.close()
    await closing


async def test_what_waits_for_many_clients_is_kept_once(
    listening_sink: OpenSink, measured: None
) -> None:
    sink = await listening_sink()
    clients = await asyncio.gather(*(raw_client(sink.url) for _ in range(50)))
    for _, writer in clients:
        writer.transport.pause_reading()  # type: ignore[attr-defined]
    tracemalloc.reset_peak()
    for number in range(80):
        await sink.send(SinkBatch([b"%d" % number + b"x" * 50_000]))
    gauges = sink.gauges()
    assert gauges["clients"] == 50
    assert gauges["messages_waiting"] > 50 * 50
    # 125 MB if each had its own
    assert tracemalloc.get_traced_memory()[1] < 20 * MEGABYTE
    for _, writer in clients:
        writer.transport.abort()
