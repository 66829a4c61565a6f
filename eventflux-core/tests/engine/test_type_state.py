"""Rows of every type give the same, however they are cut and wherever the app restarts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventflux.testing import AppRunner

pytestmark = pytest.mark.usefixtures("programs_read_once")

SQL = """
CREATE STREAM S (k STRING, d DECIMAL(12, 3), t TIMESTAMP, b BYTES, o OBJECT, l LONG);
CREATE STREAM Mid (k STRING, d DECIMAL(12, 1), t TIMESTAMP, b BYTES, o OBJECT);
INSERT INTO Mid SELECT k, d * l, t + INTERVAL '1' SECOND, b, o.v
FROM S WHERE o.v > 1 OR o.v IS NULL;
INSERT INTO Mid SELECT k, d / 3, t, b, o FROM S
WHERE t < '1970-01-01T00:00:02' AND b != CAST('' AS BYTES);
INSERT INTO Sums SELECT k, b, sum(d) AS s, avg(d) AS m, min(d) AS lo, max(t) AS hi, count(o) AS n
FROM Mid GROUP BY k, b;
INSERT INTO Keys SELECT d, t, count(*) AS n, max(b) AS b FROM Mid GROUP BY d, t;
INSERT INTO Batches SELECT k, o, d, sum(d) AS s, max(CAST(o AS DECIMAL)) AS most
FROM Mid WINDOW('tumbling', 10) GROUP BY k;
INSERT INTO Each SELECT o, o ->> 'w' AS w, d, avg(d) AS m FROM Mid WINDOW('tumbling', 20);
"""
OUTPUTS = ["Mid", "Sums", "Keys", "Batches", "Each"]
DECIMALS = st.decimals(
    -1_000_000, 1_000_000, places=3, allow_nan=False, allow_infinity=False
) | st.sampled_from([Decimal("0.1"), Decimal("0.10"), Decimal("999999999.999")])
PLAIN: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 1, 2.5, -3, "x", "4", 2**80, Decimal("1.50"), b"y", [], {"w": [1, {"z": None}]}]
)
OBJECTS = st.none() | PLAIN | st.fixed_dictionaries({"v": PLAIN}, optional={"w": PLAIN})
ROWS = st.tuples(
    st.sampled_from(["a", "b", None]),
    st.none() | DECIMALS,
    st.none() | st.integers(0, 3000),
    st.none() | st.sampled_from([b"", b"x", b"\xff\x00"]),
    OBJECTS,
    st.none() | st.integers(-3, 3) | st.just(2**62),
)


def outcome(runner: AppRunner) -> dict[str, list[str]]:
    return {name: list(map(repr, runner.rows(name))) for name in OUTPUTS}


def played(
    rows: list[tuple[Any, ...]], cuts: set[int], restart: int | None
) -> dict[str, list[str]]:
    """What comes of ``rows``, a millisecond apart, cut into sends; perhaps with a restart."""
    found: dict[str, list[str]] = {name: [] for name in OUTPUTS}
    runner = AppRunner(SQL, OUTPUTS)
    runner.start()
    start = 0
    for end in [*sorted(cuts), len(rows)]:
        if restart is not None and start <= restart < end:
            revision = runner.persist()
            found = {name: found[name] + rows_ for name, rows_ in outcome(runner).items()}
            runner.close()
            runner = AppRunner(SQL, OUTPUTS)
            runner.start()
            runner.restore(revision)
        runner.send_many("S", rows[start:end], list(range(start, end)))
        start = end
    runner.advance_to(len(rows) + 40)
    last = outcome(runner)
    runner.close()
    return {name: found[name] + last[name] for name in OUTPUTS}


@given(st.lists(ROWS, max_size=30), st.data())
@settings(max_examples=60, deadline=None)
def test_cuts_and_restarts_do_not_show(rows: list[tuple[Any, ...]], data: st.DataObject) -> None:
    places = st.integers(0, len(rows))
    one_by_one = played(rows, set(range(1, len(rows))), None)
    assert played(rows, data.draw(st.sets(places)), None) == one_by_one
    assert played(rows, data.draw(st.sets(places)), data.draw(places)) == one_by_one


def test_of_equal_values_the_mode_is_the_first() -> None:
    """Whether the app restarts before the row that looks at it again, or not."""
    sql = "CREATE STREAM S (d DECIMAL(9, 2)); INSERT INTO T SELECT mode(d) AS m FROM S;"
    with AppRunner(sql) as first, AppRunner(sql, ["T"]) as second:
        first.send_many("S", [(Decimal("0.00"),), (Decimal("-0.00"),)])
        second.restore(first.persist())
        first.keep("T")
        for runner in (first, second):
            runner.send("S", (Decimal("9.00"),))
            assert repr(runner.rows("T")) == "[(Decimal('0.00'),)]"
