"""Where an app is between its creation and its end."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from eventflux.base.errors import EventFluxError, UsageError

State = Literal["created", "starting", "running", "stopping", "stopped", "failed"]


class Life:
    """What an app has come to. :mod:`eventflux.runtime.lifecycle` moves it on."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.state: State = "created"
        self.failure: EventFluxError | None = None
        self.stream_failures: dict[str, EventFluxError] = {}
        """Why streams have failed alone, by their names."""
        self.drained = True
        """Whether the last stop saw everything confirmed in time."""
        self.opening: asyncio.Future[Any] | None = None
        """The opening of all connectors, while it is under way."""
        self.stop_asked = False
        """Whether a stop ends that."""
        self.finished = asyncio.Event()
        """Set when all sources have ended and their results are safe, and when the app stops."""
        self.stopped = asyncio.Event()

    def check_running(self) -> None:
        """Raise the failure of an app that failed, ``UsageError`` for one that does not run."""
        if self.failure is not None:
            raise self.failure
        if self.state != "running":
            raise UsageError(
                f"app {self.name!r} is not running but {self.state}",
                "start it first: app.start(), await app.astart(), or 'with app:'",
            )
