"""Rows from files, for ``run --dry-run --input Stream=FILE``: JSON lines, or CSV with a header.

A TIMESTAMP is ISO-8601 text or epoch milliseconds, BYTES are base64; an OBJECT in CSV is JSON.
"""

from __future__ import annotations

import base64
import csv
import textwrap
from collections.abc import Callable, Collection, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import msgspec

from eventflux.base.decimals import parse_decimal
from eventflux.base.errors import InputError
from eventflux.base.suggest import did_you_mean
from eventflux.base.timestamps import parse_timestamp
from eventflux.base.types import LONG_MAX, LONG_MIN, Column, DataType, Schema, integer_range

Warn = Callable[[str], None]


def read_rows(path: Path, schema: Schema, warn: Warn) -> Iterator[dict[str, Any]]:
    """The rows of a file, each a dict by column name; columns that it lacks are left out.

    A name that ends in ``.csv`` means CSV with a header, everything else JSON lines.

    Raises:
        InputError: a line is no row of ``schema``; it names file, line and column.
    """
    known = {column.name: column for column in schema.columns}
    is_csv = path.suffix.lower() == ".csv"
    rows = _csv_rows(path, known) if is_csv else _json_rows(path)
    reader: Callable[[Column], Callable[[Any], Any]] = _csv_reader if is_csv else _json_reader
    readers = {name: reader(column) for name, column in known.items()}
    unknown: set[str] = set()
    for place, row in rows:
        for name in row:
            if name not in known and name not in unknown:
                unknown.add(name)
                where = f"{path}:1" if is_csv else place
                warn(f"{where}: no column is called {name!r}, {did_you_mean(name, known)}")
        values: dict[str, Any] = {}
        for name, column in known.items():
            if name not in row:
                value = None
            else:
                try:
                    value = values[name] = readers[name](row[name])
                except (ValueError, UnicodeDecodeError) as error:
                    what = f"column {name!r} ({column.type_text})"
                    raise InputError(f"{place}: {what}: {error}") from None
            if value is None and not column.nullable:
                raise InputError(f"{place}: column {name!r} is NOT NULL, and missing here")
        yield values


def _json_rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            place = f"{path}:{number}"
            try:
                yield place, decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise InputError(
                    f"{place}: not a row: {error}", "each line is one JSON object, by column name"
                ) from None


def _json_reader(column: Column) -> Callable[[msgspec.Raw], Any]:
    """What gives the value of a column, or ``ValueError``, for its JSON text."""
    kind: Any = column.type.python_type
    match column.type:
        case DataType.INT | DataType.LONG:
            low, high = integer_range(column.type)
            kind = Annotated[int, msgspec.Meta(ge=low, le=high)]
        case DataType.TIMESTAMP:
            kind = Annotated[int, msgspec.Meta(ge=LONG_MIN, le=LONG_MAX)] | str
        case DataType.OBJECT:
            kind = Any
    decode = msgspec.json.Decoder(kind | None if kind is not Any else Any).decode
    is_moment = column.type is DataType.TIMESTAMP

    def read(text: msgspec.Raw) -> Any:
        try:
            value = decode(text)
        except msgspec.ValidationError:
            shown = bytes(text).decode(errors="replace")
            raise ValueError(f"got {textwrap.shorten(shown, 60, placeholder=' …')}") from None
        return _moment(value) if is_moment and isinstance(value, str) else value

    return read


def _csv_rows(path: Path, columns: Collection[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file, strict=True)
        try:
            header = next(reader, None)
            if header is None:
                return
            if not set(header) & set(columns):
                raise InputError(
                    f"{path}:1: no column is called as a field of this header",
                    f"the first line of a .csv file names its columns: {','.join(columns)}",
                )
            for fields in reader:
                if not fields:
                    continue
                place = f"{path}:{reader.line_num}"
                if len(fields) != len(header):
                    raise InputError(
                        f"{place}: {len(fields)} fields where the header has {len(header)}"
                    )
                yield place, dict(zip(header, fields, strict=True))
        except (csv.Error, UnicodeDecodeError) as error:
            raise InputError(f"{path}:{reader.line_num}: not CSV: {error}") from None


def _csv_reader(column: Column) -> Callable[[str], Any]:
    """What gives the value of a column, or ``ValueError``, for its field; empty is NULL."""
    convert = _FROM_FIELD[column.type]

    def read(text: str) -> Any:
        try:
            value = convert(text) if text else None
        except (ValueError, KeyError):
            raise ValueError(f"got {text!r}") from None
        if isinstance(value, int) and not isinstance(value, bool):
            low, high = integer_range(column.type)
            if not low <= value <= high:
                raise ValueError(f"{text} is out of the range {low} to {high}")
        return value

    return read


def _moment(text: str) -> int:
    moment = parse_timestamp(text)
    if moment is None:
        raise ValueError(f"{text!r} is no ISO-8601 date-time")
    return moment


def _moment_or_number(text: str) -> int:
    return int(text) if text.strip().lstrip("+-").isdecimal() else _moment(text)


def _decimal(text: str) -> Decimal:
    number = parse_decimal(text)
    if number is None:
        raise ValueError(f"{text!r} is no number")
    return number


def _truth(text: str) -> bool:
    return {"true": True, "false": False}[text.strip().lower()]


_FROM_FIELD: dict[DataType, Callable[[str], Any]] = {
    DataType.STRING: str,
    DataType.INT: int,
    DataType.LONG: int,
    DataType.FLOAT: float,
    DataType.DOUBLE: float,
    DataType.BOOL: _truth,
    DataType.DECIMAL: _decimal,
    DataType.TIMESTAMP: _moment_or_number,
    DataType.BYTES: lambda text: base64.b64decode(text, validate=True),
    DataType.OBJECT: msgspec.json.decode,
}
