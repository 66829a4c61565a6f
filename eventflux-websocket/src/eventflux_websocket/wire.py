"""One WebSocket connection on the event loop: the library's protocol and our bulk reading and
writing of messages over one transport. There is no task and no future for a message."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from websockets.client import ClientProtocol
from websockets.protocol import State

from eventflux.spi import Disconnected, Misconfigured
from eventflux_websocket.closings import closed_fault, lost_fault
from eventflux_websocket.framing import TEXT, MessageReader, client_frames
from eventflux_websocket.http_heads import HeadReader, parse_answer
from eventflux_websocket.refusals import answer_fault, handshake_fault, no_handshake

CLOSE_TIMEOUT = 2.0
"""Seconds that the other side has to close in good order."""

Deliver = Callable[[list[bytes], list[bool]], None]
"""Takes messages that came together, and of each whether it is a text."""


class Wire(asyncio.Protocol):
    """A client's connection from its first byte on.

    ``deliver`` takes what comes; ``on_end`` is called once, when :attr:`ended` is set. ``peer`` is
    the other side in words.
    """

    def __init__(
        self,
        protocol: ClientProtocol,
        peer: str,
        deliver: Deliver,
        on_end: Callable[[], None],
    ) -> None:
        self.protocol = protocol
        self.peer = peer
        self._deliver = deliver
        self._on_end = on_end
        loop = asyncio.get_running_loop()
        self._now = loop.time
        self.answered: asyncio.Future[None] = loop.create_future()
        """Done when the connection is open; it raises ``Disconnected`` or ``Misconfigured``."""
        self._lost: asyncio.Future[None] = loop.create_future()
        self._drained: asyncio.Future[None] | None = None
        self._transport: asyncio.Transport | None = None
        self._head = HeadReader()
        self._reader: MessageReader | None = None
        self.ended: Disconnected | None = None
        """Why nothing more comes and nothing more can be sent."""
        self.last_heard = self.last_message = self._now()
        self.reading_paused = False

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=0)

    def data_received(self, data: bytes) -> None:
        self.last_heard = self._now()
        reader = self._reader
        if reader is None:
            self._read_head(data)
            return
        reader.feed(data)
        if reader.payloads:
            self._hand_over(reader)
        self._flush()
        if self.protocol.state is not State.OPEN and self.ended is None:
            self.end(closed_fault(self.peer, self.protocol, broken_text=reader.broken_text))
            asyncio.get_running_loop().call_later(CLOSE_TIMEOUT, self.abort)

    def _hand_over(self, reader: MessageReader) -> None:
        payloads, texts = reader.payloads, reader.texts
        reader.payloads, reader.texts = [], []
        self.last_message = self.last_heard
        if self.ended is None:
            self._deliver(payloads, texts)

    def eof_received(self) -> None:
        self.protocol.receive_eof()

    def connection_lost(self, error: Exception | None) -> None:
        self.protocol.receive_eof()
        reader = self._reader
        if not self.answered.done():
            tls = self.protocol.uri.secure
            self.answered.set_exception(no_handshake(self.peer, error, self._head.head, tls=tls))
        self.end(lost_fault(self.peer, error, in_message=reader is not None and reader.in_message))
        self._lost.set_result(None)

    def pause_writing(self) -> None:
        if self._drained is None:
            self._drained = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        drained, self._drained = self._drained, None
        if drained is not None and not drained.done():
            drained.set_result(None)

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

    async def drained(self) -> None:
        """Return when the network has taken all that was sent.

        Raises:
            Disconnected: it never will.
        """
        while self._drained is not None and self.ended is None:
            await asyncio.shield(self._drained)
        if self.ended is not None:
            raise self.ended

    def ping(self) -> None:
        if self.ended is None:
            self.protocol.send_ping(b"")
            self._flush()

    def _flush(self) -> None:
        transport = self._transport
        assert transport is not None, "the connection is made"
        data = b"".join(self.protocol.data_to_send())
        if data and not transport.is_closing():
            transport.write(data)

    def pause_reading(self, paused: bool) -> None:
        """Read nothing from the network, or go on."""
        self.reading_paused = paused
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if paused:
            transport.pause_reading()
        else:
            transport.resume_reading()
            self.last_heard = self.last_message = self._now()

    # The end

    @property
    def closed_in_order(self) -> bool:
        """Whether the other side has closed it as it should when all has been said (1000)."""
        said = self.protocol.close_rcvd
        return said is not None and said.code == 1000

    def end(self, why: Disconnected) -> None:
        """End it; the first reason stays."""
        if self.ended is not None:
            return
        self.ended = why
        self.resume_writing()
        self._on_end()

    def fail(self, why: Disconnected) -> None:
        """Give it up: end it and cut the line."""
        self.end(why)
        self.abort()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    async def close(self) -> None:
        """Close it in good order, in limited time."""
        if self._transport is None:
            return
        if self.protocol.state is State.OPEN and not self._lost.done():
            self.protocol.send_close(1000)
            self._flush()
        self.end(Disconnected(f"the connection to {self.peer} was closed"))
        if self.reading_paused:
            self.pause_reading(False)
        if self.protocol.state is not State.CONNECTING:
            await asyncio.wait([self._lost], timeout=CLOSE_TIMEOUT)
        self._transport.abort()
