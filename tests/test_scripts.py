"""The scripts that the README opens with, run as a newcomer runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.slow


def run(*command: str, **environment: str) -> str:
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_demo_sets_up_a_new_environment_and_shows_the_orders(tmp_path: Path) -> None:
    environment = {"EVENTFLUX_VENV": str(tmp_path / "venv"), "EVENTFLUX_PYTHON": sys.executable}
    first = run("scripts/demo", **environment)
    assert "Setting up" in first
    assert "OrderOutput: 6 rows" in first
    assert "MEDIUM" in first
    again = run("scripts/demo", **environment)
    assert "Setting up" not in again
    assert "OrderOutput: 6 rows" in again


@pytest.mark.broker
def test_demo_through_rabbitmq_shows_the_messages_that_arrive() -> None:
    printed = run(sys.executable, "scripts/demo_rabbitmq.py")
    assert printed.count('"priority":') == 6
    assert "6 of 6 expected; left in 'orders': 0." in printed


def test_an_unknown_argument_is_refused() -> None:
    for script in ("demo", "check", "docs"):
        done = subprocess.run(
            [f"scripts/{script}", "--nonsense"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode != 0
        assert f"usage: scripts/{script}" in done.stderr
