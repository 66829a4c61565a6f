"""Fires the engine's timers on the system clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from eventflux.base.clock import Clock
from eventflux.runtime.engine import Engine

_LONGEST_SLEEP = 60.0
"""Seconds; the wall clock may be set meanwhile, so a far timer is looked at again."""


class Timers:
    """One ``call_at`` for the next due time of the engine; ``fire(now_ms)`` runs it.

    A clock that rows move needs no waiting: timers fire in the step that moves it.
    """

    def __init__(self, engine: Engine, clock: Clock, fire: Callable[[int], None]) -> None:
        self._engine = engine
        self._clock = clock
        self._fire = fire
        self._active = False
        self._handle: asyncio.TimerHandle | None = None
        self._due: int | None = None

    def start(self) -> None:
        self._active = not self._clock.moved_by_rows
        self.look()

    def stop(self) -> None:
        self._active = False
        self._cancel()

    def look(self) -> None:
        """See whether the next due time has changed; called after each step."""
        if not self._active:
            return
        due = self._engine.next_due
        if due == self._due:
            return
        self._cancel()
        if due is not None:
            self._due = due
            delay = min(max((due - self._clock.now_ms()) / 1000, 0.0), _LONGEST_SLEEP)
            self._handle = asyncio.get_running_loop().call_later(delay, self._wake)

    def _wake(self) -> None:
        self._handle, due, self._due = None, self._due, None
        now = self._clock.now_ms()
        if due is not None and now >= due:
            self._fire(now)
        self.look()

    def _cancel(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._handle, self._due = None, None
