"""The ``timer`` source: a row now, and one again after each interval."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from eventflux.base.errors import OptionError
from eventflux.base.types import DataType, Schema
from eventflux.spi import (
    ConnectorContext,
    Duration,
    Options,
    Positions,
    ReceiveLimits,
    Source,
    SourceBatch,
    SourceFactory,
    SourceKind,
    option,
)


class TimerOptions(Options, prefix="timer"):
    interval: Duration = option("1 s", doc="the time from one row to the next", low=1)


class TimerSource(Source):
    """Keeps to the grid of its start: a row that is taken late does not shift the next one,
    and intervals that nobody waited for give no rows."""

    def __init__(self, options: TimerOptions) -> None:
        self._interval = options.interval / 1000
        self._due = 0.0

    async def open(self, positions: Positions | None) -> None:
        self._due = asyncio.get_running_loop().time()

    async def receive(self, limits: ReceiveLimits) -> SourceBatch:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._due - loop.time())
        missed = max(0, int((loop.time() - self._due) / self._interval))
        self._due += (missed + 1) * self._interval
        return SourceBatch([("tick",)])

    async def close(self) -> None:
        """Nothing is open."""


class TimerSourceFactory(SourceFactory):
    """Live: a row that no one took is gone."""

    name: ClassVar[str] = "timer"
    doc: ClassVar[str] = "gives the row ('tick') at once and after each interval"
    kind: ClassVar[SourceKind] = "live"
    options: ClassVar[type[TimerOptions]] = TimerOptions

    def check_schema(self, context: ConnectorContext, schema: Schema) -> None:
        if [column.type for column in schema.columns] != [DataType.STRING]:
            raise OptionError(
                f"stream '{context.stream}': a timer gives one STRING column, not {schema}",
                f"CREATE STREAM {context.stream} (tick STRING) WITH (…)",
            )

    def create(self, options: TimerOptions, context: ConnectorContext) -> Source:
        return TimerSource(options)
