"""What OUTPUT holds when an app stops: given out without a store, kept with one."""

from __future__ import annotations

from typing import Any

from eventflux import EventFluxManager

from .conftest import STREAMS

RATE = "INSERT INTO Out SELECT k, v AS total FROM S OUTPUT ALL EVERY 3 EVENTS;"


async def test_a_stop_keeps_it_where_there_is_a_store(world: Any, until: Any) -> None:
    async with world.process(STREAMS + RATE) as app:
        world.put(("a", 1, 1), ("b", 2, 2))
        await until(lambda: app.stats()["queries"]["query_1"]["in"] == 2)
        await app.astop()
    assert world.arrived == []
    assert world.queue.acked == [0, 1], "what is held is safe"
    async with world.process(STREAMS + RATE):
        world.put(("c", 3, 3))
        await until(lambda: world.arrived == [("a", 1), ("b", 2), ("c", 3)])


async def test_a_kill_loses_nothing_of_it(world: Any, until: Any) -> None:
    async with world.process(STREAMS + RATE) as app:
        world.put(("a", 1, 1))
        await until(lambda: app.stats()["queries"]["query_1"]["in"] == 1)
        await app.apersist()
        world.put(("b", 2, 2))
        await until(lambda: app.stats()["queries"]["query_1"]["in"] == 2)
        assert world.queue.acked == [0]
    async with world.process(STREAMS + RATE):
        world.put(("c", 3, 3))
        await until(lambda: world.arrived == [("a", 1), ("b", 2), ("c", 3)])


async def test_a_changed_query_does_not_give_what_the_old_one_held(world: Any, until: Any) -> None:
    async with world.process(STREAMS + RATE) as app:
        world.put(("a", 1, 1), ("b", 2, 2))
        await until(lambda: app.stats()["queries"]["query_1"]["in"] == 2)
        await app.apersist()
    changed = STREAMS + RATE.replace("FROM S", "FROM S WHERE v > 2")
    async with world.process(changed) as app:
        world.put(("c", 3, 3), ("d", 4, 4), ("e", 5, 5))
        await until(lambda: world.arrived == [("c", 3), ("d", 4), ("e", 5)])


async def test_a_stop_gives_it_out_where_there_is_none() -> None:
    seen: list[int] = []
    app = EventFluxManager().create_app(
        "CREATE STREAM S (v INT); INSERT INTO T SELECT v FROM S OUTPUT ALL EVERY 5 EVENTS;"
        "INSERT INTO T SELECT v * 10 AS v FROM S OUTPUT LAST EVERY 1 HOUR;"
    )
    app.on("T", lambda row: seen.append(row.v))
    async with app:
        await app.input("S").asend_many([(1,), (2,), (3,)])
        assert seen == []
    assert seen == [1, 2, 3, 30]
