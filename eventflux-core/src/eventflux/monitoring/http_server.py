"""A small HTTP server for a few pages: GET only, one request a connection.

It runs on the loop of the app: a loop that is held does not answer, which is what a probe of
liveness has to find out. Whoever asks can hold nothing: the size of a request, the time that it
takes and the number of connections are bounded.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import Self

from eventflux.base.errors import RefusedError
from eventflux.base.suggest import nearest

logger = logging.getLogger("eventflux.monitoring")

_LARGEST_HEAD = 16 * 1024
_LONGEST = 5.0
"""Seconds that a request may take to come, and as long its answer to leave."""
_MOST_CONNECTIONS = 32


@dataclass(frozen=True, slots=True)
class Response:
    """What a page answers."""

    status: int
    content_type: str
    body: bytes


Page = Callable[[Mapping[str, str]], Response]
"""From the headers of a request, their names in small letters, to its answer."""


@dataclass(frozen=True, slots=True)
class Address:
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


class HttpServer:
    """Serves ``pages`` at ``address`` on the running loop, in ``async with``.

    Raises:
        RefusedError: nobody can listen there; the port may be in use.
    """

    def __init__(self, pages: Mapping[str, Page], address: Address) -> None:
        self._pages = pages
        self.address = address
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def __aenter__(self) -> Self:
        host, port = self.address.host, self.address.port
        try:
            self._server = await asyncio.start_server(self._serve, host, port, limit=_LARGEST_HEAD)
        except OSError as error:
            reason = error.strerror or str(error)
            raise RefusedError(
                f"HTTP: can't listen at {self.address}: {reason}",
                "is it a host of this machine, and its port free? port 0 takes any free one",
            ) from None
        self.address = Address(host, self._server.sockets[0].getsockname()[1])
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
            answer = await self._answer(reader)
        if answer is not None:
            async with asyncio.timeout(_LONGEST):
                writer.write(answer)
                await writer.drain()

    async def _answer(self, reader: asyncio.StreamReader) -> bytes | None:
        """The whole answer to the request; ``None`` if none came."""
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
        path = target.partition("?")[0]
        page = self._pages.get(path)
        if page is None:
            near = nearest(path, self._pages)
            hint = "" if near is None else f"; did you mean {near!r}?"
            return _text(404, f"there are {', '.join(self._pages)}{hint}")
        if method not in ("GET", "HEAD"):
            return _text(405, "only GET and HEAD", "Allow: GET, HEAD\r\n")
        headers = {name.lower(): value.strip() for name, _, value in map(_header, lines)}
        try:
            response = page(headers)
        except Exception:
            logger.exception("HTTP: %s failed", path)
            return _text(500, "the page failed; the log tells why")
        return _message(response, with_body=method == "GET")


def _header(line: str) -> tuple[str, str, str]:
    return line.partition(":")


def _text(status: int, text: str, headers: str = "") -> bytes:
    return _message(Response(status, "text/plain; charset=utf-8", f"{text}\n".encode()), headers)


def _message(response: Response, headers: str = "", *, with_body: bool = True) -> bytes:
    status = HTTPStatus(response.status)
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        f"Date: {formatdate(usegmt=True)}\r\n"
        f"Content-Type: {response.content_type}\r\n"
        f"Content-Length: {len(response.body)}\r\n"
        "Cache-Control: no-store\r\n"
        f"{headers}Connection: close\r\n\r\n"
    )
    return head.encode("latin-1") + (response.body if with_body else b"")
