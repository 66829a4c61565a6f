"""The ``log`` sink: one line of Python's logging for each event."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import msgspec

from eventflux.builtin.options import LogOptions
from eventflux.spi import (
    ConnectorContext,
    Refusal,
    Sink,
    SinkBatch,
)

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
}


_encode = msgspec.json.Encoder(decimal_format="number").encode


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
            payload = _encode(named)
        text: str = payload.decode("utf-8", "backslashreplace")
        return text.replace("\r", "\\r").replace("\n", "\\n")
