"""Sends messages to a server."""

from __future__ import annotations

from collections.abc import Sequence

from eventflux.spi import ConnectorContext, Disconnected, Refusal, Sink, SinkBatch
from eventflux_websocket.connecting import Opener
from eventflux_websocket.framing import BINARY, TEXT
from eventflux_websocket.options import SinkOptions
from eventflux_websocket.texts import only_texts
from eventflux_websocket.wire import Wire


class ClientSink(Sink):
    """One running sink: one connection, on which a batch leaves in one go.

    ``send`` returns when the network has taken all of it; nobody tells whether it has come. After
    a lost connection a batch under way is sent again: the server may have some of it twice. What
    the server sends is not looked at.
    """

    def __init__(self, options: SinkOptions, context: ConnectorContext) -> None:
        self._opener = Opener(options)
        self.peer = self._opener.peer
        self._kind = TEXT if options.message_type == "text" else BINARY
        self._wire: Wire | None = None

    @property
    def condition(self) -> str | None:
        wire = self._wire
        if wire is None or wire.ended is None:
            return None
        return f"{wire.ended.reason}; connects again with the next message"

    async def open(self) -> None:
        self._wire = await self._opener.open(_nothing_taken, _nothing_done)

    async def send(self, batch: SinkBatch) -> Sequence[Refusal]:
        wire = self._wire
        if wire is None:
            raise Disconnected(f"the connection to {self.peer} is not open")
        payloads, refused = batch.payloads, list[Refusal]()
        if self._kind == TEXT:
            payloads, refused = only_texts(payloads)
        wire.send(payloads, self._kind)
        await wire.drained()
        return refused

    async def close(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            await wire.close()


def _nothing_taken(payloads: list[bytes], texts: list[bool]) -> None:
    """What a server tells a sink is not looked at."""


def _nothing_done() -> None:
    """The next send tells of the end."""
