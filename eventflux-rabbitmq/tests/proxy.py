"""A proxy before the broker that reads along: who was given which message, and acknowledged it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

from pamqp import body, commands, frame

_HEADER: Final = 7
_END: Final = 1
_GREETING: Final = b"AMQP"


class Proxy:
    """Stands between a client and the broker.

    ``given`` and ``acknowledged`` are the bodies of the messages delivered and acknowledged
    through it, in order.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._lines: set[_Line] = set()
        self.port = 0
        self.given: list[bytes] = []
        self.acknowledged: list[bytes] = []

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.close()
        self.cut()
        await asyncio.gather(*(line.ended for line in self._lines), return_exceptions=True)

    def cut(self) -> None:
        """Reset all connections."""
        for line in self._lines:
            line.cut()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(*self._target)
        line = _Line(self, writer, back)
        self._lines.add(line)
        try:
            await asyncio.gather(
                _pass_on(reader, back, _Frames(line.to_broker)),
                _pass_on(there, writer, _Frames(line.to_client)),
            )
        finally:
            self._lines.discard(line)
            line.cut()
            line.ended.set_result(None)


class _Line:
    """One connection: what its channels have open."""

    def __init__(self, proxy: Proxy, *writers: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._writers = writers
        self._open: dict[tuple[int, int], bytes] = {}
        """Bodies by channel and delivery tag."""
        self._beginning: dict[int, int] = {}
        """By channel the tag of the message that is being delivered."""
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    def to_client(self, channel: int, read: Any) -> None:
        if isinstance(read, commands.Basic.Deliver) and read.delivery_tag is not None:
            self._beginning[channel] = read.delivery_tag
        elif isinstance(read, body.ContentBody):
            self._open[channel, self._beginning[channel]] = read.value
            self._proxy.given.append(read.value)

    def to_broker(self, channel: int, read: Any) -> None:
        if isinstance(read, commands.Basic.Ack):
            self._proxy.acknowledged += self._taken(channel, read)
        elif isinstance(read, commands.Basic.Nack | commands.Basic.Reject):
            self._taken(channel, read)

    def _taken(self, channel: int, settled: Any) -> Sequence[bytes]:
        last, many = settled.delivery_tag, getattr(settled, "multiple", False)
        tags = [key for key in self._open if key[0] == channel and (many or key[1] == last)]
        return [self._open.pop(key) for key in sorted(tags) if key[1] <= last]


class _Frames:
    """Cuts the bytes of one direction into frames."""

    def __init__(self, take: Callable[[int, Any], None]) -> None:
        self._take = take
        self._rest = b""

    def feed(self, data: bytes) -> None:
        data = self._rest + data
        place = 0
        if data.startswith(_GREETING):
            place = 8
        while place + _HEADER <= len(data):
            size = int.from_bytes(data[place + 3 : place + _HEADER], "big")
            end = place + _HEADER + size + _END
            if end > len(data):
                break
            _, channel, read = frame.unmarshal(data[place:end])
            self._take(channel, read)
            place = end
        self._rest = data[place:]


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, frames: _Frames
) -> None:
    try:
        while data := await reader.read(2**16):
            frames.feed(data)
            writer.write(data)
            await writer.drain()
    except OSError:
        writer.transport.abort()  # the other side is told as it happened here
    finally:
        writer.close()
