"""Looking into a running process: ``eventflux explain --why`` and ``eventflux tap``."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

PROGRAM = """
CREATE STREAM A (a INT NOT NULL, "the time" TIMESTAMP) WITH (
  type = 'source', extension = 'console', format = 'json');
CREATE STREAM B (a INT NOT NULL, "the time" TIMESTAMP) WITH (
  type = 'sink', extension = 'console', format = 'json');
INSERT INTO B SELECT a + 1 AS a, "the time" FROM A WHERE a > 1;
"""

App = subprocess.Popen[bytes]
Start = Callable[..., App]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where control sockets are."""
    monkeypatch.setenv("EVENTFLUX_RUNTIME_DIR", str(tmp_path / "run"))
    return tmp_path / "run"


@pytest.fixture
def program(tmp_path: Path) -> str:
    file = tmp_path / "pipe.sql"
    file.write_text(PROGRAM)
    return str(file)


def eventflux(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "eventflux.cli", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def told(*arguments: str) -> tuple[int, str, str]:
    """Run a command to its end: its code, and what it prints."""
    with eventflux(*arguments) as process:
        out, err = process.communicate(timeout=30)
        return process.returncode, out.decode(), err.decode()


@pytest.fixture
def start(folder: Path, program: str) -> Iterator[Start]:
    """Starts the program, and returns when it runs."""
    with ExitStack() as running:

        def start(*arguments: str) -> App:
            process = running.enter_context(eventflux("run", program, *arguments))
            running.callback(process.kill)
            assert process.stderr is not None
            for line in process.stderr:
                if b"running; Ctrl-C" in line:
                    return process
            raise AssertionError("it ended before it ran")

        yield start


def put(app: App, *rows: object) -> None:
    assert app.stdin is not None
    app.stdin.write(b"".join(json.dumps(row).encode() + b"\n" for row in rows))
    app.stdin.flush()


def test_why_there_is_no_output(start: Start, program: str) -> None:
    app = start()
    idle = told("explain", program, "--why", "B")
    put(app, {"a": 1})
    put(app, {"a": 7})  # its row tells that the one before has been processed
    assert app.stdout is not None
    assert app.stdout.readline() == b'{"a":8,"the time":null}\n'
    flows = told("explain", program, "--why", "B", "--format", "json")
    assert idle[0] == flows[0] == 0
    assert idle[1].startswith(
        "Nothing reaches B yet: source 'A' (console) is connected and has received nothing.\n"
    )
    report = json.loads(flows[1])
    assert (report["cause"], report["app"], report["stream"]) == ("flows", "pipe", "B")
    [query] = [step for step in report["steps"] if step["kind"] == "query"]
    assert query["counters"] == {"in": 2, "passed": 1, "filtered": 1}


def test_an_address_where_nobody_answers(program: str) -> None:
    code, _, err = told("explain", program, "--why", "B", "--http", "127.0.0.1:1")
    assert code == 4
    assert "the app at 127.0.0.1:1 does not answer" in err
    assert "eventflux run FILE --http" in err


def test_over_http(folder: Path, program: str) -> None:
    pytest.importorskip("prometheus_client")
    with eventflux("run", program, "--http", "0") as app:
        assert app.stderr is not None
        address = ""
        for line in app.stderr:
            found = re.search(rb"http://(127\.0\.0\.1:\d+)", line)
            address = found.group(1).decode() if found else address
            if b"running; Ctrl-C" in line:
                break
        for socket in folder.glob("*.sock"):
            socket.unlink()
        code, out, _ = told("explain", program, "--why", "B", "--http", address)
        assert (code, "has received nothing" in out) == (0, True)
        with eventflux("tap", program, "B", "--http", address, "--limit", "1") as tap:
            feed_until_seen(app, tap)
            assert tap.wait(30) == 0
        app.kill()


def test_no_app_runs(program: str, folder: Path) -> None:
    code, out, err = told("explain", program, "--why", "B")
    assert (code, out) == (4, "")
    assert err == (
        f"error: no app runs {program} here\n"
        f"  hint: start it with: eventflux run {program}. The app of another user, machine or "
        "container is asked by --http HOST:PORT\n"
    )


def test_a_stream_that_it_does_not_have(start: Start, program: str) -> None:
    start()
    assert told("explain", program, "--why", "BB") == (
        2,
        "",
        "error: app 'pipe' has no stream 'BB'\n  hint: did you mean 'B'?\n",
    )
    assert told("tap", program, "BB")[0] == 2


def test_two_apps_of_one_program(start: Start, program: str) -> None:
    for name in ("one", "two"):
        start("--name", name)
    code, _, err = told("explain", program, "--why", "B")
    assert code == 2
    assert "2 apps run" in err
    assert "--name says which is meant" in err
    code, out, _ = told("explain", program, "--why", "B", "--name", "two", "--format", "json")
    assert (code, json.loads(out)["app"]) == (0, "two")
    code, _, err = told("explain", program, "--why", "B", "--name", "tow")
    assert code == 4
    assert "did you mean 'two'?" in err
    start("--name", "two")
    code, _, err = told("explain", program, "--why", "B", "--name", "two")
    assert code == 2
    assert "hint: start each by a name of its own (eventflux run --name), or ask by --http" in err


def test_options_are_those_of_the_app_that_runs(program: str) -> None:
    code, _, err = told("explain", program, "--why", "B", "--set", "app.time=event")
    assert code == 2
    assert "the running app has its options" in err


def test_sockets_are_private_and_go_with_their_app(
    start: Start, program: str, folder: Path
) -> None:
    app = start()
    [socket] = folder.glob("*.sock")
    assert folder.stat().st_mode & 0o777 == 0o700
    app.send_signal(signal.SIGKILL)
    app.wait(10)
    assert socket.exists()
    assert told("explain", program, "--why", "B")[0] == 4
    assert not socket.exists(), "what a process has left behind is removed"
    other = start()
    other.send_signal(signal.SIGTERM)
    assert other.wait(30) == 0
    assert not list(folder.glob("*.sock"))


def test_a_folder_that_others_may_enter_is_not_used(
    start: Start, program: str, folder: Path
) -> None:
    folder.mkdir(mode=0o755)
    app = start()
    assert not list(folder.glob("*"))
    code, _, err = told("explain", program, "--why", "B")
    assert code == 4
    assert f"hint: {folder} is not used, it is not this user's alone: chmod 700" in err
    put(app, {"a": 7})
    assert app.stdout is not None
    assert app.stdout.readline() == b'{"a":8,"the time":null}\n'


def test_tap_gives_rows_as_they_pass(start: Start, program: str) -> None:
    app = start()
    with eventflux("tap", program, "B", "--limit", "3") as tap:
        [first] = feed_until_seen(app, tap)
        put(app, {"a": 2, "the time": "2026-01-02T03:04:05Z"}, {"a": 0}, *[{"a": 3}] * 3)
        out, err = tap.communicate(timeout=30)
    assert (tap.returncode, err) == (0, b"")
    assert list(first) == ["a", "the time"]
    assert len(out.splitlines()) <= 2


def test_tap_ends_with_the_app(start: Start, program: str) -> None:
    app = start()
    with eventflux("tap", program, "B") as tap:
        rows = feed_until_seen(app, tap)
        app.send_signal(signal.SIGTERM)
        _, err = tap.communicate(timeout=30)
    assert (tap.returncode, err) == (0, b"")
    assert rows[0]["the time"] is None
    assert app.wait(30) == 0


def test_tap_ends_with_who_reads_it(start: Start, program: str) -> None:
    app = start()
    with eventflux("tap", program, "B") as tap:
        feed_until_seen(app, tap)
        assert tap.stdout is not None
        assert tap.stderr is not None
        tap.stdout.close()
        while tap.poll() is None:
            put(app, {"a": 7})
            select.select([tap.stderr], [], [], 0.05)
        assert (tap.returncode, tap.stderr.read()) == (1, b"")


def test_tap_ends_with_ctrl_c_and_the_app_goes_on(start: Start, program: str) -> None:
    app = start()
    with eventflux("tap", program, "B") as tap:
        feed_until_seen(app, tap)
        tap.send_signal(signal.SIGINT)
        _, err = tap.communicate(timeout=30)
        assert (tap.returncode, err) == (0, b"")
    put(app, {"a": 41})
    assert app.stdout is not None
    for line in app.stdout:
        if line == b'{"a":42,"the time":null}\n':
            break


def feed_until_seen(app: App, tap: App) -> list[dict[str, object]]:
    """Put rows until the tap shows one: by then it is there."""
    assert tap.stdout is not None
    for number in range(1000):
        put(app, {"a": 100 + number})
        if select.select([tap.stdout], [], [], 0.05)[0]:
            return [json.loads(tap.stdout.readline())]
    raise AssertionError("the tap shows nothing")


def test_tap_on_a_terminal_is_a_table(start: Start, program: str) -> None:
    app = start()
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "eventflux.cli", "tap", program, "B"],
        stdin=theirs, stdout=theirs, stderr=subprocess.PIPE,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "30"},
    ) as tap:  # fmt: skip
        os.close(theirs)
        shown = b""
        number = 0
        while b"108" not in shown:
            put(app, {"a": 100 + number % 20})
            number += 1
            if select.select([ours], [], [], 0.05)[0]:
                shown += os.read(ours, 65536)
        tap.send_signal(signal.SIGINT)
        assert tap.wait(30) == 0
    os.close(ours)
    assert "the time" in shown.decode(errors="replace")
    assert "NULL" in shown.decode(errors="replace")
