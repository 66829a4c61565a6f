"""Moments as texts: as Python's under the C locale, on every platform and under every locale."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from eventflux.functions.date_texts import reading, writing

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MS = timedelta(milliseconds=1)
READ = "aAwdbBmyYHIMpSfzj"
ONE_OF = ("yY", "HI", "bBm")
"""Of what says the same in several ways, Python takes the last."""
ZONES = (UTC, timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=3, seconds=20)))
PIECES = (*(f"%{letter}" for letter in READ), "%%", " ", "  ", "-", ":", "/", ".", "T", "(")


def by_python(text: str, pattern: str) -> int | None:
    try:
        moment = datetime.strptime(text, pattern)
    except ValueError:
        return None
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - EPOCH) // MS


@given(
    pieces=st.lists(st.sampled_from(PIECES), max_size=8, unique=True).filter(
        lambda pieces: "%" in "".join(pieces)
    ),
    moment=st.datetimes(datetime(1000, 1, 2), datetime(9999, 12, 30)),
    zone=st.sampled_from(ZONES),
    place=st.integers(0, 20),
    junk=st.sampled_from(["", "", " ", "0", "1", "+", ":", "Z"]),
    case=st.sampled_from([str, str.lower, str.upper]),
)
def test_texts_are_written_and_read_as_python_does(
    pieces: list[str],
    moment: datetime,
    zone: timezone,
    place: int,
    junk: str,
    case: Callable[[str], str],
) -> None:
    pattern = "".join(pieces)
    for letters in ONE_OF:
        assume(sum(f"%{letter}" in pieces for letter in letters) < 2)
    ms = (moment.replace(tzinfo=UTC) - EPOCH) // MS
    text = (EPOCH + ms * MS).astimezone(zone).strftime(pattern)
    assert writing(pattern, zone)(ms) == text
    text = case(f"{text[:place]}{junk}{text[place:]}")
    assert reading(pattern)(text) == by_python(text, pattern)


@given(
    moment=st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)),
    pattern=st.sampled_from(
        ["%A %d. %B %Y %I:%M:%S.%f %p", "%a %b %d %H:%M:%S.%f %Y", "%j %Y %T.%f", "%FT%T.%f%z"]
    ),
)
def test_what_is_written_is_read(moment: datetime, pattern: str) -> None:
    ms = (moment.replace(tzinfo=UTC) - EPOCH) // MS
    text = writing(pattern)(ms)
    assert text is not None
    assert reading(pattern)(text) == ms


@pytest.mark.parametrize(
    "offset", ["+0300", "-03:00", "+030020", "-03:00:20", "-03:0020", "+0300:20", "+03:00:20.5"]
)
def test_offsets_have_colons_everywhere_or_nowhere(offset: str) -> None:
    assert reading("%z")(offset) == by_python(offset, "%z")


def test_the_locale_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Elsewhere(datetime):
        def strftime(self, format: str) -> str:
            asked.append(format)
            return super().strftime(format)

    monkeypatch.setattr("eventflux.functions.date_texts._EPOCH", Elsewhere(1970, 1, 1, tzinfo=UTC))
    assert writing("%A %a %B %b %p %H")(0) == "Thursday Thu January Jan AM 00"
    assert asked == ["Thursday Thu January Jan AM %H"]


def test_a_pattern_for_reading_says_each_part_once() -> None:
    with pytest.raises(ValueError, match=r"%Y stands twice in a pattern for reading \('%F %Y'\)"):
        reading("%F %Y")
