"""The ``log`` sink: one line of Python's logging for each event."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import msgspec

from eventflux.spi import (
    ConnectorContext,
    Options,
    Refusal,
    Sink,
    SinkBatch,
    SinkFactory,
    option,
)


class LogOptions(Options, prefix="log"):
    line_prefix: str = option("[LOG]", doc="what each line begins with", name="prefix")
    level: Literal["debug", "info", "warn", "error"] = option(
        "info", doc="the level that the lines are logged at"
    )


_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
}


class LogSink(Sink):
    """Logs to ``eventflux.stream.<name>``: payloads as text, rows as JSON by column name."""

    def __init__(self, options: LogOptions, context: ConnectorContext) -> None:
        self._prefix = options.line_prefix
        self._level = _LEVELS[options.level]
        self._columns = tuple(context.column_names)
        self._log = logging.getLogger(f"eventflux.stream.{context.stream}")

    async def open(self) -> None:
        """Logging needs no opening."""

    async def send(self, batch: SinkBatch) -> Sequence[Refusal]:
        if self._log.isEnabledFor(self._level):
            for payload in batch.payloads:
                self._log.log(self._level, "%s %s", self._prefix, self._line(payload))
        return ()

    async def close(self) -> None:
        """Nothing is open."""

    def _line(self, payload: Any) -> str:
        if not isinstance(payload, bytes):
            named = dict(zip(self._columns, payload, strict=True))
            payload = msgspec.json.encode(named)
        text: str = payload.decode("utf-8", "backslashreplace")
        return text.replace("\r", "\\r").replace("\n", "\\n")


class LogSinkFactory(SinkFactory):
    """An event counts as delivered when it has been handed to logging."""

    name: ClassVar[str] = "log"
    doc: ClassVar[str] = "logs each event in a line, as its format writes it or by column"
    options: ClassVar[type[LogOptions]] = LogOptions
    formats: ClassVar[Sequence[str]] = ("*",)
    format_optional: ClassVar[bool] = True

    def create(self, options: LogOptions, context: ConnectorContext) -> Sink:
        return LogSink(options, context)
