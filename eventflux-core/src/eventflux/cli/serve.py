"""A program between its real sources and sinks, until it ends or a signal comes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventflux.base.errors import EventFluxError, OptionError
from eventflux.cli.exits import Exit, exit_for
from eventflux.cli.logs import log_summary
from eventflux.cli.program import load
from eventflux.cli.signals import StopSignals
from eventflux.cli.status import Progress, StatusLine
from eventflux.runtime.loops import new_event_loop

if TYPE_CHECKING:
    from eventflux.app import AppRuntime
    from eventflux.planner.plan import Plan

_log = logging.getLogger("eventflux.cli")


def serve(
    file: Path, set_options: list[str] | None, config: Path | None, status: StatusLine
) -> Exit:
    """Run the program of ``file``; returns when it has ended or drained.

    A failure while running has been logged by then and is told by the exit code alone.

    Raises:
        EventFluxError: the program is wrong or can't start.
    """
    app = load(file, set_options, config)
    if all(stream.role != "source" for stream in app.plan.streams.values()):
        raise OptionError(
            f"{file} has no source: nothing would ever come in",
            "CREATE STREAM … WITH (type = 'source', extension = '…'), "
            "or try it over rows with --dry-run",
        )
    if sys.stdout.isatty() and _writes_to_console(app.plan):
        status.enabled = False  # the rows of the program have the terminal
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(_serve(app, status))


def _writes_to_console(plan: Plan) -> bool:
    return any(
        stream.role == "sink" and (stream.extension or "").lower() == "console"
        for stream in plan.streams.values()
    )


async def _serve(app: AppRuntime, status: StatusLine) -> Exit:
    signals = StopSignals()
    asked = asyncio.ensure_future(signals.asked.wait())
    starting = asyncio.ensure_future(app.astart())
    await asyncio.wait({starting, asked}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        _log.info("stopped by a signal before everything was open")
        await app.astop()
        await asyncio.wait({starting})
        return Exit.DONE
    await starting
    _log.info("running; Ctrl-C stops it")
    progress = Progress()
    ended = asyncio.ensure_future(_until_finished(app))
    try:
        await _show_until(app, status, "running", progress, ended, asked)
        if asked.done():
            _log.info("stopping: what is under way is drained")
        stopping = asyncio.ensure_future(app.astop())
        await _show_until(app, status, "stopping", progress, stopping)
        await stopping
    finally:
        status.clear()
        log_summary(app.stats())
    if app.failure is not None:
        return exit_for(app.failure)
    return Exit.DONE if app.drained and not app.stream_failures else Exit.FAILED


async def _until_finished(app: AppRuntime) -> None:
    """Return when the app has come to its end, in whichever way."""
    with contextlib.suppress(EventFluxError):  # kept in app.failure
        await app.await_finished()


async def _show_until(
    app: AppRuntime, status: StatusLine, state: str, progress: Progress, *ends: asyncio.Future[Any]
) -> None:
    """Show the status line once a second until one of ``ends`` is done."""
    while not any(end.done() for end in ends):
        status.show(progress.text(state, app.stats()["connectors"], app.health()))
        await asyncio.wait(ends, timeout=1, return_when=asyncio.FIRST_COMPLETED)
