"""Keeps the client library's own log records of our connections from the user.

What they tell is raised as an error with better words; at DEBUG they are in our log.
Records about connections that the program makes for itself stay.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

CLOSE_TIMEOUT = 2.0
"""Seconds that closing in good order may take before the socket is just closed."""

_log = logging.getLogger("eventflux.rabbitmq")
_ours: ContextVar[bool] = ContextVar("eventflux_rabbitmq", default=False)
_LIBRARY_LOGGERS = (
    "aiormq.connection",
    "aiormq.channel",
    "aio_pika.connection",
    "aio_pika.channel",
    "aio_pika.tools",
)


class _OursToDebug(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if not _ours.get():
            return True
        _log.debug("%s: %s", record.name, record.getMessage())
        return False


def quieten_library() -> None:
    """Put the filters where they are not yet."""
    for name in _LIBRARY_LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(f, _OursToDebug) for f in logger.filters):
            logger.addFilter(_OursToDebug())


@contextmanager
def our_records() -> Iterator[None]:
    """What the library does inside, and the tasks it starts there, are ours."""
    token = _ours.set(True)
    try:
        yield
    finally:
        _ours.reset(token)


async def quietly(work: Awaitable[Any]) -> bool:
    """Finish something on a connection that may be gone, in limited time; whether it was."""
    try:
        with our_records():
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await work
    except Exception:
        return False
    return True
