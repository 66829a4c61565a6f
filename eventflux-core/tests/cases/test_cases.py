"""The meaning of EventFlux SQL as cases: readable files, each run in several ways.

Every case is run as it is written, with neighbouring rows sent three at a time and all in one
call, and with a restart from a snapshot, into a new app, before each row and each command.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from case_files import Case, Run, read_cases

FOLDER = Path(__file__).parent

CASES = [
    pytest.param(case, id=f"{path.relative_to(FOLDER).with_suffix('')}: {case.title}")
    for path in sorted(FOLDER.rglob("*.case"))
    for case in read_cases(path)
]


def as_written(case: Case) -> None:
    with Run(case) as run:
        for count, line in enumerate(case.lines, 1):
            run.play(line)
            wanted = case.expected(case.lines[:count])
            assert run.outcome() == wanted, f"{case.place}, line {line.number}: {line.text}"


def by_three(case: Case) -> None:
    joined(case, 3)


def all_at_once(case: Case) -> None:
    joined(case, 1_000_000)


def joined(case: Case, size: int) -> None:
    with Run(case) as run:
        run.play_joined(case.lines, size)
        assert run.outcome() == case.expected(case.lines), case.place


def with_a_restart_before_each_row(case: Case) -> None:
    with Run(case) as run:
        for line in case.lines:
            for part in line.rows_apart():
                run.restart()
                run.play(part)
        assert run.outcome() == case.expected(case.lines), case.place


WAYS = [as_written, by_three, all_at_once, with_a_restart_before_each_row]


@pytest.mark.usefixtures("programs_read_once")
@pytest.mark.parametrize("comes_out", WAYS, ids=lambda way: way.__name__.replace("_", " "))
@pytest.mark.parametrize("case", CASES)
def test_case(case: Case, comes_out: Callable[[Case], None]) -> None:
    comes_out(case)
