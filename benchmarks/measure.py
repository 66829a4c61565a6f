"""Timing: contenders side by side, round after round, in CPU time."""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from benchmarks.figures import Figure, Skipped
from benchmarks.loops import StepFactory

Timer: TypeAlias = Callable[[], float]
"""Measures one pass and gives its cost; the unit is the group's own (ns an event, s, …)."""


@dataclass(frozen=True)
class Group:
    """Contenders that are compared with each other: each runs once a round, next to the others.

    ``report`` gets the values of each contender, one a round in the same order.
    """

    name: str
    timers: Mapping[str, Timer]
    report: Callable[[Mapping[str, Sequence[float]]], list[Figure]]
    skipped: Sequence[Skipped] = ()
    every: int = 1
    """Measured in one round of so many: what takes long."""
    close: Callable[[], None] = lambda: None


def pass_over(make: StepFactory, batches: Sequence[Sequence[bytes]]) -> Timer:
    """Time a fresh step over all ``batches``: CPU ns an event. Making it is not counted."""
    events = sum(map(len, batches))

    def measure() -> float:
        step = make()
        gc.collect()
        start = time.process_time_ns()
        for batch in batches:
            step(batch)
        return (time.process_time_ns() - start) / events

    return measure


def pin() -> int | None:
    """Keep this process and its children on one core; the core, or ``None`` where it can't be."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    core = max(os.sched_getaffinity(0))
    try:
        os.sched_setaffinity(0, {core})
    except OSError:
        return None
    return core


def interleave(
    groups: Sequence[Group], rounds: int, progress: Callable[[str], None]
) -> list[Figure]:
    """Measure all groups, one round after the other, and have each group report.

    Contenders change their order from round to round, so that what one leaves in the caches
    doesn't always meet the same next. The first round warms up and is not counted.
    """
    values: list[dict[str, list[float]]] = [{name: [] for name in g.timers} for g in groups]
    for turn in range(rounds + 1):
        for group, found in zip(groups, values, strict=True):
            if turn % min(group.every, rounds):
                continue
            progress(f"round {turn} of {rounds}: {group.name}")
            names = list(group.timers)
            for name in names if turn % 2 else reversed(names):
                cost = group.timers[name]()
                if turn:
                    found[name].append(cost)
    return [
        figure
        for group, found in zip(groups, values, strict=True)
        for figure in group.report(found)
    ]


def nanoseconds(values: Sequence[float]) -> str:
    """The median of times in ns, as an absolute figure for context."""
    middle = statistics.median(values)
    return f"{middle:,.0f} ns" if middle < 10_000 else f"{middle / 1000:,.1f} µs"
