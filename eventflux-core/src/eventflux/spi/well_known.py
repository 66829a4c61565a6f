"""Which distribution provides each well-known name: what to install when it is missing."""

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
