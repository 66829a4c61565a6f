"""Runs the asynchronous functions of one query: rows wait for their results, and go on.

A row under way is a share of the batch that it came with, so that this is acknowledged when all
that came of the row is safe: a process that dies loses nothing, for the source delivers again what
it has not acknowledged. The same share keeps a checkpoint from being published without it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from eventflux.base.interruption import is_interruption
from eventflux.base.rows import Row, values_of
from eventflux.runtime.engine import Engine, RowFailure
from eventflux.runtime.error_policy import Retries
from eventflux.runtime.origins import Origin
from eventflux.runtime.room import Room, Stock, any_full, room_in_all
from eventflux.runtime.specs import AsyncCallSpec, StageSpec
from eventflux.runtime.steps import StepFailed, Steps

logger = logging.getLogger("eventflux.runtime")

_RETRY = Retries(0, "exponential", 100, 30_000)
"""The back-off between the tries that a function asks for itself."""
_NO_BOUND = 2**62
_ROWS_A_STEP = 256


class _Asked(msgspec.Struct, eq=False):
    """A row under way."""

    values: tuple[Any, ...]
    time: int
    origin: Origin
    results: list[Any] = msgspec.field(default_factory=list)
    error: Exception | None = None
    attempts: int = 1
    done: bool = False


class AsyncStage:
    """All calls come on the app's loop. ``rooms`` are what the rows behind it can fill up;
    ``step_failed`` is told of a row that stops the app, and halts the stage then."""

    def __init__(
        self,
        spec: StageSpec,
        engine: Engine,
        steps: Steps,
        step_failed: Callable[[StepFailed], None],
    ) -> None:
        self.spec = spec
        self.rooms: list[Room] = []
        limits = [call.function.concurrency for call in spec.calls]
        self._concurrency = min(limits)
        self.room = Stock(2 * self._concurrency, _NO_BOUND)
        """Of rows under way: full with twice as many as there are calls at a time."""
        self._ordered = all(call.function.ordered for call in spec.calls)
        self._steps = steps
        self._step_failed = step_failed
        self._outlet = engine.outlet([spec.asked], timed=True)
        self._row = engine.row_type(spec.answered)
        self._source_row = engine.row_type(spec.source)
        self._caches: list[OrderedDict[tuple[Any, ...], Any]] = [OrderedDict() for _ in spec.calls]
        self._waiting: deque[_Asked] = deque()
        self._under_way: deque[_Asked] = deque()
        """In the order in which they came; where that is free, only those that are done."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._leaving: set[asyncio.Task[None]] = set()
        """Calls that are given up, and have not ended."""
        self._releasing: asyncio.Task[None] | None = None
        self._progress = asyncio.Event()
        self._drained = asyncio.Event()
        self._running = False
        self._halted = False
        """Whether the app has failed: rows stay unacknowledged."""
        self.failed = self.retried = self.given_up = 0

    def begin(self) -> None:
        """Call functions from now on."""
        self._progress, self._drained = asyncio.Event(), asyncio.Event()
        self._running, self._halted = True, False
        self._releasing = asyncio.get_running_loop().create_task(self._release())
        self._pump()

    @property
    def answered(self) -> str:
        """The stream that its rows go on by."""
        return self.spec.answered

    def asked(self, row: Row) -> Row:
        """The row of the query's input that one of ``answered`` was before."""
        return self._source_row(*values_of(row)[: self.spec.columns])

    def deliver(self, origin: Origin) -> None:
        """Take the rows that a step has put into the outlet."""
        if not self._outlet.rows:
            return
        rows, times = self._outlet.take_with_times()
        if origin.delivery is not None:
            origin.delivery.add(len(rows))
        if self._halted:
            self.given_up += len(rows)
            return
        self.room.add(len(rows), 0)
        self._waiting.extend(
            _Asked(values_of(row), time, origin) for row, time in zip(rows, times, strict=True)
        )
        self._pump()

    @property
    def idle(self) -> bool:
        """Whether no row is under way."""
        return not self.room.messages

    @property
    def under_way(self) -> int:
        return self.room.messages

    async def drain(self) -> None:
        """Return when no row is under way."""
        while not self.idle:
            self._drained.clear()
            await self._drained.wait()

    def halt(self) -> None:
        """Give up what is under way, and take no more; the app has failed and is about to stop."""
        self._halted = True
        self._give_up()

    async def close(self, within: float) -> None:
        """Give up what is under way: it stays unacknowledged. Calls that go on although they are
        cancelled are left to themselves after so many seconds."""
        self._give_up()
        if self._releasing is not None:
            self._releasing.cancel()
            await asyncio.wait([self._releasing])
            self._releasing = None
        if self._leaving:
            leaving, self._leaving = self._leaving, set()
            _, deaf = await asyncio.wait(leaving, timeout=within)
            if deaf:
                names = " and ".join(f"{call.function.name}()" for call in self.spec.calls)
                told = "query %r: %d calls of %s go on though they were cancelled"
                logger.error(told, self.spec.query, len(deaf), names)

    def _give_up(self) -> None:
        self._running = False
        for task in self._tasks:
            task.cancel()
        self._leaving |= self._tasks
        self._tasks = set()
        self._waiting.clear()
        self._under_way.clear()
        self.given_up += self.room.messages
        self.room.remove(self.room.messages, 0)
        self._drained.set()

    def _is_given_up(self) -> bool:
        """Whether nobody waits any more for the call that runs: it may have caught that it is
        cancelled, or have cancelled itself."""
        return asyncio.current_task() not in self._tasks

    # Calling

    def _pump(self) -> None:
        """Begin calls while some may."""
        if not self._running:
            return
        loop = asyncio.get_running_loop()
        while self._waiting and len(self._tasks) < self._concurrency:
            asked = self._waiting.popleft()
            if self._ordered:
                self._under_way.append(asked)
            task = loop.create_task(self._answer(asked))
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._leaving.discard(task)
        self._pump()

    async def _answer(self, asked: _Asked) -> None:
        try:
            for call, cache in zip(self.spec.calls, self._caches, strict=True):
                arguments = asked.values[call.first : call.first + call.count]
                asked.results.append(await self._result(asked, call, arguments, cache))
        except Exception as error:
            asked.error = error
        except BaseException as error:
            if is_interruption(error) and not isinstance(error, asyncio.CancelledError):
                raise
            asked.error = RuntimeError(f"it raised {type(error).__name__}")
            asked.error.__cause__ = error
        if self._is_given_up():
            return
        asked.done = True
        if not self._ordered:
            self._under_way.append(asked)
        self._progress.set()

    async def _result(
        self,
        asked: _Asked,
        call: AsyncCallSpec,
        arguments: tuple[Any, ...],
        cache: OrderedDict[tuple[Any, ...], Any],
    ) -> Any:
        function = call.function
        if any(a is None and function.is_strict(at) for at, a in enumerate(arguments)):
            return None
        key = arguments if function.cache else None
        try:
            if key is not None and key in cache:
                cache.move_to_end(key)
                return cache[key]
        except TypeError:
            key = None  # nested data
        result = call.convert(await self._tried(asked, call, arguments))
        if key is not None:
            cache[key] = result
            if len(cache) > function.cache:
                cache.popitem(last=False)
        return result

    async def _tried(self, asked: _Asked, call: AsyncCallSpec, arguments: tuple[Any, ...]) -> Any:
        """The result of the first call that succeeds, of as many as may be tried."""
        function = call.function
        policy = self._steps.errors.of_query(self.spec.query, self.spec.home)
        attempt = 0
        while True:
            try:
                seconds = None if function.timeout_ms is None else function.timeout_ms / 1000
                async with asyncio.timeout(seconds) as limit:
                    return await function.call(*arguments)
            except Exception as error:
                if self._is_given_up():
                    raise
                attempt += 1
                asked.attempts = attempt
                retries = policy.retries if policy.strategy == "retry" else None
                if attempt <= function.retry:
                    delay = _RETRY.delay(attempt)
                elif retries is not None and retries.may_try(attempt):
                    delay = retries.delay(attempt)
                elif isinstance(error, TimeoutError) and limit.expired():
                    told = f"{function.name}() took longer than {seconds:g} s"
                    raise TimeoutError(told) from None
                else:
                    raise
            self.retried += 1
            await asyncio.sleep(delay)

    # What comes of it

    async def _release(self) -> None:
        """Have rows go on as they are answered."""
        while True:
            await self._progress.wait()
            self._progress.clear()
            while ready := self._ready():
                if any_full(self.rooms):
                    await room_in_all(self.rooms)
                self._go_on(ready)
                await asyncio.sleep(0)

    def _ready(self) -> list[_Asked]:
        """The next rows that go on together: of one batch, or one that has failed."""
        found: list[_Asked] = []
        while self._under_way and self._under_way[0].done and len(found) < _ROWS_A_STEP:
            first, asked = found[0] if found else None, self._under_way[0]
            if first is not None and (asked.error is not None or asked.origin != first.origin):
                break
            found.append(self._under_way.popleft())
            if asked.error is not None:
                break
        return found

    def _go_on(self, ready: Sequence[_Asked]) -> None:
        first = ready[0]
        try:
            if first.error is not None:
                self._fail(first, first.error)
            else:
                self._step(ready)
        except StepFailed as failed:  # the shares of these stay open: the batch comes again
            taken = len(ready) if first.error is not None else failed.taken
            self.room.remove(taken, 0)
            self._under_way.extendleft(reversed(ready[taken:]))
            self._step_failed(failed)
        else:
            self.room.remove(len(ready), 0)
            if first.origin.delivery is not None:
                first.origin.delivery.done(len(ready))
        if self.idle:
            self._drained.set()

    def _step(self, ready: Sequence[_Asked]) -> None:
        columns = self.spec.columns
        rows: list[Row] = [self._row(*asked.values[:columns], *asked.results) for asked in ready]
        delivery, source_id, handled, last_try = ready[0].origin
        self._steps.step(
            self.spec.answered,
            rows,
            [asked.time for asked in ready],
            delivery,
            source_id=source_id,
            last_try=last_try,
            handled=handled,
        )

    def _fail(self, asked: _Asked, error: Exception) -> None:
        spec, row = self.spec, self._source_row(*asked.values[: self.spec.columns])
        self.failed += 1
        failure = RowFailure(spec.source, spec.query, row, error, spec.position)
        self._steps.row_failed_between(failure, asked.origin, asked.attempts)
