"""Backpressure: who is full, and who waits until they aren't."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence


class Room:
    """Whether there is room for more; whoever fills something up sets it."""

    def __init__(self) -> None:
        self.full = False
        self._waiters: list[asyncio.Future[None]] = []

    def set_full(self, full: bool) -> None:
        self.full = full
        if not full and self._waiters:
            waiters, self._waiters = self._waiters, []
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)

    async def wait(self) -> None:
        """Return when there is room. May be cancelled."""
        while self.full:
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter


class Stock(Room):
    """What is held somewhere, in messages and bytes: full while either is at its bound."""

    def __init__(self, max_messages: int, max_bytes: int) -> None:
        super().__init__()
        self.max_messages = max_messages
        self.max_bytes = max_bytes
        self.messages = self.bytes = 0

    def add(self, messages: int, size: int) -> None:
        self.messages += messages
        self.bytes += size
        if self.messages >= self.max_messages or self.bytes >= self.max_bytes:
            self.full = True

    @property
    def half_full(self) -> bool:
        return 2 * self.messages >= self.max_messages or 2 * self.bytes >= self.max_bytes

    def remove(self, messages: int, size: int) -> None:
        self.messages -= messages
        self.bytes -= size
        if self.full and self.messages < self.max_messages and self.bytes < self.max_bytes:
            self.set_full(False)


def any_full(rooms: Sequence[Room]) -> bool:
    for room in rooms:  # noqa: SIM110  a generator costs more than all the rest
        if room.full:
            return True
    return False


async def room_in_all(rooms: Sequence[Room]) -> None:
    """Return when there is room in all of them at the same time."""
    while any_full(rooms):
        for room in rooms:
            if room.full:
                await room.wait()
