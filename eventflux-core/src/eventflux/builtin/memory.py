"""The ``memory`` connector: payloads through named channels inside the process."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from eventflux.builtin.channels import Channel, channel
from eventflux.spi import (
    ConnectorContext,
    EndOfStream,
    Options,
    Positions,
    ReceiveLimits,
    Refusal,
    Sink,
    SinkBatch,
    SinkFactory,
    Source,
    SourceBatch,
    SourceFactory,
    SourceKind,
    option,
)


class MemorySourceOptions(Options, prefix="memory"):
    channel: str = option(doc="the name of the channel to read")


class MemorySinkOptions(Options, prefix="memory"):
    channel: str = option(doc="the name of the channel to write")
    capacity: int | None = option(
        None, doc="wait while the channel holds so many payloads; without one it never waits", low=1
    )


class MemorySource(Source):
    """Reads a channel; what is not settled goes back to its front when the source closes."""

    def __init__(self, options: MemorySourceOptions) -> None:
        self._name = options.channel
        self._channel: Channel | None = None
        self._unsettled: dict[int, list[bytes]] = {}
        self._next_token = 0

    async def open(self, positions: Positions | None) -> None:
        self._channel = channel(self._name)

    async def receive(self, limits: ReceiveLimits) -> SourceBatch:
        if self._channel is None:
            raise EndOfStream
        payloads = await self._channel.receive(limits.messages, limits.bytes)
        if not payloads:
            raise EndOfStream
        token = self._next_token
        self._next_token += 1
        self._unsettled[token] = payloads
        return SourceBatch(payloads, token)

    def settle(self, token: int, rejected: Sequence[int] = (), *, requeue: bool = False) -> None:
        payloads = self._unsettled.pop(token, None)
        if payloads is not None and requeue and self._channel is not None:
            self._channel.put_back([payloads[index] for index in sorted(rejected)])

    async def close(self) -> None:
        if self._channel is None:
            return
        given_back = [p for _, payloads in sorted(self._unsettled.items()) for p in payloads]
        self._unsettled.clear()
        self._channel.put_back(given_back)
        self._channel = None


class MemorySourceFactory(SourceFactory):
    """At-least-once as long as the process lives; the channels die with it."""

    name: ClassVar[str] = "memory"
    doc: ClassVar[str] = "reads a channel of payloads inside this process"
    kind: ClassVar[SourceKind] = "acking"
    options: ClassVar[type[MemorySourceOptions]] = MemorySourceOptions
    formats: ClassVar[Sequence[str]] = ("*",)

    def create(self, options: MemorySourceOptions, context: ConnectorContext) -> Source:
        return MemorySource(options)


class MemorySink(Sink):
    def __init__(self, options: MemorySinkOptions) -> None:
        self._name = options.channel
        self._capacity = options.capacity
        self._order = asyncio.Lock()

    async def open(self) -> None:
        """Channels exist when they are named."""

    async def send(self, batch: SinkBatch) -> Sequence[Refusal]:
        target = channel(self._name)
        if target.ended:
            reason = f"channel {self._name!r} was ended"
            return [Refusal(i, reason, transient=False) for i in range(len(batch.payloads))]
        if self._capacity is None:
            target.put(batch.payloads)
            return ()
        async with self._order:
            for payload in batch.payloads:
                await target.room(self._capacity)
                target.put([payload])
        return ()

    async def close(self) -> None:
        """Nothing is open."""


class MemorySinkFactory(SinkFactory):
    """A sent payload is in its channel; the channels die with the process."""

    name: ClassVar[str] = "memory"
    doc: ClassVar[str] = "writes to a channel of payloads inside this process"
    options: ClassVar[type[MemorySinkOptions]] = MemorySinkOptions
    formats: ClassVar[Sequence[str]] = ("*",)

    def create(self, options: MemorySinkOptions, context: ConnectorContext) -> Sink:
        return MemorySink(options)
