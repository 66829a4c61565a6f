"""METADATA columns: what a connector knows of a message and its payload does not hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from eventflux.base.decimals import decimal_text
from eventflux.base.rows import Row, field_names
from eventflux.base.types import Column, DataType, Schema, integer_range
from eventflux.operators.casts import CONVERSIONS, cast_bool_to_text
from eventflux.runtime.values import EXPECTED, WRONG, column_check
from eventflux.spi.mapper import Decoded, MapperError

_PLAIN = frozenset(
    {DataType.STRING, DataType.INT, DataType.LONG, DataType.FLOAT, DataType.DOUBLE, DataType.BOOL}
)
"""Types of which any value of the Python type fits, integers in their range."""


class MetadataReader:
    """Completes the decoded rows of a stream with the METADATA of their messages."""

    def __init__(self, schema: Schema, row_type: type[Row]) -> None:
        self.names = tuple(column.metadata or "" for column in schema.metadata)
        self._columns = schema.metadata
        self._checks = [column_check(column) for column in schema.metadata]
        fields = dict(zip(schema.payload.names, field_names(schema.payload), strict=True))
        given = [f"given{place}" for place in range(len(self.names))]
        metadata = iter(given)
        values = [
            f"row.{fields[column.name]}" if column.metadata is None else next(metadata)
            for column in schema.columns
        ]
        self._made: Callable[..., list[Row]] = _generated(
            f"lambda rows, {', '.join(f'{name}s' for name in given)}: "
            f"[make({', '.join(values)}) for row, {', '.join(given)} "
            f"in zip(rows, {', '.join(f'{name}s' for name in given)}, strict=True)]",
            make=row_type,
        )

    def complete(
        self,
        decoded: Decoded,
        origins: Sequence[int],
        metadata: Mapping[str, Sequence[Any]] | None,
        count: int,
    ) -> Decoded:
        """The rows with all columns; ``origins`` are their messages, of ``count`` in all.

        A message with a value that doesn't fit its column is an error, and gives no row.
        """
        wrong: dict[int, MapperError] = {}
        given = metadata or {}
        places = range(len(self.names))
        values = [self._fitting(place, self._given(place, given, count), wrong) for place in places]
        rows = decoded.rows
        if wrong:
            for error in decoded.errors:
                wrong[error.index] = error
            kept = [place for place, origin in enumerate(origins) if origin not in wrong]
            rows = [rows[place] for place in kept]
            origins = [origins[place] for place in kept]
        if origins != range(count):
            values = [[column[origin] for origin in origins] for column in values]
        errors = sorted(wrong.values(), key=lambda error: error.index) if wrong else decoded.errors
        return Decoded(self._made(rows, *values), errors, origins)

    def columns_of(self, metadata: Mapping[str, Sequence[Any]], index: int) -> dict[str, Any]:
        """The METADATA of one message by column; NULL for what does not fit its column."""
        message = one_of(metadata, index)
        values = (
            self._fitting(place, self._given(place, message, 1), {})[0]
            for place in range(len(self.names))
        )
        names = (column.name for column in self._columns)
        return {n: None if v is WRONG else v for n, v in zip(names, values, strict=True)}

    def _given(
        self, place: int, metadata: Mapping[str, Sequence[Any]], count: int
    ) -> Sequence[Any]:
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


def one_of(metadata: Mapping[str, Sequence[Any]], index: int) -> dict[str, Sequence[Any]]:
    """The METADATA of one message alone."""
    return {name: values[index : index + 1] for name, values in metadata.items()}


def some_of(
    metadata: Mapping[str, Sequence[Any]], indices: Sequence[int]
) -> dict[str, Sequence[Any]]:
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
    """Takes the METADATA columns of rows apart from those of the payload."""

    def __init__(self, schema: Schema, payload_type: type[Row]) -> None:
        self.names = tuple(column.metadata or "" for column in schema.metadata)
        fields = dict(zip(schema.names, field_names(schema), strict=True))
        payload = ", ".join(f"row.{fields[name]}" for name in schema.payload.names)
        self.payload_rows: Callable[[Sequence[Row]], list[Row]] = _generated(
            f"lambda rows: [make({payload}) for row in rows]", make=payload_type
        )
        """Each row without its METADATA columns."""
        metadata = ", ".join(
            f"{c.metadata!r}: [row.{fields[c.name]} for row in rows]" for c in schema.metadata
        )
        self.metadata_of: Callable[[Sequence[Row]], dict[str, list[Any]]] = _generated(
            f"lambda rows: {{{metadata}}}"
        )
        """The METADATA of rows: by name, a value each."""


def _generated(text: str, **names: Any) -> Any:
    """A function over whole batches made of text; no text of a user is in it but as a constant,
    and rows are read by their :func:`field_names`."""
    return eval(text, names)
