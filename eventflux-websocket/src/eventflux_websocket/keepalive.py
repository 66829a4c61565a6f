"""Asks whether the other side is still there, and gives up a connection that is dead or idle."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass

from eventflux.base.durations import format_duration
from eventflux.spi import Disconnected
from eventflux_websocket.line import Line


@dataclass(frozen=True, slots=True)
class Patience:
    """How long what may take, in milliseconds; 0 is for ever."""

    ping_interval: int = 0
    """After so long without a sign of the other side a ping asks for one."""
    ping_timeout: int = 0
    """Without a sign for so long after a ping the connection is dead."""
    idle: int = 0
    """Without a message for so long it is idle, whatever pings say."""


class Keepalive:
    """Watches a line with one timer, from its making until the line is lost.

    While our own reading is paused, nothing is expected of the other side. One that takes what
    waits to be sent to it shows by that that it is there.
    """

    def __init__(self, line: Line, patience: Patience) -> None:
        self._line = line
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._last_ping = -math.inf
        self._asked: float | None = None
        """When a ping was sent that asks for a sign, and none has come."""
        self._unsent = 0
        self._timer: asyncio.TimerHandle | None = None
        self._look_later()
        line.lost.add_done_callback(self._stop)

    def _stop(self, lost: asyncio.Future[None]) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _look_later(self) -> None:
        due = min(self._idle_due(), self._ping_due())
        if due < math.inf:
            self._timer = self._loop.call_at(due, self._look)

    def _idle_due(self) -> float:
        idle = self._patience.idle
        return self._line.last_message + idle / 1000 if idle else math.inf

    def _ping_due(self) -> float:
        """When to ping, or when a ping has been in vain."""
        if self._asked is not None:
            return self._asked + self._patience.ping_timeout / 1000
        interval = self._patience.ping_interval
        latest = max(self._line.last_heard, self._last_ping)
        return latest + interval / 1000 if interval else math.inf

    def _look(self) -> None:
        line, now = self._line, self._loop.time()
        if line.ended is not None:
            return
        self._look_for_signs(now)
        if self._idle_due() <= now:
            line.begin_close(self._idle_fault(), reason="idle")
            return
        if self._ping_due() <= now:
            if self._asked is not None:
                line.fail(self._dead_fault())
                return
            self._last_ping = now
            self._asked = now if self._patience.ping_timeout else None
            line.ping()
        self._look_later()

    def _look_for_signs(self, now: float) -> None:
        line = self._line
        if line.reading_paused:
            line.last_heard = line.last_message = now
        unsent = line.unsent
        if unsent < self._unsent:
            line.last_heard = now
        self._unsent = unsent
        if self._asked is not None and line.last_heard >= self._asked:
            self._asked = None

    def _idle_fault(self) -> Disconnected:
        return Disconnected(
            f"no message came from {self._line.peer} for {format_duration(self._patience.idle)}",
            'raise "websocket.idle.timeout" if it may be silent for longer',
        )

    def _dead_fault(self) -> Disconnected:
        waited = format_duration(self._patience.ping_timeout)
        return Disconnected(
            f"nothing came from {self._line.peer} within {waited} after a ping",
            'it hangs or the line is cut; raise "websocket.ping.timeout" if it may be that slow',
        )
