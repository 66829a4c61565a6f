"""METADATA columns: what a connector knows of a message and its payload does not hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from eventflux.base.decimals import decimal_text
from eventflux.base.rows import Row
from eventflux.base.types import Column, DataType, Schema, integer_range
from eventflux.operators.casts import CONVERSIONS, cast_bool_to_text
from eventflux.runtime.values import EXPECTED, WRONG, column_check
from eventflux.spi.mapper import MapperError

_PLAIN = frozenset(
    {DataType.STRING, DataType.INT, DataType.LONG, DataType.FLOAT, DataType.DOUBLE, DataType.BOOL}
)
"""Types of which any value of the Python type fits, integers in their range."""


Metadata = Mapping[str, Sequence[Any]]
"""As in :attr:`eventflux.spi.SourceBatch.metadata`: by name, a value a message."""


class MetadataReader:
    """Checks the METADATA of messages against the columns of their stream."""

    def __init__(self, schema: Schema) -> None:
        self.names = tuple(column.metadata or "" for column in schema.metadata)
        self._columns = schema.metadata
        self._checks = [column_check(column) for column in schema.metadata]

    def columns(
        self, metadata: Metadata | None, count: int, wrong: dict[int, MapperError]
    ) -> list[Sequence[Any]]:
        """The METADATA columns of ``count`` messages, in order. A message with a value that
        doesn't fit its column is put into ``wrong``, and must not give a row."""
        given = metadata or {}
        return [
            self._fitting(place, self._given(place, given, count), wrong)
            for place in range(len(self.names))
        ]

    def of_one(self, metadata: Metadata, index: int) -> dict[str, Any]:
        """The METADATA of one message by column; NULL for what does not fit its column."""
        values = [column[0] for column in self.columns(some_of(metadata, [index]), 1, {})]
        names = (column.name for column in self._columns)
        return {n: None if v is WRONG else v for n, v in zip(names, values, strict=True)}

    def _given(self, place: int, metadata: Metadata, count: int) -> Sequence[Any]:
        """What the connector gives for one column."""
        name = self.names[place]
        given = metadata.get(name)
        if given is None:
            return [None] * count
        if len(given) != count:
            raise ValueError(f"{len(given)} values of METADATA {name!r} for {count} messages")
        return given

    def _fitting(
        self, place: int, given: Sequence[Any], wrong: dict[int, MapperError]
    ) -> Sequence[Any]:
        """The same values as those of the column."""
        column, check = self._columns[place], self._checks[place]
        if _surely_fit(given, column):
            return given
        values = [check(value) for value in given]
        if WRONG in values:
            for index, value in enumerate(values):
                if value is WRONG:
                    values[index] = converted = check(_converted(given[index], column.type))
                    if converted is WRONG:
                        wrong.setdefault(index, _error(index, column, given[index]))
        return values


def some_of(metadata: Metadata, indices: Sequence[int]) -> Metadata:
    """The METADATA of these messages alone."""
    return {name: [values[index] for index in indices] for name, values in metadata.items()}


def _surely_fit(values: Sequence[Any], column: Column) -> bool:
    """Whether all values are exactly of the column's type, seen at once."""
    kinds = set(map(type, values))
    if column.nullable:
        kinds.discard(type(None))
    if not kinds:
        return True
    if kinds != {column.type.python_type} or column.type not in _PLAIN:
        return False
    if not column.type.is_integer:
        return True
    low, high = integer_range(column.type)
    present = [value for value in values if value is not None]
    return bool(low <= min(present) and max(present) <= high)


def _converted(value: Any, data_type: DataType) -> Any:
    """``value`` as CAST would give it for a column of this type; :data:`WRONG` where it can't."""
    if data_type is DataType.STRING:
        return _text(value)
    convert = CONVERSIONS.get((DataType.STRING, data_type))
    if isinstance(value, str) and convert is not None:
        converted = convert(value)
        return WRONG if converted is None else converted
    return value


def _text(value: Any) -> Any:
    match value:
        case bool():
            return cast_bool_to_text(value)
        case int() | float():
            return repr(value)
        case Decimal():
            return decimal_text(value)
        case bytes():
            try:
                return value.decode()
            except UnicodeDecodeError:
                return WRONG
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
    """Names the METADATA columns of a sink's rows, which come beside rows of payloads."""

    def __init__(self, schema: Schema, row_type: type[Row], payload_type: type[Row]) -> None:
        self._names = tuple(column.metadata or "" for column in schema.metadata)
        given = [f"given{place}" for place in range(len(self._names))]
        fields = dict(zip(schema.payload.names, payload_type.__struct_fields__, strict=True))
        beside = iter(given)
        values = [
            f"row.{fields[column.name]}" if column.metadata is None else next(beside)
            for column in schema.columns
        ]
        # Fields are identifiers, and nothing else in the text is of the user's.
        self.whole: Callable[[Sequence[Row], Sequence[Sequence[Any]]], list[Row]] = eval(
            f"lambda rows, columns: [make({', '.join(values)}) for row, {', '.join(given)} "
            "in zip(rows, *columns)]",
            {"make": row_type},
        )
        """Rows of the stream, of rows of payloads and the METADATA columns beside them."""

    def named(self, columns: Sequence[Sequence[Any]]) -> dict[str, Sequence[Any]]:
        """The METADATA columns as a connector takes them."""
        return dict(zip(self._names, columns, strict=True))
