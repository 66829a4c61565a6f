"""Nothing acknowledged is lost: a message is settled when its results are safe, not before."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from msgspec.structs import replace

from eventflux.testing.scripted import Delay, Fault, Hang, Lose, Refuse


async def test_messages_arrive_once_and_in_order(bench: Any) -> None:
    run = bench()
    run.put(*range(3000))
    await run.run_to_end()
    assert run.arrived == list(range(3000))
    assert sorted(run.queue.acked) == list(range(3000))
    assert not run.queue.open
    assert not run.queue.waiting
    run.check_counters()


async def test_a_batch_without_results_is_settled_at_once(bench: Any, settled: Any) -> None:
    run = bench(query=lambda v: [])
    run.put(1, 2, 3)
    await run.app.start()
    await settled()
    assert run.queue.acked == [0, 1, 2]
    await run.app.stop()


async def test_settled_only_when_every_sink_has_confirmed(
    bench: Any, settled: Any, until: Any
) -> None:
    run = bench(query=lambda v: [("Out", v), ("Out2", v)], sinks=("Out", "Out2"))
    run.put(1)
    await run.app.start()
    await settled()
    assert run.queue.acked == [0]
    assert run.targets["Out"].arrived == [b"1"]
    assert run.targets["Out2"].arrived == [b"1"]
    # One of the two hangs: nothing is acknowledged.
    hanging = bench(
        query=lambda v: [("Out", v), ("Out2", v)], sinks=("Out", "Out2"), sends=[None, Hang()]
    )
    hanging.put(1)
    await hanging.app.start()
    await settled()
    assert hanging.target.arrived == [b"1"]
    assert hanging.queue.acked == []
    hanging.made_sinks[1].lose()
    await until(lambda: hanging.queue.acked)
    assert hanging.targets["Out2"].arrived == [b"1"]
    await run.app.stop()
    await hanging.app.stop()


async def test_many_rows_of_one_message_are_one_acknowledgement(bench: Any) -> None:
    run = bench(max_batch=1)
    run.put(b"1,2,3", b"4,5")
    await run.run_to_end()
    assert run.arrived == [1, 2, 3, 4, 5]
    assert run.queue.acked == [0, 1]
    assert run.app.stats()["streams"]["In"]["decoded"] == 5


async def test_unconfirmed_batches_come_again_in_order_before_new_ones(bench: Any) -> None:
    run = bench(
        max_batch=2,
        sends=[Hang(), Hang(), Lose("cut", kept=1)],
        source_options={"batch.max.messages": "2"},
    )
    run.put(*range(10))
    await run.run_to_end()
    # The lost third batch kept its first message; after that everything is sent in order.
    assert run.arrived == [4, *range(10)]
    assert run.app.stats()["connectors"]["Out"]["reconnects"] == 1
    run.check_counters()


async def test_message_ids_are_the_same_over_resends(bench: Any) -> None:
    run = bench(sends=[Lose(kept=3)])
    run.put(*range(5))
    await run.run_to_end()
    assert run.arrived == [0, 1, 2, 0, 1, 2, 3, 4]
    ids = run.target.ids
    assert ids[:3] == ids[3:6]
    assert len(set(ids)) == 5
    assert len({len(message_id) for message_id in ids}) == 1


async def test_message_ids_come_from_the_source_where_it_has_some(bench: Any) -> None:
    run = bench(query=lambda v: [("Out", v), ("Out", v + 100)])
    run.queue.ids = ["a", "b"]
    run.put(1, 2)
    await run.run_to_end()
    assert run.arrived == [1, 101, 2, 102]
    assert run.target.ids == ["a-Out-0", "a-Out-1", "b-Out-0", "b-Out-1"]


async def test_redelivered_messages_give_the_same_ids(bench: Any) -> None:
    run = bench(receives=[None, Lose()], sends=[Hang()])
    run.queue.ids = ["a"]
    run.put(1)
    await run.app.start()
    for _ in range(50):
        await asyncio.sleep(0)
    run.made_sinks[0].lose()
    run.queue.end()
    async with asyncio.timeout(5):
        await run.app.finished.wait()
    await run.app.stop()
    assert run.arrived == [1, 1]
    assert run.target.ids == ["a-Out-0", "a-Out-0"]


async def test_a_send_that_goes_on_and_on_is_named_once(
    bench: Any, until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    run = bench(sends=[Hang()], limits=replace(bench.limits, send=0.02))
    run.put(1)
    await run.app.start()
    await until(lambda: caplog.records)
    await asyncio.sleep(0.1)
    [told] = [record.getMessage() for record in caplog.records]
    assert told.startswith("sink 'Out' (scripted): send of 1 message by ")
    run.made_sinks[0].lose()
    await until(lambda: run.arrived == [1])
    await run.app.stop()


async def test_sends_that_return_are_not_named(
    bench: Any, caplog: pytest.LogCaptureFixture
) -> None:
    run = bench(limits=replace(bench.limits, send=0.02))
    await run.app.start()
    for number in range(5):
        run.put(number)
        await asyncio.sleep(0.02)
    await run.app.stop()
    assert not caplog.records


def _fault(random_: random.Random, *, send: bool) -> Fault:
    kind = random_.random()
    if kind < 0.6:
        return None
    if kind < 0.75:
        return Delay(random_.randrange(1, 12))
    if kind < 0.88 or not send:
        return Lose(kept=random_.randrange(0, 4))
    return Refuse(random_.sample(range(8), 3), transient=True)


@pytest.mark.parametrize("seed", range(60))
async def test_nothing_is_lost_whatever_fails(bench: Any, seed: int) -> None:
    random_ = random.Random(seed)
    fan_out = random_.random() < 0.5
    outs = ("Out", "Out2") if fan_out else ("Out",)
    run = bench(
        query=lambda v: [(out, v) for out in outs if v % 3],
        sinks=outs,
        opens=[None, *(_fault(random_, send=False) for _ in range(20))],
        receives=[_fault(random_, send=False) for _ in range(60)],
        sink_opens=[None] * len(outs) + [_fault(random_, send=False) for _ in range(20)],
        sends=[_fault(random_, send=True) for _ in range(80)],
        max_batch=random_.choice([1, 3, 50]),
        max_in_flight=random_.choice([1, 2, 7, 100]),
        sink_options={"batch.max.messages": random_.choice(["1", "4", "1024"])},
        source_options={"max.in.flight": random_.choice(["1", "10", "1000"])},
    )
    total = 120

    def safe_before_acknowledged(number: int) -> None:
        if number % 3:
            for out in outs:
                assert b"%d" % number in run.targets[out].arrived, f"{number} was not safe in {out}"

    run.queue.on_ack = safe_before_acknowledged
    run.put(*range(total))
    await run.run_to_end()
    expected = {n for n in range(total) if n % 3}
    for out in outs:
        assert {int(payload) for payload in run.targets[out].arrived} == expected
    assert set(run.queue.acked) == set(range(total))
    assert not run.queue.waiting
    assert not run.queue.open
    assert run.app.failure is None
    run.check_counters()
    counted = run.app.stats()["connectors"]
    assert all(counted[name]["in_flight"] == 0 for name in counted)


@pytest.mark.parametrize("seed", range(20))
async def test_nothing_is_lost_over_stops_and_restarts(bench: Any, seed: int) -> None:
    random_ = random.Random(1000 + seed)
    run = bench(
        sends=[_fault(random_, send=True) for _ in range(100)],
        max_batch=random_.choice([1, 5]),
        max_in_flight=random_.choice([1, 8]),
    )
    run.put(*range(60))
    for _ in range(5):
        await run.app.start()
        for _ in range(random_.randrange(0, 40)):
            await asyncio.sleep(0)
        await run.app.stop()
        acked = set(run.queue.acked)
        assert acked <= set(run.arrived)
        assert not run.queue.open
    await run.run_to_end()
    assert set(run.arrived) == set(range(60)) == set(run.queue.acked)
    run.check_counters()
