"""Where a broker is and who logs in, made of the options."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle

from eventflux.spi import Secret
from eventflux.spi.tls import Tls
from eventflux_rabbitmq.connection_options import ConnectionOptions
from eventflux_rabbitmq.uri import parse_hosts, parse_uri

_PLAIN_PORT, _TLS_PORT = 5672, 5671


@dataclass(frozen=True, slots=True)
class Address:
    """One broker and who logs in there; the password does not show."""

    host: str
    port: int
    vhost: str
    username: str
    password: Secret
    heartbeat_seconds: int
    tls: Tls | None = None

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def addresses_of(options: ConnectionOptions) -> tuple[Address, ...]:
    """The brokers that ``options`` name, in their order."""
    vhost, username, password = options.vhost, options.username, options.password
    if options.uri is not None:
        uri = parse_uri(options.uri)
        hosts = uri.hosts
        vhost, username, password = (
            uri.vhost or vhost,
            uri.username or username,
            uri.password or password,
        )
    else:
        assert options.host is not None, "the options have been checked"
        hosts = parse_hosts(options.host, "option 'rabbitmq.host'")
    tls = _tls_of(options) if options.tls else None
    port = options.port or (_PLAIN_PORT if tls is None else _TLS_PORT)
    return tuple(
        Address(
            host=host,
            port=own_port or port,
            vhost=vhost or "/",
            username=username or "guest",
            password=password or Secret("guest"),
            heartbeat_seconds=-(-int(options.heartbeat) // 1000),
            tls=tls,
        )
        for host, own_port in hosts
    )


def _tls_of(options: ConnectionOptions) -> Tls:
    return Tls(
        ca=options.ssl_ca,
        certificate=options.ssl_certificate,
        key=options.ssl_key,
        key_password=options.ssl_key_password,
        verify=options.ssl_verify,
        server_name=options.ssl_server_name,
    )


class Addresses:
    """The brokers of one connector: each try takes the next."""

    def __init__(self, options: ConnectionOptions) -> None:
        self.all: Sequence[Address] = addresses_of(options)
        self._turns: Iterator[Address] = cycle(self.all)

    def next(self) -> Address:
        """The one whose turn it is."""
        return next(self._turns)

    @property
    def peer(self) -> str:
        """All of them, in words for messages."""
        return "RabbitMQ at " + ", ".join(map(str, self.all))
