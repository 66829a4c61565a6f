"""The RabbitMQ jobs by the product: its connector alone, and a whole app."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.orders import Stopwatch, body, enrich, until
from benchmarks.rabbitmq_jobs import BATCH, PREFETCH, WINDOW, Job, Request, main
from eventflux.spi import ConnectorContext, ReceiveLimits, SinkBatch, SourceBatch
from eventflux_rabbitmq.options import SinkOptions, SourceOptions
from eventflux_rabbitmq.sink import RabbitSink
from eventflux_rabbitmq.source import RabbitSource

CONTEXT = ConnectorContext(stream="bench", app="bench")


async def open_source(request: Request, fast: str, queue: str = "in") -> RabbitSource:
    values = {
        "rabbitmq.host": "127.0.0.1",
        "rabbitmq.port": str(request.port),
        "rabbitmq.queue": queue,
        "rabbitmq.prefetch": str(PREFETCH),
        "rabbitmq.fast": fast,
    }
    source = RabbitSource(SourceOptions.parse(values), CONTEXT)
    await source.open(None)
    return source


async def open_sink(request: Request, fast: str, queue: str = "out") -> RabbitSink:
    values = {
        "rabbitmq.host": "127.0.0.1",
        "rabbitmq.port": str(request.port),
        "rabbitmq.exchange": "",
        "rabbitmq.routing.key": queue,
        "rabbitmq.fast": fast,
    }
    sink = RabbitSink(SinkOptions.parse(values), CONTEXT)
    await sink.open()
    return sink


def consume(fast: str) -> Job:
    async def job(request: Request) -> dict[str, float]:
        # opening starts the deliveries, so it is counted here: some milliseconds
        watch = Stopwatch()
        source = await open_source(request, fast)
        received = 0
        while received < request.count:
            batch = await source.receive(ReceiveLimits())
            received += len(batch.payloads)
            source.settle(batch.token)
        report = watch.report(received)
        await source.close()
        return report

    return job


def publish(fast: str) -> Job:
    async def job(request: Request) -> dict[str, float]:
        sink = await open_sink(request, fast)
        messages = [body(number, 60) for number in range(request.count)]
        watch = Stopwatch()
        under_way: set[asyncio.Task[Any]] = set()
        for start in range(0, request.count, BATCH):
            if len(under_way) >= WINDOW // BATCH:
                _, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            batch = SinkBatch(messages[start : start + BATCH])
            under_way.add(asyncio.create_task(sink.send(batch)))
        await asyncio.wait(under_way)
        report = watch.report(request.count)
        await sink.close()
        return report

    return job


def pipe(fast: str) -> Job:
    async def job(request: Request) -> dict[str, float]:
        sink = await open_sink(request, fast)
        watch = Stopwatch()
        source = await open_source(request, fast)
        under_way: set[asyncio.Task[None]] = set()

        async def forward(batch: SourceBatch, results: list[bytes]) -> None:
            if results:
                refused = await sink.send(SinkBatch(results))
                assert not refused
            source.settle(batch.token)

        received = 0
        while received < request.count:
            batch = await source.receive(ReceiveLimits())
            received += len(batch.payloads)
            results = [result for result in map(enrich, batch.payloads) if result is not None]
            task = asyncio.create_task(forward(batch, results))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        if under_way:
            await asyncio.wait(under_way)
        report = watch.report(received)
        await source.close()
        await sink.close()
        return report

    return job


SQL = """
CREATE STREAM Orders (order_id STRING, customer_id STRING, amount DOUBLE, product STRING) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json', "rabbitmq.host" = '127.0.0.1',
  "rabbitmq.port" = '{port}', "rabbitmq.queue" = 'in'{prefetch});
CREATE STREAM Enriched (order_id STRING, customer_id STRING, amount DOUBLE, product STRING,
  priority STRING) WITH (
  type = 'sink', extension = 'rabbitmq', format = 'json', "rabbitmq.host" = '127.0.0.1',
  "rabbitmq.port" = '{port}', "rabbitmq.exchange" = '', "rabbitmq.routing.key" = 'out');
INSERT INTO Enriched
SELECT order_id, customer_id, amount, product,
  CASE WHEN amount > 1000 THEN 'HIGH' WHEN amount > 100 THEN 'MEDIUM' ELSE 'LOW' END AS priority
FROM Orders WHERE amount > 50;
"""


async def app_pipe(request: Request) -> dict[str, float]:
    """The same as a SQL app, message ids and counters included."""
    from eventflux import EventFluxManager

    prefetch = f""", "rabbitmq.prefetch" = '{PREFETCH}'"""
    app = EventFluxManager().create_app(SQL.format(port=request.port, prefetch=prefetch))
    watch = Stopwatch()
    async with app:
        await until(lambda: settled(app.stats(), "acknowledged") >= request.count)
        return watch.report(request.count)


def whole_app_pipe(stored: bool) -> Job:
    """The same with what is usual to the app, until it has stopped, ``stored`` or not."""

    async def job(request: Request) -> dict[str, float]:
        from eventflux import EventFluxManager

        with TemporaryDirectory() as directory:
            app = EventFluxManager().create_app(
                SQL.format(port=request.port, prefetch=""), state=directory if stored else None
            )
            watch = Stopwatch()
            async with app:
                await until(lambda: settled(app.stats(), "messages") >= request.count)
            return watch.report(request.count)

    return job


def settled(stats: Any, what: str) -> int:
    """A count of the app's source."""
    return int(stats["connectors"]["Orders"][what])


JOBS = {
    (contender, name): job(fast)
    for contender, fast in (("eventflux", "auto"), ("eventflux fast=off", "off"))
    for name, job in (("consume", consume), ("publish", publish), ("pipe", pipe))
}
JOBS["eventflux app", "pipe"] = app_pipe
JOBS["whole app", "pipe"] = whole_app_pipe(stored=False)
JOBS["whole app with a store", "pipe"] = whole_app_pipe(stored=True)

if __name__ == "__main__":
    main(JOBS)
