"""Timing: contenders side by side, round after round, in CPU time."""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from benchmarks.figures import Figure, Skipped
from benchmarks.loops import StepFactory

Timer: TypeAlias = Callable[[], Iterator[float]]
"""Measures one pass, piece by piece; the sum of the pieces is the pass's cost, in the unit of
the group (ns an event, ms, …)."""

SLICE = 16_384
"""Events in a piece of a pass: so many that filling the caches anew doesn't count."""


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
    size = max(1, SLICE // len(batches[0]))
    slices = [batches[at : at + size] for at in range(0, len(batches), size)]

    def measure() -> Iterator[float]:
        step = make()
        gc.collect()
        for part in slices:
            start = time.process_time_ns()
            for batch in part:
                step(batch)
            yield (time.process_time_ns() - start) / events

    return measure


def whole(measure: Callable[[], float]) -> Timer:
    """A pass that can't be cut into pieces."""

    def once() -> Iterator[float]:
        yield measure()

    return once


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

    In a round the contenders of a group take turns, a piece of the pass each, so that what
    else the machine does meets all of them, in an order that changes, so that what one leaves
    in the caches doesn't always meet the same next. The first round warms up and is not counted.
    """
    values: list[dict[str, list[float]]] = [{name: [] for name in g.timers} for g in groups]
    for turn in range(rounds + 1):
        for group, found in zip(groups, values, strict=True):
            if turn % min(group.every, rounds):
                continue
            progress(f"round {turn} of {rounds}: {group.name}")
            names = list(group.timers)
            costs = _side_by_side(
                {name: group.timers[name]() for name in (names if turn % 2 else reversed(names))}
            )
            if turn:
                for name, cost in costs.items():
                    found[name].append(cost)
    return [
        figure
        for group, found in zip(groups, values, strict=True)
        for figure in group.report(found)
    ]


def _side_by_side(passes: Mapping[str, Iterator[float]]) -> dict[str, float]:
    """Run the passes piece by piece in turn; the cost of each."""
    costs = dict.fromkeys(passes, 0.0)
    running = dict(passes)
    while running:
        for name, pieces in list(running.items()):
            piece = next(pieces, None)
            if piece is None:
                del running[name]
            else:
                costs[name] += piece
    return costs


def nanoseconds(values: Sequence[float]) -> str:
    """The median of times in ns, as an absolute figure for context."""
    middle = statistics.median(values)
    return f"{middle:,.0f} ns" if middle < 10_000 else f"{middle / 1000:,.1f} µs"
