"""The options of the built-in connectors."""

from __future__ import annotations

from typing import Literal

from eventflux.spi import Duration, Options, option


class ConsoleOptions(Options, prefix="console"):
    """The console has no options."""


class LogOptions(Options, prefix="log"):
    line_prefix: str = option("[LOG]", doc="what each line begins with", name="prefix")
    level: Literal["debug", "info", "warn", "error"] = option(
        "info", doc="the level that the lines are logged at"
    )


class MemorySourceOptions(Options, prefix="memory"):
    channel: str = option(doc="the name of the channel to read")


class MemorySinkOptions(Options, prefix="memory"):
    channel: str = option(doc="the name of the channel to write")
    capacity: int | None = option(
        None, doc="wait while the channel holds so many payloads; without one it never waits", low=1
    )


class TimerOptions(Options, prefix="timer"):
    interval: Duration = option("1 s", doc="the time from one row to the next", low=1)
