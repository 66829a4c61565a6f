"""The METADATA of messages: its names and types, without the client library."""

from __future__ import annotations

from collections.abc import Mapping

from eventflux.base.types import DataType

TEXTS = (
    "message_id",
    "correlation_id",
    "reply_to",
    "content_type",
    "content_encoding",
    "type",
    "app_id",
)
"""Properties that are short texts, read and set as they are."""

_BOTH: Mapping[str, DataType] = {
    "routing_key": DataType.STRING,
    **dict.fromkeys(TEXTS, DataType.STRING),
    "priority": DataType.INT,
    "timestamp": DataType.TIMESTAMP,
    "expiration": DataType.LONG,
    "headers": DataType.OBJECT,
    "headers.*": DataType.OBJECT,
}

SINK_METADATA: Mapping[str, DataType] = _BOTH
"""What METADATA columns set of a message."""

SOURCE_METADATA: Mapping[str, DataType] = {
    **_BOTH,
    "exchange": DataType.STRING,
    "user_id": DataType.STRING,
    "redelivered": DataType.BOOL,
    "delivery_count": DataType.INT,
}
"""What METADATA columns read of a message."""
