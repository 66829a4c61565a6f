"""Values of state as bytes: msgpack, with integers of any size."""

from __future__ import annotations

from typing import Any

import msgspec

_INTEGER = 1
"""The msgpack extension type of an integer beyond 64 bits: its bytes, big-endian, signed."""


def pack(values: list[Any]) -> bytes:
    """Encode nested lists and tuples of column values."""
    try:
        return _encode(values)
    except OverflowError:
        return _encode(_with_large_integers(values))


def unpack(packed: bytes) -> list[Any]:
    """The inverse of :func:`pack`; tuples come back as lists."""
    values: list[Any] = _decode(packed)
    return values


def _with_large_integers(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_with_large_integers(item) for item in value]
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        size = value.bit_length() // 8 + 1
        return msgspec.msgpack.Ext(_INTEGER, value.to_bytes(size, "big", signed=True))
    return value


def _large_integer(code: int, data: memoryview) -> int:
    if code != _INTEGER:
        raise ValueError(f"a snapshot holds an unknown kind of value ({code})")
    return int.from_bytes(data, "big", signed=True)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(ext_hook=_large_integer).decode
