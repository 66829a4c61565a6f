"""Windows over rows with an event time, in an app that goes by the wall clock."""

from __future__ import annotations

import pytest

from eventflux.planner import plan_sql
from eventflux.planner.clocks import clock_texts, ignored_event_times

STREAM = """
;CREATE STREAM S (a INT, at TIMESTAMP) WITH (
  type = 'source', extension = 'memory', format = 'json', "event.time" = 'at');
CREATE STREAM Plain (a INT, at TIMESTAMP);
"""
WINDOW = "WINDOW('tumbling', 1 MINUTE)"


def told(sql: str, settings: dict[str, str] | None = None) -> list[str]:
    plan = plan_sql(sql + STREAM).plan
    return [f"{w.position}: {w.message}" for w in ignored_event_times(plan, settings or {})]


def test_it_names_the_window_and_the_source() -> None:
    (text,) = told(f"INSERT INTO T\nSELECT count(*) AS n FROM S {WINDOW}")
    assert text == (
        "line 2, column 29: query 'query_1': its window goes by the wall clock, not by the event "
        "time of 'S'"
    )


@pytest.mark.parametrize(
    "sql",
    [
        f"CREATE VIEW V AS SELECT a FROM S; INSERT INTO T SELECT count(*) AS n FROM V {WINDOW}",
        f"SELECT count(*) AS n FROM (SELECT a FROM S UNION ALL SELECT a FROM Plain) AS U {WINDOW}",
        f"INSERT INTO T SELECT n FROM (SELECT count(*) AS n FROM S {WINDOW}) AS U WHERE n > 1",
    ],
)
def test_rows_keep_their_time_through_queries(sql: str) -> None:
    (text,) = told(sql)
    assert text.endswith("of 'S'")


def test_nothing_is_wrong_where_rows_move_the_clock_or_there_is_nothing_to_go_by() -> None:
    window = f"INSERT INTO T SELECT count(*) AS n FROM S {WINDOW}"
    assert told(window, {"app.time": "event"}) == []
    assert len(told(window, {"app.time": "system"})) == 1
    assert told(window.replace("FROM S", "FROM Plain")) == []
    marked = "CREATE STREAM Marked (at TIMESTAMP, WATERMARK FOR at AS at);"
    assert told(marked + window.replace("FROM S", "FROM Marked")) == []
    assert told("INSERT INTO T SELECT count(*) AS n FROM S") == []


@pytest.mark.parametrize(
    ("rest", "by_days"),
    [
        ("WINDOW('tumbling', 1 DAY)", True),
        ("WINDOW('tumbling', 12 HOURS)", False),
        ("WINDOW('timeBatch', 1 DAY)", False),
        ("WINDOW('timeBatch', 1 DAY, 6 HOURS)", False),
        ("WINDOW('hop', 7 DAYS, 1 DAY)", True),
        ("WINDOW('hop', 1 DAY, 1 HOUR)", False),
        ("WINDOW('cron', '0 6 * * *')", True),
        ("WINDOW('time', 1 DAY)", False),
        ("WINDOW('time', 1 HOUR) EMIT EVERY 1 DAY", True),
        ("WINDOW('tumbling', 1 HOUR) OUTPUT SNAPSHOT EVERY 1 DAY", False),
    ],
)
def test_what_a_time_zone_has_a_say_in_tells_it(rest: str, by_days: bool) -> None:
    zone = {"app.timezone": "Europe/Berlin"}
    plan = plan_sql(f"INSERT INTO T SELECT count(*) AS n FROM Plain {rest}" + STREAM).plan
    assert plan is not None
    system = "system time, the wall clock (app.time = 'system')"
    assert clock_texts(plan, {}) == {"query_1": system}
    days = "; days are those of Europe/Berlin" if by_days else ""
    assert clock_texts(plan, zone) == {"query_1": system + days}
