"""Log lines to stderr, for people or as JSON."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import TextIO

from eventflux.cli.status import StatusLine

QUIET_LIBRARIES = ("aio_pika", "aiormq", "asyncio")
"""Below warnings these say nothing that helps the user of an app."""


class _JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, and exception if any."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


class _StatusAwareHandler(logging.StreamHandler[TextIO]):
    """Takes the status line away before a log line is written over it."""

    def __init__(self, stream: TextIO, status: StatusLine) -> None:
        super().__init__(stream)
        self._status = status

    def emit(self, record: logging.LogRecord) -> None:
        self._status.clear()
        super().emit(record)


def configure(log_format: str, level: str, stream: TextIO, status: StatusLine) -> logging.Logger:
    """Send the logs of this process to ``stream``; returns the command line's own logger."""
    handler = _StatusAwareHandler(stream, status)
    handler.setFormatter(
        _JsonFormatter()
        if log_format == "json"
        else logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S")
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
    return logging.getLogger("eventflux.cli")
