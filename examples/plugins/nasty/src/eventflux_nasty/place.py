"""The other side of the connectors: a queue and a mailbox, by name, inside the process."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable

from eventflux.spi import Disconnected, Misconfigured

PREFETCH = 100
PASSWORD = "open sesame"


class Place:
    """What clients connect to. ``waiting`` are the messages of its queue, ``done`` those that
    were acknowledged, ``arrived`` those that were sent to it."""

    def __init__(self) -> None:
        self.up = True
        self.waiting: deque[bytes] = deque()
        self.done: list[bytes] = []
        self.arrived: list[bytes] = []
        self.refusals: deque[bool] = deque()
        """Of the next messages that are refused, whether that is for now only."""
        self.links: list[Link] = []
        self.handed_over = 0

    def connect(self, password: str) -> Link:
        if not self.up:
            raise Disconnected("the place is closed")
        if password != PASSWORD:
            raise Misconfigured("the place does not know that password", "ask its owner for it")
        link = Link(self)
        self.links.append(link)
        return link

    def put(self, messages: Iterable[bytes]) -> None:
        self.waiting.extend(messages)
        for link in self.links:
            link.wake()

    def cut(self) -> None:
        """End all connections."""
        for link in list(self.links):
            link.end()


class Link:
    """One connection."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.alive = True
        self.prefetch = PREFETCH
        self.unsettled: list[bytes] = []
        self._waiter: asyncio.Future[None] | None = None

    def wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def until_woken(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        await self._waiter

    def ready(self) -> int:
        """How many messages may be taken now."""
        return min(len(self.place.waiting), self.prefetch - len(self.unsettled))

    async def until_ready(self) -> None:
        while self.alive and self.ready() <= 0:
            await self.until_woken()
        if not self.alive:
            raise Disconnected("the place has hung up")

    def take(self, messages: int, size: int) -> list[bytes]:
        """The next messages, within these bounds but for the first one."""
        taken: list[bytes] = []
        for _ in range(min(messages, self.ready())):
            size -= len(self.place.waiting[0])
            if taken and size < 0:
                break
            taken.append(self.place.waiting.popleft())
        self.unsettled += taken
        self.place.handed_over += len(taken)
        return taken

    def settle(self, message: bytes, *, done: bool = False, back: bool = False) -> None:
        self.unsettled.remove(message)
        if done:
            self.place.done.append(message)
        if back:
            self.place.put([message])
        self.wake()

    def end(self) -> None:
        self.alive = False
        if self in self.place.links:
            self.place.links.remove(self)
            self.place.waiting.extendleft(reversed(self.unsettled))
            self.place.handed_over -= len(self.unsettled)
        self.unsettled = []
        self.wake()


_places: dict[str, Place] = {}


def place(name: str) -> Place:
    """The place of that name, which is there when it is named."""
    return _places.setdefault(name, Place())


def close_all() -> None:
    """Forget all places."""
    _places.clear()
