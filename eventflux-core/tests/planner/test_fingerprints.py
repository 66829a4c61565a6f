"""Fingerprints: state is stored under them, so an accidental change must show.

The sample is in ``fingerprints.json``. A fingerprint that changes on purpose makes stored
state unusable: raise the version in ``fingerprint.py`` and write the new ones there.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eventflux.planner import plan_sql
from eventflux.planner.plan import Query

STREAM = "CREATE STREAM S (a INT, b LONG NOT NULL, d DOUBLE, s STRING, ok BOOL);"
SAMPLE: dict[str, str] = json.loads(
    (Path(__file__).parent / "fingerprints.json").read_text(encoding="utf-8")
)
QUERY = "INSERT INTO T SELECT s, sum(b) AS total FROM S WHERE a > 1 GROUP BY s"


def query(sql: str, stream: str = STREAM) -> Query:
    return plan_sql(stream + sql).plan.queries[-1]


@pytest.mark.parametrize("sql", SAMPLE)
def test_sample(sql: str) -> None:
    assert query(sql).fingerprint == SAMPLE[sql]


def test_sample_is_distinct() -> None:
    assert len(set(SAMPLE.values())) == len(SAMPLE)


@pytest.mark.parametrize(
    "same",
    [
        "insert into T select s, sum(b) total from S where a>1 group by 1",
        "FROM S WHERE (a > 1) SELECT s, sum(b) AS total GROUP BY s INSERT INTO T",
        "INSERT INTO U SELECT x.s AS y, sum(x.b) AS x FROM S AS x WHERE S.a > 1 GROUP BY y",
        "-- a comment\nSELECT ok FROM S INSERT INTO Other;\n\n" + QUERY,
    ],
)
def test_names_places_and_other_queries_do_not_count(same: str) -> None:
    assert query(same).fingerprint == query(QUERY).fingerprint


NESTED = "INSERT INTO T SELECT k, sum(n) AS t FROM (SELECT s AS k, b AS n FROM S) AS d GROUP BY k"


@pytest.mark.parametrize(
    "same",
    [
        "WITH x (k, n) AS (SELECT s, b FROM S) "
        "INSERT INTO T SELECT k, sum(n) AS t FROM x GROUP BY k",
        "SELECT ok FROM S INSERT INTO O;" + NESTED.replace("AS d", ""),
        NESTED + " WITH (name = 'by key')",
        "INSERT INTO T SELECT 'x', 0 FROM S UNION ALL " + NESTED.removeprefix("INSERT INTO T "),
    ],
)
def test_how_a_query_calls_its_steps_does_not_count(same: str) -> None:
    assert query(same).fingerprint == query(NESTED).fingerprint


@pytest.mark.parametrize(
    "other",
    [
        NESTED.replace("b AS n", "a AS n"),
        "INSERT INTO T SELECT k, sum(n) AS t FROM V AS d GROUP BY k;"
        "CREATE VIEW V AS SELECT s AS k, b AS n FROM S;",
    ],
)
def test_what_the_steps_give_counts(other: str) -> None:
    reading = [q for q in plan_sql(STREAM + other).plan.queries if q.source != "S"]
    assert reading[0].fingerprint != query(NESTED).fingerprint


@pytest.mark.parametrize(
    "other",
    [
        "INSERT INTO T SELECT s, sum(b) AS total FROM S WHERE a > 2 GROUP BY s",
        "INSERT INTO T SELECT s, sum(b) AS total FROM S WHERE a >= 1 GROUP BY s",
        "INSERT INTO T SELECT s, sum(a) AS total FROM S WHERE a > 1 GROUP BY s",
        "INSERT INTO T SELECT s, max(b) AS total FROM S WHERE a > 1 GROUP BY s",
        "INSERT INTO T SELECT sum(b) AS total, s FROM S WHERE a > 1 GROUP BY s",
        "INSERT INTO T SELECT s, sum(b) AS total FROM S WHERE a > 1 GROUP BY s, a",
        "INSERT INTO T SELECT s, sum(b) AS x FROM S WHERE a > 1 WINDOW('tumbling', 5) GROUP BY s",
        "CREATE STREAM S2 (a INT, b LONG NOT NULL, d DOUBLE, s STRING, ok BOOL);"
        "INSERT INTO T SELECT s, sum(b) AS total FROM S2 WHERE a > 1 GROUP BY s",
    ],
)
def test_what_the_query_does_counts(other: str) -> None:
    assert query(other).fingerprint != query(QUERY).fingerprint


@pytest.mark.parametrize(
    "stream",
    [
        "CREATE STREAM S (a INT, b LONG, d DOUBLE, s STRING, ok BOOL);",
        "CREATE STREAM S (a LONG, b LONG NOT NULL, d DOUBLE, s STRING, ok BOOL);",
        "CREATE STREAM S (b LONG NOT NULL, a INT, d DOUBLE, s STRING, ok BOOL);",
        "CREATE STREAM S (a INT, b LONG NOT NULL, d DOUBLE, s STRING);",
    ],
)
def test_the_input_schema_counts(stream: str) -> None:
    assert query(QUERY, stream).fingerprint != query(QUERY).fingerprint


@pytest.mark.parametrize(
    ("function", "window"),
    [
        ("TUMBLE(TABLE M, DESCRIPTOR(b), 5 sec)", "WINDOW('tumbling', 5 sec)"),
        ("TUMBLE(TABLE M, DESCRIPTOR(b), 5 sec, 1 sec)", "WINDOW('tumbling', 5 sec, 1 sec)"),
        ("HOP(TABLE M, DESCRIPTOR(b), 2 sec, 5 sec)", "WINDOW('hop', 5 sec, 2 sec)"),
        ("HOP(TABLE M, DESCRIPTOR(b), 2 sec, 5 sec, 1 sec)", "WINDOW('hop', 5 sec, 2 sec, 1 sec)"),
        ("SESSION(TABLE M, DESCRIPTOR(b), 5 sec)", "WINDOW('session', 5 sec)"),
        (
            "SESSION(TABLE M PARTITION BY a, s, DESCRIPTOR(b), 5 sec)",
            "WINDOW('session', 5 sec, a, s)",
        ),
    ],
)
def test_a_table_function_is_the_window_that_it_stands_for(function: str, window: str) -> None:
    stream = "CREATE STREAM M (a INT, b LONG NOT NULL, s STRING, WATERMARK FOR b AS b - 10);"
    one = query(
        "INSERT INTO T SELECT s, window_start AS at, count(*) AS n "
        f"FROM {function} GROUP BY s, window_start",
        stream,
    )
    other = query(
        "INSERT INTO T SELECT s, window_start() AS at, count(*) AS n "
        f"FROM M {window} GROUP BY s, window_start()",
        stream,
    )
    assert one.fingerprint == other.fingerprint
