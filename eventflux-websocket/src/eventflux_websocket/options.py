"""The options of sources and sinks: of a client and of a server, of which a stream is one."""

from __future__ import annotations

from collections.abc import Iterator

from eventflux.base.errors import OptionError
from eventflux.spi import Bytes, Duration, Options, option, rule
from eventflux_websocket.client_options import ClientSinkOptions, ClientSourceOptions
from eventflux_websocket.connection_options import ConnectionOptions, MessageType
from eventflux_websocket.server_options import ServerSinkOptions, ServerSourceOptions


class SourceOptions(ClientSourceOptions, ServerSourceOptions, prefix="websocket"):
    """Options of a WebSocket source."""

    queue_messages: int = option(
        1024,
        doc="how many messages may wait to be processed; with more, nothing is read from the "
        "network until some are",
        low=1,
    )
    queue_bytes: Bytes = option("4 MiB", doc="how many bytes of messages may wait so", low=1)
    idle_timeout: Duration = option(
        "0",
        doc="a connection on which no message comes for so long is closed, and a client opens "
        "another; 0 is never",
    )

    @rule
    def _mode_fits(self) -> Iterator[OptionError]:
        return _of_other_mode(self, ClientSourceOptions, ServerSourceOptions)


class SinkOptions(ClientSinkOptions, ServerSinkOptions, prefix="websocket"):
    """Options of a WebSocket sink."""

    message_type: MessageType = option("text", doc="the type of messages; text must be UTF-8")

    @rule
    def _mode_fits(self) -> Iterator[OptionError]:
        return _of_other_mode(self, ClientSinkOptions, ServerSinkOptions)


def _of_other_mode(
    options: ConnectionOptions, client: type[Options], server: type[Options]
) -> Iterator[OptionError]:
    """Refuse each option that is given and is of the other mode alone."""
    own, other, word = (
        (client, server, "server") if options.mode == "client" else (server, client, "client")
    )
    shared = {spec.attribute for spec in own.specs()}
    foreign = [spec for spec in other.specs() if spec.attribute not in shared]
    for name in options.given():
        if any(spec.covers(name) for spec in foreign):
            yield OptionError(
                f"option '{name}' is for 'websocket.mode' = '{word}', and this is a {options.mode}",
                f"leave it out, or set \"websocket.mode\" = '{word}'",
            )
