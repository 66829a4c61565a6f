"""Each window and each aggregate of the language has its cases."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from case_files import read_cases

from eventflux.planner.aggregates import AGGREGATES
from eventflux.sql.window_kinds import WINDOW_KINDS

PROGRAMS = [
    case.sql.lower()
    for path in sorted(Path(__file__).parent.rglob("*.case"))
    for case in read_cases(path)
]
WINDOWS = sorted(WINDOW_KINDS)
EXACT = sorted(name for name, declared in AGGREGATES.items() if not declared.sketch)
"""Sketches need a package that may not be there, and only come near to what is right."""


def count(pattern: str) -> int:
    return sum(re.search(pattern, program) is not None for program in PROGRAMS)


def test_there_are_many() -> None:
    assert len(PROGRAMS) >= 400


@pytest.mark.parametrize("window", WINDOWS)
def test_a_window_has_cases(window: str) -> None:
    name = rf"window\s*\(\s*'{window}'|window\s+{window}\s*\("
    assert count(name) >= 5, f"{window} is thin"


@pytest.mark.parametrize("aggregate", EXACT)
def test_an_aggregate_has_cases(aggregate: str) -> None:
    assert count(rf"\b{aggregate}\s*\(") >= 1, f"{aggregate} has none"


@pytest.mark.parametrize("aggregate", sorted({AGGREGATES[name].name for name in EXACT}))
def test_an_aggregate_has_cases_in_a_window_that_slides(aggregate: str) -> None:
    name = aggregate.lower()
    sliding = r"window\s*\(\s*'(length|time|timelength|sort|unique|externaltime)'"
    assert any(
        re.search(rf"\b{name}\s*\(", program) and re.search(sliding, program)
        for program in PROGRAMS
    ), f"{aggregate} has none"
