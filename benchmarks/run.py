"""The one command: ``python -m benchmarks``."""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from rich.console import Console

from benchmarks import history, table
from benchmarks.figures import Figure, Skipped
from benchmarks.measure import Group, interleave, pin
from benchmarks.peers.environment import DEFAULT_PLACE, installed
from benchmarks.settings import Settings

SUITES = (
    "speed", "queries", "functions", "own_functions", "one_event", "mappers", "app", "extras",
    "start", "growth", "sliding", "memory", "state",
)  # fmt: skip
ROUNDS, QUICK_ROUNDS = 31, 5


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m benchmarks", description="EventFlux beside loops written by hand and its peers"
    )
    parser.add_argument("--quick", action="store_true", help="few rounds over little data")
    parser.add_argument(
        "--only", metavar="NAME", action="append", choices=SUITES, help=", ".join(SUITES)
    )
    parser.add_argument("--rounds", type=int, help=f"default {ROUNDS}; {QUICK_ROUNDS} if quick")
    parser.add_argument("--record", action="store_true", help="append to history.jsonl")
    parser.add_argument(
        "--peers", type=Path, default=DEFAULT_PLACE, metavar="DIR", help="the peers' environment"
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the table; 1 if a goal was missed."""
    given = parse(arguments)
    rounds = given.rounds or (QUICK_ROUNDS if given.quick else ROUNDS)
    settings = Settings(rounds, given.quick, given.peers)
    console, progress = Console(), Console(stderr=True)
    if not console.is_terminal:
        console = Console(width=150)
    core = pin()
    suites = [_suite(name) for name in given.only or SUITES]
    groups: list[Group] = []
    figures: list[Figure] = []
    try:
        with progress.status("preparing") as status:
            for suite in suites:
                if hasattr(suite, "groups"):
                    groups += suite.groups(settings)
            gc.freeze()
            figures += interleave(groups, rounds, status.update)
            for suite in suites:
                if hasattr(suite, "once"):
                    status.update(f"once: {suite.__name__.rpartition('.')[2]}")
                    figures += suite.once(settings)
    finally:
        for group in groups:
            group.close()
    skipped: list[Skipped] = [gap for group in groups for gap in group.skipped]
    title = (
        f"EventFlux benchmarks: Python {platform.python_version()}, {os.cpu_count()} cores"
        f"{'' if core is None else f', pinned to core {core}'}, {rounds} rounds"
        f"{', quick' if given.quick else ''}"
    )
    table.show(console, _by_group(figures), skipped, history.last_medians(), title)
    if given.record:
        peers = installed(given.peers)
        history.record(figures, rounds=rounds, quick=given.quick, peers=peers)
    return int(any(figure.verdict.startswith("FAIL") for figure in figures))


def _suite(name: str) -> ModuleType:
    return importlib.import_module(f"benchmarks.suites.{name}")


def _by_group(figures: Sequence[Figure]) -> list[Figure]:
    """The same figures, those of a group together, groups by first appearance."""
    order = list(dict.fromkeys(figure.group for figure in figures))
    return sorted(figures, key=lambda figure: order.index(figure.group))
