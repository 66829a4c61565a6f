"""The factories: one for sources and one for sinks, each of a client or of a server.

They import no client library; the modules that do are loaded when something is created.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from eventflux.base.errors import OptionError
from eventflux.base.types import DataType
from eventflux.spi import (
    ConnectorContext,
    Reconnection,
    Sink,
    SinkFactory,
    Source,
    SourceFactory,
    SourceKind,
)
from eventflux_websocket.client_options import ClientOptions
from eventflux_websocket.connection_options import ConnectionOptions
from eventflux_websocket.metadata import SOURCE_METADATA
from eventflux_websocket.options import SinkOptions, SourceOptions

FORMATS = ("json", "csv", "text", "bytes")


class WebSocketSourceFactory(SourceFactory):
    """Receives messages; at most once: what is sent while nobody is connected is gone."""

    name: ClassVar[str] = "websocket"
    doc: ClassVar[str] = (
        "receives messages of a WebSocket server, or of its own clients; at most once: nothing can "
        "be replayed"
    )
    kind: ClassVar[SourceKind] = "live"
    options: ClassVar[type[SourceOptions]] = SourceOptions
    formats: ClassVar[Sequence[str]] = FORMATS
    metadata: ClassVar[Mapping[str, DataType]] = SOURCE_METADATA

    def check_options(self, options: SourceOptions, context: ConnectorContext) -> None:
        _refuse_server(options)

    def notes(self, options: SourceOptions) -> Sequence[str]:
        return (
            "at most once: WebSocket has no acknowledgements and can't replay; what is sent while "
            "there is no connection, and what is under way when one is lost or the app stops, is "
            "gone",
        )

    def reconnection(self, options: SourceOptions) -> Reconnection | None:
        return _reconnection(options)

    def create(self, options: SourceOptions, context: ConnectorContext) -> Source:
        from eventflux_websocket.client_source import ClientSource

        return ClientSource(options, context)


class WebSocketSinkFactory(SinkFactory):
    """Sends messages; at most once: nobody confirms that they came."""

    name: ClassVar[str] = "websocket"
    doc: ClassVar[str] = (
        "sends messages to a WebSocket server, or to its own clients; nobody confirms that "
        "they came"
    )
    options: ClassVar[type[SinkOptions]] = SinkOptions
    formats: ClassVar[Sequence[str]] = FORMATS
    confirms: ClassVar[bool] = False

    def check_options(self, options: SinkOptions, context: ConnectorContext) -> None:
        _refuse_server(options)

    def notes(self, options: SinkOptions) -> Sequence[str]:
        return (
            "no confirmation: a message counts as done when it has been handed to the network; of "
            "a connection that is lost the last ones may not have come, or may come twice",
        )

    def reconnection(self, options: SinkOptions) -> Reconnection | None:
        return _reconnection(options)

    def create(self, options: SinkOptions, context: ConnectorContext) -> Sink:
        from eventflux_websocket.client_sink import ClientSink

        return ClientSink(options, context)


def _refuse_server(options: ConnectionOptions) -> None:
    if options.mode == "server":
        raise OptionError("'websocket.mode' = 'server' can't be used yet", "it is being built")


def _reconnection(options: ClientOptions) -> Reconnection | None:
    if options.mode == "server":
        return None
    delay, longest = options.reconnect_delay / 1000, options.reconnect_max_delay / 1000
    if not options.reconnect:
        return Reconnection(delay, longest, 0, "websocket.reconnect")
    attempts = options.reconnect_max_attempts
    return Reconnection(delay, longest, attempts, "websocket.reconnect.max.attempts")
