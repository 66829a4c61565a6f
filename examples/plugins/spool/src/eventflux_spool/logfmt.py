"""The format ``logfmt``: ``key=value`` pairs, a row on each line.

A value with spaces, quotes or an equals sign stands in double quotes, with ``\\"`` for a quote and
``\\\\`` for a backslash in it; a key alone is true. What is missing is NULL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from eventflux.base.errors import OptionError
from eventflux.base.rows import Row, values_of
from eventflux.base.types import Column, DataType, Schema, integer_range
from eventflux.spi import Decoded, Encoded, MapperContext, MapperError, SinkMapper, SourceMapper

_PAIR: Final = re.compile(r'\s*([^\s="]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*)))?(?=\s|$)')
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t"}
_ESCAPED: Final = str.maketrans(
    {"\\": "\\\\", '"': '\\"', **{meant: f"\\{letter}" for letter, meant in _ESCAPES.items()}}
)
_SPECIAL: Final = re.compile(r'[\s"=\\]')


class LogfmtSourceMapper(SourceMapper):
    def __init__(self, refuse_unknown: bool, context: MapperContext) -> None:
        _check_types(context.schema)
        self._refuse_unknown = refuse_unknown
        self._columns = context.schema.columns
        self._names = frozenset(context.schema.names)
        self._row_type = context.row_type

    def decode(self, payloads: Sequence[bytes]) -> Decoded:
        rows: list[Row] = []
        origins: list[int] = []
        errors: list[MapperError] = []
        for index, payload in enumerate(payloads):
            try:
                lines = payload.decode().splitlines()
            except UnicodeDecodeError as error:
                errors.append(MapperError(index, f"it is not UTF-8: {error}"))
                continue
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                try:
                    rows.append(self._row(line))
                    origins.append(index)
                except ValueError as error:
                    errors.append(MapperError(index, f"line {number}: {error}"))
        return Decoded(rows, errors, origins)

    def _row(self, line: str) -> Row:
        """The row of a line; ``ValueError`` says what is wrong with it."""
        found = _pairs(line)
        unknown = found.keys() - self._names
        if unknown and self._refuse_unknown:
            raise ValueError(f"no column is called {min(unknown)!r}")
        return self._row_type(*(_value(column, found.get(column.name)) for column in self._columns))


class LogfmtSinkMapper(SinkMapper):
    def __init__(self, context: MapperContext) -> None:
        _check_types(context.schema)
        self._names = context.schema.names

    def encode(self, rows: Sequence[Row]) -> Encoded:
        return Encoded([self._line(row).encode() for row in rows])

    def _line(self, row: Row) -> str:
        pairs = zip(self._names, values_of(row), strict=True)
        return " ".join(f"{name}={_text(value)}" for name, value in pairs if value is not None)


def _pairs(line: str) -> dict[str, str]:
    found: dict[str, str] = {}
    place = 0
    line = line.rstrip()
    while place < len(line):
        match = _PAIR.match(line, place)
        if match is None:
            raise ValueError(f"expected key=value at character {place + 1}")
        key, quoted, plain = match.groups()
        if quoted is not None:
            found[key] = re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), quoted)
        else:
            found[key] = "true" if plain is None else plain
        place = match.end()
    return found


def _value(column: Column, text: str | None) -> Any:
    if text is None:
        if not column.nullable:
            raise ValueError(f"{column.name} is missing and NOT NULL")
        return None
    try:
        return _READ[column.type](text)
    except ValueError:
        raise ValueError(f"{column.name} expects {column.type}, got {text!r}") from None


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


def _integer(data_type: DataType) -> Callable[[str], int]:
    low, high = integer_range(data_type)

    def read(text: str) -> int:
        number = int(text)
        if not low <= number <= high:
            raise ValueError(text)
        return number

    return read


_READ: Final[Mapping[DataType, Callable[[str], Any]]] = {
    DataType.STRING: str,
    DataType.INT: _integer(DataType.INT),
    DataType.LONG: _integer(DataType.LONG),
    DataType.FLOAT: float,
    DataType.DOUBLE: float,
    DataType.BOOL: _truth,
}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if text and not _SPECIAL.search(text):
        return text
    return '"' + text.translate(_ESCAPED) + '"'


def _check_types(schema: Schema) -> None:
    """Refuse columns that the format has no text for."""
    for column in schema.columns:
        if column.type not in _READ:
            raise OptionError(
                f"format 'logfmt' has no {column.type}, which column '{column.name}' is",
                "it has " + ", ".join(_READ),
            )
