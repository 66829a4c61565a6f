"""Which programs have state that can grow without end."""

from __future__ import annotations

import pytest

from eventflux.planner import plan_sql
from eventflux.planner.bounds import unbounded_state

STREAM = """
;CREATE STREAM S (a INT, b LONG NOT NULL, d DOUBLE, s STRING, ok BOOL);
"""


def told(sql: str) -> list[str]:
    planned = plan_sql(sql + STREAM)
    found = unbounded_state(planned.plan)
    assert all(warning.severity == "warning" for warning in found)
    return [f"{warning.position}: {warning.message}" for warning in found]


def test_a_running_group_by_names_its_keys() -> None:
    (text,) = told("INSERT INTO T\nSELECT s, count(*) AS n FROM S\nGROUP BY s, a % 10, ok")
    assert text == (
        "line 3, column 1: query 'query_1': its state is unbounded: it keeps one group for each "
        "s, a % 10, for ever"
    )


def test_each_query_is_told() -> None:
    texts = told(
        "INSERT INTO T SELECT s, count(*) AS n FROM S GROUP BY s;"
        "INSERT INTO U SELECT b, max(d) AS m FROM S WHERE d > 1 GROUP BY b"
    )
    assert [text.split("'")[1] for text in texts] == ["query_1", "query_2"]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT s FROM S WHERE d > 1",
        "SELECT count(*) AS n, max(d) AS m FROM S",
        "SELECT s, count(*) AS n FROM S WINDOW('tumbling', 1 MINUTE) GROUP BY s",
        "SELECT ok, count(*) AS n FROM S GROUP BY ok",
        "SELECT a > 3 AS large, count(*) AS n FROM S GROUP BY a > 3",
        "SELECT CASE WHEN d > 9 THEN 'HIGH' ELSE 'LOW' END AS p, count(*) AS n FROM S "
        "GROUP BY CASE WHEN d > 9 THEN 'HIGH' ELSE 'LOW' END",
    ],
)
def test_bounded_state(query: str) -> None:
    assert told(f"INSERT INTO T {query}") == []


def test_a_case_that_gives_a_column_is_not_bounded() -> None:
    key = "CASE WHEN ok THEN s ELSE 'none' END"
    assert len(told(f"INSERT INTO T SELECT {key} AS k, count(*) AS n FROM S GROUP BY {key}")) == 1
