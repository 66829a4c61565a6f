"""Inputs under watermarks give the same windows however their rows are mixed (semantics 9.0)."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ..harness import compiled
from ..profile import examples

Row: TypeAlias = tuple[int, str, int]

_APP = """
CREATE STREAM A (ts LONG NOT NULL, k STRING, v INT, WATERMARK FOR ts AS ts - 20);
CREATE STREAM B (ts LONG NOT NULL, k STRING, v INT, WATERMARK FOR ts AS ts);
INSERT INTO M SELECT ts, k, v FROM A;
INSERT INTO M SELECT ts, k, v FROM B;
INSERT INTO T SELECT k, count(*) AS n, sum(v) AS s, window_end() AS until
FROM M WINDOW({window}) GROUP BY k;
INSERT INTO W SELECT sum(s) AS s, count(*) AS n, window_end() AS until
FROM T WINDOW('tumbling', 200);
"""


@st.composite
def inputs(draw: st.DrawFn) -> tuple[list[Row], list[Row]]:
    """Rows in order of time, so that none is late, whatever the other input does."""
    row = st.tuples(st.integers(0, 600), st.sampled_from("ab"), st.integers(-3, 9))
    first, second = (sorted(draw(st.lists(row, max_size=12))) for _ in range(2))
    return first, second


@pytest.mark.parametrize("window", ["'tumbling', 100", "'hop', 100, 30", "'session', 40, k"])
@given(rows=inputs(), data=st.data())
@examples(60)
def test_the_order_between_inputs_does_not_show(
    window: str, rows: tuple[list[Row], list[Row]], data: st.DataObject
) -> None:
    mixed = data.draw(st.permutations("A" * len(rows[0]) + "B" * len(rows[1])))
    one_by_one = outcome(window, rows, ["A"] * len(rows[0]) + ["B"] * len(rows[1]))
    assert outcome(window, rows, mixed) == one_by_one


_FINAL = """
CREATE STREAM A (ts LONG NOT NULL, k STRING, v INT, WATERMARK FOR ts AS ts - 20);
CREATE STREAM B (ts LONG NOT NULL, k STRING, v INT, WATERMARK FOR ts AS ts);
INSERT INTO M SELECT ts, k, v FROM A;
INSERT INTO M SELECT ts, k, v FROM B;
INSERT INTO T SELECT k, v, sum(v) AS s, count(*) AS n FROM M {window} GROUP BY k EMIT FINAL;
"""


@pytest.mark.parametrize("window", ["", "WINDOW TIME(100 ms)", "WINDOW('length', 3)"])
@given(
    times=st.lists(st.integers(0, 600), max_size=16, unique=True).map(sorted),
    sides=st.lists(st.sampled_from("AB"), min_size=16, max_size=16),
    values=st.lists(st.tuples(st.sampled_from("ab"), st.integers(-3, 9)), min_size=16, max_size=16),
    data=st.data(),
)
@examples(60)
def test_final_values_are_those_of_one_input_in_order(
    window: str,
    times: list[int],
    sides: list[str],
    values: list[tuple[str, int]],
    data: st.DataObject,
) -> None:
    rows = {t: (side, (t, *pair)) for t, side, pair in zip(times, sides, values, strict=False)}
    mixed = data.draw(st.permutations([side for side, _ in rows.values()]))
    assert final_values(window, rows, mixed) == final_values(
        window, rows, [side for side, _ in rows.values()]
    )


def final_values(
    window: str, rows: dict[int, tuple[str, Row]], order: list[str]
) -> list[tuple[object, ...]]:
    app = compiled(_FINAL.format(window=window))
    left = {name: iter([row for side, row in rows.values() if side == name]) for name in "AB"}
    for stream in order:
        app.send(stream, [next(left[stream])])
    app.program.flush()
    return [values for group in app.take() for stream, values in group if stream == "T"]


def outcome(
    window: str, rows: tuple[list[Row], list[Row]], order: list[str]
) -> dict[str, list[Counter[Any]]]:
    """What each stream gets of each window, in the order of the windows."""
    app = compiled(_APP.format(window=window))
    left = {"A": iter(rows[0]), "B": iter(rows[1])}
    for stream in order:
        app.send(stream, [next(left[stream])])
    app.program.flush()
    found: dict[str, dict[int, Counter[Any]]] = {
        "T": defaultdict(Counter),
        "W": defaultdict(Counter),
    }
    for group in app.take():
        for stream, values in group:
            if stream in found:
                found[stream][values[-1]][values] += 1
    return {stream: list(by_end.values()) for stream, by_end in found.items()}
