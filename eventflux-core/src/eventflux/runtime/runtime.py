"""One app: its engine, its sources and sinks, and who watches it."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from eventflux.base.errors import EventFluxError, PluginError, StreamFailed, UsageError
from eventflux.base.rows import Row
from eventflux.runtime import lifecycle
from eventflux.runtime.async_stage import AsyncStage
from eventflux.runtime.checkpoints import Checkpoints
from eventflux.runtime.errors import Errors
from eventflux.runtime.feed import Feed, until_stop
from eventflux.runtime.notices import Notices
from eventflux.runtime.observers import Callback, Observer
from eventflux.runtime.room import Room
from eventflux.runtime.sink_errors import SinkErrors
from eventflux.runtime.sink_runner import SinkRunner
from eventflux.runtime.source_runner import SourceRunner
from eventflux.runtime.specs import AppSpec, SourceSpec
from eventflux.runtime.stats import Stats, collect
from eventflux.runtime.steps import StepFailed, Steps
from eventflux.runtime.stream_options import SinkStreamOptions
from eventflux.runtime.subscription import FullPolicy, Subscription
from eventflux.runtime.tap import Tap
from eventflux.runtime.timers import Timers
from eventflux.runtime.watchdog import Watchdog

logger = logging.getLogger("eventflux.runtime")


class Runtime(lifecycle.App):
    """Runs an app on the loop that :meth:`start` is called on. While it runs, everything
    here is called on that loop, but for :meth:`stats` and :meth:`health`, which only read.
    """

    def __init__(self, spec: AppSpec) -> None:
        super().__init__(spec.name)
        self.spec = spec
        self.rooms: dict[str, list[Room]] = {name: [] for name in spec.reaches}
        """For each stream what its rows can fill up."""
        self.timers = Timers(spec.engine, spec.clock, self._timers_due)
        errors = Errors(spec)
        self.steps = Steps(spec.engine, errors, self.timers.look, spec.plugin_of)
        self._rows_in = dict.fromkeys(spec.streams, 0)
        """Rows that the API has sent to each stream."""
        self.feed = Feed(
            self,
            spec.clock,
            self.steps,
            self.rooms,
            self._rows_in,
            self.step_failed,
            spec.checkpointed,
            self.want_checkpoint,
        )
        self.watchdog = Watchdog(
            spec.name, self.steps.current, spec.engine.query_at, spec.limits.step, spec.plugin_of
        )
        self._observers: dict[str, list[Observer]] = {}
        self._taps: dict[Tap, str] = {}
        self._background: set[asyncio.Task[Any]] = set()
        run_id = uuid.uuid4().hex[:12]
        self.sinks: list[SinkRunner] = []
        for number, sink_spec in enumerate(spec.sinks):
            stream = sink_spec.stream
            sink_errors = SinkErrors(stream, sink_spec.label, errors, self._run_errors)
            fail = partial(self.connector_failed, stream)
            sink_id = f"{run_id}{number:02x}"
            sink = SinkRunner(sink_spec, spec.engine, sink_errors, spec.limits, fail, sink_id)
            self.sinks.append(sink)
            self.steps.add_sink(sink)
            self._add_room(sink_spec.stream, sink.room)
        self.stages = [
            AsyncStage(stage, spec.engine, self.steps, self.step_failed) for stage in spec.stages
        ]
        for stage in self.stages:
            self.steps.add_stage(stage)
            self._add_room(stage.spec.asked, stage.room)
        for stage in self.stages:
            stage.rooms = list(self.rooms[stage.spec.answered])
        self.sources = [
            SourceRunner(source, self.steps, spec.limits, self, self.rooms[source.stream])
            for source in spec.sources
        ]
        self.checkpoints: Checkpoints | None = None
        if spec.store is not None:
            self.checkpoints = Checkpoints(
                spec.name,
                spec.store,
                spec.engine,
                self.steps,
                self.sources,
                spec.limits.backoff,
                self.fail,
            )
            for source in self.sources:
                source.waits_for_checkpoints = source.spec.stream in spec.checkpointed
            for rooms in self.rooms.values():
                rooms.append(self.checkpoints.gate)
        runners: list[SinkRunner | SourceRunner] = [*self.sinks, *self.sources]
        for runner in runners:
            runner.connection.notices = Notices(
                runner.spec.stream,
                spec.engine,
                self._notice,
                spec.clock,
                live=isinstance(runner.spec, SourceSpec) and runner.spec.kind == "live",
            )

    def want_checkpoint(self) -> None:
        """Something waits for a checkpoint."""
        if self.checkpoints is not None:
            self.checkpoints.want()

    async def persist(self) -> int:
        """Make a checkpoint now; its revision when it is published.

        Raises:
            UsageError: the app has no state store, does not run, or stops meanwhile.
        """
        checkpoints = self._stored()
        self.check_running()
        return await until_stop(self, checkpoints.persist(), "the checkpoint was published")

    async def restore(self, revision: int) -> None:
        """Let the next start go on from a checkpoint that is kept.

        Raises:
            UsageError: the app has no state store, or runs; the checkpoint is not kept.
            StateError: it can't be read.
            RefusedError: another process has the state.
        """
        await self._resting().choose(revision)

    async def clear_state(self) -> None:
        """Forget all checkpoints; the next start begins anew.

        Raises:
            UsageError: the app has no state store, or runs.
            RefusedError: another process has the state.
        """
        await self._resting().clear()

    def _resting(self) -> Checkpoints:
        checkpoints = self._stored()
        if self.state not in ("created", "stopped", "failed"):
            raise UsageError(
                f"app {self.name!r} is {self.state}: its state is in use", "stop it first"
            )
        return checkpoints

    def _stored(self) -> Checkpoints:
        if self.checkpoints is None:
            raise UsageError(
                f"app {self.name!r} has no state store",
                "create_app(…, state='directory'), or SET checkpoint.dir = 'directory'",
            )
        return self.checkpoints

    def _notice(self, stream: str, rows: list[Row]) -> None:
        """Process what a connection tells of itself."""
        try:
            self.steps.notice(stream, rows)
        except StepFailed as failed:
            self.step_failed(failed)

    async def start(self) -> None:
        """Open the sinks, then the sources, then receive. A running app stays as it is.

        Raises:
            UnreachableError: something didn't answer within ``app.start.timeout``.
            RefusedError: something refused; nothing is left open.
        """
        await lifecycle.start(self)

    async def stop(self, *, flush: bool | None = None) -> None:
        """Take no more, drain, confirm, settle, close; at most ``app.stop.timeout``.

        ``flush`` decides in place of ``app.flush.on.stop`` whether windows are closed or
        dropped. A second call waits for the first.
        """
        await lifecycle.stop(self, flush=flush)

    async def wait_finished(self) -> None:
        """Return when :attr:`finished` is set."""
        await self.finished.wait()

    def fail(self, error: EventFluxError) -> None:
        """Stop the app for good because of ``error``; the first one counts."""
        if self.failure is not None or self.state not in ("running", "stopping"):
            return
        self.failure = error
        logger.error("app %r failed: %s", self.name, error)
        for source in self.sources:
            source.halt()
        for stage in self.stages:
            stage.halt()
        if self.state == "running":
            self._run_in_background(lifecycle.stop(self))

    def source_ended(self, complete: str | None) -> None:
        """Called by each source at its end; the last one ends the app's input. ``complete`` is
        its stream, where all rows of that have come."""
        if complete is not None:
            self._failing(lambda: self.steps.end_input(complete))
        if all(source.ended for source in self.sources):
            self._run_in_background(lifecycle.finish(self))

    def step_failed(self, failed: StepFailed) -> None:
        """Stop what a step that failed says: the app, or the sources of a stream. With a state
        store it is the app: what has failed is never confirmed, so that no checkpoint behind it
        could be published."""
        if failed.alone and self.checkpoints is None:
            self._fail_stream(failed.stream, failed.error)
        else:
            self.fail(failed.error)

    def connector_failed(self, stream: str, error: EventFluxError) -> None:
        """Stop the app because of a source or sink, or the sources of its stream alone."""
        alone = self.steps.errors.of_stream(stream).fails_alone
        alone = alone and self.checkpoints is None
        if alone and isinstance(error, StreamFailed | PluginError):
            self._fail_stream(stream, error)
        else:
            self.fail(error)

    def _fail_stream(self, stream: str, error: EventFluxError) -> None:
        """Stop the sources whose rows lead to ``stream``; the rest of the app goes on."""
        if stream not in self.stream_failures:
            self.stream_failures[stream] = error
            logger.error("stream %r failed: %s", stream, error)
        for source in self.sources:
            if stream in self.spec.reaches[source.spec.stream]:
                source.fail(error)

    def _run_errors(self) -> None:
        self._failing(self.steps.run_errors)

    def fire_due(self) -> None:
        """Fire what became due while the app did not run, before anything comes in."""
        due, now = self.spec.engine.next_due, self.spec.clock.now_ms()
        if due is not None and due <= now:
            self._timers_due(now)

    def flush(self) -> None:
        """Close all windows; a row that fails under ``fail`` fails the app."""
        self._failing(self.steps.flush)

    def flush_output(self) -> None:
        """Give out what OUTPUT … EVERY holds; a row that fails under ``fail`` fails the app."""
        self._failing(self.steps.flush_output)

    def _timers_due(self, now_ms: int) -> None:
        self._failing(lambda: self.steps.advance(now_ms))

    def _failing(self, work: Callable[[], None]) -> None:
        try:
            work()
        except StepFailed as failed:
            self.step_failed(failed)

    def _run_in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    # Watching

    def on(self, stream: str, call: Callable[[Any], object], *, batch: bool) -> None:
        """Call ``call`` with each row of ``stream``, or with ``batch`` with lists of rows."""
        policy = self.steps.errors.of_stream(stream)
        is_sink = isinstance(self.spec.streams.get(stream), SinkStreamOptions)
        decision = policy.for_refusals if is_sink else policy.for_rows
        report = self.steps.callback_failed
        self._observe(stream, Callback(stream, call, batch=batch, decision=decision, report=report))

    def subscribe(self, stream: str, limit: int, full: FullPolicy) -> Subscription:
        """The rows of ``stream`` from now on, for one reader."""
        self._forget_closed(stream)
        subscription = Subscription(stream, limit, full)
        if self.state == "running":
            subscription.attach(asyncio.get_running_loop())
        self._observe(stream, subscription)
        if subscription.room is not None:
            self._add_room(stream, subscription.room)
        return subscription

    def subscriptions(self) -> list[Subscription]:
        """Those that have not ended."""
        return [
            observer
            for observers in self._observers.values()
            for observer in observers
            if isinstance(observer, Subscription) and not observer.closed
        ]

    def tap(self, stream: str, limit: int) -> Tap:
        """The rows of ``stream`` from now on, for somebody who only looks; on the app's loop."""
        tap = Tap(limit)
        self._observe(stream, tap)
        self._taps[tap] = stream
        return tap

    def untap(self, tap: Tap) -> None:
        """Nobody looks any more: what the tap has cost ends."""
        observers = self._observers[stream := self._taps.pop(tap)]
        observers.remove(tap)
        if not observers:
            del self._observers[stream]
            self.steps.remove_observers(stream)

    def close_taps(self) -> None:
        for tap in self._taps:
            tap.close()

    def _observe(self, stream: str, observer: Observer) -> None:
        if stream not in self._observers:
            self._observers[stream] = []
            self.steps.add_observers(stream, self._observers[stream])
        self._observers[stream].append(observer)

    def _forget_closed(self, stream: str) -> None:
        """Let go of subscriptions that have ended, but for the counts of what they let go."""
        observers = self._observers.get(stream, [])
        for observer in list(observers):
            if isinstance(observer, Subscription) and observer.closed and not observer.dropped:
                observers.remove(observer)
                for rooms in self.rooms.values():
                    if observer.room in rooms:
                        rooms.remove(observer.room)

    def _add_room(self, stream: str, room: Room) -> None:
        for source, reached in self.spec.reaches.items():
            if stream in reached:
                self.rooms[source].append(room)

    # Looking

    def stats(self) -> Stats:
        """All counters; from any thread."""
        return collect(
            self.spec.engine,
            self._rows_in,
            self.steps,
            self._observers,
            self.sources,
            self.sinks,
            {} if self.checkpoints is None else self.checkpoints.counters(),
            self.stages,
        )

    def health(self) -> dict[str, str]:
        """How each connector is, in words, by the name of its stream, and under ``checkpoint``
        how checkpoints go; from any thread."""
        told = {source.spec.stream: source.connection.health_in_words() for source in self.sources}
        told.update((sink.spec.stream, sink.connection.health_in_words()) for sink in self.sinks)
        if self.checkpoints is not None:
            told["checkpoint"] = self.checkpoints.health
        return told
