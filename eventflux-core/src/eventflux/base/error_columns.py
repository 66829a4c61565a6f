"""The columns of error rows: those of dead-letter streams, and of ``<name>.errors``."""

from __future__ import annotations

from eventflux.base.types import Column, DataType, Schema

DEAD_LETTER_COLUMNS = (
    Column("originalEvent", DataType.STRING, nullable=False),
    Column("errorMessage", DataType.STRING, nullable=False),
    Column("errorType", DataType.STRING, nullable=False),
    Column("timestamp", DataType.LONG, nullable=False),
    Column("attemptCount", DataType.INT, nullable=False),
    Column("streamName", DataType.STRING, nullable=False),
)
"""What every dead-letter stream has, in any order:

- ``originalEvent``: the text of the message that could not be read (in base64 if it is not
  UTF-8), else the row as JSON; empty where an error belongs to no single row;
- ``errorMessage`` and ``errorType``: what was wrong, and its kind;
- ``timestamp``: when, in epoch milliseconds on the app's clock;
- ``attemptCount``: how often it was tried;
- ``streamName``: the stream whose error it is.
"""

PLACE_COLUMNS = (
    Column("query", DataType.STRING),
    Column("line", DataType.INT),
    Column("column", DataType.INT),
)
"""Where a row failed: the query and the place in the SQL; NULL for other errors."""

_OWN = (*DEAD_LETTER_COLUMNS, *PLACE_COLUMNS)
_SUFFIX = ".errors"


def errors_of(stream: str) -> str:
    """The name of the stream of a stream's errors."""
    return stream + _SUFFIX


def whose_errors(name: str) -> str | None:
    """The stream whose errors the stream ``name`` has; ``None`` if it is an ordinary one."""
    return name.removesuffix(_SUFFIX) if name.endswith(_SUFFIX) else None


def errors_schema(schema: Schema) -> Schema:
    """The columns of the errors of a stream with ``schema``: its METADATA columns come last,
    but for those that are called like another."""
    hidden = hidden_metadata(schema)
    metadata = (Column(c.name, c.type) for c in schema.metadata if c.name not in hidden)
    return Schema((*_OWN, *metadata))


def hidden_metadata(schema: Schema) -> list[str]:
    """The METADATA columns of a stream that its errors don't have."""
    own = {column.name for column in _OWN}
    return [column.name for column in schema.metadata if column.name in own]
