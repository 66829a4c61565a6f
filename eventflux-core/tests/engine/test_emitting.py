"""EMIT beside what the cases show: stops, counters, failures (semantics 5.16)."""

from __future__ import annotations

from .harness import Compiled, SteppedClock, compiled

SUMS = (
    "CREATE STREAM S (v INT);"
    "INSERT INTO T SELECT sum(v) AS s FROM S WINDOW('time', 2000) EMIT EVERY 1000;"
)


def given(app: Compiled) -> list[object]:
    return [values for stream, values in app.take()[0] if stream == "T"]


def test_what_a_clock_of_its_own_has_missed_is_told_once() -> None:
    clock = SteppedClock(0)
    app = compiled(SUMS, clock=clock)
    app.send("S", [(1,)])
    clock.now = 500
    app.send("S", [(2,)])
    clock.now = 2400
    app.advance(2400)
    assert given(app) == [(3,)]
    clock.now = 3000
    app.advance(3000)
    assert given(app) == []


def test_a_clock_that_is_moved_misses_none() -> None:
    app = compiled(SUMS)
    app.send("S", [(1,), (2,)], [0, 500])
    app.advance(2400)
    assert given(app) == [(3,), (2,)]


def test_what_has_not_been_told_at_a_stop_is_counted() -> None:
    app = compiled(
        "CREATE STREAM S (k STRING, v INT);"
        "INSERT INTO T SELECT k, sum(v) AS s FROM S GROUP BY k EMIT EVERY 1000;"
        "INSERT INTO W SELECT sum(v) AS s FROM S WINDOW('tumbling', 5000) EMIT EVERY 1000;"
    )
    app.send("S", [("a", 1), ("b", 2), ("a", 3)], [0, 1, 2])
    app.program.discard()
    counted = app.counters()
    assert {name: query["discarded"] for name, query in counted.items()} == {
        "query_1": 2,
        "query_2": 3,
    }
    assert app.program.next_due is None


def test_rows_that_wait_for_a_watermark_are_counted_wherever_they_end() -> None:
    app = compiled(
        "CREATE STREAM S (ts LONG NOT NULL, k STRING, v INT, WATERMARK FOR ts AS ts - 10);"
        "INSERT INTO T SELECT k, sum(v) AS s FROM S WHERE v > 0 WINDOW('firstUnique', k) "
        "GROUP BY k HAVING sum(v) < 5 EMIT FINAL;"
    )
    rows = [(100, "a", 1), (95, "b", 9), (101, "a", 2), (80, "c", 3), (102, "d", 0), (120, "e", 4)]
    app.send("S", rows)
    assert given(app) == [("a", 1)]
    [counted] = app.counters().values()
    told = {name: count for name, count in counted.items() if count}
    assert told == {
        "in": 6,
        "filtered": 1,
        "late": 1,
        "absorbed": 4,
        "fired": 1,
        "fired_filtered": 1,
        "fired_dropped": 1,
    }
    app.program.discard()
    [counted] = app.counters().values()
    assert counted["discarded"] == 1


def test_a_row_that_has_waited_fails_with_all_that_it_has() -> None:
    app = compiled(
        "CREATE STREAM S (ts LONG NOT NULL, v LONG, WATERMARK FOR ts AS ts);"
        "INSERT INTO T SELECT sum(v) AS s FROM S EMIT FINAL;"
    )
    app.send("S", [(1, 2**63 - 1), (2, 1), (3, 0)])
    [failure] = app.failures
    assert (failure.stream, failure.query, failure.values) == ("S", "query_1", (2, 1))
