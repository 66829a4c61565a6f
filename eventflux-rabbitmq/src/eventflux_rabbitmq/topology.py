"""Checks that queues and exchanges exist, declares them where that is allowed, and binds.

A failed check closes the channel that it is made on, so each has one of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import aiormq
from aiormq.abc import AbstractChannel

from eventflux_rabbitmq.address import Address
from eventflux_rabbitmq.arguments import Argument, argument_values
from eventflux_rabbitmq.connection import OpenChannel, step
from eventflux_rabbitmq.errors import from_library, topology_fault
from eventflux_rabbitmq.options import SinkOptions, SourceOptions
from eventflux_rabbitmq.quiet import our_records
from eventflux_rabbitmq.topology_options import QUEUE_ARGUMENTS, TopologyOptions

_log = logging.getLogger("eventflux.rabbitmq")


def queue_arguments(options: TopologyOptions) -> dict[str, Argument]:
    """The arguments with which the queue is declared."""
    arguments: dict[str, Argument] = {}
    for name, attribute in QUEUE_ARGUMENTS.items():
        value = getattr(options, attribute)
        if value is not None and value is not False:
            # plain numbers: the protocol's encoder knows no subclasses of int but bool
            arguments[name] = int(value) if type(value) not in (bool, str) else value
    return {**arguments, **argument_values(options.queue_arguments)}


async def ensure_source(
    open_channel: OpenChannel, options: SourceOptions, address: Address
) -> None:
    """Make sure that the source's queue is there and bound where that is asked for.

    Raises:
        Misconfigured: something is missing and must not be declared, or may not be used.
        Disconnected: the broker went away.
    """
    exchange = options.queue_bind_exchange
    if exchange:
        await _ensure_exchange(open_channel, exchange, options, address)
    declares = options.declare_queue
    await _ensure_queue(open_channel, options.queue, options, address, declares=declares)
    if exchange:
        await _bind(open_channel, options.queue, exchange, options.bind_keys, options, address)


async def ensure_sink(open_channel: OpenChannel, options: SinkOptions, address: Address) -> None:
    """Make sure that the sink's exchange is there, and its queue, bound, if it names one.

    Raises: as :func:`ensure_source`.
    """
    exchange, queue = options.exchange, options.queue
    if exchange:  # the default exchange always exists and can't be checked
        await _ensure_exchange(open_channel, exchange, options, address)
    if queue is None:
        return
    declares = options.declare_queue is not False
    await _ensure_queue(open_channel, queue, options, address, declares=declares)
    if exchange:
        keys = options.bind_keys or [options.routing_key.text]
        await _bind(open_channel, queue, exchange, keys, options, address)


async def _ensure_queue(
    open_channel: OpenChannel,
    name: str,
    options: TopologyOptions,
    address: Address,
    *,
    declares: bool,
) -> None:
    def declare(channel: AbstractChannel) -> Awaitable[Any]:
        return channel.queue_declare(
            name,
            durable=options.queue_durable,
            exclusive=options.queue_exclusive,
            auto_delete=options.queue_auto_delete,
            arguments=queue_arguments(options),  # type: ignore[arg-type]  # a table of scalars
        )

    await _ensure(
        open_channel,
        lambda channel: channel.queue_declare(name, passive=True),
        declare if declares else None,
        f"queue '{name}'",
        address,
        "rabbitmq.declare.queue",
    )


async def _ensure_exchange(
    open_channel: OpenChannel, name: str, options: TopologyOptions, address: Address
) -> None:
    def declare(channel: AbstractChannel) -> Awaitable[Any]:
        return channel.exchange_declare(
            name,
            exchange_type=options.exchange_type,
            durable=options.exchange_durable,
            auto_delete=options.exchange_auto_delete,
            arguments=argument_values(options.exchange_arguments),  # type: ignore[arg-type]
        )

    await _ensure(
        open_channel,
        lambda channel: channel.exchange_declare(name, passive=True),
        declare if options.declare_exchange else None,
        f"exchange '{name}'",
        address,
        "rabbitmq.declare.exchange",
    )


async def _ensure(
    open_channel: OpenChannel,
    check: Callable[[AbstractChannel], Awaitable[Any]],
    declare: Callable[[AbstractChannel], Awaitable[Any]] | None,
    what: str,
    address: Address,
    create_option: str,
) -> None:
    """Check that something exists; if not, declare it where ``declare`` is given."""
    try:
        with our_records():
            channel = await open_channel()
            try:
                await step(check(channel), address)
            except aiormq.ChannelNotFoundEntity:
                if declare is None:
                    raise
                channel = await open_channel()
                await step(declare(channel), address)
                _log.info("%s did not exist on RabbitMQ at %s and was declared", what, address)
            await step(channel.close(), address)
    except Exception as error:
        if not from_library(error):
            raise
        raise topology_fault(error, what, address, create_option) from error


async def _bind(
    open_channel: OpenChannel,
    queue: str,
    exchange: str,
    keys: Iterable[str] | None,
    options: TopologyOptions,
    address: Address,
) -> None:
    """Bind a queue; what is bound already stays as it is."""
    arguments: Mapping[str, Argument] = argument_values(options.queue_bind_arguments)
    try:
        with our_records():
            channel = await open_channel()
            for key in keys or [""]:
                binding = channel.queue_bind(
                    queue,
                    exchange,
                    key,
                    arguments=dict(arguments),
                )
                await step(binding, address)
            await step(channel.close(), address)
    except Exception as error:
        if not from_library(error):
            raise
        what = f"the binding of queue '{queue}' to exchange '{exchange}'"
        raise topology_fault(error, what, address, None) from error
