"""Pings and patience, on a line over a transport that only notes what is done to it."""

from __future__ import annotations

import asyncio
import gc
import weakref

from websockets.client import ClientProtocol
from websockets.protocol import OPEN
from websockets.uri import parse_uri

from eventflux_websocket.keepalive import Keepalive, Patience
from eventflux_websocket.wire import Wire

from .conftest import until


class Noting:
    """As uvloop's transports it is of no class of asyncio."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.unsent = 0
        self.aborted = False

    def set_write_buffer_limits(self, high: int) -> None:
        assert high == 1

    def is_closing(self) -> bool:
        return self.aborted

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def abort(self) -> None:
        self.aborted = True


def line_over(transport: Noting) -> Wire:
    protocol = ClientProtocol(parse_uri("ws://localhost/"), state=OPEN)
    line = Wire(protocol, "the other side", lambda payloads, texts: None, lambda: None)
    line.connection_made(transport)  # type: ignore[arg-type]
    return line


async def ended(line: Wire) -> str:
    await until(lambda: line.ended is not None)
    assert line.ended is not None
    return line.ended.reason


async def test_who_gives_no_sign_is_given_up() -> None:
    transport = Noting()
    line = line_over(transport)
    Keepalive(line, Patience(ping_interval=2, ping_timeout=5))
    assert await ended(line) == "nothing came from the other side within 5 ms after a ping"
    assert transport.aborted
    assert [data[0] for data in transport.written] == [0x89]


async def test_who_takes_what_waits_is_there() -> None:
    transport = Noting()
    line = line_over(transport)
    transport.unsent = 100
    Keepalive(line, Patience(ping_interval=20, ping_timeout=100))
    for _ in range(20):
        transport.unsent -= 5
        await asyncio.sleep(0.01)
    assert (transport.unsent, line.ended) == (0, None)
    assert await ended(line) == "nothing came from the other side within 100 ms after a ping"


async def test_a_lost_line_is_watched_no_more() -> None:
    line = line_over(Noting())
    Keepalive(line, Patience(ping_interval=3_600_000))
    line.connection_lost(None)
    await asyncio.sleep(0)
    watched = weakref.ref(line)
    del line
    gc.collect()
    assert watched() is None
