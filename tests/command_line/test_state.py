"""`eventflux run --state`: state goes on in the next process."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eventflux.cli.stored_state import app_states

PROGRAM = """
CREATE STREAM A (v INT) WITH (type = 'source', extension = 'console', format = 'json');
CREATE STREAM B (total LONG) WITH (type = 'sink', extension = 'console', format = 'json');
INSERT INTO B SELECT SUM(v) AS total FROM A;
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    file = tmp_path / "sums.sql"
    file.write_text(PROGRAM)
    return file


def run(*arguments: object, stdin: bytes = b"") -> tuple[int, str, str]:
    ended = subprocess.run(
        [sys.executable, "-m", "eventflux.cli", "run", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        timeout=60,
    )
    return ended.returncode, ended.stdout.decode(), ended.stderr.decode()


def test_sums_go_on_over_processes(program: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert run(program, "--state", state, stdin=b'{"v": 1}\n{"v": 2}\n')[1].split()[-1] == (
        '{"total":3}'
    )
    code, out, err = run(program, "--state", state, stdin=b'{"v": 4}\n')
    assert (code, out) == (0, '{"total":7}\n')
    assert "state: restored from revision 1" in err
    assert run(program, "--state", state, "--name", "other", stdin=b'{"v": 4}\n')[1] == (
        '{"total":4}\n'
    )
    assert run(program, "--state", state, "--fresh", stdin=b'{"v": 5}\n')[1] == '{"total":5}\n'
    assert run(program, "--state", state, stdin=b'{"v": 1}\n')[1] == '{"total":6}\n'
    assert sorted(file.name for file in state.glob("*.sqlite")) == ["other.sqlite", "sums.sqlite"]


def test_a_process_that_is_killed_goes_on_where_the_last_checkpoint_was(
    program: Path, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    command = [sys.executable, "-m", "eventflux.cli", "run", str(program), "--state", str(state)]
    with subprocess.Popen(
        [*command, "--set", "checkpoint.interval=10ms"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b'{"v": 1}\n{"v": 2}\n')
        process.stdin.flush()
        assert process.stdout.readline() == b'{"total":1}\n'
        assert process.stdout.readline() == b'{"total":3}\n'
        _wait_for_total(state)
        process.send_signal(signal.SIGKILL)
    assert run(program, "--state", state, stdin=b'{"v": 4}\n')[1] == '{"total":7}\n'


def _wait_for_total(state: Path) -> None:
    """Until a checkpoint holds both rows: nothing has changed since then."""
    deadline, seen, at = time.monotonic() + 20, 0, 0.0
    while time.monotonic() < deadline:
        revision = max(
            (c.revision for app in app_states(state) for c in app.checkpoints), default=0
        )
        if revision != seen:
            seen, at = revision, time.monotonic()
        if seen and time.monotonic() - at > 0.3:
            return
        time.sleep(0.02)  # another process writes the store, and tells nobody
    raise AssertionError("no checkpoint was made")


def test_state_and_fresh_are_refused_where_nothing_is_stored(program: Path) -> None:
    code, _, err = run(program, "--fresh")
    assert code == 2
    assert "there is no stored state to ignore" in err
    code, _, err = run(program, "--dry-run", "--state", ".")
    assert code == 2
    assert "a dry run stores no state" in err


def test_state_that_is_damaged_all_over_is_refused(program: Path, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "sums.sqlite").write_bytes(b"no database" * 100)
    code, _, err = run(program, "--state", tmp_path / "state")
    assert code == 5
    assert "can be read" in err
    assert "--fresh begins a new history" in err
    assert run(program, "--state", tmp_path / "state", "--fresh", stdin=b'{"v": 1}\n')[0] == 0


def test_two_processes_with_one_state(program: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    command = [sys.executable, "-m", "eventflux.cli", "run", str(program), "--state", str(state)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as first:
        assert first.stderr is not None
        for line in first.stderr:
            if b"running" in line:
                break
        code, _, err = run(program, "--state", state)
        assert code == 5
        assert f"process {first.pid} on" in err
        assert "--name" in err
        first.kill()
