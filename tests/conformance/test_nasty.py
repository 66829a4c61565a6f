"""The conformance kit catches: of the nasty plugin each fault by the tests that are named for
it, and no test of the kit is without a fault that it catches."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
SUITES = ROOT / "examples/plugins/nasty/tests/test_nasty.py"
SHARDS = 4
"""Processes at once: most of the time passes in waiting for what does not come."""

pytestmark = pytest.mark.slow


@cache
def suites() -> ModuleType:
    spec = importlib.util.spec_from_file_location("nasty_suites", SUITES)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Mapping[str, str]]:
    """By suite and test: ``passed``, ``failure``, ``error`` or ``skipped``."""
    folder = tmp_path_factory.mktemp("nasty")
    names = [name for name in vars(suites()) if name.startswith("Test")]
    reports = [folder / f"{shard}.xml" for shard in range(SHARDS)]
    running = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
                f"--junitxml={report}",
                *(f"{SUITES}::{name}" for name in names[shard::SHARDS]),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for shard, report in enumerate(reports)
    ]
    for process in running:
        output, _ = process.communicate(timeout=300)
        assert process.returncode == 1, output.decode()
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for case in (c for report in reports for c in ElementTree.parse(report).iter("testcase")):
        suite = case.get("classname", "").rpartition(".")[2]
        kinds = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
        found[suite][case.get("name", "").removeprefix("test_")] = kinds[0] if kinds else "passed"
    return found


def failed_in(tests: Mapping[str, str]) -> set[str]:
    return {test for test, outcome in tests.items() if outcome in ("failure", "error")}


def good_suites() -> set[str]:
    made = {suite.__name__ for suite in suites().SUITES}
    return {name for name in vars(suites()) if name.startswith("Test")} - made


@pytest.mark.parametrize("name", sorted(good_suites()))
def test_who_keeps_the_rules_passes(name: str, outcomes: Mapping[str, Mapping[str, str]]) -> None:
    assert "passed" in outcomes[name].values()
    assert failed_in(outcomes[name]) == set()


@pytest.mark.parametrize("suite", suites().SUITES, ids=lambda suite: str(suite.__name__))
def test_who_breaks_a_rule_is_caught(
    suite: type, outcomes: Mapping[str, Mapping[str, str]]
) -> None:
    named = str(suite.caught_by)  # type: ignore[attr-defined]  # each of them has it
    failed = failed_in(outcomes[suite.__name__])
    if named == suites().ALL:
        assert "takes_its_options" in failed
    else:
        assert failed == set(named.split())


def test_every_test_catches_somebody(outcomes: Mapping[str, Mapping[str, str]]) -> None:
    tests: set[tuple[str, str]] = set()
    caught: set[tuple[str, str]] = set()
    for name, found in outcomes.items():
        suite = getattr(suites(), name)
        of_kit = {(owner(suite, test), test): outcome for test, outcome in found.items()}
        tests |= of_kit.keys()
        caught |= {key for key, outcome in of_kit.items() if outcome == "failure"}
    assert tests - caught == set()


def owner(suite: type, test: str) -> str:
    """The class of the kit that has the test."""
    return next(part.__name__ for part in suite.__mro__ if f"test_{test}" in vars(part))
