"""Sums, moments and extremes of floats that slide through a window, against exact arithmetic.

The values come in stretches that are hard in different ways: trends, spikes, levels that shift,
values that die away, that are all the same, that are no numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ..harness import Compiled, compiled
from ..profile import examples

ITEMS = (
    "count(v) AS n, sum(v) AS s, avg(v) AS a, min(v) AS lo, max(v) AS hi, "
    "var_pop(v) AS vp, stddev_samp(v) AS sd, last(v) AS la"
)
WINDOWS = {
    "WINDOW('length', 1)": 1,
    "WINDOW('length', 4)": 4,
    "WINDOW('length', 24)": 24,
    "WINDOW('timeLength', 40, 50)": 40,
}
"""And how many rows each holds: one comes a millisecond."""
SPECIAL = [math.nan, math.inf, -math.inf, 1e300, -1e300, 1e-300, 5e-324, 0.0, -0.0, 2.0**399]


def stretch(kind: str, count: int, scale: float, level: float, seed: int) -> list[float]:
    """``count`` values of one kind."""
    draw = Random(seed)
    match kind:
        case "noise":
            return [level + scale * draw.uniform(-1, 1) for _ in range(count)]
        case "prices":
            return [round(draw.uniform(1, 1000), 2) for _ in range(count)]
        case "rising":
            return [level + scale * (i + draw.random()) for i in range(count)]
        case "falling":
            return [level - scale * (i + draw.random()) for i in range(count)]
        case "same":
            return [level] * count
        case "dying":
            return [level + scale * (-0.8) ** i for i in range(count)]
        case "fading":
            return [scale * draw.random() * 0.7**i for i in range(count)]
        case "spikes":
            return [scale * draw.choice((1.0, 1e9, -1e9)) * draw.random() for _ in range(count)]
        case "few":
            return [scale * draw.choice((-1.0, 0.0, 1.0)) for _ in range(count)]
        case _:
            return [draw.choice(SPECIAL) for _ in range(min(count, 3))]


KINDS = (
    "noise", "prices", "rising", "falling", "same", "dying", "fading", "spikes", "few",
    "special",
)  # fmt: skip
stretches = st.builds(
    stretch,
    st.sampled_from(KINDS),
    st.integers(1, 90),
    st.sampled_from([1e-6, 0.3, 1.0, 7e5]),
    st.sampled_from([0.0, -3.7, 1e3, 1e9]),
    st.integers(0, 999),
)
series = st.lists(stretches, min_size=1, max_size=4).map(
    lambda parts: [value for part in parts for value in part]
)


def app(window: str, extra: str = "", column: str = "DOUBLE NOT NULL") -> Compiled:
    return compiled(
        f"CREATE STREAM S (v {column}); INSERT INTO T SELECT {ITEMS}{extra} FROM S {window};"
    )


def fed(
    engine: Compiled, values: Sequence[float | None], first: int = 0
) -> list[tuple[float, ...]]:
    """What each value gives; one comes a millisecond."""
    engine.send("S", [(value,) for value in values], range(first, first + len(values)))
    return [row for stream, row in engine.take()[0] if stream == "T"]


def exact(values: Sequence[float]) -> Fraction:
    return sum(map(Fraction, values), Fraction(0))


def assert_right(row: Sequence[float], window: Sequence[float]) -> None:
    count, total, mean, low, high, variance, deviation, last = row
    assert count == len(window)
    assert repr(last) == repr(window[-1])
    ordered = [value for value in window if value == value]
    assert [low, high] == [min(ordered), max(ordered)] if ordered else low != low and high != high
    finite = all(map(math.isfinite, window))
    if not finite:
        assert repr(total) == repr(sum(window))
        assert variance != variance
        return
    size = float(sum(map(abs, map(Fraction, window))))
    mid = exact(window) / count
    assert total == pytest.approx(float(mid * count), rel=1e-12, abs=1e-11 * size)
    assert mean == total / count
    try:
        spread = float(sum((Fraction(value) - mid) ** 2 for value in window) / count)
    except OverflowError:
        spread = math.inf
    assert variance == pytest.approx(spread, rel=1e-7, abs=1e-25 * size * size)
    if variance == variance < 1e290:
        of_sample = None if count == 1 else math.sqrt(variance * count / (count - 1))
        assert deviation == (None if of_sample is None else pytest.approx(of_sample, rel=1e-9))


@pytest.mark.parametrize("window", WINDOWS)
@given(values=series)
@examples(60)
def test_they_are_right_however_hard_the_values(window: str, values: list[float]) -> None:
    rows = WINDOWS[window]
    for number, row in enumerate(fed(app(window), values), 1):
        assert_right(row, values[max(0, number - rows) : number])


@pytest.mark.parametrize("window", WINDOWS)
@given(values=series)
@examples(60)
def test_sums_are_right_without_moments_beside_them(window: str, values: list[float]) -> None:
    engine = compiled(
        "CREATE STREAM S (v DOUBLE NOT NULL); "
        f"INSERT INTO T SELECT sum(v) AS s, min(v) AS lo, max(v) AS hi FROM S {window};"
    )
    for number, (total, low, high) in enumerate(fed(engine, values), 1):
        held = values[max(0, number - WINDOWS[window]) : number]
        if all(map(math.isfinite, held)):
            size = float(sum(map(abs, map(Fraction, held))))
            assert total == pytest.approx(float(exact(held)), rel=1e-12, abs=1e-11 * size)
            assert [low, high] == [min(held), max(held)]


@pytest.mark.parametrize("window", WINDOWS)
@given(values=series, data=st.data())
@examples(30)
def test_nothing_shows_a_restart_or_that_state_is_tracked(
    window: str, values: list[float], data: st.DataObject
) -> None:
    expected = fed(app(window), values)
    cut = data.draw(st.integers(0, len(values)))
    engine, other = app(window), app(window)
    before = fed(engine, values[:cut])
    other.restore(engine.saved())
    assert repr(before + fed(engine, values[cut:], cut)) == repr(expected)
    assert repr(before + fed(other, values[cut:], cut)) == repr(expected)
    again = app(window)
    again.restore(other.saved())
    rest = values[: len(values) // 2]
    assert repr(fed(again, rest, len(values))) == repr(fed(other, rest, len(values)))


@pytest.mark.parametrize("window", WINDOWS)
@given(values=series, nulls=st.lists(st.booleans(), min_size=8, max_size=8))
@examples(30)
def test_null_is_no_value(window: str, values: list[float], nulls: list[bool]) -> None:
    rows = WINDOWS[window]
    given_: list[float | None] = [
        None if nulls[number % 8] else value for number, value in enumerate(values)
    ]
    for number, row in enumerate(fed(app(window, column="DOUBLE"), given_), 1):
        known = [v for v in given_[max(0, number - rows) : number] if v is not None]
        if known:
            assert_right(row, known)
        else:
            assert row == (0, *[None] * 7)


@given(values=series)
@examples(30)
def test_an_empty_group_that_stays_begins_anew(values: list[float]) -> None:
    window = "WINDOW TIME(5 ms)"
    engine = app(window, ", min_forever(v) AS ever")
    start = 0
    for at in range(0, len(values), 7):
        piece = values[at : at + 7]
        for number, row in enumerate(fed(engine, piece, start), 1):
            assert_right(row[:-1], piece[max(0, number - 5) : number])
        start += 20
