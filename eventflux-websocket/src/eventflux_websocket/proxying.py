"""The way through an HTTP proxy: a tunnel that CONNECT opens."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from typing import cast

from eventflux.spi import Misconfigured
from eventflux_websocket.addresses import Host, Proxy
from eventflux_websocket.http_heads import HeadReader, parse_answer
from eventflux_websocket.refusals import answer_fault, no_handshake, unreachable


async def open_tunnel(proxy: Proxy, target: Host) -> asyncio.Transport:
    """Connect to ``target`` through ``proxy``; the transport waits for its protocol, paused.

    Raises:
        Disconnected: the proxy can't be reached, or does not reach the target now.
        Misconfigured: it refuses.
    """
    loop = asyncio.get_running_loop()
    what = f"the proxy at {proxy}"
    try:
        transport, asking = await loop.create_connection(_Asking, proxy.host.name, proxy.host.port)
    except OSError as error:
        raise unreachable(error, proxy.host, what, "websocket.proxy") from error
    try:
        transport.write(_request(proxy, target))
        head = await asking.head
        if not head:
            raise no_handshake(what, None, b"")
        answer = parse_answer(head)
        if answer is None:
            raise Misconfigured(f"{what} does not speak HTTP", 'check "websocket.proxy"')
        if not 200 <= answer.status < 300:
            raise answer_fault(answer, f"{what}, asked for {target},")
    except BaseException:
        transport.abort()
        raise
    return transport


def _request(proxy: Proxy, target: Host) -> bytes:
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.login is not None:
        login = f"{proxy.login.user}:{proxy.login.password.reveal()}".encode()
        lines.append(f"Proxy-Authorization: Basic {b64encode(login).decode()}")
    return "\r\n".join([*lines, "", ""]).encode()


class _Asking(asyncio.Protocol):
    """Waits for the proxy's answer. The other side of a tunnel speaks first to nobody, so that
    nothing follows the answer that would have to be kept."""

    def __init__(self) -> None:
        self.head: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._reader = HeadReader()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is of no such class

    def data_received(self, data: bytes) -> None:
        if not self.head.done() and self._reader.feed(data) is not None:
            assert self._transport is not None, "its data has come"
            self._transport.pause_reading()
            self.head.set_result(self._reader.head)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.head.done():
            self.head.set_result(b"")
