"""Rows from files, for ``run --dry-run --input Stream=FILE``: JSON lines, or CSV with a header."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from eventflux.base.errors import InputError
from eventflux.base.suggest import did_you_mean
from eventflux.base.types import Column, DataType, Schema

Warn = Callable[[str], None]


def read_rows(path: Path, schema: Schema, warn: Warn) -> Iterator[dict[str, Any]]:
    """The rows of a file, each a dict by column name; columns that it lacks are left out.

    A name that ends in ``.csv`` means CSV with a header, everything else JSON lines.

    Raises:
        InputError: a line is no row of ``schema``; it names file, line and column.
    """
    rows = _csv_rows(path, schema) if path.suffix.lower() == ".csv" else _json_rows(path)
    known = {column.name: column for column in schema.columns}
    checks = {name: msgspec_type(column) for name, column in known.items()}
    unknown: set[str] = set()
    for place, row in rows:
        for name in row.keys() - known.keys() - unknown:
            unknown.add(name)
            warn(f"{place}: no column is called {name!r}, {did_you_mean(name, known)}")
        for name, column in known.items():
            if row.get(name) is None:
                if not column.nullable:
                    raise InputError(f"{place}: column {name!r} is NOT NULL, and missing here")
                continue
            try:
                row[name] = msgspec.convert(row[name], checks[name])
            except msgspec.ValidationError as error:
                raise InputError(f"{place}: column {name!r} ({column.type}): {error}") from None
        yield {name: row[name] for name in known if name in row}


def msgspec_type(column: Column) -> Any:
    """The type that checks the values of a column."""
    from typing import Annotated

    from eventflux.base.types import integer_range

    if not column.type.is_integer:
        return column.type.python_type
    low, high = integer_range(column.type)
    return Annotated[int, msgspec.Meta(ge=low, le=high)]


def _json_rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    decoder = msgspec.json.Decoder(dict[str, Any])
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


def _csv_rows(path: Path, schema: Schema) -> Iterator[tuple[str, dict[str, Any]]]:
    types = {column.name: column.type for column in schema.columns}
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file, strict=True)
        try:
            header = next(reader, None)
            if header is None:
                return
            for fields in reader:
                if not fields:
                    continue
                place = f"{path}:{reader.line_num}"
                if len(fields) != len(header):
                    raise InputError(
                        f"{place}: {len(fields)} fields where the header has {len(header)}"
                    )
                row = dict(zip(header, fields, strict=True))
                yield place, {n: _csv_value(t, types.get(n), place, n) for n, t in row.items()}
        except (csv.Error, UnicodeDecodeError) as error:
            raise InputError(f"{path}:{reader.line_num}: not CSV: {error}") from None


def _csv_value(text: str, data_type: DataType | None, place: str, name: str) -> Any:
    """The typed value of a field; an empty one is NULL."""
    if text == "":
        return None
    if data_type is None or data_type is DataType.STRING:
        return text
    try:
        if data_type is DataType.BOOL:
            return {"true": True, "false": False}[text.strip().lower()]
        return data_type.python_type(text)
    except (ValueError, KeyError):
        raise InputError(f"{place}: column {name!r}: {text!r} is no {data_type}") from None
