"""Values as SQL writes them."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from eventflux.base.decimals import decimal_text
from eventflux.base.timestamps import timestamp_text
from eventflux.base.types import DataType

_encode: Callable[[Any], bytes] = msgspec.json.Encoder(
    decimal_format="number", order="sorted"
).encode


def literal(value: Any, column_type: DataType | None = None) -> str:
    """A value as it is written in a test, and in what tells of a row."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    match column_type:
        case DataType.TIMESTAMP:
            text = timestamp_text(value)
            return text if text == str(value) else _quoted(text)
        case DataType.OBJECT:
            return _quoted(_json(value))
    if isinstance(value, float) and not math.isfinite(value):
        return _quoted("NaN" if math.isnan(value) else f"{value}".replace("inf", "Infinity"))
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, bytes):
        return _of_bytes(value)
    return _quoted(value) if isinstance(value, str) else repr(value)


def _json(value: Any) -> str:
    return _encode(value).decode()


def _of_bytes(value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return f"X'{value.hex().upper()}'"
    return _quoted(text) if text.isprintable() else f"X'{value.hex().upper()}'"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
