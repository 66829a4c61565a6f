"""Which programs have state that can grow without end."""

from __future__ import annotations

import pytest

from eventflux.base.errors import SqlError
from eventflux.planner import draft_plan, plan_sql
from eventflux.planner.bounds import bound_text, unbounded_state
from eventflux.sql.window_kinds import WINDOW_KINDS, WindowKind

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
        "SELECT count(*) AS n FROM S GROUP BY CASE WHEN ok THEN 1 ELSE 2 END * -CAST(ok AS INT)",
        "SELECT count(*) AS n FROM S GROUP BY 'p' || nullif(CASE WHEN ok THEN 'x' END, '')",
    ],
)
def test_bounded_state(query: str) -> None:
    assert told(f"INSERT INTO T {query}") == []


def test_each_aggregate_that_keeps_values_is_told() -> None:
    texts = told("INSERT INTO T SELECT median(d) AS m, sum(a) AS n, array_agg(a) AS l FROM S")
    assert [text.split("value for ")[1] for text in texts] == [
        "percentile_cont(d, 0.5), for ever",
        "array_agg(a), for ever",
    ]


def test_a_case_that_gives_a_column_is_not_bounded() -> None:
    key = "CASE WHEN ok THEN s ELSE 'none' END"
    assert len(told(f"INSERT INTO T SELECT {key} AS k, count(*) AS n FROM S GROUP BY {key}")) == 1


@pytest.mark.parametrize(
    ("query", "keeps", "hint"),
    [
        (
            "SELECT s, a FROM S WINDOW('firstUnique', s)",
            "one row for each s",
            "'firstUnique', s, 1",
        ),
        (
            "SELECT count(*) AS n FROM S WINDOW('unique', a, s)",
            "one row for each a, s",
            "WINDOW('unique', a, s, 1 HOUR)",
        ),
        ("SELECT median(a) AS m FROM S", "every value for percentile_cont(a, 0.5)", "approx_perc"),
        (
            "SELECT count(DISTINCT s) AS n FROM S",
            "every different value for count(DISTINCT s)",
            "approx_count_distinct",
        ),
        ("SELECT array_agg(ok) AS l FROM S", "every value for array_agg(ok)", "WINDOW('tumbling'"),
        (
            "SELECT s, max_forever(a) AS m FROM S WINDOW('tumbling', 5) GROUP BY s",
            "max_forever(a) for each s",
            "a time to live ends those that are idle: WITH ('state.ttl' = '1 hour')",
        ),
        (
            "SELECT s, max_forever(a) AS m FROM S WINDOW('length', 5) GROUP BY s",
            "max_forever(a) for each s",
            "state.ttl",
        ),
    ],
)
def test_what_else_grows(query: str, keeps: str, hint: str) -> None:
    (found,) = unbounded_state(plan_sql(f"INSERT INTO T {query}{STREAM}").plan)
    assert f"it keeps {keeps}, for ever" in found.message
    assert hint in (found.hint or "")


@pytest.mark.parametrize(
    ("query", "bound"),
    [
        ("SELECT s FROM S", None),
        ("SELECT count(*) AS n FROM S", "one state, of one size"),
        (
            "SELECT s, count(*) AS n FROM S GROUP BY s",
            "none: it keeps one group for each s, for ever",
        ),
        (
            "SELECT s, count(*) AS n FROM S GROUP BY s WITH ('state.ttl' = '1 hour')",
            "a group is forgotten 1 h after its last row",
        ),
        ("SELECT count(*) AS n FROM S WINDOW('length', 5)", "at most 5 rows"),
        ("SELECT count(*) AS n FROM S WINDOW('time', 5 SECONDS)", "the rows of the last 5 s"),
        ("SELECT s FROM S WINDOW('firstUnique', ok)", "few keys: the program itself says which"),
        (
            "SELECT s FROM S WINDOW('firstUnique', s, 5 SECONDS)",
            "a key is forgotten 5 s after its row",
        ),
        (
            "SELECT ok, count(*) AS n FROM S GROUP BY ok",
            "few groups: the program itself says which",
        ),
        ("SELECT count(*) AS n FROM S WINDOW('tumbling', 5 SEC)", "windows of 5 s that are open"),
        ("SELECT s FROM S WINDOW('lengthBatch', 5)", "at most 5 rows, then the batch is given out"),
        ("SELECT s FROM S WINDOW('lengthBatch', 5) OUTPUT SNAPSHOT EVERY 1 SEC", "at most 5 rows"),
        (
            "SELECT max_forever(a) AS m FROM S WINDOW('tumbling', 5 SEC)",
            "windows of 5 s that are open",
        ),
        (
            "SELECT s, max_forever(a) AS m FROM S WINDOW('tumbling', 5 SEC) GROUP BY s "
            "WITH ('state.ttl' = '1 hour')",
            "windows of 5 s that are open; a group that has had no row in them for 1 h is "
            "forgotten",
        ),
    ],
)
def test_what_bounds_it(query: str, bound: str | None) -> None:
    (only,) = plan_sql(f"INSERT INTO T {query}{STREAM}").plan.queries
    assert bound_text(only) == bound


def test_rows_that_leave_are_those_of_the_batch_before() -> None:
    sql = "INSERT EXPIRED EVENTS INTO T SELECT s FROM S WINDOW('tumbling', 5 SEC)"
    (only,) = plan_sql(f"{sql}{STREAM}").plan.queries
    assert bound_text(only) == "windows of 5 s that are open; and those of the batch before"


def test_a_time_to_live_bounds_groups_and_keys_whoever_sets_it() -> None:
    assert told("SET state.ttl = '1 hour'; INSERT INTO T SELECT s FROM S WINDOW('unique', s)") == []
    ttl = "WITH ('state.ttl' = '1 hour')"
    assert told(f"INSERT INTO T SELECT s, count(*) AS n FROM S GROUP BY s {ttl}") == []


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT count(*) AS n FROM S", "bounds nothing here"),
        ("SELECT s, count(*) AS n FROM S WINDOW('length', 5) GROUP BY s", "bounds nothing here"),
        ("SELECT s FROM S", "bounds nothing here"),
        ("SELECT s, approx_count_distinct(a) AS n FROM S WINDOW('firstUnique', s) GROUP BY s",
         "bounds nothing here: it does not end one row for each s"),
        ("SELECT array_agg(a) AS l FROM S", r"nothing here: it does not end every value for arr"),
        ("SELECT s, max_forever(a) AS m FROM S WINDOW('length', 5) GROUP BY s",
         r"does not end max_forever\(a\) for each s"),
    ],
)  # fmt: skip
def test_a_time_to_live_that_bounds_nothing_is_refused(query: str, message: str) -> None:
    if "approx" in query:
        pytest.importorskip("datasketches")
    with pytest.raises(SqlError, match=message):
        plan_sql(f"INSERT INTO T {query} WITH ('state.ttl' = '1 hour'){STREAM}")


@pytest.mark.parametrize("text", ["soon", "0", "-1 s"])
def test_a_time_to_live_is_a_duration(text: str) -> None:
    query = f"SELECT s, count(*) AS n FROM S GROUP BY s WITH ('state.ttl' = '{text}')"
    with pytest.raises(SqlError, match=r"state\.ttl (is a duration|must be more than 0)"):
        plan_sql(f"INSERT INTO T {query}{STREAM}")


def test_a_time_to_live_is_of_the_fingerprint() -> None:
    query = "INSERT INTO T SELECT s, count(*) AS n FROM S GROUP BY s"
    prints = {
        plan_sql(f"{setting}{query}{own}{STREAM}").plan.queries[0].fingerprint
        for setting, own in [
            ("", ""),
            ("SET state.ttl = '1 hour';", ""),
            ("", " WITH ('state.ttl' = '2 hours')"),
            ("SET state.ttl = '1 hour';", " WITH ('state.ttl' = '2 hours')"),
        ]
    }
    assert len(prints) == 3


@pytest.mark.parametrize("kind", WINDOW_KINDS.values(), ids=WINDOW_KINDS)
def test_each_window_has_a_bound_or_is_told_to_have_none(kind: WindowKind) -> None:
    stream = "; CREATE STREAM W (id INT, symbol STRING, ts LONG, price DOUBLE)"
    query = f"INSERT INTO T SELECT id FROM W WINDOW {kind.name}({kind.example})"
    draft = draft_plan(query + stream)
    if draft.problems:
        assert all("not supported yet" in problem.message for problem in draft.problems)
        return
    plan = draft.plan
    bound = bound_text(plan.queries[0])
    assert bound is not None
    assert bound.startswith("none: ") == bool(unbounded_state(plan))
