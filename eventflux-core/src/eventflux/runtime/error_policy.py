"""What a stream does with what can't be processed, and the log that tells of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Literal

from eventflux.runtime.stream_options import StreamOptions

logger = logging.getLogger("eventflux.runtime")

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
}


class ThinnedLog:
    """Writes at most ``burst`` lines in each ``period`` seconds and counts the rest.

    A stream of a million bad messages must neither fill the disk nor stay unseen: the
    first line of the next period tells how many were left out.
    """

    def __init__(
        self,
        level: int,
        *,
        burst: int = 5,
        period: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._level = level
        self._burst = burst
        self._period = period
        self._clock = clock
        self._period_ends = 0.0
        self._written = 0
        self.left_out = 0
        """Lines left out since the last one written."""

    def write(self, line: str) -> None:
        now = self._clock()
        if now >= self._period_ends:
            self._period_ends = now + self._period
            self._written = 0
        if self._written >= self._burst:
            self.left_out += 1
            return
        self._written += 1
        if self.left_out:
            line += f" (and {self.left_out} more like this were not logged)"
            self.left_out = 0
        logger.log(self._level, "%s", line)


class ErrorPolicy:
    """The error strategy of one stream.

    Unset, a row that can't be processed is dropped, and a message that the other side
    refuses for good fails the app: the one is a bad event, the other a lost result.
    """

    def __init__(self, stream: str, options: StreamOptions) -> None:
        self.stream = stream
        self._strategy = options.error_strategy
        self._log = ThinnedLog(_LEVELS[options.error_log_level])

    @property
    def for_rows(self) -> Literal["drop", "fail"]:
        """For payloads that can't be decoded and rows that fail in a query."""
        return "fail" if self._strategy == "fail" else "drop"

    @property
    def for_refusals(self) -> Literal["drop", "fail"]:
        """For messages of a sink: refused for good, or not to be encoded."""
        return "drop" if self._strategy == "drop" else "fail"

    def log_dropped(self, line: str) -> None:
        self._log.write(f"stream {self.stream!r}: {line}")
