"""Sends messages to all of its own clients."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from urllib.parse import SplitResult

from websockets.http11 import Request

from eventflux.spi import ConnectorContext, Disconnected, Refusal, Sink, SinkBatch
from eventflux_websocket.addresses import Host
from eventflux_websocket.audience import Audience
from eventflux_websocket.entrance import Entrance
from eventflux_websocket.framing import BINARY, TEXT
from eventflux_websocket.listener import Listener, leave, listen
from eventflux_websocket.options import SinkOptions
from eventflux_websocket.server_line import ServerLine, Welcome
from eventflux_websocket.texts import only_texts

_log = logging.getLogger("eventflux.websocket")
FLUSH_TIMEOUT = 0.8
"""Seconds that clients have at the end to read what waits for them."""


class ServerSink(Sink):
    """One running sink: each message goes to every client that is connected then.

    At most once: ``send`` returns when the messages are with the network or wait for a client;
    nobody tells whether they have come. What clients send is not looked at.
    """

    def __init__(self, options: SinkOptions, context: ConnectorContext) -> None:
        self._options = options
        self._stream = context.stream
        self._kind = TEXT if options.message_type == "text" else BINARY
        self._entrance = Entrance(options, context.stream, self._welcome, once=True)
        self._audience = Audience(
            self._kind,
            options.slow_clients,
            options.queue_messages,
            int(options.queue_bytes),
            options.recent_messages,
        )
        self._in_order = asyncio.Lock()
        self._listener: Listener | None = None
        self.peer = f"WebSocket clients at {self.url}"

    @property
    def url(self) -> str:
        """Where clients connect to; while it is open with the port that is listened on."""
        options, there = self._options, self._listener
        return self._entrance.url(
            Host(options.host, options.port or 0) if there is None else there.address
        )

    @property
    def condition(self) -> str | None:
        audience, least = self._audience, self._options.clients_min
        if len(audience) < least:
            return f"waits for clients: {len(audience)} of websocket.clients.min = {least} are here"
        if audience.behind:
            return f"all wait for slow clients: {audience.behind} of {len(audience)}"
        return None

    async def open(self) -> None:
        self._listener = await listen(self._entrance)
        self.peer = f"WebSocket clients at {self.url}"
        _log.info("stream '%s' shows its messages at %s", self._stream, self.url)

    def _welcome(self, line: ServerLine, target: SplitResult, request: Request) -> Welcome:
        self._audience.join(line)
        return Welcome(_nothing_taken, lambda: self._audience.leave(line))

    async def send(self, batch: SinkBatch) -> Sequence[Refusal]:
        audience = self._audience
        if self._listener is None:
            raise Disconnected("the sink is not open")
        payloads, refused = batch.payloads, list[Refusal]()
        if self._kind == TEXT:
            payloads, refused = only_texts(payloads)
        if self._options.clients_min:
            async with self._in_order:  # several sends may wait here, and leave as they came
                await audience.until(lambda: len(audience) >= self._options.clients_min)
        if audience.send(payloads):
            # who reads in time must get the time for it, however many messages are to come
            await asyncio.sleep(0)
        if audience.behind:
            await audience.until(lambda: not audience.behind)
        return refused

    def counters(self) -> Mapping[str, int]:
        audience, entrance = self._audience, self._entrance
        return {
            "clients_accepted": entrance.accepted,
            "clients_refused": entrance.refused,
            "clients_too_slow": audience.disconnected,
            "messages_unheard": audience.unheard,
            "messages_dropped": audience.dropped,
        }

    def gauges(self) -> Mapping[str, int]:
        audience = self._audience
        return {"clients": len(audience), "messages_waiting": audience.waiting}

    async def close(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            leave(listener, self._entrance)
        audience = self._audience
        try:
            async with asyncio.timeout(FLUSH_TIMEOUT):
                await audience.until(lambda: not audience.waiting)
        except TimeoutError:
            _log.info("stream '%s': %d clients have not read all", self._stream, len(audience))
        self._entrance.send_away()
        await self._entrance.all_gone()


def _nothing_taken(payloads: list[bytes], texts: list[bool]) -> None:
    """What clients tell a sink is not looked at."""
