"""CAST: functions from a value of one type, never NULL, to one of another.

Each gives ``None`` where the value can't be converted (semantics 2.7).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from eventflux.base.decimals import decimal_of, decimal_text, fitting, parse_decimal
from eventflux.base.timestamps import parse_timestamp, timestamp_text
from eventflux.base.types import INT_MAX, INT_MIN, LONG_MAX, LONG_MIN, Digits
from eventflux.base.types import DataType as T

Conversion = Callable[[Any], Any]

_LARGEST_FLOAT = 3.4028234663852886e38
_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
_NAMED_NUMBERS = {"nan": math.nan, "inf": math.inf, "infinity": math.inf}


def cast_text_to_int(text: str) -> int | None:
    return _within(_parse_integer(text), INT_MIN, INT_MAX)


def cast_text_to_long(text: str) -> int | None:
    return _within(_parse_integer(text), LONG_MIN, LONG_MAX)


def cast_text_to_double(text: str) -> float | None:
    text = text.strip()
    if _NUMBER.match(text):
        return float(text)
    unsigned = text.removeprefix("-").removeprefix("+")
    value = _NAMED_NUMBERS.get(unsigned.lower())
    return value if value is None or not text.startswith("-") else -value


def cast_text_to_float(text: str) -> float | None:
    value = cast_text_to_double(text)
    return None if value is None else cast_double_to_float(value)


def cast_text_to_bool(text: str) -> bool | None:
    folded = text.strip().lower()
    if folded in ("true", "1", "yes"):
        return True
    return False if folded in ("false", "0", "no") else None


def cast_long_to_int(value: int) -> int | None:
    return _within(value, INT_MIN, INT_MAX)


def cast_integer_to_long(value: int) -> int | None:
    return _within(value, LONG_MIN, LONG_MAX)


def cast_number_to_int(value: float | Decimal) -> int | None:
    return _within(int(value), INT_MIN, INT_MAX) if math.isfinite(value) else None


def cast_number_to_long(value: float | Decimal) -> int | None:
    return _within(int(value), LONG_MIN, LONG_MAX) if math.isfinite(value) else None


def cast_double_to_float(value: float) -> float | None:
    return None if _LARGEST_FLOAT < abs(value) < math.inf else value


def cast_bool_to_text(value: bool) -> str:
    return "true" if value else "false"


def _parse_integer(text: str) -> int | None:
    text = text.strip()
    return int(text) if len(text) <= 30 and _INTEGER.match(text) else None


def _within(value: int | None, low: int, high: int) -> int | None:
    return value if value is not None and low <= value <= high else None


_fits = fitting(None)


def cast_text_to_decimal(text: str) -> Decimal | None:
    value = parse_decimal(text)
    return None if value is None else _fits(value)


def cast_number_to_decimal(value: int | float) -> Decimal | None:
    number = decimal_of(value)
    return None if number is None else _fits(number)


def cast_decimal_to_float(value: Decimal) -> float | None:
    return cast_double_to_float(float(value))


def cast_text_to_bytes(text: str) -> bytes | None:
    try:
        return text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return None


def cast_bytes_to_text(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def is_not_zero(value: Any) -> bool:
    return bool(value != 0)


_INTEGERS, _FLOATS = (T.INT, T.LONG), (T.FLOAT, T.DOUBLE)

CONVERSIONS: dict[tuple[T, T], Conversion] = {
    (T.STRING, T.INT): cast_text_to_int,
    (T.STRING, T.LONG): cast_text_to_long,
    (T.STRING, T.DECIMAL): cast_text_to_decimal,
    (T.STRING, T.FLOAT): cast_text_to_float,
    (T.STRING, T.DOUBLE): cast_text_to_double,
    (T.STRING, T.BOOL): cast_text_to_bool,
    (T.STRING, T.TIMESTAMP): parse_timestamp,
    (T.STRING, T.BYTES): cast_text_to_bytes,
    (T.BYTES, T.STRING): cast_bytes_to_text,
    (T.TIMESTAMP, T.STRING): timestamp_text,
    (T.DECIMAL, T.STRING): decimal_text,
    (T.DECIMAL, T.FLOAT): cast_decimal_to_float,
    (T.DECIMAL, T.DOUBLE): float,
    (T.BOOL, T.STRING): cast_bool_to_text,
    (T.BOOL, T.DECIMAL): Decimal,
    **{(T.BOOL, target): int for target in _INTEGERS},
    **{(T.BOOL, target): float for target in _FLOATS},
    **{(source, T.BOOL): is_not_zero for source in (*_INTEGERS, T.DECIMAL, *_FLOATS)},
    **{(source, T.INT): cast_long_to_int for source in _INTEGERS},
    **{
        (source, target): cast_integer_to_long
        for source in (*_INTEGERS, T.TIMESTAMP)
        for target in (T.LONG, T.TIMESTAMP)
    },
    **{(source, T.DECIMAL): Decimal for source in _INTEGERS},
    **{(source, target): float for source in _INTEGERS for target in _FLOATS},
    **{(source, T.STRING): str for source in _INTEGERS},
    **{(source, T.INT): cast_number_to_int for source in (T.DECIMAL, *_FLOATS)},
    **{(source, T.LONG): cast_number_to_long for source in (T.DECIMAL, *_FLOATS)},
    **{(source, T.DECIMAL): cast_number_to_decimal for source in _FLOATS},
    **{(source, T.FLOAT): cast_double_to_float for source in _FLOATS},
    **{(source, T.STRING): repr for source in _FLOATS},
}
"""How each type becomes another; those to OBJECT and to the type itself do nothing."""

SURE: frozenset[tuple[T, T]] = frozenset(
    pair
    for pair, convert in CONVERSIONS.items()
    if convert in (str, repr, int, float, Decimal, cast_bool_to_text, is_not_zero)
    or convert in (timestamp_text, decimal_text)
)
"""The conversions that never give ``None``."""

_TYPE_OF = {str: T.STRING, int: T.LONG, float: T.DOUBLE, bool: T.BOOL, Decimal: T.DECIMAL,
            bytes: T.BYTES}  # fmt: skip
"""The SQL type of a value inside an OBJECT."""


def _same(value: Any) -> Any:
    return value


def _from_object(target: T) -> Conversion:
    """Conversion of an OBJECT as if from its value; of dicts and lists only STRING comes."""
    by_class: dict[type, Conversion] = {
        kind: _same if source is target else CONVERSIONS[source, target]
        for kind, source in _TYPE_OF.items()
        if source is target or (source, target) in CONVERSIONS
    }
    if target is T.STRING:
        by_class[dict] = by_class[list] = json_text

    def convert(value: Any) -> Any:
        conversion = by_class.get(value.__class__)
        return None if conversion is None else conversion(value)

    convert.__name__ = f"cast_object_to_{target.lower()}"
    return convert


def json_text(value: Any) -> str:
    """Nested data as compact JSON, its decimals as numbers."""
    return _encode(value).decode()


_encode = msgspec.json.Encoder(decimal_format="number").encode

CONVERSIONS.update(
    ((T.OBJECT, target), _from_object(target)) for target in T if target is not T.OBJECT
)


def to_digits(source: T, digits: Digits) -> Conversion:
    """Makes the conversion to a ``DECIMAL(p,s)``, rounded half even."""
    fit = fitting(digits)
    convert = None if source is T.DECIMAL else CONVERSIONS[source, T.DECIMAL]

    def to_decimal(value: Any) -> Decimal | None:
        number = value if convert is None else convert(value)
        return None if number is None else fit(number)

    return to_decimal
