"""One WebSocket connection on the event loop, of either side: the library's protocol and our bulk
reading of messages over one transport. There is no task and no future for a message."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import cast

from websockets.protocol import SEND_EOF, Protocol, State

from eventflux.spi import Disconnected
from eventflux_websocket.closings import closed_fault, lost_fault
from eventflux_websocket.framing import MessageReader

CLOSE_TIMEOUT = 2.0
"""Seconds that the other side has to close in good order."""

_UNREAD_ANSWERS = 64 * 1024
"""Bytes of answers (pongs) to somebody who reads none of them that may wait."""

Deliver = Callable[[list[bytes], list[bool]], None]
"""Takes messages that came together, and of each whether it is a text."""


class Line(asyncio.Protocol, ABC):
    """A connection from its first byte on.

    ``deliver`` takes what comes; ``on_end`` is called once, when :attr:`ended` is set. ``peer`` is
    the other side in words.
    """

    def __init__(
        self, protocol: Protocol, peer: str, deliver: Deliver, on_end: Callable[[], None]
    ) -> None:
        self.protocol = protocol
        self.peer = peer
        self._deliver = deliver
        self._on_end = on_end
        loop = asyncio.get_running_loop()
        self._now = loop.time
        self.lost: asyncio.Future[None] = loop.create_future()
        """Done when the transport is gone."""
        self._drained: asyncio.Future[None] | None = None
        self._unread_answers = 0
        self._transport: asyncio.Transport | None = None
        self._reader: MessageReader | None = None
        self.ended: Disconnected | None = None
        """Why nothing more comes and nothing more can be sent."""
        self.last_heard = self.last_message = self._now()
        self.reading_paused = False

    @abstractmethod
    def _read_head(self, data: bytes) -> None:
        """Take what comes before the connection is open, that is before there is a reader."""

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is of no such class
        # Any byte that waits counts. 0 would not do: with TLS it counts as reached by no byte.
        self._transport.set_write_buffer_limits(high=1)

    def data_received(self, data: bytes) -> None:
        self.last_heard = self._now()
        reader = self._reader
        if reader is None:
            self._read_head(data)
            return
        reader.feed(data)
        self._hand_over(reader)
        while reader.held and not self.reading_paused:
            reader.feed(b"")
            self._hand_over(reader)
        self._answer()
        if self.protocol.state is not State.OPEN and self.ended is None:
            self.end(closed_fault(self.peer, self.protocol, broken_text=reader.broken_text))

    def _answer(self) -> None:
        """Send what the protocol says to what has come, in bounded memory."""
        size = self._flush()
        if self._drained is None:
            return
        self._unread_answers += size
        if self._unread_answers > _UNREAD_ANSWERS:
            why = "sent ping upon ping and read no answer; the connection was cut"
            self.fail(Disconnected(f"{self.peer} {why}", "whoever sends pings has to read, too"))

    def _hand_over(self, reader: MessageReader) -> None:
        if not reader.payloads:
            return
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
        self.lost.set_result(None)
        self.end(lost_fault(self.peer, error, in_message=reader is not None and reader.in_message))

    def pause_writing(self) -> None:
        if self._drained is None:
            self._drained = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        drained, self._drained = self._drained, None
        self._unread_answers = 0
        if drained is not None and not drained.done():
            drained.set_result(None)

    # Sending and reading

    async def drained(self) -> None:
        """Return when the network has taken all that was sent.

        Raises:
            Disconnected: it never will.
        """
        while self._drained is not None and self.ended is None:
            await asyncio.shield(self._drained)
        if self.ended is not None:
            raise self.ended

    @property
    def unsent(self) -> int:
        """How many bytes wait for the network to take them."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return 0  # one of uvloop that is closing can't be asked
        return transport.get_write_buffer_size()

    def ping(self) -> None:
        if self.ended is None:
            self.protocol.send_ping(b"")
            self._flush()

    def _flush(self) -> int:
        """Send what the protocol has to say, nothing after the end of the stream; its bytes."""
        parts = self.protocol.data_to_send()
        if not parts:
            return 0
        transport = self._transport
        assert transport is not None, "the connection is made"
        data = b"".join(parts)
        if data and not transport.is_closing():
            transport.write(data)
        if parts[-1] == SEND_EOF:
            self._last_byte_sent(transport)
        return len(data)

    def _last_byte_sent(self, transport: asyncio.Transport) -> None:
        """The protocol has said its last; what is to become of the transport?"""

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
            if self._reader is not None and self._reader.held:
                asyncio.get_running_loop().call_soon(self.data_received, b"")

    # The end

    def end(self, why: Disconnected) -> None:
        """End it; the first reason stays. What is under way has little time left."""
        if self.ended is not None:
            return
        self.ended = why
        if not self.lost.done():
            asyncio.get_running_loop().call_later(CLOSE_TIMEOUT, self.abort)
        self.resume_writing()
        self._on_end()

    def fail(self, why: Disconnected) -> None:
        """Give it up: end it and cut the line."""
        self.end(why)
        self.abort()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def begin_close(self, why: Disconnected, code: int = 1000, reason: str = "") -> None:
        """End it and say so to the other side, which may answer."""
        if self.protocol.state is State.OPEN and not self.lost.done():
            self.protocol.send_close(code, reason)
            self._flush()
        self.end(why)
        if self.reading_paused:
            self.pause_reading(False)
