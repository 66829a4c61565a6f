"""A program between its real sources and sinks, until it ends or a signal comes."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from eventflux.cli.exits import Exit
from eventflux.cli.program import load
from eventflux.cli.signals import StopSignals
from eventflux.cli.status import Progress, StatusLine, print_summary
from eventflux.runtime.loops import new_event_loop

if TYPE_CHECKING:
    from eventflux.app import AppRuntime

_log = logging.getLogger("eventflux.cli")


def serve(
    file: Path, set_options: list[str] | None, config: Path | None, status: StatusLine
) -> Exit:
    """Run the program of ``file``; returns when it has ended or drained.

    Raises:
        EventFluxError: the program is wrong, can't start, or failed while running.
    """
    app = load(file, set_options, config)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(_serve(app, status))


async def _serve(app: AppRuntime, status: StatusLine) -> Exit:
    signals = StopSignals()
    asked = asyncio.ensure_future(signals.asked.wait())
    starting = asyncio.ensure_future(app.astart())
    await asyncio.wait({starting, asked}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        _log.info("stopped by a signal before everything was open")
        starting.cancel()
        await asyncio.wait({starting})
        return Exit.DONE
    await starting
    _log.info("running; Ctrl-C stops it")
    ended = asyncio.ensure_future(app.await_end())
    progress = Progress()
    try:
        while not (ended.done() or asked.done()):
            status.show(progress.text(app.stats()["connectors"]))
            await asyncio.wait({ended, asked}, timeout=1, return_when=asyncio.FIRST_COMPLETED)
        if asked.done():
            status.clear()
            _log.info("stopping: draining what is under way")
        await app.astop()
    finally:
        status.clear()
        print_summary(app.stats(), sys.stderr)
    if app.failure is not None:
        raise app.failure
    return Exit.DONE
