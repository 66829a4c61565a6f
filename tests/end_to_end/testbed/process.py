"""``eventflux run`` as a process of the operating system."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
EVENTFLUX = Path(sys.executable).with_name("eventflux")
MORTAL = Path(__file__).with_name("mortal.py")
PAGE = os.sysconf("SC_PAGE_SIZE")
READY = "running; Ctrl-C stops it"
"""What the process logs when everything is open."""

Stats = Mapping[str, Mapping[str, Mapping[str, int]]]


class RunFailed(AssertionError):
    """The process did what it must not; the text has what it printed."""


class Run:
    """One process of ``eventflux run`` over a file, from its start to its end.

    ``options`` are those of ``--set``; stdout and stderr are kept in files in ``folder``. ``dies``
    is when it kills itself, as :mod:`testbed.mortal` says.
    """

    def __init__(
        self,
        file: Path,
        options: Mapping[str, object],
        folder: Path,
        *extra: str,
        name: str,
        dies: str | None = None,
    ) -> None:
        program = [str(EVENTFLUX)] if dies is None else [sys.executable, str(MORTAL), dies]
        command = [*program, "run", str(file), "--log-format", "json", *extra]
        for option, value in options.items():
            command += ["--set", f"{option}={value}"]
        self._stdout = folder / f"{name}.out"
        self._stderr = folder / f"{name}.err"
        with self._stdout.open("wb") as stdout, self._stderr.open("wb") as stderr:
            self._process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr
            )

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def code(self) -> int | None:
        """The exit code, if it has ended."""
        return self._process.poll()

    @property
    def stderr(self) -> str:
        return self._stderr.read_text(errors="replace")

    @property
    def stdout(self) -> str:
        return self._stdout.read_text(errors="replace")

    def records(self) -> Iterator[dict[str, Any]]:
        """What it has logged so far."""
        for line in self.stderr.splitlines():
            try:
                record = json.loads(line)
            except ValueError:
                continue  # no record: the last words of an interpreter, or half a line
            if isinstance(record, dict):
                yield record

    def messages(self, level: str | None = None) -> list[str]:
        """The texts that it has logged so far, those of one level or all."""
        return [r["message"] for r in self.records() if level in (None, r["level"])]

    @property
    def stats(self) -> Stats:
        """The counters of the summary at its end."""
        found = [record["stats"] for record in self.records() if "stats" in record]
        if len(found) != 1:
            raise RunFailed(f"{len(found)} summaries:\n{self.story()}")
        stats: Stats = found[0]
        return stats

    def story(self, lines: int = 60) -> str:
        """What it printed, for a failing test."""
        tail = "\n".join(self.stderr.splitlines()[-lines:])
        return f"eventflux run (exit code {self.code}) printed to stderr:\n{tail}"

    def memory(self) -> int:
        """Bytes of memory that are resident now."""
        pages = Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]
        return int(pages) * PAGE

    def wait_until_ready(self, timeout: float = 60.0) -> None:
        """Return when everything is open."""
        self.wait_until_logged(READY, timeout)

    def wait_until_logged(self, text: str, timeout: float = 60.0) -> None:
        """Return when a log line has ``text`` in it."""
        deadline = time.monotonic() + timeout
        while text not in self.stderr:
            if not self.running or time.monotonic() > deadline:
                raise RunFailed(f"never logged {text!r}\n{self.story()}")
            time.sleep(0.01)

    def must_run(self) -> None:
        """Fail if it has ended by itself."""
        if not self.running:
            raise RunFailed(f"it ended by itself\n{self.story()}")

    def kill(self) -> None:
        """End it at once: SIGKILL."""
        self._process.kill()
        self._process.wait(10)

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self, timeout: float = 60.0) -> int:
        """Wait for its end; the exit code."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise RunFailed(f"still running after {timeout:g} s\n{self.story()}") from None

    def stop(self, timeout: float = 60.0) -> Stats:
        """Stop it in good order (SIGTERM), which must succeed; its counters."""
        self.must_run()
        self.signal(signal.SIGTERM)
        code = self.wait(timeout)
        if code != 0:
            raise RunFailed(f"exit code {code} after SIGTERM\n{self.story()}")
        check_counters(self.stats)
        return self.stats

    def close(self) -> None:
        """End it in any state."""
        if self.running:
            self.kill()


def check_counters(stats: Stats) -> None:
    """Every message and every row must be accounted for."""
    problems = [
        f"{kind} {name}: {left} = {counters.get(left, 0)}, but {' + '.join(right)} = "
        f"{sum(counters.get(one, 0) for one in right)}: {dict(counters)}"
        for kind, name, counters, left, right in _equations(stats)
        if counters.get(left, 0) != sum(counters.get(one, 0) for one in right)
    ]
    if problems:
        raise RunFailed("the summary does not add up:\n" + "\n".join(problems))


def _equations(
    stats: Stats,
) -> Iterator[tuple[str, str, Mapping[str, int], str, Sequence[str]]]:
    for name, counters in stats["streams"].items():
        yield "stream", name, counters, "received", ("decoded", "failed", "returned")
        yield "stream", name, counters, "errors", ("dropped", "dead_lettered", "fatal")
    for name, counters in stats["queries"].items():
        ends = ("passed", "filtered", "absorbed", "late", "failed", "dropped", "queued")
        yield "query", name, counters, "in", ends
    for name, counters in stats["connectors"].items():
        if "confirmed" in counters:
            parts: Sequence[str] = ("confirmed", "refused", "abandoned", "queued", "in_flight")
        else:
            parts = ("acknowledged", "rejected", "requeued", "in_flight")
        yield "connector", name, counters, "messages", parts
