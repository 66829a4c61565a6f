"""Moments and their ISO-8601 text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventflux.base.timestamps import parse_timestamp, timestamp_of, timestamp_text

DAY = 86_400_000


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1970-01-02", DAY),
        ("1970-01-02T00:00", DAY),
        (" 1970-01-02 00:00:00 ", DAY),
        ("1970-01-01T00:00:00.1", 100),
        ("1970-01-01T00:00:00,1239999", 123),
        ("1970-01-01T02:00:00+02:00", 0),
        ("1970-01-01T00:00:00-0130", 5_400_000),
        ("1970-01-01T00:00:00 +00", 0),
        ("1970-01-01t00:00:00z", 0),
        ("2024-02-29T23:59:59.999Z", 1_709_251_199_999),
        ("0001-01-01", -62_135_596_800_000),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ("0001-01-01T00:00:00+01:00", -62_135_600_400_000),
    ],
)
def test_texts(text: str, ms: int) -> None:
    assert parse_timestamp(text) == ms


@pytest.mark.parametrize(
    "text",
    [
        "", "now", "2024", "2024-05", "2024-5-1", "20240501", "2024-13-01", "2023-02-29",
        "2024-05-01T", "2024-05-01T24:00", "2024-05-01T10", "2024-05-01T10:60",
        "2024-05-01T10:00:60",
        "2024-05-01T10:00+25:00", "2024-05-01T10:00 UTC", "2024-05-01Z", "0000-01-01",
        "1714521600000",
        "\u0661970-01-01", "2024-05-01T10:00:00.",
    ],
)  # fmt: skip
def test_texts_that_are_none(text: str) -> None:
    assert parse_timestamp(text) is None


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
def test_the_text_of_a_moment_is_the_moment(ms: int) -> None:
    text = timestamp_text(ms)
    assert text.endswith("Z")
    assert parse_timestamp(text) == ms
    assert timestamp_of(datetime.fromisoformat(text)) == ms


def test_a_moment_that_no_text_can_name_is_its_number() -> None:
    assert timestamp_text(2**62) == str(2**62)


def test_a_datetime_without_zone_is_in_utc() -> None:
    assert timestamp_of(datetime(1970, 1, 2)) == DAY
    assert timestamp_of(datetime(1970, 1, 2, tzinfo=UTC)) == DAY
    east = timezone(timedelta(hours=2))
    assert timestamp_of(datetime(1970, 1, 2, 2, tzinfo=east)) == DAY
