"""The work of the input and output jobs on one message, and how long it took."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import msgspec


class Order(msgspec.Struct):
    order_id: str
    customer_id: str
    amount: float
    product: str


class Enriched(msgspec.Struct):
    order_id: str
    customer_id: str
    amount: float
    product: str
    priority: str


def body(number: int, amount: float) -> bytes:
    """A message as the jobs read it."""
    return b'{"order_id":"%019d","customer_id":"c-%04d","amount":%.2f,"product":"widget-%d"}' % (
        number,
        number % 1000,
        amount,
        number % 50,
    )


decode = msgspec.json.Decoder(Order).decode
encode = msgspec.json.Encoder().encode


def judge(order: Order) -> Enriched | None:
    """The job on one row: the result, or ``None`` where the filter drops it."""
    amount = order.amount
    if amount <= 50:
        return None
    priority = "HIGH" if amount > 1000 else "MEDIUM" if amount > 100 else "LOW"
    return Enriched(order.order_id, order.customer_id, amount, order.product, priority)


def enrich(payload: bytes) -> bytes | None:
    """The job on one message, decoded and encoded."""
    enriched = judge(decode(payload))
    return None if enriched is None else encode(enriched)


class Stopwatch:
    """Wall and CPU time of this process since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def report(self, count: int) -> dict[str, float]:
        wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        return {"seconds": wall, "cpu": cpu, "messages": count}


async def until(done: Callable[[], bool]) -> None:
    """Return once an app is ``done``."""
    while not done():  # noqa: ASYNC110  there is no event: an app's counters tell nobody
        await asyncio.sleep(0.002)
