"""The RabbitMQ jobs by aio-pika: as its documentation has them, and tuned."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.orders import Stopwatch, body, enrich
from benchmarks.rabbitmq_jobs import PREFETCH, WINDOW, Request, main

PERSISTENT = aio_pika.DeliveryMode.PERSISTENT


async def consume(request: Request) -> dict[str, float]:
    """``async for`` and ``process()``."""
    connection = await aio_pika.connect_robust(request.url)
    async with connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=PREFETCH)
        queue = await channel.get_queue("in")
        watch, received = Stopwatch(), 0
        async with queue.iterator() as messages:
            async for message in messages:
                async with message.process():
                    received += 1
                if received == request.count:
                    break
        return watch.report(received)


async def publish(request: Request) -> dict[str, float]:
    """Each publish awaited."""
    connection = await aio_pika.connect_robust(request.url)
    async with connection:
        channel = await connection.channel()
        messages = [body(number, 60) for number in range(request.count)]
        watch = Stopwatch()
        for message in messages:
            await channel.default_exchange.publish(
                aio_pika.Message(message, delivery_mode=PERSISTENT), routing_key="out"
            )
        return watch.report(request.count)


async def publish_gathered(request: Request) -> dict[str, float]:
    """A thousand publishes at once."""
    connection = await aio_pika.connect_robust(request.url)
    async with connection:
        channel = await connection.channel()
        messages = [body(number, 60) for number in range(request.count)]
        watch = Stopwatch()
        for start in range(0, request.count, WINDOW):
            await asyncio.gather(
                *(
                    channel.default_exchange.publish(
                        aio_pika.Message(message, delivery_mode=PERSISTENT), routing_key="out"
                    )
                    for message in messages[start : start + WINDOW]
                )
            )
        return watch.report(request.count)


async def pipe(request: Request) -> dict[str, float]:
    """``async for``, ``process()`` and the publish awaited."""
    connection = await aio_pika.connect_robust(request.url)
    async with connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=PREFETCH)
        queue = await channel.get_queue("in")
        watch, received = Stopwatch(), 0
        async with queue.iterator() as messages:
            async for message in messages:
                async with message.process():
                    result = enrich(message.body)
                    if result is not None:
                        await channel.default_exchange.publish(
                            aio_pika.Message(result, delivery_mode=PERSISTENT), routing_key="out"
                        )
                received += 1
                if received == request.count:
                    break
        return watch.report(received)


async def pipe_callbacks(request: Request) -> dict[str, float]:
    """A callback for each message, as many at once as the prefetch allows."""
    connection = await aio_pika.connect_robust(request.url)
    async with connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=PREFETCH)
        queue = await channel.get_queue("in")
        done, received = asyncio.Event(), 0

        async def on_message(message: AbstractIncomingMessage) -> None:
            nonlocal received
            async with message.process():
                result = enrich(message.body)
                if result is not None:
                    await channel.default_exchange.publish(
                        aio_pika.Message(result, delivery_mode=PERSISTENT), routing_key="out"
                    )
            received += 1
            if received == request.count:
                done.set()

        watch = Stopwatch()
        await queue.consume(on_message)
        await done.wait()
        return watch.report(received)


JOBS = {
    ("aio-pika", "consume"): consume,
    ("aio-pika", "publish"): publish,
    ("aio-pika gather", "publish"): publish_gathered,
    ("aio-pika", "pipe"): pipe,
    ("aio-pika callbacks", "pipe"): pipe_callbacks,
}

if __name__ == "__main__":
    main(JOBS)
