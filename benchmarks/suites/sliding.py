"""How the sliding windows of W3 and W7 grow with their rows: cost of an event, memory of a row."""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.figures import Figure, Goal, ratios
from benchmarks.measure import Group, Timer, nanoseconds, whole
from benchmarks.product import Parts, parts_of
from benchmarks.settings import Settings
from benchmarks.sliding_loops import Fold, fold_length, fold_time
from benchmarks.workloads import TRADES_A_SECOND, Trend, Workload, cut, sliding, trades

EVENTS = 40_960
SIZE = 1024
PIECE = 51_200
PRICE_BYTES = sys.getsizeof(1.5)
SECONDS = 10
"""How long the windows of W7 are: so many rows are in them as come in that time."""


@dataclass(frozen=True)
class Growth:
    """The windows that are compared: the first is what the others are measured against."""

    name: str
    rows: tuple[int, ...]
    goal: Goal
    trends: tuple[Trend, ...]
    keys: int = 1000

    @property
    def title(self) -> str:
        return f"Growth of {self.name}, {self.keys:,} keys"

    def workload(self, rows: int, trend: Trend) -> Workload:
        if self.name == "W3":
            return sliding(self.name, f"'length', {rows}", trend)
        return sliding(self.name, f"'time', {SECONDS} SECONDS", trend)

    def fold(self, rows: int) -> Fold:
        return fold_length(rows) if self.name == "W3" else fold_time(SECONDS * 1000)

    def a_second(self, rows: int) -> int:
        """Trades a second: in W7 so many that ``rows`` are in the window."""
        return TRADES_A_SECOND if self.name == "W3" else max(rows // SECONDS, 1)

    def trades(self, count: int, rows: int, first: int, trend: Trend) -> list[bytes]:
        a_second = self.a_second(rows)
        return trades(count, keys=self.keys, per_second=a_second, first=first, trend=trend)


TRENDS: tuple[Trend, ...] = ("none", "rising", "falling")
W3_GROWTH = Growth("W3", (10, 1_000, 100_000), Goal(1.5), TRENDS)
W7_GROWTH = Growth("W7", (100, 10_000, 1_000_000), Goal(2.0), ("none",))
GROWTHS = (W3_GROWTH, replace(W3_GROWTH, keys=10), W7_GROWTH)
"""With 10 keys there are nearly as many groups in the shortest window as in the longest, so that
its length alone grows; with 1,000 the shortest has groups of one row, with nothing to add up."""


@dataclass(frozen=True)
class Memory:
    """The bytes a row of a full window."""

    growth: Growth
    goal: Goal
    values_apart: bool
    """Whether the goal is for what is kept beyond the values."""


MEMORIES = (Memory(W3_GROWTH, Goal(45), True), Memory(W7_GROWTH, Goal(150), False))


def _fill(growth: Growth, parts: Parts, rows: int, trend: Trend) -> Iterator[list[Any]]:
    """Rows that fill the window, a batch at a time."""
    for first in range(0, rows, PIECE):
        count = min(PIECE, rows - first)
        for batch in cut(growth.trades(count, rows, first, trend), SIZE):
            yield parts.decode(batch)


def _cost(
    step: Callable[[Sequence[Any]], object], parts: Parts, payloads: Sequence[bytes]
) -> float:
    """CPU ns an event of ``step`` alone; its rows are decoded just before, as in an app."""
    gc.collect()
    spent = 0
    for batch in cut(payloads, SIZE):
        rows = parts.decode(batch)
        start = time.process_time_ns()
        results = step(rows)
        spent += time.process_time_ns() - start
        del results
    return spent / len(payloads)


def _timer(
    growth: Growth,
    step: Callable[[Sequence[Any]], object],
    parts: Parts,
    rows: int,
    trend: Trend,
    events: int,
) -> Timer:
    """Goes on in time from pass to pass, so that the window stays as full as it is."""
    for batch in _fill(growth, parts, rows, trend):
        step(batch)
    first = rows

    def measure() -> float:
        nonlocal first
        payloads = growth.trades(events, rows, first, trend)
        first += events
        return _cost(step, parts, payloads)

    return whole(measure)


def _product(parts: Parts) -> Callable[[Sequence[Any]], object]:
    run, take, stream = parts.engine.step, parts.outlet.take, parts.stream

    def step(rows: Sequence[Any]) -> object:
        run(stream, rows)
        return take()

    return step


def groups(settings: Settings) -> list[Group]:
    return [_growth(growth, trend, settings) for growth in GROWTHS for trend in growth.trends]


def _growth(growth: Growth, trend: Trend, settings: Settings) -> Group:
    events = settings.events(EVENTS)
    timers: dict[str, Timer] = {}
    data = "" if trend == "none" else f", {trend} prices"
    sizes = growth.rows[:-1] if settings.quick else growth.rows
    for rows in sizes:
        parts = parts_of(growth.workload(rows, trend))
        timers[f"EventFlux {rows}"] = _timer(growth, _product(parts), parts, rows, trend, events)
        if trend == "none":
            loop = parts_of(growth.workload(rows, trend))
            timers[f"loop {rows}"] = _timer(growth, growth.fold(rows), loop, rows, trend, events)

    def report(found: Mapping[str, Sequence[float]]) -> list[Figure]:
        def grown(who: str, rows: int) -> list[float]:
            return ratios(found[f"{who} {rows}"], found[f"{who} {sizes[0]}"])

        figures = []
        for rows in sizes[1:]:
            context = f"{nanoseconds(found[f'EventFlux {rows}'])} an event"
            if f"loop {rows}" in found:
                by_hand = f"{statistics.median(grown('loop', rows)):.2f}"
                context += (
                    f"; the loop by hand {nanoseconds(found[f'loop {rows}'])}, grows {by_hand} ×"
                )
            figures.append(
                Figure(
                    growth.title,
                    f"cost of the operator, {rows:,} rows ÷ {sizes[0]}{data}",
                    grown("EventFlux", rows),
                    growth.goal,
                    context=context,
                )
            )
        return figures

    return Group(f"{growth.title}{data}", timers, report, every=4)


def once(settings: Settings) -> list[Figure]:
    """Bytes a row, measured in processes of their own."""
    return [
        Figure(
            memory.growth.title,
            f"memory a row{' beyond its value' if memory.values_apart else ''}, {rows:,} rows",
            [_bytes_a_row(memory, "EventFlux", rows)],
            memory.goal,
            unit="bytes",
            context=f"as allocated; the loop takes {_bytes_a_row(memory, 'loop', rows):.0f}",
        )
        for memory in MEMORIES
        for rows in [memory.growth.rows[-2 if settings.quick else -1]]
    ]


def _bytes_a_row(memory: Memory, who: str, rows: int) -> float:
    command = [
        sys.executable,
        "-m",
        "benchmarks.suites.sliding",
        memory.growth.name,
        who,
        str(rows),
    ]
    found = float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found - PRICE_BYTES if memory.values_apart else found


def _allocated(growth: Growth, who: str, rows: int) -> float:
    """What Python allocated for each row of a full window."""
    parts = parts_of(growth.workload(rows, "none"))
    step = _product(parts) if who == "EventFlux" else growth.fold(rows)
    if who == "EventFlux":
        for batch in _fill(growth, parts, 1, "none"):
            step(batch)
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for batch in _fill(growth, parts, rows, "none"):
        step(batch)
    del batch
    gc.collect()
    return (tracemalloc.get_traced_memory()[0] - before) / rows


if __name__ == "__main__":
    chosen = {growth.name: growth for growth in (W3_GROWTH, W7_GROWTH)}[sys.argv[1]]
    print(_allocated(chosen, sys.argv[2], int(sys.argv[3])))
