"""What the distribution contributes; imports no client library.

The connector's own modules are loaded when a factory creates something.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from eventflux.base.errors import OptionError
from eventflux.base.types import DataType
from eventflux.spi import (
    ConnectorContext,
    Order,
    Sink,
    SinkFactory,
    Source,
    SourceFactory,
    SourceKind,
    Weakness,
    hookimpl,
)
from eventflux_rabbitmq.options import SinkOptions, SourceOptions
from eventflux_rabbitmq.properties import SINK_METADATA, SOURCE_METADATA

eventflux_spi = (1, 0)

_AUTO_ACK_HINT = "leave it off, its default: a message is acknowledged when its results are safe"


class RabbitSourceFactory(SourceFactory):
    """Consumes a queue; at-least-once: a message is acknowledged when its results are safe."""

    name: ClassVar[str] = "rabbitmq"
    doc: ClassVar[str] = "consumes a RabbitMQ queue, acknowledging what has been processed"
    kind: ClassVar[SourceKind] = "acking"
    options: ClassVar[type[SourceOptions]] = SourceOptions
    formats: ClassVar[Sequence[str]] = ("*",)
    metadata: ClassVar[Mapping[str, DataType]] = SOURCE_METADATA

    def notes(self, options: SourceOptions) -> Sequence[str]:
        if options.consumers == 1:
            return ()
        return [
            f"{options.consumers} consumers share its queue: order is kept among the messages "
            "of each only (rabbitmq.consumers)"
        ]

    def weaknesses(self, options: SourceOptions) -> Sequence[Weakness]:
        if not options.auto_ack:
            return ()
        reason = (
            "messages count as done when the broker has sent them: a crash loses those under way"
        )
        return [Weakness(reason, "rabbitmq.auto.ack", _AUTO_ACK_HINT)]

    def order(self, options: SourceOptions) -> Order:
        return "total" if options.consumers == 1 else "none"

    def when_silent(self, options: SourceOptions) -> str:
        if options.queue_bind_exchange is not None:
            return (
                f"queue '{options.queue}' gets what exchange '{options.queue_bind_exchange}' gives "
                "it: are its binding and the publishers' routing keys the same, and is there no "
                "other consumer?"
            )
        return (
            f"is queue '{options.queue}' bound to the exchange of its publishers, with their "
            "routing keys, and is there no other consumer? rabbitmqctl list_bindings shows it"
        )

    def prefetch(self, options: SourceOptions) -> int | None:
        return None if options.auto_ack else options.prefetched(checkpointed=True)

    def create(self, options: SourceOptions, context: ConnectorContext) -> Source:
        from eventflux_rabbitmq.source import RabbitSource

        return RabbitSource(options, context)


class RabbitSinkFactory(SinkFactory):
    """Publishes to an exchange; at-least-once: a sent batch has been confirmed."""

    name: ClassVar[str] = "rabbitmq"
    doc: ClassVar[str] = "publishes to a RabbitMQ exchange with publisher confirms"
    options: ClassVar[type[SinkOptions]] = SinkOptions
    formats: ClassVar[Sequence[str]] = ("*",)
    metadata: ClassVar[Mapping[str, DataType]] = SINK_METADATA
    max_in_flight: ClassVar[int] = 2000

    def weaknesses(self, options: SinkOptions) -> Sequence[Weakness]:
        found = []
        if not options.mandatory:
            reason = "a message that no queue takes is lost unseen"
            found.append(Weakness(reason, "rabbitmq.mandatory", "leave it on, its default"))
        if not options.persistent:
            reason = "messages end with the broker: they are confirmed when it has them in memory"
            found.append(Weakness(reason, "rabbitmq.persistent", "leave it on, its default"))
        return found

    def check_options(self, options: SinkOptions, context: ConnectorContext) -> None:
        has_key = options.routing_key.text or "routing_key" in context.metadata
        if not options.exchange and not has_key:
            raise OptionError(
                "option 'rabbitmq.routing.key' is required with the default exchange ''",
                "there the routing key is the name of a queue",
            )

    def create(self, options: SinkOptions, context: ConnectorContext) -> Sink:
        from eventflux_rabbitmq.sink import RabbitSink

        return RabbitSink(options, context)


@hookimpl
def register_source_factories() -> Sequence[SourceFactory]:
    return [RabbitSourceFactory()]


@hookimpl
def register_sink_factories() -> Sequence[SinkFactory]:
    return [RabbitSinkFactory()]
