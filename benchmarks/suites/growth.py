"""How W2's operator grows with its groups: its cost an event, and its memory a group."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

from benchmarks.figures import Figure, Goal, ratios
from benchmarks.measure import Group, Timer, nanoseconds
from benchmarks.product import Parts, parts_of
from benchmarks.settings import Settings
from benchmarks.workloads import W2, cut, trades
from eventflux.base.rows import Row

KEYS = (10, 1_000, 100_000)
GOALS = {1_000: Goal(1.3), 100_000: Goal(5)}
EVENTS = 102_400
SIZE = 1024
BYTES_A_GROUP = Goal(200)
ALL_IN_ONE_MINUTE = 1_000_000
"""So many trades a second that the window stays open while it is measured."""


def _batches(parts: Parts, count: int, keys: int, first: int) -> list[list[Row]]:
    payloads = trades(count, keys=keys, per_second=ALL_IN_ONE_MINUTE, first=first)
    return [parts.decode(batch) for batch in cut(payloads, SIZE)]


def filled(keys: int) -> Parts:
    """W2 with an open window that holds nearly all of ``keys`` groups."""
    parts = parts_of(W2)
    for first in range(0, 4 * keys, 50_000):
        count = min(50_000, 4 * keys - first)
        for batch in _batches(parts, count, keys, first):
            parts.engine.step(W2.source, batch)
    return parts


def step_cost(keys: int, events: int) -> Timer:
    """CPU ns an event of the engine's step alone, with ``keys`` groups in the open window.

    The state is filled once and stays; each pass folds the same rows in again.
    """
    parts = filled(keys)
    batches = _batches(parts, events, keys, 4 * keys)

    def measure() -> float:
        gc.collect()
        start = time.process_time_ns()
        for batch in batches:
            parts.engine.step(W2.source, batch)
        return (time.process_time_ns() - start) / events

    return measure


def groups(settings: Settings) -> list[Group]:
    events = settings.events(EVENTS)

    def report(found: Mapping[str, Sequence[float]]) -> list[Figure]:
        base = found[str(KEYS[0])]
        return [
            Figure(
                "Growth of W2",
                f"cost of the operator, {keys:,} groups ÷ {KEYS[0]}",
                ratios(found[str(keys)], base),
                GOALS[keys],
                context=f"{nanoseconds(found[str(keys)])} an event",
            )
            for keys in KEYS[1:]
        ]

    return [Group("growth", {str(keys): step_cost(keys, events) for keys in KEYS}, report)]


def once(settings: Settings) -> list[Figure]:
    """Bytes a group, measured in a process of its own."""
    keys = 20_000 if settings.quick else KEYS[-1]
    command = [sys.executable, "-m", "benchmarks.suites.growth", str(keys)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(answer.stdout)
    return [
        Figure(
            "Growth of W2",
            f"memory a group, {found['groups']:,} groups",
            [found["bytes"] / found["groups"]],
            BYTES_A_GROUP,
            unit="bytes",
            context="as allocated: key, its place in the dict, accumulator, its numbers",
        )
    ]


def _measure_bytes(keys: int) -> dict[str, int]:
    """What Python allocated for the groups of an open window, the keys included."""
    import tracemalloc

    parts = parts_of(W2)
    parts.engine.step(W2.source, _batches(parts, SIZE, 1, 0)[0])
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for first in range(0, 4 * keys, 50_000):
        for payloads in cut(
            trades(50_000, keys=keys, per_second=ALL_IN_ONE_MINUTE, first=SIZE + first), SIZE
        ):
            parts.engine.step(W2.source, parts.decode(payloads))
    del payloads
    gc.collect()
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    parts.engine.flush()
    return {"bytes": used, "groups": len(parts.outlet.take())}


if __name__ == "__main__":
    print(json.dumps(_measure_bytes(int(sys.argv[1]))))
