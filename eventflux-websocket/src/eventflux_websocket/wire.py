"""A client's connection: the request that opens it, the messages that it sends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from websockets.client import ClientProtocol
from websockets.protocol import State

from eventflux.spi import Disconnected, Misconfigured
from eventflux_websocket.framing import TEXT, MessageReader, client_frames
from eventflux_websocket.http_heads import HeadReader, parse_answer
from eventflux_websocket.line import CLOSE_TIMEOUT, Deliver, Line
from eventflux_websocket.refusals import answer_fault, handshake_fault, no_handshake


class Wire(Line):
    """A client's connection from its first byte on."""

    protocol: ClientProtocol

    def __init__(
        self,
        protocol: ClientProtocol,
        peer: str,
        deliver: Deliver,
        on_end: Callable[[], None],
    ) -> None:
        super().__init__(protocol, peer, deliver, on_end)
        self.answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the connection is open; it raises ``Disconnected`` or ``Misconfigured``."""
        self.answered.add_done_callback(_seen)
        self._head = HeadReader()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.answered.done():
            tls = self.protocol.uri.secure
            self.answered.set_exception(no_handshake(self.peer, error, self._head.head, tls=tls))
        super().connection_lost(error)

    # The handshake

    def request(self, headers: Sequence[tuple[str, str]]) -> None:
        """Send the opening request, with these headers in place of its own by their names."""
        request = self.protocol.connect()
        for name in {name for name, _ in headers}:
            request.headers.pop(name, None)
        for name, value in headers:
            request.headers[name] = value
        self.protocol.send_request(request)
        self._flush()

    def _read_head(self, data: bytes) -> None:
        """Let the library have the answer's head alone: it has read no part of a frame then."""
        rest = self._head.feed(data)
        if rest is None or self.answered.done():
            return
        fault = self._refusal()
        if fault is not None:
            self.answered.set_exception(fault)
            return
        self._reader = MessageReader(self.protocol)
        self.answered.set_result(None)
        if rest:
            self.data_received(rest)

    def _refusal(self) -> Disconnected | Misconfigured | None:
        head = self._head.head
        answer = parse_answer(head)
        if answer is None:
            return no_handshake(self.peer, None, head)
        if answer.status != 101:
            return answer_fault(answer, self.peer)
        self.protocol.receive_data(head)
        self.protocol.events_received()
        error = self.protocol.handshake_exc
        return None if error is None else handshake_fault(error, self.peer)

    # Sending

    def send(self, payloads: Sequence[bytes], kind: int) -> None:
        """Send messages in one go; the texts are UTF-8.

        Raises:
            Disconnected: it is too late.
        """
        if self.ended is not None:
            raise self.ended
        if self.protocol.extensions:
            put = self.protocol.send_text if kind == TEXT else self.protocol.send_binary
            for payload in payloads:
                put(payload)
            self._flush()
        else:
            assert self._transport is not None, "it has been opened"
            self._transport.write(client_frames(payloads, kind))

    @property
    def closed_in_order(self) -> bool:
        """Whether the other side has closed it as it should when all has been said: with 1000,
        or without a code (1005)."""
        said = self.protocol.close_rcvd
        return said is not None and said.code in (1000, 1005)

    async def close(self) -> None:
        """Close it in good order, in limited time."""
        if self._transport is None:
            return
        self.begin_close(Disconnected(f"the connection to {self.peer} was closed"))
        if self.protocol.state is not State.CONNECTING:
            await asyncio.wait([self.lost], timeout=CLOSE_TIMEOUT)
        self._transport.abort()


def _seen(answered: asyncio.Future[None]) -> None:
    """What is wrong with an answer is nobody's affair when the try was given up before."""
    if not answered.cancelled():
        answered.exception()
