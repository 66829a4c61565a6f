"""One app as the program sees it: start, feed, watch, stop; from threads and from asyncio."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

from eventflux.app.inputs import InputHandler, can_be_watched, checked_time, refuse_input
from eventflux.app.program import Program
from eventflux.app.why import Why, diagnose
from eventflux.base.errors import EventFluxError, UsageError
from eventflux.base.rows import Row
from eventflux.base.suggest import did_you_mean
from eventflux.runtime.durations import Durations
from eventflux.runtime.life import State
from eventflux.runtime.loops import LoopCaller, LoopThread, run_alone
from eventflux.runtime.runtime import Runtime
from eventflux.runtime.specs import AppSpec
from eventflux.runtime.standing import standing_of
from eventflux.runtime.stats import Stats
from eventflux.runtime.subscription import FullPolicy, Subscription
from eventflux.runtime.tap import Tap
from eventflux.runtime.values import RowMaker

T = TypeVar("T")


class AppRuntime:
    """An app. Use it in ``with`` (it runs on an event loop in a thread of its own) or in
    ``async with`` (it runs on the caller's loop).

    Plain calls may come from any thread but that of the app's loop; calls with an ``a``
    before their name are awaited, on any loop.
    """

    def __init__(self, program: Program, spec: AppSpec) -> None:
        self.plan = program.plan
        """The app's plan: plain data."""
        self.settings = program.settings
        """The settings that differ from their defaults, by name, wherever they come from."""
        self.warnings = program.warnings
        """What is doubtful in the program, as :class:`eventflux.base.errors.Diagnostic`."""
        self._runtime = Runtime(spec)
        self.feed = self._runtime.feed
        self._inputs: dict[str, InputHandler] = {}
        self._caller: LoopCaller | None = None
        self._failure_told = False

    @property
    def name(self) -> str:
        return self._runtime.spec.name

    @property
    def state(self) -> State:
        """``created``, ``starting``, ``running``, ``stopping``, ``stopped`` or ``failed``."""
        return self._runtime.state

    @property
    def drained(self) -> bool:
        """Whether the last stop saw everything confirmed within ``app.stop.timeout``; what it
        did not see confirmed was not acknowledged either and comes again."""
        return self._runtime.drained

    @property
    def failure(self) -> EventFluxError | None:
        """Why the app has failed, if it has."""
        return self._runtime.failure

    @property
    def stream_failures(self) -> Mapping[str, EventFluxError]:
        """Why streams have failed alone (``on.fail = 'stream'``), by their names: their
        sources have stopped, the app has not."""
        return self._runtime.stream_failures

    # Starting and stopping

    def start(self) -> None:
        """Start on an event loop in a thread of its own; nothing happens if it runs.

        Raises:
            UnreachableError: something didn't answer within ``app.start.timeout``.
            RefusedError: something refused: credentials, a queue, an exchange, …
            StartError: :meth:`stop` was called meanwhile.
        """
        if self.state == "running":
            return
        self._end_thread()
        thread = LoopThread(f"eventflux-{self.name}")
        self._caller = thread
        try:
            thread.run(self._runtime.start)
        except BaseException:
            self._end_thread()
            raise
        self._failure_told = False

    async def astart(self) -> None:
        """Start on the running loop; raises as :meth:`start`."""
        if self.state == "running":
            return
        self._end_thread()
        self._caller = LoopCaller(asyncio.get_running_loop())
        await self._runtime.start()
        self._failure_told = False

    def stop(self, *, flush: bool | None = None) -> None:
        """Take no more, finish what is under way, confirm, settle, close; at most
        ``app.stop.timeout``. A start under way is given up. Nothing happens if the app does
        not run.

        Args:
            flush: close all windows and give their rows (true) or drop them (false); by
                default as ``app.flush.on.stop`` says, or where that is not set, if a finite input
                without a watermark has ended. With a state store they are not dropped
                but go on after the next start, and by default none is closed.
        """
        if self._caller is None:
            return
        if self._runtime.state == "starting":
            # The thread that starts it may end the loop before this call has its answer.
            with contextlib.suppress(UsageError):
                self.caller("stop").run(self._runtime.stop)
        elif self._runtime.state in ("running", "stopping"):
            self.caller("stop").run(lambda: self._runtime.stop(flush=flush))
        self._end_thread()

    async def astop(self, *, flush: bool | None = None) -> None:
        """As :meth:`stop`."""
        if self._caller is None:
            return
        await self.on_app_loop(lambda: self._runtime.stop(flush=flush))
        if not self._caller.on_loop():
            await asyncio.to_thread(self._end_thread)

    def wait_finished(self, timeout: float | None = None) -> bool:
        """Wait until all sources have come to their end and everything is confirmed, or the
        app has stopped. Sources that never end make it wait for a stop.

        Returns:
            whether that was so within ``timeout`` seconds.

        Raises:
            EventFluxError: the app has failed.
        """
        if self._runtime.finished.is_set():
            self._raise_failure()
            return True
        try:
            self.caller("wait_finished").run(self._runtime.wait_finished, timeout=timeout)
        except TimeoutError:
            return False
        self._raise_failure()
        return True

    async def await_finished(self) -> None:
        """As :meth:`wait_finished`, without end."""
        if not self._runtime.finished.is_set():
            await self.on_app_loop(self._runtime.wait_finished)
        self._raise_failure()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        if error is None and not self._failure_told:
            self._raise_failure()

    async def __aenter__(self) -> Self:
        await self.astart()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.astop()
        if error is None and not self._failure_told:
            self._raise_failure()

    # Rows in, rows out

    def input(self, stream: str) -> InputHandler:
        """The way into a stream; ``UsageError`` if the app has no such stream."""
        self._check_stream(stream)
        refuse_input(self.plan, stream)
        handler = self._inputs.get(stream)
        if handler is None:
            maker = RowMaker(stream, self.plan.streams[stream].schema, self.row_type(stream))
            handler = self._inputs[stream] = InputHandler(stream, maker, self)
        return handler

    def on(self, stream: str, f: Callable[[Any], object], *, batch: bool = False) -> None:
        """Call ``f(row)`` for each row of ``stream`` from now on, or with ``batch``
        ``f(rows)`` for those of each step. It is called on the app's loop and must not
        block; if it raises, the stream's error strategy decides.
        """
        self._check_stream(stream)
        if not callable(f) or inspect.iscoroutinefunction(f):
            raise UsageError(
                f"on({stream!r}): {f!r} is no plain function",
                f"to await something for each row: async for row in app.subscribe({stream!r})",
            )
        self.between_steps(lambda: self._runtime.on(stream, f, batch=batch))

    def subscribe(
        self, stream: str, *, limit: int = 1024, full: FullPolicy = "wait"
    ) -> Subscription:
        """The rows of ``stream`` from now on, for ``async for``, until the app stops.

        Args:
            limit: how many rows may wait for the reader.
            full: what happens then: ``wait`` (the sources do), ``drop_oldest`` (counted),
                ``fail`` (the reader gets :class:`eventflux.BackpressureError`).
        """
        self._check_stream(stream)
        if limit < 1 or full not in ("wait", "drop_oldest", "fail"):
            raise UsageError(
                f"subscribe({stream!r}): limit={limit!r}, full={full!r}",
                "limit is at least 1, full is 'wait', 'drop_oldest' or 'fail'",
            )
        return self.between_steps(lambda: self._runtime.subscribe(stream, limit, full))

    @contextlib.asynccontextmanager
    async def tap(self, stream: str, *, limit: int = 1000) -> AsyncIterator[Tap]:
        """Look at the rows of ``stream`` as they pass, on the app's own loop; see
        :class:`eventflux.runtime.tap.Tap`. Unlike a subscription it never holds anything up.

        Args:
            limit: how many rows wait for who looks; what comes beyond is left out, and counted.

        Raises:
            UsageError: the app has no such stream, or runs on another loop.
        """
        self._check_stream(stream)
        if self._caller is None or not self._caller.on_loop():
            raise UsageError(
                f"tap({stream!r}) is for the event loop that the app runs on",
                f"app.subscribe({stream!r}, full='drop_oldest') works from anywhere",
            )
        tap = self._runtime.tap(stream, limit)
        try:
            yield tap
        finally:
            self._runtime.untap(tap)

    def row_type(self, stream: str) -> type[Row]:
        """The class of a stream's rows."""
        self._check_stream(stream)
        return self._runtime.spec.engine.row_type(stream)

    # Time

    def advance_to(self, now_ms: int) -> None:
        """Move event time to ``now_ms`` (epoch milliseconds) and fire what is due; it never
        goes back. ``UsageError`` on the system clock."""
        time = checked_time(now_ms, "advance_to")
        self.caller("advance_to").call(lambda: self.feed.advance_to(time))

    async def aadvance_to(self, now_ms: int) -> None:
        time = checked_time(now_ms, "advance_to")

        async def advance() -> None:
            self.feed.advance_to(time)

        await self.on_app_loop(advance)

    # State

    def persist(self) -> int:
        """Store the state now: a checkpoint of everything that has been processed.

        Returns:
            its revision, when it is published: everything that was emitted is confirmed then.

        Raises:
            UsageError: the app has no state store, does not run, or stops meanwhile.
        """
        return self.caller("persist").run(self._runtime.persist)

    async def apersist(self) -> int:
        """As :meth:`persist`."""
        return await self.on_app_loop(self._runtime.persist)

    def restore(self, revision: int) -> None:
        """Let the next start go on from a revision that is kept, in place of the newest; those
        behind it are forgotten when the next one is published. What sources acknowledged since
        then is missing in state; replayable ones go back to where they were.

        Raises:
            UsageError: the app has no state store, or runs; the revision is not kept.
            StateError: it is damaged.
            RefusedError: another process has the state in use.
        """
        run_alone("restore", lambda: self._runtime.restore(revision))

    async def arestore(self, revision: int) -> None:
        """As :meth:`restore`."""
        await self._runtime.restore(revision)

    def clear_state(self) -> None:
        """Forget all checkpoints of the app, which does not run; the next start begins anew.

        Raises:
            UsageError: the app has no state store, or runs.
            RefusedError: another process has the state in use.
        """
        run_alone("clear_state", self._runtime.clear_state)

    async def aclear_state(self) -> None:
        """As :meth:`clear_state`."""
        await self._runtime.clear_state()

    def why(self, stream: str) -> Why:
        """Why ``stream`` has no output, or that it has some: the cause in one sentence, and what
        each step on the way to it has counted, holds and waits for. ``print`` shows it all.

        Raises:
            UsageError: the app has no such stream.
        """
        self._check_stream(stream)
        standing = self.between_steps(lambda: standing_of(self._runtime))
        return diagnose(self.plan, self.settings, standing, stream)

    async def awhy(self, stream: str) -> Why:
        """As :meth:`why`."""
        if self._caller is None or self._caller.on_loop():
            return self.why(stream)
        return await asyncio.to_thread(self.why, stream)

    def stats(self) -> Stats:
        """Counters by stream, query and connector; see :class:`eventflux.runtime.stats.Stats`.
        Exact whenever nothing is under way."""
        return self._runtime.stats()

    def health(self) -> dict[str, str]:
        """How each connector is, in words, by its stream: ``running``, ``reconnecting: …``; and
        under ``checkpoint``, where state is stored, how that goes."""
        return self._runtime.health()

    def state_sizes(self) -> dict[str, tuple[int, int]]:
        """For each query that keeps state: rows or groups held, and about how many bytes."""
        return self._runtime.spec.engine.state_sizes()

    def step_durations(self) -> dict[str | None, Durations]:
        """How long steps took, by the stream that they took rows of; ``None`` for timers."""
        return dict(self._runtime.steps.durations)

    @property
    def stalls(self) -> int:
        """How often something held the app's event loop for longer than a second."""
        return self._runtime.watchdog.stalls

    def source_code(self) -> str:
        """The Python that was generated for the app."""
        return self._runtime.spec.engine.source_code()

    # Where it runs

    def caller(self, call: str) -> LoopCaller:
        """What runs something on the app's loop from this thread.

        Raises:
            UsageError: the app was never started, or this is the thread of its loop.
        """
        if self._caller is None:
            raise UsageError(
                f"app {self.name!r} is not running but {self.state}",
                "start it first: app.start(), await app.astart(), or 'with app:'",
            )
        if self._caller.on_loop():
            raise UsageError(
                f"{call}() would block the app's own event loop",
                "await its twin with an 'a' before the name, or call it from another thread",
            )
        return self._caller

    async def on_app_loop(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Await something that has to run on the app's loop, from any loop."""
        if self._caller is None:
            raise UsageError(
                f"app {self.name!r} is not running but {self.state}",
                "start it first: await app.astart(), or 'async with app:'",
            )
        if self._caller.on_loop():
            return await work()
        return await asyncio.to_thread(self._caller.run, work)

    def between_steps(self, work: Callable[[], T]) -> T:
        """Call something that does not wait: on the app's loop while it runs, so that no step
        is half done; from any thread."""
        caller = self._caller
        if caller is None or caller.loop.is_closed() or caller.on_loop():
            return work()
        try:
            return caller.call(work)
        except UsageError:
            if not caller.loop.is_closed():
                raise
            return work()  # the loop has ended meanwhile

    def _check_stream(self, stream: str) -> None:
        if not can_be_watched(self.plan, stream):
            raise UsageError(
                f"app {self.name!r} has no stream {stream!r}",
                did_you_mean(stream, self.plan.streams),
            )

    def _raise_failure(self) -> None:
        if self.failure is not None:
            self._failure_told = True
            raise self.failure

    def _end_thread(self) -> None:
        caller, self._caller = self._caller, None
        if isinstance(caller, LoopThread):
            caller.stop()
