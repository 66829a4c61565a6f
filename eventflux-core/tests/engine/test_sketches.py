"""Approximate aggregates: near the exact, the same after a restart, refused where rows leave."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventflux.base.errors import EventFluxError
from eventflux.testing import AppRunner

pytest.importorskip("datasketches")

from eventflux.operators.aggregates.sketches import DistinctSketch, PercentileSketch

_QUERY = (
    "CREATE STREAM S (v INT, x DOUBLE, t STRING); INSERT INTO T SELECT "
    "approx_count_distinct(v) AS n, approx_count_distinct(t) AS m, approx_percentile(x, 0.9) AS p "
    "FROM S"
)
floats = st.lists(st.floats(width=32), max_size=300)


def test_estimates_are_near() -> None:
    with AppRunner(f"{_QUERY} WINDOW('lengthBatch', 20000)", ["T"]) as runner:
        runner.send_many("S", [(v % 5000, float(v), str(v % 3000)) for v in range(20_000)])
        ((n, m, p),) = runner.rows("T")
    assert n == pytest.approx(5000, rel=0.05)
    assert m == pytest.approx(3000, rel=0.05)
    assert p == pytest.approx(18_000, rel=0.02)


def test_few_values_are_counted_exactly_the_empty_text_among_them() -> None:
    with AppRunner(_QUERY, ["T"]) as runner:
        runner.send_many("S", [(1, None, ""), (1, 2.0, "a"), (None, 2.0, ""), (2, 2.0, None)])
        assert runner.rows("T") == [(1, 1, None), (1, 2, 2.0), (1, 2, 2.0), (2, 2, 2.0)]


def test_integers_beyond_64_bits_are_told_apart() -> None:
    sketch = DistinctSketch()
    for value in (2**70, 2**70 + 1, -(2**70), 2**70):
        sketch.add(value)
    assert sketch.estimate() == 3


@given(floats, st.data())
@settings(max_examples=50, deadline=None)
def test_a_restart_is_invisible_and_so_is_looking(
    values: Sequence[float], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(values)))
    kept, looked_at = PercentileSketch(), PercentileSketch()
    counted, recounted = DistinctSketch(), DistinctSketch()
    for place, value in enumerate(values):
        if place == cut:
            looked_at = PercentileSketch.load(looked_at.dump())
            recounted = DistinctSketch.load(recounted.dump())
        for sketch in (kept, looked_at):
            sketch.add(value)
        for distinct in (counted, recounted):
            distinct.add(value)
        looked_at.quantile(0.5)
        assert recounted.estimate() == counted.estimate()
    for fraction in (0.0, 0.1, 0.5, 0.99, 1.0):
        assert repr(looked_at.quantile(fraction)) == repr(kept.quantile(fraction))


@given(floats, floats)
@settings(max_examples=50, deadline=None)
def test_two_merged_are_about_all_at_once(some: Sequence[float], others: Sequence[float]) -> None:
    one, other, both = DistinctSketch(), DistinctSketch(), DistinctSketch()
    low, high = PercentileSketch(), PercentileSketch()
    for value in some:
        one.add(value)
        both.add(value)
        low.add(value)
    for value in others:
        other.add(value)
        both.add(value)
        high.add(value)
    one.merge(other)
    low.merge(high)
    assert one.estimate() == pytest.approx(both.estimate(), rel=0.05, abs=1)
    present = [value for value in (*some, *others) if value == value]
    assert low.quantile(0.0) == (min(present) if present else None)
    assert low.quantile(1.0) == (max(present) if present else None)


@pytest.mark.parametrize(
    ("call", "instead"),
    [
        ("approx_count_distinct(v)", r"count\(DISTINCT x\)"),
        ("approx_percentile(x, 0.5)", r"percentile_cont\(x, 0.5\)"),
    ],
)
def test_over_a_sliding_window_they_are_refused(call: str, instead: str) -> None:
    query = f"INSERT INTO T SELECT {call} AS a FROM S WINDOW('length', 5)"
    with pytest.raises(EventFluxError, match=f"can't forget the values.*(\n.*)*{instead}"):
        AppRunner(f"CREATE STREAM S (v INT, x DOUBLE); {query}", ["T"])


def test_firstunique_without_a_time_to_live_forgets_nothing() -> None:
    with AppRunner(f"{_QUERY} WINDOW('firstUnique', v)", ["T"]) as runner:
        runner.send_many("S", [(1, 1.0, "a"), (1, 5.0, "b"), (2, 3.0, "a")])
        assert [row[:2] for row in runner.rows("T")] == [(1, 1), (2, 1)]


def test_without_the_package_they_are_refused_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("eventflux.planner.binding.aggregates.find_spec", lambda name: None)
    with pytest.raises(EventFluxError, match=r"pip install 'eventflux-core\[sketches\]'"):
        AppRunner(_QUERY, ["T"])
