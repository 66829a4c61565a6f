"""The WebSocket jobs by a loop over the library `websockets`, as one would write it."""

from __future__ import annotations

import asyncio
import resource
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.asyncio.connection import Connection, broadcast
from websockets.asyncio.server import ServerConnection, serve

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.orders import Order, body, decode, encode, judge
from benchmarks.websocket_jobs import CLIENTS, Request, main, ready, rows

QUEUE = 1024
"""Messages that the library may read ahead: by default 16, with which it is slower."""


@asynccontextmanager
async def connections(request: Request, count: int) -> AsyncIterator[list[Connection]]:
    """The connections of a job, in the order of their making."""
    if request.mode == "client":
        paths = ("/in", "/out")[:count]
        urls = map(request.url, paths)
        made = [await connect(url, compression=None, max_queue=QUEUE) for url in urls]
        yield [*made]
        return
    came: list[Connection] = []
    all_here, done = asyncio.Event(), asyncio.Event()

    async def handle(connection: ServerConnection) -> None:
        came.append(connection)
        if len(came) == count:
            all_here.set()
        await done.wait()

    async with serve(
        handle, "127.0.0.1", request.port, compression=None, max_queue=QUEUE, close_timeout=0.1
    ):
        await all_here.wait()
        yield came
        done.set()


async def receive(request: Request) -> dict[str, float]:
    async with connections(request, 1) as [source]:
        watch, received, kept = ready(), 0, 0
        while received < request.count:
            message = await source.recv(decode=False)
            received += 1
            if judge(decode(message)) is not None:
                kept += 1
        return {**watch.report(received), "kept": kept}


async def send(request: Request) -> dict[str, float]:
    async with connections(request, 1) as [sink]:
        watch = ready()
        for values in rows(request.count):
            enriched = judge(Order(*values))
            if enriched is not None:
                await sink.send(encode(enriched), text=True)
        report = watch.report(request.count)
        await sink.wait_closed()
        return report


async def pipe(request: Request) -> dict[str, float]:
    async with connections(request, 2) as [source, sink]:
        watch, received = ready(), 0
        while received < request.count:
            enriched = judge(decode(await source.recv(decode=False)))
            received += 1
            if enriched is not None:
                await sink.send(encode(enriched), text=True)
        report = watch.report(received)
        await sink.wait_closed()
        return report


async def broadcasting(request: Request) -> dict[str, float]:
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    async with connections(request, CLIENTS) as clients:
        watch = ready()
        for number in range(request.count):
            broadcast(clients, body(number, 60).decode())
            await asyncio.sleep(0)
        report = watch.report(request.count)
        await clients[0].wait_closed()
        return report


if __name__ == "__main__":
    main({"receive": receive, "send": send, "pipe": pipe, "broadcast": broadcasting})
