"""Values as text: what a text means for a column of each type, and how a value is written.

These are the rules of CSV, and of JSON where it coerces: numbers as SQL's CAST reads them, but
what doesn't fit is an error and not NULL. Blanks around anything but a STRING don't count.
"""

from __future__ import annotations

import binascii
import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from eventflux.base.decimals import decimal_text, fitting, parse_decimal
from eventflux.base.timestamps import parse_timestamp, timestamp_text
from eventflux.base.types import Column, DataType, integer_range

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,18})?\Z")
_NAMED_NUMBER = re.compile(r"[+-]?(?:nan|inf|infinity)\Z", re.IGNORECASE)
_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_SHOWN = 40


class Unfit(ValueError):
    """A value does not fit its column; the text says what was there instead."""


def shortened(text: str) -> str:
    """A text as messages show it, cut where it is long."""
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def integral(text: str, data_type: DataType, shown: str) -> int:
    """The value of a number's text, such as ``12``, ``1.0`` or ``1e2``, for INT or LONG.

    Raises:
        Unfit: it is not integral, or out of range.
    """
    low, high = integer_range(data_type)
    number = Decimal(text)
    if not number:
        return 0
    # The exponent is looked at first: 1e999999999 is short as text and huge as an int.
    if number.adjusted() < 0 or (number.adjusted() < 20 and number != int(number)):
        raise Unfit(shown)
    if number.adjusted() >= 20 or not low <= int(number) <= high:
        raise Unfit(f"{shown}, which is not in the range {low} to {high}")
    return int(number)


def reader_of(column: Column) -> Callable[[str], Any]:
    """What reads a text as a value of the column; it raises :class:`Unfit`."""
    data_type = column.type
    if data_type.is_integer:
        return lambda text: integral(_number(text), data_type, _quoted(text))
    if data_type is DataType.DECIMAL:
        fit = decimal_reader(column)
        return lambda text: fit(_number(text), _quoted(text))
    if data_type is DataType.OBJECT:
        return lambda text: _nested(text, column.nullable)
    return _READERS[data_type]


def decimal_reader(column: Column) -> Callable[[str, str], Decimal]:
    """What reads a number's text, shown in errors as the second one, for a DECIMAL column."""
    fit = fitting(column.digits)

    def read(text: str, shown: str) -> Decimal:
        number = parse_decimal(text)
        fitted = None if number is None else fit(number)
        if fitted is None:
            raise Unfit(f"{shown}, which has too many digits")
        return fitted

    return read


def _quoted(text: str) -> str:
    return repr(shortened(text))


def _number(text: str) -> str:
    stripped = text.strip()
    if _NUMBER.match(stripped) is None:
        raise Unfit(_quoted(text))
    return stripped


def _float(text: str) -> float:
    stripped = text.strip()
    if _NAMED_NUMBER.match(stripped):
        return float(stripped)
    value = float(_number(text))
    if math.isinf(value):
        raise Unfit(f"{_quoted(text)}, which is out of range")
    return value


def _bool(text: str) -> bool:
    truth = _TRUTH.get(text.strip().lower())
    if truth is None:
        raise Unfit(_quoted(text))
    return truth


def _timestamp(text: str) -> int:
    moment = parse_timestamp(text)
    if moment is None:
        return integral(_number(text), DataType.LONG, _quoted(text))
    return moment


def _base64(text: str) -> bytes:
    try:
        return binascii.a2b_base64(text.strip(), strict_mode=True)
    except ValueError:
        raise Unfit(f"{_quoted(text)}, which is not base64") from None


def _nested(text: str, nullable: bool) -> Any:
    try:
        value = msgspec.json.decode(text.encode())
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise Unfit(f"{_quoted(text)}, which is not JSON") from None
    if value is None and not nullable:
        raise Unfit(_quoted(text))
    return value


_READERS: dict[DataType, Callable[[str], Any]] = {
    DataType.STRING: str,
    DataType.FLOAT: _float,
    DataType.DOUBLE: _float,
    DataType.BOOL: _bool,
    DataType.TIMESTAMP: _timestamp,
    DataType.BYTES: _base64,
}

_json = msgspec.json.Encoder(decimal_format="number").encode

WRITERS: dict[DataType, Callable[[Any], str]] = {
    DataType.STRING: str,
    DataType.INT: str,
    DataType.LONG: str,
    DataType.FLOAT: repr,
    DataType.DOUBLE: repr,
    DataType.BOOL: {True: "true", False: "false"}.__getitem__,
    DataType.DECIMAL: decimal_text,
    DataType.TIMESTAMP: timestamp_text,
    DataType.BYTES: lambda value: binascii.b2a_base64(value, newline=False).decode(),
    DataType.OBJECT: lambda value: _json(value).decode(),
}
"""How a value that is not NULL is written as text."""
