"""What goes wrong between a client and its server, and what is told of it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web

from eventflux.spi import Disconnected, Misconfigured
from eventflux.testing.certificates import Authority
from eventflux_websocket.client_source import ClientSource
from eventflux_websocket.framing import TEXT, server_frames

from .conftest import LIMITS, Raw, Server, shake_hands, until

Serve = Callable[..., Awaitable[Server]]
ServeRaw = Callable[[Raw], Awaitable[int]]
Open = Callable[..., Awaitable[ClientSource]]
Socket = web.WebSocketResponse


async def silent(socket: Socket, request: web.Request) -> None:
    async for _ in socket:
        pass


CLOSE = 0x88
"""The first byte of a close frame."""


def sending(*parts: bytes, reads: bool = True) -> Raw:
    """A server that shakes hands, sends that, and then closes the line or reads until the client
    closes."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await shake_hands(reader, writer)
        for part in parts:
            writer.write(part)
        await writer.drain()
        if reads:
            while (data := await reader.read(4096)) and data[0] != CLOSE:
                continue
        else:
            writer.close()
            await writer.wait_closed()

    return handle


async def told_by(source: ClientSource) -> Disconnected:
    """Why it is disconnected, what came before left aside."""
    while True:
        try:
            await source.receive(LIMITS)
        except Disconnected as lost:
            return lost


# At the start: refused, or perhaps later


@pytest.mark.parametrize(
    ("path", "told", "hint"),
    [
        ("/status/401", "answered 401 Unauthorized", "websocket.headers.Authorization"),
        ("/status/403", "answered 403 Forbidden", "does not let this client in"),
        ("/status/404", "answered 404 Not Found", "check the path"),
        ("/status/400", "answered 400 Bad Request", "another path, header or subprotocol"),
        ("/page", "answered 200 OK: that is no WebSocket endpoint", "serves web pages"),
        ("/moved", "it points to ws://elsewhere:81/feed", "redirects are not followed"),
    ],
)
async def test_what_would_be_refused_again_is_misconfigured(
    serve: Serve, open_source: Open, path: str, told: str, hint: str
) -> None:
    server = await serve(silent)
    with pytest.raises(Misconfigured) as refused:
        await open_source(f"ws://127.0.0.1:{server.port}{path}?token=hunter2")
    assert told in refused.value.message
    assert hint in (refused.value.hint or "")
    assert "hunter2" not in f"{refused.value.message} {refused.value.hint}"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
async def test_what_may_work_later_is_tried_again(
    serve: Serve, open_source: Open, status: int
) -> None:
    server = await serve(silent)
    with pytest.raises(Disconnected, match=f"answered {status}"):
        await open_source(f"ws://127.0.0.1:{server.port}/status/{status}")


async def test_nobody_there(serve: Serve, open_source: Open) -> None:
    server = await serve(silent)
    await server.stop()
    with pytest.raises(Disconnected, match="refuses connections") as lost:
        await open_source(server.url)
    assert lost.value.hint == 'does it run? check "websocket.url"'
    with pytest.raises(Disconnected, match="refuses connections"):
        await open_source(server.url.replace("127.0.0.1", "localhost"))


async def test_a_host_without_address(open_source: Open) -> None:
    with pytest.raises(Disconnected, match=r"'no\.such\.invalid' can't be resolved"):
        await open_source("ws://no.such.invalid/")


async def test_a_subprotocol_that_the_server_does_not_speak(
    serve: Serve, open_source: Open, caplog: pytest.LogCaptureFixture
) -> None:
    server = await serve(silent, protocols=("v9",))
    with pytest.raises(Misconfigured, match="speaks none of the subprotocols") as refused:
        await open_source(server.url, subprotocol="v1, v2")
    assert "v1, v2" in refused.value.message
    caplog.clear()  # aiohttp warns of it


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "does not speak HTTP"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "speaks TLS on this port"),
        (b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n", "the handshake of"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "no WebSocket endpoint"),
        (b"HTTP/1.1 101 " + b"x" * 70_000, "does not speak HTTP"),
    ],
)
async def test_servers_of_another_kind(
    serve_raw: ServeRaw, open_source: Open, answer: bytes, told: str
) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await reader.read()

    port = await serve_raw(handle)
    with pytest.raises(Misconfigured, match=told):
        await open_source(f"ws://127.0.0.1:{port}/")


async def test_a_server_that_closes_at_once(serve_raw: ServeRaw, open_source: Open) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    port = await serve_raw(handle)
    with pytest.raises(Disconnected, match="closed the connection at once"):
        await open_source(f"ws://127.0.0.1:{port}/")


async def test_a_server_that_does_not_answer(serve_raw: ServeRaw, open_source: Open) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    port = await serve_raw(handle)
    with pytest.raises(Disconnected, match="did not answer within 50 ms"):
        await open_source(f"ws://127.0.0.1:{port}/", open_timeout=50)


# TLS


async def test_tls_with_a_trusted_certificate(
    serve: Serve, open_source: Open, server_tls: ssl.SSLContext, authority: Authority
) -> None:
    async def talk(socket: Socket, request: web.Request) -> None:
        await socket.send_str("safe")
        await silent(socket, request)

    server = await serve(talk, tls=server_tls)
    source = await open_source(server.url, ssl_ca=str(authority.file))
    assert (await source.receive(LIMITS)).payloads == [b"safe"]
    other = await open_source(server.url, ssl_verify=False)
    assert (await other.receive(LIMITS)).payloads == [b"safe"]


async def test_tls_with_a_certificate_of_somebody(
    serve: Serve, open_source: Open, server_tls: ssl.SSLContext, authority: Authority
) -> None:
    server = await serve(silent, tls=server_tls)
    with pytest.raises(Misconfigured, match="is not trusted") as refused:
        await open_source(server.url)
    assert '"websocket.ssl.ca"' in (refused.value.hint or "")
    with pytest.raises(Misconfigured, match="is not trusted") as refused:
        await open_source(
            server.url, ssl_ca=str(authority.file), ssl_server_name="elsewhere.example"
        )
    assert '"websocket.ssl.server.name"' in (refused.value.hint or "")


async def test_tls_and_none_are_told_apart(
    serve: Serve, open_source: Open, server_tls: ssl.SSLContext, authority: Authority
) -> None:
    plain = await serve(silent)
    with pytest.raises(Misconfigured, match="does not speak TLS on this port"):
        await open_source(plain.url.replace("ws:", "wss:"), ssl_ca=str(authority.file))


async def test_a_client_certificate_is_asked_for(
    serve: Serve, open_source: Open, server_tls: ssl.SSLContext, authority: Authority
) -> None:
    server_tls.verify_mode = ssl.CERT_REQUIRED
    server_tls.load_verify_locations(authority.file)
    server = await serve(silent, tls=server_tls)
    with pytest.raises((Misconfigured, Disconnected)) as refused:
        await open_source(server.url, ssl_ca=str(authority.file))
    fault = refused.value
    assert isinstance(fault, Misconfigured | Disconnected)
    assert '"websocket.ssl.certificate"' in (fault.hint or "")
    own = authority.sign("client")
    await open_source(
        server.url,
        ssl_ca=str(authority.file),
        ssl_certificate=str(own.file),
        ssl_key=str(own.key),
    )


async def test_a_missing_file_is_named(open_source: Open, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"option 'websocket\.ssl\.ca': '.*' can't be used"):
        await open_source("wss://127.0.0.1:1/", ssl_ca=str(tmp_path / "none.pem"))


# While it runs


async def test_the_server_is_killed_and_comes_again(serve: Serve, open_source: Open) -> None:
    async def talk(socket: Socket, request: web.Request) -> None:
        await socket.send_str("hello")
        await silent(socket, request)

    server = await serve(talk)
    source = await open_source(server.url)
    assert (await source.receive(LIMITS)).payloads == [b"hello"]
    await server.stop()
    lost = await told_by(source)
    assert "(1006)" in lost.reason
    assert server.url in lost.reason
    await source.close()
    await server.start()
    await source.open(None)
    assert (await source.receive(LIMITS)).payloads == [b"hello"]


@pytest.mark.parametrize(
    "beginning",
    [b"\x81\x7e\x10\x00half of it", b"\x01\x05begin", b"\x81"],
    ids=["in a frame", "between fragments", "in a header"],
)
async def test_cut_in_the_middle_of_a_message(
    serve_raw: ServeRaw, open_source: Open, beginning: bytes
) -> None:
    whole = server_frames([b"whole"], TEXT)
    port = await serve_raw(sending(whole, beginning, reads=False))
    source = await open_source(f"ws://127.0.0.1:{port}/")
    assert (await source.receive(LIMITS)).payloads == [b"whole"]
    lost = await told_by(source)
    assert "in the middle of a message without a word (1006)" in lost.reason


async def test_a_message_that_is_too_large(serve_raw: ServeRaw, open_source: Open) -> None:
    closed: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await shake_hands(reader, writer)
        writer.write(b"\x82\x7f" + (100 * 2**20).to_bytes(8, "big"))
        for _ in range(100):
            writer.write(bytes(2**20))
            await writer.drain()
        closed.append(await reader.read(4096))

    port = await serve_raw(handle)
    source = await open_source(f"ws://127.0.0.1:{port}/")
    lost = await told_by(source)
    assert "sent a message that is too large" in lost.reason
    assert "104857600 bytes" in lost.reason
    assert '"websocket.message.max.bytes"' in (lost.hint or "")
    assert source.gauges()["bytes_waiting"] == 0


async def test_a_text_that_is_no_text(serve_raw: ServeRaw, open_source: Open) -> None:
    said: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await shake_hands(reader, writer)
        writer.write(server_frames([b"good", b"\xc3\x28"], TEXT))
        said.append(await reader.read(4096))

    port = await serve_raw(handle)
    source = await open_source(f"ws://127.0.0.1:{port}/")
    assert (await source.receive(LIMITS)).payloads == [b"good"]
    lost = await told_by(source)
    assert "sent a text message that is no UTF-8; closed with 1007" in lost.reason
    await source.close()
    [close] = said
    assert close[0] == 0x88
    code = bytes(a ^ b for a, b in zip(close[6:8], close[2:4], strict=True))
    assert int.from_bytes(code, "big") == 1007


async def test_what_breaks_the_protocol(serve_raw: ServeRaw, open_source: Open) -> None:
    port = await serve_raw(sending(b"\xf1\x00"))
    source = await open_source(f"ws://127.0.0.1:{port}/")
    lost = await told_by(source)
    assert "broke the WebSocket protocol: reserved bits must be 0; closed with 1002" in lost.reason


@pytest.mark.parametrize(
    ("code", "told", "hint"),
    [
        (1000, "1000 (OK)", None),
        (1001, "1001 (going away)", None),
        (1008, "1008 (policy violation)", "check credentials"),
        (1009, "1009 (message too big)", "as large"),
        (4321, "4321 (private use)", None),
    ],
)
async def test_close_codes_are_told(
    serve: Serve, open_source: Open, code: int, told: str, hint: str | None
) -> None:
    async def talk(socket: Socket, request: web.Request) -> None:
        await socket.close(code=code, message=b"so it is")

    source = await open_source((await serve(talk)).url)
    lost = await told_by(source)
    assert f"closed the connection: {told} so it is" in lost.reason
    assert (lost.hint is None) if hint is None else (hint in (lost.hint or ""))


async def test_what_the_server_says_is_shown_in_plain_characters(
    serve: Serve, open_source: Open
) -> None:
    async def talk(socket: Socket, request: web.Request) -> None:
        await socket.close(code=4000, message=b"\x1b[31mred\nERROR: forged")

    source = await open_source((await serve(talk)).url)
    lost = await told_by(source)
    assert lost.reason.endswith("4000 (private use) \ufffd[31mred\ufffdERROR: forged")


async def test_a_server_that_is_silent_for_too_long(serve: Serve, open_source: Open) -> None:
    source = await open_source((await serve(silent)).url, idle_timeout=50, ping_interval=10)
    lost = await told_by(source)
    assert "no message came from" in lost.reason
    assert "for 50 ms" in lost.reason
    assert '"websocket.idle.timeout"' in (lost.hint or "")


async def test_a_server_that_answers_pings_is_alive(serve: Serve, open_source: Open) -> None:
    async def talk(socket: Socket, request: web.Request) -> None:
        reading = asyncio.ensure_future(silent(socket, request))
        await asyncio.sleep(0.4)
        await socket.send_str("still here")
        await reading

    source = await open_source((await serve(talk)).url, ping_interval=10, ping_timeout=300)
    assert (await source.receive(LIMITS)).payloads == [b"still here"]


async def test_a_server_that_answers_no_ping(serve_raw: ServeRaw, open_source: Open) -> None:
    port = await serve_raw(sending())
    source = await open_source(f"ws://127.0.0.1:{port}/", ping_interval=10, ping_timeout=30)
    lost = await told_by(source)
    assert "nothing came from" in lost.reason
    assert "within 30 ms after a ping" in lost.reason


async def test_a_silent_server_is_pinged_again_and_again(
    serve_raw: ServeRaw, open_source: Open
) -> None:
    heard = bytearray()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await shake_hands(reader, writer)
        while (data := await reader.read(4096)) and data[0] != CLOSE:
            heard.extend(data)

    port = await serve_raw(handle)
    source = await open_source(f"ws://127.0.0.1:{port}/", ping_interval=5, ping_timeout=0)
    ping = 6  # bytes, masked and empty
    await until(lambda: len(heard) >= 3 * ping)
    assert heard[0] == 0x89
    await source.close()


async def test_nothing_is_expected_while_we_do_not_read(
    serve_raw: ServeRaw, open_source: Open
) -> None:
    port = await serve_raw(sending(server_frames([b"x" * 100] * 50, TEXT)))
    source = await open_source(
        f"ws://127.0.0.1:{port}/", queue_messages=10, ping_interval=10, ping_timeout=20
    )
    await asyncio.sleep(0.1)
    assert source.gauges()["messages_waiting"] == 50
    got = 0
    while got < 50:
        got += len((await source.receive(LIMITS)).payloads)
