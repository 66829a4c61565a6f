"""Formats other than JSON: a job through mapper, engine and mapper beside its loop by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks import loops
from benchmarks.figures import Figure, Goal, ratios
from benchmarks.loops import StepFactory
from benchmarks.measure import Group, nanoseconds, pass_over
from benchmarks.product import product
from benchmarks.settings import Settings
from benchmarks.suites.speed import check_equal
from benchmarks.workloads import BYTES, W1_CSV, W1_QUOTED, Workload

SIZE, EVENTS = 1024, 61_440
GOAL = Goal(0.8, at_least=True)

JOBS: tuple[tuple[Workload, dict[str, StepFactory]], ...] = (
    (W1_CSV, {"loop": loops.csv_records, "loop that splits at commas": loops.csv_lines}),
    (W1_QUOTED, {"loop": loops.csv_records}),
    (BYTES, {"loop": loops.pass_on}),
)
"""Each job with its loops. The one called ``loop`` is the fastest that reads the format; the
other one is faster, and wrong as soon as a field has quotes."""


def groups(settings: Settings) -> list[Group]:
    """One group for each job."""
    return [_group(workload, by_hand, settings) for workload, by_hand in JOBS]


def _group(workload: Workload, by_hand: Mapping[str, StepFactory], settings: Settings) -> Group:
    app = product(workload)
    for loop in by_hand.values():
        check_equal(workload, app, loop, SIZE)
    batches = workload.batches(settings.events(EVENTS), SIZE)

    def report(found: Mapping[str, Sequence[float]]) -> list[Figure]:
        ours = found["EventFlux"]
        return [
            Figure(
                "Formats",
                f"{workload.name}, speed: EventFlux ÷ {name}",
                ratios(found[name], ours),
                GOAL if name == "loop" else None,
                context=f"{nanoseconds(ours)} an event, loop {nanoseconds(found[name])}",
            )
            for name in by_hand
        ]

    contenders = {**by_hand, "EventFlux": app}
    timers = {name: pass_over(make, batches) for name, make in contenders.items()}
    return Group(f"format, {workload.name}", timers, report)
