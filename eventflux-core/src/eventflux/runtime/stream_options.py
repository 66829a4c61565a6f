"""The options that every source, every sink and every other stream has."""

from __future__ import annotations

from typing import Literal

from eventflux.spi.options import Bytes, Duration, Options, option

Strategy = Literal["drop", "fail", "retry", "dlq"]
LogLevel = Literal["debug", "info", "warn", "error"]

UNSUPPORTED_STRATEGIES = frozenset({"retry", "dlq"})
"""Part of the language, not built yet; refused by name."""


class StreamOptions(Options):
    """What every stream may set."""

    error_strategy: Strategy | None = option(
        None,
        doc="what happens to a row or message that can't be processed: drop (count, log, go on) "
        "or fail (stop the app)",
    )
    error_log_level: LogLevel = option(
        "warn", name="error.log-level", doc="the level at which dropped rows are logged"
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


class SinkStreamOptions(StreamOptions):
    """What every sink stream may set."""

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
