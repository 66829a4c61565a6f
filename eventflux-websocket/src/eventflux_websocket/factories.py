"""The factories: one for sources and one for sinks, each of a client or of a server.

They import no client library; the modules that do are loaded when something is created.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
from eventflux_websocket.metadata import CLIENT_METADATA, SOURCE_METADATA
from eventflux_websocket.options import SinkOptions, SourceOptions
from eventflux_websocket.server_options import ServerOptions

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
        if options.mode == "server":
            return
        for name in context.metadata:
            if name not in CLIENT_METADATA:
                raise OptionError(
                    f"METADATA '{name}' is of the clients of a server, and this is a client",
                    "a client reads " + " and ".join(CLIENT_METADATA),
                )

    def notes(self, options: SourceOptions) -> Sequence[str]:
        if options.mode == "server":
            return (
                "at most once: WebSocket has no acknowledgements and can't replay; what clients "
                "send while the app does not run, and what waits to be processed when it stops, is "
                "gone",
                *_exposure(options),
            )
        return (
            "at most once: WebSocket has no acknowledgements and can't replay; what is sent while "
            "there is no connection, and what is under way when one is lost or the app stops, is "
            "gone",
        )

    def reconnection(self, options: SourceOptions) -> Reconnection | None:
        return _reconnection(options)

    def create(self, options: SourceOptions, context: ConnectorContext) -> Source:
        if options.mode == "server":
            from eventflux_websocket.server_source import ServerSource

            return ServerSource(options, context)
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

    def notes(self, options: SinkOptions) -> Sequence[str]:
        if options.mode == "server":
            return (
                "no confirmation: a message counts as done when it has been handed to the network, "
                "or waits, for each client that is connected; who comes later does not get it "
                "(but for websocket.recent.messages)",
                _SLOW[options.slow_clients],
                *_exposure(options),
            )
        return (
            "no confirmation: a message counts as done when it has been handed to the network; of "
            "a connection that is lost the last ones may not have come, or may come twice",
        )

    def reconnection(self, options: SinkOptions) -> Reconnection | None:
        return _reconnection(options)

    def create(self, options: SinkOptions, context: ConnectorContext) -> Sink:
        if options.mode == "server":
            from eventflux_websocket.server_sink import ServerSink

            return ServerSink(options, context)
        from eventflux_websocket.client_sink import ClientSink

        return ClientSink(options, context)


_SLOW = {
    "disconnect": "a client that falls behind is disconnected (websocket.slow.clients)",
    "drop-oldest": "a client that falls behind loses messages (websocket.slow.clients)",
    "wait": "a client that falls behind slows the whole app (websocket.slow.clients)",
}


def _exposure(options: ServerOptions) -> Iterator[str]:
    """Who can come in that may not be meant to."""
    everywhere = options.host not in ("127.0.0.1", "::1", "localhost")
    if not options.guarded and everywhere:
        yield (
            f"whoever reaches port {options.port} may connect: websocket.token, or "
            "websocket.username and websocket.password, keep others out"
        )
    if not options.guarded and options.origins is None:
        yield "web pages of any site may connect from a browser here (websocket.origins)"
    if options.guarded and everywhere and options.ssl_certificate is None:
        yield "credentials come over the network in plain text (websocket.ssl.certificate)"


def _reconnection(options: ClientOptions) -> Reconnection | None:
    if options.mode == "server":
        return None
    delay, longest = options.reconnect_delay / 1000, options.reconnect_max_delay / 1000
    if not options.reconnect:
        return Reconnection(delay, longest, 0, "websocket.reconnect")
    attempts = options.reconnect_max_attempts
    return Reconnection(delay, longest, attempts, "websocket.reconnect.max.attempts")
