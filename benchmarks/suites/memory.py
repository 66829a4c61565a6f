"""Memory over millions of events: what a process holds early and at the end."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path

from benchmarks.figures import Figure, Goal
from benchmarks.product import product
from benchmarks.settings import Settings
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
    """W1 and W2 through mapper and engine, each in a process of its own."""
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


def _run(name: str, events: int) -> tuple[float, float]:
    step = product(W1 if name == "W1" else W2)()
    early = 0.0
    for first in range(0, events, PIECE):
        payloads = orders(PIECE, seed=first) if name == "W1" else trades(PIECE, first=first)
        for batch in cut(payloads, SIZE):
            step(batch)
        if not early and first + PIECE >= events // 10:
            gc.collect()
            early = resident_mb()
    gc.collect()
    return early, resident_mb()


if __name__ == "__main__":
    print(json.dumps(_run(sys.argv[1], int(sys.argv[2]))))
