"""How much memory a process takes under what could fill it: measured by the system, as the most
that was ever resident."""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc"),
]

MB = 1024 * 1024
SQL = """
CREATE STREAM A (a LONG NOT NULL, b STRING) WITH (
  type = 'source', extension = 'console', format = 'json');
CREATE STREAM B (a LONG NOT NULL, b STRING) WITH (
  type = 'sink', extension = 'console', format = 'json');
CREATE STREAM C (a LONG, n LONG);
{query};
"""
PASS = "INSERT INTO B SELECT a, b FROM A"
COUNT = "INSERT INTO C SELECT a, count(*) AS n FROM A GROUP BY a"


class Process:
    """``eventflux run`` of one query, its input ours."""

    def __init__(
        self, folder: Path, query: str, *arguments: str, stdout: int = subprocess.DEVNULL
    ) -> None:
        file = folder / "program.sql"
        file.write_text(SQL.format(query=query))
        self._stderr = (folder / "stderr").open("w+b")
        command = [sys.executable, "-m", "eventflux.cli", "run", str(file), "--log-format", "json"]
        self.process = subprocess.Popen(
            [*command, *arguments],
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=self._stderr,
        )

    def __enter__(self) -> Process:
        """Return when it runs."""
        while "Ctrl-C stops it" not in Path(self._stderr.name).read_text():
            assert self.process.poll() is None
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self._stderr):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    @property
    def stdin(self) -> IO[bytes]:
        assert self.process.stdin is not None
        return self.process.stdin

    def most(self) -> int:
        """The most bytes that were resident until now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s*(\d+) kB", status)
        assert found is not None, status
        return int(found.group(1)) * 1024

    def feed(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            self.stdin.write(line)
        self.stdin.flush()

    def answer(self, line: bytes) -> bytes:
        """Feed a line and wait for what comes of it."""
        self.feed([line])
        assert self.process.stdout is not None
        assert select.select((self.process.stdout,), (), (), 30)[0], "no answer in 30 s"
        return self.process.stdout.readline()

    def end(self) -> dict[str, dict[str, dict[str, int]]]:
        """End the input and wait; the counters."""
        self.stdin.close()
        assert self.process.wait(60) == 0
        self._stderr.seek(0)
        records = map(json.loads, self._stderr.read().splitlines())
        (stats,) = (record["stats"] for record in records if "stats" in record)
        found: dict[str, dict[str, dict[str, int]]] = stats
        return found


def test_a_flood_is_processed_as_it_comes(tmp_path: Path) -> None:
    count, chunk = 600_000, 1_000
    lines = b"".join(b'{"a": %d, "b": "some text"}\n' % number for number in range(chunk))
    with Process(tmp_path, PASS) as run:
        run.feed([lines] * 20)
        before = run.most()
        run.feed([lines] * (count // chunk - 20))
        most = run.most()
        stats = run.end()
    assert stats["connectors"]["B"]["confirmed"] == count
    assert most < before + 40 * MB


def test_a_dead_sink_stops_the_input(tmp_path: Path) -> None:
    """Messages of 20 kB, with the bounds as they are by default: 64 MiB received, 64 MiB that
    wait to be sent, and 64 MiB sent."""
    line = b'{"a": 1, "b": "%s"}\n' % (b"x" * 20_000)
    with Process(tmp_path, PASS, stdout=subprocess.PIPE) as run:
        offered = fed_until_full(run, line, 1_000 * MB)
        assert offered < 200 * MB
        assert run.most() < 400 * MB
        run.process.send_signal(signal.SIGTERM)
        run.process.send_signal(signal.SIGINT)
        assert run.process.wait(30) == 130


def test_a_dead_sink_with_less_room(tmp_path: Path) -> None:
    line = b'{"a": 1, "b": "%s"}\n' % (b"x" * 20_000)
    room = ["--set", "A.max.in.flight.bytes=4MiB", "--set", "B.max.in.flight.bytes=2MiB"]
    with Process(tmp_path, PASS, *room, stdout=subprocess.PIPE) as run:
        assert fed_until_full(run, line, 1_000 * MB) < 16 * MB
        assert run.most() < 100 * MB


def fed_until_full(run: Process, line: bytes, most: int) -> int:
    """Feed lines until the process takes no more for a second; how many bytes it took."""
    pipe = run.stdin.fileno()
    os.set_blocking(pipe, False)
    taken = 0
    while taken < most and select.select((), (pipe,), (), 1.0)[1]:
        taken += os.write(pipe, line[taken % len(line) :])
    return taken


def test_large_messages(tmp_path: Path) -> None:
    """Nine megabytes pass; fifteen are more than JSON takes, are named and leave no trace."""
    large, larger = (b'{"a": 1, "b": "%s"}\n' % (b"x" * (size * MB)) for size in (9, 15))
    with Process(tmp_path, PASS, stdout=subprocess.PIPE) as run:
        assert len(run.answer(large)) > 9 * MB
        first = run.most()
        assert first < 200 * MB
        for _ in range(4):
            run.feed([larger])
            assert len(run.answer(large)) > 9 * MB
        assert run.most() < first + 60 * MB
        stats = run.end()
    assert stats["connectors"]["B"]["confirmed"] == 5
    assert stats["streams"]["A"]["failed"] == 4


def test_a_million_keys_cost_what_their_groups_take(tmp_path: Path) -> None:
    with Process(tmp_path, COUNT) as run:
        run.feed(b'{"a": %d}\n' % number for number in range(10_000))
        few = run.most()
        run.feed(b'{"a": %d}\n' % number for number in range(1_000_000))
        most = run.most()
        stats = run.end()
    assert stats["queries"]["query_1"]["passed"] == 1_010_000
    assert most < few + 250 * MB
