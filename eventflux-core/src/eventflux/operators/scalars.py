"""Functions on single values that generated code calls; none is ever given a NULL.

Each gives ``None`` where SQL gives NULL (semantics 2.2 and 2.7).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any, NoReturn

from eventflux.base.decimals import decimal_of, fitting
from eventflux.base.errors import RowError
from eventflux.base.nested import copied
from eventflux.base.types import INT_MAX, INT_MIN, LONG_MAX, LONG_MIN, DataType, Digits

_LARGEST_FLOAT = 3.4028234663852886e38
_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
_NAMED_NUMBERS = {"nan": math.nan, "inf": math.inf, "infinity": math.inf}


def integer_remainder(dividend: int, divisor: int) -> int:
    """``dividend % divisor`` with the sign of the dividend; the divisor is not 0."""
    remainder = abs(dividend) % abs(divisor)
    return -remainder if dividend < 0 else remainder


def float_remainder(dividend: float, divisor: float) -> float:
    """``dividend % divisor`` with the sign of the dividend; the divisor is not 0."""
    return math.nan if math.isinf(dividend) else math.fmod(dividend, divisor)


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


def cast_number_to_int(value: float) -> int | None:
    return _within(int(value), INT_MIN, INT_MAX) if math.isfinite(value) else None


def cast_number_to_long(value: float) -> int | None:
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


def like_matcher(
    pattern: str, escape: str = "\\", ignore_case: bool = False
) -> Callable[[str], re.Match[str] | None]:
    """A function that tells whether the whole of a text matches a LIKE pattern; ``escape`` is
    one character or empty."""
    parts: list[str] = []
    characters = iter(pattern)
    for character in characters:
        if character == escape:
            parts.append(re.escape(next(characters, escape)))
        elif character == "%":
            if parts[-1:] != [".*"]:
                parts.append(".*")
        else:
            parts.append("." if character == "_" else re.escape(character))
    flags = re.DOTALL | re.IGNORECASE if ignore_case else re.DOTALL
    return re.compile("".join(parts), flags).fullmatch


_cached_matcher = lru_cache(maxsize=256)(like_matcher)


def like(text: str, pattern: str, escape: str, ignore_case: bool) -> bool:
    """``text LIKE pattern`` for a pattern that is not a constant."""
    return _cached_matcher(pattern, escape, ignore_case)(text) is not None


def between(value: Any, low: Any, high: Any) -> bool | None:
    """``value BETWEEN low AND high`` where a bound may be ``None``."""
    if (low is not None and not value >= low) or (high is not None and not value <= high):
        return False
    return None if low is None or high is None else True


def in_list(value: Any, items: Iterable[Any]) -> bool | None:
    """``value IN (items)`` where an item may be ``None``."""
    unknown = False
    for item in items:
        if item is None:
            unknown = True
        elif item == value:
            return True
    return None if unknown else False


def storing(column: str, data_type: str, digits: Digits | None) -> Callable[[Any], Decimal]:
    """Makes the function that turns a number into the value of a DECIMAL column.

    It fails the row where the number is too large for the column.
    """
    fit = fitting(digits)

    def store(value: Any) -> Decimal:
        number = value if isinstance(value, Decimal) else decimal_of(value)
        fitted = None if number is None else fit(number)
        if fitted is None:
            fail_out_of_range(value, column, data_type)
        return fitted

    return store


def fail_out_of_range(value: Any, column: str, data_type: str) -> NoReturn:
    raise RowError(f"{value} is out of the range of {data_type} in column '{column}'")


def fail_null(column: str) -> NoReturn:
    raise RowError(f"NULL in column '{column}', which is NOT NULL")


def result_of(function: str, returns: DataType) -> Callable[[object], object]:
    """Makes the check for what a user's function gave, when it is not exactly its type."""
    wanted: Any = returns.python_type

    def convert(value: object) -> object:
        if value is None or type(value) is wanted:
            return value
        if wanted is object:
            return _nested(value)
        if wanted is Decimal and isinstance(value, int) and not isinstance(value, bool):
            return Decimal(value)
        if wanted is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if isinstance(value, wanted) and not (wanted is int and isinstance(value, bool)):
            return wanted(value)
        raise RowError(
            f"function {function}() returned {type(value).__name__}, declared was {returns}"
        )

    def _nested(value: object) -> object:
        try:
            return copied(value)
        except ValueError as error:
            raise RowError(f"function {function}() returned no OBJECT: {error}") from None

    return convert
