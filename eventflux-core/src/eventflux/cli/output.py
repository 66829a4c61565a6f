"""Result rows on stdout: as tables, or as one JSON object a row."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TextIO

import msgspec

from eventflux.base.decimals import decimal_text
from eventflux.base.rows import Row, values_of
from eventflux.base.timestamps import timestamp_text
from eventflux.base.types import DataType, Schema


class RowWriter(ABC):
    """Takes the result rows of some streams."""

    def __init__(self, schemas: Mapping[str, Schema], stream: TextIO) -> None:
        self.schemas = schemas
        self.stream = stream

    @abstractmethod
    def write(self, name: str, rows: Sequence[Row]) -> None:
        """Take rows of the stream ``name``, in the order of their emission."""

    def close(self) -> None:
        """Write what is still to be written."""


class JsonWriter(RowWriter):
    """One JSON object a row, at once; where several streams have results each begins with
    ``_stream``, the stream's name."""

    def write(self, name: str, rows: Sequence[Row]) -> None:
        names = self.schemas[name].names
        head = {"_stream": name} if len(self.schemas) > 1 else {}
        shown = [_FOR_JSON.get(column.type, _as_it_is) for column in self.schemas[name].columns]
        for row in rows:
            values = (
                None if value is None else show(value)
                for show, value in zip(shown, values_of(row), strict=True)
            )
            line = _encode({**head, **dict(zip(names, values, strict=True))})
            self.stream.write(line.decode() + "\n")
        self.stream.flush()


class TableWriter(RowWriter):
    """A table a stream, when all rows are there: only then its columns' widths are known."""

    def __init__(self, schemas: Mapping[str, Schema], stream: TextIO) -> None:
        super().__init__(schemas, stream)
        self._rows: dict[str, list[Row]] = {name: [] for name in schemas}

    def write(self, name: str, rows: Sequence[Row]) -> None:
        self._rows[name].extend(rows)

    def close(self) -> None:
        from eventflux.cli.tables import print_table

        for name, rows in self._rows.items():
            schema = self.schemas[name]
            if not rows:
                self.stream.write(f"{name}: no rows\n")
                continue
            print_table(
                self.stream,
                schema.names,
                (
                    tuple(map(_cell, values_of(row), (column.type for column in schema.columns)))
                    for row in rows
                ),
                title=f"{name}: {len(rows):,} {'row' if len(rows) == 1 else 'rows'}",
                right=[column.name for column in schema.columns if column.type.is_numeric],
            )


def _as_it_is(value: Any) -> Any:
    return value


_FOR_JSON: dict[DataType, Callable[[Any], Any]] = {DataType.TIMESTAMP: timestamp_text}
_encode = msgspec.json.Encoder(decimal_format="number").encode


def _cell(value: Any, data_type: DataType) -> str:
    if value is None:
        return "NULL"
    match data_type:
        case DataType.BOOL:
            return "true" if value else "false"
        case DataType.TIMESTAMP:
            return timestamp_text(value)
        case DataType.DECIMAL:
            return decimal_text(value)
        case DataType.BYTES:
            return str(value.decode("utf-8", "backslashreplace"))
        case DataType.OBJECT:
            return _encode(value).decode()
    return str(value)
