"""The options of a client: where it connects to, what it says there, when it comes again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from eventflux.base.errors import OptionError
from eventflux.spi import Duration, Secret, family, option, rule
from eventflux_websocket.addresses import parse_proxy, parse_url
from eventflux_websocket.connection_options import ConnectionOptions
from eventflux_websocket.headers import check_header


class ClientOptions(ConnectionOptions, prefix="websocket"):
    """What client sources and client sinks have in common."""

    url: Secret | None = option(
        None, doc="the endpoint of a client: ws://host:port/path, or wss:// with TLS"
    )
    headers: Mapping[str, Secret] = family(
        doc="a header of the request that opens the connection, such as Authorization"
    )
    on_connect: Secret | None = option(
        None, doc='a text message to send after each connect, such as \'{"op":"subscribe"}\''
    )
    on_connect_more: Mapping[str, Secret] = family(
        name="on.connect",
        doc="more of them, sent after it in the order of their names: on.connect.1, on.connect.2",
    )
    heartbeat_message: Secret | None = option(
        None,
        doc="a text message to send every 'websocket.heartbeat.interval', for a server that wants "
        "to hear more than pings",
    )
    heartbeat_interval: Duration = option("20s", doc="how often it is sent", low=1)
    reconnect: bool = option(
        True,
        doc="'false' does not connect again: a loss fails the app, a source that the server closes "
        "in good order (1000) is at its end",
    )
    reconnect_delay: Duration = option(
        "1s",
        name="reconnect.delay.ms",
        doc="the pause before the first try to connect again, doubled after each that fails; up to "
        "half of a pause is taken away at random",
        low=1,
    )
    reconnect_max_delay: Duration = option(
        "30s", name="reconnect.max.delay.ms", doc="the longest such pause", low=1
    )
    reconnect_max_attempts: int = option(
        -1, doc="tries to connect again before the app fails; -1 is without end", low=-1
    )
    open_timeout: Duration = option(
        "8s", doc="how long connecting may take, TLS and handshake included", low=1, high=10_000
    )
    proxy: Secret | None = option(
        None, doc="an HTTP proxy to connect through: http://user:password@host:port"
    )
    ssl_ca: str | None = option(
        None, doc="a PEM file of the authorities to trust: by default the system's"
    )
    ssl_verify: bool = option(
        True, doc="'false' takes any certificate: whoever is on the line can read and change all"
    )
    ssl_server_name: str | None = option(
        None, doc="the name that the server's certificate is for: by default the host of the URL"
    )

    @rule
    def _url_fits(self) -> None:
        if self.mode != "client":
            return
        if self.url is None:
            raise OptionError(
                "option 'websocket.url' is required",
                "ws://host:port/path, or \"websocket.mode\" = 'server' to listen",
            )
        parse_url(self.url)

    @rule
    def _proxy_fits(self) -> None:
        if self.proxy is not None:
            parse_proxy(self.proxy)

    @rule
    def _headers_fit(self) -> Iterator[OptionError]:
        for name, value in self.headers.items():
            yield from check_header(name, value)

    @rule
    def _heart_beats_with_a_message(self) -> None:
        if self.heartbeat_message is None and any(self.given("heartbeat_interval")):
            raise OptionError(
                "option 'websocket.heartbeat.interval' needs 'websocket.heartbeat.message'",
                'pings of the protocol are sent by "websocket.ping.interval"',
            )

    @rule
    def _pauses_fit(self) -> None:
        if self.reconnect_max_delay < self.reconnect_delay:
            raise OptionError(
                "option 'websocket.reconnect.max.delay.ms' must be at least "
                "'websocket.reconnect.delay.ms'",
                f"now {int(self.reconnect_max_delay)} and {int(self.reconnect_delay)} ms",
            )

    @rule
    def _attempts_fit(self) -> None:
        if not self.reconnect and self.reconnect_max_attempts > 0:
            raise OptionError(
                "option 'websocket.reconnect.max.attempts' is for 'websocket.reconnect' = 'true'",
                "leave one of them out",
            )


class ClientSourceOptions(ClientOptions, prefix="websocket"):
    """What only client sources have: nothing so far."""


class ClientSinkOptions(ClientOptions, prefix="websocket"):
    """What only client sinks have: nothing so far."""
