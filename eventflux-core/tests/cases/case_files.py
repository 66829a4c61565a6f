"""Cases: programs with what goes into them and what comes out, in a form to be read.

A case is a title, a program, and after a line of ``---`` what happens::

    === rows that pass the filter
    # remarks start with a hash
    CREATE STREAM S (v INT);
    INSERT INTO T SELECT v FROM S WHERE v > 1;
    ---
    S@100 (1), (2)
    -> T (2)

``S (1), (2)`` sends rows to S one by one, ``S@100 …`` at a time in ms; ``batch S …`` sends
them as one logical batch; ``advance 300`` moves the clock to a time, ``sleep 300`` by one;
``flush`` and ``stop`` do what they say, and ``restart`` goes on in a new app from a snapshot.
The values are Python's, with ``null``, ``true``,
``false``, ``nan``, ``inf`` and ``decimal('1.50')``. Below each line stand the rows that it
gives, with ``fails 1`` where rows fail. Nothing else may come out of the streams that a case names
with ``->``; ``-> T -`` names one that stays silent.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any, Self

from eventflux.testing import AppRunner

NAMES = {
    "null": None, "true": True, "false": False, "nan": math.nan, "inf": math.inf,
    "decimal": Decimal,
}  # fmt: skip
SEND = re.compile(r"(batch )?(\w+)(?:@(-?\d+))? (\(.*\))$")
COMMAND = re.compile(r"(advance|sleep|flush|stop|restart)(?: (-?\d+))?$")
GIVES = re.compile(r"-> ([\w.]+) (-|\(.*\))$")
FAILS = re.compile(r"fails (\d+)$")
FAILED = "rows that failed"
"""The name under which an outcome keeps them; no stream can be called so."""

Values = tuple[Any, ...]
Outcome = dict[str, list[str]]
"""What came out: by stream the rows as text, which tells 1, 1.0 and TRUE apart."""


@dataclass
class Line:
    """One thing that happens: rows of a stream, or a command."""

    number: int
    text: str
    kind: str
    stream: str = ""
    time: int | None = None
    rows: list[Values] = field(default_factory=list)
    gives: Outcome = field(default_factory=dict)

    def rows_apart(self) -> list[Line]:
        """The same as lines of one row each."""
        if self.kind != "send":
            return [self]
        return [replace(self, rows=[row]) for row in self.rows]


@dataclass
class Case:
    title: str
    place: str
    sql: str
    lines: list[Line]

    @property
    def streams(self) -> list[str]:
        return sorted({name for line in self.lines for name in line.gives} - {FAILED})

    def start(self) -> AppRunner:
        return AppRunner(self.sql, outputs=self.streams)

    def expected(self, lines: list[Line]) -> Outcome:
        return added(self, [line.gives for line in lines])


def added(case: Case, outcomes: list[Outcome]) -> Outcome:
    """One outcome after the other."""
    names = [*case.streams, FAILED]
    return {name: [row for part in outcomes for row in part.get(name, ())] for name in names}


def read_rows(text: str) -> list[Values]:
    rows = eval(f"[{text}]", {"__builtins__": {}}, NAMES)
    return [row if isinstance(row, tuple) else (row,) for row in rows]


def read_line(number: int, text: str) -> Line:
    if match := SEND.match(text):
        batch, stream, time, rows = match.groups()
        at = None if time is None else int(time)
        return Line(number, text, "batch" if batch else "send", stream, at, read_rows(rows))
    if match := COMMAND.match(text):
        command, ms = match.groups()
        return Line(number, text, command, time=None if ms is None else int(ms))
    raise ValueError(f"line {number}: what does {text!r} mean?")


def read_case(path: Path, start: int, block: list[str]) -> Case:
    """One case: ``block`` are its lines from the title on, the first one being line ``start``."""
    title, *body = block
    divider = body.index("---")
    sql = [line for line in body[:divider] if not line.startswith("#")]
    lines: list[Line] = []
    for number, text in enumerate(body[divider + 1 :], start + divider + 2):
        if not text or text.startswith("#"):
            continue
        if match := GIVES.match(text):
            stream, rows = match.groups()
            wanted = [] if rows == "-" else list(map(repr, read_rows(rows)))
            lines[-1].gives.setdefault(stream, []).extend(wanted)
        elif match := FAILS.match(text):
            lines[-1].gives[FAILED] = [""] * int(match[1])
        else:
            lines.append(read_line(number, text))
    return Case(title, f"{path.name}:{start}", "\n".join(sql), lines)


def read_cases(path: Path) -> Iterator[Case]:
    """The cases of a file."""
    lines = path.read_text(encoding="utf-8").split("\n")
    starts = [number for number, line in enumerate(lines) if line.startswith("=== ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        block = [lines[start].removeprefix("=== "), *lines[start + 1 : end]]
        yield read_case(path, start + 1, block)


class Run:
    """A case at work: its app, and what came out of it and of those before a restart."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._runner = case.start()
        self._before: list[Outcome] = []

    def play(self, line: Line) -> None:
        """Do what a line says; rows go one by one."""
        match line.kind:
            case "send":
                for row in line.rows:
                    self._runner.send(line.stream, row, line.time)
            case "batch":
                self._runner.send_batch(line.stream, line.rows, line.time)
            case "advance":
                assert line.time is not None
                self._runner.advance_to(line.time)
            case "sleep":
                assert line.time is not None
                self._runner.sleep(line.time)
            case "flush":
                self._runner.flush()
            case "stop":
                self._runner.stop()
            case "restart":
                self.restart()

    def play_joined(self, lines: list[Line], size: int) -> None:
        """All lines, neighbouring rows of a stream in calls of up to ``size``."""
        for (kind, stream, timed), found in groupby(
            lines, lambda line: (line.kind, line.stream, line.time is not None)
        ):
            if kind != "send":
                for line in found:
                    self.play(line)
                continue
            sent = [(row, line.time or 0) for line in found for row in line.rows]
            for start in range(0, len(sent), size):
                rows, times = zip(*sent[start : start + size], strict=True)
                self._runner.send_many(stream, rows, times if timed else None)

    def restart(self) -> None:
        """Go on in a new app from a snapshot of this one."""
        revision = self._runner.persist()
        self._before.append(self._outcome())
        self._runner.close()
        self._runner = self._case.start()
        self._runner.restore(revision)

    def outcome(self) -> Outcome:
        """All that came out so far."""
        return added(self._case, [*self._before, self._outcome()])

    def _outcome(self) -> Outcome:
        stats = self._runner.stats()
        failed = sum(counters["failed"] for counters in stats["streams"].values())
        for query in stats["queries"].values():
            failed += query["failed"] + query["fired_failed"]
        rows = {name: list(map(repr, self._runner.rows(name))) for name in self._case.streams}
        return {**rows, FAILED: [""] * failed}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._runner.close()
