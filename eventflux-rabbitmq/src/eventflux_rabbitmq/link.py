"""One channel of a connection, from its opening to its end: an epoch.

Any trouble ends it, for good; the runtime then opens a new one from nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import aiormq
from aiormq.abc import AbstractChannel

from eventflux.spi import Disconnected
from eventflux_rabbitmq.connection import BrokerConnection, warn_of_seam
from eventflux_rabbitmq.errors import channel_fault, from_library, lost_fault
from eventflux_rabbitmq.quiet import our_records, quietly
from eventflux_rabbitmq.tap import SeamMissing, check_seams


class Link:
    """See the module. ``open`` makes one; afterwards :attr:`ended` tells whether it lives."""

    def __init__(self, connection: BrokerConnection, channel: AbstractChannel) -> None:
        self.connection = connection
        self.channel: Any = channel
        self.address = connection.address
        self.protocol = connection.protocol
        """The tap, or ``None`` when documented calls have to do."""
        if self.protocol is not None:
            try:
                check_seams(channel)
            except SeamMissing as error:
                warn_of_seam(error)
                self.protocol = None
        self.ended: Disconnected | None = None
        """Why it ended; ``None`` while it lives."""
        self.on_change: Callable[[], None] | None = None
        """Called at the end, and when the broker blocks or unblocks: to wake whoever waits."""
        self._closing = False
        connection.watchers.add(self._on_connection)
        channel.closing.add_done_callback(self._on_channel_closed)

    @classmethod
    async def open(cls, connection: BrokerConnection, *, confirms: bool) -> Link:
        """Open a channel.

        Args:
            connection: where.
            confirms: whether the channel is to confirm what is published.

        Raises:
            Disconnected: the connection is gone.
        """
        try:
            with our_records():
                return cls(connection, await connection.open_channel(confirms=confirms))
        except Exception as error:
            if not from_library(error):
                raise
            ended = connection.ended
            if ended is not None:
                raise Disconnected(ended.reason, ended.hint) from error
            raise channel_fault(error, connection.address) from error

    def end(self, why: Disconnected) -> None:
        """End it; the first reason stays."""
        if self.ended is None:
            self.ended = why
            self._tell()

    def check(self) -> None:
        """Raise the reason if it has ended."""
        if self.ended is not None:
            raise Disconnected(self.ended.reason, self.ended.hint)

    def check_unless_channel_error(self, error: BaseException) -> None:
        """Raise why the connection ended, unless ``error`` tells more: the channel's own end."""
        if not isinstance(error, aiormq.AMQPChannelError):
            self.check()

    def _tell(self) -> None:
        if self.on_change is not None:
            self.on_change()

    def _on_connection(self) -> None:
        if self.connection.ended is not None:
            self.end(self.connection.ended)
        else:
            self._tell()

    def _on_channel_closed(self, closing: asyncio.Future[Any]) -> None:
        if self._closing:
            return
        error = asyncio.CancelledError() if closing.cancelled() else closing.exception()
        closed = None if self.protocol is None else self.protocol.closed_by_broker
        if closed is not None:
            why = lost_fault(None, self.address, closed, 0.0)
        else:
            why = channel_fault(error, self.address)
        self.end(why)
        if not isinstance(error, aiormq.AMQPChannelError):
            self.connection.end(why)

    async def close(self) -> None:
        """Close the channel: what was written to it has arrived then."""
        self._closing = True
        self.end(Disconnected(f"the connection to RabbitMQ at {self.address} was closed"))
        if self.connection.ended is None and not await quietly(self.channel.close()):
            self.connection.abort()  # who doesn't answer this answers nothing: no second wait
        self.connection.watchers.discard(self._on_connection)
        if self.protocol is not None:
            self.protocol.taps.pop(self.channel.number, None)
