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
    """Watches a wire with one timer, from its making until the wire has ended.

    Nothing is expected of the other side while our own reading is paused.
    """

    def __init__(self, wire: Line, patience: Patience) -> None:
        self._wire = wire
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._pinged: float | None = None
        """When a ping was sent on which no sign has come yet."""
        self._look_later()

    def _look_later(self) -> None:
        due = self._next_due()
        if due < math.inf:
            self._loop.call_at(due, self._look)

    def _next_due(self) -> float:
        return min(self._idle_due(), self._ping_due())

    def _idle_due(self) -> float:
        idle = self._patience.idle
        return self._wire.last_message + idle / 1000 if idle else math.inf

    def _ping_due(self) -> float:
        """When to ping, or when a ping has been in vain."""
        patience = self._patience
        if self._pinged is not None:
            timeout = patience.ping_timeout
            return self._pinged + timeout / 1000 if timeout else math.inf
        interval = patience.ping_interval
        return self._wire.last_heard + interval / 1000 if interval else math.inf

    def _look(self) -> None:
        wire, now = self._wire, self._loop.time()
        if wire.ended is not None:
            return
        if wire.reading_paused:
            wire.last_heard = wire.last_message = now
        if self._pinged is not None and wire.last_heard >= self._pinged:
            self._pinged = None
        if self._idle_due() <= now:
            wire.end(self._idle_fault())
            return
        if self._ping_due() <= now:
            if self._pinged is not None:
                wire.fail(self._dead_fault())
                return
            self._pinged = now
            wire.ping()
        self._look_later()

    def _idle_fault(self) -> Disconnected:
        return Disconnected(
            f"no message came from {self._wire.peer} for {format_duration(self._patience.idle)}",
            'raise "websocket.idle.timeout" if it may be silent for longer',
        )

    def _dead_fault(self) -> Disconnected:
        waited = format_duration(self._patience.ping_timeout)
        return Disconnected(
            f"nothing came from {self._wire.peer} within {waited} after a ping",
            'it hangs or the line is cut; raise "websocket.ping.timeout" if it may be that slow',
        )
