"""Consumes a queue."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eventflux.spi import (
    ConnectorContext,
    Disconnected,
    EndOfStream,
    Positions,
    ReceiveLimits,
    Source,
    SourceBatch,
)
from eventflux_rabbitmq.address import Addresses
from eventflux_rabbitmq.connection import BrokerConnection
from eventflux_rabbitmq.envelope import MetadataReader, deliveries_of
from eventflux_rabbitmq.inbox import Handout
from eventflux_rabbitmq.lane import Lane
from eventflux_rabbitmq.link import Link
from eventflux_rabbitmq.options import SourceOptions
from eventflux_rabbitmq.topology import ensure_source


@dataclass(frozen=True, slots=True)
class _Token:
    lane: Lane
    handout: Handout


class RabbitSource(Source):
    """One running source: a connection of its own, with a channel for each consumer.

    Messages are acknowledged once a turn of the event loop, all up to the first batch that
    is not settled. A crash or a lost connection lets the broker deliver again what was not
    acknowledged: duplicates are possible, loss is not, unless ``rabbitmq.auto.ack`` is set.
    A batch is of one consumer, and the order is that of the queue only with one of them.
    """

    def __init__(self, options: SourceOptions, context: ConnectorContext) -> None:
        self._options = options
        self._prefetch = options.prefetched(checkpointed=context.checkpointed)
        self._addresses = Addresses(options)
        self.peer = self._addresses.peer
        self._name = f"eventflux {context.app}: source {context.stream}"
        names = context.metadata
        self._metadata = MetadataReader(names, options.queue) if names else None
        self._connection: BrokerConnection | None = None
        self._lanes: list[Lane] = []
        self._stopped = False
        self._waiter: asyncio.Future[None] | None = None
        self.stale_settlements = 0
        """How many batches were settled when their connection was gone already."""

    async def open(self, positions: Positions | None) -> None:
        options = self._options
        address = self._addresses.next()
        connection = await BrokerConnection.open(address, name=self._name, fast=options.fast)
        self._connection = connection
        self._stopped = False
        tag = options.consumer_tag or f"eventflux-{uuid.uuid4()}"
        try:
            await ensure_source(connection.open_channel, options, address)
            for number in range(1, options.consumers + 1):
                link = await Link.open(connection, confirms=False)
                own_tag = tag if options.consumers == 1 else f"{tag}-{number}"
                note_all = self._metadata is not None
                self._lanes.append(Lane(link, options, own_tag, self._wake, note_all=note_all))
            for lane in self._lanes:
                await lane.start(self._prefetch)
        except BaseException:
            await self.close()
            raise

    @property
    def condition(self) -> str | None:
        limit = self._prefetch
        lanes = self._lanes
        if lanes and all(not ln.inbox.bodies and ln.ledger.unsettled >= limit for ln in lanes):
            return (
                f"all {limit * len(lanes)} messages that rabbitmq.prefetch allows wait for their "
                "results to be safe"
            )
        return None

    @property
    def fast(self) -> bool:
        """Whether messages come past the client library."""
        return any(lane.link.protocol is not None for lane in self._lanes)

    @property
    def waiting_messages(self) -> int:
        """Messages that have arrived and wait to be received."""
        return sum(len(lane.inbox.bodies) for lane in self._lanes)

    @property
    def waiting_bytes(self) -> int:
        """Their size, with something for each."""
        return sum(lane.inbox.bytes for lane in self._lanes)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def receive(self, limits: ReceiveLimits) -> SourceBatch:
        if not self._lanes:
            raise Disconnected(f"the source of queue '{self._options.queue}' is not open")
        while (lane := self._next_lane()) is None:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        handout, bodies, notes = lane.take(limits.messages, limits.bytes)
        batch = SourceBatch(bodies)
        if self._metadata is not None and notes is not None:
            batch.metadata = self._metadata.read(notes)
        if not self._options.auto_ack:
            batch.token = _Token(lane, handout)
            batch.deliveries = deliveries_of(notes, self._options.queue)
        return batch

    def _next_lane(self) -> Lane | None:
        """The next consumer with messages, in turn; raises at the end of the connection."""
        lanes = self._lanes
        for lane in lanes:
            lane.link.check()
        if self._stopped:
            raise EndOfStream
        for lane in lanes:
            if lane.inbox.bodies:
                if len(lanes) > 1:
                    lanes.remove(lane)
                    lanes.append(lane)
                return lane
        return None

    def settle(self, token: Any, rejected: Sequence[int] = (), *, requeue: bool = False) -> None:
        if token is None:
            return  # rabbitmq.auto.ack: the broker has forgotten the messages
        if token.lane.link.ended is not None:
            self.stale_settlements += 1
            return
        token.lane.settle(token.handout, rejected, requeue=requeue)

    async def stop(self) -> None:
        self._stopped = True
        await asyncio.gather(*(lane.stop() for lane in self._lanes))
        self._wake()

    async def close(self) -> None:
        connection, lanes = self._connection, self._lanes
        self._connection, self._lanes = None, []
        await asyncio.gather(*(lane.close() for lane in lanes))
        if connection is not None:
            await connection.close()
        self._wake()
