"""A sink that keeps the contract, unless it is asked to break a rule."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from eventflux.spi import ConnectorContext, Disconnected, Refusal, Sink, SinkBatch, SinkFactory
from eventflux_nasty.options import PlaceOptions
from eventflux_nasty.place import Link, place


class NastySink(Sink):
    """Writes to the mailbox of a place."""

    def __init__(self, options: PlaceOptions) -> None:
        self._options = options
        self._fault = options.fault
        self._link: Link | None = None
        self._sends = 0

    async def open(self) -> None:
        self._link = place(self._options.place).connect(self._options.password.reveal())

    async def send(self, batch: SinkBatch) -> Sequence[Refusal]:
        payloads = list(batch.payloads)
        if self._fault == "chokes on nothing":
            payloads[0]
        self._sends += 1
        if self._fault == "overtakes" and self._sends % 2:
            await asyncio.sleep(0)
        link = self._link
        if link is None or not link.alive:
            if self._fault == "sends into the void":
                return ()
            raise Disconnected("the place has hung up")
        if self._fault == "swaps":
            payloads.reverse()
        if self._fault == "confirms early":
            asyncio.get_running_loop().call_later(0.05, link.place.arrived.extend, payloads)
            return ()
        refused: list[Refusal] = []
        for index, payload in enumerate(payloads):
            if link.place.refusals:
                transient = link.place.refusals.popleft()
                refused.append(Refusal(index, "the mailbox does not take it", transient))
            else:
                link.place.arrived.append(payload)
        return () if self._fault == "hides refusals" else refused

    async def close(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.end()


class NastySinkFactory(SinkFactory):
    name: ClassVar[str] = "nasty"
    doc: ClassVar[str] = "writes to the mailbox of a place inside this process"
    options: ClassVar[type[PlaceOptions]] = PlaceOptions
    formats: ClassVar[Sequence[str]] = ("*",)

    def create(self, options: PlaceOptions, context: ConnectorContext) -> Sink:
        return NastySink(options)
