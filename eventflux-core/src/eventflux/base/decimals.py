"""Exact numbers: how DECIMAL values are read, computed, stored and written.

The results don't depend on the decimal context of the program around. Sums and products are
exact (up to 1,000 digits), quotients have 28 digits.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal, DecimalException
from typing import Any

from eventflux.base.types import MAX_DIGITS, Digits

EXACT = Context(prec=1000, rounding=ROUND_HALF_EVEN)
"""Sums, products and remainders."""
DIVISION = Context(prec=28, rounding=ROUND_HALF_EVEN)
_ANY_DIGITS = Digits(2 * MAX_DIGITS, MAX_DIGITS)
"""What a DECIMAL without digits of its own holds: 38 before the point, and 38 behind."""
_PLAIN_EXPONENTS = range(-_ANY_DIGITS.scale, 1)
_LONGEST_TEXT = 1000
_ONE = Decimal(1)


def fitting(digits: Digits | None) -> Callable[[Decimal], Decimal | None]:
    """A function that rounds a value half even to the digits of a column.

    It gives ``None`` for what is too large for the column, NaN and the infinities.
    """
    size = digits or _ANY_DIGITS
    unit, before = _ONE.scaleb(-size.scale), size.precision - size.scale
    quantize = EXACT.quantize

    def fit(value: Decimal) -> Decimal | None:
        if not value.is_finite() or (value and value.adjusted() >= before):
            return None
        rounded = quantize(value, unit)
        return rounded if not rounded or rounded.adjusted() < before else None

    def fit_as_it_is(value: Decimal) -> Decimal | None:
        exponent: Any = value.as_tuple().exponent  # a text, of what is not finite
        if exponent not in _PLAIN_EXPONENTS:
            fitted = fit(value)
            return quantize(fitted, _ONE) if fitted is not None and exponent > 0 else fitted
        return value if not value or value.adjusted() < before else None

    return fit_as_it_is if digits is None else fit


def parse_decimal(text: str) -> Decimal | None:
    """The exact number that ``text`` is, ``None`` if it is none; spaces around it are allowed."""
    text = text.strip()
    if len(text) > _LONGEST_TEXT or not text.isascii() or "_" in text:
        return None
    try:
        value = Decimal(text)
    except DecimalException:
        return None
    return value if value.is_finite() else None


def written_decimal(text: str) -> Decimal:
    """A number of a program, exactly; one whose exponent nothing can hold is infinite, or 0."""
    try:
        return Decimal(text)
    except DecimalException:
        return Decimal(float(text))


def decimal_of(number: int | float) -> Decimal | None:
    """A number as DECIMAL: of a float its shortest text, ``None`` for NaN and infinities."""
    if isinstance(number, int):
        return Decimal(number)
    value = Decimal(repr(number))
    return value if value.is_finite() else None


def decimal_text(value: Decimal) -> str:
    """``value`` in plain notation, without an exponent."""
    return format(value, "f")
