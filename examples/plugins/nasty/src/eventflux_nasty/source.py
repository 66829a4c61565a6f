"""A source that keeps the contract, unless it is asked to break a rule."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from eventflux.base.types import DataType
from eventflux.spi import (
    ConnectorContext,
    Disconnected,
    EndOfStream,
    Misconfigured,
    Positions,
    ReceiveLimits,
    Source,
    SourceBatch,
    SourceFactory,
    SourceKind,
)
from eventflux_nasty.options import PlaceOptions
from eventflux_nasty.place import Link, place

_NO_LIMIT = 1 << 60
_tasks: set[asyncio.Task[None]] = set()


class Token(NamedTuple):
    """Knows its connection."""

    link: Link
    payloads: list[bytes]


class NastySource(Source):
    """Reads the queue of a place."""

    def __init__(self, options: PlaceOptions) -> None:
        self._options = options
        self._fault = options.fault
        self._place = place(options.place)
        self._link: Link | None = None
        self._opened = self._closed = self._stopped = False
        self.peer = f"the place {options.place}"

    async def open(self, positions: Positions | None) -> None:
        if self._fault == "opens once" and self._opened:
            raise Disconnected("once is enough")
        password = self._options.password.reveal()
        if self._fault == "tells the password":
            logging.getLogger(__name__).info("the password is %s", password)
        try:
            self._link = self._place.connect(password)
        except Disconnected:
            if self._fault == "opens blindly":
                return
            raise
        except Misconfigured as refused:
            if self._fault == "gives no hint":
                raise Misconfigured(refused.message) from None
            raise
        self._opened, self._stopped = True, False
        if self._fault == "takes all":
            self._link.prefetch = _NO_LIMIT
            self._hoard()
        if self._fault == "leaves a task":
            _tasks.add(asyncio.create_task(asyncio.sleep(3600)))

    def _hoard(self) -> None:
        asyncio.get_running_loop().call_later(0.01, self._hoard)
        self._place.handed_over = len(self._place.waiting)

    async def receive(self, limits: ReceiveLimits) -> SourceBatch:
        link = self._link
        if link is None:
            raise Disconnected("not open")
        if self._fault == "returns nothing" and not link.ready():
            return SourceBatch([])
        try:
            await link.until_ready()
        except Disconnected:
            if self._fault == "ends when cut":
                raise EndOfStream from None
            raise
        messages = _NO_LIMIT if self._fault == "ignores limits" else limits.messages
        size = _NO_LIMIT if self._fault == "ignores limits" else limits.bytes
        payloads = link.take(messages, size)
        if self._fault == "forgets when cancelled":
            await asyncio.sleep(0)
        if self._fault == "swaps":
            payloads.reverse()
        if self._fault == "acknowledges at once":
            for payload in payloads:
                link.settle(payload, done=True)
        ids = ["1"] if self._fault == "gives one id" else None
        return SourceBatch(payloads, Token(link, payloads), message_ids=ids)

    def settle(self, token: Token, rejected: Sequence[int] = (), *, requeue: bool = False) -> None:
        link = token.link
        if self._fault == "takes stale tokens" and not link.alive:
            self._place.done += token.payloads
        if not link.alive or self._fault == "acknowledges at once":
            return
        if self._fault == "deaf after stop" and self._stopped:
            return
        if self._fault == "acknowledges what came before":
            for payload in list(link.unsettled):
                link.settle(payload, done=True)
            return
        bad = set(rejected) if self._fault != "acknowledges the rejected" else set()
        back = requeue or self._fault == "always gives back"
        for index, payload in enumerate(token.payloads):
            link.settle(payload, done=index not in bad, back=index in bad and back)

    async def stop(self) -> None:
        self._stopped = True
        if self._fault == "raises in stop":
            raise RuntimeError("I won't stop")

    async def close(self) -> None:
        if self._fault == "raises when closed twice" and self._closed:
            raise RuntimeError("I am closed already")
        self._closed = True
        link, self._link = self._link, None
        if link is None:
            return
        if self._fault == "acknowledges in close":
            for payload in list(link.unsettled):
                link.settle(payload, done=True)
        link.end()


class NastySourceFactory(SourceFactory):
    name: ClassVar[str] = "nasty"
    doc: ClassVar[str] = "reads the queue of a place inside this process"
    kind: ClassVar[SourceKind] = "acking"
    options: ClassVar[type[PlaceOptions]] = PlaceOptions
    formats: ClassVar[Sequence[str]] = ("*",)

    def create(self, options: PlaceOptions, context: ConnectorContext) -> Source:
        if options.fault == "connects when made":
            place(options.place).connect(options.password.reveal()).end()
        return NastySource(options)


class SilentFactory(NastySourceFactory):
    """Says nothing of itself."""

    doc: ClassVar[str] = ""


class TapeSource(Source):
    """Reads all messages of a place by their number, and leaves them there."""

    def __init__(self, options: PlaceOptions) -> None:
        self._fault = options.fault
        self._place = place(options.place)
        self._link: Link | None = None
        self._next = 0

    async def open(self, positions: Positions | None) -> None:
        self._link = self._place.connect("open sesame")
        known = positions is not None and self._fault != "begins anew"
        self._next = positions["tape"] if known and positions is not None else 0

    async def receive(self, limits: ReceiveLimits) -> SourceBatch:
        assert self._link is not None
        while self._next >= len(self._place.waiting):
            await self._link.until_woken()
        payloads: list[bytes] = []
        size = limits.bytes
        for payload in list(self._place.waiting)[self._next :][: limits.messages]:
            size -= len(payload)
            if payloads and size < 0:
                break
            payloads.append(payload)
        self._next += len(payloads)
        return SourceBatch(payloads, positions={"tape": self._next})

    async def close(self) -> None:
        if self._link is not None:
            self._link.end()


class TapeFactory(NastySourceFactory):
    doc: ClassVar[str] = "reads the messages of a place, again and again"
    kind: ClassVar[SourceKind] = "replayable"
    metadata: ClassVar[dict[str, DataType]] = {}

    def create(self, options: Any, context: ConnectorContext) -> Source:
        return TapeSource(options)
