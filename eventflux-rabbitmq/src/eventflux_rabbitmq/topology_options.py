"""The options of queues, exchanges and bindings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from eventflux.base.errors import OptionError
from eventflux.spi import Bytes, Duration, family, option, rule
from eventflux_rabbitmq.arguments import argument_value
from eventflux_rabbitmq.connection_options import ConnectionOptions
from eventflux_rabbitmq.option_checks import check_text, option_name, shown

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

    @rule
    def _dead_letters_have_a_way(self) -> Iterator[OptionError]:
        for name in ("queue_dead_letter_exchange", "queue_dead_letter_routing_key"):
            if (text := getattr(self, name)) is not None:
                check_text(option_name(name), text, empty=True)
        if self.queue_dead_letter_routing_key is not None and (
            self.queue_dead_letter_exchange is None
            and "x-dead-letter-exchange" not in self.queue_arguments
        ):
            yield OptionError(
                "option 'rabbitmq.queue.dead.letter.routing.key' needs "
                "'rabbitmq.queue.dead.letter.exchange'"
            )

    @rule
    def _arguments_can_be_sent(self) -> None:
        for name in ("queue_arguments", "queue_bind_arguments", "exchange_arguments"):
            for member, text in getattr(self, name).items():
                full = f"{option_name(name)}.{member}"
                check_text(full, member)
                argument_value(text, full)

    @rule
    def _arguments_are_said_once(self) -> Iterator[OptionError]:
        for argument, attribute in QUEUE_ARGUMENTS.items():
            if argument in self.queue_arguments and any(self.given(attribute)):
                yield OptionError(
                    f"options 'rabbitmq.queue.arguments.{argument}' and "
                    f"'{option_name(attribute)}' say the same",
                    "leave one of them out",
                )

    @rule
    def _keys_fit(self) -> None:
        for key in self.bind_keys or ():
            check_text("rabbitmq.queue.bind.routing.keys", key, empty=True)

    def _check_declared(self, *, queue: bool, exchange: bool) -> None:
        """Refuse what says how to declare something that is not to be declared. The type of an
        exchange may be told all the same."""
        for what, declares, names in (
            ("queue", queue, [n for n in self.given("queue_") if ".bind." not in n]),
            ("exchange", exchange, [n for n in self.given("exchange_") if ".type" not in n]),
        ):
            if names and not declares:
                raise OptionError(
                    f"option '{names[0]}' says how to declare the {what}, but "
                    f"'rabbitmq.declare.{what}' is false",
                    "leave one of them out",
                )

    @rule
    def _queue_type_allows_it(self) -> Iterator[OptionError]:
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
            for name in wrong:
                yield OptionError(
                    f"a {kind} queue can't have '{option_name(name)}' = "
                    f"'{shown(getattr(self, name))}'",
                    "leave it out: such queues are durable and for all connections",
                )
        if self.queue_delivery_limit is not None and kind != "quorum":
            yield OptionError(
                "option 'rabbitmq.queue.delivery.limit' needs 'rabbitmq.queue.type' = 'quorum'",
                "other queues don't count deliveries",
            )

    @property
    def bind_keys(self) -> Sequence[str] | None:
        """The routing keys to bind the queue for, if any are given."""
        if self.queue_bind_routing_keys is None:
            return None
        return [key.strip() for key in self.queue_bind_routing_keys.split(",")]
