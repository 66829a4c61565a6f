"""Receives the messages that its own clients send."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from urllib.parse import SplitResult

from websockets.http11 import Request

from eventflux.spi import (
    ConnectorContext,
    Disconnected,
    EndOfStream,
    Positions,
    ReceiveLimits,
    Source,
    SourceBatch,
)
from eventflux_websocket.addresses import Host
from eventflux_websocket.entrance import Entrance, sender_of
from eventflux_websocket.inbox import Arrival, Inbox, Sender
from eventflux_websocket.listener import Listener, leave, listen
from eventflux_websocket.metadata import metadata_of
from eventflux_websocket.options import SourceOptions
from eventflux_websocket.server_line import ServerLine, Welcome

_log = logging.getLogger("eventflux.websocket")


class ServerSource(Source):
    """One running source: clients push messages, which wait in one bounded inbox.

    At most once: a message counts as done when it has been received. While the inbox is full,
    nothing is read from any client, so that they have to wait.
    """

    def __init__(self, options: SourceOptions, context: ConnectorContext) -> None:
        self._options = options
        self._stream = context.stream
        self._now_ms = context.clock.now_ms
        self._names = context.metadata
        self._entrance = Entrance(
            options, context.stream, self._welcome, idle=int(options.idle_timeout)
        )
        self._listener: Listener | None = None
        self._inbox = Inbox(options.queue_messages, options.queue_bytes, self._pause)
        self._discarded = 0
        self._stopped = False
        self._waiter: asyncio.Future[None] | None = None
        self.peer = f"WebSocket clients at {self.url}"

    @property
    def url(self) -> str:
        """Where clients connect to; while it is open with the port that is listened on."""
        options = self._options
        there = self._listener
        return self._entrance.url(
            Host(options.host, options.port or 0) if there is None else there.address
        )

    @property
    def condition(self) -> str | None:
        if self._inbox.paused:
            return "clients have to wait: as many messages as may wait to be processed are there"
        return None

    async def open(self, positions: Positions | None) -> None:
        self._stopped = False
        self._listener = await listen(self._entrance)
        self.peer = f"WebSocket clients at {self.url}"
        _log.info("stream '%s' takes messages at %s", self._stream, self.url)

    def _welcome(self, line: ServerLine, target: SplitResult, request: Request) -> Welcome:
        sender = sender_of(line, target, request) if self._names else None
        if self._inbox.paused:
            line.pause_reading(True)

        def deliver(payloads: list[bytes], texts: list[bool]) -> None:
            self._take_in(payloads, texts, sender)

        return Welcome(deliver, _nothing_done)

    def _take_in(self, payloads: list[bytes], texts: list[bool], sender: Sender | None) -> None:
        self._inbox.put(payloads, texts, Arrival(self._now_ms(), sender))
        self._wake()

    def _pause(self, paused: bool) -> None:
        for line in self._entrance.clients:
            line.pause_reading(paused)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def receive(self, limits: ReceiveLimits) -> SourceBatch:
        while not self._inbox:
            if self._stopped:
                raise EndOfStream
            if self._listener is None:
                raise Disconnected("the source is not open")
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        taken = self._inbox.take(limits.messages, limits.bytes)
        return SourceBatch(taken.payloads, metadata=metadata_of(taken, self._names))

    def counters(self) -> Mapping[str, int]:
        return {
            "clients_accepted": self._entrance.accepted,
            "clients_refused": self._entrance.refused,
            "messages_discarded": self._discarded,
        }

    def gauges(self) -> Mapping[str, int]:
        return {"clients": len(self._entrance.clients), "messages_waiting": len(self._inbox)}

    async def stop(self) -> None:
        """Send the clients away: what they would send now would go nowhere."""
        self._stopped = True
        listener, self._listener = self._listener, None
        if listener is not None:
            leave(listener, self._entrance)
        self._entrance.send_away()
        self._wake()

    async def close(self) -> None:
        await self.stop()
        await self._entrance.all_gone()
        self._discarded += self._inbox.discard()


def _nothing_done() -> None:
    """A client that goes leaves nothing behind."""
