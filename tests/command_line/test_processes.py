"""`eventflux run` as a process: standard streams, signals, exit codes, logs."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROGRAM = """
CREATE STREAM A (a INT NOT NULL, b STRING) WITH (
  type = 'source', extension = 'console', format = 'json');
CREATE STREAM B (a INT NOT NULL, b STRING) WITH (
  type = 'sink', extension = 'console', format = 'json');
INSERT INTO B SELECT a + 1 AS a, b FROM A WHERE a > 1;
"""


@pytest.fixture
def program(tmp_path: Path) -> str:
    file = tmp_path / "pipe.sql"
    file.write_text(PROGRAM)
    return str(file)


@pytest.fixture
def process(program: str) -> Iterator[subprocess.Popen[bytes]]:
    """The program running, its standard streams ours."""
    with start(program) as running:
        yield running
        running.kill()


def start(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "eventflux.cli", "run", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def finish(*arguments: str, stdin: bytes = b"") -> tuple[int, bytes, str]:
    with start(*arguments) as running:
        out, err = running.communicate(stdin, timeout=60)
    return running.returncode, out, err.decode()


def wait_until_running(process: subprocess.Popen[bytes]) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if b"running" in line:
            return
    raise AssertionError("it ended before it ran")


def test_a_pipe_that_ends_with_its_input(program: str) -> None:
    code, out, err = finish(program, stdin=b'{"a": 1}\n{"a": 2, "b": "x"}\n{"a": 3}\n')
    assert code == 0
    assert out == b'{"a":3,"b":"x"}\n{"a":4,"b":null}\n'
    assert "summary" in err
    assert "go nowhere" not in err
    assert "\x1b" not in err, "there is no status line where there is no terminal"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_drains_and_ends_with_0(
    process: subprocess.Popen[bytes], number: signal.Signals
) -> None:
    wait_until_running(process)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b'{"a": 7}\n')
    process.stdin.flush()
    assert process.stdout.readline() == b'{"a":8,"b":null}\n'
    process.send_signal(number)
    assert process.wait(30) == 0


def test_check_shows_no_secret_whose_option_is_misspelt(tmp_path: Path) -> None:
    program = tmp_path / "slips.sql"
    program.write_text(
        "CREATE STREAM A (a INT) WITH (type = 'source', extension = 'websocket', format = 'json',"
        " \"websocket.ulr\" = 'ws://h/?key=hidden', \"websocket.header.Auth\" = 'Bearer hidden',"
        " url = 'ws://h/?key=hidden');"
    )
    command = [sys.executable, "-m", "eventflux.cli", "check", str(program)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 3
    assert "did you mean 'websocket.headers.Auth'?" in ended.stderr
    assert "hidden" not in ended.stdout + ended.stderr


def test_a_signal_while_connecting_ends_with_0_and_no_traceback(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    program = tmp_path / "nobody.sql"
    program.write_text(
        "CREATE STREAM A (a INT) WITH (type = 'source', extension = 'websocket', format = 'json',"
        f" \"websocket.url\" = 'ws://127.0.0.1:{port}/');"
        "CREATE STREAM B (a INT) WITH (type = 'sink', extension = 'log');"
        "INSERT INTO B SELECT a FROM A;"
    )
    with start(str(program)) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if b"trying again" in line:
                break
        process.send_signal(signal.SIGINT)
        told = process.stderr.read().decode()
    assert process.returncode == 0, told
    assert "before everything was open" in told
    assert "ERROR" not in told


def test_a_second_signal_ends_it_at_once(process: subprocess.Popen[bytes]) -> None:
    wait_until_running(process)
    assert process.stdin is not None
    assert process.stderr is not None
    # What goes in fits the pipe, what comes out does not, and nobody reads it: it can't drain.
    process.stdin.write(b'{"a": 7}\n' * 7_000)
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    for line in process.stderr:
        if b"stopping" in line:
            break
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 130
    assert b"second signal" in process.stderr.read()


def test_a_failure_while_running_is_1_and_told_once(program: str) -> None:
    code, _, err = finish(program, "--set", "A.error.strategy=fail", stdin=b"nonsense\n")
    assert code == 1
    assert err.count("can't be decoded") == 1
    assert "Traceback" not in err


def test_a_wrong_program_is_3(tmp_path: Path) -> None:
    file = tmp_path / "wrong.sql"
    file.write_text("CREATE STREAM A (x INT) WITH (typ = 'source');")
    code, out, err = finish(str(file))
    assert (code, out) == (3, b"")
    assert f"{file}:1:" in err
    assert "^" in err


def test_a_program_without_a_source_would_wait_for_ever(tmp_path: Path) -> None:
    file = tmp_path / "sourceless.sql"
    file.write_text("CREATE STREAM A (x INT); INSERT INTO B SELECT x FROM A;")
    code, _, err = finish(str(file))
    assert code == 3
    assert "has no source" in err
    assert "--dry-run" in err


def test_rows_that_nobody_sees_are_warned_of(tmp_path: Path) -> None:
    file = tmp_path / "unseen.sql"
    file.write_text(PROGRAM + "INSERT INTO C SELECT a FROM A; INSERT INTO B SELECT a, NULL FROM C;")
    assert "go nowhere" not in finish(str(file))[2]
    file.write_text(PROGRAM + "INSERT INTO C SELECT a FROM A; SELECT a FROM A;")
    code, out, err = finish(str(file), stdin=b'{"a": 1}\n')
    assert (code, out) == (0, b"")
    assert [
        line.split("WARNING ")[1].split(":")[0] for line in err.splitlines() if "go now" in line
    ] == [
        "the rows of 'C' go nowhere",
        "the rows of 'OutputStream' go nowhere",
    ]


def test_logs_as_json_and_nothing_else_on_stderr(program: str) -> None:
    code, _, err = finish(program, "--log-format", "json", stdin=b'{"a": 2}\nbad\n')
    assert code == 0
    entries = [json.loads(line) for line in err.splitlines()]
    assert {"time", "level", "logger", "message"} <= entries[0].keys()
    assert any(entry["level"] == "warning" and "bad" not in entry for entry in entries)
    summary = entries[-1]
    assert summary["message"] == "summary"
    assert summary["stats"]["queries"]["query_1"]["passed"] == 1
    assert summary["stats"]["streams"]["A"]["failed"] == 1


def test_errors_of_the_start_are_in_the_json_too(tmp_path: Path) -> None:
    file = tmp_path / "wrong.sql"
    file.write_text("SELEC 1;")
    code, _, err = finish(str(file), "--log-format", "json")
    assert code == 3
    (entry,) = [json.loads(line) for line in err.splitlines()]
    assert entry["level"] == "error"
    assert f"{file}:1:1" in entry["message"]


def test_a_reader_that_goes_away_ends_a_dry_run_quietly(program: str, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"a": 7}\n' * 50_000)
    with start(program, "--dry-run", "--output", "json", "--input", f"A={rows}") as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        err = running.stderr.read().decode()
        running.wait(60)
    assert err == ""


def test_csv_with_a_header_in_a_pipe(tmp_path: Path) -> None:
    program = tmp_path / "program.sql"
    program.write_text(
        "CREATE STREAM Lines (name STRING, n LONG) WITH (type = 'source', extension = 'console',\n"
        "  format = 'csv', \"csv.has-header\" = 'true');\n"
        "CREATE STREAM Twice (n LONG, name STRING) WITH (type = 'sink', extension = 'console',\n"
        "  format = 'csv', \"csv.include-header\" = 'true');\n"
        "INSERT INTO Twice SELECT n * 2 AS n, name FROM Lines;"
    )
    code, out, err = finish(str(program), stdin=b"n,name\n1,x\n2,y\n")
    assert (code, out) == (0, b"n,name\n2,x\n4,y\n"), err
