"""The WebSocket jobs by the product: whole apps, written in SQL."""

from __future__ import annotations

import asyncio
import logging
import resource
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.orders import body, until
from benchmarks.websocket_jobs import CLIENTS, Request, Values, main, ready, rows
from eventflux import AppRuntime, EventFluxManager
from eventflux.base.clock import SystemClock
from eventflux.spi import (
    ConnectorContext,
    EndOfStream,
    Options,
    Positions,
    ReceiveLimits,
    SinkBatch,
    Source,
    SourceBatch,
    SourceFactory,
    SourceKind,
)
from eventflux_websocket.options import SinkOptions
from eventflux_websocket.server_sink import ServerSink

COLUMNS = "order_id STRING, customer_id STRING, amount DOUBLE, product STRING"
QUERY = """INSERT INTO Enriched
SELECT order_id, customer_id, amount, product,
  CASE WHEN amount > 1000 THEN 'HIGH' WHEN amount > 100 THEN 'MEDIUM' ELSE 'LOW' END AS priority
FROM Orders WHERE amount > 50;
"""


def stream(request: Request, name: str, columns: str, kind: str, path: str) -> str:
    where = (
        f"websocket.url = '{request.url(path)}'"
        if request.mode == "client"
        else f"websocket.mode = 'server', websocket.port = '{request.port}', "
        f"websocket.path = '{path}'"
    )
    if kind == "sink" and request.mode == "server":
        where += ", websocket.slow.clients = 'wait', websocket.clients.min = '1'"
    return (
        f"CREATE STREAM {name} ({columns}) WITH (type = '{kind}', extension = 'websocket', "
        f"format = 'json', {where});\n"
    )


def input_of(request: Request) -> str:
    return stream(request, "Orders", COLUMNS, "source", "/in")


def output_of(request: Request) -> str:
    return stream(request, "Enriched", f"{COLUMNS}, priority STRING", "sink", "/out")


class Rows(Source):
    """Gives rows that wait in memory."""

    def __init__(self, values: Sequence[Values]) -> None:
        self._values = values
        self._given = 0

    async def open(self, positions: Positions | None) -> None:
        self._given = 0

    async def receive(self, limits: ReceiveLimits) -> SourceBatch:
        if self._given == len(self._values):
            raise EndOfStream
        batch = self._values[self._given : self._given + limits.messages]
        self._given += len(batch)
        return SourceBatch(batch)

    async def close(self) -> None:
        """Nothing is open."""


class NoOptions(Options):
    """It needs none."""


class RowsFactory(SourceFactory):
    name: ClassVar[str] = "rows"
    doc: ClassVar[str] = "gives the rows of the benchmark"
    kind: ClassVar[SourceKind] = "live"
    options: ClassVar[type[Options]] = NoOptions

    def __init__(self, count: int) -> None:
        self._values = list(rows(count))

    def create(self, options: Any, context: ConnectorContext) -> Source:
        return Rows(self._values)


async def run(app: AppRuntime, request: Request) -> dict[str, float]:
    """Run the app until its source has taken all, and its sink let go of all."""
    async with app:
        watch = ready()
        await until(lambda: _done(app) >= request.count)
        return watch.report(request.count)


def _done(app: AppRuntime) -> int:
    return int(app.stats()["connectors"]["Orders"]["acknowledged"])


async def receive(request: Request) -> dict[str, float]:
    app = EventFluxManager().create_app(input_of(request) + QUERY)
    kept: list[int] = []
    app.on("Enriched", lambda rows: kept.append(len(rows)), batch=True)
    return {**await run(app, request), "kept": sum(kept)}


async def send(request: Request) -> dict[str, float]:
    manager = EventFluxManager()
    manager.context.add_source_factory("rows", RowsFactory(request.count))
    source = f"CREATE STREAM Orders ({COLUMNS}) WITH (type = 'source', extension = 'rows');\n"
    return await run(manager.create_app(source + output_of(request) + QUERY), request)


async def pipe(request: Request) -> dict[str, float]:
    sql = input_of(request) + output_of(request) + QUERY
    return await run(EventFluxManager().create_app(sql), request)


async def broadcast(request: Request) -> dict[str, float]:
    """One message at a time by the connector alone."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    values = {"mode": "server", "port": str(request.port), "path": "/out"}
    options = SinkOptions.parse({f"websocket.{name}": text for name, text in values.items()})
    sink = ServerSink(options, ConnectorContext("Out", "bench", clock=SystemClock()))
    await sink.open()
    await until(lambda: sink.gauges()["clients"] >= CLIENTS)
    watch = ready()
    for number in range(request.count):
        await sink.send(SinkBatch([body(number, 60)]))
        await asyncio.sleep(0)
    report = watch.report(request.count)
    await sink.close()
    return report


if __name__ == "__main__":
    logging.getLogger("eventflux").setLevel(logging.ERROR)  # the other end goes first
    main({"receive": receive, "send": send, "pipe": pipe, "broadcast": broadcast})
