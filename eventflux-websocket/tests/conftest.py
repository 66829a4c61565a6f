"""Servers of other makers for our clients, our own servers, and limits that no test may break."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import functools
import gc
import hashlib
import inspect
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from itertools import count
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from eventflux.base.clock import SystemClock
from eventflux.spi import ConnectorContext, ReceiveLimits, Secret, Sink, Source
from eventflux.testing.certificates import Authority
from eventflux_websocket.client_sink import ClientSink
from eventflux_websocket.client_source import ClientSource
from eventflux_websocket.options import SinkOptions, SourceOptions
from eventflux_websocket.server_sink import ServerSink
from eventflux_websocket.server_source import ServerSource

TEST_LIMIT = 10.0
"""Seconds after which an asynchronous test counts as hanging."""
CONTEXT = ConnectorContext(stream="Ticks", app="tests", clock=SystemClock())
LIMITS = ReceiveLimits()

Talk = Callable[[web.WebSocketResponse, web.Request], Awaitable[None]]
Raw = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def pytest_itemcollected(item: pytest.Item) -> None:
    """No asynchronous test may hang."""
    if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
        item.obj = _limited(item.obj)


def _limited(test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    @functools.wraps(test)
    async def run(*args: Any, **kwargs: Any) -> None:
        async with asyncio.timeout(TEST_LIMIT):
            await test(*args, **kwargs)

    return run


class Server:
    """An aiohttp server, whose path ``/ws`` talks WebSocket; it can stop and come again."""

    def __init__(self, talk: Talk, options: Mapping[str, Any]) -> None:
        self._talk = talk
        self._options = options
        self._runner: web.AppRunner | None = None
        self._tls: ssl.SSLContext | None = None
        self._open: list[web.Request] = []
        self.port = 0
        self.requests: list[web.Request] = []

    @property
    def url(self) -> str:
        return f"{'ws' if self._tls is None else 'wss'}://127.0.0.1:{self.port}/ws"

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        app = web.Application()
        app.router.add_get("/ws", self._serve)
        app.router.add_get("/page", _page)
        app.router.add_get("/status/{status}", _status)
        app.router.add_get("/moved", _moved)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(
            self._runner, "127.0.0.1", self.port, ssl_context=tls, reuse_address=True
        )
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        socket = web.WebSocketResponse(**self._options)
        await socket.prepare(request)
        self._open.append(request)
        try:
            await self._talk(socket, request)
        finally:
            self._open.remove(request)
        return socket

    def cut(self) -> None:
        """Cut all connections, as a broken network does."""
        for request in self._open:
            if request.transport is not None:
                request.transport.abort()

    async def stop(self) -> None:
        """Go, as a killed one: no closing handshake."""
        self.cut()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None


async def _page(request: web.Request) -> web.StreamResponse:
    return web.Response(text="a page")


async def _status(request: web.Request) -> web.StreamResponse:
    return web.Response(status=int(request.match_info["status"]), text="not today")


async def _moved(request: web.Request) -> web.StreamResponse:
    raise web.HTTPMovedPermanently("http://elsewhere:81/feed?token=hunter2")


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Awaitable[Server]]]:
    """``serve(talk, **options)`` runs an aiohttp server, with the options of its WebSocket."""
    servers: list[Server] = []

    async def serve_one(talk: Talk, *, tls: ssl.SSLContext | None = None, **options: Any) -> Server:
        server = Server(talk, options)
        servers.append(server)
        await server.start(tls)
        return server

    yield serve_one
    for server in servers:
        await server.stop()


@pytest.fixture
async def serve_raw() -> AsyncIterator[Callable[[Raw], Awaitable[int]]]:
    """``serve_raw(handler)`` runs a TCP server; its port."""
    servers: list[asyncio.Server] = []
    tasks: set[asyncio.Task[None]] = set()

    async def serve_one(handler: Raw) -> int:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            try:
                await handler(reader, writer)
            except (ConnectionError, asyncio.CancelledError):
                return
            finally:
                writer.transport.abort()
                tasks.discard(task)

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    yield serve_one
    for server in servers:
        server.close()
    for task in list(tasks):
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def shake_hands(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Do a server's part of the opening handshake."""
    head = await reader.readuntil(b"\r\n\r\n")
    [line] = [line for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key")]
    key = line.split(b": ")[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    accept = base64.b64encode(hashlib.sha1(key).digest())
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )


async def until(condition: Callable[[], bool]) -> None:
    """Return once it holds."""
    for _ in count():
        if condition():
            return
        await asyncio.sleep(0.001)


def options_of(values: Mapping[str, Any], url: str) -> dict[str, Any]:
    """Options by their attributes; a text is enough for a secret one."""
    made: dict[str, Any] = {"url": Secret(url), **values}
    for name in made.keys() & {"on_connect", "heartbeat_message", "proxy"}:
        made[name] = Secret(made[name])
    for name in made.keys() & {"headers", "on_connect_more"}:
        made[name] = {key: Secret(text) for key, text in made[name].items()}
    return made


P = ParamSpec("P")
C = TypeVar("C", bound=Source | Sink)


@contextlib.asynccontextmanager
async def opening(make: Callable[P, C]) -> AsyncIterator[Callable[P, Awaitable[C]]]:
    """Opens the connectors that ``make`` makes, and closes them at the end."""
    async with contextlib.AsyncExitStack() as stack:

        async def open_one(*args: P.args, **kwargs: P.kwargs) -> C:
            made = make(*args, **kwargs)
            stack.push_async_callback(made.close)
            await (made.open(None) if isinstance(made, Source) else made.open())
            return made

        yield open_one


@pytest.fixture
async def open_source() -> AsyncIterator[Callable[..., Awaitable[ClientSource]]]:
    """Opens sources, ``open_source(url, **options)``, and closes them after the test."""

    def make(url: str, *, context: ConnectorContext = CONTEXT, **options: Any) -> ClientSource:
        return ClientSource(SourceOptions(**options_of(options, url)), context)

    async with opening(make) as open_one:
        yield open_one


@pytest.fixture
async def open_sink() -> AsyncIterator[Callable[..., Awaitable[ClientSink]]]:
    """Opens sinks, ``open_sink(url, **options)``, and closes them after the test."""

    def make(url: str, **options: Any) -> ClientSink:
        return ClientSink(SinkOptions(**options_of(options, url)), CONTEXT)

    async with opening(make) as open_one:
        yield open_one


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who signs the certificates of these tests."""
    return Authority(tmp_path_factory.mktemp("certificates"), "authority")


@pytest.fixture
def server_tls(authority: Authority) -> ssl.SSLContext:
    """A server's context, for 127.0.0.1 and localhost."""
    certificate = authority.sign("localhost", "IP:127.0.0.1")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.file, certificate.key)
    return context


@pytest.fixture(autouse=True)
def no_words_of_the_library(
    caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> Iterator[None]:
    """What happens is told by our errors: neither client library nor event loop complains."""
    yield
    if {"serve", "serve_raw", "listening_source", "listening_sink"} & set(request.fixturenames):
        gc.collect(1)
    complaints = [
        record.getMessage()
        for record in caplog.get_records("call")
        if record.levelname in ("WARNING", "ERROR", "CRITICAL")
        and record.name.partition(".")[0] in ("websockets", "asyncio")
    ]
    assert complaints == []


@pytest.fixture
async def listening_source() -> AsyncIterator[Callable[..., Awaitable[ServerSource]]]:
    """Opens server sources, ``listening_source(**options)``, on any free port."""

    def make(*, context: ConnectorContext = CONTEXT, **options: Any) -> ServerSource:
        return ServerSource(SourceOptions(**server_options(options)), context)

    async with opening(make) as open_one:
        yield open_one


@pytest.fixture
async def listening_sink() -> AsyncIterator[Callable[..., Awaitable[ServerSink]]]:
    """Opens server sinks, ``listening_sink(**options)``, on any free port."""

    def make(**options: Any) -> ServerSink:
        return ServerSink(SinkOptions(**server_options(options)), CONTEXT)

    async with opening(make) as open_one:
        yield open_one


def server_options(values: Mapping[str, Any]) -> dict[str, Any]:
    """Options of a server by their attributes; a text is enough for a secret one."""
    made: dict[str, Any] = {"mode": "server", "port": 0, **values}
    for name in made.keys() & {"token", "password"}:
        made[name] = Secret(made[name])
    return made


async def raw_client(
    url: str, *more_headers: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A TCP connection on which a client's part of the opening handshake is done."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    lines = (
        f"GET {parts.path} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==",
        "Sec-WebSocket-Version: 13",
        *more_headers,
    )
    writer.write("".join(f"{line}\r\n" for line in (*lines, "")).encode(errors="surrogateescape"))
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101"), head
    return reader, writer
