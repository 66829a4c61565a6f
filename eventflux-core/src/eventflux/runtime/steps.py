"""Steps of the engine: runs one, and hands what came of it to sinks and observers."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from itertools import groupby
from time import perf_counter
from typing import Any, Protocol

from eventflux.base.errors import StreamFailed
from eventflux.base.interruption import is_interruption
from eventflux.base.rows import Row
from eventflux.runtime.culprits import PluginOf, frames_of, no_plugin, plugin_at_work
from eventflux.runtime.delivery import Delivery, Epoch
from eventflux.runtime.durations import Durations
from eventflux.runtime.engine import AbortStep, Engine, Outlet, RowFailure
from eventflux.runtime.error_policy import Decision, Fallback
from eventflux.runtime.error_rows import Problem
from eventflux.runtime.errors import Errors
from eventflux.runtime.message_ids import SourceId
from eventflux.runtime.observers import Observer
from eventflux.runtime.origins import LastTry, Origin
from eventflux.runtime.sink_runner import SinkRunner

logger = logging.getLogger("eventflux.runtime")


class StepFailed(Exception):
    """A step ended early by an error strategy ``fail``; what came before stands and is on its
    way. ``alone`` says that only the sources of ``stream`` have to stop, not the app."""

    def __init__(self, error: StreamFailed, stream: str = "", alone: bool = False) -> None:
        super().__init__(error.message)
        self.error = error
        self.stream = stream
        self.alone = alone
        self.taken = 0
        """How many of its rows the step took."""
        self.first = 0
        """The first row that has to come again: the one that failed, where that is known."""


class Stage(Protocol):
    """Takes, after each step, what that has put into an outlet of its own, and has it go on later,
    as rows of the stream ``answered``."""

    @property
    def answered(self) -> str: ...

    def deliver(self, origin: Origin) -> None: ...

    def asked(self, row: Row) -> Row:
        """The row that one of ``answered`` was before."""
        ...


class Steps:
    """The only caller of the engine while an app runs.

    Error rows are steps of their own: those that a row gives come right after that row, so
    that how rows are batched does not show. ``after_step`` is called after each step, when
    timers may have changed. Every call here raises :class:`StepFailed` when the app, or a
    source, has to stop.
    """

    def __init__(
        self,
        engine: Engine,
        errors: Errors,
        after_step: Callable[[], None],
        plugin_of: PluginOf = no_plugin,
    ) -> None:
        self._engine = engine
        self._plugin_of = plugin_of
        self.errors = errors
        self.epoch: Epoch | None = None
        """The one that what is emitted now belongs to, where state is stored."""
        self._after_step = after_step
        self._sinks: list[SinkRunner] = []
        self._stages: dict[str, Stage] = {}
        self._observed: Outlet | None = None
        self._observers: dict[type[Row], list[Observer]] = {}
        self._observed_streams: list[str] = []
        self._delivery: Delivery | None = None
        self._source_id: SourceId | None = None
        self._handled: Fallback | None = None
        """While rows of an error run: what becomes of an error on their way."""
        self._last_try: LastTry | None = None
        self._failed: StepFailed | None = None
        self._running = False
        self._input: str | None = None
        self.durations: defaultdict[str | None, Durations] = defaultdict(Durations)
        """How long steps took, by the stream that they took rows of; ``None`` for timers."""
        self.without_time: Counter[str] = Counter()
        """Rows of each stream that had no event time, so that no query saw them."""
        self.returned: Counter[str] = Counter()
        """Rows of the API that a step gave back untaken."""
        self.noticed: Counter[str] = Counter()
        """Rows about connections, by the stream that has them."""
        engine.on_failure = self._row_failed

    def add_sink(self, sink: SinkRunner) -> None:
        """Have ``sink`` deliver, after each step, what is in its outlet."""
        self._sinks.append(sink)

    def add_stage(self, stage: Stage) -> None:
        """Have ``stage`` take, after each step, what is in its outlet."""
        self._stages[stage.answered] = stage

    def add_observers(self, stream: str, observers: list[Observer]) -> None:
        """Give the rows of ``stream`` to whoever is in the list at the time. Rows of all
        observed streams are told of in the order of their emission."""
        if self._observed is not None:
            self._engine.release(self._observed)
        self._observed_streams.append(stream)
        self._observed = self._engine.outlet(self._observed_streams)
        self._observers[self._engine.row_type(stream)] = observers
        self.errors.readers_changed()
        for sink in self._sinks:
            sink.look_for_readers()

    def remove_observers(self, stream: str) -> None:
        """Nobody is told of the rows of ``stream`` any more, and none are collected for that."""
        assert self._observed is not None, "add_observers() comes first"
        self._engine.release(self._observed)
        self._observed_streams.remove(stream)
        del self._observers[self._engine.row_type(stream)]
        streams = self._observed_streams
        self._observed = self._engine.outlet(streams) if streams else None
        self.errors.readers_changed()
        for sink in self._sinks:
            sink.look_for_readers()

    def step(
        self,
        stream: str,
        rows: Sequence[Row],
        times: Sequence[int] | None,
        delivery: Delivery | None,
        metadata: Sequence[Sequence[Any]] | None = None,
        source_id: SourceId | None = None,
        last_try: LastTry | None = None,
        partitions: Sequence[str] | None = None,
        handled: Fallback | None = None,
    ) -> None:
        """Process independent rows; each result is a share of ``delivery``. A row that gives
        error rows ends a step of the engine, and the rest are another one. ``handled``: the rows
        came of an error; what becomes of another on their way."""
        step, pending, done, count = self._engine.step, self.errors.pending, 0, len(rows)
        self._last_try = last_try
        try:
            while True:
                self._run(
                    stream, delivery, source_id, handled,
                    step, stream, rows, times, metadata, partitions,
                )  # fmt: skip
                taken = self._engine.taken
                done += taken
                if pending:
                    self._run_errors_behind(taken)
                if done >= count:
                    return
                rows = rows[taken:]
                times = times and times[taken:]
                metadata = metadata and [column[taken:] for column in metadata]
                partitions = partitions and partitions[taken:]
        except StepFailed as failed:
            failed.taken += done
            failed.first += done
            raise
        finally:
            self._last_try = None

    def _run_errors_behind(self, taken: int) -> None:
        """Process the error rows of the last row that was taken."""
        try:
            self.run_errors()
        except StepFailed as failed:
            failed.taken, failed.first = 0, -min(taken, 1)
            raise

    def feed(
        self,
        stream: str,
        rows: Sequence[Row],
        times: Sequence[int] | None,
        delivery: Delivery | None,
    ) -> None:
        """Process independent rows that the API gives."""
        try:
            self.step(stream, rows, times, delivery)
        except StepFailed as failed:
            self.returned[stream] += len(rows) - failed.taken
            raise

    def notice(self, stream: str, rows: Sequence[Row]) -> None:
        """Process rows that the runtime makes itself, and that nobody waits for."""
        self.noticed[stream] += len(rows)
        self.step(stream, rows, None, None)

    def step_batch(
        self, stream: str, rows: Sequence[Row], time: int | None, delivery: Delivery | None
    ) -> None:
        """Process one logical batch, which is taken as a whole."""
        try:
            self._run(stream, delivery, None, None, self._engine.step_batch, stream, rows, time)
            self.run_errors()
        except StepFailed as failed:
            failed.taken = len(rows)
            raise

    def advance(self, now_ms: int) -> None:
        """Move the clock and fire what is due."""
        self._run(None, None, None, None, self._engine.advance, now_ms)
        self.run_errors()

    def assign(self, stream: str, partitions: Collection[str]) -> None:
        """The source of ``stream`` has these partitions from now on."""
        self._run(None, None, None, None, lambda: self._engine.assign(stream, partitions))
        self.run_errors()

    def end_input(self, stream: str) -> None:
        """No row of ``stream`` comes any more."""
        self._run(None, None, None, None, lambda: self._engine.end_input(stream))
        self.run_errors()

    def flush(self) -> None:
        """Close all windows."""
        self._run(None, None, None, None, self._engine.flush)
        self.run_errors()

    def flush_output(self) -> None:
        """Give out what OUTPUT … EVERY holds."""
        self._run(None, None, None, None, self._engine.flush_output)
        self.run_errors()

    def run_errors(self) -> None:
        """Process the error rows that wait; while a step runs they wait for its end."""
        pending, failure = self.errors.pending, None
        while pending and not self._running:
            waiting = pending.popleft()
            try:
                self._run(
                    waiting.stream,
                    waiting.delivery,
                    waiting.source_id,
                    waiting.fallback,
                    self._engine.step,
                    waiting.stream,
                    self.errors.rows_of(waiting),
                )
            except StepFailed as failed:
                failure = failure or failed  # its share stays open: the batch comes again
                continue
            if waiting.delivery is not None:
                waiting.delivery.done()
        if failure is not None:
            raise failure

    def current(self) -> str | None:
        """What runs now, in words; ``None`` between steps. From any thread."""
        if not self._running:
            return None
        return "timers" if self._input is None else f"stream {self._input!r}"

    def _run(
        self,
        stream: str | None,
        delivery: Delivery | None,
        source_id: SourceId | None,
        handled: Fallback | None,
        work: Callable[..., None],
        *arguments: Any,
    ) -> None:
        """Have the engine do some work, which takes rows of ``stream``, and hand on what came
        of it; the others say whose results these are."""
        self._running, self._input = True, stream
        if delivery is None:
            delivery = self.epoch
        elif (epoch := delivery.epoch) is not self.epoch and epoch is not None and stream:
            epoch.outgrown.add(stream)
        self._delivery, self._source_id, self._handled = delivery, source_id, handled
        self._failed = None
        durations = self.durations[stream]
        durations.last_at = began = perf_counter()
        try:
            try:
                work(*arguments)
            except AbortStep:
                pass  # the handler has kept why
            except BaseException as error:
                if is_interruption(error):
                    raise
                self._failed = _broken(error, plugin_at_work(frames_of(error), self._plugin_of))
            for sink in self._sinks:
                sink.deliver(delivery, source_id, handled)
            for stage in self._stages.values():
                stage.deliver(Origin(delivery, source_id, handled, self._last_try))
            if self._observed is not None:
                self._tell_observers(self._observed.take())
            self._after_step()
        finally:
            self._running = False
            durations.record(perf_counter() - began)
        failed = self._failed
        if failed is not None:
            failed.taken = self._engine.taken
            self.finish_errors()
            raise failed

    def finish_errors(self) -> None:
        """Process the error rows of a step that failed; a second failure changes nothing."""
        try:
            self.run_errors()
        except StepFailed as second:
            logger.error("%s", second.error)

    def _tell_observers(self, rows: list[Row]) -> None:
        for row_type, run in groupby(rows, type):
            told = list(run)
            for observer in self._observers[row_type]:
                observer.take(told)

    def _row_failed(self, failure: RowFailure) -> None:
        if failure.query is None:
            self.without_time[failure.stream] += 1
        origin = Origin(self._delivery, self._source_id, self._handled, self._last_try)
        failed = self._take(failure, origin)
        if self.errors.pending or failed is not None:
            self._engine.cut()
        if failed is not None:
            failed.first = max(self._engine.taken - 1, 0)
            self._failed = failed
            raise AbortStep

    def row_failed_between(self, failure: RowFailure, origin: Origin, attempts: int) -> None:
        """Take a row that failed between steps, and process its error rows."""
        failed = self._take(failure, origin, attempts)
        if failed is not None:
            self.finish_errors()
            raise failed
        self.run_errors()

    def _take(self, failure: RowFailure, origin: Origin, attempts: int = 1) -> StepFailed | None:
        """Do with a row what its error strategy says; what the step fails with, if it does."""
        delivery, source_id, handled, last_try = origin
        error, row, stage = failure.error, failure.row, self._stages.get(failure.stream)
        stream = self.errors.home_of(failure.stream)
        policy = self.errors.of_query(failure.query, stream)
        decision = policy.for_rows
        told = str(error) or type(error).__name__
        by = plugin_at_work(frames_of(error), self._plugin_of)
        problem = Problem(
            stream=stream,
            what="a row failed",
            message=told if by is None else f"{told} ({by})",
            kind=type(error).__name__,
            original=row if stage is None or row is None else stage.asked(row),
            attempts=attempts,
            query=failure.query,
            position=failure.position,
            cause=error,
        )
        if decision == "fail" and last_try is not None:
            decision, policy, problem.attempts = "dlq", last_try.policy, last_try.deliveries
        decision = self.errors.take(problem, policy, decision, delivery, source_id, handled=handled)
        if decision != "fail":
            return None
        return StepFailed(problem.failure(), stream, policy.fails_alone)

    def callback_failed(self, problem: Problem, decision: Decision) -> None:
        """Take what a callback raised on, in the step whose rows it was told of."""
        policy, errors = self.errors.of_stream(problem.stream), self.errors
        decision = errors.take(
            problem, policy, decision, self._delivery, self._source_id, handled=self._handled
        )
        if decision == "fail" and self._failed is None:
            self._failed = StepFailed(problem.failure(), problem.stream, policy.fails_alone)


def _broken(error: BaseException, by: str | None) -> StepFailed:
    """The failure of a step that should never fail; ``by`` is the plugin at work."""
    logger.error("a step failed", exc_info=error)
    told = f"{type(error).__name__}: {error}" + ("" if by is None else f" ({by})")
    failure = StreamFailed(f"a step failed with {told}")
    failure.__cause__ = error
    return StepFailed(failure)
