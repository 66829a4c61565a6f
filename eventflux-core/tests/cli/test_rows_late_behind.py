"""``check`` tells of windows whose rows come too late for a shorter one behind them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eventflux.testing import AppRunner

Check = Callable[[str], str]


@pytest.fixture
def check(cli: Any, tmp_path: Path) -> Check:
    """What `eventflux check` says of a program that is right."""

    def run(sql: str) -> str:
        file = tmp_path / "program.sql"
        file.write_text(sql, encoding="utf-8")
        code, _, err = cli("check", file)
        assert code == 0
        return str(err)

    return run


MINUTE = "SELECT v FROM S WINDOW('tumbling', 1 MINUTE)"
TENS = "SELECT sum(v) AS s FROM A WINDOW('tumbling', 10 SECONDS)"


def program(first: str, second: str, options: str = "", between: str = "") -> str:
    return f"""CREATE STREAM S (ts LONG NOT NULL, v INT, WATERMARK FOR ts AS ts){options};
    INSERT INTO {"Z" if between else "A"} {first};
    {between}
    INSERT INTO B {second};"""


def late_rows(sql: str) -> int:
    """How many rows of A are late, of rows in the first and the last second of each minute."""
    with AppRunner(sql) as runner:
        times = [minute * 60_000 + at for minute in range(4) for at in (0, 500, 59_000, 59_999)]
        runner.send_many("S", [(ts, 1) for ts in times])
        return int(runner.stats()["queries"]["query_2"]["late"])


DOUBTFUL = [
    (MINUTE, TENS, ""),
    (MINUTE, TENS, " WITH (watermark.lateness = '49999 ms')"),
    ("SELECT v, sum(v) AS s FROM S WINDOW('tumbling', 1 MINUTE)", TENS, ""),
    ("SELECT v FROM S WINDOW('hop', 1 MINUTE, 20 SECONDS)", TENS, ""),
    (MINUTE, "SELECT sum(v) AS s FROM A WINDOW('hop', 59 SECONDS, 1 SECOND)", ""),
    (MINUTE, "SELECT sum(v) AS s FROM A WINDOW('time', 59999)", ""),
    (MINUTE, "SELECT v FROM A WINDOW('timeLength', 10 SECONDS, 5)", ""),
    (
        MINUTE,
        "SELECT v FROM A WINDOW('time', 10 SECONDS)",
        " WITH (watermark.lateness = '1 minute')",
    ),
    (MINUTE, "SELECT count(*) AS n FROM A WINDOW('session', 10 SECONDS)", ""),
    ("SELECT v FROM S WINDOW('session', 10 SECONDS)", TENS.replace("10 S", "5 S"), ""),
]
SURE = [
    ("SELECT sum(v) AS v FROM S WINDOW('tumbling', 1 MINUTE)", TENS, ""),
    ("SELECT v, count(*) AS n FROM S WINDOW('tumbling', 1 MINUTE) GROUP BY v", TENS, ""),
    (MINUTE, TENS.replace("10 SECONDS", "1 MINUTE"), ""),
    (MINUTE, TENS.replace("10 SECONDS", "1 HOUR"), ""),
    (MINUTE, TENS, " WITH (watermark.lateness = '50 seconds')"),
    (MINUTE, "SELECT sum(v) AS s FROM A WINDOW('time', 1 MINUTE)", ""),
    (MINUTE, "SELECT sum(v) AS s FROM A WINDOW('length', 2)", ""),
    (MINUTE, "SELECT count(*) AS n FROM A WINDOW('session', 1 MINUTE)", ""),
    (f"{MINUTE} OUTPUT SNAPSHOT EVERY 7 SECONDS", TENS, ""),
    ("SELECT v FROM S WINDOW('delay', 1 MINUTE)", TENS, ""),
    ("SELECT v FROM S WINDOW('time', 1 MINUTE)", TENS, ""),
]


@pytest.mark.parametrize(("first", "second", "options"), DOUBTFUL)
def test_what_is_doubtful_is_told_and_is_so(
    check: Check, first: str, second: str, options: str
) -> None:
    sql = program(first, second, options)
    err = check(sql)
    assert "warning: query 'query_2': rows will be late for its window of" in err
    assert late_rows(sql) > 0


@pytest.mark.parametrize(("first", "second", "options"), SURE)
def test_what_is_sure_is_not_warned_of(check: Check, first: str, second: str, options: str) -> None:
    sql = program(first, second, options)
    err = check(sql)
    assert "late" not in err
    assert late_rows(sql) == 0


def test_rows_that_leave_come_in_time(check: Check) -> None:
    """Those that enter a window do not, where both are given."""
    expired, both = (
        program(MINUTE, TENS).replace("INTO A", f"{kind} EVENTS INTO A")
        for kind in ("EXPIRED", "ALL")
    )
    assert "late" not in check(expired)
    assert late_rows(expired) == 0
    assert "rows will be late for its window of 10 s" in check(both)
    assert late_rows(both) > 0


def test_the_warning_in_full(check: Check) -> None:
    err = check(program(MINUTE, TENS))
    assert (
        "4:45: warning: query 'query_2': rows will be late for its window of 10 s: those that "
        "query 'query_1' holds for 1 min come when that is over, each at its own time" in err
    )
    assert (
        "hint: aggregate them in the first window, or make this one as long, or keep it open: "
        "watermark.lateness = '50 s' of S" in err
    )


def test_lateness_is_no_way_out_of_a_window_that_slides(check: Check) -> None:
    err = check(program(MINUTE, TENS.replace("tumbling", "time")))
    assert "hint: aggregate them in the first window, or make this one as long\n" in err


def test_rows_that_would_wait_for_the_watermark_are_late_too(check: Check) -> None:
    sql = program(MINUTE, "SELECT v, sum(v) AS s FROM A EMIT FINAL")
    err = check(sql)
    assert "rows will be late for its EMIT FINAL: those that query 'query_1' holds for 1 min" in err
    assert "hint: aggregate them in the first window\n" in err
    assert late_rows(sql) > 0


@pytest.mark.parametrize(
    "between",
    [
        "INSERT INTO A SELECT v FROM Z WHERE v > 0;",
        "INSERT INTO A SELECT v FROM Z WINDOW('length', 2);",
        "INSERT INTO A SELECT sum(v) AS v FROM Z;",
    ],
)
def test_queries_between_that_let_rows_pass_change_nothing(check: Check, between: str) -> None:
    err = check(program(MINUTE, TENS, "", between))
    assert "warning: query 'query_3': rows will be late for its window of 10 s" in err
    passed = "INSERT INTO A SELECT sum(v) AS v FROM Z WINDOW('tumbling', 1 MINUTE);"
    err = check(program(MINUTE, TENS, "", passed))
    assert "query 'query_3'" not in err


def test_by_the_clock_of_the_app_nothing_is_late(check: Check) -> None:
    sql = program(MINUTE, TENS).replace(", WATERMARK FOR ts AS ts", "")
    err = check(sql)
    assert "late" not in err
