"""Through an HTTP proxy, a small one of these tests."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from eventflux.spi import Disconnected, Misconfigured
from eventflux.testing.certificates import Authority
from eventflux_websocket.client_source import ClientSource

from .conftest import LIMITS, Raw, Server

Serve = Callable[..., Awaitable[Server]]
ServeRaw = Callable[[Raw], Awaitable[int]]
Open = Callable[..., Awaitable[ClientSource]]


async def talk(socket: web.WebSocketResponse, request: web.Request) -> None:
    await socket.send_str("through")
    async for _ in socket:
        pass


class Proxy:
    """Answers CONNECT; ``seen`` are the heads of the requests."""

    def __init__(self, answer: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n") -> None:
        self._answer = answer
        self.seen: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.seen.append(head)
        writer.write(self._answer)
        if b" 200 " not in self._answer:
            await reader.read()
            return
        host, port = head.split(b" ")[1].decode().rsplit(":", 1)
        onward = await asyncio.open_connection(host, int(port))
        ways = [asyncio.ensure_future(pump(reader, onward[1]))]
        ways.append(asyncio.ensure_future(pump(onward[0], writer)))
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            onward[1].transport.abort()


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


@pytest.mark.parametrize("tls", [False, True])
async def test_a_tunnel_is_asked_for_and_used(
    serve: Serve,
    serve_raw: ServeRaw,
    open_source: Open,
    server_tls: ssl.SSLContext,
    authority: Authority,
    tls: bool,
) -> None:
    server = await serve(talk, tls=server_tls if tls else None)
    proxy = Proxy()
    port = await serve_raw(proxy)
    source = await open_source(
        server.url,
        proxy=f"http://me:se%3Acret@127.0.0.1:{port}",
        ssl_ca=str(authority.file) if tls else None,
    )
    assert (await source.receive(LIMITS)).payloads == [b"through"]
    [head] = proxy.seen
    assert head.startswith(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n".encode())
    assert b"Proxy-Authorization: Basic bWU6c2U6Y3JldA==" in head
    await source.close()


@pytest.mark.parametrize(
    ("answer", "fault", "told", "hint"),
    [
        (
            b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
            Misconfigured,
            "asked for feed.example:443, answered 407",
            "user and password of the proxy",
        ),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", Misconfigured, "answered 403", ""),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", Disconnected, "answered 502 Bad Gateway", ""),
        (b"\x05\x00", Misconfigured, "does not speak HTTP", "websocket.proxy"),
    ],
)
async def test_a_proxy_that_refuses(
    serve_raw: ServeRaw,
    open_source: Open,
    answer: bytes,
    fault: type[Exception],
    told: str,
    hint: str,
) -> None:
    port = await serve_raw(Proxy(answer))
    with pytest.raises(fault, match=told) as refused:
        await open_source("wss://feed.example/", proxy=f"http://me:hunter2@127.0.0.1:{port}")
    assert hint in str(getattr(refused.value, "hint", ""))
    assert "hunter2" not in str(refused.value)


async def test_no_proxy_there(serve_raw: ServeRaw, open_source: Open) -> None:
    with pytest.raises(Disconnected, match=r"the proxy at http://127\.0\.0\.1:1 refuses"):
        await open_source("ws://feed.example/", proxy="http://127.0.0.1:1")
