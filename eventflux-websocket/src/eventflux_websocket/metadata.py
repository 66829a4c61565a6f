"""What METADATA columns read of a message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventflux.base.types import DataType
from eventflux_websocket.inbox import Taken

SOURCE_METADATA: Mapping[str, DataType] = {
    "type": DataType.STRING,
    "received": DataType.TIMESTAMP,
}
"""``type`` is ``text`` or ``binary``, ``received`` when the message came."""


def metadata_of(taken: Taken, names: Sequence[str]) -> Mapping[str, Sequence[Any]] | None:
    """The columns of :data:`SOURCE_METADATA` that are wanted."""
    if not names:
        return None
    columns: dict[str, Sequence[Any]] = {}
    if "type" in names:
        columns["type"] = ["text" if text else "binary" for text in taken.texts]
    if "received" in names:
        columns["received"] = taken.times
    return columns
