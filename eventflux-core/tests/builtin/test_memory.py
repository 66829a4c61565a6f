"""Channels, and the memory source and sink over them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from eventflux import memory
from eventflux.base.errors import InputError, OptionError, UsageError
from eventflux.builtin.factories import MemorySinkFactory, MemorySourceFactory
from eventflux.spi import (
    ConnectorContext,
    EndOfStream,
    ReceiveLimits,
    Sink,
    SinkBatch,
    Source,
)

CONTEXT = ConnectorContext("Orders", "app")


@pytest.fixture(autouse=True)
def fresh_channels() -> Iterator[None]:
    memory.reset()
    yield
    memory.reset()


def source() -> Source:
    factory = MemorySourceFactory()
    return factory.create(factory.options.parse({"memory.channel": "c"}), CONTEXT)


def sink(**options: str) -> Sink:
    factory = MemorySinkFactory()
    texts = {"memory.channel": "c"} | {f"memory.{name}": text for name, text in options.items()}
    return factory.create(factory.options.parse(texts), CONTEXT)


def numbered(count: int, start: int = 0) -> list[bytes]:
    return [b"%d" % n for n in range(start, start + count)]


# Channels


def test_a_channel_is_known_by_its_name() -> None:
    memory.channel("c").put([b"1", b"2"])
    assert memory.channel("c").take() == [b"1", b"2"]
    assert memory.channel("other").take() == []


def test_take_takes_from_the_front_and_no_more_than_asked() -> None:
    channel = memory.channel("c")
    channel.put(iter(numbered(5)))
    assert channel.take(2) == [b"0", b"1"]
    assert len(channel) == 3
    assert channel.take(10) == [b"2", b"3", b"4"]


@pytest.mark.parametrize("wrong", [b"one payload", "text", [b"a", "b"], [1]])
def test_only_several_bytes_are_payloads(wrong: Any) -> None:
    with pytest.raises(InputError):
        memory.channel("c").put(wrong)
    assert memory.channel("c").take() == []


def test_nothing_is_put_after_the_end() -> None:
    channel = memory.channel("c")
    channel.put([b"last"])
    channel.end()
    with pytest.raises(UsageError, match="'c' was ended"):
        channel.put([b"more"])
    assert channel.take() == [b"last"]


def test_take_waits_for_another_thread() -> None:
    channel = memory.channel("c")
    thread = threading.Thread(target=channel.put, args=(numbered(3),))
    thread.start()
    assert channel.take(3, timeout=10) == numbered(3)
    thread.join()


def test_no_payload_is_lost_or_doubled_between_threads() -> None:
    channel = memory.channel("c")
    taken: list[bytes] = []

    def write(start: int) -> None:
        for payload in numbered(200, start):
            channel.put([payload])

    threads = [threading.Thread(target=write, args=(start,)) for start in (0, 1000, 2000)]
    for thread in threads:
        thread.start()
    while len(taken) < 600:
        found = channel.take(timeout=10)
        assert found, "payloads are missing"
        taken += found
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(p for start in (0, 1000, 2000) for p in numbered(200, start))
    for start in (0, 1000, 2000):  # and each writer's order is kept
        own = [int(p) for p in taken if start <= int(p) < start + 200]
        assert own == sorted(own)


# Source


async def test_a_source_gives_what_waits_within_its_limits() -> None:
    reader = source()
    await reader.open(None)
    memory.channel("c").put([b"aaaa", b"bbbb", b"cccc", b"d"])
    by_count = await reader.receive(ReceiveLimits(messages=1))
    by_size = await reader.receive(ReceiveLimits(bytes=8))
    rest = await reader.receive(ReceiveLimits())
    assert [list(b.payloads) for b in (by_count, by_size, rest)] == [
        [b"aaaa"],
        [b"bbbb", b"cccc"],
        [b"d"],
    ]


async def test_a_payload_over_the_limit_comes_alone() -> None:
    reader = source()
    await reader.open(None)
    memory.channel("c").put([b"x" * 100, b"y"])
    assert (await reader.receive(ReceiveLimits(bytes=10))).payloads == [b"x" * 100]
    assert (await reader.receive(ReceiveLimits(bytes=10))).payloads == [b"y"]


async def test_a_waiting_source_wakes_for_a_put_of_another_thread() -> None:
    reader = source()
    await reader.open(None)
    waiting = asyncio.create_task(reader.receive(ReceiveLimits()))
    await asyncio.sleep(0)
    await asyncio.to_thread(memory.channel("c").put, [b"1"])
    assert (await asyncio.wait_for(waiting, 10)).payloads == [b"1"]


@pytest.mark.parametrize("turns", [0, 1])
async def test_cancelling_a_receive_loses_nothing(turns: int) -> None:
    reader = source()
    await reader.open(None)
    waiting = asyncio.create_task(reader.receive(ReceiveLimits()))
    await asyncio.sleep(0)
    memory.channel("c").put([b"1"])
    for _ in range(turns):
        await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (await reader.receive(ReceiveLimits())).payloads == [b"1"]


async def test_settled_messages_are_gone_and_the_others_come_back_on_close() -> None:
    reader = source()
    await reader.open(None)
    memory.channel("c").put(numbered(6))
    batches = [await reader.receive(ReceiveLimits(messages=2)) for _ in range(3)]
    reader.settle(batches[1].token)
    memory.channel("c").put([b"new"])
    await reader.close()
    await reader.close()
    assert memory.channel("c").take() == [b"0", b"1", b"4", b"5", b"new"]
    reader.settle(batches[0].token)  # too late: nothing happens
    assert memory.channel("c").take() == []


async def test_rejected_messages_are_requeued_or_discarded() -> None:
    reader = source()
    await reader.open(None)
    memory.channel("c").put(numbered(4))
    first = await reader.receive(ReceiveLimits())
    reader.settle(first.token, [3, 1], requeue=True)
    again = await reader.receive(ReceiveLimits())
    assert again.payloads == [b"1", b"3"]
    reader.settle(again.token, [0], requeue=False)
    await reader.close()
    assert memory.channel("c").take() == []


async def test_a_source_ends_with_its_channel() -> None:
    reader = source()
    await reader.open(None)
    memory.channel("c").put([b"1"])
    memory.channel("c").end()
    assert (await reader.receive(ReceiveLimits())).payloads == [b"1"]
    with pytest.raises(EndOfStream):
        await reader.receive(ReceiveLimits())


async def test_the_end_wakes_a_waiting_source() -> None:
    reader = source()
    await reader.open(None)
    waiting = asyncio.create_task(reader.receive(ReceiveLimits()))
    await asyncio.sleep(0)
    memory.channel("c").end()
    with pytest.raises(EndOfStream):
        await asyncio.wait_for(waiting, 10)


async def test_two_sources_share_a_channel() -> None:
    readers = [source(), source()]
    for reader in readers:
        await reader.open(None)
    waiting = [asyncio.create_task(r.receive(ReceiveLimits(messages=1))) for r in readers]
    await asyncio.sleep(0)
    memory.channel("c").put([b"1", b"2"])
    batches = await asyncio.wait_for(asyncio.gather(*waiting), 10)
    assert sorted(b.payloads[0] for b in batches) == [b"1", b"2"]


def test_a_reader_whose_loop_is_gone_does_not_stop_a_put() -> None:
    async def abandon() -> None:
        reader = source()
        await reader.open(None)
        task = asyncio.ensure_future(reader.receive(ReceiveLimits()))
        await asyncio.sleep(0)
        left.append(task)

    left: list[asyncio.Task[Any]] = []
    loop = asyncio.new_event_loop()
    loop.run_until_complete(abandon())
    loop.close()
    memory.channel("c").put([b"1"])
    assert memory.channel("c").take() == [b"1"]
    left[0]._log_destroy_pending = False  # type: ignore[attr-defined]  # left behind on purpose


# Sink


async def test_a_sink_writes_in_order() -> None:
    writer = sink()
    await writer.open()
    assert not await writer.send(SinkBatch([b"1", b"2"]))
    assert not await writer.send(SinkBatch([b"3"]))
    await writer.close()
    assert memory.channel("c").take() == [b"1", b"2", b"3"]


async def test_a_sink_with_a_capacity_waits_for_its_reader() -> None:
    writer = sink(capacity="2")
    await writer.open()
    sends = [
        asyncio.create_task(writer.send(SinkBatch(numbered(3)))),
        asyncio.create_task(writer.send(SinkBatch(numbered(2, start=3)))),
    ]
    taken: list[bytes] = []
    while len(taken) < 5:
        await asyncio.sleep(0)
        assert len(memory.channel("c")) <= 2
        taken += memory.channel("c").take(1)
    assert [list(refused) for refused in await asyncio.gather(*sends)] == [[], []]
    assert taken == numbered(5)


async def test_an_ended_channel_refuses_for_good() -> None:
    memory.channel("c").end()
    refused = await sink().send(SinkBatch([b"1", b"2"]))
    assert [(r.index, r.transient) for r in refused] == [(0, False), (1, False)]
    assert "was ended" in refused[0].reason


def test_the_channel_is_required() -> None:
    with pytest.raises(OptionError, match=r"option 'memory\.channel' is required"):
        MemorySourceFactory.options.parse({})


async def test_payloads_are_plain_bytes_whatever_the_channel_holds() -> None:
    memory.channel("orders").put([b"a", memory.Message(b"b", {"key": "x"})])
    source = MemorySourceFactory().create(
        MemorySourceFactory.options.parse({"memory.channel": "orders"}), CONTEXT
    )
    await source.open(None)
    batch = await source.receive(ReceiveLimits())
    assert [type(payload) for payload in batch.payloads] == [bytes, bytes]
