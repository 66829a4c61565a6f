"""Windows by a watermark, recomputed row by row (semantics 9.0).

The watermark is the largest ``ts`` so far less a delay, moved after each row. A row enters
the windows of its ts that are not closed; one that finds them all closed is late. A window
gives its rows when the watermark reaches its end; while it is kept for ``lateness`` more, a row
that comes gives its own, or that of its group, anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from .events import Event
from .models import Batch, History, Rows

Bounds: TypeAlias = tuple[int, int]
Assign: TypeAlias = Callable[[Event], list[Bounds]]
"""The windows of a row."""


@dataclass
class Given:
    """What windows gave: their batches in order, and the rows that were late for all."""

    batches: list[Batch] = field(default_factory=list)
    late: Rows = field(default_factory=list)


def tumbling(d: int, offset: int = 0) -> Assign:
    return lambda row: [(start := row.ts - (row.ts - offset) % d, start + d)]


def hop(size: int, slide: int, offset: int = 0) -> Assign:
    """Those of the boundaries b = k·slide + offset with b - size <= ts < b."""

    def windows(row: Event) -> list[Bounds]:
        first = row.ts - (row.ts - offset) % slide + slide
        return [(b - size, b) for b in range(first, row.ts + size + 1, slide)]

    return windows


def aligned(
    history: History,
    assign: Assign,
    delay: int,
    lateness: int = 0,
    enters: Callable[[Event], bool] = lambda row: True,
) -> Given:
    """Windows on a grid over the rows that enter; every row moves the watermark, and in the end
    all windows are closed."""
    given = Given()
    held: dict[Bounds, Rows] = {}
    reached = -(10**15)
    for row in history:
        if enters(row):
            mine = assign(row)
            open_ones = [bounds for bounds in mine if reached < bounds[1] + lateness]
            for bounds in open_ones:
                held.setdefault(bounds, []).append(row)
                if bounds[1] <= reached:
                    given.batches.append(Batch(reached, *bounds, list(held[bounds]), again=True))
            if mine and not open_ones:
                given.late.append(row)
        before, reached = reached, max(reached, row.ts - delay)
        given.batches += _due(held, before, reached)
    given.batches += _due(held, reached, 10**15)
    return given


def _due(held: dict[Bounds, Rows], before: int, reached: int) -> Iterable[Batch]:
    for start, end in sorted(held, key=lambda bounds: bounds[1]):
        if before < end <= reached:
            yield Batch(end, start, end, list(held[start, end]))


def sessions(
    history: History,
    gap: int,
    delay: int,
    latency: int = 0,
    lateness: int = 0,
    key: Callable[[Event], object] = lambda row: None,
    enters: Callable[[Event], bool] = lambda row: True,
) -> Given:
    """Runs of rows of one key, each less than ``gap`` from another of the run. A run is over when
    the watermark reaches its end and the latency, and kept for the lateness; a row that comes to
    one that is over gives it again, and a row that would begin one that is kept no more is late."""
    given = Given()
    runs: list[Rows] = []
    reached = -(10**15)
    for row in history:
        if enters(row):
            near = [
                run
                for run in runs
                if key(run[0]) == key(row) and any(abs(other.ts - row.ts) < gap for other in run)
            ]
            if not near and reached >= row.ts + gap + latency + lateness:
                given.late.append(row)
            else:
                place = runs.index(near[0]) if near else len(runs)
                runs[place:] = [run for run in runs[place:] if run not in near]
                run = [old for run in near for old in run] + [row]
                runs.insert(place, run)
                if _end(run, gap) + latency <= reached:
                    given.batches.append(_batch(run, gap, again=True))
        before, reached = reached, max(reached, row.ts - delay)
        given.batches += _finished(runs, gap, before - latency, reached - latency)
        runs = [run for run in runs if _end(run, gap) + latency + lateness > reached]
    given.batches += _finished(runs, gap, reached - latency, 10**15)
    return given


def _finished(runs: list[Rows], gap: int, before: int, reached: int) -> list[Batch]:
    """The runs whose end was reached, in its order."""
    over = [run for run in runs if before < _end(run, gap) <= reached]
    return [_batch(run, gap) for run in sorted(over, key=lambda run: _end(run, gap))]


def _end(run: Rows, gap: int) -> int:
    return max(row.ts for row in run) + gap


def _batch(run: Rows, gap: int, again: bool = False) -> Batch:
    end = _end(run, gap)
    return Batch(end, min(row.ts for row in run), end, list(run), again)


def sliding_time(
    history: History, d: int, delay: int, enters: Callable[[Event], bool] = lambda row: True
) -> tuple[list[Rows], Rows]:
    """After each row that entered what the window holds, that row last: those whose ts is less
    than ``d`` behind the watermark; and the late ones, which it would not hold."""
    steps: list[Rows] = []
    late: Rows = []
    held: Rows = []
    reached = -(10**15)
    for row in history:
        if enters(row):
            if row.ts <= reached - d:
                late.append(row)
            else:
                held = [old for old in held if old.ts > reached - d] + [row]
                steps.append(held)
        reached = max(reached, row.ts - delay)
    return steps, late
