"""Names with a known meaning: what to install for a missing one, and what is not free."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

EXTENSION_PACKAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "rabbitmq": "eventflux-rabbitmq",
        "websocket": "eventflux-websocket",
        "kafka": "eventflux-kafka",
        "http": "eventflux-http",
        "file": "eventflux-file",
    }
)
"""Connectors by their name in ``extension``."""

FORMAT_PACKAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("json", "csv", "bytes", "text"), "eventflux-mappers"),
        "avro": "eventflux-avro",
        "protobuf": "eventflux-protobuf",
    }
)
"""Mappers by their name in ``format``."""

LANGUAGE_FUNCTIONS: Final = frozenset(
    {"count", "sum", "avg", "min", "max", "coalesce", "nullif", "window_start", "window_end"}
)
"""Functions of the language itself, which no registered one can replace."""
