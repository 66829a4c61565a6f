"""Starting and stopping an app, in the order that loses nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from eventflux.base.errors import (
    EventFluxError,
    RefusedError,
    StartError,
    UnreachableError,
    UsageError,
)
from eventflux.runtime.connection import StartProblem
from eventflux.runtime.sink_runner import SinkRunner
from eventflux.runtime.source_runner import SourceRunner
from eventflux.runtime.watchdog import Watchdog

if TYPE_CHECKING:
    from eventflux.runtime.runtime import Runtime

logger = logging.getLogger("eventflux.runtime")

State = Literal["created", "starting", "running", "stopping", "stopped", "failed"]


async def start(app: Runtime) -> None:
    """Sinks first, so that a source's first message finds them open; nothing is received
    before everything is open. What fails closes everything again."""
    if app.state == "running":
        return
    if app.state in ("starting", "stopping"):
        raise UsageError(f"app {app.spec.name!r} is {app.state}")
    app.state = "starting"
    app.failure = None
    app.finished, app.stopped = asyncio.Event(), asyncio.Event()
    opened: list[SinkRunner | SourceRunner] = []
    loop = asyncio.get_running_loop()
    deadline = loop.time() + app.spec.limits.start
    try:
        for runners in (app.sinks, app.sources):
            opened.extend(runners)
            await _open_all(runners, deadline - loop.time())
    except BaseException:
        for runner in reversed(opened):
            await runner.close()
        app.state = "failed"
        raise
    app.state = "running"
    for subscription in app.subscriptions():
        subscription.attach(loop)
    app.timers.start()
    app.watchdog = Watchdog(app.spec.name, lambda: app.steps.current, app.spec.limits.step)
    app.watchdog.start()
    for runner in opened:
        runner.begin()


async def _open_all(runners: Sequence[SinkRunner | SourceRunner], timeout: float) -> None:
    """Open all at the same time; report all problems together."""
    give_up = asyncio.Event()

    async def open_one(runner: SinkRunner | SourceRunner) -> StartProblem | None:
        try:
            runner.prepare()
        except EventFluxError as error:
            problem: StartProblem | None = StartProblem(
                runner.spec.label, error.message, error.hint, unreachable=False
            )
        else:
            problem = await runner.connection.start(timeout, give_up)
        if problem is not None:
            give_up.set()
        return problem

    problems = [p for p in await asyncio.gather(*map(open_one, runners)) if p is not None]
    if problems:
        raise _start_error(problems)


def _start_error(problems: Sequence[StartProblem]) -> StartError:
    kind = UnreachableError if all(p.unreachable for p in problems) else RefusedError
    if len(problems) == 1:
        only = problems[0]
        return kind(f"{only.label}: {only.reason}", only.hint)
    lines = "\n".join(f"  {problem}" for problem in problems)
    return kind(f"{len(problems)} connectors could not be started:\n{lines}")


async def stop(app: Runtime, *, flush: bool | None = None) -> None:
    """Receive no more, close or drop windows, drain the sinks (which settles what the
    sources wait for), close sources, then sinks."""
    if app.state == "stopping":
        await app.stopped.wait()
        return
    if app.state != "running":
        return
    app.state = "stopping"
    app.drained = True
    app.timers.stop()
    for subscription in app.subscriptions():
        subscription.release()
    try:
        async with asyncio.timeout(app.spec.limits.stop):
            await _drain(app, app.spec.flush_on_stop if flush is None else flush)
    except TimeoutError:
        app.drained = False
        logger.error(
            "app %r: not everything was confirmed within %g s; what was not acknowledged "
            "is delivered again",
            app.spec.name,
            app.spec.limits.stop,
        )
    finally:
        await asyncio.gather(*(source.close() for source in app.sources))
        await asyncio.gather(*(sink.close() for sink in app.sinks))
        for subscription in app.subscriptions():
            subscription.close()
        if app.watchdog is not None:
            app.watchdog.stop()
        app.state = "failed" if app.failure is not None else "stopped"
        app.stopped.set()
        app.finished.set()


async def _drain(app: Runtime, flush: bool) -> None:
    await asyncio.gather(*(source.stop() for source in app.sources))
    if flush and app.failure is None:
        app.flush()
    app.spec.engine.discard()
    await asyncio.gather(*(sink.drain() for sink in app.sinks))


async def finish(app: Runtime) -> None:
    """All sources have ended: close all windows and wait until everything is safe. The app
    goes on running, for what the API sends."""
    if app.state != "running":
        return
    app.flush()
    await asyncio.gather(*(sink.drain() for sink in app.sinks))
    app.finished.set()
