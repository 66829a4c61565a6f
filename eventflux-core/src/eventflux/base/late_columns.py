"""The columns of ``<name>.late``: rows of a stream that came too late for a query."""

from __future__ import annotations

from eventflux.base.types import Column, DataType, Schema

LATE_COLUMNS = (
    Column("late_query", DataType.STRING, nullable=False),
    Column("late_watermark", DataType.TIMESTAMP, nullable=False),
)
"""What stands behind the columns of the row: the query that it was late for, and the watermark
at which it was."""

_SUFFIX = ".late"


def late_of(stream: str) -> str:
    """The name of the stream of a stream's late rows."""
    return stream + _SUFFIX


def whose_late(name: str) -> str | None:
    """The stream whose late rows the stream ``name`` has; ``None`` if it is an ordinary one."""
    return name.removesuffix(_SUFFIX) if name.endswith(_SUFFIX) else None


def late_schema(schema: Schema) -> Schema:
    """The columns of the late rows of a stream with ``schema``. A column that is called like
    one of :data:`LATE_COLUMNS` gives way to it; METADATA are columns like the others."""
    added = {column.name for column in LATE_COLUMNS}
    kept = (
        Column(column.name, column.type, column.nullable, None, column.digits)
        for column in schema.columns
        if column.name not in added
    )
    return Schema((*kept, *LATE_COLUMNS))
