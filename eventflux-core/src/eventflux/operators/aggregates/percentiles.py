"""Percentiles of values in order; NaN counts as greater than all of them."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from eventflux.base.decimals import EXACT
from eventflux.operators.aggregates.sorted_values import SortedValues


def percentile_cont(
    values: SortedValues, nans: int, fraction: float, falling: bool = False
) -> float | None:
    """The value at ``fraction`` of the way from the least to the greatest, or with ``falling`` the
    other way, between the two nearest where it falls between; ``None`` of no values."""
    last = len(values) + nans - 1
    if last < 0:
        return None
    place = last * fraction
    below = math.floor(place)
    part = place - below
    low = _at(values, last - below if falling else below)
    high = low if not part else _at(values, last - below - 1 if falling else below + 1)
    if low == high:
        return float(low)
    return float(low * (1.0 - part) + high * part)


def percentile_cont_of_decimals(
    values: SortedValues, nans: int, fraction: Decimal, falling: bool = False
) -> Decimal | None:
    """As :func:`percentile_cont`, exact."""
    if not len(values):
        return None
    last = len(values) - 1
    place = EXACT.multiply(Decimal(last), fraction)
    below = int(place)
    low: Decimal = values[last - below if falling else below]
    part = EXACT.subtract(place, Decimal(below))
    if not part:
        return low
    high = values[last - below - 1 if falling else below + 1]
    step = EXACT.multiply(EXACT.subtract(high, low), part)
    return EXACT.add(low, step)


def percentile_disc(values: SortedValues, nans: int, fraction: float, falling: bool = False) -> Any:
    """The least value that at least ``fraction`` of all are not greater than, or with ``falling``
    the greatest that so many are not less than; ``None`` of none."""
    count = len(values) + nans
    if not count:
        return None
    place = max(math.ceil(count * fraction) - 1, 0)
    return _at(values, count - 1 - place if falling else place)


def _at(values: SortedValues, place: int) -> Any:
    return values[place] if place < len(values) else math.nan
