"""Exact numbers: how DECIMAL values are read, computed, stored and written.

The results don't depend on the decimal context of the program around. Sums and products are
exact (up to 1,000 digits), quotients have 28 digits.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal, DecimalException

from eventflux.base.types import MAX_DIGITS, Digits

EXACT = Context(prec=1000, rounding=ROUND_HALF_EVEN)
"""Sums, products and remainders."""
DIVISION = Context(prec=28, rounding=ROUND_HALF_EVEN)
_ANY_DIGITS = Digits(2 * MAX_DIGITS, MAX_DIGITS)
"""What a DECIMAL without digits of its own holds: 38 before the point, and 38 behind."""
_LONGEST_TEXT = 1000


def fitting(digits: Digits | None) -> Callable[[Decimal], Decimal | None]:
    """A function that rounds a value half even to the digits of a column.

    It gives ``None`` for what is too large for the column, NaN and the infinities.
    """
    size = digits or _ANY_DIGITS
    unit, before = Decimal((0, (1,), -size.scale)), size.precision - size.scale
    quantize, any_scale = EXACT.quantize, digits is None

    def fit(value: Decimal) -> Decimal | None:
        if not value.is_finite() or (value and value.adjusted() >= before):
            return None
        if any_scale and value.as_tuple().exponent >= -size.scale:  # type: ignore[operator]
            return value if value.as_tuple().exponent <= 0 else quantize(value, _ONE)  # type: ignore[operator]
        rounded = quantize(value, unit)
        return rounded if not rounded or rounded.adjusted() < before else None

    return fit


_ONE = Decimal(1)


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


def decimal_of(number: int | float) -> Decimal | None:
    """A number as DECIMAL: of a float its shortest text, ``None`` for NaN and infinities."""
    if isinstance(number, int):
        return Decimal(number)
    value = Decimal(repr(number))
    return value if value.is_finite() else None


def decimal_text(value: Decimal) -> str:
    """``value`` in plain notation, without an exponent."""
    return format(value, "f")
