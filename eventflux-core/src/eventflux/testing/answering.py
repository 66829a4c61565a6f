"""Runs the steps of an app in a test, and has asynchronous functions answer after each.

What is under way has come before the clock moves on, so that neither how rows are cut into steps
nor how long a call takes shows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import accumulate, pairwise

from eventflux.base.clock import ManualClock
from eventflux.base.rows import Row
from eventflux.runtime.async_stage import AsyncStage
from eventflux.runtime.engine import Engine
from eventflux.runtime.specs import StageSpec
from eventflux.runtime.steps import StepFailed, Steps

_LEAVING_S = 1.0
"""How long calls may take to end once they are cancelled."""


class Answering:
    """Everything here raises StepFailed as :class:`Steps` does."""

    def __init__(
        self,
        stages: Iterable[StageSpec],
        engine: Engine,
        steps: Steps,
        clock: ManualClock,
        *,
        by_rows: bool,
    ) -> None:
        """``by_rows``: event times of rows move the clock."""
        self._engine, self._steps, self._clock, self._by_rows = engine, steps, clock, by_rows
        self.stages = [AsyncStage(spec, engine, steps, self._failed) for spec in stages]
        for stage in self.stages:
            steps.add_stage(stage)
        self._failure: StepFailed | None = None

    def run(self, step: Callable[[], None]) -> bool:
        """Take a step; whether rows have waited for answers."""
        failure: StepFailed | None = None
        try:
            step()
        except StepFailed as failed:
            failure = failed
        waited = any(not stage.idle for stage in self.stages)
        if waited:
            # In a thread: the caller may be in an event loop itself.
            with ThreadPoolExecutor(1) as thread:
                thread.submit(asyncio.run, self._answer()).result()
            failure, self._failure = failure or self._failure, None
        if failure is not None:
            raise failure
        return waited

    def give_out(self, held: Callable[[], None]) -> None:
        """Give out what is ``held``, and what comes to be held behind the functions."""
        while self.run(held):
            pass

    def advance(self, now_ms: int) -> None:
        """Move the clock; with functions to wait for from one time that is due to the next."""
        due = self._engine.next_due
        while self.stages and due is not None and due < now_ms:
            self.run(partial(self._steps.advance, due))
            due = self._engine.next_due
        self.run(partial(self._steps.advance, now_ms))

    def feed(self, stream: str, rows: Sequence[Row], times: Sequence[int] | None) -> None:
        """Process independent rows."""
        for start, end in pairwise([*self._starts(len(rows), times), len(rows)]):
            part_times = times and times[start:end]
            try:
                if part_times and self.stages and self._clock.time is not None:
                    self.advance(part_times[0])
                self.run(partial(self._steps.feed, stream, rows[start:end], part_times, None))
            except StepFailed:
                self._steps.returned[stream] += len(rows) - end
                raise

    def batch(self, stream: str, rows: Sequence[Row], time: int | None) -> None:
        """Process one logical batch."""
        if time is not None and self.stages and self._clock.time is not None:
            self.advance(time)
        self.run(partial(self._steps.step_batch, stream, rows, time, None))

    def _starts(self, count: int, times: Sequence[int] | None) -> list[int]:
        """Where a step begins: with functions to wait for, at each row that moves the clock."""
        if not self.stages:
            return [0]
        if times is None:
            return list(range(count)) if self._by_rows else [0]
        latest = accumulate(times, max)
        return [0, *(at for at, (one, then) in enumerate(pairwise(latest), 1) if then > one)]

    async def _answer(self) -> None:
        """Have functions called until no row waits for one."""
        for stage in self.stages:
            stage.begin()
        try:
            while any(not stage.idle for stage in self.stages):
                await asyncio.gather(*(stage.drain() for stage in self.stages))
        finally:
            await asyncio.gather(*(stage.close(_LEAVING_S) for stage in self.stages))

    def _failed(self, failed: StepFailed) -> None:
        self._failure = self._failure or failed
        if not failed.alone:
            for stage in self.stages:
                stage.halt()
