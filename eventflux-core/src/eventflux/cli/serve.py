"""A program between its real sources and sinks, until it ends or a signal comes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventflux.base.errors import EventFluxError, OptionError
from eventflux.cli.exits import Exit, exit_for
from eventflux.cli.logs import log_summary
from eventflux.cli.program import STDIN, load, shown_name
from eventflux.cli.signals import StopSignals
from eventflux.cli.status import Progress, StatusLine
from eventflux.cli.systemd import Notifier
from eventflux.runtime.loops import new_event_loop

if TYPE_CHECKING:
    from eventflux.app import AppRuntime
    from eventflux.monitoring import Address
    from eventflux.planner.plan import Plan

_log = logging.getLogger("eventflux.cli")


def serve(
    file: Path,
    set_options: list[str] | None,
    config: Path | None,
    status: StatusLine,
    address: Address | None,
    *,
    fresh: bool = False,
) -> Exit:
    """Run the program of ``file``; returns when it has ended or drained. The pages that tell
    of it are served at ``address``, if any. ``fresh`` ignores the state that is stored.

    A failure while running has been logged by then and is told by the exit code alone.

    Raises:
        EventFluxError: the program is wrong or can't start.
    """
    app = load(file, set_options, config, fresh=fresh)
    if all(stream.role != "source" for stream in app.plan.streams.values()):
        raise OptionError(
            f"{shown_name(file)} has no source: nothing would ever come in",
            "CREATE STREAM … WITH (type = 'source', extension = '…'), "
            "or try it over rows with --dry-run",
        )
    if file == STDIN and _uses_console(app.plan, "source"):
        raise OptionError(
            "the standard input is the program, so no stream can read its rows there",
            "give the program as a file",
        )
    for name in _unread(app.plan):
        _log.warning(
            "the rows of %r go nowhere: it is no sink, and no query reads it; "
            "type = 'sink' in its WITH sends them on, --dry-run shows them",
            name,
        )
    if sys.stdout.isatty() and _uses_console(app.plan, "sink"):
        status.enabled = False  # the rows of the program have the terminal
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(_serve(app, file, status, address))


def _unread(plan: Plan) -> list[str]:
    """The streams whose rows nobody can see: in a process of its own no callback does."""
    return [
        stream.name
        for stream in plan.streams.values()
        if stream.role != "sink" and plan.writers(stream.name) and not plan.readers(stream.name)
    ]


def _uses_console(plan: Plan, role: str) -> bool:
    return any(
        stream.role == role and (stream.extension or "").lower() == "console"
        for stream in plan.streams.values()
    )


async def _serve(app: AppRuntime, file: Path, status: StatusLine, address: Address | None) -> Exit:
    from eventflux.monitoring.control import control_socket

    signals = StopSignals()
    notifier = Notifier(os.environ)
    async with _pages_of(app, address), control_socket(app, file), _told(app, notifier):
        asked = asyncio.ensure_future(signals.asked.wait())
        starting = asyncio.ensure_future(app.astart())
        await asyncio.wait({starting, asked}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            _log.info("stopped by a signal before everything was open")
            notifier.stopping()
            await app.astop()
            await asyncio.gather(starting, return_exceptions=True)
            return Exit.DONE
        await starting
        _log.info("running; Ctrl-C stops it")
        notifier.ready()
        return await _until_stopped(app, status, notifier, asked)


async def _until_stopped(
    app: AppRuntime, status: StatusLine, notifier: Notifier, asked: asyncio.Future[Any]
) -> Exit:
    """Show how it goes until the app has ended, or has stopped because it was asked to."""
    progress = Progress()
    ended = asyncio.ensure_future(_until_finished(app))
    try:
        await _show_until(app, status, "running", progress, ended, asked)
        if asked.done():
            _log.info("stopping: what is under way is drained")
        notifier.stopping()
        stopping = asyncio.ensure_future(app.astop())
        await _show_until(app, status, "stopping", progress, stopping)
        await stopping
    finally:
        status.clear()
        log_summary(app.stats())
    if app.failure is not None:
        return exit_for(app.failure)
    return Exit.DONE if app.drained and not app.stream_failures else Exit.FAILED


@contextlib.asynccontextmanager
async def _pages_of(app: AppRuntime, address: Address | None) -> AsyncIterator[None]:
    """Serve the pages that tell of the app, if an address is given, from before its start
    until after its stop."""
    if address is None:
        yield
        return
    from eventflux.monitoring import HttpServer, pages

    async with HttpServer(pages(app), address) as server:
        _log.info("http://%s serves /live, /ready, /metrics, /stats and more", server.address)
        yield


@contextlib.asynccontextmanager
async def _told(app: AppRuntime, notifier: Notifier) -> AsyncIterator[None]:
    """Tell the service manager, if there is one, that the process lives and how it goes."""
    if not notifier.wanted:
        yield
        return
    from eventflux.monitoring.readiness import status_text

    telling = asyncio.ensure_future(notifier.keep_alive(lambda: status_text(app)))
    try:
        yield
    finally:
        telling.cancel()
        notifier.close()


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
