"""The RabbitMQ jobs, said in each contender's way; run as a process of its own.

``python rabbitmq_jobs.py CONTENDER JOB PORT COUNT`` does the job once and prints what it
took as one JSON object: seconds, CPU seconds, messages. Connecting is not counted.

Jobs: ``consume`` acknowledges COUNT messages of the queue ``in``. ``publish`` puts COUNT
persistent messages into ``out`` and waits for the broker's confirms. ``pipe`` reads COUNT
messages from ``in``, decodes, keeps amounts above 50, encodes, publishes to ``out`` and
acknowledges when that is confirmed. Messages are JSON of about 90 bytes.

A contender that can use uvloop uses none, as the product does by itself without it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

PREFETCH = 1000
WINDOW = 1000
"""Messages under way at the most, where a contender can have more than one."""
BATCH = 100
"""Messages that are sent together, where a contender has batches."""


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


_decode = msgspec.json.Decoder(Order).decode
_encode = msgspec.json.Encoder().encode


def enrich(payload: bytes) -> bytes | None:
    """The job on one message: the result, or ``None`` where the filter drops it."""
    order = _decode(payload)
    amount = order.amount
    if amount <= 50:
        return None
    priority = "HIGH" if amount > 1000 else "MEDIUM" if amount > 100 else "LOW"
    return _encode(Enriched(order.order_id, order.customer_id, amount, order.product, priority))


@dataclass(frozen=True)
class Request:
    port: int
    count: int

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"


class Stopwatch:
    """Wall and CPU time of this process since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def report(self, count: int) -> dict[str, float]:
        wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        return {"seconds": wall, "cpu": cpu, "messages": count}


Job = Callable[[Request], Coroutine[Any, Any, dict[str, float]]]


def main(jobs: Mapping[tuple[str, str], Job]) -> None:
    """Do what the command line asks for."""
    contender, job, port, count = sys.argv[1:]
    report = asyncio.run(jobs[contender, job](Request(int(port), int(count))))
    print(json.dumps(report), flush=True)
