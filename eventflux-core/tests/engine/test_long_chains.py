"""Chains as long as they may be compile and run; longer ones are refused by name."""

from __future__ import annotations

import pytest

from eventflux import SqlError
from eventflux.planner.reading import MOST_CHAINED
from eventflux.testing import AppRunner

COLUMN = "CREATE STREAM S0 (v INT);\n"
STRAIGHT = "INSERT INTO S{after} SELECT v + 1 AS v FROM S{before};\n"
FORKED = (
    "INSERT INTO S{after} SELECT v + 1 AS v FROM S{before} WHERE v > 5;\n"
    "INSERT INTO S{after} SELECT v + 1 AS v FROM S{before} WHERE v <= 5;\n"
)


def chain(link: str, length: int) -> str:
    links = (link.format(before=n, after=n + 1) for n in range(length))
    return COLUMN + "".join(links)


@pytest.mark.parametrize("link", [STRAIGHT, FORKED])
def test_the_longest_chain_runs(link: str) -> None:
    sql = chain(link, MOST_CHAINED - 1) + (
        f"INSERT INTO Counted SELECT count(*) AS n FROM S{MOST_CHAINED - 1} "
        "WINDOW('tumbling', 1 SECOND);"
    )
    last = f"S{MOST_CHAINED - 1}"
    with AppRunner(sql, outputs=[last, "Counted"]) as runner:
        runner.send_many("S0", [(1,), (2,)], [0, 0])
        runner.send_batch("S0", [(3,)], 0)
        runner.sleep(1000)
        assert runner.rows(last) == [(v + MOST_CHAINED - 1,) for v in (1, 2, 3)]
        assert runner.rows("Counted") == [(3,)]


def test_a_longer_chain_is_refused() -> None:
    with pytest.raises(SqlError) as caught:
        AppRunner(chain(STRAIGHT, MOST_CHAINED + 1))
    [problem] = caught.value.diagnostics
    assert problem.message == "more than 500 queries in a row: S0 -> S1 -> … -> S501"
    assert problem.position is not None
    assert problem.position.line == MOST_CHAINED + 2


def test_what_rejoins_counts_by_its_longest_way() -> None:
    shortcut = f"INSERT INTO S{MOST_CHAINED} SELECT v FROM S0;"
    with AppRunner(chain(STRAIGHT, MOST_CHAINED) + shortcut) as runner:
        runner.send("S0", (1,))
    with pytest.raises(SqlError, match="more than 500 queries in a row"):
        AppRunner(chain(STRAIGHT, MOST_CHAINED) + f"INSERT INTO Far SELECT v FROM S{MOST_CHAINED};")
