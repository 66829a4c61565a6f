"""Functions on single values that generated code calls; none is ever given a NULL.

Each gives ``None`` where SQL gives NULL (semantics 2.2).
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
from eventflux.base.types import DataType, Digits


def integer_remainder(dividend: int, divisor: int) -> int:
    """``dividend % divisor`` with the sign of the dividend; the divisor is not 0."""
    remainder = abs(dividend) % abs(divisor)
    return -remainder if dividend < 0 else remainder


def float_remainder(dividend: float, divisor: float) -> float:
    """``dividend % divisor`` with the sign of the dividend; the divisor is not 0."""
    return math.nan if math.isinf(dividend) else math.fmod(dividend, divisor)


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


def rows_of(
    function: str, call: Callable[..., Any], returns: DataType, most: int
) -> Callable[..., list[Any]]:
    """Makes what calls a user's function that gives several rows, ``most`` of them at most."""
    convert, wanted = result_of(function, returns), returns.python_type

    def rows(*values: Any) -> list[Any]:
        given = call(*values)
        found: list[Any] = []
        if given is None:
            return found
        if isinstance(given, str | bytes | dict) or not isinstance(given, Iterable):
            raise RowError(
                f"function {function}() returned {type(given).__name__}, declared were several rows"
            )
        for value in given:
            if len(found) == most:
                raise RowError(f"function {function}() gave more than {most:,} rows, its max_rows")
            found.append(value if value.__class__ is wanted else convert(value))
        return found

    return rows


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
