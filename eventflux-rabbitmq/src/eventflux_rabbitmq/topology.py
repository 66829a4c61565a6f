"""Checks that queues and exchanges exist, and declares them where that is allowed.

A failed check closes the channel that it is made on, so each has one of its own.
"""

from __future__ import annotations

import logging

import aiormq

from eventflux_rabbitmq.errors import from_library, topology_fault
from eventflux_rabbitmq.link import OpenChannel, step
from eventflux_rabbitmq.options import Address, SinkOptions, SourceOptions

_log = logging.getLogger("eventflux.rabbitmq")


async def ensure_queue(open_channel: OpenChannel, options: SourceOptions, address: Address) -> None:
    """Make sure that the source's queue is there; one that exists is used as it is.

    Raises:
        Misconfigured: it is missing and must not be declared, or may not be used.
        Disconnected: the broker went away.
    """
    what = f"queue '{options.queue}'"
    channel = await open_channel()
    try:
        try:
            await step(channel.queue_declare(options.queue, passive=True), address)
        except aiormq.ChannelNotFoundEntity:
            if not options.declare_queue:
                raise
            channel = await open_channel()
            await step(
                channel.queue_declare(
                    options.queue,
                    durable=options.queue_durable,
                    exclusive=options.queue_exclusive,
                    auto_delete=options.queue_auto_delete,
                ),
                address,
            )
            _log.info("%s did not exist on RabbitMQ at %s and was declared", what, address)
        await step(channel.close(), address)
    except Exception as error:
        if not from_library(error):
            raise
        raise topology_fault(error, what, address, "rabbitmq.declare.queue") from error


async def ensure_exchange(
    open_channel: OpenChannel, options: SinkOptions, address: Address
) -> None:
    """Make sure that the sink's exchange is there; one that exists is used as it is.

    Raises:
        Misconfigured: it is missing and must not be declared, or may not be used.
        Disconnected: the broker went away.
    """
    if not options.exchange:
        return  # the default exchange always exists and can't be checked
    what = f"exchange '{options.exchange}'"
    channel = await open_channel()
    try:
        try:
            await step(channel.exchange_declare(options.exchange, passive=True), address)
        except aiormq.ChannelNotFoundEntity:
            if not options.declare_exchange:
                raise
            channel = await open_channel()
            await step(
                channel.exchange_declare(
                    options.exchange, exchange_type=options.exchange_type, durable=True
                ),
                address,
            )
            _log.info("%s did not exist on RabbitMQ at %s and was declared", what, address)
        await step(channel.close(), address)
    except Exception as error:
        if not from_library(error):
            raise
        raise topology_fault(error, what, address, "rabbitmq.declare.exchange") from error
