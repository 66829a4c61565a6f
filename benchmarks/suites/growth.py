"""How W2's operator grows with its groups: its cost an event, and its memory a group."""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from benchmarks import loops
from benchmarks.figures import Figure, Goal, ratios
from benchmarks.measure import Group, Timer, nanoseconds, whole
from benchmarks.product import Parts, parts_of
from benchmarks.settings import Settings
from benchmarks.workloads import W2, cut, trades
from eventflux.base.rows import Row

TITLE = "Growth of W2"
KEYS = (10, 1_000, 100_000)
GOALS = {1_000: Goal(1.3), 100_000: Goal(5)}
EVENTS = 102_400
SIZE = 1024
PIECE = 51_200
BYTES_A_GROUP = Goal(200)
KEY_BYTES = sys.getsizeof("SYM000001")
ALL_IN_ONE_MINUTE = 1_000_000
"""So many trades a second that the window stays open while it is measured."""


def _fill(parts: Parts, keys: int) -> Iterator[list[Row]]:
    """Rows that touch nearly all of ``keys`` groups, a batch at a time."""
    for first in range(0, 4 * keys, PIECE):
        count = min(PIECE, 4 * keys - first)
        for batch in cut(trades(count, keys=keys, per_second=ALL_IN_ONE_MINUTE, first=first), SIZE):
            yield parts.decode(batch)


def filled(keys: int) -> Parts:
    """W2 with an open window that holds nearly all of ``keys`` groups."""
    parts = parts_of(W2)
    for batch in _fill(parts, keys):
        parts.engine.step(W2.source, batch)
    return parts


def _cost(step: Callable[[Sequence[Row]], None], parts: Parts, keys: int, events: int) -> Timer:
    """CPU ns an event of ``step`` alone; its rows are decoded just before, as in an app."""
    payloads = cut(trades(events, keys=keys, per_second=ALL_IN_ONE_MINUTE, first=4 * keys), SIZE)

    def measure() -> float:
        gc.collect()
        spent = 0
        for batch in payloads:
            rows = parts.decode(batch)
            start = time.process_time_ns()
            step(rows)
            spent += time.process_time_ns() - start
        return spent / events

    return whole(measure)


def product_cost(keys: int, events: int) -> Timer:
    """The engine's step with ``keys`` groups in the open window, filled once."""
    parts = filled(keys)
    return _cost(partial(parts.engine.step, W2.source), parts, keys, events)


def loop_cost(keys: int, events: int) -> Timer:
    """The same of the loop by hand, over the same rows."""
    parts = parts_of(W2)
    groups: dict[str, loops.Group] = {}

    def step(rows: Sequence[Any]) -> None:
        loops.fold_trades(groups, rows)

    for batch in _fill(parts, keys):
        step(batch)
    return _cost(step, parts, keys, events)


def groups(settings: Settings) -> list[Group]:
    events = settings.events(EVENTS)

    def report(found: Mapping[str, Sequence[float]]) -> list[Figure]:
        def growth(who: str, keys: int) -> list[float]:
            return ratios(found[f"{who} {keys}"], found[f"{who} {KEYS[0]}"])

        return [
            *(
                Figure(
                    TITLE,
                    f"cost of the operator, {keys:,} groups ÷ {KEYS[0]}",
                    growth("EventFlux", keys),
                    GOALS[keys],
                    context=f"{nanoseconds(found[f'EventFlux {keys}'])} an event; "
                    f"the loop by hand grows {statistics.median(growth('loop', keys)):.2f} ×",
                )
                for keys in KEYS[1:]
            ),
            Figure(
                TITLE,
                f"cost of the operator, {KEYS[-1]:,} groups: EventFlux ÷ loop",
                ratios(found[f"EventFlux {KEYS[-1]}"], found[f"loop {KEYS[-1]}"]),
            ),
        ]

    timers = {f"EventFlux {keys}": product_cost(keys, events) for keys in KEYS}
    timers |= {f"loop {keys}": loop_cost(keys, events) for keys in KEYS}
    return [Group("growth", timers, report)]


def once(settings: Settings) -> list[Figure]:
    """Bytes a group, measured in processes of their own."""
    keys = 20_000 if settings.quick else KEYS[-1]
    mine, by_hand = (_bytes_a_group(who, keys) for who in ("EventFlux", "loop"))
    return [
        Figure(
            TITLE,
            f"memory a group, {keys:,} groups",
            [mine],
            BYTES_A_GROUP,
            unit="bytes",
            context=f"as allocated, {KEY_BYTES} of them the key's text; "
            f"the loop by hand takes {by_hand:.0f}",
        )
    ]


def _bytes_a_group(who: str, keys: int) -> float:
    command = [sys.executable, "-m", "benchmarks.suites.growth", who, str(keys)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _allocated(who: str, keys: int) -> float:
    """What Python allocated for each group of an open window: key, its place in the dict,
    accumulator and its numbers."""
    parts = filled(1)
    groups: dict[str, loops.Group] = {}
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    seen: set[int] = set()
    for batch in _fill(parts, keys):
        rows: Sequence[Any] = batch
        if who == "loop":
            loops.fold_trades(groups, rows)
        else:
            parts.engine.step(W2.source, rows)
        seen.update(hash(row.symbol) for row in rows)
    del batch, rows
    count = len(seen)
    del seen
    gc.collect()
    return (tracemalloc.get_traced_memory()[0] - before) / count


if __name__ == "__main__":
    print(_allocated(sys.argv[1], int(sys.argv[2])))
