"""What a JSON payload means for a schema; this alone decides what is an error.

- Fields are found by their exact name. Unknown ones are ignored, of repeated ones the last
  counts, and a missing one is NULL like a ``null``; both are errors for a NOT NULL column.
- INT and LONG take numbers that are integral and in range (``1.0`` and ``1e2`` too), FLOAT
  and DOUBLE numbers, BOOL ``true`` and ``false``, STRING strings, and of numbers and booleans
  their text, of objects and arrays compact JSON of at most 32 levels.
- An array of objects gives one row for each.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from eventflux.base.rows import Row
from eventflux.base.types import Column, DataType, Schema, integer_range

MAX_LEVELS = 32
"""How deep a value may be nested that a STRING column keeps as JSON."""

_SHOWN = 40
_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]')


class PayloadError(Exception):
    """Why a payload gives no rows: the path of the field, what was expected, what was there."""


class JsonRules:
    """Decodes one payload at a time, slowly and with exact errors."""

    def __init__(self, schema: Schema, row_type: type[Row]) -> None:
        self._row_type = row_type
        self._columns = schema.columns
        fields = [f"column_{position}" for position in range(len(schema.columns))]
        parts = msgspec.defstruct(
            "Parts",
            [(field, msgspec.Raw, msgspec.Raw()) for field in fields],
            rename=dict(zip(fields, schema.names, strict=True)),
        )
        self._split_object = msgspec.json.Decoder(parts).decode
        self._split_array = msgspec.json.Decoder(list[msgspec.Raw]).decode

    def rows(self, payload: bytes) -> list[Row]:
        """The rows of a payload.

        Raises:
            PayloadError: the payload gives none.
        """
        first = payload.lstrip()[:1]
        try:
            if first == b"{":
                return [self._row(payload, "$")]
            if first == b"[":
                elements = [bytes(element) for element in self._split_array(payload)]
                return [self._element(e, f"$[{i}]") for i, e in enumerate(elements)]
            if not first:
                raise PayloadError("the payload is empty, expected a JSON object")
            msgspec.json.decode(payload, type=msgspec.Raw)
        except RecursionError as error:
            raise PayloadError("the payload is nested too deeply") from error
        except UnicodeDecodeError as error:
            raise PayloadError(f"the payload is not valid UTF-8 ({error.reason})") from error
        except msgspec.DecodeError as error:
            raise PayloadError(_malformed(error)) from error
        raise PayloadError(f"$: expected an object or an array of objects, got {_shown(payload)}")

    def _element(self, element: bytes, path: str) -> Row:
        if not element.startswith(b"{"):
            raise PayloadError(f"{path}: expected an object, got {_shown(element)}")
        return self._row(element, path)

    def _row(self, text: bytes, path: str) -> Row:
        parts = msgspec.structs.astuple(self._split_object(text))
        return self._row_type(
            *[
                _value(column, bytes(part), path)
                for column, part in zip(self._columns, parts, strict=True)
            ]
        )


def _value(column: Column, part: bytes, path: str) -> Any:
    """The value of a column from its JSON text, empty when the field is missing."""
    if part and part != b"null":
        try:
            return _CONVERTERS[column.type](part)
        except _Unfit as unfit:
            where = _field_path(path, column.name)
            raise PayloadError(f"{where}: expected {column.type}, got {unfit}") from None
    if column.nullable:
        return None
    found = "null" if part else "nothing"
    where = _field_path(path, column.name)
    raise PayloadError(f"{where}: expected {column.type} NOT NULL, got {found}")


class _Unfit(Exception):
    """A value does not fit its column; the text says what was there instead."""


def _to_string(part: bytes) -> str:
    try:
        if part.startswith(b'"'):
            return msgspec.json.decode(part, type=str)
        if part[:1] in (b"{", b"["):
            if _levels(part) > MAX_LEVELS:
                raise _Unfit(f"{_kind(part)} of more than {MAX_LEVELS} levels")
            part = msgspec.json.format(part, indent=-1)
        return part.decode()
    except UnicodeDecodeError as error:
        raise _Unfit(f"{_kind(part)} that is not valid UTF-8 ({error.reason})") from None


def _to_bool(part: bytes) -> bool:
    if part not in (b"true", b"false"):
        raise _Unfit(_shown(part))
    return part == b"true"


def _to_float(part: bytes) -> float:
    if _kind(part) != "number":
        raise _Unfit(_shown(part))
    try:
        return msgspec.json.decode(part, type=float)
    except msgspec.ValidationError:
        raise _Unfit(f"{_shown(part)}, which is out of range") from None


def _to_integer(data_type: DataType) -> Callable[[bytes], int]:
    low, high = integer_range(data_type)

    def convert(part: bytes) -> int:
        if _kind(part) != "number":
            raise _Unfit(_shown(part))
        try:
            number = Decimal(part.decode())
        except InvalidOperation:  # an exponent of more than 18 digits
            raise _Unfit(f"{_shown(part)}, which is out of range") from None
        if not number:
            return 0
        # The exponent is looked at first: 1e999999999 is short as text and huge as an int.
        if number.adjusted() < 0 or (number.adjusted() < 20 and number != int(number)):
            raise _Unfit(_shown(part))
        if number.adjusted() >= 20 or not low <= int(number) <= high:
            raise _Unfit(f"{_shown(part)}, which is not in the range {low} to {high}")
        return int(number)

    return convert


_CONVERTERS: dict[DataType, Callable[[bytes], Any]] = {
    DataType.STRING: _to_string,
    DataType.INT: _to_integer(DataType.INT),
    DataType.LONG: _to_integer(DataType.LONG),
    DataType.FLOAT: _to_float,
    DataType.DOUBLE: _to_float,
    DataType.BOOL: _to_bool,
}


def _kind(part: bytes) -> str:
    kinds = {b'"': "string", b"{": "object", b"[": "array", b"t": "boolean", b"f": "boolean"}
    return kinds.get(part[:1], "null" if part == b"null" else "number")


def _shown(part: bytes) -> str:
    """A value as messages show it: ``string "x"``, its text cut where it is long."""
    part = part.strip()
    kind = _kind(part)
    text = part[: 4 * _SHOWN].decode("utf-8", "backslashreplace")
    if len(text) > _SHOWN:
        text = text[:_SHOWN] + "…"
    return text if kind == "null" else f"{kind} {text}"


def _field_path(path: str, name: str) -> str:
    return f"{path}.{name}" if name.isidentifier() else f"{path}[{json.dumps(name)}]"


def _levels(part: bytes) -> int:
    deepest = level = 0
    for token in _TOKENS.findall(part):
        if token in (b"{", b"["):
            level += 1
            deepest = max(deepest, level)
        elif token in (b"}", b"]"):
            level -= 1
    return deepest


def _malformed(error: msgspec.DecodeError) -> str:
    reason = str(error).removeprefix("JSON is malformed: ")
    if reason == "Input data was truncated":
        reason = "it ends too early"
    return f"not valid JSON: {reason}"
