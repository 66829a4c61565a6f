"""Where the clients of one stream come in: a path, and who may."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from urllib.parse import SplitResult, parse_qsl

from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from eventflux.spi import Disconnected
from eventflux_websocket.authentication import TOKEN_PARAMETER, challenge, may_enter
from eventflux_websocket.headers import subprotocols_of
from eventflux_websocket.inbox import Sender
from eventflux_websocket.keepalive import Keepalive, Patience
from eventflux_websocket.line import CLOSE_TIMEOUT
from eventflux_websocket.origins import origin_pattern
from eventflux_websocket.quiet import SILENT
from eventflux_websocket.server_line import Denial, ServerLine, Welcome
from eventflux_websocket.server_options import ServerOptions

_log = logging.getLogger("eventflux.websocket")
_GOING_AWAY = 1001
_WINDOW = 12
"""Bits of the window of a compressed connection: small, for there may be many."""


class Entrance:
    """The clients of one stream. ``welcome`` is told of each that is let in.

    ``once``: whether a message is compressed for all clients at once, so that none may rely on the
    one before. ``idle``: milliseconds without a message after which a client has to go, 0 is never.
    """

    def __init__(
        self,
        options: ServerOptions,
        stream: str,
        welcome: Callable[[ServerLine, SplitResult, Request], Welcome],
        *,
        once: bool = False,
        idle: int = 0,
    ) -> None:
        self.options = options
        self.stream = stream
        self.path = options.path
        self.clients: set[ServerLine] = set()
        self.accepted = self.refused = 0
        self._leaving: list[ServerLine] = []
        self._welcome = welcome
        self._origins = None if options.origins is None else origin_pattern(options.origins)
        self._subprotocols = (
            None
            if options.subprotocol is None
            else [Subprotocol(name) for name in subprotocols_of(options.subprotocol)]
        )
        self._extensions = (
            [
                ServerPerMessageDeflateFactory(
                    server_no_context_takeover=once,
                    server_max_window_bits=_WINDOW,
                    client_max_window_bits=_WINDOW,
                )
            ]
            if options.compression == "deflate"
            else None
        )
        self._patience = Patience(options.ping_interval, options.ping_timeout, idle)

    def url(self, address: object) -> str:
        """Where clients connect to; ``address`` is host and port."""
        scheme = "ws" if self.options.ssl_certificate is None else "wss"
        return f"{scheme}://{address}{self.path}"

    # Who comes in

    def protocol(self) -> ServerProtocol:
        return ServerProtocol(
            extensions=self._extensions,
            subprotocols=self._subprotocols,
            max_size=int(self.options.message_max_bytes),
            logger=SILENT,
        )

    def denial(self, target: SplitResult, request: Request) -> Denial | None:
        """Why a client may not come in."""
        options, headers = self.options, request.headers
        if self._origins is not None:
            for origin in headers.get_all("Origin"):
                if not self._origins.fullmatch(origin):
                    text = f"pages of '{origin}' may not connect here"
                    return Denial(HTTPStatus.FORBIDDEN, text)
        if not may_enter(options, headers.get_all("Authorization"), _query(target)):
            wanted = "token" if options.token is not None else "user or password"
            text = f"the {wanted} is missing or wrong"
            return Denial(HTTPStatus.UNAUTHORIZED, text, {"WWW-Authenticate": challenge(options)})
        if len(self.clients) >= options.clients_max:
            text = f"there are {options.clients_max} clients, and no more are let in"
            return Denial(HTTPStatus.SERVICE_UNAVAILABLE, text, {"Retry-After": "5"})
        return None

    def join(self, target: SplitResult, request: Request, line: ServerLine) -> Welcome:
        """Let it in."""
        self.clients.add(line)
        self.accepted += 1
        Keepalive(line, self._patience)
        welcome = self._welcome(line, target, request)

        def on_end() -> None:
            self.clients.discard(line)
            _log.debug("stream '%s': %s", self.stream, line.ended)
            welcome.on_end()

        return Welcome(welcome.deliver, on_end)

    # The end

    def send_away(self) -> None:
        """Close the connection of each client; :meth:`all_gone` waits for them."""
        for line in list(self.clients):
            self._leaving.append(line)
            line.begin_close(Disconnected("the stream has ended"), _GOING_AWAY, "going away")

    async def all_gone(self) -> None:
        """Return when those that were sent away have gone, in limited time."""
        leaving, self._leaving = self._leaving, []
        if leaving:
            await asyncio.wait([line.lost for line in leaving], timeout=CLOSE_TIMEOUT)
        for line in leaving:
            line.abort()


def not_found(path: str, there: Sequence[str]) -> Denial:
    """What a client is told that asks for a path without a stream."""
    text = f"there is no stream at '{path}'; there are: {', '.join(sorted(there))}"
    return Denial(HTTPStatus.NOT_FOUND, text)


def sender_of(line: ServerLine, target: SplitResult, request: Request) -> Sender:
    """Who a client is, for METADATA; its credentials are left out."""
    headers = {
        name.lower(): value
        for name, value in request.headers.raw_items()
        if name.lower() != "authorization"
    }
    query = {name: text for name, text in _query(target).items() if name != TOKEN_PARAMETER}
    return Sender(line.address, headers, query)


def _query(target: SplitResult) -> Mapping[str, str]:
    return dict(parse_qsl(target.query, keep_blank_values=True))
