"""Connections that several sinks use, each with a channel of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from eventflux_rabbitmq.connection import BrokerConnection


@dataclass(slots=True)
class _Place:
    """Where the connection of one key is; ``users`` count those that hold it."""

    opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    connection: BrokerConnection | None = None
    users: int = 0


_places: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Hashable, _Place]] = WeakKeyDictionary()


async def acquire(
    key: Hashable, open_connection: Callable[[], Awaitable[BrokerConnection]]
) -> BrokerConnection:
    """The living connection of this key; ``open_connection`` makes it where there is none.

    Each call must be followed by one of :func:`release`.
    """
    places = _places.setdefault(asyncio.get_running_loop(), {})
    place = places.setdefault(key, _Place())
    async with place.opening:
        if place.connection is None or place.connection.ended is not None:
            place.connection = await open_connection()
            place.users = 0
        place.users += 1
        return place.connection


async def release(key: Hashable, connection: BrokerConnection) -> None:
    """Give it back; the last one closes it, and whoever finds it ended."""
    places = _places.get(asyncio.get_running_loop(), {})
    place = places.get(key)
    if place is not None and place.connection is connection:
        place.users -= 1
        if place.users and connection.ended is None:
            return
        if not place.users:
            del places[key]
    await connection.close()
