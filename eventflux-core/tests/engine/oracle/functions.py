"""What the functions that generated apps call mean, written out (semantics 3)."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

MOST = 1 << 20
"""The most characters that a text may get."""


def call(name: str, arguments: list[Any]) -> Any:
    """``None`` for NULL; raises where the row fails."""
    if name in _OF_NULLS:
        return _OF_NULLS[name](*arguments)
    return None if None in arguments else _STRICT[name](*arguments)


def _repeat(text: str, count: int) -> str:
    if len(text) * count > MOST:
        raise ValueError("too long")
    return text * count


def _left(text: str, count: int) -> str:
    return "".join(char for place, char in enumerate(text) if place < count)


def _position(part: str, text: str) -> int:
    places = range(len(text) - len(part) + 1)
    return next((p + 1 for p in places if text[p : p + len(part)] == part), 0)


def _best(better: Callable[[Any, Any], bool]) -> Callable[..., Any]:
    def found(*values: Any) -> Any:
        best = None
        for value in values:
            if value is not None and (best is None or better(value, best)):
                best = value
        return best

    return found


_STRICT: dict[str, Callable[..., Any]] = {
    "upper": str.upper,
    "length": len,
    "left": _left,
    "repeat": _repeat,
    "position": _position,
    "starts_with": str.startswith,
    "chr": lambda code: chr(code) if 0 <= code < 0xD800 or 0xE000 <= code < 0x110000 else None,
    "abs": abs,
    "sign": lambda value: (value > 0) - (value < 0),
    "sqrt": lambda value: None if value < 0 else math.sqrt(value),
    "round": lambda value: float(Decimal(value).quantize(Decimal(1), ROUND_HALF_UP)),
}
_OF_NULLS = {
    "greatest": _best(lambda value, best: value > best),
    "least": _best(lambda value, best: value < best),
    "concat_ws": lambda separator, *texts: separator.join(t for t in texts if t is not None),
}
