"""`eventflux check` and `eventflux explain` over programs in files."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from eventflux.cli import main

GOOD = """
CREATE STREAM A (id INT NOT NULL, name STRING);
CREATE STREAM B (twice LONG, n LONG) WITH (type = 'sink', extension = 'log');
INSERT INTO B SELECT id * 2 AS twice, count(*) AS n FROM A WHERE name = 'x' GROUP BY id;
"""

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run `eventflux NAME FILE ARGUMENTS…` over a program; exit code, stdout, stderr."""

    def run(name: str, sql: str, *arguments: str) -> tuple[int, str, str]:
        file = tmp_path / "program.sql"
        file.write_text(sql, encoding="utf-8")
        with pytest.raises(SystemExit) as ended:
            main([name, str(file), *arguments])
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return run


def test_a_good_program_is_ok(command: Command) -> None:
    code, out, err = command("check", GOOD.replace("GROUP BY id", "GROUP BY id = 1"))
    assert (code, err) == (0, "")
    assert "program.sql: ok, 2 streams, 1 query\n" in out


UNBOUNDED = "query 'query_1': its state is unbounded: it keeps one group for each id, for ever"


def test_state_that_grows_without_end_is_named(command: Command) -> None:
    code, out, err = command("check", GOOD)
    assert code == 0
    assert "program.sql: ok, 2 streams, 1 query\n" in out
    assert f"program.sql:4:77: warning: {UNBOUNDED}" in err
    assert "hint: a window ends its groups" in err


def test_bounded_state_can_be_required(command: Command) -> None:
    code, out, err = command("check", GOOD, "--require", "bounded-state")
    assert (code, out) == (3, "")
    assert f"program.sql:4:77: error: {UNBOUNDED}" in err
    windowed = GOOD.replace("FROM A", "FROM A WINDOW('tumbling', 1 MINUTE)")
    code, out, err = command("check", windowed, "--require", "bounded-state")
    assert (code, err) == (0, "")


LIVE = """CREATE STREAM A (t STRING) WITH (
  type = 'source', extension = 'timer');
CREATE STREAM B (t STRING) WITH (type = 'sink', extension = 'log');
CREATE STREAM C (t STRING) WITH (type = 'sink', extension = 'log');
INSERT INTO B SELECT t FROM A;
"""
IS_LIVE = "source 'A' (timer) is live"


def test_what_each_sink_guarantees_is_shown(command: Command) -> None:
    _, out, _ = command("check", LIVE)
    assert f"\n  B: at-most-once, in order: {IS_LIVE}\n  C: at-least-once, in order\n" in out
    _, out, _ = command("explain", LIVE)
    assert "sink log\n    delivery: at-most-once, in order\n" in out
    assert f"    - line 2, column 32: {IS_LIVE}: what comes while nobody listens" in out
    _, out, _ = command("explain", LIVE, "--format", "mermaid")
    assert '"B<br/>sink log<br/>at-most-once, in order"' in out
    _, out, _ = command("explain", LIVE, "--format", "json")
    told = json.loads(out)["guarantees"]
    assert [(one["sink"], one["delivery"]) for one in told] == [
        ("B", "at-most-once"),
        ("C", "at-least-once"),
    ]
    _, out, _ = command("check", LIVE, "--output", "json", "--show-options")
    assert json.loads(out)["options"][0]["guarantees"] == told


def test_explain_shows_how_a_stream_is_connected(command: Command) -> None:
    sql = LIVE + "INSERT INTO C SELECT event AS t FROM A.connection;"
    _, out, _ = command("explain", sql)
    assert "duration_ms LONG), how A is connected" in out
    _, out, _ = command("explain", sql, "--format", "mermaid")
    assert " -. connection .-> " in out


def test_at_least_once_can_be_required(command: Command) -> None:
    code, out, err = command("check", LIVE, "--require", "at-least-once")
    assert (code, out) == (3, "")
    assert f"program.sql:2:32: error: sink 'B' is at-most-once: {IS_LIVE}" in err
    assert "hint: what has to arrive comes by a broker" in err
    assert "sink 'C'" not in err
    written = LIVE.replace("type = 'source', extension = 'timer'", "")
    assert (
        command("check", written.replace("WITH (\n  )", ""), "--require", "at-least-once")[0] == 0
    )


def test_several_things_can_be_required(command: Command) -> None:
    both = ("--require", "at-least-once", "--require", "bounded-state")
    code, _, err = command("check", GOOD, *both)
    assert code == 3
    assert f"program.sql:4:77: error: {UNBOUNDED}" in err
    assert "error: sink 'B' is at-most-once: query 'query_1' keeps its state in memory" in err
    code, _, err = command("check", GOOD, *both[:2])
    assert f"program.sql:4:77: warning: {UNBOUNDED}" in err


def test_a_window_by_the_wall_clock_over_rows_with_times_is_named(command: Command) -> None:
    sql = (
        "CREATE STREAM A (id INT, at TIMESTAMP) WITH (\n"
        "  type = 'source', extension = 'console', format = 'json', \"event.time\" = 'at');\n"
        "SELECT count(*) AS n FROM A WINDOW('tumbling', 1 MINUTE);"
    )
    code, _, err = command("check", sql)
    assert code == 0
    assert "program.sql:3:29: warning: query 'query_1': its window goes by the wall clock" in err
    assert "SET app.time = 'event'" in err
    assert command("check", sql, "--set", "app.time=event")[2] == ""


def test_what_is_required_is_in_the_json_too(command: Command) -> None:
    code, out, _ = command("check", GOOD, "--require", "bounded-state", "--output", "json")
    assert code == 3
    assert UNBOUNDED in out


def test_all_errors_of_a_file_with_their_places(command: Command) -> None:
    sql = (
        "CREATE STREAM A (id INT);\n"
        "INSERT INTO B SELECT nope FROM A;\n"
        "INSERT INTO C SELECT id FROM Nowhere;\n"
    )
    code, out, err = command("check", sql)
    assert code == 3
    assert out == ""
    assert "program.sql:2:22: error: " in err
    assert "program.sql:3:30: error: " in err
    assert "    2 | INSERT INTO B SELECT nope FROM A;" in err
    assert err.splitlines()[2] == " " * 6 + "| " + " " * 21 + "^"


def test_options_are_checked_too_wherever_they_come_from(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[streams.B]\n"log.level" = "loud"\n')
    code, _, err = command("check", GOOD, "--config", str(file))
    assert code == 3
    assert "log.level" in err
    code, _, err = command("check", GOOD, "--set", "B.log.levle=info")
    assert code == 3
    assert "did you mean 'log.level'?" in err
    assert command("check", GOOD, "--set", "B.log.level=error", "--config", str(file))[0] == 0


@pytest.mark.usefixtures("not_installed")
def test_a_missing_package_has_its_own_exit_code(command: Command) -> None:
    sql = GOOD.replace("'log'", "'kafka', format = 'avro'")
    code, _, err = command("check", sql)
    assert code == 6
    assert "pip install eventflux-kafka eventflux-avro" in err


def test_what_is_planned_is_an_error_at_its_place(command: Command) -> None:
    code, _, err = command("check", GOOD.replace("'log'", "'kafka', format = 'avro'"))
    assert code == 3
    assert "program.sql:3:71: error: stream 'B': extension 'kafka' is not supported yet" in err
    assert "format 'avro' is not supported yet" in err


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "program.sql"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(SystemExit) as ended:
        main(["check", str(file)])
    assert ended.value.code == 3


def test_explain_shows_streams_and_each_query_as_a_typed_tree(command: Command) -> None:
    code, out, _ = command("explain", GOOD)
    assert code == 0
    assert "A (id INT NOT NULL, name STRING)\n" in out
    assert "B (twice LONG, n LONG), sink log\n" in out
    tree = out.split("query_1, line 4: insert into B\n")[1]
    operators = [line.strip("└─ ") for line in tree.splitlines() if "└─" in line]
    assert operators == [
        "Project",
        "Aggregate count(*) by id",
        "Filter name = 'x'",
        "Scan A (id INT NOT NULL, name STRING)",
    ]
    assert "state is volatile" in tree


def test_explain_says_where_state_is_stored(command: Command) -> None:
    stored = "SET checkpoint.dir = '/var/lib/x'; SET checkpoint.interval = '1 minute';" + GOOD
    code, out, _ = command("explain", stored)
    assert code == 0
    assert "its state is stored: a checkpoint in sqlite every 1 min, and at a stop" in out
    assert "volatile" not in out
    _, out, _ = command("explain", stored, "--format", "json")
    assert json.loads(out)["state_store"] == "sqlite"


def test_state_that_is_stored_is_no_loss(command: Command) -> None:
    sql = GOOD
    code, out, err = command("check", sql, "--require", "at-least-once")
    assert code == 3
    assert "keeps its state in memory" in err
    told = "run --state DIR, which is --set checkpoint.dir=DIR, or SET checkpoint.dir = 'DIR'"
    assert told in err
    code, out, err = command(
        "check", sql, "--require", "at-least-once", "--set", "checkpoint.dir=/var/lib/x"
    )
    assert "keeps its state in memory" not in err + out


@pytest.mark.parametrize(
    ("settings", "told", "hint"),
    [
        ("SET checkpoint.store = 'sqlit';", "unknown checkpoint.store 'sqlit'", "sqlite"),
        ("SET checkpoint.dri = '/x';", "unknown setting 'checkpoint.dri'", "checkpoint.dir"),
        ("SET checkpoint.store = 'sqlite';", "'checkpoint.dir' is required", ""),
        ("SET checkpoint.interval = 'soon';", "checkpoint.interval", "duration"),
    ],
)
def test_what_is_wrong_with_settings_of_checkpoints(
    command: Command, settings: str, told: str, hint: str
) -> None:
    code, _, err = command("check", settings + GOOD)
    assert code == 3
    assert told in err
    assert hint in err
    assert "program.sql:1:" in err


def test_what_has_no_effect_beside_a_state_store_is_said(command: Command) -> None:
    sql = "SET checkpoint.dir = '/x'; SET app.flush.on.stop = TRUE;" + GOOD
    code, _, err = command("check", sql)
    assert code == 0
    assert "app.flush.on.stop does nothing with a state store" in err


AGGREGATES = """
CREATE STREAM S (customer STRING, amount DOUBLE);
INSERT INTO T SELECT customer, sum(amount) AS total, 2 * (1 + count(*)) AS n
FROM S WINDOW('tumbling', 5 MINUTES) GROUP BY customer;
"""


def test_explain_shows_keys_and_aggregates_by_their_text(command: Command) -> None:
    _, out, _ = command("explain", AGGREGATES)
    assert "customer STRING = customer\n" in out
    assert "total DOUBLE = sum(amount)\n" in out
    assert "n LONG = 2 * (1 + count(*))\n" in out
    assert "#" not in out


NESTED = """
CREATE STREAM S (v INT);
CREATE VIEW Large AS SELECT v FROM S WHERE v > 100;
WITH few AS (SELECT v FROM Large)
INSERT INTO T SELECT v FROM few UNION ALL SELECT -v FROM (SELECT v FROM S) AS all_of_it;
"""


def test_explain_shows_what_stands_inside_a_query(command: Command) -> None:
    code, out, _ = command("explain", NESTED)
    assert code == 0
    for line in (
        "  Large (v INT), a view",
        '  "query_1/few" (v INT), inside query_1: what one part of it gives to another',
        "Large, line 3: insert into Large",
        'query_1/few, line 4: insert into "query_1/few"',
        "query_1/1, line 5: insert into T",
        'query_1/all_of_it, line 5: insert into "query_1/all_of_it"',
        "query_1/2, line 5: insert into T",
    ):
        assert line in out.splitlines()
    _, out, _ = command("explain", NESTED, "--code")
    assert "# query_1/all_of_it, line 5: SELECT v FROM S" in out


@pytest.mark.parametrize(
    ("sql", "state", "clock"),
    [
        (AGGREGATES, "one state for each customer", "system time"),
        ("SET app.time = 'event';" + AGGREGATES, "one state for each customer", "event time"),
        (
            "CREATE STREAM S (a INT); INSERT INTO T SELECT count(*) AS n FROM S;",
            "one state for all rows",
            "none",
        ),
        (
            "CREATE STREAM S (a INT); INSERT INTO T SELECT a FROM S WINDOW TUMBLING(5 SECONDS);",
            "the rows of the open window",
            "system time",
        ),
    ],
)
def test_explain_tells_of_a_querys_state(
    command: Command, sql: str, state: str, clock: str
) -> None:
    _, out, _ = command("explain", sql)
    assert f"  state: {state}\n" in out
    assert "kept in memory only" in out
    assert f"  clock: {clock}" in out


def test_explain_tells_of_the_watermarks_that_windows_go_by(command: Command) -> None:
    """Also behind another query, whose rows carry the watermark on."""
    sql = """CREATE STREAM A (ts TIMESTAMP, v INT, WATERMARK FOR ts AS ts);
    CREATE STREAM B (ts TIMESTAMP, v INT, WATERMARK FOR ts AS ts);
    INSERT INTO M SELECT sum(v) AS v FROM A WINDOW TUMBLING(5 SECONDS);
    INSERT INTO M SELECT v FROM B;
    INSERT INTO T SELECT sum(v) AS v FROM M WINDOW TUMBLING(1 MINUTE);"""
    _, out, _ = command("explain", sql)
    clocks = [line.strip() for line in out.splitlines() if line.startswith("  clock: ")]
    assert clocks == [
        "clock: event time, the watermark of A",
        "clock: event time, the least of the watermarks of A, B",
    ]


def test_explain_tells_where_late_rows_go(command: Command) -> None:
    sql = """CREATE STREAM A (ts TIMESTAMP, at LONG, v INT, WATERMARK FOR ts AS ts);
    CREATE STREAM B (at LONG);
    INSERT INTO T SELECT sum(v) AS v FROM A WINDOW TUMBLING(5 SECONDS);
    INSERT INTO U SELECT sum(v) AS v FROM (SELECT v FROM A) AS x WINDOW TUMBLING(5 SECONDS);
    INSERT INTO V SELECT count(*) AS n FROM B WINDOW('externalTime', at, 5 SECONDS);
    INSERT INTO W SELECT count(*) AS n FROM B WINDOW TUMBLING(5 SECONDS);
    INSERT INTO X SELECT count(*) AS n FROM A WINDOW('length', 5);"""
    _, out, _ = command("explain", sql)
    lates = [line.strip() for line in out.splitlines() if line.startswith("  late rows: ")]
    assert lates == [
        'late rows: go to "A.late"',
        'late rows: go to "query_2/x.late"',
        'late rows: go to "B.late"',
    ]


def test_the_clock_may_be_chosen_on_the_command_line(command: Command) -> None:
    _, out, _ = command("explain", AGGREGATES, "--set", "app.time=event")
    assert "  clock: event time" in out


def test_a_query_without_state_is_not_called_volatile(command: Command) -> None:
    sql = "CREATE STREAM A (id INT); INSERT INTO B SELECT id FROM A;"
    _, out, _ = command("explain", sql)
    assert "volatile" not in out
    assert "B (id INT), not declared" in out


def test_explain_code_is_python_that_makes_the_rows(command: Command) -> None:
    code, out, _ = command("explain", GOOD, "--code")
    assert code == 0
    compile(out, "generated", "exec")
    assert "line 4" in out
    assert "Row_B" in out


def test_checking_imports_neither_runtime_nor_asyncio(tmp_path: Path) -> None:
    file = tmp_path / "program.sql"
    file.write_text(GOOD)
    code = (
        "import sys, eventflux.cli\n"
        "try:\n"
        f"    eventflux.cli.main(['check', {str(file)!r}])\n"
        "finally:\n"
        "    print('\\n'.join(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    modules = set(done.stdout.split())
    assert "eventflux.planner" in modules
    assert modules.isdisjoint({"asyncio", "eventflux.runtime.runtime", "eventflux.compiler"})
