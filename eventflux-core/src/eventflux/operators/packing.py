"""Values of state as bytes: msgpack, with integers of any size, exact decimals and any text."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

_INTEGER = 1
"""The msgpack extension type of an integer beyond 64 bits: its bytes, big-endian, signed."""
_DECIMAL = 2
"""That of a decimal: its text."""
_TEXT = 3
"""That of a text that is no Unicode, as half a character: UTF-8 as if it were."""
_PAIRS = 4
"""That of a mapping with such a key: the array of its pairs."""

Pack = Callable[[list[Any]], bytes]


def pack(values: list[Any]) -> bytes:
    """Encode nested lists and tuples of column values, none of them a decimal."""
    try:
        return _encode(values)
    except (OverflowError, UnicodeEncodeError):
        return pack_any(values)


def pack_any(values: list[Any]) -> bytes:
    """Encode values that may be decimals, or nested data that may hold some."""
    tagged = _tagged(values)
    try:
        return _encode(tagged)
    except UnicodeEncodeError:
        return _encode(_with_odd_texts(tagged))


def unpack(packed: bytes) -> list[Any]:
    """The inverse of :func:`pack`; tuples come back as lists."""
    values: list[Any] = _decode(packed)
    return values


def _tagged(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_tagged(item) for item in value]
    if isinstance(value, dict):
        return {key: _tagged(item) for key, item in value.items()}
    if isinstance(value, Decimal):
        return msgspec.msgpack.Ext(_DECIMAL, str(value).encode())
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        size = value.bit_length() // 8 + 1
        return msgspec.msgpack.Ext(_INTEGER, value.to_bytes(size, "big", signed=True))
    return value


def _with_odd_texts(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_odd_texts(item) for item in value]
    if isinstance(value, dict):
        pairs = [[_with_odd_texts(key), _with_odd_texts(item)] for key, item in value.items()]
        if any(isinstance(key, msgspec.msgpack.Ext) for key, _ in pairs):
            return msgspec.msgpack.Ext(_PAIRS, _encode(pairs))
        return dict(pairs)
    if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
        return msgspec.msgpack.Ext(_TEXT, value.encode(errors="surrogatepass"))
    return value


def _untagged(code: int, data: memoryview) -> int | Decimal | str | dict[Any, Any]:
    if code == _DECIMAL:
        return Decimal(bytes(data).decode())
    if code == _TEXT:
        return bytes(data).decode(errors="surrogatepass")
    if code == _PAIRS:
        return dict(_decode(data))
    if code != _INTEGER:
        raise ValueError(f"a snapshot holds an unknown kind of value ({code})")
    return int.from_bytes(data, "big", signed=True)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(ext_hook=_untagged).decode
