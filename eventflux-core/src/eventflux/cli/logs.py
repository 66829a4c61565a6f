"""Log lines to stderr, for people or as JSON."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

from eventflux.cli.status import StatusLine, summary_text

if TYPE_CHECKING:
    from eventflux.runtime.stats import Stats

QUIET_LIBRARIES = ("aio_pika", "aiormq", "asyncio")
"""Below warnings these say nothing that helps the user of an app."""


class _JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message; exception and stats if any."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        if hasattr(record, "stats"):
            entry["stats"] = record.stats
        return json.dumps(entry, ensure_ascii=False)


class _TextFormatter(logging.Formatter):
    """Lines for people; a summary has its tables below it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        return f"{line}\n{summary_text(record.stats)}" if hasattr(record, "stats") else line


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
    handler.setFormatter(_JsonFormatter() if log_format == "json" else _TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
    return logging.getLogger("eventflux.cli")


def log_summary(stats: Stats) -> None:
    """Tell the counters of ``stats()`` whatever the log level: as tables, or in the JSON."""
    logger = logging.getLogger("eventflux.cli")
    record = logger.makeRecord(
        logger.name, logging.INFO, __file__, 0, "summary", (), None, extra={"stats": stats}
    )
    logger.handle(record)
