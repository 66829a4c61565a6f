"""Partitions of a source: each has a watermark of its own, and the least counts (semantics 9.0)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventflux.planner import plan_sql

from .harness import Compiled, SteppedClock, compiled
from .profile import examples

SQL = """
CREATE STREAM S (p STRING, ts LONG NOT NULL, v INT, WATERMARK FOR ts AS ts - 10);
INSERT INTO T SELECT count(*) AS n, window_start() AS since FROM S WINDOW('tumbling', 100);
INSERT INTO Late SELECT ts FROM "S.late";
"""


class Partitioned:
    """An app whose source has partitions, at a clock that the test sets."""

    def __init__(self, sql: str = SQL) -> None:
        self.clock = SteppedClock(0)
        self.app = Compiled(plan_sql(sql).plan, clock=self.clock)
        self.send_alone = self.app.send

    def assign(self, *partitions: str) -> None:
        self.app.program.assign("S", partitions)

    def send(self, *rows: tuple[str, int]) -> None:
        """One step of rows that are of the partition which is their first value."""
        made = [self.app.program.row_type("S")(p, ts, 0) for p, ts in rows]
        self.app.program.step("S", made, partitions=[p for p, _ in rows])

    def sleep(self, ms: int) -> None:
        self.clock.now += ms
        self.app.advance(self.clock.now)

    def given(self, stream: str = "T") -> list[tuple[Any, ...]]:
        """The rows of ``stream`` since the last call; those of others are forgotten."""
        return [values for group in self.app.take() for name, values in group if name == stream]


def test_the_least_watermark_of_the_partitions_counts() -> None:
    source = Partitioned()
    source.assign("a", "b")
    source.send(("a", 10), ("a", 250))
    assert source.given() == []
    source.send(("b", 20), ("b", 109))
    assert source.given() == []
    source.send(("b", 110))
    assert source.given() == [(2, 0)]


def test_rows_of_a_slow_partition_are_not_late_for_a_fast_one() -> None:
    source = Partitioned()
    source.assign("a", "b")
    source.send(("a", 1000), ("b", 50), ("b", 30))
    assert source.given("Late") == []
    source.send(("b", 1000), ("b", 60))
    assert source.given("Late") == [(60,)]


def test_a_partition_that_gives_nothing_holds_back_until_it_is_idle() -> None:
    source = Partitioned()
    source.assign("a", "b")
    source.send(("a", 10), ("a", 250))
    source.sleep(59_000)
    source.send(("a", 260))
    assert source.given() == []
    source.sleep(1_000)
    assert source.given() == [(1, 0)]
    source.send(("b", 220))  # not late, and from now on it counts again
    source.send(("a", 500))
    assert source.given() == []
    source.send(("b", 310))
    assert source.given() == [(3, 200)]


def test_all_partitions_idle_hold_none_back() -> None:
    source = Partitioned()
    source.assign("a", "b")
    source.send(("a", 10), ("b", 20), ("a", 250))
    source.sleep(60_000)
    assert source.given() == [(2, 0)]


def test_a_partition_that_is_gone_holds_nothing_back() -> None:
    source = Partitioned()
    source.assign("a", "b")
    source.send(("b", 20), ("a", 250))
    assert source.given() == []
    source.assign("a")
    assert source.given() == [(1, 0)]


def test_a_new_partition_holds_back_but_never_takes_back() -> None:
    source = Partitioned()
    source.assign("a")
    source.send(("a", 10), ("a", 150))
    assert source.given() == [(1, 0)]
    source.assign("a", "b")
    source.send(("b", 120), ("a", 400), ("b", 90))
    assert source.given("Late") == [(90,)]
    source.send(("b", 215))
    assert source.given() == [(2, 100)]


def test_a_new_partition_without_rows_is_idle_after_a_while() -> None:
    source = Partitioned()
    source.assign("a")
    source.send(("a", 10))
    source.assign("a", "b")
    source.send(("a", 150))
    assert source.given() == []
    source.sleep(60_000)
    assert source.given() == [(1, 0)]


def test_the_end_of_the_input_ends_all_partitions() -> None:
    source = Partitioned()
    source.assign("a", "b")
    source.send(("a", 10), ("b", 20))
    source.app.program.end_input("S")
    assert source.given() == [(2, 0)]


def test_rows_of_a_program_are_one_more_part_of_the_stream() -> None:
    source = Partitioned()
    source.send_alone("S", [("", 5, 0)])
    source.assign("a")
    source.send(("a", 10), ("a", 150))
    assert source.given() == [(2, 0)]
    source.send_alone("S", [("", 160, 0)])
    source.send(("a", 400))
    assert source.given() == []
    source.send_alone("S", [("", 211, 0)])
    assert source.given() == [(2, 100)]


def test_the_least_is_taken_over_other_inputs_too() -> None:
    source = Partitioned("""
    CREATE STREAM S (p STRING, ts LONG NOT NULL, v INT, WATERMARK FOR ts AS ts);
    CREATE STREAM Other (ts LONG NOT NULL, WATERMARK FOR ts AS ts);
    INSERT INTO Both SELECT ts FROM S;
    INSERT INTO Both SELECT ts FROM Other;
    INSERT INTO T SELECT count(*) AS n, window_start() AS since FROM Both WINDOW('tumbling', 100);
    INSERT INTO Alone SELECT count(*) AS n FROM S WINDOW('tumbling', 100);
    """)
    source.assign("a", "b")
    source.send(("a", 10), ("b", 150), ("a", 160))
    assert source.given("Alone") == [(1,)]
    source.send_alone("Other", [(120,)])
    assert source.given() == [(1, 0)]


def test_a_row_too_far_ahead_of_the_clock_moves_no_partition() -> None:
    source = Partitioned()
    source.assign("a")
    source.send(("a", 10), ("a", 3_600_001))
    assert source.given() == []
    source.send(("a", 3_600_000))
    assert source.given() == [(1, 0)]


def test_partitions_of_a_stream_that_nothing_waits_for() -> None:
    source = Partitioned("""
    CREATE STREAM S (p STRING, ts LONG NOT NULL, v INT, WATERMARK FOR ts AS ts);
    INSERT INTO T SELECT ts FROM S;
    """)
    source.assign("a", "b")
    source.send(("a", 10), ("b", 20))
    assert source.given() == [(10,), (20,)]


def test_a_stream_without_a_watermark_takes_no_notice_of_partitions() -> None:
    source = Partitioned("""
    CREATE STREAM S (p STRING, ts LONG NOT NULL, v INT);
    INSERT INTO T SELECT ts FROM S;
    """)
    source.assign("a", "b")
    source.send(("a", 10), ("b", 20))
    assert source.given() == [(10,), (20,)]


def test_metadata_columns_stand_before_the_partition() -> None:
    app = compiled("""
    CREATE STREAM S (v INT, ts LONG NOT NULL METADATA FROM 'time', WATERMARK FOR ts AS ts)
        WITH (type = 'source', extension = 'x', format = 'y');
    INSERT INTO T SELECT sum(v) AS s FROM S WINDOW('tumbling', 100);
    """)
    app.program.assign("S", ["a", "b"])
    rows = [app.program.payload_type("S")(v) for v in (1, 2, 4)]
    app.program.step("S", rows, metadata=[[10, 20, 150]], partitions=["a", "b", "a"])
    assert [row for row in app.take()[0] if row[0] == "T"] == []
    app.program.step("S", rows[:1], metadata=[[150]], partitions=["b"])
    assert [row for row in app.take()[0] if row[0] == "T"] == [("T", (3,))]


PARTITIONS = ("a", "b", "c")


def expected_of(rows: Iterable[tuple[str, int]]) -> list[tuple[str, tuple[Any, ...]]]:
    """What T and Late get, by the letter: the watermark moves after each row to the least of what
    the partitions have reached."""
    reached = dict.fromkeys(PARTITIONS, -1000)
    given: list[tuple[str, tuple[Any, ...]]] = []
    counts: dict[int, int] = {}
    watermark = -1000
    for p, ts in rows:
        start = ts - ts % 100
        if watermark >= start + 100:
            given.append(("Late", (ts,)))
        else:
            counts[start] = counts.get(start, 0) + 1
        reached[p] = max(reached[p], ts - 10)
        watermark = min(reached.values())
        for start in sorted(start for start in counts if watermark >= start + 100):
            given.append(("T", (counts.pop(start), start)))
    return given


@given(
    rows=st.lists(st.tuples(st.sampled_from(PARTITIONS), st.integers(0, 600)), max_size=40),
    cuts=st.lists(st.integers(0, 40), max_size=5),
    restarts=st.sets(st.integers(0, 5)),
)
@examples(100)
def test_neither_batches_nor_restarts_show(
    rows: Sequence[tuple[str, int]], cuts: Sequence[int], restarts: set[int]
) -> None:
    source = Partitioned()
    source.assign(*PARTITIONS)
    found: list[tuple[str, tuple[Any, ...]]] = []
    ends = sorted({min(cut, len(rows)) for cut in cuts} | {len(rows)})
    start = 0
    for number, end in enumerate(ends):
        if number in restarts:
            saved = source.app.saved()
            source = Partitioned()
            source.app.restore(saved)
        source.send(*rows[start:end])
        start = end
        found += [row for row in source.app.take()[0] if row[0] in ("T", "Late")]
    assert found == expected_of(rows)


def test_idle_partitions_are_so_behind_a_restart() -> None:
    source = Partitioned()
    source.assign("a", "b")
    source.send(("a", 10))
    source.sleep(30_000)
    source.send(("a", 250))
    saved = source.app.saved()
    again = Partitioned()
    again.clock.now = source.clock.now
    again.app.restore(saved)
    again.assign("a", "b")
    again.sleep(29_999)
    assert again.given() == []
    again.sleep(1)
    assert again.given() == [(1, 0)]


@pytest.mark.parametrize("first", [("a",), ("a", "b")])
def test_where_rows_move_the_clock_nothing_begins_with_an_assignment(first: Sequence[str]) -> None:
    app = compiled(SQL)
    app.program.assign("S", first)
    make = app.program.row_type("S")
    app.program.step("S", [make("a", 10, 0), make("a", 70_000, 0)], partitions=["a", "a"])
    given_by_t = [row for row in app.take()[0] if row[0] == "T"]
    assert given_by_t == [("T", (1, 0))]
