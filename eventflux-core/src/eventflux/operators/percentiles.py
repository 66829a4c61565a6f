"""Percentiles of values in order; NaN counts as greater than all of them."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from eventflux.base.decimals import EXACT
from eventflux.operators.sorted_values import SortedValues


def percentile_cont(values: SortedValues, nans: int, fraction: float) -> float | None:
    """The value at ``fraction`` of the way from the least to the greatest, between the two
    nearest where it falls between; ``None`` of no values."""
    place = (len(values) + nans - 1) * fraction
    if place < 0:
        return None
    below = math.floor(place)
    part = place - below
    low = _at(values, below)
    if not part:
        return float(low)
    return float(low * (1.0 - part) + _at(values, below + 1) * part)


def percentile_cont_of_decimals(
    values: SortedValues, nans: int, fraction: Decimal
) -> Decimal | None:
    """As :func:`percentile_cont`, exact."""
    if not len(values):
        return None
    place = EXACT.multiply(Decimal(len(values) - 1), fraction)
    below = int(place)
    low: Decimal = values[below]
    part = EXACT.subtract(place, Decimal(below))
    if not part:
        return low
    step = EXACT.multiply(EXACT.subtract(values[below + 1], low), part)
    return EXACT.add(low, step)


def percentile_disc(values: SortedValues, nans: int, fraction: float) -> Any:
    """The least value that at least ``fraction`` of all are not greater than; ``None`` of none."""
    count = len(values) + nans
    if not count:
        return None
    return _at(values, max(math.ceil(count * fraction) - 1, 0))


def _at(values: SortedValues, place: int) -> Any:
    return values[place] if place < len(values) else math.nan
