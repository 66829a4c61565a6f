"""The RabbitMQ jobs by FastStream, with msgspec models; runs in the peers' environment."""

# mypy: disable-error-code="import-not-found, untyped-decorator"
# FastStream is installed there alone.

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from fast_depends.msgspec import MsgSpecSerializer
from faststream.rabbit import Channel, RabbitBroker

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.orders import Enriched, Order, Stopwatch, body
from benchmarks.rabbitmq_jobs import PREFETCH, WINDOW, Request, main


def broker_of(request: Request) -> RabbitBroker:
    return RabbitBroker(
        request.url,
        serializer=MsgSpecSerializer(),
        default_channel=Channel(prefetch_count=PREFETCH),
        logger=None,
    )


async def publish(request: Request) -> dict[str, float]:
    broker = broker_of(request)
    async with broker:
        await broker.connect()
        messages = [body(number, 60) for number in range(request.count)]
        watch = Stopwatch()
        for start in range(0, request.count, WINDOW):
            await asyncio.gather(
                *(
                    broker.publish(message, "out", persist=True)
                    for message in messages[start : start + WINDOW]
                )
            )
        return watch.report(request.count)


async def pipe(request: Request) -> dict[str, float]:
    broker = broker_of(request)
    done, received = asyncio.Event(), 0

    @broker.subscriber("in")
    async def handle(order: Order) -> None:
        nonlocal received
        amount = order.amount
        if amount > 50:
            priority = "HIGH" if amount > 1000 else "MEDIUM" if amount > 100 else "LOW"
            result = Enriched(order.order_id, order.customer_id, amount, order.product, priority)
            await broker.publish(result, "out", persist=True)
        received += 1
        if received == request.count:
            done.set()

    async with broker:
        watch = Stopwatch()
        await broker.start()
        await done.wait()
        report = watch.report(received)
        await asyncio.sleep(0.1)  # the last acknowledgements are written after the handlers
        return report


JOBS = {("faststream", "publish"): publish, ("faststream", "pipe"): pipe}

if __name__ == "__main__":
    main(JOBS)
