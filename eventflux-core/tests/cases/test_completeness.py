"""Each window and each aggregate of the language has its cases."""

from __future__ import annotations

import re
from itertools import product
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


@pytest.mark.parametrize("grouped", [False, True], ids=["", "of groups"])
@pytest.mark.parametrize(
    ("mode", "unit"),
    [
        *product(["all", "first", "last"], ["events", "milliseconds"]),
        ("snapshot", "milliseconds"),
    ],
)
def test_an_output_rate_has_cases(mode: str, unit: str, grouped: bool) -> None:
    groups = r"group by .*" if grouped else r"^(?!.*group by).*"
    rate = rf"output {mode} every \d+ {unit}"
    found = sum(re.search(groups + rate, p, re.MULTILINE) is not None for p in PROGRAMS)
    assert found >= 5, f"{mode} every so many {unit} is thin"


@pytest.mark.parametrize("kind", ["start", "every", "cron"])
def test_a_trigger_has_cases(kind: str) -> None:
    assert count(rf"trigger \w+ at '?{kind}") >= 5, f"{kind} is thin"


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
