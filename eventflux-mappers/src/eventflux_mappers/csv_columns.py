"""Columns of CSV fields to columns of values, many at a time.

Each reader takes what the rules of :mod:`eventflux_mappers.values` take, with the same values,
or raises ``ValueError`` or ``KeyError``: then the rules decide, field by field.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

from eventflux.base.types import Column, DataType, integer_range
from eventflux_mappers.values import reader_of

ColumnReader = Callable[[Sequence[str]], Sequence[Any]]

_TRUTH = {
    text: truth
    for spelled, truth in (("true", True), ("false", False))
    for text in (spelled, spelled.upper(), spelled.capitalize())
}


def column_reader(column: Column, null: str) -> ColumnReader:
    """What makes values of the fields of one column, ``null`` being NULL's text."""
    read = _values_reader(column)

    def read_column(texts: Sequence[str]) -> Sequence[Any]:
        if null not in texts:
            return read(texts)
        if not column.nullable:
            raise ValueError(null)
        values = iter(read([text for text in texts if text != null]))
        return [None if text == null else next(values) for text in texts]

    return read_column


def _values_reader(column: Column) -> ColumnReader:
    data_type = column.type
    if data_type is DataType.STRING:
        return lambda texts: texts
    if data_type.is_integer:
        return _integers(data_type)
    if data_type.is_floating:
        return _floats
    if data_type is DataType.BOOL:
        return lambda texts: [_TRUTH[text] for text in texts]
    read = reader_of(column)
    return lambda texts: list(map(read, texts))


def _integers(data_type: DataType) -> ColumnReader:
    low, high = integer_range(data_type)

    def read(texts: Sequence[str]) -> Sequence[Any]:
        _check_plain(texts)
        values = list(map(int, texts))
        if values and (min(values) < low or max(values) > high):
            raise ValueError(texts)
        return values

    return read


def _floats(texts: Sequence[str]) -> Sequence[Any]:
    _check_plain(texts)
    values = list(map(float, texts))
    if not isfinite(sum(values)):
        raise ValueError(texts)
    return values


def _check_plain(texts: Sequence[str]) -> None:
    """Refuse the digits and the underscores that Python's numbers may have."""
    joined = "".join(texts)
    if "_" in joined or not joined.isascii():
        raise ValueError(texts)
