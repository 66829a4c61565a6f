"""The ``memory`` connector: payloads through named channels inside the process."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from eventflux.builtin.channels import Channel, Message, channel
from eventflux.builtin.options import MemorySinkOptions, MemorySourceOptions
from eventflux.spi import (
    EndOfStream,
    Positions,
    ReceiveLimits,
    Refusal,
    Sink,
    SinkBatch,
    Source,
    SourceBatch,
)


class MemorySource(Source):
    """Reads a channel; what is not settled goes back to its front when the source closes."""

    def __init__(self, options: MemorySourceOptions, metadata: Sequence[str] = ()) -> None:
        self._name = options.channel
        self._metadata = metadata
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
        plain = list(map(bytes, payloads))  # of a Message without its METADATA
        if not self._metadata:
            return SourceBatch(plain, token)
        known = [p.metadata if isinstance(p, Message) else {} for p in payloads]
        metadata = {name: [one.get(name) for one in known] for name in self._metadata}
        return SourceBatch(plain, token, metadata)

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
        payloads = batch.payloads
        if batch.metadata is not None:
            names = tuple(batch.metadata)
            payloads = [
                Message(payload, dict(zip(names, values, strict=True)))
                for payload, *values in zip(payloads, *batch.metadata.values(), strict=True)
            ]
        if self._capacity is None:
            target.put(payloads)
            return ()
        async with self._order:
            for payload in payloads:
                await target.room(self._capacity)
                target.put([payload])
        return ()

    async def close(self) -> None:
        """Nothing is open."""
