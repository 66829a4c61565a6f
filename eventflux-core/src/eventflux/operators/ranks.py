"""What values sort by as ORDER BY says: NaN above all numbers, NULLs last unless first is asked."""

from __future__ import annotations

from typing import Any

_NAN, _LAST, _FIRST = (1,), (2,), (-2,)


def rising(value: Any) -> tuple[Any, ...]:
    """NULL stands behind all values."""
    if value is None:
        return _LAST
    return (0, value) if value == value else _NAN


def falling(value: Any) -> tuple[Any, ...]:
    """The greatest first, and NULL behind all."""
    if value is None:
        return _LAST
    if value != value:
        return (-1,)
    return (0, -value if isinstance(value, int | float) else _Falling(value))


def rising_nulls_first(value: Any) -> tuple[Any, ...]:
    return _FIRST if value is None else rising(value)


def falling_nulls_first(value: Any) -> tuple[Any, ...]:
    return _FIRST if value is None else falling(value)


class _Falling:
    """A value that compares the other way round."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Falling) and bool(self._value == other._value)

    def __lt__(self, other: _Falling) -> bool:
        return bool(other._value < self._value)
