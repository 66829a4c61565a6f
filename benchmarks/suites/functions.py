"""Functions of the language: each called in SQL beside the same in a loop by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks import loops
from benchmarks.figures import Figure, Goal, ratios
from benchmarks.measure import Group, nanoseconds
from benchmarks.settings import Settings
from benchmarks.suites.speed import beside
from benchmarks.workloads import FUNCTIONS

SIZE = 1024
EVENTS = 40_960


def groups(settings: Settings) -> list[Group]:
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

    return [Group("functions", beside(FUNCTIONS, loops.functions, batches), report)]
