"""Names what holds the event loop for too long, while it does.

Heartbeats of all connections stop meanwhile, so a slow function must not stay unseen.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable
from linecache import getline
from time import perf_counter
from types import FrameType

from eventflux.runtime.culprits import PluginOf, no_plugin, plugin_at_work

logger = logging.getLogger("eventflux.runtime")

Locate = Callable[[str, int, int], str | None]
"""From a file, the first line of a function and a line in it to the query that stands there."""

_FRAMES_TOLD = 6


class Watchdog:
    """A thread that asks the loop for an answer, again and again.

    ``current`` gives what the loop works at, in words, or ``None`` if that is no step of the
    engine; ``locate`` names the query of a line of generated code, ``plugin_of`` the plugin of a
    module. An answer that takes longer
    than ``limit`` seconds is told of once, with where the loop is by then.
    """

    def __init__(
        self,
        app: str,
        current: Callable[[], str | None],
        locate: Locate,
        limit: float = 1.0,
        plugin_of: PluginOf = no_plugin,
    ) -> None:
        self._app = app
        self._current = current
        self._locate = locate
        self._limit = limit
        self._plugin_of = plugin_of
        self._asked_at: float | None = None
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self.stalls = 0
        """How often the loop was held for longer than the limit, since the app was made."""

    def start(self) -> None:
        """Watch the running loop, which is that of the thread that calls this."""
        self._ended = threading.Event()
        self._asked_at = None
        self._thread = threading.Thread(
            target=self._watch,
            args=(asyncio.get_running_loop(), threading.get_ident(), self._ended),
            name=f"watchdog-{self._app}",
            daemon=True,
        )
        self._thread.start()

    def stop(self) -> None:
        """Watch no more; the thread, which the end wakes, is gone then."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(1.0)
            self._thread = None

    def _watch(
        self, loop: asyncio.AbstractEventLoop, loop_thread: int, ended: threading.Event
    ) -> None:
        told = False
        while not ended.wait(self._limit / 4):
            asked_at = self._asked_at
            if asked_at is None:
                self._asked_at, told = perf_counter(), False
                try:
                    loop.call_soon_threadsafe(self._answered)
                except RuntimeError:
                    return  # the loop has been closed
            elif not told and perf_counter() - asked_at > self._limit:
                told = True
                self.stalls += 1
                self._tell(perf_counter() - asked_at, sys._current_frames().get(loop_thread))

    def _answered(self) -> None:
        self._asked_at = None

    def _tell(self, held: float, frame: FrameType | None) -> None:
        frames = _outwards(frame)
        place = next(filter(None, map(self._query_of, frames)), None)
        what = [self._current(), place, plugin_at_work(frames, self._plugin_of)]
        logger.warning(
            "app %r: %s has held the event loop for %.1f s, now in %s",
            self._app,
            ", ".join(filter(None, what)) or "something outside the queries",
            held,
            ", called by ".join(map(_told, frames[:_FRAMES_TOLD])) or "a thread that has ended",
        )

    def _query_of(self, frame: FrameType) -> str | None:
        code = frame.f_code
        return self._locate(code.co_filename, code.co_firstlineno, frame.f_lineno)


def _outwards(frame: FrameType | None) -> list[FrameType]:
    """The frames of a stack, the innermost first."""
    frames: list[FrameType] = []
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back
    return frames


def _told(frame: FrameType) -> str:
    """The function and the place of a frame; of generated code its line, as it is in no file."""
    code = frame.f_code
    place = f"{code.co_filename}:{frame.f_lineno}"
    if code.co_filename.startswith("<"):
        line = getline(code.co_filename, frame.f_lineno).strip()
        return f"{code.co_name} ({place}: {line})" if line else f"{code.co_name} ({place})"
    return f"{code.co_name} ({place})"
