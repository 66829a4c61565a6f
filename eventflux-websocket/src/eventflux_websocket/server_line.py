"""A connection that a client of ours has opened: who may, and what is sent on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Protocol
from urllib.parse import SplitResult

from websockets.http11 import Request
from websockets.server import ServerProtocol

from eventflux.spi import Disconnected
from eventflux_websocket.framing import MessageReader
from eventflux_websocket.http_heads import HeadReader, readable, requested
from eventflux_websocket.line import Deliver, Line
from eventflux_websocket.quiet import SILENT

HANDSHAKE_TIMEOUT = 8.0
"""Seconds that a client has to ask for what it wants."""


@dataclass(frozen=True, slots=True)
class Denial:
    """Why a client is not let in."""

    status: HTTPStatus
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Welcome:
    """What becomes of a client that is let in: where its messages go, who is told of its end."""

    deliver: Deliver
    on_end: Callable[[], None]


class Reception(Protocol):
    """Who decides on clients, for each by the path that it asks for."""

    def protocol(self, target: SplitResult) -> ServerProtocol | Denial:
        """What a client of this path is spoken to with."""

    def denial(self, target: SplitResult, request: Request) -> Denial | None:
        """Why it may not come in."""

    def join(self, target: SplitResult, request: Request, line: ServerLine) -> Welcome:
        """It has come in."""

    def gone(self, line: ServerLine) -> None:
        """A line has ended, whether or not it has come in."""

    def denied(self, line: ServerLine, target: SplitResult | None, denial: Denial) -> None:
        """A client has been told why not."""


class ServerLine(Line):
    """A connection of a client from its first byte on.

    ``on_clear`` is called when the network has taken all that was written, after it had not.
    """

    protocol: ServerProtocol

    def __init__(self, reception: Reception) -> None:
        super().__init__(ServerProtocol(logger=SILENT), "a client", _nothing_taken, _nothing_done)
        self._reception = reception
        self._head = HeadReader(of_request=True)
        self._opening: asyncio.TimerHandle | None = None
        self.on_clear: Callable[[], None] = _nothing_done
        self.address = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.address = _address_text(transport.get_extra_info("peername"))
        self.peer = f"client {self.address}"
        loop = asyncio.get_running_loop()
        self._opening = loop.call_later(HANDSHAKE_TIMEOUT, self._too_slow)

    def connection_lost(self, error: Exception | None) -> None:
        self._opened()
        super().connection_lost(error)
        self._reception.gone(self)

    def _opened(self) -> None:
        if self._opening is not None:
            self._opening.cancel()
            self._opening = None

    def _too_slow(self) -> None:
        text = f"no request came within {HANDSHAKE_TIMEOUT:g} s"
        self._deny(None, Denial(HTTPStatus.REQUEST_TIMEOUT, text))

    # The handshake

    def _read_head(self, data: bytes) -> None:
        if self.ended is not None:
            return
        rest = self._head.feed(data)
        if rest is None:
            return
        self._opened()
        target = requested(self._head.head)
        if target is None:
            self._deny(None, _not_understood(self._head.head))
            return
        protocol = self._reception.protocol(target)
        if isinstance(protocol, Denial):
            self._deny(target, protocol)
            return
        protocol.receive_data(self._head.head)
        requests = protocol.events_received()
        if not requests or not isinstance(requests[0], Request):
            self._deny(target, _not_understood(self._head.head))
            return
        request = replace(requests[0], headers=readable(requests[0].headers))
        denial = self._reception.denial(target, request)
        if denial is not None:
            self._deny(target, denial)
            return
        self._accept(protocol, target, request, rest)

    def _accept(
        self, protocol: ServerProtocol, target: SplitResult, request: Request, rest: bytes
    ) -> None:
        response = protocol.accept(request)
        if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            status, body = HTTPStatus(response.status_code), response.body or b""
            upgrade = {"Upgrade": "websocket"} if status == HTTPStatus.UPGRADE_REQUIRED else {}
            self._deny(target, Denial(status, bytes(body).decode().partition("\n")[0], upgrade))
            return
        self.protocol = protocol
        protocol.send_response(response)
        self._flush()
        self._reader = MessageReader(protocol)
        welcome = self._reception.join(target, request, self)
        self._deliver, self._on_end = welcome.deliver, welcome.on_end
        if rest:
            self.data_received(rest)

    def _deny(self, target: SplitResult | None, denial: Denial) -> None:
        """Answer why not, and end the connection. A protocol that has read nothing says it."""
        self.protocol = ServerProtocol(logger=SILENT)
        response = self.protocol.reject(denial.status, denial.text + "\n")
        for name, value in denial.headers.items():
            response.headers[name] = value
        self.protocol.send_response(response)
        self._flush()
        self._reception.denied(self, target, denial)
        self.end(Disconnected(f"{self.peer} was refused: {denial.text}"))

    # Sending

    @property
    def clear(self) -> bool:
        """Whether the network has taken all that was written."""
        return self._drained is None

    def write(self, frames: bytes) -> None:
        """Send whole frames; it is too late for them once the connection breaks or ends."""
        transport = self._transport
        if self.ended is None and transport is not None and not transport.is_closing():
            transport.write(frames)

    def resume_writing(self) -> None:
        super().resume_writing()
        self.last_heard = self._now()  # it reads, so it is there, however far behind it may be
        if self.ended is None:
            self.on_clear()

    def _last_byte_sent(self, transport: asyncio.Transport) -> None:
        if transport.is_closing():
            return
        if transport.can_write_eof():
            # what still comes is read and let go, or the client might lose our last words
            transport.write_eof()
        else:
            transport.close()

    @property
    def in_handshake(self) -> bool:
        """Whether it is not decided yet if the client may come in."""
        return self._reader is None and self.ended is None


def _address_text(address: object) -> str:
    """Host and port of a socket's other side."""
    match address:
        case (str(name), int(port), *_):
            return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
    return "of unknown address"


def _not_understood(head: bytes) -> Denial:
    if head[:2] == b"\x16\x03":
        return Denial(HTTPStatus.BAD_REQUEST, "this port is without TLS: connect with ws://")
    if head.startswith(b"GET "):
        return Denial(HTTPStatus.BAD_REQUEST, "that is no request of HTTP/1.1")
    return Denial(HTTPStatus.METHOD_NOT_ALLOWED, "only GET is understood", {"Allow": "GET"})


def _nothing_taken(payloads: list[bytes], texts: list[bool]) -> None:
    """Nothing comes before the connection is open."""


def _nothing_done() -> None:
    """Nobody is to be told."""
