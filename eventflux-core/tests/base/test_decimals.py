"""Exact numbers: what fits a column, and what a text is."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventflux.base.decimals import EXACT, decimal_of, decimal_text, fitting, parse_decimal
from eventflux.base.types import Digits

NUMBERS = st.decimals(
    allow_nan=False, allow_infinity=False, places=6, min_value=-999, max_value=999
)


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("1.005", "1.00"), ("1.015", "1.02"), ("-1.005", "-1.00"), ("7", "7.00"), ("1e1", "10.00"),
        ("99.994", "99.99"), ("99.995", None), ("100", None), ("-100", None), ("NaN", None),
        ("Infinity", None), ("sNaN", None), ("0", "0.00"), ("1e-50", "0.00"), ("1e999999", None),
    ],
)  # fmt: skip
def test_values_are_rounded_half_even_or_too_large(value: str, stored: str | None) -> None:
    fitted = fitting(Digits(4, 2))(Decimal(value))
    assert (None if fitted is None else str(fitted)) == stored


@pytest.mark.parametrize(
    ("value", "stored"),
    [("1.5", "1.5"), ("1e3", "1000"), ("1e38", None), ("9e37", "9" + "0" * 37), ("1e-38", "1E-38"),
     ("1e-39", "0E-38")],
)  # fmt: skip
def test_without_digits_there_are_38_before_and_behind_the_point(
    value: str, stored: str | None
) -> None:
    fitted = fitting(None)(Decimal(value))
    assert (None if fitted is None else str(fitted)) == stored


@given(NUMBERS)
def test_what_fits_is_stored_as_it_is_the_second_time(value: Decimal) -> None:
    fit = fitting(Digits(10, 3))
    stored = fit(value)
    assert stored is not None
    assert fit(stored) == stored
    assert abs(stored - value) <= Decimal("0.0005")
    assert stored.as_tuple().exponent == -3


@given(NUMBERS, NUMBERS)
def test_the_context_of_the_program_around_does_not_matter(left: Decimal, right: Decimal) -> None:
    exact = EXACT.add(left, right), EXACT.multiply(left, right)
    with localcontext(prec=2):
        assert (EXACT.add(left, right), EXACT.multiply(left, right)) == exact
        assert fitting(Digits(20, 6))(left) == fitting(Digits(20, 6))(left)
    assert exact[0] == left + right


@pytest.mark.parametrize(
    ("text", "number"),
    [("1.50", "1.50"), (" -7 ", "-7"), ("+.5", "0.5"), ("1e3", "1E+3"), ("", None), ("x", None),
     ("1_000", None), ("NaN", None), ("inf", None), ("\u0661", None), ("1" * 1001, None)],
)  # fmt: skip
def test_text(text: str, number: str | None) -> None:
    parsed = parse_decimal(text)
    assert (None if parsed is None else str(parsed)) == number


def test_a_float_is_its_shortest_text() -> None:
    assert decimal_of(0.1) == Decimal("0.1")
    assert decimal_of(float("nan")) is None
    assert decimal_of(-(2**70)) == Decimal(-(2**70))


@given(NUMBERS)
def test_the_text_of_a_number_is_the_number(value: Decimal) -> None:
    assert "E" not in decimal_text(value)
    assert parse_decimal(decimal_text(value)) == value
