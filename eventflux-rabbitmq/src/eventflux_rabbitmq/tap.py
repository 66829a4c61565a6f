"""Takes the frames that come once a message out of a connection's byte stream.

The only module that knows how the client library is put together. aio-pika opens the
connection with a transport factory of ours; its protocol hands every byte on to the
library but the deliveries or confirms of channels that are tapped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from struct import Struct
from typing import Any, Protocol, cast

import aio_pika
import aiormq
from aiormq.abc import ChannelFrame

from eventflux_rabbitmq.frames import (
    BODY,
    FRAME_OVERHEAD,
    HEADER,
    HEARTBEAT,
    HEARTBEAT_FRAME,
    METHOD,
    ProtocolError,
)

_frame_head = Struct(">BHI")
_method_id = Struct(">I")
_CONNECTION = 10 << 16
_CLOSE, _BLOCKED, _UNBLOCKED = _CONNECTION | 50, _CONNECTION | 60, _CONNECTION | 61
_HEARTBEAT_PERIOD = 1.0


class SeamMissing(Exception):
    """The installed client library lacks something that the tap is built on."""


class Tap(Protocol):
    """Who takes the frames of a channel."""

    def feed(self, data: bytes, start: int, end: int) -> int:
        """Take frames at ``start``; the position after them, ``start`` for none."""

    def flush(self) -> None:
        """Called once after each piece of bytes that frames were taken from."""


class TapProtocol(asyncio.StreamReaderProtocol):
    """The protocol of one connection: splits the stream between taps and library.

    RabbitMQ sends no heartbeats while it sends other data, and the library counts only
    the frames that it sees; so it is given a heartbeat a second while taps take frames.
    """

    def __init__(self, reader: asyncio.StreamReader, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(reader, loop=loop)
        self._clock = loop.time
        self._tail = b""
        self._heartbeat_due = 0.0
        self._paused: asyncio.TimerHandle | None = None
        self._loop_of_timer = loop
        self.taps: dict[int, Tap] = {}
        """Who takes which channel's frames."""
        self.transport: asyncio.Transport | None = None
        self.closed_by_broker: tuple[int, str] | None = None
        """Code and text of ``connection.close``, if the broker sent one."""
        self.blocked: str | None = None
        """Why the broker takes no messages on this connection now, or ``None``."""
        self.broken: ProtocolError | None = None
        """What the broker sent that it must not have."""
        self.last_data = self._clock()
        """When the last bytes came, by the loop's clock."""
        self.foreign = b""
        """The first bytes that came if they are no AMQP."""
        self.on_blocked: Callable[[], None] | None = None
        self.on_lost: Callable[[Exception | None], None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # a cast: the transports of uvloop are of no class of asyncio's
        self.transport = cast(asyncio.Transport, transport)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.resume()
        self.transport = None  # before 3.11.3, abort() of a TLS transport that is gone raises
        super().connection_lost(exc)
        if self.on_lost is not None:
            self.on_lost(self.broken or exc)

    def data_received(self, data: bytes) -> None:
        self.last_data = self._clock()
        if self.foreign:
            super().data_received(data)
            return
        if self._tail:
            data = self._tail + data
        end = len(data)
        position = run = 0
        fed: set[Tap] = set()
        while end - position >= 7:
            kind, channel, length = _frame_head.unpack_from(data, position)
            if kind not in (METHOD, HEADER, BODY, HEARTBEAT):
                # no AMQP frame, for example the answer to a wrong protocol version
                self.foreign = data[position:]
                position = end
                break
            tap = self.taps.get(channel)
            if tap is not None:
                try:
                    after = tap.feed(data, position, end)
                except ProtocolError as error:
                    self.broken = error
                    self.abort()
                    return
                if after > position:
                    if run < position:
                        super().data_received(data[run:position])
                    fed.add(tap)
                    position = run = after
                    continue
            after = position + length + FRAME_OVERHEAD
            if after > end:
                break
            if channel == 0 and kind == METHOD:
                self._look_at(data[position + 7 : after - 1])
            position = after
        if run < position:
            super().data_received(data[run:position])
        self._tail = data[position:]
        if fed:
            self._beat()
            for tap in fed:
                tap.flush()

    def _beat(self) -> None:
        """Tell the library that the broker lives."""
        if self.last_data >= self._heartbeat_due:
            self._heartbeat_due = self.last_data + _HEARTBEAT_PERIOD
            super().data_received(HEARTBEAT_FRAME)

    def _look_at(self, payload: bytes) -> None:
        """Note what a method of the connection itself says; the library gets it too."""
        method = _method_id.unpack_from(payload)[0]
        if method == _CLOSE:
            code = int.from_bytes(payload[4:6], "big")
            self.closed_by_broker = code, _short_text(payload, 6)
        elif method in (_BLOCKED, _UNBLOCKED):
            self.blocked = _short_text(payload, 4) if method == _BLOCKED else None
            if self.on_blocked is not None:
                self.on_blocked()

    def pause(self) -> None:
        """Read nothing more until :meth:`resume`; the connection counts as living."""
        if self._paused is None and self.transport is not None:
            self.transport.pause_reading()
            self._beat_while_paused()

    def _beat_while_paused(self) -> None:
        super().data_received(HEARTBEAT_FRAME)
        self._paused = self._loop_of_timer.call_later(_HEARTBEAT_PERIOD, self._beat_while_paused)

    def resume(self) -> None:
        """Undo :meth:`pause`."""
        if self._paused is None:
            return
        self._paused.cancel()
        self._paused = None
        if self.transport is not None and not self.transport.is_closing():
            self.transport.resume_reading()

    def abort(self) -> None:
        """Close the socket at once."""
        if self.transport is not None:
            self.transport.abort()


def _short_text(payload: bytes, position: int) -> str:
    length = payload[position]
    return payload[position + 1 : position + 1 + length].decode(errors="replace")


class TapTransportFactory(aiormq.TransportFactory):
    """Opens the TCP connection with a :class:`TapProtocol` in it."""

    def __init__(self) -> None:
        self.protocol: TapProtocol | None = None

    async def create(
        self, url: Any, **kwargs: Any
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        provider = kwargs.pop("ssl_context_provider")
        tls = await provider.get_context() if url.scheme == "amqps" else None
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(loop=loop)
        protocol = TapProtocol(reader, loop)
        try:
            transport, _ = await loop.create_connection(
                lambda: protocol, url.host, url.port, ssl=tls, **kwargs
            )
        except OSError as error:
            raise aiormq.AMQPConnectionError(*error.args) from error
        self.protocol = protocol
        return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


class TappedConnection(aio_pika.Connection):
    """A connection of aio-pika over a :class:`TapProtocol`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._factory = TapTransportFactory()
        handed_over = getattr(self, "kwargs", None)
        if not isinstance(handed_over, dict):
            raise SeamMissing("aio_pika.Connection has no dict of connection arguments")
        handed_over["transport_factory"] = self._factory

    @property
    def protocol(self) -> TapProtocol | None:
        """The protocol of the connection; ``None`` before the library has made it."""
        return self._factory.protocol


def check_seams(channel: Any) -> None:
    """Make sure that an open channel of the library has what taps use.

    Raises:
        SeamMissing: it has not.
    """
    expected: tuple[tuple[str, Any, type], ...] = (
        ("number", getattr(channel, "number", None), int),
        ("closing", getattr(channel, "closing", None), asyncio.Future),
        ("write_queue", getattr(channel, "write_queue", None), asyncio.Queue),
        ("on_consumer_cancel_callbacks", _attribute(channel, "on_consumer_cancel_callbacks"), set),
        ("frame_max", _attribute(channel, "connection", "connection_tune", "frame_max"), int),
    )
    for name, value, kind in expected:
        if not isinstance(value, kind):
            raise SeamMissing(f"a channel of aiormq has no '{name}' that is a {kind.__name__}")
    try:
        ChannelFrame(b"", False, None)
    except TypeError as error:
        raise SeamMissing(f"aiormq's ChannelFrame is made differently: {error}") from None


def _attribute(value: Any, *path: str) -> Any:
    for name in path:
        value = getattr(value, name, None)
    return value
