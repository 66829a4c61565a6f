"""METADATA columns: what a connector knows of a message and its payload does not hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter, itemgetter
from typing import Any

import msgspec

from eventflux.base.rows import Row, field_names
from eventflux.base.types import Column, DataType, Schema
from eventflux.operators import scalars
from eventflux.runtime.values import EXPECTED, WRONG, column_check
from eventflux.spi.mapper import Decoded, MapperError

_FROM_TEXT: Mapping[DataType, Callable[[str], Any]] = {
    DataType.INT: scalars.cast_text_to_int,
    DataType.LONG: scalars.cast_text_to_long,
    DataType.FLOAT: scalars.cast_text_to_float,
    DataType.DOUBLE: scalars.cast_text_to_double,
    DataType.BOOL: scalars.cast_text_to_bool,
}


class MetadataReader:
    """Completes the decoded rows of a stream with the METADATA of their messages."""

    def __init__(self, schema: Schema, row_type: type[Row]) -> None:
        self.names = tuple(column.metadata or "" for column in schema.metadata)
        self._columns = schema.metadata
        self._checks = [column_check(column) for column in schema.metadata]
        self._row_type = row_type
        parts = [*schema.payload.columns, *schema.metadata]
        order = [parts.index(column) for column in schema.columns]
        self._reorder = None if order == sorted(order) else itemgetter(*order)

    def complete(
        self,
        decoded: Decoded,
        origins: Sequence[int],
        metadata: Sequence[Mapping[str, Any]] | None,
        count: int,
    ) -> Decoded:
        """The rows with all columns; ``origins`` are their messages, of ``count`` in all.

        A message with a value that doesn't fit its column is an error, and gives no row.
        """
        messages = [{}] * count if metadata is None else metadata
        if len(messages) != count:
            raise ValueError(f"{len(messages)} mappings of metadata for {count} messages")
        wrong: dict[int, MapperError] = {}
        values = [self._values(place, messages, wrong) for place in range(len(self.names))]
        of_message = list(zip(*values, strict=True))
        rows, row_type, reorder = decoded.rows, self._row_type, self._reorder
        if wrong:
            for error in decoded.errors:
                wrong[error.index] = error
            kept = [place for place, origin in enumerate(origins) if origin not in wrong]
            rows = [rows[place] for place in kept]
            origins = [origins[place] for place in kept]
        whole = (
            msgspec.structs.astuple(row) + of_message[origin]
            for row, origin in zip(rows, origins, strict=True)
        )
        made = [row_type(*(v if reorder is None else reorder(v))) for v in whole]
        errors = sorted(wrong.values(), key=lambda error: error.index) if wrong else decoded.errors
        return Decoded(made, errors, origins)

    def columns_of(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """The METADATA of one message by column; NULL for what does not fit its column."""
        values = (self._values(place, [message], {})[0] for place in range(len(self.names)))
        names = (column.name for column in self._columns)
        return {n: None if v is WRONG else v for n, v in zip(names, values, strict=True)}

    def _values(
        self,
        place: int,
        messages: Sequence[Mapping[str, Any]],
        wrong: dict[int, MapperError],
    ) -> list[Any]:
        """The value of one column in each message."""
        name, check = self.names[place], self._checks[place]
        values = [check(message.get(name)) for message in messages]
        if WRONG in values:
            for index, value in enumerate(values):
                if value is WRONG:
                    given = messages[index].get(name)
                    values[index] = converted = check(_converted(given, self._columns[place].type))
                    if converted is WRONG:
                        wrong.setdefault(index, _error(index, self._columns[place], given))
        return values


def _converted(value: Any, data_type: DataType) -> Any:
    """``value`` as CAST would give it for a column of this type; NULL where it can't."""
    if data_type is DataType.STRING and value is not None:
        if isinstance(value, bool):
            return scalars.cast_bool_to_text(value)
        if isinstance(value, int | float):
            return repr(value)
    if isinstance(value, str) and data_type in _FROM_TEXT:
        converted = _FROM_TEXT[data_type](value)
        return WRONG if converted is None else converted
    return value


def _error(index: int, column: Column, value: Any) -> MapperError:
    if value is None:
        message = f"METADATA '{column.metadata}' is missing, and column '{column.name}' is NOT NULL"
        return MapperError(index, message)
    shown = repr(value)
    if len(shown) > 80:
        shown = shown[:77] + "..."
    return MapperError(
        index,
        f"METADATA '{column.metadata}': column '{column.name}' is {column.type} and takes "
        f"{EXPECTED[column.type]}, got {shown} ({type(value).__name__})",
    )


class MetadataWriter:
    """Takes the METADATA columns of rows apart from those of the payload."""

    def __init__(self, schema: Schema, payload_type: type[Row]) -> None:
        self.names = tuple(column.metadata or "" for column in schema.metadata)
        fields = dict(zip(schema.names, field_names(schema), strict=True))
        self._payload_type = payload_type
        self._payload = _values_of([fields[name] for name in schema.payload.names])
        self._metadata = _values_of([fields[column.name] for column in schema.metadata])

    def payload_rows(self, rows: Sequence[Row]) -> list[Row]:
        """Each row without its METADATA columns."""
        payload_type, values = self._payload_type, self._payload
        return [payload_type(*values(row)) for row in rows]

    def metadata_of(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """The METADATA of each row, by name."""
        names, values = self.names, self._metadata
        return [dict(zip(names, values(row), strict=True)) for row in rows]


def _values_of(fields: Sequence[str]) -> Callable[[Row], tuple[Any, ...]]:
    if not fields:
        return lambda _: ()
    get = attrgetter(*fields)
    return get if len(fields) > 1 else lambda row: (get(row),)
