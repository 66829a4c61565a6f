"""The options that every source, every sink and every other stream has."""

from __future__ import annotations

from typing import Literal

from eventflux.spi.option_values import Bytes, Duration
from eventflux.spi.options import Options, option

Strategy = Literal["drop", "retry", "dlq", "fail"]
LogLevel = Literal["debug", "info", "warn", "error"]
BackoffKind = Literal["exponential", "linear", "fixed"]


class ErrorOptions(Options):
    """What becomes of rows and messages that can't be processed: every stream has these, and
    queries have them too."""

    error_strategy: Strategy | None = option(
        None,
        doc="what happens to a row or message that can't be processed: drop (count, log, go on), "
        "retry (try again what may work later), dlq (put it into error.dlq.stream) or fail (stop)",
    )
    error_log_level: LogLevel = option(
        "warn", name="error.log-level", doc="the level at which it is logged"
    )
    error_retry_max_attempts: int = option(
        3,
        name="error.retry.max-attempts",
        doc="how often it is tried again after the first time; a message that a source delivers "
        "more often than this ends in error.dlq.stream (under fail: if it fails once more)",
        low=1,
    )
    error_retry_backoff: BackoffKind = option(
        "exponential",
        doc="how the delay grows from try to try: exponential (doubled), linear (by the first "
        "delay) or fixed",
    )
    error_retry_initial_delay: Duration = option(
        Duration(100),
        name="error.retry.initial-delay",
        doc="the delay before it is tried again for the first time",
        low=0,
    )
    error_retry_max_delay: Duration = option(
        Duration(30_000), name="error.retry.max-delay", doc="the longest delay between tries", low=0
    )
    error_dlq_stream: str | None = option(
        None, doc="the stream that takes, as rows of its own, what can't be processed"
    )
    error_dlq_fallback_strategy: Literal["log", "fail", "retry"] = option(
        "log",
        name="error.dlq.fallback-strategy",
        doc="what happens to a row of error.dlq.stream that can't be processed or delivered",
    )
    error_dlq_fallback_retry_max_attempts: int = option(
        3,
        name="error.dlq.fallback-retry.max-attempts",
        doc="how often such a row is tried again before it is logged only",
        low=1,
    )
    error_dlq_fallback_retry_backoff: BackoffKind = option(
        "exponential", name="error.dlq.fallback-retry.backoff", doc="as error.retry.backoff"
    )
    error_dlq_fallback_retry_initial_delay: Duration = option(
        Duration(100),
        name="error.dlq.fallback-retry.initial-delay",
        doc="as error.retry.initial-delay",
        low=0,
    )
    error_dlq_fallback_retry_max_delay: Duration = option(
        Duration(30_000),
        name="error.dlq.fallback-retry.max-delay",
        doc="as error.retry.max-delay",
        low=0,
    )
    on_fail: Literal["app", "stream"] = option(
        "app", doc="what fail stops: the app, or the sources of this stream only"
    )


class StreamOptions(ErrorOptions):
    """What every stream may set that rows enter by. Those of ``watermark.`` need a WATERMARK FOR at
    the stream."""

    watermark_idle: Duration = option(
        Duration(60_000),
        doc="how long no row may come before the stream no longer holds back the others that "
        "feed the same query; with its next row it counts again",
        low=1,
    )
    watermark_lateness: Duration = option(
        Duration(0),
        doc="how much longer windows keep what they hold when the watermark has closed them: a "
        "row that comes in this time gives the window's row again",
        low=0,
    )
    watermark_max_future: Duration = option(
        Duration(3_600_000),
        name="watermark.max-future",
        doc="how far ahead of the clock the event time of a row may be; one beyond it does not "
        "move the watermark",
        low=0,
    )
    watermark_future: Literal["process", "error"] = option(
        "process",
        doc="what becomes of a row beyond watermark.max-future: process (as any other, but for "
        "the watermark) or error (it follows error.strategy)",
    )


class SourceStreamOptions(StreamOptions):
    """What every source stream may set."""

    batch_max_messages: int = option(
        1024, doc="the most messages that are processed in one go", low=1, high=65_536
    )
    batch_max_bytes: Bytes = option(
        Bytes(4 * 1024 * 1024), doc="the most bytes that are processed in one go", low=1
    )
    max_in_flight: int = option(
        16_384, doc="how many messages may be received and not yet settled", low=1
    )
    max_in_flight_bytes: Bytes = option(
        Bytes(64 * 1024 * 1024),
        doc="how many bytes of messages may be received and not yet settled; one larger message "
        "still comes, alone",
        low=1,
    )
    max_message_bytes: Bytes = option(
        Bytes(16 * 1024 * 1024),
        doc="a larger message is not decoded but follows the error strategy",
        low=1,
    )
    reconnect_max_attempts: int = option(
        -1, doc="tries to connect again before the app fails; -1 is without end", low=-1
    )


class SinkStreamOptions(ErrorOptions):
    """What every sink stream may set."""

    error_retry_max_attempts: int = option(
        -1,
        name="error.retry.max-attempts",
        doc="how often a message that is refused for now is sent again before it follows "
        "error.strategy; -1 is without end",
        low=-1,
    )
    batch_max_messages: int = option(
        1024, doc="the most messages that are sent in one go", low=1, high=65_536
    )
    batch_max_bytes: Bytes = option(
        Bytes(4 * 1024 * 1024), doc="the most bytes that are sent in one go", low=1
    )
    linger: Duration = option(
        Duration(0), doc="how long to wait for a batch to fill before it is sent", low=0
    )
    max_in_flight: int | None = option(
        None, doc="how many messages may be under way at once; by default the connector's", low=1
    )
    max_in_flight_bytes: Bytes = option(
        Bytes(64 * 1024 * 1024),
        doc="how many bytes of messages may be under way at once, and wait to be; one larger "
        "message still goes, alone",
        low=1,
    )
    reconnect_max_attempts: int = option(
        -1, doc="tries to connect again before the app fails; -1 is without end", low=-1
    )
