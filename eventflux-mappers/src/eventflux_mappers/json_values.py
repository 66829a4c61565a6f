"""What the JSON text of one value means for a column of each type."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import InvalidOperation
from typing import Any

import msgspec

from eventflux.base.timestamps import parse_timestamp
from eventflux.base.types import Column, DataType
from eventflux_mappers.limits import MAX_LEVELS
from eventflux_mappers.values import Unfit, decimal_reader, integral, reader_of, shortened

Convert = Callable[[bytes], Any]
"""Makes a value of its JSON text, which is not ``null``; raises :class:`Unfit`."""

_NEVER_READ = (DataType.STRING, DataType.BYTES, DataType.OBJECT)
"""Types that JSON strings have values of, or in ways of their own."""

_SHOWN = 40
_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]')
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def converter(column: Column, lenient: bool, date_format: str | None) -> Convert:
    """What converts the values of a column.

    ``lenient`` takes the text of a number, truth value or time for it; with ``date_format``
    LONG and TIMESTAMP take texts of that pattern.
    """
    convert = _strict(column)
    read = text_reader(column, lenient, date_format)
    if read is None:
        return convert
    read_text = read

    def convert_text(part: bytes) -> Any:
        if not part.startswith(b'"'):
            return convert(part)
        try:
            return read_text(_string(part))
        except Unfit:
            raise Unfit(shown(part)) from None

    return convert_text


def text_reader(
    column: Column, lenient: bool, date_format: str | None
) -> Callable[[str], Any] | None:
    """What reads a JSON string for a column that is none of strings; ``None``: nothing does."""
    data_type = column.type
    if data_type in _NEVER_READ:
        return None
    read = reader_of(column) if lenient else None
    if data_type is DataType.TIMESTAMP and not lenient:
        read = _iso
    if date_format is not None and data_type in (DataType.LONG, DataType.TIMESTAMP):
        return _dates(date_format, read)
    return read


def _iso(text: str) -> int:
    moment = parse_timestamp(text)
    if moment is None:
        raise Unfit(shortened(text))
    return moment


def _dates(pattern: str, otherwise: Callable[[str], Any] | None) -> Callable[[str], int]:
    def read(text: str) -> int:
        try:
            return milliseconds(text, pattern)
        except ValueError:
            if otherwise is None:
                raise Unfit(shortened(text)) from None
            return int(otherwise(text))

    return read


def milliseconds(text: str, pattern: str) -> int:
    """Epoch ms of a text by a strftime pattern, in UTC where it names no zone (``ValueError``)."""
    moment = datetime.strptime(text, pattern)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _strict(column: Column) -> Convert:
    data_type = column.type
    if data_type.is_integer:
        return lambda part: _to_integer(part, data_type)
    if data_type is DataType.DECIMAL:
        read = decimal_reader(column)
        return lambda part: read(_number(part), shown(part))
    return _CONVERTERS[data_type]


def _number(part: bytes) -> str:
    if kind(part) != "number":
        raise Unfit(shown(part))
    return part.decode()


def _string(part: bytes) -> str:
    try:
        return msgspec.json.decode(part, type=str)
    except UnicodeDecodeError as error:
        raise Unfit(f"{kind(part)} that is not valid UTF-8 ({error.reason})") from None


def _to_string(part: bytes) -> str:
    if part.startswith(b'"'):
        return _string(part)
    if part[:1] in (b"{", b"["):
        if _levels(part) > MAX_LEVELS:
            raise Unfit(f"{kind(part)} of more than {MAX_LEVELS} levels")
        part = msgspec.json.format(part, indent=-1)
    try:
        return part.decode()
    except UnicodeDecodeError as error:
        raise Unfit(f"{kind(part)} that is not valid UTF-8 ({error.reason})") from None


def _to_bool(part: bytes) -> bool:
    if part not in (b"true", b"false"):
        raise Unfit(shown(part))
    return part == b"true"


def _to_float(part: bytes) -> float:
    _number(part)
    try:
        return msgspec.json.decode(part, type=float)
    except msgspec.ValidationError:
        raise Unfit(f"{shown(part)}, which is out of range") from None


def _to_integer(part: bytes, data_type: DataType) -> int:
    text = _number(part)
    try:
        return integral(text, data_type, shown(part))
    except InvalidOperation:  # an exponent of more than 18 digits
        raise Unfit(f"{shown(part)}, which is out of range") from None


def _to_bytes(part: bytes) -> bytes:
    try:
        return msgspec.json.decode(part, type=bytes)
    except msgspec.ValidationError:
        expected = ", which is not base64" if kind(part) == "string" else ""
        raise Unfit(f"{shown(part)}{expected}") from None


def _to_nested(part: bytes) -> Any:
    try:
        return msgspec.json.decode(part)
    except UnicodeDecodeError as error:
        raise Unfit(f"{kind(part)} that is not valid UTF-8 ({error.reason})") from None
    except msgspec.DecodeError as error:
        raise Unfit(f"{shown(part)}: {error}") from None


_CONVERTERS: dict[DataType, Convert] = {
    DataType.STRING: _to_string,
    DataType.FLOAT: _to_float,
    DataType.DOUBLE: _to_float,
    DataType.BOOL: _to_bool,
    DataType.TIMESTAMP: lambda part: _to_integer(part, DataType.LONG),
    DataType.BYTES: _to_bytes,
    DataType.OBJECT: _to_nested,
}


def kind(part: bytes) -> str:
    """What the JSON text of a value is, in words."""
    kinds = {b'"': "string", b"{": "object", b"[": "array", b"t": "boolean", b"f": "boolean"}
    return kinds.get(part[:1], "null" if part == b"null" else "number")


def shown(part: bytes) -> str:
    """A value as messages show it: ``string "x"``, its text cut where it is long."""
    part = part.strip()
    found = kind(part)
    text = shortened(part[: 4 * _SHOWN].decode("utf-8", "backslashreplace"))
    return text if found == "null" else f"{found} {text}"


def _levels(part: bytes) -> int:
    deepest = level = 0
    for token in _TOKENS.findall(part):
        if token in (b"{", b"["):
            level += 1
            deepest = max(deepest, level)
        elif token in (b"}", b"]"):
            level -= 1
    return deepest
