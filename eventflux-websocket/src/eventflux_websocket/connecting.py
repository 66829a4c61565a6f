"""Opens a client's connection: proxy, TLS, handshake and the first messages."""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.typing import Subprotocol
from websockets.uri import WebSocketURI

from eventflux.base.durations import format_duration
from eventflux.spi import Disconnected
from eventflux.spi.tls import Tls, client_context
from eventflux_websocket.addresses import Endpoint, parse_proxy, parse_url
from eventflux_websocket.client_options import ClientOptions
from eventflux_websocket.framing import TEXT
from eventflux_websocket.headers import subprotocols_of
from eventflux_websocket.heartbeat import Heartbeat
from eventflux_websocket.keepalive import Keepalive, Patience
from eventflux_websocket.line import Deliver
from eventflux_websocket.proxying import open_tunnel
from eventflux_websocket.quiet import SILENT
from eventflux_websocket.refusals import tls_fault, unreachable, wrong_subprotocol
from eventflux_websocket.wire import Wire


@dataclass(frozen=True, slots=True)
class Opener:
    """Opens the connection of one stream, again and again.

    ``idle`` are the milliseconds without a message after which one is given up, 0 for never.
    """

    options: ClientOptions
    idle: int = 0

    @property
    def peer(self) -> str:
        """The server, in words."""
        return f"the WebSocket server at {self._endpoint}"

    @property
    def _endpoint(self) -> Endpoint:
        assert self.options.url is not None, "the options have been checked"
        return parse_url(self.options.url)

    async def open(self, deliver: Deliver, on_end: Callable[[], None]) -> Wire:
        """Connect, shake hands and send the messages of ``websocket.on.connect``.

        Args:
            deliver: takes messages from now on.
            on_end: called once when the connection has ended.

        Raises:
            Disconnected: the server can't be reached, or does not open the connection now.
            Misconfigured: it would refuse again.
        """
        options = self.options
        limit = options.open_timeout
        wire = Wire(self._protocol(), self.peer, deliver, on_end)
        try:
            async with asyncio.timeout(limit / 1000):
                await self._open_transport(wire)
                wire.request(self._headers())
                await wire.answered
        except TimeoutError:
            wire.abort()
            raise Disconnected(
                f"{self.peer} did not answer within {format_duration(limit)}",
                "is it that address? does it hang, or does something between drop the packets?",
            ) from None
        except BaseException:
            wire.abort()
            raise
        if options.subprotocol is not None and wire.protocol.subprotocol is None:
            await wire.close()
            raise wrong_subprotocol(self.peer, options.subprotocol)
        first = self._first_messages()
        if first:
            wire.send(first, TEXT)
        if options.heartbeat_message is not None:
            message = options.heartbeat_message.reveal().encode()
            Heartbeat(wire, message, options.heartbeat_interval / 1000)
        Keepalive(wire, Patience(options.ping_interval, options.ping_timeout, self.idle))
        return wire

    def _protocol(self) -> ClientProtocol:
        options, endpoint = self.options, self._endpoint
        names = None if options.subprotocol is None else subprotocols_of(options.subprotocol)
        return ClientProtocol(
            WebSocketURI(
                endpoint.tls,
                endpoint.host.name,
                endpoint.host.port,
                endpoint.path,
                endpoint.query.reveal(),
            ),
            extensions=[ClientPerMessageDeflateFactory()]
            if options.compression == "deflate"
            else None,
            subprotocols=None if names is None else [Subprotocol(name) for name in names],
            max_size=int(options.message_max_bytes),
            logger=SILENT,
        )

    def _headers(self) -> list[tuple[str, str]]:
        headers = [(name, value.reveal()) for name, value in self.options.headers.items()]
        login = self._endpoint.login
        if login is not None and all(name.lower() != "authorization" for name, _ in headers):
            text = f"{login.user}:{login.password.reveal()}".encode()
            headers.append(("Authorization", f"Basic {b64encode(text).decode()}"))
        return headers

    def _first_messages(self) -> list[bytes]:
        options = self.options
        more = sorted(options.on_connect_more.items(), key=lambda item: _natural(item[0]))
        messages = [] if options.on_connect is None else [options.on_connect]
        return [secret.reveal().encode() for secret in (*messages, *(text for _, text in more))]

    async def _open_transport(self, wire: Wire) -> None:
        loop = asyncio.get_running_loop()
        endpoint, options = self._endpoint, self.options
        context = await asyncio.to_thread(self._tls_context) if endpoint.tls else None
        server_name = (options.ssl_server_name or endpoint.host.name) if endpoint.tls else None
        try:
            if options.proxy is None:
                await loop.create_connection(
                    lambda: wire,
                    endpoint.host.name,
                    endpoint.host.port,
                    ssl=context,
                    server_hostname=server_name,
                )
                return
            transport = await open_tunnel(parse_proxy(options.proxy), endpoint.host)
            if context is not None:
                upgraded = await loop.start_tls(
                    transport, wire, context, server_hostname=server_name
                )
                transport = cast(asyncio.Transport, upgraded)
            transport.set_protocol(wire)
            wire.connection_made(transport)
            transport.resume_reading()
        except ssl.SSLError as error:
            raise tls_fault(error, self.peer) from error
        except OSError as error:
            raise unreachable(error, endpoint.host, self.peer, "websocket.url") from error

    def _tls_context(self) -> ssl.SSLContext:
        options = self.options
        tls = Tls(
            ca=options.ssl_ca,
            certificate=options.ssl_certificate,
            key=options.ssl_key,
            key_password=options.ssl_key_password,
            verify=options.ssl_verify,
        )
        return client_context(tls, "websocket")


def _natural(name: str) -> tuple[int, int, str]:
    """Sorts numbers by their value, and before names."""
    return (0, int(name), "") if name.isdecimal() else (1, 0, name)
