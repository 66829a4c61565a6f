"""The connector's options, checked as they are made: alone by their types, together here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from eventflux.base.errors import OptionError
from eventflux.spi import Bytes, Duration, Options, Secret, Template, family, option
from eventflux_rabbitmq.arguments import argument_value
from eventflux_rabbitmq.uri import parse_hosts, parse_uri

SHORT_TEXT_LIMIT = 255
"""The most UTF-8 bytes of a short text in AMQP 0-9-1."""
_NAME_LIMIT = 127
_HEADER_LIMIT = 4096
_NAME = re.compile(r"[a-zA-Z0-9_.:@#,/+ -]*")
"""Names of queues and exchanges, as the client library takes them."""

Fast = Literal["auto", "off"]
QueueType = Literal["classic", "quorum", "stream"]
Overflow = Literal["drop-head", "reject-publish", "reject-publish-dlx"]
ExchangeType = Literal["direct", "fanout", "topic", "headers"]

QUEUE_ARGUMENTS = {
    "x-queue-type": "queue_type",
    "x-dead-letter-exchange": "queue_dead_letter_exchange",
    "x-dead-letter-routing-key": "queue_dead_letter_routing_key",
    "x-max-length": "queue_max_length",
    "x-max-length-bytes": "queue_max_length_bytes",
    "x-overflow": "queue_overflow",
    "x-message-ttl": "queue_message_ttl",
    "x-expires": "queue_expires",
    "x-delivery-limit": "queue_delivery_limit",
    "x-max-priority": "queue_max_priority",
    "x-single-active-consumer": "queue_single_active_consumer",
}
"""The broker's names of the arguments that have an option of their own."""


class ConnectionOptions(Options, prefix="rabbitmq"):
    """What source and sink have in common: where the broker is, and who logs in."""

    host: str | None = option(
        None, doc="the broker's host name or address; of several, 'a,b:5673', the next at each try"
    )
    port: int | None = option(
        None, doc="the broker's AMQP port: by default 5672, with TLS 5671", low=1, high=65535
    )
    vhost: str | None = option(None, doc="the virtual host: by default '/'")
    username: str | None = option(None, doc="the user to log in as: by default guest")
    password: Secret | None = option(None, doc="the user's password: by default guest")
    uri: Secret | None = option(
        None, doc="all of it at once: amqp://user:password@host:port/vhost, amqps:// with TLS"
    )
    ssl_enabled: bool | None = option(
        None, doc="use TLS: by default where the URI is amqps:// or another ssl option is set"
    )
    ssl_ca: str | None = option(
        None, doc="a PEM file of the authorities to trust: by default the system's"
    )
    ssl_certificate: str | None = option(
        None, doc="a PEM file with the client's certificate, where the broker asks for one"
    )
    ssl_key: str | None = option(
        None, doc="a PEM file with its key: by default it is in the file of the certificate"
    )
    ssl_key_password: Secret | None = option(None, doc="the password of an encrypted key")
    ssl_verify: bool = option(
        True, doc="'false' takes any certificate: whoever is on the line can read and change all"
    )
    ssl_server_name: str | None = option(
        None, doc="the name that the broker's certificate is for: by default the host"
    )
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

    def __post_init__(self) -> None:
        self._check_address()
        self._check_tls()
        if self.vhost is not None:
            _check_text("rabbitmq.vhost", self.vhost, limit=_NAME_LIMIT)

    def _check_address(self) -> None:
        if self.uri is None:
            if self.host is None:
                raise OptionError(
                    "option 'rabbitmq.host' is required", 'or "rabbitmq.uri", which says it all'
                )
            parse_hosts(self.host, "option 'rabbitmq.host'")
            return
        parsed = parse_uri(self.uri)
        said_twice = {
            "host": self.host,
            "port": self.port,
            "vhost": self.vhost if parsed.vhost is not None else None,
            "username": self.username if parsed.username is not None else None,
            "password": self.password if parsed.password is not None else None,
        }
        for name, value in said_twice.items():
            if value is not None:
                raise OptionError(
                    f"option 'rabbitmq.{name}' and 'rabbitmq.uri' both say the {name}",
                    "leave one of them out",
                )
        if parsed.tls and self.ssl_enabled is False:
            raise OptionError(
                "option 'rabbitmq.ssl.enabled' is false, but 'rabbitmq.uri' is amqps://",
                "amqp:// is without TLS",
            )
        if not parsed.tls and (self.ssl_enabled or self._ssl_given):
            [name, *_] = [*self._ssl_given, "rabbitmq.ssl.enabled"]
            raise OptionError(
                f"option '{name}' is for TLS, but 'rabbitmq.uri' is amqp://", "write amqps://"
            )

    def _check_tls(self) -> None:
        if self.ssl_enabled is False:
            for name in self._ssl_given:
                raise OptionError(
                    f"option '{name}' is for TLS, but 'rabbitmq.ssl.enabled' is false",
                    "leave one of them out",
                )
        if self.ssl_key is not None and self.ssl_certificate is None:
            raise OptionError(
                "option 'rabbitmq.ssl.key' needs 'rabbitmq.ssl.certificate'",
                "the certificate that the key is for",
            )
        if self.ssl_key_password is not None and self.ssl_certificate is None:
            raise OptionError(
                "option 'rabbitmq.ssl.key.password' needs 'rabbitmq.ssl.certificate'",
                "the certificate, with its key in 'rabbitmq.ssl.key' or in the same file",
            )

    @property
    def _ssl_given(self) -> list[str]:
        """The names of the options set that make sense with TLS only."""
        return [name for name in _given(self, "ssl_") if name != "rabbitmq.ssl.enabled"]

    @property
    def tls(self) -> bool:
        """Whether to use TLS."""
        if self.uri is not None:
            return parse_uri(self.uri).tls
        return self.ssl_enabled or (self.ssl_enabled is None and bool(self._ssl_given))


class TopologyOptions(ConnectionOptions, prefix="rabbitmq"):
    """How a queue and an exchange are declared where they are missing, and bound."""

    queue_type: QueueType | None = option(
        None, doc="the type of a declared queue: by default the broker's, usually classic"
    )
    queue_durable: bool = option(True, doc="a declared queue survives a restart of the broker")
    queue_exclusive: bool = option(
        False, doc="a declared queue is for this connection alone and ends with it"
    )
    queue_auto_delete: bool = option(
        False, doc="a declared queue is deleted when its last consumer is gone"
    )
    queue_dead_letter_exchange: str | None = option(
        None, doc="where a declared queue's rejected, expired and surplus messages go"
    )
    queue_dead_letter_routing_key: str | None = option(
        None, doc="the routing key that they get: by default they keep theirs"
    )
    queue_max_length: int | None = option(
        None, doc="how many messages a declared queue may hold", low=0
    )
    queue_max_length_bytes: Bytes | None = option(
        None, doc="how many bytes of messages a declared queue may hold", low=0
    )
    queue_overflow: Overflow | None = option(
        None, doc="what a full queue does: drop its oldest message, or refuse the new one"
    )
    queue_message_ttl: Duration | None = option(
        None, doc="how long a message may wait in a declared queue", low=0
    )
    queue_expires: Duration | None = option(
        None, doc="how long a declared queue may be unused before it is deleted", low=1
    )
    queue_delivery_limit: int | None = option(
        None, doc="how often a quorum queue delivers a message before it is dead-lettered", low=0
    )
    queue_max_priority: int | None = option(
        None, doc="the greatest priority that a declared queue heeds", low=1, high=255
    )
    queue_single_active_consumer: bool = option(
        False, doc="a declared queue delivers to one consumer at a time"
    )
    queue_arguments: Mapping[str, str] = family(
        doc='any argument of the declaration; true, 5, 1.5 and "5" (a text) mean what they do '
        "in JSON, all else is a text"
    )
    queue_bind_routing_keys: str | None = option(
        None, doc="the routing keys to bind the queue for, separated by commas"
    )
    queue_bind_arguments: Mapping[str, str] = family(
        doc="an argument of the binding, as of the queue; for exchanges of type headers"
    )
    declare_exchange: bool = option(False, doc="declare the exchange if it does not exist")
    exchange_type: ExchangeType = option("direct", doc="the type of a declared exchange")
    exchange_durable: bool = option(
        True, doc="a declared exchange survives a restart of the broker"
    )
    exchange_auto_delete: bool = option(
        False, doc="a declared exchange is deleted when its last queue is unbound"
    )
    exchange_arguments: Mapping[str, str] = family(
        doc="an argument of the exchange's declaration, as of the queue: alternate-exchange"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("queue_dead_letter_exchange", "queue_dead_letter_routing_key"):
            if (text := getattr(self, name)) is not None:
                _check_text(_option_name(name), text, empty=True)
        if self.queue_dead_letter_routing_key is not None and (
            self.queue_dead_letter_exchange is None
            and "x-dead-letter-exchange" not in self.queue_arguments
        ):
            raise OptionError(
                "option 'rabbitmq.queue.dead.letter.routing.key' needs "
                "'rabbitmq.queue.dead.letter.exchange'"
            )
        self._check_queue_type()
        for name in ("queue_arguments", "queue_bind_arguments", "exchange_arguments"):
            for member, text in getattr(self, name).items():
                full = f"{_option_name(name)}.{member}"
                _check_text(full, member)
                argument_value(text, full)
        for argument, attribute in QUEUE_ARGUMENTS.items():
            if argument in self.queue_arguments and any(_given(self, attribute)):
                raise OptionError(
                    f"options 'rabbitmq.queue.arguments.{argument}' and "
                    f"'{_option_name(attribute)}' say the same",
                    "leave one of them out",
                )
        for key in self.bind_keys or ():
            _check_text("rabbitmq.queue.bind.routing.keys", key, empty=True)

    def _check_queue_type(self) -> None:
        kind = self.queue_type
        if kind in ("quorum", "stream"):
            wrong = [
                name
                for name, bad in (
                    ("queue_durable", not self.queue_durable),
                    ("queue_exclusive", self.queue_exclusive),
                    ("queue_auto_delete", self.queue_auto_delete),
                    ("queue_max_priority", self.queue_max_priority is not None),
                    ("queue_overflow", self.queue_overflow == "reject-publish-dlx"),
                )
                if bad
            ]
            if wrong:
                raise OptionError(
                    f"a {kind} queue can't have '{_option_name(wrong[0])}' = "
                    f"'{_shown(getattr(self, wrong[0]))}'",
                    "leave it out: such queues are durable and for all connections",
                )
        if self.queue_delivery_limit is not None and kind != "quorum":
            raise OptionError(
                "option 'rabbitmq.queue.delivery.limit' needs 'rabbitmq.queue.type' = 'quorum'",
                "other queues don't count deliveries",
            )

    @property
    def bind_keys(self) -> Sequence[str] | None:
        """The routing keys to bind the queue for, if any are given."""
        if self.queue_bind_routing_keys is None:
            return None
        return [key.strip() for key in self.queue_bind_routing_keys.split(",")]


class SourceOptions(TopologyOptions, prefix="rabbitmq"):
    """Options of a RabbitMQ source."""

    queue: str = option(doc="the queue to consume")
    declare_queue: bool = option(True, doc="declare the queue if it does not exist")
    queue_bind_exchange: str | None = option(None, doc="an exchange to bind the queue to")
    prefetch: int = option(
        1000,
        doc="how many messages the broker hands out before one must be acknowledged",
        low=1,
        high=65535,
    )
    consumers: int = option(
        1,
        doc="how many consumers share the work, each with a channel and a prefetch of its own; "
        "with several, order is kept among the messages of each only",
        low=1,
        high=64,
    )
    auto_ack: bool = option(
        False, doc="count a message as done when the broker has sent it: a crash loses messages"
    )
    consumer_tag: str | None = option(
        None,
        doc="the consumer's name at the broker: by default eventflux-<uuid>; "
        "several consumers get -1, -2, … at its end",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_text("rabbitmq.queue", self.queue)
        _check_name("rabbitmq.queue", self.queue)
        if self.consumer_tag is not None:
            _check_text("rabbitmq.consumer.tag", self.consumer_tag, limit=SHORT_TEXT_LIMIT - 3)
        if self.queue_type == "stream":
            raise OptionError(
                "'rabbitmq.queue.type' = 'stream' is for sinks: a source would not know where to "
                "go on after a restart",
                "consume a classic or quorum queue",
            )
        bound = self.queue_bind_exchange
        if bound is not None:
            _check_text("rabbitmq.queue.bind.exchange", bound, limit=_NAME_LIMIT)
            _check_name("rabbitmq.queue.bind.exchange", bound)
            return
        for name in (
            *_given(self, "queue_bind_"),
            *_given(self, "declare_exchange"),
            *_given(self, "exchange_"),
        ):
            raise OptionError(
                f"option '{name}' is about the exchange in 'rabbitmq.queue.bind.exchange', "
                "which is not set"
            )


class SinkOptions(TopologyOptions, prefix="rabbitmq"):
    """Options of a RabbitMQ sink."""

    exchange: str = option(
        doc="the exchange to publish to; '' is the default one, where the routing key is a queue"
    )
    routing_key: Template = option(
        "", doc="the routing key; {column} stands for a value of the row: 'orders.{product}'"
    )
    headers: Mapping[str, Template] = family(
        doc="a header of every message, a text; {column} stands for a value of the row"
    )
    queue: str | None = option(None, doc="a queue that is to be there, bound to the exchange")
    declare_queue: bool | None = option(
        None, doc="declare that queue if it does not exist: by default true"
    )
    persistent: bool = option(True, doc="messages survive a restart of the broker")
    mandatory: bool = option(
        True, doc="a message that no queue takes is an error and not silently gone"
    )
    content_type: str | None = option(None, doc="the content type of every message")
    connection_shared: bool = option(
        True, doc="sinks with equal options for the connection share one"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_text("rabbitmq.exchange", self.exchange, limit=_NAME_LIMIT, empty=True)
        _check_name("rabbitmq.exchange", self.exchange)
        if self.routing_key.constant is not None:
            _check_text("rabbitmq.routing.key", self.routing_key.constant, empty=True)
        for name, template in self.headers.items():
            _check_text(f"rabbitmq.headers.{name}", name)
            if len(template.text) > _HEADER_LIMIT:
                raise OptionError(f"option 'rabbitmq.headers.{name}' is too long for a header")
        if self.content_type is not None:
            _check_text("rabbitmq.content.type", self.content_type)
        if not self.exchange:
            self._check_default_exchange()
        if self.queue is None:
            for name in (*_given(self, "queue_"), *_given(self, "declare_queue")):
                raise OptionError(
                    f"option '{name}' is about the queue in 'rabbitmq.queue', which is not set"
                )
            return
        _check_text("rabbitmq.queue", self.queue)
        _check_name("rabbitmq.queue", self.queue)
        if self.routing_key.columns and self.exchange and self.bind_keys is None:
            raise OptionError(
                "option 'rabbitmq.queue' needs 'rabbitmq.queue.bind.routing.keys': "
                "the routing key differs from row to row",
                "the keys to bind it for; with an exchange of type topic: orders.*",
            )

    def _check_default_exchange(self) -> None:
        if self.declare_exchange:
            raise OptionError(
                "the default exchange '' can't be declared",
                'name an exchange in "rabbitmq.exchange" or leave out "rabbitmq.declare.exchange"',
            )
        for name in _given(self, "queue_bind_"):
            raise OptionError(
                f"option '{name}': nothing can be bound to the default exchange ''",
                "there the routing key is the name of a queue",
            )


def _given(options: Options, beginning: str) -> Iterator[str]:
    """The SQL names of the options set whose attributes begin so."""
    for spec in options.specs():
        if not spec.attribute.startswith(beginning):
            continue
        value = getattr(options, spec.attribute)
        if spec.of is not None:
            yield from (f"{spec.stem}{member}" for member in value)
        elif value != spec.default:
            yield spec.name


def _option_name(attribute: str) -> str:
    return "rabbitmq." + attribute.replace("_", ".")


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _check_text(
    name: str, text: str, *, limit: int = SHORT_TEXT_LIMIT, empty: bool = False
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
