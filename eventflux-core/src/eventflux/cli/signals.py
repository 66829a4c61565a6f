"""SIGINT and SIGTERM: the first asks to stop, the second ends the process at once."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from types import FrameType

from eventflux.cli.exits import Exit

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopSignals:
    """Made on the main thread, on the loop that waits for :attr:`asked`.

    The handlers run in the interpreter itself, not on the loop: a second signal works even
    while a user's function holds the loop. Nothing that was not confirmed has been
    acknowledged then, so the other side delivers it again.
    """

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._seen = False
        for number in SIGNALS:
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._seen:
            os.write(sys.stderr.fileno(), b"eventflux: ended at once by a second signal\n")
            os._exit(Exit.INTERRUPTED)
        self._seen = True
        if not self._loop.is_closed():  # it is when everything has ended by itself
            self._loop.call_soon_threadsafe(self.asked.set)
