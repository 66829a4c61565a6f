"""Rows and time that the caller gives to a running app."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from eventflux.base.clock import ManualClock
from eventflux.base.errors import UsageError
from eventflux.base.rows import Row
from eventflux.runtime.delivery import CallbackDelivery, Delivery
from eventflux.runtime.room import any_full, room_in_all
from eventflux.runtime.steps import StepFailed

if TYPE_CHECKING:
    from eventflux.runtime.runtime import Runtime

_LARGEST_STEP = 1024
"""More rows than these are stepped in slices, and the loop turns between them."""


class Feed:
    """Called on the app's loop. Everything that steps raises

    - ``UsageError`` when the app does not run, or stops before results are safe;
    - the failure of the app when a row fails and stops it.
    """

    def __init__(self, app: Runtime) -> None:
        self._app = app

    def can_take(self, stream: str, rows: int) -> bool:
        """Whether :meth:`now` will do: one step, and room for what comes of it."""
        return rows <= _LARGEST_STEP and not any_full(self._app.rooms[stream])

    def now(
        self,
        stream: str,
        rows: Sequence[Row],
        times: Sequence[int] | None,
        delivery: Delivery | None = None,
    ) -> None:
        """Step independent rows without waiting."""
        app = self._app
        self._check_running()
        app.rows_in[stream] += len(rows)
        self._failing(lambda: app.steps.feed(stream, rows, times, delivery))

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
        delivery, safe = _tracked(confirmed)
        for start in range(0, len(rows), _LARGEST_STEP):
            await self._room(stream)
            end = start + _LARGEST_STEP
            slice_times = None if times is None else times[start:end]
            self.now(stream, rows[start:end], slice_times, delivery)
            await asyncio.sleep(0)
        await self._until_safe(delivery, safe)

    async def batch(
        self, stream: str, rows: Sequence[Row], time: int | None, *, confirmed: bool
    ) -> None:
        """The same for one logical batch."""
        app = self._app
        delivery, safe = _tracked(confirmed)
        await self._room(stream)
        app.rows_in[stream] += len(rows)
        self._failing(lambda: app.steps.step_batch(stream, rows, time, delivery))
        await self._until_safe(delivery, safe)

    def advance_to(self, now_ms: int) -> None:
        """Move a clock that doesn't move by itself; ``UsageError`` on the system clock."""
        app = self._app
        self._check_running()
        if not isinstance(app.spec.clock, ManualClock):
            raise UsageError(
                f"app {app.spec.name!r} runs on the system clock, which moves by itself",
                "SET app.time = 'event' makes it run on the time of its events",
            )
        self._failing(lambda: app.steps.advance(now_ms))

    async def _room(self, stream: str) -> None:
        self._check_running()
        rooms = self._app.rooms[stream]
        if any_full(rooms):
            await room_in_all(rooms)
            self._check_running()

    def _check_running(self) -> None:
        app = self._app
        if app.failure is not None:
            raise app.failure
        if app.state != "running":
            raise UsageError(
                f"app {app.spec.name!r} is not running but {app.state}",
                "start it first: app.start(), await app.astart(), or 'with app:'",
            )

    def _failing(self, step: Callable[[], None]) -> None:
        try:
            step()
        except StepFailed as failed:
            self._app.step_failed(failed)
            raise failed.error from failed.error.__cause__

    async def _until_safe(
        self, delivery: Delivery | None, safe: asyncio.Future[None] | None
    ) -> None:
        app = self._app
        if delivery is None or safe is None:
            return
        delivery.done()
        if not safe.done():
            stopped = asyncio.ensure_future(_until_set(app.stopped))
            try:
                await asyncio.wait({safe, stopped}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                stopped.cancel()
        if safe.done():
            return
        if app.failure is not None:
            raise app.failure
        raise UsageError(
            f"app {app.spec.name!r} stopped before the results were confirmed",
            "raise app.stop.timeout, or send them again after the next start",
        )


def _tracked(confirmed: bool) -> tuple[Delivery | None, asyncio.Future[None] | None]:
    if not confirmed:
        return None, None
    safe: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def resolve() -> None:
        if not safe.done():
            safe.set_result(None)

    return CallbackDelivery(resolve), safe


async def _until_set(event: asyncio.Event) -> None:
    await event.wait()
