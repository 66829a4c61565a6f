"""Rows and time that the caller gives to a running app."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from eventflux.base.clock import Clock, ManualClock
from eventflux.base.errors import UsageError
from eventflux.base.rows import Row
from eventflux.runtime.delivery import CallbackDelivery, Delivery
from eventflux.runtime.life import Life
from eventflux.runtime.room import Room, any_full, room_in_all
from eventflux.runtime.steps import StepFailed, Steps

T = TypeVar("T")

_LARGEST_STEP = 1024
"""More rows than these are stepped in slices, and the loop turns between them."""


class Feed:
    """Called on the app's loop. Everything that steps raises

    - ``UsageError`` when the app does not run, or stops before results are safe;
    - the failure of the app when a row fails and stops it.
    """

    def __init__(
        self,
        life: Life,
        clock: Clock,
        steps: Steps,
        rooms: Mapping[str, Sequence[Room]],
        rows_in: dict[str, int],
        step_failed: Callable[[StepFailed], None],
        checkpointed: Collection[str],
        want_checkpoint: Callable[[], None],
    ) -> None:
        """``rooms`` are for each stream what its rows can fill up; ``rows_in`` counts them;
        ``checkpointed`` are the streams whose rows reach state that is stored."""
        self._life = life
        self._clock = clock
        self._steps = steps
        self._rooms = rooms
        self._step_failed = step_failed
        self._rows_in = rows_in
        self._checkpointed = checkpointed
        self._want_checkpoint = want_checkpoint

    def can_take(self, stream: str, rows: int) -> bool:
        """Whether :meth:`now` will do: one step, and room for what comes of it."""
        return rows <= _LARGEST_STEP and not any_full(self._rooms[stream])

    def now(
        self,
        stream: str,
        rows: Sequence[Row],
        times: Sequence[int] | None,
        delivery: Delivery | None = None,
    ) -> None:
        """Step independent rows without waiting."""
        self._life.check_running()
        self._rows_in[stream] += len(rows)
        self._failing(lambda: self._steps.feed(stream, rows, times, delivery))

    async def rows(
        self,
        stream: str,
        rows: Sequence[Row],
        times: Sequence[int] | None,
        *,
        confirmed: bool,
    ) -> None:
        """Step independent rows as there is room; with ``confirmed`` return when the sinks
        have confirmed all that came of them."""
        waiting: list[asyncio.Future[None]] = []
        for start in range(0, len(rows), _LARGEST_STEP):
            await self._room(stream)
            end = start + _LARGEST_STEP
            slice_times = None if times is None else times[start:end]
            with self._tracked(stream, confirmed, waiting) as delivery:
                self.now(stream, rows[start:end], slice_times, delivery)
            await asyncio.sleep(0)
        await self._until_safe(stream, waiting)

    async def batch(
        self, stream: str, rows: Sequence[Row], time: int | None, *, confirmed: bool
    ) -> None:
        """The same for one logical batch."""
        waiting: list[asyncio.Future[None]] = []
        await self._room(stream)
        self._rows_in[stream] += len(rows)
        with self._tracked(stream, confirmed, waiting) as delivery:
            self._failing(lambda: self._steps.step_batch(stream, rows, time, delivery))
        await self._until_safe(stream, waiting)

    def advance_to(self, now_ms: int) -> None:
        """Move a clock that doesn't move by itself; ``UsageError`` on the system clock."""
        self._life.check_running()
        if not isinstance(self._clock, ManualClock):
            raise UsageError(
                f"app {self._life.name!r} runs on the system clock, which moves by itself",
                "SET app.time = 'event' makes it run on the time of its events",
            )
        self._failing(lambda: self._steps.advance(now_ms))

    async def _room(self, stream: str) -> None:
        self._life.check_running()
        rooms = self._rooms[stream]
        if any_full(rooms):
            await room_in_all(rooms)
            self._life.check_running()

    def _failing(self, step: Callable[[], None]) -> None:
        try:
            step()
        except StepFailed as failed:
            self._step_failed(failed)
            raise failed.error from failed.error.__cause__

    @contextmanager
    def _tracked(
        self, stream: str, confirmed: bool, waiting: list[asyncio.Future[None]]
    ) -> Iterator[Delivery | None]:
        """A delivery for what is stepped in it, if it is to be ``confirmed``; ``waiting`` gets
        what is done when it is safe."""
        if not confirmed:
            yield None
            return
        safe: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def resolve() -> None:
            if not safe.done():
                safe.set_result(None)

        absorbed = stream in self._checkpointed
        delivery = CallbackDelivery(resolve, self._steps.epoch, absorbed=absorbed)
        waiting.append(safe)
        try:
            yield delivery
        finally:
            delivery.done()

    async def _until_safe(self, stream: str, waiting: Sequence[asyncio.Future[None]]) -> None:
        if waiting and stream in self._checkpointed:
            self._want_checkpoint()
        for safe in waiting:
            await until_stop(self._life, safe, "the results were confirmed")


async def until_stop(life: Life, safe: asyncio.Future[T], what: str) -> T:
    """The result of ``safe``.

    Raises:
        EventFluxError: the app has failed.
        UsageError: it stopped before ``what`` was so.
    """
    if not safe.done():
        stopped = asyncio.ensure_future(_until_set(life.stopped))
        waiting: set[asyncio.Future[Any]] = {safe, stopped}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
    if safe.done():
        return safe.result()
    if life.failure is not None:
        raise life.failure
    raise UsageError(
        f"app {life.name!r} stopped before {what}",
        "raise app.stop.timeout, or send them again after the next start",
    )


async def _until_set(event: asyncio.Event) -> None:
    await event.wait()
