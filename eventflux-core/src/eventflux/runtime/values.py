"""Checks values given from outside against a stream's schema and makes rows of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from eventflux.base.decimals import decimal_of, fitting
from eventflux.base.errors import InputError
from eventflux.base.nested import copied
from eventflux.base.rows import Row, values_of
from eventflux.base.suggest import did_you_mean
from eventflux.base.timestamps import in_range, parse_timestamp, timestamp_of
from eventflux.base.types import Column, DataType, Digits, Schema, integer_range

WRONG: Any = object()
"""What a check gives for a value that doesn't fit."""

EXPECTED = {
    DataType.STRING: "a str",
    DataType.INT: "an int of 32 bits",
    DataType.LONG: "an int of 64 bits",
    DataType.FLOAT: "a float or int",
    DataType.DOUBLE: "a float or int",
    DataType.BOOL: "a bool",
    DataType.DECIMAL: "a Decimal, int or float that fits its digits",
    DataType.TIMESTAMP: "an int (epoch milliseconds), a datetime or ISO-8601 text",
    DataType.BYTES: "bytes",
    DataType.OBJECT: "nested dicts with text keys, lists and plain values",
}


def _check_text(value: Any) -> Any:
    return value if isinstance(value, str) else WRONG


def _check_bool(value: Any) -> Any:
    return value if isinstance(value, bool) else WRONG


def _check_float(value: Any) -> Any:
    if type(value) is float:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return WRONG
    try:
        return float(value)
    except OverflowError:
        return WRONG


def _integer_check(low: int, high: int) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int):
            return WRONG
        return value if low <= value <= high else WRONG

    return check


def _decimal_check(digits: Digits | None) -> Callable[[Any], Any]:
    fit = fitting(digits)

    def check(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, Decimal | int | float):
            return WRONG
        number = value if isinstance(value, Decimal) else decimal_of(value)
        fitted = None if number is None else fit(number)
        return WRONG if fitted is None else fitted

    return check


def _check_timestamp(value: Any) -> Any:
    moment: Any = value
    if isinstance(value, datetime):
        moment = timestamp_of(value)
    elif isinstance(value, str):
        moment = parse_timestamp(value)
    elif isinstance(value, bool) or not isinstance(value, int):
        return WRONG
    return moment if moment is not None and in_range(moment) else WRONG


def _check_bytes(value: Any) -> Any:
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else WRONG


def _check_nested(value: Any) -> Any:
    try:
        return WRONG if value is None else copied(value)
    except ValueError:
        return WRONG


def column_check(column: Column) -> Callable[[Any], Any]:
    """A function that gives the value as the column stores it, or :data:`WRONG`."""
    check = _check(column)
    if not column.nullable:
        return check
    return lambda value: None if value is None else check(value)


def _check(column: Column) -> Callable[[Any], Any]:
    match column.type:
        case DataType.INT | DataType.LONG:
            return _integer_check(*integer_range(column.type))
        case DataType.DECIMAL:
            return _decimal_check(column.digits)
        case other:
            return _CHECKS[other]


_CHECKS: dict[DataType, Callable[[Any], Any]] = {
    DataType.STRING: _check_text,
    DataType.FLOAT: _check_float,
    DataType.DOUBLE: _check_float,
    DataType.BOOL: _check_bool,
    DataType.TIMESTAMP: _check_timestamp,
    DataType.BYTES: _check_bytes,
    DataType.OBJECT: _check_nested,
}


class RowMaker:
    """Makes rows of one stream from tuples, lists, dicts or rows; refuses what doesn't fit."""

    def __init__(self, stream: str, schema: Schema, row_type: type[Row]) -> None:
        self._stream = stream
        self._schema = schema
        self._row_type = row_type
        self._checks = tuple(column_check(column) for column in schema.columns)
        self._known = frozenset(schema.names)
        self._ordinary = len(schema.payload.columns)
        self._without_metadata = tuple(column.metadata is None for column in schema.columns)

    def make(self, values: Row | Mapping[str, Any] | Sequence[Any]) -> Row:
        """One row.

        Raises:
            InputError: too few, too many, unknown or missing columns, or a wrong type.
        """
        if isinstance(values, Mapping):
            values = self._in_order(values)
        elif isinstance(values, Row):
            values = values_of(values)
        elif isinstance(values, str | bytes) or not isinstance(values, Sequence):
            raise InputError(
                f"stream {self._stream!r}: a row is a tuple, a list, a dict or a row of the "
                f"stream, got {values!r}",
                f"its columns are {self._schema}",
            )
        if len(values) != len(self._checks):
            values = self._completed(values)
        if len(values) != len(self._checks):
            several = len(values) > 0 and isinstance(values[0], Mapping)
            raise InputError(
                f"stream {self._stream!r} has {len(self._checks)} columns, got "
                f"{len(values)} values: {tuple(values)!r}",
                "send_many() takes several rows" if several else f"its columns are {self._schema}",
            )
        checked = [check(value) for check, value in zip(self._checks, values, strict=True)]
        if WRONG in checked:
            self._refuse(values, checked)
        return self._row_type(*checked)

    def make_all(self, rows: Iterable[Row | Mapping[str, Any] | Sequence[Any]]) -> list[Row]:
        """All rows, or none: the first that doesn't fit raises ``InputError`` with its number."""
        made: list[Row] = []
        for number, values in enumerate(rows, 1):
            try:
                made.append(self.make(values))
            except InputError as error:
                raise InputError(f"row {number}: {error.message}", error.hint) from None
        return made

    def _completed(self, values: Sequence[Any]) -> Sequence[Any]:
        """Values of the ordinary columns alone, with NULL for the METADATA ones."""
        if len(values) != self._ordinary:
            return values
        given = iter(values)
        return [next(given) if ordinary else None for ordinary in self._without_metadata]

    def _in_order(self, values: Mapping[str, Any]) -> list[Any]:
        unknown = [name for name in values if name not in self._known]
        if unknown:
            raise InputError(
                f"stream {self._stream!r} has no column {unknown[0]!r}",
                did_you_mean(str(unknown[0]), self._known),
            )
        for column in self._schema.columns:
            if not column.nullable and column.name not in values:
                raise InputError(
                    f"stream {self._stream!r}: column {column.name!r} is NOT NULL and missing",
                    f"its columns are {self._schema}",
                )
        return [values.get(name) for name in self._schema.names]

    def _refuse(self, values: Sequence[Any], checked: Sequence[Any]) -> None:
        place = next(i for i, value in enumerate(checked) if value is WRONG)
        column, value = self._schema.columns[place], values[place]
        if value is None:
            raise InputError(
                f"stream {self._stream!r}: column {column.name!r} is NOT NULL, got None"
            )
        try:
            shown = repr(value)
        except RecursionError:
            shown = "what is nested too deeply"
        if len(shown) > 80:
            shown = shown[:77] + "..."
        raise InputError(
            f"stream {self._stream!r}: column {column.name!r} is {column.type_text} and takes "
            f"{EXPECTED[column.type]}, got {shown} ({type(value).__name__})"
        )
