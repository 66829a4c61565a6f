"""A slow sink stops the source; what is in flight is bounded."""

from __future__ import annotations

import asyncio
from itertools import repeat
from typing import Any

import pytest
from msgspec.structs import replace

from eventflux.runtime.specs import Limits
from eventflux.testing.scripted import Delay, Hang, Refuse


def short(bench: Any) -> Limits:
    """A stop that soon gives up."""
    limits: Limits = bench().limits
    return replace(limits, stop=0.02)


async def test_a_hanging_sink_stops_the_source(bench: Any, settled: Any) -> None:
    run = bench(sends=[Hang()] * 2, max_batch=10, max_in_flight=20)
    run.put(*range(1000))
    await run.app.start()
    await settled(500)
    # 20 under way, 20 queued, and no batch is taken when the queue is full.
    taken = 1000 - len(run.queue.waiting)
    assert taken == 40
    counted = run.app.stats()["connectors"]["Out"]
    assert (counted["in_flight"], counted["queued"]) == (20, 20)
    assert run.queue.acked == []
    run.made_sinks[0].lose()
    run.queue.end()
    async with asyncio.timeout(10):
        await run.app.finished.wait()
    assert run.arrived == list(range(1000))
    await run.app.stop()


@pytest.mark.parametrize("max_in_flight", [1, 3, 64])
async def test_no_more_is_under_way_than_allowed(bench: Any, max_in_flight: int) -> None:
    run = bench(sends=repeat(Delay(3)), max_in_flight=max_in_flight, max_batch=7)
    run.put(*range(300))
    await run.run_to_end()
    assert run.arrived == list(range(300))
    assert run.made_sinks[0].most_under_way <= max_in_flight


async def test_several_sends_are_under_way_at_once(bench: Any) -> None:
    run = bench(sends=repeat(Delay(5)), max_batch=1, max_in_flight=8, sink_options={})
    run.put(*range(50))
    await run.run_to_end()
    assert run.made_sinks[0].most_under_way > 1
    assert run.arrived == list(range(50))


async def test_unsettled_messages_of_a_source_are_bounded(bench: Any, settled: Any) -> None:
    run = bench(
        query=lambda v: [("Out", v)] if v % 10 == 0 else [],
        sends=[Hang()] * 1000,
        max_batch=5,
        source_options={"max.in.flight": "20"},
        limits=short(bench),
    )
    run.put(*range(1000))
    await run.app.start()
    await settled(300)
    assert len(run.queue.open) <= 20 + 5
    assert run.app.stats()["connectors"]["In"]["in_flight"] == len(run.queue.open)
    await run.app.stop()


async def test_bytes_under_way_and_waiting_are_bounded(bench: Any, settled: Any) -> None:
    run = bench(
        sends=[Hang()] * 3,
        max_batch=1,
        sink_options={"max.in.flight.bytes": "10"},
        limits=short(bench),
    )
    run.put(*[1234] * 100)
    await run.app.start()
    await settled(500)
    # Sent as long as there is room for a byte, and queued in the same way.
    counted = run.app.stats()["connectors"]["Out"]
    assert (counted["in_flight"], counted["in_flight_bytes"]) == (3, 12)
    assert (counted["queued"], counted["queued_bytes"]) == (3, 12)
    assert run.app.stats()["connectors"]["In"]["in_flight_bytes"] == 24
    run.made_sinks[0].lose()
    run.queue.end()
    async with asyncio.timeout(10):
        await run.app.finished.wait()
    assert run.arrived == [1234] * 100
    counted = run.app.stats()["connectors"]
    assert counted["Out"]["in_flight_bytes"] == counted["Out"]["queued_bytes"] == 0
    assert counted["In"]["in_flight_bytes"] == 0
    await run.app.stop()


async def test_unsettled_bytes_of_a_source_are_bounded(bench: Any, settled: Any) -> None:
    run = bench(
        sends=[Hang()] * 100,
        max_batch=1,
        source_options={"max.in.flight.bytes": "10"},
        limits=short(bench),
    )
    run.put(*[1234] * 100)
    await run.app.start()
    await settled(500)
    assert len(run.queue.open) == 3
    await run.app.stop()


async def test_a_message_larger_than_the_bounds_goes_alone(bench: Any) -> None:
    bounds = {"max.in.flight.bytes": "4"}
    run = bench(source_options=bounds, sink_options=bounds, sends=repeat(Delay(2)))
    run.put(1, 123456789, 2, 987654321, 3)
    await run.run_to_end()
    assert run.arrived == [1, 123456789, 2, 987654321, 3]
    assert run.made_sinks[0].largest_batch == 1


async def test_bytes_of_what_is_refused_for_now_count_on(bench: Any, settled: Any) -> None:
    run = bench(sends=[Refuse([1, 2], transient=True), Hang()], limits=short(bench))
    run.put(1, 22, 333, 4444)
    await run.app.start()
    await settled()
    assert run.app.stats()["connectors"]["Out"]["in_flight_bytes"] == 5
    await run.app.stop()
    assert run.app.stats()["connectors"]["Out"]["in_flight_bytes"] == 0


async def test_room_comes_back_with_the_next_start(bench: Any, settled: Any) -> None:
    run = bench(
        sends=[Hang()], max_batch=1, source_options={"max.in.flight": "1"}, limits=short(bench)
    )
    run.put(1, 2, 3)
    await run.app.start()
    await settled()
    await run.app.stop()
    assert run.queue.acked == []
    await run.run_to_end()
    assert run.arrived == [1, 2, 3]
    run.check_counters()


async def test_batches_obey_the_bounds_on_messages_and_bytes(bench: Any) -> None:
    by_count = bench(sink_options={"batch.max.messages": "3"})
    by_count.put(*range(20))
    await by_count.run_to_end()
    assert by_count.made_sinks[0].largest_batch == 3
    assert by_count.arrived == list(range(20))
    by_size = bench(sink_options={"batch.max.bytes": "6"})
    by_size.put(1111, 2222, 33, 4, 123456789, 5)
    await by_size.run_to_end()
    assert by_size.arrived == [1111, 2222, 33, 4, 123456789, 5]
    assert by_size.made_sinks[0].largest_batch == 2


async def test_linger_fills_batches_and_a_stop_does_not_wait_for_it(bench: Any, until: Any) -> None:
    run = bench(max_batch=1, sink_options={"linger": "1 h", "batch.max.messages": "10"})
    run.put(*range(25))
    await run.app.start()
    await until(lambda: len(run.arrived) >= 20)
    for _ in range(50):
        await asyncio.sleep(0)
    assert run.arrived == list(range(20))
    await run.app.stop()
    assert run.arrived == list(range(25))
    assert run.made_sinks[0].largest_batch == 10


@pytest.mark.parametrize(
    "options", [{"batch.max.bytes": "8"}, {"max.in.flight.bytes": "8"}, {"max.in.flight": "2"}]
)
async def test_linger_does_not_wait_for_what_there_is_no_room_for(
    bench: Any, until: Any, options: dict[str, str]
) -> None:
    run = bench(max_batch=1, sink_options={"linger": "1 h", **options})
    run.put(*[1234] * 10)
    await run.app.start()
    await until(lambda: len(run.arrived) == 10)
    await run.app.stop()


async def test_linger_ends_by_itself(bench: Any, until: Any) -> None:
    run = bench(sink_options={"linger": "1ms"})
    run.put(1)
    await run.app.start()
    await until(lambda: run.arrived)
    await run.app.stop()


async def test_a_source_that_never_waits_leaves_the_loop_to_others(bench: Any) -> None:
    run = bench(query=lambda v: [], max_batch=1)
    run.put(*range(500))
    await run.app.start()
    turns = 0
    while run.queue.waiting:
        await asyncio.sleep(0)
        turns += 1
    assert turns > 100
    await run.app.stop()
