"""examples/wind_farm: ten chained queries, windows by event time, a recorded hour."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from eventflux.testing import AppRunner

FOLDER = Path(__file__).parents[1] / "examples" / "wind_farm"
SQL = (FOLDER / "wind_farm.sql").read_text(encoding="utf-8")
HOUR: list[dict[str, Any]] = list(runpy.run_path(str(FOLDER / "record.py"))["hour"]())
STREAMS = ["Faults", "Hours", "Quarters", "Smooth", "Tens", "Rated.late"]
END_MS = 1_767_225_600_000 + 3_600_000

Outcome = dict[str, list[tuple[Any, ...]]]


def outcome(size: int, pause_ms: int = 0, restart_every: int = 0) -> Outcome:
    """What comes out when the readings come ``size`` at a time, with a pause after each time."""
    given: Outcome = {stream: [] for stream in STREAMS}
    runner = AppRunner(SQL, outputs=STREAMS)
    for number, start in enumerate(range(0, len(HOUR), size), 1):
        rows = [tuple(reading.values()) for reading in HOUR[start : start + size]]
        runner.send_many("Readings", rows)
        if pause_ms:
            runner.sleep(pause_ms)
        if restart_every and number % restart_every == 0:
            revision = runner.persist()
            collect(runner, given)
            runner = AppRunner(SQL, outputs=STREAMS)
            runner.restore(revision)
    runner.flush()
    collect(runner, given)
    return given


def collect(runner: AppRunner, given: Outcome) -> None:
    for stream, rows in given.items():
        rows += runner.rows(stream)
    runner.close()


@pytest.fixture(scope="module")
def at_once() -> Outcome:
    return outcome(len(HOUR))


@pytest.mark.parametrize(
    ("size", "pause_ms"),
    [(1, 0), (3, 0), (1000, 0), (1, 417), (12, 5000), (12, 50), (500, 60_000)],
)
def test_it_gives_the_same_at_any_speed_and_batch_size(
    at_once: Outcome, size: int, pause_ms: int
) -> None:
    assert outcome(size, pause_ms) == at_once


def test_it_gives_the_same_with_restarts_between(at_once: Outcome) -> None:
    assert outcome(97, restart_every=10) == at_once


def test_the_energy_is_that_of_the_readings(at_once: Outcome) -> None:
    """Reckoned in plain Python from those that were in time for their ten seconds."""
    newest = 0
    tens: dict[tuple[str, int], list[float]] = defaultdict(list)
    late = 0
    for reading in HOUR:
        at, power = reading["at"], reading["power"]
        if power is not None and reading["wind"] > 0:
            if newest - 10_000 >= at - at % 10_000 + 10_000:
                late += 1
            else:
                tens[reading["turbine"], at // 10_000].append(power)
        newest = max(newest, at)
    minutes: dict[tuple[str, int], list[float]] = defaultdict(list)
    for (turbine, ten), powers in tens.items():
        minutes[turbine, ten // 6].append(mean(powers))
    farm: dict[int, float] = defaultdict(float)
    for (_, minute), powers in minutes.items():
        farm[minute] += mean(powers)
    [(energy, low, high, till)] = at_once["Hours"]
    assert late == len(at_once["Rated.late"]) > 0
    assert energy == pytest.approx(sum(farm.values()) / 60)
    assert (low, high) == pytest.approx((min(farm.values()), max(farm.values())))
    assert till == END_MS


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def test_the_command_of_its_readme(at_once: Outcome) -> None:
    recording = "".join(json.dumps(reading) + "\n" for reading in HOUR)
    run = subprocess.run(
        [sys.executable, "-m", "eventflux.cli", "run", FOLDER / "wind_farm.sql"],
        input=recording,
        capture_output=True,
        text=True,
        timeout=60,
    )
    fault, hour = (json.loads(line) for line in run.stdout.splitlines())
    assert run.returncode == 0, run.stderr
    assert fault["turbine"] == "T07"
    assert hour["energy"] == at_once["Hours"][0][0]
