"""OUTPUT … EVERY gives what its model gives: row by row, cut into any calls, restored at any
point, by the app's clock and by a watermark (semantics 9.4)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventflux.testing import AppRunner

from .output_model import Clause, Given, limited, snapshots
from .profile import examples

pytestmark = pytest.mark.usefixtures("programs_read_once")

Event = tuple[int, str, int]
"""Time, key, value."""

ENDS = 2_000
BY_CLOCK = "CREATE STREAM S (ts LONG, k STRING, v INT);"
BY_WATERMARK = "CREATE STREAM S (ts LONG NOT NULL, k STRING, v INT, WATERMARK FOR ts AS ts - 40);"
LAG = 40
MODES = st.sampled_from(["ALL", "FIRST", "LAST"])
SIZES = st.sampled_from([1, 2, 3, 5])
PERIODS = st.sampled_from([1, 30, 100, 130])
EVENTS = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from("abc"), st.integers(0, 9)), max_size=14
)
"""With the time that passes before each."""


@st.composite
def clauses(draw: st.DrawFn) -> Clause:
    mode, grouped = draw(MODES), draw(st.booleans())
    by_rows = draw(st.booleans())
    at_end = mode == "FIRST" and draw(st.booleans())
    size, period = draw(SIZES), draw(PERIODS)
    return Clause(mode, size if by_rows else None, None if by_rows else period, grouped, at_end)


def in_time(events: Sequence[Event]) -> list[Event]:
    """The events with their own times, one behind the other."""
    found, time = [], 1_000
    for passes, key, value in events:
        time += passes
        found.append((time, key, value))
    return found


def late_by(events: Sequence[Event]) -> list[Event]:
    """The same in an order that is not that of time, but for what every third is late."""
    return [
        (time - (35 if n % 3 == 2 else 70 if n % 5 == 4 else 0), key, value)
        for n, (time, key, value) in enumerate(in_time(events))
    ]


def query(grouped: bool, rate: str, having: str = "") -> str:
    if grouped:
        return f"INSERT INTO T SELECT ts, sum(v) AS s FROM S GROUP BY k {having} {rate};"
    return f"INSERT INTO T SELECT ts, v FROM S {rate};"


def rows_of(events: Sequence[Event], grouped: bool, watermark: bool) -> list[Given]:
    """What the query gives: each row, with the sum of its group so far where it groups."""
    sums: dict[str, int] = {}
    found: list[Given] = []
    mark = -(2**63)
    for time, key, value in events:
        sums[key] = sums.get(key, 0) + value
        row = (time, sums[key] if grouped else value)
        if watermark:
            moved = max(mark, time - LAG)
        else:
            mark = moved = time
        found.append(Given(len(found), row, key, time, mark, moved))
        mark = moved
    return found


class Run:
    """An app whose rows are looked at after each event."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.runner = AppRunner(sql, outputs=["T"])
        self.before: list[tuple[int, tuple[object, ...]]] = []
        self.count = 0
        self.seen = 0

    def send(self, event: Event, by_clock: bool) -> None:
        if by_clock:  # what is due before the row comes out before it
            self.runner.advance_to(event[0])
            self.collect()
        self.count += 1
        self.runner.send("S", event, event[0] if by_clock else None)
        self.collect()

    def collect(self) -> None:
        rows = self.runner.rows("T")
        self.before += [(self.count, row) for row in rows[self.seen :]]
        self.seen = len(rows)

    def restart(self) -> None:
        revision = self.runner.persist()
        self.runner.close()
        self.runner, self.seen = AppRunner(self.sql, outputs=["T"]), 0
        self.runner.restore(revision)

    def stop(self) -> None:
        self.runner.stop()
        self.collect()


def played(
    sql: str, events: Sequence[Event], by_clock: bool, *, stops: bool, cut: int | None = None
) -> list[tuple[int, tuple[object, ...]]]:
    run = Run(sql)
    for number, event in enumerate(events):
        if number == cut:
            run.restart()
        run.send(event, by_clock)
    if by_clock and events:
        run.runner.advance_to(ENDS)
        run.collect()
    if stops:
        run.stop()
    found = run.before
    run.runner.close()
    return found


def reached(rows: Sequence[Given], by_clock: bool) -> int:
    """Where time has come to behind all rows."""
    if by_clock:
        return ENDS
    return rows[-1].moved if rows else 0


@examples(150)
@given(EVENTS, clauses(), st.booleans())
def test_by_the_clock(events: list[Event], clause: Clause, stops: bool) -> None:
    events = in_time(events)
    rows = rows_of(events, clause.grouped, watermark=False)
    sql = BY_CLOCK + query(clause.grouped, clause.sql)
    assert played(sql, events, True, stops=stops) == limited(clause, rows, ENDS, stops=stops)


@examples(150)
@given(EVENTS, clauses(), st.booleans())
def test_by_a_watermark(events: list[Event], clause: Clause, stops: bool) -> None:
    events = late_by(events)
    rows = rows_of(events, clause.grouped, watermark=True)
    sql = BY_WATERMARK + query(clause.grouped, clause.sql)
    expected = limited(clause, rows, reached(rows, False), stops=stops)
    assert played(sql, events, False, stops=stops) == expected


@examples(100)
@given(EVENTS, clauses(), st.booleans(), st.integers(0, 13))
def test_a_restart_does_not_show(
    events: list[Event], clause: Clause, by_clock: bool, cut: int
) -> None:
    events = in_time(events) if by_clock else late_by(events)
    rows = rows_of(events, clause.grouped, watermark=not by_clock)
    sql = (BY_CLOCK if by_clock else BY_WATERMARK) + query(clause.grouped, clause.sql)
    expected = limited(clause, rows, reached(rows, by_clock), stops=True)
    assert played(sql, events, by_clock, stops=True, cut=cut) == expected


@examples(60)
@given(EVENTS, clauses(), st.booleans(), st.integers(1, 14))
def test_how_rows_are_sent_does_not_show(
    events: list[Event], clause: Clause, by_clock: bool, size: int
) -> None:
    events = in_time(events) if by_clock else late_by(events)
    sql = (BY_CLOCK if by_clock else BY_WATERMARK) + query(clause.grouped, clause.sql)
    with AppRunner(sql, outputs=["T"]) as runner:
        for start in range(0, len(events), size):
            sent = events[start : start + size]
            times = [event[0] for event in sent] if by_clock else None
            runner.send_many("S", sent, times)
        if by_clock and events:
            runner.advance_to(ENDS)
        runner.stop()
        rows = runner.rows("T")
    assert rows == [row for _, row in played(sql, events, by_clock, stops=True)]


@examples(100)
@given(EVENTS, PERIODS, st.booleans(), st.booleans(), st.none() | st.integers(0, 13))
def test_snapshots(
    events: list[Event], every: int, grouped: bool, by_clock: bool, cut: int | None
) -> None:
    events = in_time(events) if by_clock else late_by(events)
    rows = rows_of(events, grouped, watermark=not by_clock)
    sql = (BY_CLOCK if by_clock else BY_WATERMARK) + query(
        grouped, f"OUTPUT SNAPSHOT EVERY {every} MILLISECONDS"
    )
    expected = snapshots(every, rows, grouped, reached(rows, by_clock))
    assert played(sql, events, by_clock, stops=True, cut=cut) == expected


def test_a_period_may_end_at_the_epoch() -> None:
    events = [(time, "a", time) for time in (-30, -29, 0, 70)]
    clause = Clause("ALL", None, 30, grouped=False)
    rows = rows_of(events, clause.grouped, watermark=True)
    expected = limited(clause, rows, reached(rows, False), stops=False)
    assert played(BY_WATERMARK + query(False, clause.sql), events, False, stops=False) == expected
    assert [row for _, row in expected] == [(-30, -30), (-29, -29), (0, 0)]
