"""Rows to CSV: one record a row, fields quoted where they need it, no line end behind it.

The fast way writes a line a row as if no field needed quotes, and looks at the text of the
whole batch for anything that does; if there is, the rules write the batch, column by column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from eventflux.base.rows import Row, column_of, values_of
from eventflux.base.types import Column, DataType
from eventflux.spi import Encoded, MapperContext, MapperError, SinkMapper
from eventflux_mappers.csv_text import Dialect
from eventflux_mappers.values import WRITERS

_INLINE = {
    DataType.STRING: "{%s}",
    DataType.INT: "{%s}",
    DataType.LONG: "{%s}",
    DataType.FLOAT: "{%s!r}",
    DataType.DOUBLE: "{%s!r}",
    DataType.BOOL: "{truth[%s]}",
}
"""How a formatted string writes values as the rules do."""

_IN_NO_NUMBER = ",;\t|"
"""Delimiters that no number, truth value or time holds."""


_BATCHES_NOT_TRIED = 31


class CsvSinkMapper(SinkMapper):
    """Writes a record a row; with a ``header``, each below a line of these names, or only the
    first one (``header_once``)."""

    def __init__(
        self,
        context: MapperContext,
        dialect: Dialect,
        header: Sequence[str] | None,
        *,
        header_once: bool = False,
    ) -> None:
        columns = context.schema.columns
        self._names = context.schema.names
        self._dialect = dialect
        self._lines = _line_writer(columns, context.row_type, dialect)
        quote = _quoting(dialect)
        self._fields = [_field_writer(column.type, dialect, quote) for column in columns]
        self._columns = list(map(column_of, context.row_type.__struct_fields__))
        self._suspects = [s for s in (dialect.quote, dialect.escape, dialect.null) if s]
        self._suspects += ["\r", "\ufeff"]
        self._not_tried = 0
        self._head = b""
        if header is not None:
            self._head = dialect.delimiter.join(map(quote, header)).encode() + b"\n"
        self._header_once = header_once

    def encode(self, rows: Sequence[Row]) -> Encoded:
        try:
            payloads = self._written_at_once(rows) or self._by_rules(rows)
        except (ValueError, TypeError):
            return self._each(rows)
        return Encoded(self._headed(payloads))

    def _headed(self, payloads: list[bytes]) -> list[bytes]:
        if not self._head or not payloads:
            return payloads
        if not self._header_once:
            return [self._head + payload for payload in payloads]
        payloads[0] = self._head + payloads[0]
        self._head = b""
        return payloads

    def _written_at_once(self, rows: Sequence[Row]) -> list[bytes] | None:
        """The records of all rows, or ``None`` where some field may need quotes: then the next
        batches are likely to, and aren't tried."""
        self._not_tried -= 1
        if self._not_tried >= 0:
            return None
        lines = self._lines(rows)
        plain = [line for line in lines if line is not None] if None in lines else lines
        text = "\n".join(plain)  # type: ignore[arg-type]  # no None is left
        if (
            text.count(self._dialect.delimiter) != len(plain) * (len(self._names) - 1)
            or text.count("\n") != len(plain) - 1
            or any(suspect in text for suspect in self._suspects)
        ):
            self._not_tried = _BATCHES_NOT_TRIED
            return None
        payloads = text.encode().split(b"\n")
        if plain is lines:
            return payloads
        waiting = iter(payloads)
        return [
            next(waiting) if line is not None else self._by_rules([row])[0]
            for line, row in zip(lines, rows, strict=True)
        ]

    def _by_rules(self, rows: Sequence[Row]) -> list[bytes]:
        fields = [
            write(values(rows)) for values, write in zip(self._columns, self._fields, strict=True)
        ]
        lines = list(map(self._dialect.delimiter.join, zip(*fields, strict=True)))
        text = "\n".join(lines)
        if lines and text.count("\n") == len(lines) - 1:
            return text.encode().split(b"\n")
        return list(map(str.encode, lines))

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
                payloads.append(self._dialect.delimiter.encode().join(fields))
        return Encoded(self._headed(payloads), errors)


def _line_writer(
    columns: Sequence[Column], row_type: type[Row], dialect: Dialect
) -> Callable[[Sequence[Row]], list[str | None]]:
    """What writes a line a row, no field quoted; ``None`` instead of a line where a field is
    NULL or empty."""
    conditions: list[str] = []
    fields: list[str] = []
    bound: dict[str, Any] = {"truth": ("false", "true")}
    for position, (column, field) in enumerate(
        zip(columns, row_type.__struct_fields__, strict=True)
    ):
        value = f"row.{field}"
        if column.type in _INLINE:
            fields.append(_INLINE[column.type] % value)
        else:
            bound[f"write_{position}"] = WRITERS[column.type]
            fields.append(f"{{write_{position}({value})}}")
        if column.type in (DataType.STRING, DataType.BYTES):
            conditions.append(value)
        elif column.nullable:
            conditions.append(f"{value} is not None")
    # Attributes of rows are identifiers, and the delimiter is no letter of the format's.
    delimiter = ascii(dialect.delimiter)[1:-1].replace('"', '\\"').replace("{", "{{")
    line = f'f"{delimiter.replace("}", "}}").join(fields)}"'
    if conditions:
        line += f" if {' and '.join(conditions)} else None"
    write: Callable[[Sequence[Row]], list[str | None]] = eval(
        f"lambda rows: [{line} for row in rows]", bound
    )
    return write


def _quoting(dialect: Dialect) -> Callable[[str], str]:
    """What puts quotes around a text where it needs them."""
    mark, escape = dialect.quote, dialect.escape
    special = re.compile(f"[{re.escape(_special(dialect))}]").search

    def quote(text: str) -> str:
        if text and text != dialect.null and special(text) is None:
            return text
        if escape:
            text = text.replace(escape, escape * 2)
        return f"{mark}{text.replace(mark, (escape or mark) + mark)}{mark}"

    return quote


def _special(dialect: Dialect) -> str:
    """The characters that make quotes necessary."""
    return f"{dialect.delimiter}{dialect.quote}{dialect.escape}\r\n\ufeff"


def _field_writer(
    data_type: DataType, dialect: Dialect, quote: Callable[[str], str]
) -> Callable[[Sequence[Any]], Sequence[str]]:
    """What writes the fields of a column."""
    write, null, mark = WRITERS[data_type], dialect.null, dialect.quote
    special = _special(dialect)

    def write_texts(values: Sequence[Any]) -> Sequence[str]:
        if None in values:
            return [null if value is None else quote(value) for value in values]
        joined = "".join(values)
        if mark in joined or dialect.escape or "" in values or (null and null in joined):
            return list(map(quote, values))
        found = [character for character in special if character in joined]
        if len(found) > 1:
            return list(map(quote, values))
        for character in found:
            return [f"{mark}{value}{mark}" if character in value else value for value in values]
        return values

    if data_type is DataType.STRING:
        return write_texts
    may_need_quotes = data_type in (DataType.BYTES, DataType.OBJECT) or dialect.escape or null
    if dialect.delimiter in _IN_NO_NUMBER and not may_need_quotes:
        return lambda values: [null if value is None else write(value) for value in values]
    return lambda values: [null if value is None else quote(write(value)) for value in values]
