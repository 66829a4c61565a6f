"""Aggregates beside a window that passes rows on: two queries, one below the other."""

from __future__ import annotations

import pytest

from eventflux.planner import draft_plan, plan_sql

STREAM = "CREATE STREAM S (k STRING NOT NULL, v INT, d DECIMAL(9, 2), at LONG);"
KEEP_LAST = "DEDUPLICATE BY k WITHIN 1 HOUR KEEP LAST"
WINDOWS = ["WINDOW('delay', 5 SECONDS)", KEEP_LAST]


@pytest.mark.parametrize("window", WINDOWS)
def test_the_lower_one_gives_the_columns_that_are_read(window: str) -> None:
    plan = plan_sql(
        f"{STREAM} INSERT INTO T SELECT k, sum(d) AS s FROM S {window} GROUP BY k HAVING max(v) > 1"
    ).plan
    lower, upper = plan.queries
    assert (lower.name, lower.source, lower.target) == (
        "query_1/passed",
        "S",
        "query_1/passed",
    )
    assert (upper.name, upper.source, upper.target) == ("query_1", "query_1/passed", "T")
    stream = plan.streams["query_1/passed"]
    assert str(stream.schema) == "(k STRING NOT NULL, v INT, d DECIMAL(9,2))"
    assert stream.unnamed_of == "query_1"
    assert lower.sql == window


def test_metadata_is_a_column_like_others_there() -> None:
    plan = plan_sql(
        "CREATE STREAM S (k STRING, at LONG METADATA FROM 'timestamp') WITH (type = 'source', "
        "extension = 'any', format = 'json');"
        f"INSERT INTO T SELECT max(at) AS m FROM S {KEEP_LAST}"
    ).plan
    assert str(plan.streams["query_1/passed"].schema) == "(at LONG)"


def test_names_do_not_collide() -> None:
    plan = plan_sql(
        f"{STREAM} INSERT INTO T SELECT count(*) AS n FROM (SELECT k FROM S) AS passed {KEEP_LAST}"
    ).plan
    assert [query.name for query in plan.queries] == [
        "query_1/passed",
        "query_1/passed_2",
        "query_1",
    ]


def test_the_options_of_the_query_are_those_of_both() -> None:
    draft = draft_plan(
        f"{STREAM} INSERT INTO T SELECT count(*) AS n FROM S {WINDOWS[0]} "
        "WITH (name = 'late', error.strategy = 'drop')"
    )
    assert not draft.problems
    assert draft.query_options.keys() == {"late", "late/passed"}


def test_their_state_is_known_by_what_each_does() -> None:
    def fingerprints(sql: str) -> list[str]:
        return [query.fingerprint for query in plan_sql(STREAM + sql).plan.queries]

    lower, upper = fingerprints("INSERT INTO T SELECT sum(v) AS s FROM S WINDOW('delay', 5 sec)")
    other, same = fingerprints("INSERT INTO U SELECT sum(v) AS x FROM S WINDOW('delay', 6 sec)")
    assert upper == same
    assert lower != other


@pytest.mark.parametrize("window", WINDOWS)
def test_without_aggregates_there_is_one_query(window: str) -> None:
    assert len(plan_sql(f"{STREAM} INSERT INTO T SELECT k FROM S {window}").plan.queries) == 1
