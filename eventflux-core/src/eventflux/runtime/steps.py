"""Steps of the engine: runs one, and hands what came of it to sinks and observers."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from time import perf_counter

from eventflux.base.errors import StreamFailed
from eventflux.base.rows import Row
from eventflux.runtime.delivery import Delivery
from eventflux.runtime.durations import Durations
from eventflux.runtime.engine import AbortStep, Engine, Outlet, RowFailure
from eventflux.runtime.error_policy import ErrorPolicy
from eventflux.runtime.observers import Observer
from eventflux.runtime.sink_runner import SinkRunner

logger = logging.getLogger("eventflux.runtime")


class StepFailed(Exception):
    """A step ended early by its stream's ``fail`` strategy, at ``row`` where that is known.
    What came before the row stands and is on its way."""

    def __init__(self, error: StreamFailed, row: Row | None) -> None:
        super().__init__(error.message)
        self.error = error
        self.row = row


class Steps:
    """The only caller of the engine while an app runs.

    ``after_step`` is called after each step, when timers may have changed. Every call here
    raises :class:`StepFailed` when the app has to stop.
    """

    def __init__(
        self,
        engine: Engine,
        policies: Mapping[str, ErrorPolicy],
        after_step: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._policies = policies
        self._after_step = after_step
        self._to_sinks: list[tuple[Outlet, SinkRunner]] = []
        self._observed: Outlet | None = None
        self._observers: dict[type[Row], list[Observer]] = {}
        self._observed_streams: list[str] = []
        self._failed_row: RowFailure | None = None
        self._running = False
        self._input: str | None = None
        self.durations: defaultdict[str | None, Durations] = defaultdict(Durations)
        """How long steps took, by the stream that they took rows of; ``None`` for timers."""
        self.without_time: Counter[str] = Counter()
        """Rows of each stream that had no event time, so that no query saw them."""
        engine.on_failure = self._row_failed

    def add_sink(self, sink: SinkRunner) -> None:
        outlet = self._engine.outlet([sink.spec.stream], timed=sink.timed)
        self._to_sinks.append((outlet, sink))

    def add_observers(self, stream: str, observers: list[Observer]) -> None:
        """Give the rows of ``stream`` to whoever is in the list at the time. Rows of all
        observed streams are told of in the order of their emission."""
        if self._observed is not None:
            self._engine.release(self._observed)
        self._observed_streams.append(stream)
        self._observed = self._engine.outlet(self._observed_streams)
        self._observers[self._engine.row_type(stream)] = observers

    def step(
        self,
        stream: str,
        rows: Sequence[Row],
        times: Sequence[int] | None,
        delivery: Delivery | None,
        source_id: str | None = None,
    ) -> None:
        """Process independent rows; each result is a share of ``delivery``."""
        self._run(stream, lambda: self._engine.step(stream, rows, times), delivery, source_id)

    def step_batch(
        self, stream: str, rows: Sequence[Row], time: int | None, delivery: Delivery | None
    ) -> None:
        """Process one logical batch."""
        self._run(stream, lambda: self._engine.step_batch(stream, rows, time), delivery)

    def advance(self, now_ms: int) -> None:
        """Move the clock and fire what is due."""
        self._run(None, lambda: self._engine.advance(now_ms), None)

    def flush(self) -> None:
        """Close all windows."""
        self._run(None, self._engine.flush, None)

    def current(self) -> str | None:
        """What runs now, in words; ``None`` between steps. From any thread."""
        if not self._running:
            return None
        return "timers" if self._input is None else f"stream {self._input!r}"

    def _run(
        self,
        stream: str | None,
        work: Callable[[], None],
        delivery: Delivery | None,
        source_id: str | None = None,
    ) -> None:
        self._running, self._input = True, stream
        began = perf_counter()
        try:
            self._run_and_hand_on(work, delivery, source_id)
        finally:
            self._running = False
            self.durations[stream].record(perf_counter() - began)

    def _run_and_hand_on(
        self, work: Callable[[], None], delivery: Delivery | None, source_id: str | None
    ) -> None:
        aborted: RowFailure | None = None
        broken: StreamFailed | None = None
        try:
            work()
        except AbortStep:
            aborted = self._failed_row
        except Exception as error:
            logger.exception("a step failed")
            broken = StreamFailed(f"a step failed with {type(error).__name__}: {error}")
            broken.__cause__ = error
        for outlet, sink in self._to_sinks:
            times: Sequence[int] | None = None
            if sink.timed:
                rows, times = outlet.take_timed()
            else:
                rows = outlet.take()
            if rows:
                sink.deliver(rows, delivery, source_id, times)
        if self._observed is not None:
            self._tell_observers(self._observed.take())
        self._after_step()
        if aborted is not None:
            raise StepFailed(failure_of(aborted), aborted.row)
        if broken is not None:
            raise StepFailed(broken, None)

    def _tell_observers(self, rows: list[Row]) -> None:
        for row_type, run in groupby(rows, type):
            told = list(run)
            for observer in self._observers[row_type]:
                observer.take(told)

    def _row_failed(self, failure: RowFailure) -> None:
        if failure.query is None:
            self.without_time[failure.stream] += 1
        policy = self._policies[failure.stream]
        if policy.for_rows == "fail":
            self._failed_row = failure
            raise AbortStep
        policy.log_dropped(f"a row failed and is dropped: {_told(failure)}")


def failure_of(failure: RowFailure) -> StreamFailed:
    """The error of an app that stops because of a row."""
    error = StreamFailed(f"stream {failure.stream!r}: a row failed: {_told(failure)}")
    error.__cause__ = failure.error
    return error


def _told(failure: RowFailure) -> str:
    where = "" if failure.query is None else f"query {failure.query!r}: "
    place = "" if failure.position is None else f" ({failure.position})"
    row = "" if failure.row is None else f"; the row was {_shortened(repr(failure.row))}"
    return f"{where}{failure.error}{place}{row}"


def _shortened(text: str) -> str:
    return text if len(text) <= 300 else text[:297] + "..."
