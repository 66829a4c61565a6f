"""The options of a server: where it listens, whom it lets in, and what becomes of slow clients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from eventflux.base.errors import OptionError
from eventflux.spi import Bytes, Secret, option, rule
from eventflux_websocket.connection_options import ConnectionOptions
from eventflux_websocket.origins import check_origins

SlowClients = Literal["disconnect", "drop-oldest", "wait"]


class ServerOptions(ConnectionOptions, prefix="websocket"):
    """What server sources and server sinks have in common."""

    host: str = option(
        "127.0.0.1",
        doc="the address that a server listens on: by default for this machine alone, 0.0.0.0 for "
        "all",
    )
    port: int | None = option(
        None,
        doc="the port that a server listens on; 0 is any free one, which the log tells. Streams "
        "with the same host and port share it, each with a path of its own",
        low=0,
        high=65_535,
    )
    path: str = option("/", doc="the path of the server's URL that belongs to this stream")
    token: Secret | None = option(
        None,
        doc="clients must give it: in the header 'Authorization: Bearer …' or, as browsers can't, "
        "in the URL: ?token=…",
    )
    username: str | None = option(
        None, doc="clients must log in as this user (basic authentication)"
    )
    password: Secret | None = option(None, doc="the password of 'websocket.username'")
    origins: str | None = option(
        None,
        doc="the sites whose pages may connect, such as 'https://example.org, "
        "https://*.example.org', 'null' for files; by default those of any. Clients that are no "
        "browsers send no origin and are let in",
    )
    clients_max: int = option(
        1000, doc="how many clients may be connected to the stream; more are refused (503)", low=1
    )

    @rule
    def _port_is_given(self) -> None:
        if self.mode == "server" and self.port is None:
            raise OptionError("option 'websocket.port' is required", "a server listens on it")

    @rule
    def _host_fits(self) -> None:
        if not self.host or any(character.isspace() for character in self.host):
            raise OptionError(
                f"option 'websocket.host' is no address: {self.host!r}",
                "127.0.0.1 for this machine alone, 0.0.0.0 for all",
            )

    @rule
    def _path_fits(self) -> None:
        path = self.path
        if not path.startswith("/") or not path.isprintable() or set(path) & set(" ?#"):
            raise OptionError(
                f"option 'websocket.path' must be the path of a URL, got {path!r}",
                "such as /orders; without blanks, ? and #",
            )

    @rule
    def _login_is_whole(self) -> Iterator[OptionError]:
        if (self.username is None) != (self.password is None):
            yield OptionError(
                "options 'websocket.username' and 'websocket.password' need each other",
                "one of them is missing",
            )
        if self.username is not None and ":" in self.username:
            yield OptionError("option 'websocket.username' must not hold a colon")

    @rule
    def _one_way_to_log_in(self) -> None:
        if self.token is not None and self.username is not None:
            raise OptionError(
                "options 'websocket.token' and 'websocket.username' are two ways to log in",
                "leave one of them out",
            )

    @rule
    def _token_fits(self) -> None:
        if self.token is not None and not self.token.reveal().strip():
            raise OptionError("option 'websocket.token' is empty", "leave it out to let all in")

    @rule
    def _origins_fit(self) -> None:
        if self.origins is not None:
            check_origins(self.origins)

    @property
    def guarded(self) -> bool:
        """Whether clients have to log in."""
        return self.token is not None or self.username is not None


class ServerSourceOptions(ServerOptions, prefix="websocket"):
    """What only server sources have: nothing so far."""


class ServerSinkOptions(ServerOptions, prefix="websocket"):
    """What only server sinks have."""

    slow_clients: SlowClients = option(
        "disconnect",
        doc="what becomes of a client for which more waits than 'websocket.queue.messages' or "
        "'.bytes' allow: it is disconnected (1013), it loses the oldest, or all wait for it, and "
        "the sources with them",
    )
    queue_messages: int = option(8192, doc="how many messages may wait for one client", low=1)
    queue_bytes: Bytes = option("4 MiB", doc="how many bytes may wait for one client", low=1)
    recent_messages: int = option(
        0, doc="a client that connects gets so many of the last messages first", low=0
    )
    clients_min: int = option(
        0,
        doc="with fewer clients connected messages wait; by default what is sent while there is "
        "none goes to nobody, and is counted",
        low=0,
    )

    @rule
    def _recent_fits(self) -> None:
        if self.recent_messages > self.queue_messages:
            raise OptionError(
                f"option 'websocket.recent.messages' is {self.recent_messages}, more than may wait "
                f"for a client",
                f"'websocket.queue.messages' is {self.queue_messages}",
            )

    @rule
    def _numbers_of_clients_fit(self) -> None:
        if self.clients_min > self.clients_max:
            raise OptionError(
                "option 'websocket.clients.min' is more than 'websocket.clients.max'",
                f"now {self.clients_min} and {self.clients_max}",
            )
