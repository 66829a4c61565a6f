"""The meaning of EventFlux SQL as cases: readable files, each run in several ways.

Every case is run as it is written, with neighbouring rows sent in one go, and with a
restart from a snapshot, into a new app, before each line.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import pytest
from case_files import Case, Line, Outcome, added, outcome, play, read_cases

from eventflux.testing import AppRunner

FILES = sorted(Path(__file__).parent.glob("*.case"))


def play_joined(runner: AppRunner, lines: list[Line]) -> None:
    """Neighbouring rows of one stream go in one call."""
    for (kind, stream, timed), run in groupby(
        lines, lambda line: (line.kind, line.stream, line.time is not None)
    ):
        if kind != "send":
            for line in run:
                play(runner, line)
            continue
        sent = [(row, line.time) for line in run for row in line.rows]
        times = [time for _, time in sent if time is not None]
        runner.send_many(stream, [row for row, _ in sent], times if timed else None)


CASES = [
    pytest.param(case, id=f"{path.stem}: {case.title}")
    for path in FILES
    for case in read_cases(path)
]


@pytest.mark.parametrize("case", CASES)
def test_as_written(case: Case) -> None:
    with case.start() as runner:
        for count, line in enumerate(case.lines, 1):
            play(runner, line)
            wanted = case.expected(case.lines[:count])
            assert outcome(case, runner) == wanted, f"{case.place}, line {line.number}: {line.text}"


@pytest.mark.parametrize("case", CASES)
def test_however_rows_are_joined(case: Case) -> None:
    with case.start() as runner:
        play_joined(runner, case.lines)
        assert outcome(case, runner) == case.expected(case.lines), case.place


@pytest.mark.parametrize("case", CASES)
def test_with_a_restart_before_each_line(case: Case) -> None:
    parts: list[Outcome] = []
    runner = case.start()
    for line in case.lines:
        revision = runner.persist()
        parts.append(outcome(case, runner))
        runner.close()
        runner = case.start()
        runner.restore(revision)
        play(runner, line)
    parts.append(outcome(case, runner))
    runner.close()
    assert added(case, parts) == case.expected(case.lines), case.place
