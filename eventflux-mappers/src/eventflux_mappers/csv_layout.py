"""Which field of a record goes to which column, and rows made that way."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Any

from eventflux.base.rows import Row
from eventflux.base.types import Schema
from eventflux_mappers.csv_columns import column_reader
from eventflux_mappers.csv_text import MAX_FIELDS, Dialect, Record
from eventflux_mappers.values import Unfit, reader_of


class RecordError(Exception):
    """Why a record gives no row: its line, the field, what was expected, what was there."""


class Layout:
    """The columns' fields: ``positions`` has one for each column, ``None`` for no field.

    Records have ``count`` fields; with ``None`` as many as the positions need, or more.
    """

    def __init__(
        self,
        schema: Schema,
        row_type: type[Row],
        dialect: Dialect,
        positions: Sequence[int | None],
        count: int | None,
    ) -> None:
        self._columns = schema.columns
        self._row_type = row_type
        self._positions = positions
        self._count = count
        self._least = 1 + max((p for p in positions if p is not None), default=0)
        self._delimiter = dialect.delimiter
        self._line_end = f"{dialect.delimiter}\n{dialect.delimiter}"
        self._blanks = dialect.blanks
        self._values = [reader_of(column) for column in schema.columns]
        self._readers = [
            None if position is None else column_reader(column, dialect.null)
            for column, position in zip(schema.columns, positions, strict=True)
        ]

    def rows_of_lines(self, text: str) -> list[Row]:
        """The rows of lines without quotes, line feeds between them and none empty.

        Raises:
            ValueError, KeyError: the rules must decide.
        """
        count = self._count or text.partition("\n")[0].count(self._delimiter) + 1
        # A line feed becomes a field of its own. Where there is one behind every so many
        # fields and nowhere else, each line has just so many.
        fields = text.replace("\n", self._line_end).split(self._delimiter)
        lines, odd = divmod(len(fields) + 1, count + 1)
        ends = fields[count :: count + 1]
        if odd or ends.count("\n") != lines - 1 or text.count("\n") != lines - 1:
            raise ValueError(text)
        if self._blanks:
            if count == 1:
                raise ValueError(text)  # a blank line is no record
            fields = [field.strip(self._blanks) for field in fields]
        return self._rows([fields[at :: count + 1] for at in range(count)], lines)

    def rows_of_records(self, records: Sequence[Sequence[str]]) -> list[Row]:
        """The rows of records whose fields have no blanks around and were not quoted for NULL.

        Raises:
            ValueError, KeyError: the rules must decide.
        """
        if not records:
            return []
        count = self._count or len(records[0])
        if set(map(len, records)) != {count}:
            raise ValueError(records)
        return self._rows(list(zip(*records, strict=True)), len(records))

    def _rows(self, fields: Sequence[Sequence[str]], count: int) -> list[Row]:
        if not self._least <= len(fields) <= MAX_FIELDS:
            raise ValueError(fields)
        columns: list[Any] = []
        for column, position, read in zip(
            self._columns, self._positions, self._readers, strict=True
        ):
            if read is not None and position is not None:
                columns.append(read(fields[position]))
            elif column.nullable:
                columns.append(repeat(None, count))
            else:
                raise ValueError(column)
        return list(map(self._row_type, *columns))

    def row(self, record: Record) -> Row:
        """The row of one record, by the rules.

        Raises:
            RecordError: it gives none.
        """
        if record.error is not None:
            raise RecordError(f"line {record.line}: {record.error}")
        found = len(record.fields)
        if found > MAX_FIELDS:
            raise RecordError(f"line {record.line}: expected at most {MAX_FIELDS} fields")
        if self._count is not None and found != self._count:
            raise RecordError(f"line {record.line}: expected {self._count} fields, got {found}")
        if found < self._least:
            raise RecordError(
                f"line {record.line}: expected {self._least} fields or more, got {found}"
            )
        return self._row_type(*[self._value(record, at) for at in range(len(self._columns))])

    def _value(self, record: Record, at: int) -> Any:
        column, position = self._columns[at], self._positions[at]
        text = None if position is None else record.fields[position]
        if text is None:
            if column.nullable:
                return None
            found = "nothing" if position is None else "NULL"
            raise RecordError(
                f"{_place(record, position, column.name)}: "
                f"expected {column.type_text} NOT NULL, got {found}"
            )
        try:
            return self._values[at](text)
        except Unfit as unfit:
            raise RecordError(
                f"{_place(record, position, column.name)}: expected {column.type_text}, got {unfit}"
            ) from None


def _place(record: Record, position: int | None, name: str) -> str:
    field = "" if position is None else f", field {position + 1}"
    return f"line {record.line}{field} ({name})"
