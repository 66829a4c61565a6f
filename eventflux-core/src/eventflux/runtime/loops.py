"""Event loops: the one of an app in a thread of its own, and calls from other threads."""

from __future__ import annotations

import asyncio
import importlib
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from eventflux.base.errors import UsageError

T = TypeVar("T")

logger = logging.getLogger("eventflux.runtime")

_LAST_WORDS = 5.0
"""Seconds for tasks that nobody has ended to heed being cancelled."""


def new_event_loop() -> asyncio.AbstractEventLoop:
    """A loop of uvloop where that is installed, else of asyncio."""
    try:
        uvloop: Any = importlib.import_module("uvloop")
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


class LoopCaller:
    """Lets other threads run something on a loop and wait for what comes of it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._open: set[Future[Any]] = set()
        self._lock = threading.Lock()
        self._ended = False

    def on_loop(self) -> bool:
        """Whether the caller runs on this loop."""
        try:
            return asyncio.get_running_loop() is self.loop
        except RuntimeError:
            return False

    def call(
        self,
        work: Callable[[], T],
        otherwise: Callable[[], Coroutine[Any, Any, T]] | None = None,
        *,
        timeout: float | None = None,
    ) -> T:
        """Call ``work`` on the loop; if it raises :class:`Later`, run ``otherwise()`` there.

        Raises:
            UsageError: the loop has ended meanwhile.
            TimeoutError: there was no result after ``timeout`` seconds.
        """
        done: Future[T] = Future()
        with self._lock:
            if self._ended or self.loop.is_closed():
                raise UsageError("the app's event loop has ended")
            self._open.add(done)

        def run() -> None:
            try:
                done.set_result(work())
            except Later:
                assert otherwise is not None, "what raises Later has something else to run"
                self._run_task(otherwise(), done)
            except BaseException as error:
                done.set_exception(error)

        self.loop.call_soon_threadsafe(run)
        try:
            return done.result(timeout)
        finally:
            with self._lock:
                self._open.discard(done)

    def run(self, work: Callable[[], Coroutine[Any, Any, T]], *, timeout: float | None = None) -> T:
        """Run a coroutine on the loop and wait for its result; raises as :meth:`call`."""

        def later() -> T:
            raise Later

        return self.call(later, work, timeout=timeout)

    def end(self) -> None:
        """Nobody will answer any more: let those who still wait know."""
        with self._lock:
            self._ended = True
            waiting = [future for future in self._open if not future.done()]
        for future in waiting:
            future.set_exception(UsageError("the app stopped before this was done"))

    def _run_task(self, work: Coroutine[Any, Any, T], done: Future[T]) -> None:
        task = self.loop.create_task(work)

        def copy(task: asyncio.Task[T]) -> None:
            if done.done():
                return
            if task.cancelled():
                done.set_exception(UsageError("the app stopped before this was done"))
                return
            error = task.exception()
            if error is None:
                done.set_result(task.result())
            else:
                done.set_exception(error)

        task.add_done_callback(copy)


class Later(Exception):
    """What was called on the loop can't be done at once."""


class LoopThread(LoopCaller):
    """An event loop in a daemon thread."""

    def __init__(self, name: str) -> None:
        super().__init__(new_event_loop())
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
            left = asyncio.all_tasks(self.loop)
            for task in left:
                task.cancel()
            if left:
                ended = asyncio.wait(left, timeout=_LAST_WORDS)
                for task in self.loop.run_until_complete(ended)[1]:
                    logger.warning("%r goes on though cancelled", task)
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        finally:
            self.end()
            self.loop.close()

    def stop(self) -> None:
        """End the loop and its thread."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()


def run_alone(call: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run something of an app that does not run, on a loop of its own.

    Raises:
        UsageError: this thread has a running loop.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(work())
        return
    raise UsageError(
        f"{call}() would block the event loop of this thread",
        f"await a{call}(), or call it from another thread",
    )
