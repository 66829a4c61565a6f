"""`eventflux run` as a process that others look at: over HTTP, and as systemd does."""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

PROGRAM = """
CREATE STREAM A (a INT NOT NULL) WITH (
  type = 'source', extension = 'console', format = 'json');
CREATE STREAM B (a INT NOT NULL) WITH (
  type = 'sink', extension = 'console', format = 'json');
INSERT INTO B SELECT a + 1 AS a FROM A WHERE a > 1;
"""


@pytest.fixture
def program(tmp_path: Path) -> str:
    file = tmp_path / "pipe.sql"
    file.write_text(PROGRAM)
    return str(file)


def start(*arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "eventflux.cli", "run", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
    )


@pytest.fixture
def watched(program: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The program running, and the address of its pages."""
    pytest.importorskip("prometheus_client")
    with start(program, "--http", "0") as process:
        yield process, address_of(process)
        process.kill()


def address_of(process: subprocess.Popen[bytes]) -> str:
    assert process.stderr is not None
    address = ""
    for line in process.stderr:
        found = re.search(rb"http://127\.0\.0\.1:\d+", line)
        address = found.group().decode() if found else address
        if b"running" in line:
            return address
    raise AssertionError("it ended before it ran")


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_the_pages_of_a_running_process(watched: tuple[subprocess.Popen[bytes], str]) -> None:
    process, address = watched
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b'{"a": 7}\n')
    process.stdin.flush()
    assert process.stdout.readline() == b'{"a":8}\n'
    assert get(f"{address}/live")[0] == 200
    status, body = get(f"{address}/ready")
    assert (status, json.loads(body)["ready"]) == (200, True)
    assert json.loads(get(f"{address}/stats")[1])["connectors"]["B"]["confirmed"] == 1
    metrics = get(f"{address}/metrics")[1]
    assert 'eventflux_sink_confirmed_total{app="pipe",stream="B"} 1.0\n' in metrics
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    with pytest.raises(urllib.error.URLError):
        get(f"{address}/live")


def test_pages_while_it_can_not_drain(watched: tuple[subprocess.Popen[bytes], str]) -> None:
    process, address = watched
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)
    process.stdin.write(b'{"a": 7}\n' * 7_000)  # nobody reads what comes of it, which is more
    process.stdin.flush()
    process.send_signal(signal.SIGTERM)
    for line in process.stderr:
        if b"stopping" in line:
            break
    status, body = get(f"{address}/ready")
    assert (status, json.loads(body)["state"]) == (503, "stopping")
    assert get(f"{address}/live")[0] == 200
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 130


def test_a_port_in_use(program: str) -> None:
    pytest.importorskip("prometheus_client")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with start(program, "--http", port) as process:
            _, err = process.communicate(timeout=30)
    assert process.returncode == 5
    assert f"HTTP: can't listen at 127.0.0.1:{port}".encode() in err
    assert b"Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--http", "nowhere"], "'nowhere' is no port"),
        (["--http", ":80"], "0.0.0.0:PORT"),
        (["--http", "80", "--dry-run"], "a dry run serves no pages"),
    ],
)
def test_wrong_use(program: str, arguments: list[str], told: str) -> None:
    with start(program, *arguments, NO_COLOR="1", COLUMNS="200") as process:
        _, err = process.communicate(timeout=30)
    assert process.returncode == 2
    assert told in err.decode()


@pytest.mark.parametrize("abstract", [False, True])
def test_a_service_manager_is_told(program: str, tmp_path: Path, abstract: bool) -> None:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + path if abstract else path)
        manager.settimeout(30)
        address = f"@{path}" if abstract else path
        with start(program, NOTIFY_SOCKET=address, WATCHDOG_USEC="200000") as process:
            told = [manager.recv(1000).decode()]
            while told.count("WATCHDOG=1") < 5 or "READY=1" not in told:
                told.append(manager.recv(1000).decode())
            process.send_signal(signal.SIGTERM)
            while told[-1] != "STOPPING=1":
                told.append(manager.recv(1000).decode())
            assert process.wait(30) == 0
    assert told.count("READY=1") == told.count("STOPPING=1") == 1
    assert "STATUS=running" in told
    assert told.index("READY=1") < told.index("STOPPING=1")


def test_without_one_nothing_is_said(program: str) -> None:
    with start(program, NOTIFY_SOCKET="") as process:
        _, err = process.communicate(b'{"a": 2}\n', timeout=30)
    assert process.returncode == 0
    assert b"NOTIFY_SOCKET" not in err
