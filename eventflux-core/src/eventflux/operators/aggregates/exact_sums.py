"""Sums of floats that are exact, whatever is added and taken back in whatever order.

A float is a whole number of units of 2**-80, but for tiny ones, and Python's integers are of
any size: the sum of such numbers is an integer, and so is that of their squares. Nothing is
rounded before a result is read, so nothing drifts, and nothing stays wrong after a huge value
left. Generated code adds the usual numbers itself::

    if SMALL <= value < LARGE or -LARGE < value <= -SMALL or value == 0:
        i = int(value * UNITS)
        units += i
        squares += i * i
    else:
        odd = odd_with(odd, value)

All others are *odd*: tiny, huge, NaN and the infinities. They are kept apart, exactly too.
"""

from __future__ import annotations

import math
from decimal import Decimal
from math import sqrt

from eventflux.base.decimals import DIVISION, EXACT

UNITS = 2.0**80
SMALL = 2.0**-27
"""From here on each float is a whole number of units, having 53 bits."""
LARGE = 2.0**400
"""Below it neither a mean of values in units nor one of their squares is beyond a float."""
_FINEST = 1074
"""Every float is a whole number of units of 2**-1074."""
_SHIFT = _FINEST - 80

Odd = tuple[int, int, int, int, int]
"""The sum of odd finite values in units of 2**-1074, that of their squares in units of 2**-2148,
and how many are NaN, infinite, and infinite below zero."""
_NONE: Odd = (0, 0, 0, 0, 0)


def is_usual(value: float) -> bool:
    """Whether a value is a whole number of units, and not huge."""
    return SMALL <= value < LARGE or -LARGE < value <= -SMALL or value == 0


def odd_with(odd: Odd | None, value: float) -> Odd | None:
    """``odd`` with one value more; ``None`` where there are none."""
    return _changed(odd, value, 1)


def odd_without(odd: Odd | None, value: float) -> Odd | None:
    """``odd`` with one value taken back."""
    return _changed(odd, value, -1)


def odd_merged(odd: Odd | None, other: Odd | None) -> Odd | None:
    """The odd values of both."""
    if odd is None or other is None:
        return other if odd is None else odd
    return _kept([mine + theirs for mine, theirs in zip(odd, other, strict=True)])


def total(units: int, odd: Odd | None) -> float:
    """The sum, rounded once."""
    if odd is None:
        return units / UNITS
    rest, _, nans, ups, downs = odd
    if nans or (ups and downs):
        return math.nan
    if ups or downs:
        return math.inf if ups else -math.inf
    exact = (units << _SHIFT) + rest
    return _quotient(exact, 1 << _FINEST)


def variance(count: int, units: int, squares: int, odd: Odd | None, less: int) -> float | None:
    """The variance of ``count`` values; ``less`` is 1 of a sample, else 0.

    NULL of no values, and of a single one in a sample.
    """
    if count <= less:
        return None
    if odd is None:
        if count == 1:
            return 0.0
        spread = count * squares - units * units
        return spread / (count * (count - less)) / UNITS / UNITS
    rest, rest_of_squares, nans, ups, downs = odd
    if nans or ups or downs:
        return math.nan
    exact = (units << _SHIFT) + rest
    exact_squares = (squares << 2 * _SHIFT) + rest_of_squares
    spread = count * exact_squares - exact * exact
    return _quotient(spread, count * (count - less) << 2 * _FINEST)


def deviation(count: int, units: int, squares: int, odd: Odd | None, less: int) -> float | None:
    """The standard deviation, as :func:`variance`."""
    if odd is None and count > 1:
        spread = count * squares - units * units
        return sqrt(spread / (count * (count - less))) / UNITS
    found = variance(count, units, squares, odd, less)
    return None if found is None else sqrt(found)


def whole_variance(count: int, total: int, squares: int, less: int) -> float | None:
    """The variance of integers, as :func:`variance`."""
    if count <= less:
        return None
    return _quotient(count * squares - total * total, count * (count - less))


def whole_deviation(count: int, total: int, squares: int, less: int) -> float | None:
    """The standard deviation of integers, as :func:`variance`."""
    found = whole_variance(count, total, squares, less)
    return None if found is None else sqrt(found)


def decimal_variance(count: int, total: Decimal, squares: Decimal, less: int) -> float | None:
    """The variance of DECIMALs, as :func:`variance`."""
    if count <= less:
        return None
    spread = EXACT.subtract(EXACT.multiply(count, squares), EXACT.multiply(total, total))
    return float(DIVISION.divide(spread, count * (count - less)))


def decimal_deviation(count: int, total: Decimal, squares: Decimal, less: int) -> float | None:
    """The standard deviation of DECIMALs, as :func:`variance`."""
    found = decimal_variance(count, total, squares, less)
    return None if found is None else sqrt(found)


def _changed(odd: Odd | None, value: float, by: int) -> Odd | None:
    rest, squares, nans, ups, downs = odd or _NONE
    if value != value:
        nans += by
    elif math.isinf(value):
        ups, downs = (ups + by, downs) if value > 0 else (ups, downs + by)
    else:
        numerator, denominator = value.as_integer_ratio()
        shift = _FINEST + 1 - denominator.bit_length()
        rest += by * numerator << shift
        squares += by * numerator * numerator << 2 * shift
    return _kept([rest, squares, nans, ups, downs])


def _kept(odd: list[int]) -> Odd | None:
    rest, squares, nans, ups, downs = odd
    return (rest, squares, nans, ups, downs) if any(odd) else None


def _quotient(numerator: int, denominator: int) -> float:
    try:
        return numerator / denominator
    except OverflowError:
        return math.inf if numerator > 0 else -math.inf
