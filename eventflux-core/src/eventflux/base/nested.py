"""OBJECT values: nested plain data that rows may share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

MAX_LEVELS = 100
"""How deep an OBJECT value may be nested."""

_PLAIN = (str, bool, int, float, bytes, Decimal, type(None))
_OF_SUBCLASS: dict[type, Callable[[Any], Any]] = {
    str: str.__str__,
    int: int.__int__,
    float: float.__float__,
    bytes: bytes.__bytes__,
    Decimal: Decimal,
}
"""The plain value of a subclass, such as the member of an enum that is a text."""


def copied(value: Any) -> Any:
    """A copy of ``value`` that nobody else holds: dicts with text keys, lists, plain values.

    Raises:
        ValueError: something else is in it, or it nests deeper than :data:`MAX_LEVELS`, as
            data that holds itself does. The text says what, in a few words.
    """
    return _copied(value, 0)


def _copied(value: Any, level: int) -> Any:
    kind = type(value)
    if kind in _PLAIN:
        return value
    if level >= MAX_LEVELS:
        raise ValueError(f"it nests deeper than {MAX_LEVELS} levels")
    if isinstance(value, list | tuple):
        return [_copied(item, level + 1) for item in value]
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise ValueError(f"a key is a {type(key).__name__}, not a str")
        return {str.__str__(key): _copied(item, level + 1) for key, item in value.items()}
    for plain, exactly in _OF_SUBCLASS.items():
        if isinstance(value, plain):
            return exactly(value)
    raise ValueError(f"it holds a {kind.__name__}")


_NUMBERS = (int, float, Decimal)


def same(left: Any, right: Any) -> bool:
    """Whether two values are the same as JSON has it: 1 is 1.0 and not true."""
    if left.__class__ is not right.__class__:
        numbers = left.__class__ in _NUMBERS and right.__class__ in _NUMBERS
        return numbers and bool(left == right)
    if left.__class__ is dict:
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if left.__class__ is list:
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def item(value: Any, key: str | int) -> Any:
    """What stands in a dict under a text or in a list at a place from 0, else ``None``."""
    if value.__class__ is dict:
        return value.get(key) if key.__class__ is str else None
    if value.__class__ is list and isinstance(key, int) and 0 <= key < len(value):
        return value[key]
    return None
