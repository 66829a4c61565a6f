"""A Python function in SQL beside the same call in a loop by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import process_time_ns

import msgspec

from benchmarks import loops
from benchmarks.figures import Figure, Goal, ratios
from benchmarks.measure import Group, Timer, nanoseconds, whole
from benchmarks.product import parts_of, warm_up
from benchmarks.settings import Settings
from benchmarks.suites.speed import beside
from benchmarks.workloads import OWN_FUNCTION

TITLE = "Own functions"
SIZE = 1024
EVENTS = 40_960
AT_MOST = Goal(1.3)


def groups(settings: Settings) -> list[Group]:
    batches = OWN_FUNCTION.batches(settings.events(EVENTS), SIZE)
    timers = {
        **beside(OWN_FUNCTION, loops.own_function, batches),
        "loop over rows": _rows_of_loop(batches),
        "step alone": _step_alone(batches),
    }

    def report(found: Mapping[str, Sequence[float]]) -> list[Figure]:
        return [
            Figure(
                TITLE,
                f"cost: a Python function, {what} ÷ the same call in a loop",
                ratios(found[mine], found[loop]),
                AT_MOST,
                context=f"{nanoseconds(found[mine])} an event",
            )
            for what, mine, loop in (
                ("payload to payload", "EventFlux", "loop"),
                ("row to row", "step alone", "loop over rows"),
            )
        ]

    return [Group("own functions", timers, report)]


def _rows_of_loop(batches: Sequence[Sequence[bytes]]) -> Timer:
    decode = msgspec.json.Decoder(loops.Order).decode
    rows = [[decode(payload) for payload in batch] for batch in batches]
    events = sum(map(len, rows))

    def measure() -> float:
        began = process_time_ns()
        for batch in rows:
            loops.prioritized(batch)
        return (process_time_ns() - began) / events

    return whole(measure)


def _step_alone(batches: Sequence[Sequence[bytes]]) -> Timer:
    parts = parts_of(OWN_FUNCTION)
    warm_up(parts, batches[0][:1])
    rows = [parts.decode(batch) for batch in batches]
    events = sum(map(len, rows))

    def measure() -> float:
        began = process_time_ns()
        for batch in rows:
            parts.engine.step(parts.stream, batch)
            parts.outlet.take()
        return (process_time_ns() - began) / events

    return whole(measure)
