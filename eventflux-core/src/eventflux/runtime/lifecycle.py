"""Starting and stopping an app, in the order that loses nothing."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence

from eventflux.base.errors import (
    EventFluxError,
    RefusedError,
    StartError,
    UnreachableError,
    UsageError,
)
from eventflux.runtime.async_stage import AsyncStage
from eventflux.runtime.checkpoints import Checkpoints
from eventflux.runtime.connection import StartProblem
from eventflux.runtime.life import Life
from eventflux.runtime.sink_runner import SinkRunner
from eventflux.runtime.source_runner import SourceRunner
from eventflux.runtime.specs import AppSpec
from eventflux.runtime.subscription import Subscription
from eventflux.runtime.timers import Timers
from eventflux.runtime.watchdog import Watchdog

logger = logging.getLogger("eventflux.runtime")

_LEAST_CLOSE = 3.0
"""Seconds: what has used up the time of a stop still has so long to close in good order, which
is when acknowledgements leave."""


class App(Life, ABC):
    """What is started and stopped."""

    spec: AppSpec
    sinks: Sequence[SinkRunner]
    sources: Sequence[SourceRunner]
    stages: Sequence[AsyncStage]
    timers: Timers
    watchdog: Watchdog
    checkpoints: Checkpoints | None

    @abstractmethod
    def fire_due(self) -> None:
        """Fire what is due by now."""

    @abstractmethod
    def flush(self) -> None:
        """Close all windows."""

    @abstractmethod
    def flush_output(self) -> None:
        """Give out what OUTPUT … EVERY holds."""

    @abstractmethod
    def close_taps(self) -> None:
        """Tell those who only look that no more rows come."""

    @abstractmethod
    def subscriptions(self) -> list[Subscription]:
        """Those that have not ended."""


async def start(app: App) -> None:
    """State first, then sinks, so that a source's first message finds them open; nothing is
    received before everything is open. What fails closes everything again."""
    if app.state == "running":
        return
    if app.state in ("starting", "stopping"):
        raise UsageError(f"app {app.name!r} is {app.state}")
    app.state = "starting"
    app.failure = None
    app.stream_failures.clear()
    app.finished, app.stopped = asyncio.Event(), asyncio.Event()
    app.watchdog.start()
    app.opening = asyncio.ensure_future(_open_everything(app))
    app.stop_asked = False
    try:
        await app.opening
        if app.stop_asked:
            raise asyncio.CancelledError
    except BaseException as error:
        await _close(app, app.spec.limits.stop)
        app.watchdog.stop()
        app.state = "stopped" if isinstance(error, asyncio.CancelledError) else "failed"
        app.failure = error if isinstance(error, EventFluxError) else None
        app.stopped.set()
        app.finished.set()
        if app.stop_asked and app.failure is None:
            raise StartError(f"app {app.name!r}: stopped before everything was open") from None
        raise
    app.state = "running"
    for subscription in app.subscriptions():
        subscription.attach(asyncio.get_running_loop())
    app.timers.start()
    for sink in app.sinks:
        sink.begin()
    for stage in app.stages:
        stage.begin()
    if app.checkpoints is not None:
        app.checkpoints.begin()
    app.spec.engine.begin_triggers()
    app.fire_due()
    for source in app.sources:
        source.begin()
    runners: list[SinkRunner | SourceRunner] = [*app.sinks, *app.sources]
    for runner in runners:  # before the loop turns, and with it any source
        runner.connection.begun()


async def _open_everything(app: App) -> None:
    """Sources are not even tried when a sink has a problem: what they had taken meanwhile
    would count as one more delivery of each message."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + app.spec.limits.start
    _report([*map(_prepare, app.sinks), *map(_prepare, app.sources)])
    if app.checkpoints is not None:
        await app.checkpoints.restore()
    for runners in (app.sinks, app.sources):
        await _open_all(runners, deadline - loop.time())


def _prepare(runner: SinkRunner | SourceRunner) -> StartProblem | None:
    """Make its connector."""
    try:
        runner.prepare()
    except EventFluxError as error:
        return StartProblem(runner.spec.label, error.message, error.hint, unreachable=False)
    return None


async def _open_all(runners: Sequence[SinkRunner | SourceRunner], timeout: float) -> None:
    """Open all at the same time."""
    give_up = asyncio.Event()

    async def open_one(runner: SinkRunner | SourceRunner) -> StartProblem | None:
        problem = await runner.connection.start(timeout, give_up)
        if problem is not None:
            give_up.set()
        return problem

    _report(await asyncio.gather(*map(open_one, runners)))


def _report(found: Iterable[StartProblem | None]) -> None:
    """Raise all problems together."""
    problems = [problem for problem in found if problem is not None]
    if problems:
        raise _start_error(problems)


def _start_error(problems: Sequence[StartProblem]) -> StartError:
    kind = UnreachableError if all(p.unreachable for p in problems) else RefusedError
    if len(problems) == 1:
        only = problems[0]
        return kind(f"{only.label}: {only.reason}", only.hint)
    lines = "\n".join(f"  {problem}" for problem in problems)
    return kind(f"{len(problems)} connectors could not be started:\n{lines}")


async def stop(app: App, *, flush: bool | None = None) -> None:
    """Receive no more, close or drop windows, drain the sinks (which settles what the
    sources wait for), close sources, then sinks. A start that is under way is given up."""
    if app.state == "starting" and app.opening is not None:
        app.stop_asked = True
        app.opening.cancel()
    if app.state in ("starting", "stopping"):
        await app.stopped.wait()
        return
    if app.state != "running":
        return
    app.state = "stopping"
    app.drained = True
    app.timers.stop()
    app.spec.engine.end_triggers()
    for subscription in app.subscriptions():
        subscription.release()
    loop = asyncio.get_running_loop()
    deadline = loop.time() + app.spec.limits.stop
    try:
        async with asyncio.timeout_at(deadline):
            await _drain(app, flush)
    except TimeoutError:
        app.drained = False
        logger.error(
            "app %r: not everything was confirmed within %g s; what was not acknowledged "
            "is delivered again%s",
            app.name,
            app.spec.limits.stop,
            "".join(map(_told_of_waiting, app.sinks)),
        )
    finally:
        await _close(app, deadline - loop.time())
        for subscription in app.subscriptions():
            subscription.close()
        app.close_taps()
        app.watchdog.stop()
        app.state = "failed" if app.failure is not None else "stopped"
        app.stopped.set()
        app.finished.set()


def _told_of_waiting(sink: SinkRunner) -> str:
    if sink.idle:
        return ""
    counted = sink.counters()
    return (
        f"; {sink.spec.label} ({sink.spec.connector_by}): {counted['queued']} messages wait, "
        f"{counted['in_flight']} are sent and not confirmed"
    )


async def _drain(app: App, flush: bool | None) -> None:
    """Without a state store sources acknowledge when the sinks have drained; what OUTPUT … EVERY
    holds is given out, and what windows hold is dropped. With one both stay for the next start: the
    last checkpoint is made then, and sources acknowledge when it is published. An app that has
    failed makes none: what it took since the last one comes again."""
    await asyncio.gather(*(source.stop() for source in app.sources))
    if app.failure is None:
        await _answered(app)
    else:  # what it took comes again
        await _close_stages(app, _LEAST_CLOSE)
    stored = app.checkpoints
    if flush is None:
        flush = stored is None and _flushes(app)
    if flush:
        await _give_out(app, app.flush)
    if stored is None:
        await _give_out(app, app.flush_output)
        app.spec.engine.discard()
    await _drain_sinks(app)
    if stored is not None and app.failure is None:
        await stored.finish()


async def _answered(app: App) -> None:
    """Return when no row waits for an asynchronous function; results of one may wait for the
    next."""
    while not all(stage.idle for stage in app.stages):
        await asyncio.gather(*(stage.drain() for stage in app.stages))


async def _give_out(app: App, held: Callable[[], None]) -> None:
    """Give out what is ``held``, and what comes to be held behind asynchronous functions."""
    while app.failure is None:
        held()
        if all(stage.idle for stage in app.stages):
            return
        await _answered(app)


def _flushes(app: App) -> bool:
    """Whether windows are closed where the caller of a stop does not say."""
    told = app.spec.flush_on_stop
    if told is not None:
        return told
    return any(source.complete and not source.spec.watermark for source in app.sources)


async def _close(app: App, seconds: float) -> None:
    """Sources first, so that what the last confirmations settled is acknowledged."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    await _close_stages(app, max(seconds, _LEAST_CLOSE))
    for runners in (app.sources, app.sinks):
        left = max(deadline - loop.time(), _LEAST_CLOSE)
        await asyncio.gather(*(runner.close(left) for runner in runners))
    if app.checkpoints is not None:
        await app.checkpoints.close(max(deadline - loop.time(), _LEAST_CLOSE))


async def _close_stages(app: App, within: float) -> None:
    await asyncio.gather(*(stage.close(within) for stage in app.stages))


async def _drain_sinks(app: App) -> None:
    """Until all are idle: what one can't deliver may come to another as an error."""
    while True:
        await _answered(app)
        await asyncio.gather(*(sink.drain() for sink in app.sinks))
        if all(sink.idle for sink in app.sinks) and all(stage.idle for stage in app.stages):
            return


async def finish(app: App) -> None:
    """All sources have ended: close all windows and wait until everything is safe. The app
    goes on running, for what the API sends."""
    if app.state != "running":
        return
    await _answered(app)
    await _give_out(app, app.flush)
    await _drain_sinks(app)
    app.finished.set()
