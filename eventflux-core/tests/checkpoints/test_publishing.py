"""When a checkpoint is published, and what is acknowledged then: for every order of events."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from eventflux import EventFluxManager, UsageError
from eventflux.testing.scripted import Hang, Refuse, ScriptedStoreFactory

from .conftest import SINK, SOURCE, STREAMS, SUMS, WINDOWS


async def test_what_is_in_state_is_acknowledged_when_it_is_published(
    world: Any, until: Any
) -> None:
    async with world.process(WINDOWS) as app:
        world.put(("a", 1, 1), ("a", 2, 2))
        await until(lambda: app.stats()["queries"]["query_1"]["in"] == 2)
        await asyncio.sleep(0.02)
        assert world.queue.acked == []
        assert app.stats()["connectors"]["S"]["unpublished"] == 2
        revision = await app.apersist()
        assert world.queue.acked == [0, 1]
        assert world.revisions == [revision]
        assert app.stats()["connectors"]["S"]["unpublished"] == 0


async def test_what_reaches_no_state_is_acknowledged_as_ever(world: Any, until: Any) -> None:
    sql = STREAMS + "INSERT INTO Out SELECT k, v AS total FROM S;"
    async with world.process(sql) as app:
        world.put(("a", 1, 1))
        await until(lambda: world.queue.acked == [0])
        published = app.stats()["checkpoints"]["published"]
        await asyncio.sleep(0.05)
        assert app.stats()["checkpoints"]["published"] == published  # nothing has changed
    assert world.revisions == []


async def test_nothing_is_published_before_what_was_emitted_is_confirmed(
    world: Any, until: Any
) -> None:
    """A window fires, and the row hangs on its way: the checkpoint has the emptied window."""
    async with world.process(WINDOWS, sends=[Hang()]) as app:
        world.put(("a", 1, 1), ("b", 2, 10))
        await until(lambda: world.sinks.made[0].most_under_way == 1)
        published = asyncio.ensure_future(app.apersist())
        await asyncio.sleep(0.05)
        assert not published.done()
        assert (world.revisions, world.queue.acked) == ([], [])
        world.sinks.made[0].lose()  # it is sent again, and arrives
        await published
        assert world.arrived == [("a", 1)]
        assert world.queue.acked == [0, 1]
        world.put(("b", 3, 20))
        await until(lambda: world.arrived == [("a", 1), ("b", 2)])


async def test_a_row_on_its_way_at_a_crash_is_made_again(world: Any, until: Any) -> None:
    async with world.process(WINDOWS, sends=[Hang()]) as app:
        world.put(("a", 1, 1), ("b", 2, 10))
        await until(lambda: world.sinks.made[0].most_under_way == 1)
        published = asyncio.ensure_future(app.apersist())
        await asyncio.sleep(0.02)
        assert not published.done()
    assert (world.arrived, world.revisions) == ([], [])
    async with world.process(WINDOWS):
        await until(lambda: world.arrived == [("a", 1)])
        world.put(("b", 3, 20))
        await until(lambda: world.arrived == [("a", 1), ("b", 2)])


async def test_what_is_emitted_behind_the_cut_does_not_hold_it_up(world: Any, until: Any) -> None:
    async with world.process(SUMS, sends=[None, Hang()]) as app:
        world.put(("a", 1, 1))
        await until(lambda: world.arrived == [("a", 1)])
        published = asyncio.ensure_future(app.apersist())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        world.put(("a", 2, 2))
        await published
        assert world.queue.acked == [0]
        assert world.arrived == [("a", 1)]


async def test_a_dead_letter_on_its_way_belongs_to_the_checkpoint(world: Any, until: Any) -> None:
    sql = (
        STREAMS.replace(
            "event.time = 't'",
            "event.time = 't', error.strategy = 'dlq', error.dlq.stream = 'Dead'",
        )
        + "CREATE STREAM Dead (originalEvent STRING, errorMessage STRING, errorType STRING, "
        f'"timestamp" LONG, attemptCount INT, streamName STRING) {SINK};'
        + "INSERT INTO Out SELECT k, SUM(v) AS total FROM S WINDOW('tumbling', 10) GROUP BY k;"
    )
    async with world.process(sql, sends=[Hang()]) as app:
        world.queue.put(b"no object")
        await until(lambda: any(sink.most_under_way for sink in world.sinks.made))
        published = asyncio.ensure_future(app.apersist())
        await asyncio.sleep(0.05)
        assert not published.done()
        for sink in world.sinks.made:
            sink.lose()
        await published
        assert world.queue.acked == [0]


LETTERS = (
    "CREATE STREAM Dead (originalEvent STRING, errorMessage STRING, errorType STRING, "
    '"timestamp" LONG, attemptCount INT, streamName STRING);'
    f"CREATE STREAM Count (n LONG) {SINK};"
    "INSERT INTO Count SELECT COUNT(*) AS n FROM Dead;"
)


async def test_state_and_what_is_refused_of_its_rows_are_in_one_checkpoint(
    world: Any, until: Any
) -> None:
    """A row of a window is refused behind the cut that emptied the window: its dead letter goes
    into state that has to be stored with it."""
    sql = (
        WINDOWS.replace(
            f"total LONG) {SINK}",
            f"total LONG) {SINK[:-1]}, error.strategy = 'dlq', error.dlq.stream = 'Dead')",
        )
        + LETTERS
    )
    refusals = [Hang(), Refuse([0], reason="too big"), None]
    async with world.process(sql, sends=refusals) as app:
        world.put(("a", 1, 1))
        await until(lambda: app.stats()["queries"]["query_1"]["in"] == 1)
        await app.apersist()
        world.put(("b", 2, 10))
        await until(lambda: any(sink.most_under_way for sink in world.sinks.made))
        published = asyncio.ensure_future(app.apersist())
        await asyncio.sleep(0.02)
        for sink in world.sinks.made:
            sink.lose()  # it is sent again, and refused
        await published
        assert world.arrived == [(1,)]
        assert world.queue.acked == [0, 1]
        assert world.revisions == [1, 2]
    async with world.process(sql, sends=[Refuse([0], reason="too big")]):
        world.put(("b", 2, 20))
        await until(lambda: world.arrived == [(1,), (2,)])


async def test_half_of_the_prefetch_asks_for_one(world: Any, until: Any) -> None:
    world.prefetch = 10
    async with world.process(WINDOWS) as app:
        world.put(*[("a", 1, 1)] * 4)
        await until(lambda: app.stats()["connectors"]["S"]["unpublished"] == 4)
        await asyncio.sleep(0.02)
        assert world.queue.acked == []
        world.put(("a", 1, 1))
        await until(lambda: world.queue.acked == [0, 1, 2, 3, 4])
        world.put(*[("a", 1, 1)] * 95)
        await until(lambda: app.stats()["connectors"]["S"]["acknowledged"] >= 95)


async def test_a_source_that_gets_nothing_more_asks_for_one(
    world: Any, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other side may have a bound that it does not tell, and wait for acknowledgements."""
    monkeypatch.setattr("eventflux.runtime.checkpoints._QUIET", 0.01)
    async with world.process(WINDOWS):
        world.put(("a", 1, 1), ("a", 1, 1))
        await until(lambda: world.queue.acked == [0, 1])


async def test_a_function_that_waits_for_its_acknowledgement_is_resumed_at_once(
    world: Any, until: Any
) -> None:
    resumed: list[int] = []

    async def numbers() -> Any:
        for v in range(40):
            yield {"k": "a", "v": v, "t": 1}
            resumed.append(v)

    manager = EventFluxManager()
    manager.source("numbers", acking=True)(numbers)
    manager.context.add_state_store_factory("scripted", ScriptedStoreFactory(world.history))
    app = manager.create_app(
        "SET checkpoint.store = 'scripted'; SET checkpoint.interval = '1 hour';"
        "CREATE STREAM S (k STRING, v LONG, t LONG)"
        " WITH (type = 'source', extension = 'numbers');"
        "INSERT INTO Sums SELECT SUM(v) AS total FROM S;",
        environment={},
    )
    async with app:
        await until(lambda: len(resumed) == 40)
    assert max(world.revisions) >= 40


async def test_the_interval_asks_for_one(world: Any, until: Any) -> None:
    sql = WINDOWS.replace("'1 hour'", "'5 ms'")
    async with world.process(sql) as app:
        world.put(("a", 1, 1))
        await until(lambda: world.queue.acked == [0])
        published = app.stats()["checkpoints"]["published"]
        await asyncio.sleep(0.05)
        assert app.stats()["checkpoints"]["published"] == published  # nothing has changed
        world.put(("a", 1, 1))
        await until(lambda: world.queue.acked == [0, 1])


async def test_a_confirmed_send_into_state_waits_for_a_checkpoint_and_asks_for_it(
    world: Any,
) -> None:
    async with world.process(
        WINDOWS.replace(SOURCE.replace(")", ", event.time = 't')"), "").replace(
            "t LONG)", "t LONG) WITH (event.time = 't')"
        )
    ) as app:
        rows = [("a", 1, 1)] * 3000
        await app.input("S").asend_many(rows[:10])
        assert world.revisions == []
        await app.input("S").asend_many(rows, wait="confirmed")
        assert world.revisions == [1]
        await app.input("S").asend_batch(rows[:2], wait="confirmed")
        assert world.revisions == [1, 2]


async def test_one_that_fails_is_tried_again_and_nothing_is_lost(
    world: Any, until: Any, caplog: Any
) -> None:
    faults = {"writes": [Refuse(reason="disk full")], "publishes": [Refuse(reason="locked")]}
    async with world.process(WINDOWS, store=faults) as app:
        world.put(("a", 1, 1))
        await until(lambda: app.stats()["queries"]["query_1"]["in"] == 1)
        persisted = asyncio.ensure_future(app.apersist())
        await until(lambda: app.health()["checkpoint"].startswith("failing: OSError: disk full"))
        assert world.queue.acked == []
        world.put(("a", 2, 2))  # behind the cut
        await persisted
        assert world.queue.acked == [0]
        assert app.health()["checkpoint"] == "running"
        counted = app.stats()["checkpoints"]
        assert (counted["published"], counted["failed"]) == (1, 2)
    assert "a checkpoint in a scripted history failed: OSError: disk full" in caplog.text
    async with world.process(WINDOWS):
        world.put(("a", 0, 10))
        await until(lambda: world.arrived == [("a", 3)])


async def test_without_a_prefetch_what_waits_for_one_does_not_hold_up_a_source(
    world: Any, until: Any
) -> None:
    sql = WINDOWS.replace("event.time = 't'", "event.time = 't', max.in.flight = '2'")
    async with world.process(sql) as app:
        world.put(*[("a", 1, 1)] * 63)
        await until(lambda: app.stats()["connectors"]["S"]["unpublished"] == 63)
        assert app.stats()["connectors"]["S"]["in_flight"] == 63
        await asyncio.sleep(0.02)
        assert world.queue.acked == []
        world.put(("a", 1, 1))  # half of 64 times as much
        await until(lambda: len(world.queue.acked) == 64)
        assert app.stats()["connectors"]["S"]["in_flight"] == 0


async def test_while_none_can_be_published_sources_stop_at_their_bound(
    world: Any, until: Any
) -> None:
    world.prefetch = 10
    async with world.process(WINDOWS, store={"publishes": [Refuse(reason="full")] * 1000}) as app:
        world.put(*[("a", 1, 1)] * 50)
        await until(lambda: app.stats()["connectors"]["S"]["in_flight"] == 10)
        await asyncio.sleep(0.05)
        assert app.stats()["connectors"]["S"]["messages"] == 10
        assert app.health()["checkpoint"].startswith("failing: OSError: full")


async def test_a_cut_waits_for_a_batch_that_is_half_processed(world: Any, until: Any) -> None:
    """Of a batch whose second message is tried again, the first is in state already."""
    sql = (
        STREAMS.replace(
            "event.time = 't'",
            "event.time = 't', error.strategy = 'retry', \"error.retry.initial-delay\" = '60 ms'",
        )
        + "INSERT INTO Out SELECT k, SUM(v) AS total FROM S GROUP BY k;"
    )
    async with world.process(sql) as app:
        world.put(("a", 1, 1))
        await until(lambda: world.arrived)
        await app.apersist()
    assert world.queue.acked == [0]


async def test_persist_needs_a_store_and_a_running_app(world: Any) -> None:
    app = world.app(WINDOWS)
    with pytest.raises(UsageError, match="not running"):
        app.persist()
    without = world.app(WINDOWS.replace("SET checkpoint.store = 'scripted';", ""))
    async with without:
        with pytest.raises(UsageError, match="has no state store"):
            await without.apersist()


# Stopping


async def test_a_stop_publishes_what_is_there_and_flushes_nothing(world: Any, until: Any) -> None:
    app = world.app(WINDOWS)
    async with app:
        world.put(("a", 1, 1), ("a", 2, 2))
        await until(lambda: app.stats()["queries"]["query_1"]["in"] == 2)
    assert app.drained
    assert world.queue.acked == [0, 1]
    assert world.arrived == []
    assert app.stats()["queries"]["query_1"]["discarded"] == 0
    async with world.app(WINDOWS):
        world.put(("a", 4, 10))
        await until(lambda: world.arrived == [("a", 3)])


async def test_a_stop_that_is_asked_to_flushes_and_publishes_behind_that(
    world: Any, until: Any
) -> None:
    app = world.app(WINDOWS)
    await app.astart()
    world.put(("a", 1, 1))
    await until(lambda: app.stats()["queries"]["query_1"]["in"] == 1)
    await app.astop(flush=True)
    assert world.arrived == [("a", 1)]
    assert world.queue.acked == [0]
    async with world.app(WINDOWS):
        world.put(("a", 2, 11), ("a", 4, 20))
        await until(lambda: world.arrived == [("a", 1), ("a", 2)])


async def test_the_end_of_a_finite_input_flushes(world: Any, until: Any) -> None:
    app = world.app(WINDOWS)
    async with app:
        world.put(("a", 1, 1))
        await until(lambda: app.stats()["queries"]["query_1"]["in"] == 1)
        await app.apersist()
        world.queue.end()
        await app.await_finished()
        assert world.arrived == [("a", 1)]


async def test_an_app_that_fails_acknowledges_nothing_behind_its_last_checkpoint(
    world: Any, until: Any
) -> None:
    sql = WINDOWS.replace("event.time = 't'", "event.time = 't', error.strategy = 'fail'")
    app = world.app(sql)
    await app.astart()
    world.put(("a", 1, 1))
    await until(lambda: app.stats()["queries"]["query_1"]["in"] == 1)
    await app.apersist()
    world.put(("a", 2, 2))
    world.queue.put(b"no object")
    await until(lambda: app.state == "failed")
    assert world.queue.acked == [0]
    assert world.revisions == [1]
    await app.astop()


async def test_a_stop_that_can_not_publish_in_time_acknowledges_nothing(
    world: Any, until: Any
) -> None:
    app = world.app("SET app.stop.timeout = '100 ms';" + WINDOWS, store={"publishes": [Hang()]})
    await app.astart()
    world.put(("a", 1, 1))
    await until(lambda: app.stats()["queries"]["query_1"]["in"] == 1)
    stopping = asyncio.ensure_future(app.astop())
    await asyncio.sleep(0.2)
    world.history.held.set()
    await stopping
    assert not app.drained
    assert world.queue.acked == []
