"""One event at a time: payload to encoded result, without I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks import loops
from benchmarks.figures import Figure, Goal, ratios
from benchmarks.measure import Group, nanoseconds, pass_over
from benchmarks.product import product
from benchmarks.settings import Settings
from benchmarks.suites.speed import check_equal
from benchmarks.workloads import W1, W2

EVENTS = 20_480


def groups(settings: Settings) -> list[Group]:
    found = []
    for workload, loop in ((W1, loops.filter_case_single), (W2, loops.tumbling_bars_single)):
        check_equal(workload, product(workload), loop, 1)
        batches = workload.batches(settings.events(EVENTS), 1)

        def report(found: Mapping[str, Sequence[float]], name: str = workload.name) -> list[Figure]:
            return [
                Figure(
                    "One event",
                    f"{name}, mapper and engine: cost ÷ loop's batch of one",
                    ratios(found["EventFlux"], found["loop"]),
                    Goal(3),
                    context=f"{nanoseconds(found['EventFlux'])}, loop {nanoseconds(found['loop'])}",
                )
            ]

        timers = {
            "loop": pass_over(loop, batches),
            "EventFlux": pass_over(product(workload), batches),
        }
        found.append(Group(f"one event, {workload.name}", timers, report))
    return found
