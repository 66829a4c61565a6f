"""What the WebSocket connector brings to EventFlux."""

from __future__ import annotations

from collections.abc import Sequence

from eventflux.spi import SinkFactory, SourceFactory, hookimpl
from eventflux_websocket.factories import WebSocketSinkFactory, WebSocketSourceFactory

eventflux_spi = (1, 0)


@hookimpl
def register_source_factories() -> Sequence[SourceFactory]:
    return [WebSocketSourceFactory()]


@hookimpl
def register_sink_factories() -> Sequence[SinkFactory]:
    return [WebSocketSinkFactory()]
