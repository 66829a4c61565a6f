"""Functions of the language: each called in SQL beside the same in a loop by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks import loops
from benchmarks.figures import Figure, Goal, ratios
from benchmarks.measure import Group, nanoseconds, pass_over
from benchmarks.product import product
from benchmarks.settings import Settings
from benchmarks.suites.speed import check_equal
from benchmarks.workloads import FUNCTIONS

SIZE = 1024
EVENTS = 40_960


def groups(settings: Settings) -> list[Group]:
    check_equal(FUNCTIONS, product(FUNCTIONS), loops.functions, SIZE)
    batches = FUNCTIONS.batches(settings.events(EVENTS), SIZE)

    def report(found: Mapping[str, Sequence[float]]) -> list[Figure]:
        return [
            Figure(
                "Functions",
                "speed: eleven calls a row, loop ÷ EventFlux",
                ratios(found["loop"], found["EventFlux"]),
                Goal(0.8, at_least=True),
                context=f"{nanoseconds(found['EventFlux'])} an event",
            )
        ]

    passes = {
        "loop": pass_over(loops.functions, batches),
        "EventFlux": pass_over(product(FUNCTIONS), batches),
    }
    return [Group("functions", passes, report)]
