"""The factories: one for sources and one for sinks, each of a client or of a server.

They import no client library; the modules that do are loaded when something is created.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from eventflux.base.errors import OptionError
from eventflux.spi import (
    ConnectorContext,
    Sink,
    SinkFactory,
    Source,
    SourceFactory,
    SourceKind,
)
from eventflux_websocket.connection_options import ConnectionOptions
from eventflux_websocket.options import SinkOptions, SourceOptions

FORMATS = ("json", "csv", "text", "bytes")


class WebSocketSourceFactory(SourceFactory):
    """Receives messages; at most once: what is sent while nobody is connected is gone."""

    name: ClassVar[str] = "websocket"
    doc: ClassVar[str] = "receives the messages of a WebSocket server, or of its own clients"
    kind: ClassVar[SourceKind] = "live"
    options: ClassVar[type[SourceOptions]] = SourceOptions
    formats: ClassVar[Sequence[str]] = FORMATS

    def check_options(self, options: SourceOptions, context: ConnectorContext) -> None:
        _refuse(options)

    def notes(self, options: SourceOptions) -> Sequence[str]:
        return (
            "at most once: WebSocket has no acknowledgements and can't replay; what is sent while "
            "there is no connection, and what is under way when one is lost or the app stops, is "
            "gone",
        )

    def create(self, options: SourceOptions, context: ConnectorContext) -> Source:
        raise _not_there(options)


class WebSocketSinkFactory(SinkFactory):
    """Sends messages; at most once: nobody confirms that they came."""

    name: ClassVar[str] = "websocket"
    doc: ClassVar[str] = "sends messages to a WebSocket server, or to its own clients"
    options: ClassVar[type[SinkOptions]] = SinkOptions
    formats: ClassVar[Sequence[str]] = FORMATS
    confirms: ClassVar[bool] = False

    def check_options(self, options: SinkOptions, context: ConnectorContext) -> None:
        _refuse(options)

    def notes(self, options: SinkOptions) -> Sequence[str]:
        return (
            "no confirmation: a message counts as done when it has been handed to the network; of "
            "a connection that is lost the last ones may not have come, or may come twice",
        )

    def create(self, options: SinkOptions, context: ConnectorContext) -> Sink:
        raise _not_there(options)


def _refuse(options: ConnectionOptions) -> None:
    raise _not_there(options)


def _not_there(options: ConnectionOptions) -> OptionError:
    return OptionError(
        f"'websocket.mode' = '{options.mode}' can't be used yet", "it is being built"
    )
