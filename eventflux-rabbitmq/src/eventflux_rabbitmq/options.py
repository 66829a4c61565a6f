"""The connector's options, and where a broker is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from eventflux.base.errors import OptionError
from eventflux.spi import Duration, Options, Secret, option

_SHORT_TEXT_LIMIT = 255
"""The most UTF-8 bytes of a short text in AMQP 0-9-1."""
_NAME_LIMIT = 127
_NAME = re.compile(r"[a-zA-Z0-9_.:@#,/+ -]*")
"""Names of queues and exchanges, as the client library takes them."""

Fast = Literal["auto", "off"]


class ConnectionOptions(Options, prefix="rabbitmq"):
    """What source and sink have in common."""

    host: str = option(doc="the broker's host name or address")
    port: int = option(5672, doc="the broker's AMQP port (without TLS)", low=1, high=65535)
    vhost: str = option("/", doc="the virtual host")
    username: str = option("guest", doc="the user to log in as")
    password: Secret = option("guest", doc="the user's password")
    heartbeat: Duration = option(
        "10s",
        doc="interval of heartbeats, rounded up to whole seconds; "
        "a silent broker is given up after about three of them",
        low=1000,
        high=3_600_000,
    )
    fast: Fast = option(
        "auto",
        doc="'off' moves messages with documented client calls only: several times slower",
    )


class SourceOptions(ConnectionOptions, prefix="rabbitmq"):
    """Options of a RabbitMQ source."""

    queue: str = option(doc="the queue to consume")
    prefetch: int = option(
        1000,
        doc="how many messages the broker hands out before one must be acknowledged",
        low=1,
        high=65535,
    )
    auto_ack: bool = option(
        False, doc="count a message as done when the broker has sent it: a crash loses messages"
    )
    declare_queue: bool = option(True, doc="declare the queue if it does not exist")
    queue_durable: bool = option(True, doc="a declared queue survives a restart of the broker")
    queue_exclusive: bool = option(
        False, doc="a declared queue is for this connection alone and ends with it"
    )
    queue_auto_delete: bool = option(
        False, doc="a declared queue is deleted when its last consumer is gone"
    )
    consumer_tag: str | None = option(
        None, doc="the consumer's name at the broker; by default eventflux-<uuid>"
    )


class SinkOptions(ConnectionOptions, prefix="rabbitmq"):
    """Options of a RabbitMQ sink."""

    exchange: str = option(
        doc="the exchange to publish to; '' is the default one, where the routing key is a queue"
    )
    routing_key: str = option("", doc="the routing key of every message")
    persistent: bool = option(True, doc="messages survive a restart of the broker")
    mandatory: bool = option(
        True, doc="a message that no queue takes is an error and not silently gone"
    )
    declare_exchange: bool = option(
        False, doc="declare the exchange (durable) if it does not exist"
    )
    exchange_type: Literal["direct", "fanout", "topic", "headers"] = option(
        "direct", doc="the type of a declared exchange"
    )
    content_type: str | None = option(None, doc="the content type of every message")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a broker is and who logs in; the password does not show."""

    host: str
    port: int
    vhost: str
    username: str
    password: Secret
    heartbeat_seconds: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def address_of(options: ConnectionOptions) -> Address:
    """The address that ``options`` give."""
    return Address(
        host=options.host,
        port=options.port,
        vhost=options.vhost,
        username=options.username,
        password=options.password,
        heartbeat_seconds=-(-int(options.heartbeat) // 1000),
    )


def check_source_options(options: SourceOptions) -> None:
    """Refuse what no single option's type can.

    Raises:
        OptionError: a text is empty, too long, or holds what the protocol's client refuses.
    """
    _check_connection(options)
    _check_text("rabbitmq.queue", options.queue)
    _check_name("rabbitmq.queue", options.queue)
    if options.consumer_tag is not None:
        _check_text("rabbitmq.consumer.tag", options.consumer_tag)


def check_sink_options(options: SinkOptions) -> None:
    """As :func:`check_source_options`, for a sink."""
    _check_connection(options)
    _check_text("rabbitmq.exchange", options.exchange, limit=_NAME_LIMIT, empty=True)
    _check_name("rabbitmq.exchange", options.exchange)
    _check_text("rabbitmq.routing.key", options.routing_key, empty=True)
    if options.content_type is not None:
        _check_text("rabbitmq.content.type", options.content_type)
    if options.declare_exchange and not options.exchange:
        raise OptionError(
            "the default exchange '' can't be declared",
            'name an exchange in "rabbitmq.exchange" or leave out "rabbitmq.declare.exchange"',
        )


def _check_connection(options: ConnectionOptions) -> None:
    _check_text("rabbitmq.host", options.host)
    _check_text("rabbitmq.vhost", options.vhost, limit=_NAME_LIMIT)


def _check_text(
    name: str, text: str, *, limit: int = _SHORT_TEXT_LIMIT, empty: bool = False
) -> None:
    if not text and not empty:
        raise OptionError(f"option '{name}' must not be empty")
    size = len(text.encode())
    if size > limit:
        raise OptionError(f"option '{name}' is {size} bytes long; {limit} are allowed")


def _check_name(name: str, text: str) -> None:
    if not _NAME.fullmatch(text):
        raise OptionError(
            f"option '{name}' may hold letters, digits, blanks and - _ . : @ # , / + only, "
            f"got {text!r}"
        )
