"""Rows to CSV: one record a row, fields quoted where they need it, no line end behind it.

The fast way writes a batch with one format and looks at the whole text for anything that the
rules write otherwise; if there is any, they write the batch, column by column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from eventflux.base.rows import Row, values_of
from eventflux.base.types import DataType, Schema
from eventflux.spi import Encoded, MapperError, SinkMapper
from eventflux_mappers.csv_text import Dialect
from eventflux_mappers.values import WRITERS

_FORMATS = {
    DataType.STRING: "%s",
    DataType.INT: "%d",
    DataType.LONG: "%d",
    DataType.FLOAT: "%r",
    DataType.DOUBLE: "%r",
}
"""Types that a format writes as the rules do."""

_UNQUOTED_DELIMITERS = ",;\t|"
"""Delimiters that are in no number, truth value or time."""


class CsvSinkMapper(SinkMapper):
    """Writes a record a row; with a ``header``, each below a line of these names."""

    def __init__(self, schema: Schema, dialect: Dialect, header: Sequence[str] | None) -> None:
        self._names = schema.names
        self._dialect = dialect
        quote = _quoting(dialect)
        self._fields = [_field_writer(column.type, dialect, quote) for column in schema.columns]
        formats = [_FORMATS.get(column.type) for column in schema.columns]
        delimiter = dialect.delimiter
        self._format: str | None = None
        if all(formats):
            self._format = delimiter.replace("%", "%%").join(f for f in formats if f)
        self._suspects = tuple(
            text
            for text in (
                dialect.quote, dialect.escape, dialect.null, "\r", "\ufeff", "None",
                delimiter * 2, f"\n{delimiter}", f"{delimiter}\n", "\n\n",
            )
            if text
        )  # fmt: skip
        self._head = b""
        if header is not None:
            self._head = delimiter.join(map(quote, header)).encode() + b"\n"

    def encode(self, rows: Sequence[Row]) -> Encoded:
        try:
            payloads = self._payloads(rows)
        except (ValueError, TypeError):
            return self._each(rows)
        if self._head:
            payloads = [self._head + payload for payload in payloads]
        return Encoded(payloads)

    def _payloads(self, rows: Sequence[Row]) -> list[bytes]:
        text = self._written_at_once(rows)
        if text is not None:
            return text.encode().split(b"\n")
        columns = zip(*map(values_of, rows), strict=True)
        fields = [write(column) for write, column in zip(self._fields, columns, strict=False)]
        lines = map(self._dialect.delimiter.join, zip(*fields, strict=True))
        return [line.encode() for line in lines]

    def _written_at_once(self, rows: Sequence[Row]) -> str | None:
        """The lines of all rows, or ``None`` if any needs the rules."""
        if self._format is None or not rows:
            return None
        try:
            text = "\n".join(map(self._format.__mod__, map(values_of, rows)))
        except TypeError:  # NULL is no number
            return None
        delimiter = self._dialect.delimiter
        if (
            text.count(delimiter) != len(rows) * (len(self._names) - 1)
            or text.count("\n") != len(rows) - 1
            or any(suspect in text for suspect in self._suspects)
            or text.startswith((delimiter, "\n"))
            or text.endswith((delimiter, "\n"))
            or not text
        ):
            return None
        return text

    def _each(self, rows: Sequence[Row]) -> Encoded:
        payloads: list[bytes] = []
        errors: list[MapperError] = []
        for index, row in enumerate(rows):
            fields: list[bytes] = []
            for name, write, value in zip(self._names, self._fields, values_of(row), strict=True):
                try:
                    fields.append(write([value])[0].encode())
                except (ValueError, TypeError) as error:
                    errors.append(MapperError(index, f"column {name!r}: {error}"))
                    break
            else:
                payloads.append(self._head + self._dialect.delimiter.encode().join(fields))
        return Encoded(payloads, errors)


def _quoting(dialect: Dialect) -> Callable[[str], str]:
    """What puts quotes around a text where it needs them."""
    mark, escape = dialect.quote, dialect.escape
    special = re.compile(f"[{re.escape(dialect.delimiter + mark + escape)}\r\n\ufeff]").search

    def quote(text: str) -> str:
        if text and text != dialect.null and special(text) is None:
            return text
        if escape:
            text = text.replace(escape, escape * 2)
        return f"{mark}{text.replace(mark, (escape or mark) + mark)}{mark}"

    return quote


def _field_writer(
    data_type: DataType, dialect: Dialect, quote: Callable[[str], str]
) -> Callable[[Sequence[Any]], list[str]]:
    """What writes the fields of a column."""
    write, null = WRITERS[data_type], dialect.null
    bare = dialect.delimiter in _UNQUOTED_DELIMITERS and not dialect.escape and not null
    if data_type is DataType.STRING:
        return lambda values: [null if value is None else quote(value) for value in values]
    if bare and data_type in _FORMATS:
        return lambda values: [null if value is None else write(value) for value in values]
    return lambda values: [null if value is None else quote(write(value)) for value in values]
