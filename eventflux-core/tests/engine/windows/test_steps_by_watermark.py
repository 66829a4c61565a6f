"""Under watermarks how rows are cut into steps does not show: they move after each row (9.0)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ..harness import Logged, SteppedClock, compiled
from ..profile import examples

Row: TypeAlias = tuple[int | None, str | None, int]
ClockOf: TypeAlias = Literal["the wall", "event times", "timestamps"]
"""What moves the clock: itself, or rows by their event times or by timestamps beside them."""

_APP = """
CREATE STREAM A (ts LONG, k STRING, v INT, WATERMARK FOR ts AS ts - 20)
    WITH (watermark.idle = '100 ms', watermark.lateness = '{lateness} ms',
          watermark.max-future = '400 ms', watermark.future = '{future}');
CREATE STREAM B (ts LONG, k STRING, v INT, WATERMARK FOR ts AS CASE WHEN v > 0 THEN ts END)
    WITH (watermark.idle = '100 ms', watermark.max-future = '400 ms');
INSERT INTO Short SELECT k, sum(v) AS s{bounds} FROM A WINDOW({window}) GROUP BY k;
INSERT INTO M SELECT ts, k, 12 / v AS v FROM A WHERE v < 6;
INSERT INTO M SELECT ts, k, v FROM B;
INSERT INTO Held SELECT ts, k, v FROM M WINDOW('tumbling', 50);
INSERT INTO Again SELECT count(*) AS n, window_end() AS until FROM Held WINDOW('tumbling', 100);
INSERT INTO Recent SELECT k, count(*) AS n, sum(v) AS s FROM M WINDOW('time', 30) GROUP BY k;
INSERT INTO Later SELECT ts, k FROM M WINDOW('delay', 40);
INSERT INTO LateA SELECT ts, k, late_query, late_watermark FROM "A.late";
INSERT INTO LateM SELECT ts, k, late_query, late_watermark FROM "M.late";
INSERT INTO LateOfLate SELECT count(*) AS n FROM "Held.late";
"""
WINDOWS = ["'tumbling', 30", "'hop', 100, 30", "'session', 20, k", "'time', 40", "'delay', 30"]


@dataclass(frozen=True)
class Event:
    """Rows of one stream that come together, some time after those before."""

    after: int
    stream: str
    rows: tuple[Row, ...]


@st.composite
def stories(draw: st.DrawFn) -> list[Event]:
    row = st.tuples(
        st.one_of(st.integers(0, 600), st.none()),
        st.sampled_from(["a", "b", None]),
        st.integers(-2, 9),
    )
    event = st.builds(
        Event,
        st.sampled_from([0, 0, 10, 60, 150]),
        st.sampled_from("AB"),
        st.lists(row, min_size=1, max_size=8).map(tuple),
    )
    return draw(st.lists(event, max_size=8))


def outcome(
    sql: str, story: list[Event], sizes: list[int], *, by: ClockOf, batches: bool = False
) -> tuple[list[Logged], object]:
    """What all streams get, in order, and the counters; rows in steps of ``sizes`` in turn, or
    with ``batches`` in logical batches of them."""
    clock = SteppedClock(0) if by == "the wall" else None
    app = compiled(sql, clock=clock)
    turn = now = 0
    for event in story:
        now += event.after
        if clock is not None:
            clock.now = now
            app.advance(now)
        time = now if by == "timestamps" else None
        rows = list(event.rows)
        while rows:
            some = rows[: sizes[turn % len(sizes)]]
            if batches:
                app.send_batch(event.stream, some, time)
            else:
                app.send(event.stream, some, None if time is None else [time] * len(some))
            rows = rows[len(some) :]
            turn += 1
    app.program.flush()
    return app.take()[0], (app.counters(), app.failures)


@pytest.mark.parametrize("by", get_args(ClockOf))
@pytest.mark.parametrize("window", WINDOWS)
@given(
    story=stories(),
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=5),
    lateness=st.sampled_from([0, 30]),
    future=st.sampled_from(["process", "error"]),
)
@examples(15)
def test_steps_do_not_show(
    window: str, by: ClockOf, story: list[Event], sizes: list[int], lateness: int, future: str
) -> None:
    bounds = "" if window.startswith(("'time'", "'delay'")) else ", window_end() AS until"
    sql = _APP.format(window=window, bounds=bounds, lateness=lateness, future=future)
    whole = outcome(sql, story, [100], by=by)
    assert outcome(sql, story, [1], by=by) == whole
    assert outcome(sql, story, sizes, by=by) == whole
    assert outcome(sql, story, [1], by=by, batches=True) == whole
