"""Publishes with confirms, in a thread of its own, through everything that the broker suffers."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import aiormq
from pamqp.commands import Basic

WINDOW = 250
"""Messages that wait for their confirmation at once."""
ANSWER_TIMEOUT = 40.0
RETRY_PAUSE = 0.1


class Publisher:
    """Publishes bodies to a queue; what was not confirmed is published again.

    It stands for the outside world and uses nothing of EventFlux. A message may be in the
    queue twice when its confirmation got lost.
    """

    def __init__(
        self, url: str, queue: str, bodies: Sequence[bytes], *, rate: float | None = None
    ) -> None:
        """Prepare; ``with`` starts it.

        Args:
            url: the broker.
            queue: where to.
            bodies: the messages, in order.
            rate: messages a second; by default as fast as it goes.
        """
        self._url = url
        self._queue = queue
        self._bodies = bodies
        self.rate = rate
        """May be changed while it publishes."""
        self._paused = self._publishing = False
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, name="publisher", daemon=True)
        self.confirmed = 0
        """How many the broker has safe."""
        self.repeated = 0
        """How many were published again because no confirmation came."""
        self.reconnects = 0

    def __enter__(self) -> Publisher:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join(ANSWER_TIMEOUT + 10)

    @property
    def finished(self) -> bool:
        return self.confirmed == len(self._bodies)

    def wait_for(self, confirmed: int, timeout: float = 120.0) -> None:
        """Return when so many are confirmed."""
        deadline = time.monotonic() + timeout
        while self.confirmed < min(confirmed, len(self._bodies)):
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise TimeoutError(f"the publisher got {self.confirmed} messages confirmed")
            time.sleep(0.01)

    def finish(self, timeout: float = 120.0) -> None:
        """Return when all are confirmed."""
        self.wait_for(len(self._bodies), timeout)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Publish nothing for a while; what was under way has an answer by then, or will be
        published again."""
        self._paused = True
        try:
            while self._publishing:
                time.sleep(0.01)
            yield
        finally:
            self._paused = False

    def _work(self) -> None:
        asyncio.run(self._publish_all())

    async def _publish_all(self) -> None:
        waiting = list(self._bodies)
        waiting.reverse()
        while waiting and not self._ending.is_set():
            with contextlib.suppress(Exception, asyncio.CancelledError):
                await self._publish_while_connected(waiting)
            if waiting:
                self.reconnects += 1
                await asyncio.sleep(RETRY_PAUSE)

    async def _publish_while_connected(self, waiting: list[bytes]) -> None:
        """Publish windows until all are confirmed; ``waiting`` is what is not, reversed."""
        async with asyncio.timeout(ANSWER_TIMEOUT):
            connection = await aiormq.connect(self._url)
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT):
                channel = await connection.channel()
            while waiting and not self._ending.is_set():
                if self._paused:
                    await asyncio.sleep(0.02)
                    continue
                rate = self.rate
                size = WINDOW if rate is None else max(min(WINDOW, int(rate / 2)), 1)
                window = waiting[: -size - 1 : -1]
                self._publishing = True
                try:
                    outcomes = await self._publish_window(connection, channel, window)
                finally:
                    self._publishing = False
                unconfirmed = [
                    body
                    for body, outcome in zip(window, outcomes, strict=True)
                    if not isinstance(outcome, Basic.Ack)
                ]
                del waiting[-len(window) :]
                waiting.extend(reversed(unconfirmed))
                self.confirmed += len(window) - len(unconfirmed)
                self.repeated += len(unconfirmed)
                if unconfirmed:
                    return
                if rate is not None:
                    await asyncio.sleep(min(len(window) / rate, 1.0))
        finally:
            with contextlib.suppress(Exception, asyncio.CancelledError):
                async with asyncio.timeout(2):
                    await connection.close()

    async def _publish_window(
        self, connection: Any, channel: Any, window: Sequence[bytes]
    ) -> list[object]:
        """What became of each; at the end of the connection some hear of nothing at all."""
        publishes = [asyncio.create_task(self._publish(channel, body)) for body in window]
        all_told = asyncio.gather(*publishes, return_exceptions=True)
        await asyncio.wait({all_told, connection.closing}, return_when=asyncio.FIRST_COMPLETED)
        if not all_told.done():
            await asyncio.wait({all_told}, timeout=0.5)
            for publish in publishes:
                publish.cancel()
        return list(await all_told)

    async def _publish(self, channel: Any, body: bytes) -> object:
        async with asyncio.timeout(ANSWER_TIMEOUT):
            return await channel.basic_publish(
                body,
                routing_key=self._queue,
                properties=Basic.Properties(delivery_mode=2),
                mandatory=True,
                wait=False,
            )
