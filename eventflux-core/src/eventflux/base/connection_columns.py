"""The columns of ``<name>.connection``, which tells how a source or sink is connected."""

from __future__ import annotations

from typing import Literal

from eventflux.base.types import Column, DataType, Schema

ConnectionEvent = Literal["connected", "disconnected", "gap"]

CONNECTION_SCHEMA = Schema(
    (
        Column("event", DataType.STRING, nullable=False),
        Column("streamName", DataType.STRING, nullable=False),
        Column("peer", DataType.STRING),
        Column("reason", DataType.STRING),
        Column("at", DataType.TIMESTAMP, nullable=False),
        Column("since", DataType.TIMESTAMP),
        Column("duration_ms", DataType.LONG),
    )
)
"""What a row says:

- ``event``: ``connected``, at the start and again after a loss; ``disconnected``; ``gap``, behind
  the ``connected`` that ends a loss, of a live source: what was sent meanwhile is gone;
- ``streamName`` and ``peer``: whose connection it is, and to what, where the connector tells;
- ``reason``: why the connection was lost;
- ``at``: when, on the app's clock;
- ``since`` and ``duration_ms``: when it had been lost, and how long there was none; NULL of a
  start and of ``disconnected``.
"""

_SUFFIX = ".connection"


def connection_of(stream: str) -> str:
    """The name of the stream that tells of a stream's connection."""
    return stream + _SUFFIX


def whose_connection(name: str) -> str | None:
    """The stream whose connection the stream ``name`` tells of; ``None`` if it is another one."""
    return name.removesuffix(_SUFFIX) if name.endswith(_SUFFIX) else None
