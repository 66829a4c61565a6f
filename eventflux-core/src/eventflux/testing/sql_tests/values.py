"""Literals as the values of columns, and values as the literals that stand for them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from eventflux.base.decimals import decimal_text
from eventflux.base.literals import literal
from eventflux.base.suggest import did_you_mean
from eventflux.base.types import Column, DataType, Schema
from eventflux.runtime.values import WRONG, column_check
from eventflux.sql.source import SourceText
from eventflux.testing.sql_tests.statements import Value, Values

_TAKES = {
    DataType.STRING: "a text in single quotes",
    DataType.INT: "a whole number of 32 bits",
    DataType.LONG: "a whole number of 64 bits",
    DataType.FLOAT: "a number, or 'NaN', 'Infinity', '-Infinity'",
    DataType.DOUBLE: "a number, or 'NaN', 'Infinity', '-Infinity'",
    DataType.BOOL: "TRUE or FALSE",
    DataType.DECIMAL: "a number that fits its digits",
    DataType.TIMESTAMP: "'2026-01-01 12:00:00' or epoch milliseconds",
    DataType.BYTES: "a text, or X'0AFF'",
    DataType.OBJECT: "JSON in single quotes, a number, TRUE or FALSE",
}
_NO_NUMBERS = {"nan": math.nan, "infinity": math.inf, "-infinity": -math.inf}


def bound(
    values: Values, schema: Schema, source: SourceText, *, stored: bool
) -> tuple[tuple[Column, ...], list[tuple[Any, ...]]]:
    """The columns that the rows of ``values`` have, and the rows as Python's values.

    Args:
        stored: whether the columns have to be able to store them; they may be NULL else, and a
            DECIMAL has the digits that are written.

    Raises:
        Problem: there is no such column, a row has more or fewer values, or one of another type.
    """
    columns = _columns(values, schema, source)
    for column in schema.columns if stored else ():
        if not column.nullable and column not in columns:
            offset = (values.columns or values.rows)[0].start
            raise source.problem(offset, f"column {column.name!r} is NOT NULL and missing")
    rows = []
    for row in values.rows:
        if len(row.values) != len(columns):
            raise source.problem(
                row.start,
                f"expected {counted(len(columns), 'value')}, found {len(row.values)}",
                "the columns are " + ", ".join(map(str, columns)),
            )
        pairs = zip(row.values, columns, strict=True)
        rows.append(tuple(_stored(value, column, source, stored) for value, column in pairs))
    return columns, rows


def _columns(values: Values, schema: Schema, source: SourceText) -> tuple[Column, ...]:
    """Those that are named, else all; the METADATA ones may be left out as a whole."""
    if not values.columns:
        payload = schema.payload.columns
        return payload if len(values.rows[0].values) == len(payload) else schema.columns
    columns: list[Column] = []
    for name in values.columns:
        column = schema.find(name.text)
        if column is None:
            message = f"there is no column {name.text!r}"
            raise source.problem(name.start, message, did_you_mean(name.text, schema.names))
        if column in columns:
            raise source.problem(name.start, f"column {name.text!r} is named twice")
        columns.append(column)
    return tuple(columns)


def _stored(value: Value, column: Column, source: SourceText, stored: bool) -> Any:
    if value.value is None and (column.nullable or not stored):
        return None
    if value.value is None:
        raise source.problem(value.start, f"column {column.name!r} is NOT NULL")
    found = _converted(value.value, column.type)
    if column.type is DataType.DECIMAL and not stored:
        column = msgspec.structs.replace(column, digits=None)
    checked = WRONG if found is WRONG else column_check(column)(found)
    if checked is WRONG:
        written = literal(value.value)
        raise source.problem(
            value.start,
            f"column {column.name!r} is {column.type_text} and takes {_TAKES[column.type]}, "
            f"not {written}",
        )
    return checked


def _converted(value: Any, wanted: DataType) -> Any:
    """What a literal means in a column of a type, or :data:`WRONG`."""
    if wanted.is_floating and isinstance(value, str):
        return _NO_NUMBERS.get(value.lower(), WRONG)
    if wanted.is_floating and isinstance(value, Decimal):
        return float(value)
    if wanted is DataType.BYTES and isinstance(value, str):
        return value.encode()
    if wanted is DataType.OBJECT and isinstance(value, str):
        try:
            return msgspec.json.decode(value)
        except msgspec.DecodeError:
            return WRONG
    return value


def literals(row: Sequence[Any], columns: Sequence[Column]) -> str:
    """A row as it is written in a test."""
    pairs = zip(row, columns, strict=True)
    return "(" + ", ".join(literal(value, column.type) for value, column in pairs) + ")"


def key(row: Sequence[Any], columns: Sequence[Column]) -> str:
    """A text that two rows share if they have the same values: NaN is NaN, 0.0 is -0.0, digits of
    a DECIMAL that are 0 don't count."""
    return literals([_plain(value) for value in row], columns)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        text = decimal_text(value)
        return Decimal((text.rstrip("0").rstrip(".") if "." in text else text) or "0") + 0
    return value + 0.0 if isinstance(value, float) else value


def counted(count: int, what: str) -> str:
    """``1 row``, ``2 rows``."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
