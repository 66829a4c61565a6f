"""A small HTTP server for a few pages, at a TCP port or a Unix socket: GET only, one request a
connection.

It runs on the loop of the app: a loop that is held does not answer, which is what a probe of
liveness has to find out. Whoever asks can hold nothing: the size of a request, the time that it
takes and the number of connections are bounded. An answer that is sent bit by bit ends with the
app, or when who reads it goes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Mapping
from email.utils import formatdate
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl

import msgspec

from eventflux.base.errors import RefusedError
from eventflux.base.suggest import nearest

logger = logging.getLogger("eventflux.monitoring")

_LARGEST_HEAD = 16 * 1024
_LONGEST = 5.0
"""Seconds that a request may take to come, and as long its answer to leave."""
_MOST_CONNECTIONS = 32


class Request(msgspec.Struct, frozen=True):
    """What is asked of a page: ``headers`` by their names in small letters, the ``query`` of the
    address, and whether a program on this machine asks (``local``)."""

    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    query: Mapping[str, str] = msgspec.field(default_factory=dict)
    local: bool = True


class Response(msgspec.Struct, frozen=True):
    """What a page answers; a body that is a generator is sent bit by bit, until it ends or who
    asked has gone."""

    status: int
    content_type: str
    body: bytes | AsyncGenerator[bytes, None]


Page = Callable[[Request], Response]


class Address(msgspec.Struct, frozen=True):
    """Where to listen; port 0 takes a free one."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read ``PORT`` (of this machine alone), ``HOST:PORT`` or ``[IPv6]:PORT``.

        Raises:
            ValueError: ``text`` is neither; the argument is the message.
        """
        host, colon, port = text.strip().rpartition(":")
        bracketed = host.startswith("[") and host.endswith("]")
        host = host[1:-1] if bracketed else host
        if (colon and not host) or (":" in host and not bracketed):
            raise ValueError(
                f"{text!r} is not PORT or HOST:PORT; 0.0.0.0:PORT listens on every "
                "address, [::1]:PORT on one of IPv6"
            )
        if not (port.isascii() and port.isdigit() and int(port) <= 65_535):
            raise ValueError(f"{port!r} is no port: a number up to 65535")
        return cls(host or "127.0.0.1", int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Server(ABC):
    """Serves ``pages`` on the running loop, in ``async with``."""

    def __init__(self, pages: Mapping[str, Page]) -> None:
        self._pages = pages
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @abstractmethod
    async def _listen(self) -> asyncio.Server:
        """Listen, and have :meth:`_serve` take each connection."""

    async def __aenter__(self) -> Self:
        self._server = await self._listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for writer in self._connections.values():
            writer.transport.abort()
        if self._connections:
            await asyncio.wait(self._connections)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= _MOST_CONNECTIONS:
            writer.transport.abort()
            return
        task = asyncio.current_task()
        assert task is not None, "a connection is served in a task"
        self._connections[task] = writer
        try:
            # Who asks may have gone, or take too long.
            with contextlib.suppress(TimeoutError, OSError):
                await self._answer_in_time(reader, writer)
        finally:
            del self._connections[task]
            writer.close()

    async def _answer_in_time(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        async with asyncio.timeout(_LONGEST):
            answer = await self._answer(reader, _is_local(writer.get_extra_info("peername")))
        if answer is None:
            return
        head, body = answer
        async with asyncio.timeout(_LONGEST):
            writer.write(head)
            await writer.drain()
        if body is not None:
            async with contextlib.aclosing(body):
                await _send_on(body, reader, writer)

    async def _answer(
        self, reader: asyncio.StreamReader, from_here: bool
    ) -> tuple[bytes, AsyncGenerator[bytes, None] | None] | None:
        """The whole answer to the request, or its head and what comes bit by bit; ``None`` if no
        request came."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        except asyncio.LimitOverrunError:
            return _text(431, f"a request has at most {_LARGEST_HEAD} bytes")
        request, *lines = head.decode("latin-1").split("\r\n")
        method, _, rest = request.partition(" ")
        target, _, version = rest.partition(" ")
        if not version.startswith("HTTP/1."):
            return _text(400, "this is no HTTP/1 request")
        path, _, query = target.partition("?")
        page = self._pages.get(path)
        if page is None:
            near = nearest(path, self._pages)
            hint = "" if near is None else f"; did you mean {near!r}?"
            return _text(404, f"there are {', '.join(self._pages)}{hint}")
        if method not in ("GET", "HEAD"):
            return _text(405, "only GET and HEAD", "Allow: GET, HEAD\r\n")
        headers = {name.lower(): value.strip() for name, _, value in map(_header, lines)}
        local = from_here and _names_this_machine(headers.get("host"))
        asked = Request(headers, dict(parse_qsl(query, keep_blank_values=True)), local)
        try:
            response = page(asked)
        except Exception:
            logger.exception("HTTP: %s failed", path)
            return _text(500, "the page failed; the log tells why")
        return _message(response, with_body=method == "GET")


class HttpServer(Server):
    """Serves ``pages`` at a port; :attr:`address` has its number once it is open.

    Raises:
        RefusedError: nobody can listen there; the port may be in use.
    """

    def __init__(self, pages: Mapping[str, Page], address: Address) -> None:
        super().__init__(pages)
        self.address = address

    async def _listen(self) -> asyncio.Server:
        host, port = self.address.host, self.address.port
        try:
            server = await asyncio.start_server(self._serve, host, port, limit=_LARGEST_HEAD)
        except OSError as error:
            reason = error.strerror or str(error)
            raise RefusedError(
                f"HTTP: can't listen at {self.address}: {reason}",
                "is it a host of this machine, and its port free? port 0 takes any free one",
            ) from None
        self.address = Address(host, server.sockets[0].getsockname()[1])
        return server


class SocketServer(Server):
    """Serves ``pages`` at a Unix socket: who may enter its folder may ask.

    Raises:
        OSError: there can be none at this path.
    """

    def __init__(self, pages: Mapping[str, Page], path: Path) -> None:
        super().__init__(pages)
        self._path = path

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_unix_server(self._serve, str(self._path), limit=_LARGEST_HEAD)


async def _send_on(
    body: AsyncGenerator[bytes, None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Send what comes, until it ends or who asked has gone. One who stands still, as a pager does,
    is waited for."""
    gone = asyncio.ensure_future(reader.read(1))
    try:
        while True:
            part = asyncio.ensure_future(anext(body))
            await asyncio.wait({part, gone}, return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                part.cancel()
                await asyncio.wait({part})
                return
            try:
                writer.write(part.result())
            except StopAsyncIteration:
                return
            await writer.drain()
    finally:
        gone.cancel()
        await asyncio.wait({gone})


def _is_local(peer: Any) -> bool:
    """Whether a peer is on this machine; one of a Unix socket has no address."""
    if not isinstance(peer, tuple):
        return True
    return ip_address(peer[0].partition("%")[0]).is_loopback


def _names_this_machine(host: str | None) -> bool:
    """Whether a request means this machine by name: a page of the web that a browser shows can have
    its own name lead here."""
    if host is None:
        return True
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    if name.lower() == "localhost":
        return True
    try:
        return ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def _header(line: str) -> tuple[str, str, str]:
    return line.partition(":")


def _text(status: int, text: str, headers: str = "") -> tuple[bytes, None]:
    head, _ = _message(Response(status, "text/plain; charset=utf-8", f"{text}\n".encode()), headers)
    return head, None


def _message(
    response: Response, headers: str = "", *, with_body: bool = True
) -> tuple[bytes, AsyncGenerator[bytes, None] | None]:
    body = response.body
    length = f"Content-Length: {len(body)}\r\n" if isinstance(body, bytes) else ""
    status = HTTPStatus(response.status)
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        f"Date: {formatdate(usegmt=True)}\r\n"
        f"Content-Type: {response.content_type}\r\n"
        f"{length}"
        "Cache-Control: no-store\r\n"
        f"{headers}Connection: close\r\n\r\n"
    )
    if isinstance(body, bytes):
        return head.encode("latin-1") + (body if with_body else b""), None
    return head.encode("latin-1"), body
