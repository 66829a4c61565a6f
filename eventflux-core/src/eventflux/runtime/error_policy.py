"""What a stream does with what can't be processed, and the log that tells of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Literal

import msgspec

from eventflux.runtime.stream_options import BackoffKind, ErrorOptions

logger = logging.getLogger("eventflux.runtime")

Decision = Literal["drop", "dlq", "fail"]
"""What becomes of a row or message that is given up."""

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
}


class Retries(msgspec.Struct, frozen=True):
    """How often and when something is tried again; times in milliseconds."""

    max_attempts: int
    """Tries after the first; -1 is without end."""
    backoff: BackoffKind
    initial_delay: int
    max_delay: int

    def may_try(self, attempt: int) -> bool:
        """Whether it may be tried again for the time number ``attempt`` (from 1)."""
        return self.max_attempts < 0 or attempt <= self.max_attempts

    def delay(self, attempt: int) -> float:
        """Seconds to wait before that try."""
        factor = 1.0
        if self.backoff == "exponential":
            factor = 2.0 ** min(attempt - 1, 62)
        elif self.backoff == "linear":
            factor = float(attempt)
        return min(self.initial_delay * factor, self.max_delay) / 1000


class Fallback(msgspec.Struct, frozen=True):
    """What becomes of an error row that can't be processed or delivered itself."""

    strategy: Literal["log", "fail", "retry"] = "log"
    retries: Retries | None = None
    """For ``retry``, which ends as ``log``."""

    @property
    def decision(self) -> Decision:
        return "fail" if self.strategy == "fail" else "drop"


LOG_ONLY = Fallback()
"""For rows of ``<name>.errors``: an error on their way is logged and counted only."""


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
    """The error strategy of one stream, or of one query.

    Unset, a row that can't be processed is dropped, and a message that the other side
    refuses for good fails the app: the one is a bad event, the other a lost result.
    """

    def __init__(self, options: ErrorOptions) -> None:
        self.strategy = options.error_strategy
        self.dead_letters = options.error_dlq_stream
        """The stream that takes what is given up under ``dlq`` and ``retry``."""
        self.retries = Retries(
            options.error_retry_max_attempts,
            options.error_retry_backoff,
            options.error_retry_initial_delay,
            options.error_retry_max_delay,
        )
        self.fallback = Fallback(
            options.error_dlq_fallback_strategy,
            Retries(
                options.error_dlq_fallback_retry_max_attempts,
                options.error_dlq_fallback_retry_backoff,
                options.error_dlq_fallback_retry_initial_delay,
                options.error_dlq_fallback_retry_max_delay,
            ),
        )
        self.fails_alone = options.on_fail == "stream"
        """Whether ``fail`` stops the stream's sources and not the app."""
        self._log = ThinnedLog(_LEVELS[options.error_log_level])

    @property
    def for_rows(self) -> Decision:
        """For payloads that can't be decoded and rows that fail in a query."""
        return self._decision("drop")

    @property
    def for_refusals(self) -> Decision:
        """For messages of a sink: given up, refused for good, or not to be encoded."""
        return self._decision("fail")

    def _decision(self, otherwise: Literal["drop", "fail"]) -> Decision:
        if self.strategy in ("drop", "fail"):
            return "drop" if self.strategy == "drop" else "fail"
        return otherwise if self.dead_letters is None else "dlq"

    def log(self, line: str) -> None:
        """Write a line about a row or message that was set aside."""
        self._log.write(line)
