"""Names the step that holds the event loop for too long, while it does.

Heartbeats of all connections stop meanwhile, so a slow function must not stay unseen.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from time import perf_counter
from types import FrameType

logger = logging.getLogger("eventflux.runtime")


class Watchdog:
    """A thread that looks at the step that runs, if any.

    ``current`` gives what runs now, in words, and since when (``perf_counter``), or
    ``None``. Each step is named once, when it has taken longer than ``limit`` seconds.
    """

    def __init__(
        self, app: str, current: Callable[[], tuple[str, float] | None], limit: float = 1.0
    ) -> None:
        self._app = app
        self._current = current
        self._limit = limit
        self._loop_thread = threading.get_ident()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=f"watchdog-{app}", daemon=True)

    def start(self) -> None:
        """Watch the thread that calls this."""
        self._loop_thread = threading.get_ident()
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()

    def _watch(self) -> None:
        named: tuple[str, float] | None = None
        while not self._ended.wait(self._limit / 4):
            step = self._current()
            if step is None or step == named:
                continue
            what, since = step
            held = perf_counter() - since
            if held > self._limit:
                named = step
                logger.warning(
                    "app %r: %s has held the event loop for %.1f s, now in %s",
                    self._app,
                    what,
                    held,
                    _place(sys._current_frames().get(self._loop_thread)),
                )


def _place(frame: FrameType | None) -> str:
    """The innermost calls of a stack, the latest last."""
    names: list[str] = []
    while frame is not None and len(names) < 6:
        code = frame.f_code
        names.append(f"{code.co_name} ({code.co_filename}:{frame.f_lineno})")
        frame = frame.f_back
    return ", called by ".join(names) or "a thread that has ended"
