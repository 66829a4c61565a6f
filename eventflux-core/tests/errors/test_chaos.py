"""Whatever goes wrong, nothing is lost unseen, and the counters add up exactly."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter

import pytest

from eventflux.testing.scripted import Delay, Fault, Lose, Refuse

from .world import DEAD, World, check_sums, sink, source

AT_ONCE = {"error__retry__initial_delay": "0ms"}
COUNTING = 120


def chaos(random_: random.Random, calls: int, *, refuses: bool, permanent: bool) -> list[Fault]:
    """Faults of a connector; half of the calls work."""
    faults: list[Fault] = []
    for _ in range(calls):
        kind = random_.random()
        if kind < 0.5:
            faults.append(None)
        elif kind < 0.65:
            faults.append(Delay(random_.randrange(1, 10)))
        elif kind < 0.8 or not refuses:
            faults.append(Lose(kept=random_.randrange(0, 3)))
        else:
            transient = random_.random() < 0.6 or not permanent
            faults.append(Refuse(random_.sample(range(6), 2), transient=transient))
    return faults


def payload(random_: random.Random, number: int) -> bytes:
    kind = random_.random()
    if kind < 0.7:
        return b'{"v": %d, "n": %d}' % (random_.randrange(1, 50), number)
    if kind < 0.8:
        return b'{"v": 0, "n": %d}' % number
    if kind < 0.9:
        return b'later %d {"v": 5, "n": %d}' % (random_.randrange(0, 5), number)
    return b'{"v": "poison", "n": %d}' % number


PROGRAM = """
CREATE STREAM Whole (v DOUBLE NOT NULL, n LONG);
INSERT INTO Whole SELECT 100 / v AS v, n FROM Raw;
INSERT INTO Out SELECT v, n FROM Whole WHERE v > 4;
INSERT INTO Also SELECT CASE WHEN v > 30 THEN 'unwritable' END AS s, n FROM Whole;
INSERT INTO Told SELECT streamName AS s, query, attemptCount AS n FROM Raw.errors;
INSERT INTO Told SELECT streamName AS s, query, attemptCount AS n FROM Out.errors;
"""


ASKING = PROGRAM.replace("100 / v AS v", "inverse(v) AS v")
"""The same by way of an asynchronous function."""


def add_inverse(world: World, random_: random.Random) -> None:
    """A function that answers late, in order or not."""

    @world.manager.function(concurrency=random_.choice([1, 4]), ordered=random_.random() < 0.5)
    async def inverse(number: int) -> float | None:
        for _ in range(random_.randrange(6)):
            await asyncio.sleep(0)
        return 100 / number if number else None


def make(world: World, random_: random.Random, *, fails: bool, asks: bool) -> str:
    """A program with strategies, and an outside with faults, drawn at random. ``asks``: it calls
    an asynchronous function."""
    if asks:
        add_inverse(world, random_)

    def errors(*strategies: str) -> dict[str, str]:
        strategy = random_.choice(strategies)
        options = {"error__strategy": strategy}
        if strategy == "dlq" or (strategy == "retry" and random_.random() < 0.5):
            options["error__dlq__stream"] = "Dead"
            options["error__dlq__fallback_strategy"] = random_.choice(["log", "retry"])
        return options

    def bounded() -> dict[str, str]:
        return {**AT_ONCE, "error__retry__max_attempts": random_.choice(["1", "3", "-1"])}

    strategies = ["drop", "dlq", *(["fail"] if fails else [])]
    raw = {**errors("retry", *strategies), **AT_ONCE, "max__in__flight": "50"}
    out = {**errors(*strategies), **bounded()}
    world.max_batch = random_.choice([1, 3, 20])
    for stream in ("Out", "Also", "Told", "Dead"):
        permanent = stream in ("Out", "Dead")
        calls = chaos(random_, 60, refuses=True, permanent=permanent)
        world.script(f"{stream}.send", *calls)
        opens = chaos(random_, 20, refuses=False, permanent=False)
        world.script(f"{stream}.open", None, *opens)
    receives = chaos(random_, 60, refuses=False, permanent=False)
    world.script("Raw.receive", *receives)
    queue = world.queues["Raw"]
    if random_.random() < 0.5:
        queue.ids = [f"m{number}" for number in range(COUNTING)]
    queue.put(*(payload(random_, number) for number in range(COUNTING)))
    return "".join(
        [
            source("Raw", "v LONG NOT NULL, n LONG", **raw),
            sink("Out", "v DOUBLE, n LONG", **out),
            sink("Also", "s STRING, n LONG", **errors("drop", "dlq"), **AT_ONCE),
            sink("Told", "s STRING, query STRING, n INT", **AT_ONCE),
            sink("Dead", DEAD, **AT_ONCE),
            ASKING if asks else PROGRAM,
        ]
    )


@pytest.mark.parametrize("asks", [False, True])
@pytest.mark.parametrize("seed", range(80))
async def test_every_message_is_accounted_for(world: World, seed: int, asks: bool) -> None:
    random_ = random.Random(seed)
    app = await world.run(make(world, random_, fails=False, asks=asks))
    queue = world.queues["Raw"]
    assert app.failure is None
    assert not queue.open
    assert not queue.waiting
    settled = Counter(queue.acked) + Counter(queue.rejected)
    assert set(settled) == set(range(COUNTING))
    check_sums(app, ["Raw"])
    stats = app.stats()
    assert stats["connectors"]["Raw"]["messages"] >= COUNTING
    assert all(c["in_flight"] == c.get("queued", 0) == 0 for c in stats["connectors"].values())
    # What was neither refused nor failed has arrived.
    lost = stats["streams"]["Out"]["dropped"] + stats["streams"]["Out"]["dead_lettered"]
    owed = [r for r in map(read, queue.messages) if r is not None and 0 < r[0] < 25]
    missing = Counter(n for _, n in owed) - Counter(world.got("Out", "n"))
    later = sum(message.startswith(b"later") for message in queue.messages)
    assert missing.total() <= lost + later
    arrived = len(world.got("Dead"))
    taken = sum(c["dead_lettered"] for c in stats["streams"].values())
    assert arrived >= taken - stats["streams"]["Dead"]["dropped"]


def read(message: bytes) -> tuple[int, int] | None:
    """The ``v`` and ``n`` of a message that is a row at once."""
    if not message.startswith(b"{") or b"poison" in message:
        return None
    value = json.loads(message)
    return value["v"], value["n"]


@pytest.mark.parametrize("asks", [False, True])
@pytest.mark.parametrize("seed", range(40))
async def test_the_counters_add_up_after_a_failure_too(world: World, seed: int, asks: bool) -> None:
    random_ = random.Random(500 + seed)
    sql = make(world, random_, fails=True, asks=asks)
    for _ in range(6):
        app = await world.run(sql)
        check_sums(app, ["Raw"])
        queue = world.queues["Raw"]
        assert not queue.open
        assert set(queue.waiting) | set(queue.acked) | set(queue.rejected) == set(range(COUNTING))
        if app.failure is None:
            break


async def test_what_fails_the_app_again_and_again_ends_among_the_dead(world: World) -> None:
    world.queues["Raw"].delivered = Counter()
    world.put(1, 0, 3)
    sql = "".join(
        [
            source(error__strategy="fail", error__dlq__stream="Dead"),
            sink("Out", "v DOUBLE NOT NULL"),
            sink("Dead", DEAD),
            "INSERT INTO Out SELECT 100 / v AS v FROM Raw;",
        ]
    )
    runs = 0
    while (await world.run(sql)).failure is not None:
        runs += 1
    assert runs == 3
    assert world.got("Out", "v") == [100, pytest.approx(100 / 3)]
    [row] = world.got("Dead")
    assert (row["errorType"], row["attemptCount"]) == ("RowError", 4)
    assert sorted(world.queues["Raw"].acked) == [0, 1, 2]
