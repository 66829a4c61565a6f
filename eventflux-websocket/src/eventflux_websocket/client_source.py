"""Receives the messages that a server sends."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from eventflux.spi import (
    ConnectorContext,
    Disconnected,
    EndOfStream,
    Positions,
    ReceiveLimits,
    Source,
    SourceBatch,
)
from eventflux_websocket.connecting import Opener
from eventflux_websocket.inbox import Arrival, Inbox
from eventflux_websocket.metadata import metadata_of
from eventflux_websocket.options import SourceOptions
from eventflux_websocket.wire import Wire


class ClientSource(Source):
    """One running source: one connection, whose messages wait in a bounded inbox.

    At most once: a message counts as done when it has been received. While the inbox is full,
    nothing is read from the network, so that the server has to wait.
    """

    def __init__(self, options: SourceOptions, context: ConnectorContext) -> None:
        self._options = options
        self._opener = Opener(options, options.idle_timeout)
        self.peer = self._opener.peer
        self._now_ms = context.clock.now_ms
        self._names = context.metadata
        self._wire: Wire | None = None
        self._inbox = self._empty_inbox()
        self._discarded = 0
        self._stopped = False
        self._waiter: asyncio.Future[None] | None = None

    def _empty_inbox(self) -> Inbox:
        options = self._options
        return Inbox(options.queue_messages, options.queue_bytes, self._pause)

    def _pause(self, paused: bool) -> None:
        if self._wire is not None:
            self._wire.pause_reading(paused)

    async def open(self, positions: Positions | None) -> None:
        self._stopped = False
        self._inbox = self._empty_inbox()
        self._wire = await self._opener.open(self._take_in, self._wake)
        if self._inbox.paused:
            self._pause(True)

    def _take_in(self, payloads: list[bytes], texts: list[bool]) -> None:
        self._inbox.put(payloads, texts, Arrival(self._now_ms()))
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    @property
    def condition(self) -> str | None:
        if self._inbox.paused:
            return "the server has to wait: as many messages as may wait to be processed are there"
        return None

    def counters(self) -> Mapping[str, int]:
        return {"messages_discarded": self._discarded}

    def gauges(self) -> Mapping[str, int]:
        return {"messages_waiting": len(self._inbox), "bytes_waiting": self._inbox.bytes}

    async def receive(self, limits: ReceiveLimits) -> SourceBatch:
        while self._stopped or not self._inbox:
            self._check()
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        taken = self._inbox.take(limits.messages, limits.bytes)
        return SourceBatch(taken.payloads, metadata=metadata_of(taken, self._names))

    def _check(self) -> None:
        """Raise why nothing more comes, if so it is."""
        if self._stopped:
            raise EndOfStream
        wire = self._wire
        if wire is None:
            raise Disconnected(f"the connection to {self.peer} is not open")
        if wire.ended is not None:
            if wire.closed_in_order and not self._options.reconnect:
                raise EndOfStream
            raise wire.ended

    async def stop(self) -> None:
        self._stopped = True
        self._wake()

    async def close(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            await wire.close()
        self._discarded += self._inbox.discard()
        self._wake()
