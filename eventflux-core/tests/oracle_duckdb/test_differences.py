"""Each allowed difference is one: an entry that no longer differs has to go."""

from __future__ import annotations

import duckdb
import pytest

from eventflux.testing import AppRunner

from .differences import DIFFERENCES, Difference
from .duck import Duck, duck

__all__ = ["duck"]


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda difference: difference.name)
def test_ours_is_not_theirs(duck: Duck, difference: Difference) -> None:
    sql = f"CREATE STREAM S (v INT); INSERT INTO Out SELECT {difference.example} AS x FROM S"
    with AppRunner(sql, ["Out"]) as runner:
        runner.send("S", (1,))
        assert runner.rows("Out") == [(difference.ours,)]
    try:
        answer = duck.execute(f"SELECT {difference.theirs or difference.example}").fetchall()
    except duckdb.Error:
        return
    assert answer != [(difference.ours,)]
