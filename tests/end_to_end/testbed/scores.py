"""A local HTTP service that scores numbers: slow, failing now and then, and gone when told so; and
the program that asks it."""

from __future__ import annotations

import asyncio
import random
import socket
import threading
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

SQL = """
SET app.name = 'scores';
CREATE FUNCTION score(number LONG) RETURNS LONG LANGUAGE PYTHON AS '{module}:score';
CREATE STREAM OrderInput (number LONG) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json',
  rabbitmq.host = 'localhost', rabbitmq.queue = 'orders'
);
CREATE STREAM OrderOutput (number LONG, score LONG) WITH (
  type = 'sink', extension = 'rabbitmq', format = 'json',
  rabbitmq.host = 'localhost', rabbitmq.exchange = 'scores', "rabbitmq.routing.key" = 'high-value'
);
INSERT INTO OrderOutput SELECT number, score(number) AS score FROM OrderInput;
"""
MODULE = """
import aiohttp
import eventflux

session = None

@eventflux.function(concurrency={concurrency}, timeout="2s", retry=1000)
async def score(number: int) -> int:
    global session
    session = session or aiohttp.ClientSession(raise_for_status=True)
    async with session.get("http://127.0.0.1:{port}/", params={{"number": number}}) as response:
        return int(await response.text())
"""
CONCURRENCY = 8


class ScoreService:
    """Answers ``number * 2``. Use it in ``with``; it runs in a thread of its own.

    Every answer takes up to ``slowest`` seconds, and every ``fails``-th is an error.
    """

    def __init__(self, *, slowest: float = 0.01, fails: int = 11) -> None:
        self.slowest, self.fails = slowest, fails
        self.asked = Counter[int]()
        self.most_at_a_time = self._at_a_time = 0
        self._draw = random.Random(3)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._runner: web.AppRunner | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self.live()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.die()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def program(self, folder: Path) -> str:
        """The SQL, with its module written beside it."""
        module = f"scores_{self.port}"
        source = MODULE.format(port=self.port, concurrency=CONCURRENCY)
        (folder / f"{module}.py").write_text(source)
        return SQL.format(module=module)

    def was_asked(self, times: int) -> bool:
        """Whether it has been asked so often."""
        return self.asked.total() >= times

    def live(self) -> None:
        """Answer from now on."""
        asyncio.run_coroutine_threadsafe(self._live(), self._loop).result(10)

    def die(self) -> None:
        """Drop every connection, and take none."""
        asyncio.run_coroutine_threadsafe(self._die(), self._loop).result(10)

    async def _live(self) -> None:
        app = web.Application()
        app.router.add_get("/", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()

    async def _die(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _answer(self, request: web.Request) -> web.Response:
        number = int(request.query["number"])
        self.asked[number] += 1
        self._at_a_time += 1
        self.most_at_a_time = max(self.most_at_a_time, self._at_a_time)
        try:
            await asyncio.sleep(self._draw.uniform(0, self.slowest))
            if self.asked.total() % self.fails == 0:
                raise web.HTTPServiceUnavailable
            return web.Response(text=str(number * 2))
        finally:
            self._at_a_time -= 1
