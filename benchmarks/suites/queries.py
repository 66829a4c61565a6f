"""Several queries: a rejoin against one fused loop, a chain of ten against ten loops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks import loops
from benchmarks.figures import Figure, Goal, ratios
from benchmarks.measure import Group, nanoseconds, pass_over
from benchmarks.product import product
from benchmarks.settings import Settings
from benchmarks.suites.speed import beside, check_equal
from benchmarks.workloads import CHAIN, REJOIN

SIZE = 1024
EVENTS = 40_960


def groups(settings: Settings) -> list[Group]:
    return [_rejoin(settings), _chain(settings)]


def _rejoin(settings: Settings) -> Group:
    batches = REJOIN.batches(settings.events(EVENTS), SIZE)

    def report(found: Mapping[str, Sequence[float]]) -> list[Figure]:
        return [
            Figure(
                "Several queries",
                "cost: two queries that rejoin ÷ one fused loop",
                ratios(found["EventFlux"], found["loop"]),
                Goal(1.6),
                context=f"{nanoseconds(found['EventFlux'])} an event",
            )
        ]

    return Group("rejoin", beside(REJOIN, loops.rejoin, batches), report)


def _chain(settings: Settings) -> Group:
    for loop in (loops.chain_fused, loops.chain_staged):
        check_equal(CHAIN, product(CHAIN), loop, SIZE)
    batches = CHAIN.batches(settings.events(EVENTS), SIZE)

    def report(found: Mapping[str, Sequence[float]]) -> list[Figure]:
        return [
            Figure(
                "Several queries",
                "cost: chain of ten ÷ one fused loop",
                ratios(found["EventFlux"], found["fused"]),
                Goal(2),
                context=f"{nanoseconds(found['EventFlux'])} an event",
            ),
            Figure(
                "Several queries",
                "cost: chain of ten ÷ ten loops, list to list",
                ratios(found["EventFlux"], found["staged"]),
                Goal(2),
            ),
        ]

    return Group(
        "chain",
        {
            "EventFlux": pass_over(product(CHAIN), batches),
            "fused": pass_over(loops.chain_fused, batches),
            "staged": pass_over(loops.chain_staged, batches),
        },
        report,
    )
