"""A message sent again and again, for servers that want to hear more than pings."""

from __future__ import annotations

import asyncio

from eventflux_websocket.framing import TEXT
from eventflux_websocket.wire import Wire


class Heartbeat:
    """Sends the text ``message`` every ``interval`` seconds until the wire is lost."""

    def __init__(self, wire: Wire, message: bytes, interval: float) -> None:
        self._wire = wire
        self._message = message
        self._interval = interval
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(interval, self._beat)
        wire.lost.add_done_callback(lambda lost: self._timer.cancel())

    def _beat(self) -> None:
        if self._wire.ended is None:
            self._wire.send([self._message], TEXT)
            self._timer = self._loop.call_later(self._interval, self._beat)
