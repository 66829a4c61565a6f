"""Publishes to an exchange."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from eventflux.spi import ConnectorContext, Disconnected, Refusal, Sink, SinkBatch
from eventflux_rabbitmq import sharing
from eventflux_rabbitmq.address import Addresses
from eventflux_rabbitmq.connection import BrokerConnection
from eventflux_rabbitmq.link import Link
from eventflux_rabbitmq.options import SinkOptions
from eventflux_rabbitmq.outgoing import Messages
from eventflux_rabbitmq.plain import PlainPublisher
from eventflux_rabbitmq.publisher import Sender, TappedPublisher
from eventflux_rabbitmq.stamps import Stamper
from eventflux_rabbitmq.topology import ensure_sink


class RabbitSink(Sink):
    """One running sink: a confirm channel of its own, on a connection that sinks share.

    A batch is sent when the broker has confirmed each of its messages, so that none is
    lost; after a lost connection what was not confirmed is sent again by the runtime, and
    the broker may have some of it twice: at most what was in flight.
    """

    def __init__(self, options: SinkOptions, context: ConnectorContext) -> None:
        self._options = options
        self._addresses = Addresses(options)
        self.peer = self._addresses.peer
        shared = options.connection_shared
        self._name = f"eventflux {context.app}: " + (
            "sinks" if shared else f"sink {context.stream}"
        )
        # never with a source: a publishing connection may be blocked, and its acknowledgements too
        place = None if shared else object()
        self._key = (self._name, *self._addresses.all, options.fast, place)
        self._stamper = Stamper(options, context)
        self.wants_rows = self._stamper.wants_rows
        self._connection: BrokerConnection | None = None
        self._link: Link | None = None
        self._sender: Sender | None = None

    async def open(self) -> None:
        connection = await sharing.acquire(self._key, self._connect)
        self._connection = connection
        try:
            await ensure_sink(connection.open_channel, self._options, connection.address)
            link = self._link = await Link.open(connection, confirms=True)
        except BaseException:
            await self.close()
            raise
        kind = PlainPublisher if link.protocol is None else TappedPublisher
        self._sender = kind(link, self._options)
        link.on_change = self._sender.wake

    async def _connect(self) -> BrokerConnection:
        address = self._addresses.next()
        return await BrokerConnection.open(address, name=self._name, fast=self._options.fast)

    async def send(self, batch: SinkBatch) -> Sequence[Refusal]:
        if self._sender is None:
            raise Disconnected(f"the sink of exchange '{self._options.exchange}' is not open")
        if not self._stamper.needed:
            return await self._sender.send(Messages(batch.payloads, batch.message_ids))
        stamped = self._stamper.stamp(batch)
        refused = await self._sender.send(stamped.messages)
        places = stamped.places
        return [*stamped.refused, *(replace(r, index=places[r.index]) for r in refused)]

    @property
    def fast(self) -> bool:
        """Whether messages go past the client library."""
        return self._link is not None and self._link.protocol is not None

    @property
    def condition(self) -> str | None:
        connection = self._connection
        blocked = None if connection is None else connection.blocked
        return None if blocked is None else f"blocked by RabbitMQ: {blocked}"

    async def close(self) -> None:
        connection, link = self._connection, self._link
        self._connection = self._link = self._sender = None
        if link is not None:
            await link.close()
        if connection is not None:
            await sharing.release(self._key, connection)
