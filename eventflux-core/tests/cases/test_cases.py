"""The meaning of EventFlux SQL as cases: readable files, each run in several ways.

Every case is run as it is written, with neighbouring rows sent three at a time and all in one
call, and with a restart from a snapshot, into a new app, before each row and each command.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from case_files import Case, Run, read_cases

FOLDER = Path(__file__).parent

CASES = [
    pytest.param(case, id=f"{path.relative_to(FOLDER).with_suffix('')}: {case.title}")
    for path in sorted(FOLDER.rglob("*.case"))
    for case in read_cases(path)
]


@pytest.mark.parametrize("case", CASES)
def test_as_written(case: Case) -> None:
    with Run(case) as run:
        for count, line in enumerate(case.lines, 1):
            run.play(line)
            wanted = case.expected(case.lines[:count])
            assert run.outcome() == wanted, f"{case.place}, line {line.number}: {line.text}"


@pytest.mark.parametrize("size", [3, 1_000_000], ids=["by three", "all at once"])
@pytest.mark.parametrize("case", CASES)
def test_however_rows_are_joined(case: Case, size: int) -> None:
    with Run(case) as run:
        run.play_joined(case.lines, size)
        assert run.outcome() == case.expected(case.lines), case.place


@pytest.mark.parametrize("case", CASES)
def test_with_a_restart_before_each_row(case: Case) -> None:
    with Run(case) as run:
        for line in case.lines:
            for part in line.rows_apart():
                run.restart()
                run.play(part)
        assert run.outcome() == case.expected(case.lines), case.place
