"""W1, W2, W3 and W7: EventFlux beside the loop by hand, the floor and the peers."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence

import msgspec

from benchmarks import loops, sliding_loops
from benchmarks.figures import Figure, Goal, Skipped, ratios
from benchmarks.loops import Step, StepFactory
from benchmarks.measure import Group, Timer, nanoseconds, pass_over, whole
from benchmarks.peers.environment import PEERS, Peer, PeerFailed, installed
from benchmarks.product import product
from benchmarks.settings import Settings
from benchmarks.workloads import W1, W2, W3, W7, Workload

LOOPS: dict[str, StepFactory] = {
    **loops.LOOPS,
    "W3": sliding_loops.length_moments,
    "W7": sliding_loops.time_moments,
}
ROW_TYPES: dict[str, tuple[type[msgspec.Struct], type[msgspec.Struct]]] = {
    **loops.ROW_TYPES,
    "W3": (loops.Trade, sliding_loops.Moment),
    "W7": (loops.Trade, sliding_loops.Moment),
}

SIZES = (1024, 64)
"""Batch sizes: a loaded app, and one that keeps up with ease."""

SPEED_GOALS = {
    "W1": Goal(0.95, at_least=True),
    "W2": Goal(0.92, at_least=True),
    "W3": Goal(0.90, at_least=True),
    "W7": Goal(0.90, at_least=True),
}
EVENTS = {"W1": 61_440, "W2": 122_880, "W3": 61_440, "W7": 61_440}
"""Two minutes of trades close two windows of W2; one is full after 10 s of W7."""

SLIDING = ("W3", "W7")

EXTRA_LOOPS: dict[str, dict[str, StepFactory]] = {
    "W1": {
        "loop that decodes one by one": loops.filter_case_one_by_one,
        "loop that reuses the struct": loops.filter_case_in_place,
    },
    "W2": {"loop that decodes one by one": loops.tumbling_bars_single},
    "W3": {},
    "W7": {},
}


def check_equal(workload: Workload, make: StepFactory, other: StepFactory, size: int) -> None:
    """Refuse to measure what doesn't give the same results, byte for byte but for the last
    digits of sums that rows leave."""
    mine, theirs = make(), other()
    same = _nearly if workload.name in SLIDING else operator.eq
    for number, batch in enumerate(workload.batches(EVENTS.get(workload.name, 20_480), size)):
        if not same(mine(batch), theirs(batch)):
            raise AssertionError(f"{workload.name}: different results in batch {number}")


def beside(
    workload: Workload, loop: StepFactory, batches: Sequence[Sequence[bytes]]
) -> dict[str, Timer]:
    """Passes of EventFlux and of a loop by hand that gives the same."""
    check_equal(workload, product(workload), loop, len(batches[0]))
    return {"loop": pass_over(loop, batches), "EventFlux": pass_over(product(workload), batches)}


def _nearly(mine: Sequence[bytes], theirs: Sequence[bytes]) -> bool:
    decode = msgspec.json.Decoder(dict[str, str | int | float]).decode
    return len(mine) == len(theirs) and all(
        key == other and (value == wanted or _near(value, wanted))
        for row, result in zip(mine, theirs, strict=True)
        for (key, value), (other, wanted) in zip(
            decode(row).items(), decode(result).items(), strict=True
        )
    )


def _near(value: object, wanted: object) -> bool:
    """A deviation by hand is the root of a difference: half of its digits are good."""
    if not isinstance(value, float) or not isinstance(wanted, float):
        return False
    return math.isclose(value, wanted, rel_tol=1e-9, abs_tol=1e-3)


def floor_of(workload: Workload, batches: Sequence[Sequence[bytes]]) -> StepFactory:
    """Decoding, and encoding of the loop's results, without the work between."""
    row_type, result_type = ROW_TYPES[workload.name]
    decode = msgspec.json.Decoder(result_type).decode
    loop = LOOPS[workload.name]()
    results = [[decode(payload) for payload in loop(batch)] for batch in batches]

    def make() -> Step:
        return loops.floor(row_type, results)

    return make


def groups(settings: Settings) -> list[Group]:
    """For each workload: one group for each batch size, and one with the peers."""
    return [
        group
        for workload in (W1, W2, W3, W7)
        for group in (
            *(_beside_loop(workload, size, settings) for size in SIZES),
            *([] if workload.name in SLIDING else [_beside_peers(workload, settings)]),
        )
    ]


def _beside_loop(workload: Workload, size: int, settings: Settings) -> Group:
    loop, app = LOOPS[workload.name], product(workload)
    check_equal(workload, app, loop, size)
    batches = workload.batches(settings.events(EVENTS[workload.name]), size)
    contenders: dict[str, StepFactory] = {"loop": loop, "EventFlux": app}
    if size == SIZES[0]:
        contenders["floor"] = floor_of(workload, batches)
        for name, extra in EXTRA_LOOPS[workload.name].items():
            check_equal(workload, extra, loop, size)
            contenders[name] = extra
    title = f"{workload.name} {workload.title}, batches of {size:,}"

    def report(found: Mapping[str, Sequence[float]]) -> list[Figure]:
        by_hand = found["loop"]
        lines = [
            Figure(
                title,
                "speed: EventFlux ÷ loop",
                ratios(by_hand, found["EventFlux"]),
                SPEED_GOALS[workload.name],
                context=f"{nanoseconds(found['EventFlux'])} an event, loop {nanoseconds(by_hand)}",
            )
        ]
        lines += [
            Figure(
                title, f"cost: {name} ÷ loop", ratios(costs, by_hand), context=nanoseconds(costs)
            )
            for name, costs in found.items()
            if name not in ("loop", "EventFlux")
        ]
        return lines

    return Group(title, {n: pass_over(m, batches) for n, m in contenders.items()}, report)


def _beside_peers(workload: Workload, settings: Settings) -> Group:
    title = f"{workload.name} {workload.title}, batches of {SIZES[0]:,}"
    events = settings.events(EVENTS[workload.name])
    batches = workload.batches(events, SIZES[0])
    there = installed(settings.peers)
    skipped = [
        Skipped(title, name, "run `python -m benchmarks.peers --setup` for it")
        for name in PEERS
        if name not in there
    ]
    loop = LOOPS[workload.name]
    expected = _results_with_open_windows(workload, batches)
    timers: dict[str, Timer] = {"loop": pass_over(loop, batches)}
    running = [Peer(settings.peers, name) for name in PEERS if name in there]

    def timer(peer: Peer) -> Timer:
        def measure() -> float:
            answer = peer.measure(workload.name, events, SIZES[0])
            if answer.results not in expected:
                raise PeerFailed(f"{peer.name}: {answer.results} results, expected {expected}")
            return answer.cost

        return whole(measure)

    for peer in running:
        timers[peer.name] = timer(peer)

    def report(found: Mapping[str, Sequence[float]]) -> list[Figure]:
        return [
            Figure(
                title,
                f"cost: {'orjson + dict' if name == 'orjson' else name} ÷ loop",
                ratios(found[name], found["loop"]),
                context=nanoseconds(found[name]),
            )
            for name in timers
            if name != "loop"
        ]

    def close() -> None:
        for peer in running:
            peer.close()

    return Group(f"{title}, peers", timers, report, skipped, every=4, close=close)


def _results_with_open_windows(
    workload: Workload, batches: Sequence[Sequence[bytes]]
) -> range | tuple[int, ...]:
    """How many results a peer may give: some close their windows at the end, some by key only."""
    loop = LOOPS[workload.name]()
    closed = sum(len(loop(batch)) for batch in batches)
    if workload.name != "W2":
        return (closed,)
    return range(closed - 1000, closed + 1001)
