"""The options of sources and sinks, checked as they are made: alone by their types, together
here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from eventflux.base.errors import OptionError
from eventflux.spi import Template, family, option, rule
from eventflux_rabbitmq.option_checks import (
    NAME_LIMIT,
    SHORT_TEXT_LIMIT,
    check_name,
    check_text,
)
from eventflux_rabbitmq.topology_options import TopologyOptions

_HEADER_LIMIT = 4096
_PREFETCH, _CHECKPOINTED_PREFETCH = 1_000, 10_000


class SourceOptions(TopologyOptions, prefix="rabbitmq"):
    """Options of a RabbitMQ source."""

    queue: str = option(doc="the queue to consume")
    declare_queue: bool = option(True, doc="declare the queue if it does not exist")
    queue_bind_exchange: str | None = option(None, doc="an exchange to bind the queue to")
    prefetch: int | None = option(
        None,
        doc="how many messages the broker hands out before one must be acknowledged; by default "
        "1,000, and 10,000 where they wait for checkpoints of state",
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

    def prefetched(self, *, checkpointed: bool) -> int:
        """How many messages the broker hands out to each consumer."""
        return self.prefetch or (_CHECKPOINTED_PREFETCH if checkpointed else _PREFETCH)

    @rule
    def _names_fit(self) -> None:
        check_text("rabbitmq.queue", self.queue)
        check_name("rabbitmq.queue", self.queue)

    @rule
    def _tag_fits(self) -> None:
        if self.consumer_tag is not None:
            check_text("rabbitmq.consumer.tag", self.consumer_tag, limit=SHORT_TEXT_LIMIT - 3)

    @rule
    def _queue_is_declared(self) -> None:
        self._check_declared(queue=self.declare_queue, exchange=True)

    @rule
    def _queue_is_no_stream(self) -> None:
        if self.queue_type == "stream":
            raise OptionError(
                "'rabbitmq.queue.type' = 'stream' is for sinks: a source would not know where to "
                "go on after a restart",
                "consume a classic or quorum queue",
            )

    @rule
    def _binding_is_whole(self) -> Iterator[OptionError]:
        bound = self.queue_bind_exchange
        if bound is not None:
            check_text("rabbitmq.queue.bind.exchange", bound, limit=NAME_LIMIT)
            check_name("rabbitmq.queue.bind.exchange", bound)
            self._check_declared(queue=True, exchange=self.declare_exchange)
            return
        for name in (
            *self.given("queue_bind_"),
            *self.given("declare_exchange"),
            *self.given("exchange_"),
        ):
            yield OptionError(
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

    @rule
    def _exchange_fits(self) -> None:
        check_text("rabbitmq.exchange", self.exchange, limit=NAME_LIMIT, empty=True)
        check_name("rabbitmq.exchange", self.exchange)

    @rule
    def _key_fits(self) -> None:
        if self.routing_key.constant is not None:
            check_text("rabbitmq.routing.key", self.routing_key.constant, empty=True)

    @rule
    def _headers_fit(self) -> Iterator[OptionError]:
        for name, template in self.headers.items():
            check_text(f"rabbitmq.headers.{name}", name)
            if len(template.text) > _HEADER_LIMIT:
                yield OptionError(f"option 'rabbitmq.headers.{name}' is too long for a header")

    @rule
    def _content_type_fits(self) -> None:
        if self.content_type is not None:
            check_text("rabbitmq.content.type", self.content_type)

    @rule
    def _default_exchange_is_left_alone(self) -> Iterator[OptionError]:
        if self.exchange:
            return
        if self.declare_exchange:
            yield OptionError(
                "the default exchange '' can't be declared",
                'name an exchange in "rabbitmq.exchange" or leave out "rabbitmq.declare.exchange"',
            )
        for name in self.given("queue_bind_"):
            yield OptionError(
                f"option '{name}': nothing can be bound to the default exchange ''",
                "there the routing key is the name of a queue",
            )

    @rule
    def _exchange_is_declared(self) -> None:
        self._check_declared(queue=True, exchange=self.declare_exchange)

    @rule
    def _queue_is_named(self) -> Iterator[OptionError]:
        if self.queue is not None:
            check_text("rabbitmq.queue", self.queue)
            check_name("rabbitmq.queue", self.queue)
            self._check_declared(queue=self.declare_queue is not False, exchange=True)
            return
        for name in (*self.given("queue_"), *self.given("declare_queue")):
            yield OptionError(
                f"option '{name}' is about the queue in 'rabbitmq.queue', which is not set"
            )

    @rule
    def _binding_has_keys(self) -> None:
        if self.queue is None or not self.routing_key.columns or not self.exchange:
            return
        if self.bind_keys is None:
            raise OptionError(
                "option 'rabbitmq.queue' needs 'rabbitmq.queue.bind.routing.keys': "
                "the routing key differs from row to row",
                "the keys to bind it for; with an exchange of type topic: orders.*",
            )
