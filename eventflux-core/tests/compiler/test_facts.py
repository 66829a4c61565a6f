"""What a condition tells about NULLs."""

from __future__ import annotations

import pytest

from eventflux.compiler.facts import facts_when_true
from eventflux.planner import plan_sql
from eventflux.planner.plan import Filter


@pytest.mark.parametrize(
    ("condition", "known"),
    [
        ("a > 1", "a"),
        ("a > b", "ab"),
        ("a > 1 AND b IS NOT NULL", "ab"),
        ("a > 1 OR b > 1", ""),
        ("a > 1 OR a < -1", "a"),
        ("NOT (a > 1 OR b > 1)", "ab"),
        ("NOT (a > 1 AND b > 1)", ""),
        ("NOT (a IS NULL)", "a"),
        ("a IS NULL", ""),
        ("a IN (1, 2)", "a"),
        ("a NOT IN (1, 2)", "a"),
        ("a BETWEEN b AND 7", "a"),
        ("t LIKE 'x%'", "t"),
        ("coalesce(a, b) > 1", ""),
        ("CASE WHEN a > 1 THEN b > 1 END", ""),
        ("a + b * 2 > 1", "ab"),
        ("CAST(a AS STRING) = '1'", "a"),
    ],
)
def test_facts_when_true(condition: str, known: str) -> None:
    sql = (
        f"CREATE STREAM S (a INT, b INT, t STRING); INSERT INTO T SELECT a FROM S WHERE {condition}"
    )
    relation = plan_sql(sql).plan.queries[0].root.input
    assert isinstance(relation, Filter)
    assert facts_when_true(relation.condition) == frozenset(known)
