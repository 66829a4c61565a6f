"""The cases in ``cases/*.sql``: an app, what goes into it, and what comes out.

::

    == the title of the case
    CREATE STREAM S (v INT);
    INSERT INTO Out SELECT v FROM S WHERE v > 1;
    --
    S (1)                      a row; `-> -` may say that nothing comes of it
    S@100 (2) (3)              two rows at one event time (milliseconds), one by one
      -> Out (2), Out (3)      what the line above gives, here or on the same line
    batch S@100 (1) (2)        one logical batch
    clock 300                  the clock goes to 300; `sleep 20` moves it on
    flush                      all windows close
    count query_1 in 5, passed 4, filtered 1

The rows of all streams that no query reads are compared; ``show A, B`` names others. Each
case runs three times: line by line, neighbouring rows sent together, and in a new runner
before every line, restored from the one before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from eventflux.testing import AppRunner

Values = tuple[Any, ...]


@dataclass
class Line:
    """One line of a case: ``rows`` for ``stream`` (none: the clock moves or windows close)."""

    verb: str
    stream: str = ""
    time: int | None = None
    rows: list[Values] = field(default_factory=list)
    expected: list[tuple[str, Values]] = field(default_factory=list)


@dataclass
class Case:
    sql: str
    lines: list[Line] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    counters: list[tuple[str, dict[str, int]]] = field(default_factory=list)


_VALUE = re.compile(r"'(?:[^']|'')*'|[^\s,()]+")
_ROW = re.compile(r"\((?:'(?:[^']|'')*'|[^()'])*\)")
_CONSTANTS = {"NULL": None, "TRUE": True, "FALSE": False, "inf": float("inf")}


def read_cases() -> Iterator[Any]:
    for path in sorted((Path(__file__).parent / "cases").glob("*.sql")):
        for part in path.read_text().split("\n== ")[1:]:
            title, _, body = part.partition("\n")
            yield pytest.param(read_case(body), id=f"{path.stem}: {title.strip()}")


def read_case(body: str) -> Case:
    sql, separator, script = body.partition("\n--\n")
    assert separator, "a line of two dashes ends the SQL"
    case = Case(sql)
    for text in filter(str.strip, script.splitlines()):
        action, arrow, result = _outside_texts(text)
        if action:
            verb, _, rest = action.partition(" ")
            if verb == "show":
                case.shown = rest.replace(",", " ").split()
            elif verb == "count":
                query, *counts = rest.replace(",", " ").split()
                numbers = dict(zip(counts[::2], map(int, counts[1::2]), strict=True))
                case.counters.append((query, numbers))
            else:
                case.lines.append(_read_action(verb, rest, action))
        if arrow and result != "-":
            case.lines[-1].expected += _read_result(result)
    return case


def _outside_texts(text: str) -> tuple[str, str, str]:
    """What stands before and behind the arrow; an arrow in a text is none."""
    match = re.match(r"((?:'(?:[^']|'')*'|(?!->)[^'])*)(->)?(.*)", text)
    assert match
    return match[1].strip(), match[2] or "", match[3].strip()


def _read_action(verb: str, rest: str, action: str) -> Line:
    if verb == "flush":
        return Line(verb)
    if verb in ("clock", "sleep"):
        return Line(verb, time=int(rest))
    target = rest if verb == "batch" else action
    match = re.match(r"(\w+)(?:@(-?\d+))?\s*(\(.*)", target)
    assert match, f"what is this line? {action}"
    rows = [_read_row(row) for row in _ROW.findall(match[3])]
    time = None if match[2] is None else int(match[2])
    return Line("batch" if verb == "batch" else "rows", match[1], time, rows)


def _read_result(text: str) -> list[tuple[str, Values]]:
    found = re.findall(rf"(\w+)\s*({_ROW.pattern})", text)
    assert re.sub(rf"(\w+)\s*({_ROW.pattern})", "", text).strip(" ,") == "", text
    return [(stream, _read_row(row)) for stream, row in found]


def _read_row(text: str) -> Values:
    return tuple(_read_value(value) for value in _VALUE.findall(text[1:-1]))


def _read_value(text: str) -> Any:
    if text.startswith("'"):
        return text[1:-1].replace("''", "'").replace("\\n", "\n")
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    return int(text) if re.fullmatch(r"-?\d+", text) else float(text)


class Player:
    """Plays the lines of a case to a runner, by the rows it adds to each shown stream."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.shown = case.shown
        if not self.shown:
            plan = AppRunner(case.sql).plan
            self.shown = [
                name for name in plan.streams if plan.writers(name) and not plan.readers(name)
            ]
        self.runner = AppRunner(case.sql, self.shown)
        self.seen = dict.fromkeys(self.shown, 0)

    def restart(self) -> None:
        revision = self.runner.persist()
        self.runner = AppRunner(self.case.sql, self.shown)
        self.runner.restore(revision)
        self.seen = dict.fromkeys(self.shown, 0)

    def play(self, *lines: Line) -> None:
        """Lines that go together: one, or several with rows for one stream."""
        line = lines[0]
        match line.verb:
            case "clock":
                self.runner.advance_to(line.time or 0)
            case "sleep":
                self.runner.sleep(line.time or 0)
            case "flush":
                self.runner.flush()
            case "batch":
                self.runner.send_batch(line.stream, line.rows, line.time)
            case _:
                rows = [row for line in lines for row in line.rows]
                times = [line.time or 0 for line in lines for _ in line.rows]
                self.runner.send_many(line.stream, rows, None if line.time is None else times)

    def new_rows(self) -> dict[str, list[Values]]:
        found = {}
        for stream in self.shown:
            rows = self.runner.rows(stream)
            found[stream] = rows[self.seen[stream] :]
            self.seen[stream] = len(rows)
        return found

    def expected(self, *lines: Line) -> dict[str, list[Values]]:
        found: dict[str, list[Values]] = {stream: [] for stream in self.shown}
        for line in lines:
            for stream, values in line.expected:
                found[stream].append(values)
        return found


CASES = list(read_cases())


@pytest.mark.parametrize("case", CASES)
def test_line_by_line(case: Case) -> None:
    player = Player(case)
    for line in case.lines:
        player.play(line)
        found = player.new_rows()
        assert found == player.expected(line), line
        assert repr(found) == repr(player.expected(line)), "of other types"
    queries = player.runner.stats()["queries"]
    for name, counters in case.counters:
        assert {counter: queries[name][counter] for counter in counters} == counters


@pytest.mark.parametrize("case", CASES)
def test_neighbouring_rows_together(case: Case) -> None:
    player = Player(case)
    numbered = list(enumerate(case.lines))

    def together(pair: tuple[int, Line]) -> object:
        number, line = pair
        return (line.stream, line.time is None) if line.verb == "rows" else number

    for _, group in groupby(numbered, together):
        lines = [line for _, line in group]
        player.play(*lines)
        assert player.new_rows() == player.expected(*lines)


@pytest.mark.parametrize("case", CASES)
def test_restarted_before_every_line(case: Case) -> None:
    player = Player(case)
    for line in case.lines:
        player.restart()
        player.play(line)
        assert player.new_rows() == player.expected(line), line
