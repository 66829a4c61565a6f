"""Memory over millions of events: what a process holds early and at the end."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, Goal
from benchmarks.settings import Settings
from benchmarks.suites.app import Run, run_app
from benchmarks.workloads import W1, W2, cut, orders, trades

EVENTS = 5_000_000
PIECE = 50_000
SIZE = 1024
FLAT = Goal(2)
"""MB that a process may hold more after all events than after the first tenth."""


def resident_mb(pid: int | str = "self") -> float:
    """The resident memory of a process in MB (10**6 bytes); Linux only."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError(f"/proc/{pid}/status has no VmRSS")


def once(settings: Settings) -> list[Figure]:
    """W1 and W2 through the whole app, each in a process of its own."""
    events = settings.events(EVENTS)
    figures = []
    for workload in (W1, W2):
        command = [sys.executable, "-m", "benchmarks.suites.memory", workload.name, str(events)]
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
        early, late = json.loads(answer.stdout)
        figures.append(
            Figure(
                "Memory",
                f"{workload.name}: growth over {events:,} events",
                [late - early],
                FLAT,
                unit="MB",
                context=f"{late:.1f} MB resident at the end, {early:.1f} after a tenth",
            )
        )
    return figures


def _batches(name: str, events: int, resident: list[float]) -> Iterator[list[bytes]]:
    """The data, made as it is taken; notes what is resident after a tenth and at the end."""
    for first in range(0, events, PIECE):
        yield from cut(
            orders(PIECE, seed=first) if name == "W1" else trades(PIECE, first=first), SIZE
        )
        if first + PIECE in (events // 10, events):
            gc.collect()
            resident.append(resident_mb())


if __name__ == "__main__":
    resident: list[float] = []
    name = sys.argv[1]
    run_app(W1 if name == "W1" else W2, Run(_batches(name, int(sys.argv[2]), resident)))
    print(json.dumps(resident))
