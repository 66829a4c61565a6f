"""The source against a real broker."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable

import pytest

from eventflux.spi import Disconnected, EndOfStream, Misconfigured, ReceiveLimits, SourceBatch
from eventflux_rabbitmq.source import RabbitSource
from eventflux_rabbitmq.testing import PrivateBroker

pytestmark = pytest.mark.broker
OpenSource = Callable[..., Awaitable[RabbitSource]]


async def arrived(source: RabbitSource, count: int) -> None:
    """Return when so many messages wait in the source."""
    while source.waiting_messages < count:  # noqa: ASYNC110  nobody tells us
        await asyncio.sleep(0.005)


async def receive(source: RabbitSource, count: int, **limits: int) -> list[SourceBatch]:
    """Wait until ``count`` messages are there, and take them in batches within ``limits``."""
    await arrived(source, count)
    batches: list[SourceBatch] = []
    while (missing := count - sum(len(b.payloads) for b in batches)) > 0:
        batches.append(await source.receive(ReceiveLimits(**{"messages": missing, **limits})))
    return batches


def bodies(batches: list[SourceBatch]) -> list[bytes]:
    return [body for batch in batches for body in batch.payloads]


def numbered(count: int) -> list[bytes]:
    return [b"message %d" % number for number in range(count)]


async def test_messages_arrive_in_order_and_settled_ones_are_gone(
    broker: PrivateBroker, queue: str, open_source: OpenSource
) -> None:
    broker.publish(queue, numbered(3000))
    source = await open_source(queue, prefetch=3000)
    batches = await receive(source, 3000, messages=700)
    assert bodies(batches) == numbered(3000)
    assert max(len(batch.payloads) for batch in batches) <= 700
    for batch in reversed(batches):
        source.settle(batch.token)
    await source.stop()
    await source.close()
    assert broker.count(queue) == 0


async def test_bodies_of_any_size_arrive_whole(
    broker: PrivateBroker, queue: str, open_source: OpenSource
) -> None:
    sent = [bytes([size % 251]) * size for size in (0, 1, 131_063, 131_064, 131_065, 0, 700_000)]
    broker.publish(queue, sent)
    source = await open_source(queue)
    assert bodies(await receive(source, len(sent))) == sent


async def test_what_is_not_settled_is_delivered_again(
    broker: PrivateBroker, queue: str, open_source: OpenSource
) -> None:
    broker.publish(queue, numbered(10))
    source = await open_source(queue)
    first, second = await receive(source, 10, messages=5)
    source.settle(second.token)
    await source.close()
    assert broker.count(queue) == 10, "acknowledging the second would skip the first"
    await source.open(None)
    again = await receive(source, 10)
    assert bodies(again) == bodies([first, second])


async def test_a_rejected_message_goes_to_the_dead_letter_exchange_alone(
    broker: PrivateBroker, queue: str, open_source: OpenSource
) -> None:
    poisoned = f"poisoned-{uuid.uuid4()}"
    broker.declare_queue(
        poisoned, arguments={"x-dead-letter-exchange": "", "x-dead-letter-routing-key": queue}
    )
    broker.publish(poisoned, numbered(9))
    source = await open_source(poisoned)
    one, two, three = await receive(source, 9, messages=3)
    source.settle(two.token, [0, 1, 2])
    source.settle(one.token, [2])  # the last of the batch: its tag must not be acknowledged
    source.settle(three.token, [0])
    await source.close()
    assert broker.count(poisoned) == 0
    assert sorted(broker.take(queue)) == numbered(9)[2:7]


async def test_a_requeued_message_is_delivered_again(
    broker: PrivateBroker, queue: str, open_source: OpenSource
) -> None:
    broker.publish(queue, numbered(4))
    source = await open_source(queue)
    [batch] = await receive(source, 4)
    source.settle(batch.token, [1, 3], requeue=True)
    again = await receive(source, 2)
    assert sorted(bodies(again)) == [b"message 1", b"message 3"]
    for one in again:
        source.settle(one.token)
    await source.close()
    assert broker.count(queue) == 0


async def test_a_cancelled_receive_loses_nothing(
    broker: PrivateBroker, queue: str, open_source: OpenSource
) -> None:
    source = await open_source(queue)
    received: list[bytes] = []
    publish = asyncio.create_task(asyncio.to_thread(broker.publish, queue, numbered(500)))
    while len(received) < 500:
        waiting = asyncio.create_task(source.receive(ReceiveLimits(messages=3)))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        if not waiting.cancelled():
            received += waiting.result().payloads
        await asyncio.sleep(0.001)
    await publish
    assert received == numbered(500)


async def test_the_broker_sends_no_more_than_the_prefetch_ahead(
    broker: PrivateBroker, queue: str, open_source: OpenSource
) -> None:
    broker.publish(queue, numbered(50))
    source = await open_source(queue, prefetch=7)
    batches = await receive(source, 7)
    assert bodies(batches) == numbered(7)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await source.receive(ReceiveLimits())
    assert broker.count(queue) == 43
    source.settle(batches[0].token)
    assert (await source.receive(ReceiveLimits())).payloads[0] == b"message 7"


async def test_after_stop_messages_go_back_and_settling_still_works(
    broker: PrivateBroker, queue: str, open_source: OpenSource
) -> None:
    broker.publish(queue, numbered(100))
    source = await open_source(queue)
    [batch] = await receive(source, 10)
    await source.receive(ReceiveLimits(messages=1))
    await source.stop()
    with pytest.raises(EndOfStream):
        await source.receive(ReceiveLimits())
    source.settle(batch.token)
    await source.close()
    assert broker.take(queue) == numbered(100)[10:]


async def test_with_auto_ack_the_broker_forgets_at_once(
    broker: PrivateBroker, queue: str, open_source: OpenSource
) -> None:
    broker.publish(queue, numbered(10))
    source = await open_source(queue, auto_ack=True)
    batches = await receive(source, 10)
    source.settle(batches[0].token)
    await source.close()
    assert broker.count(queue) == 0


async def test_a_missing_queue_is_declared_durable(
    broker: PrivateBroker, open_source: OpenSource
) -> None:
    name = f"new-{uuid.uuid4()}"
    await open_source(name)
    assert f"{name}\ttrue" in broker.ctl("list_queues", "name", "durable", "--quiet")


async def test_a_queue_of_other_properties_is_used_as_it_is(
    broker: PrivateBroker, open_source: OpenSource
) -> None:
    name = f"short-{uuid.uuid4()}"
    broker.declare_queue(name, durable=False, arguments={"x-max-length": 5})
    source = await open_source(name)
    await asyncio.to_thread(broker.publish, name, [b"one"])
    assert bodies(await receive(source, 1)) == [b"one"]


async def test_a_missing_queue_that_must_not_be_declared_is_named(
    broker: PrivateBroker, open_source: OpenSource
) -> None:
    with pytest.raises(Misconfigured) as caught:
        await open_source("nowhere", declare_queue=False)
    assert caught.value.message == (
        f"queue 'nowhere' does not exist on vhost '/' of RabbitMQ at 127.0.0.1:{broker.port}"
    )
    assert caught.value.hint == "create it or set \"rabbitmq.declare.queue\" = 'true'"


async def test_a_queue_of_another_connection_alone_is_named(
    broker: PrivateBroker, open_source: OpenSource
) -> None:
    name = f"mine-{uuid.uuid4()}"
    await open_source(name, queue_exclusive=True, queue_durable=False)
    with pytest.raises(Misconfigured, match="belongs to another connection alone"):
        await open_source(name)


async def test_a_deleted_queue_ends_the_epoch_and_the_next_declares_it_again(
    broker: PrivateBroker, queue: str, open_source: OpenSource
) -> None:
    broker.publish(queue, [b"before"])
    source = await open_source(queue)
    [old] = await receive(source, 1)
    waiting = asyncio.create_task(source.receive(ReceiveLimits()))
    await asyncio.to_thread(broker.delete_queue, queue)
    with pytest.raises(Disconnected, match=f"queue '{queue}' of RabbitMQ .* was deleted or moved"):
        await waiting
    with pytest.raises(Disconnected):
        await source.receive(ReceiveLimits())
    await source.close()
    await source.open(None)
    await asyncio.to_thread(broker.publish, queue, [b"after"])
    [new] = await receive(source, 1)
    assert new.payloads == [b"after"]
    source.settle(old.token)  # of a connection that is gone: must not acknowledge the new one
    source.settle(old.token, [0], requeue=True)
    assert source.stale_settlements == 2
    await source.close()
    assert broker.count(queue) == 1


async def test_a_batch_respects_the_limit_of_bytes(
    broker: PrivateBroker, queue: str, open_source: OpenSource
) -> None:
    broker.publish(queue, [b"x" * 1000] * 10 + [b"y" * 5000])
    source = await open_source(queue)
    batches = await receive(source, 11, messages=100, bytes=3500)
    assert bodies(batches) == [b"x" * 1000] * 10 + [b"y" * 5000]
    assert all(sum(map(len, b.payloads)) <= 3500 or len(b.payloads) == 1 for b in batches)


@pytest.mark.parametrize("fast", ["auto"])
async def test_reading_pauses_when_too_much_waits_and_goes_on(
    broker: PrivateBroker, queue: str, open_source: OpenSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventflux_rabbitmq.lane.INBOX_FULL", 1_000_000)
    body = b"x" * 50_000
    broker.publish(queue, [body] * 200)
    source = await open_source(queue, heartbeat=1000)
    await asyncio.sleep(7)  # longer than a broker may be silent: the pause is not its fault
    assert source.waiting_bytes < 2_000_000
    for _ in range(200):
        batch = await source.receive(ReceiveLimits(messages=1))
        assert batch.payloads == [body]
        source.settle(batch.token)
    await source.stop()
    await source.close()
    assert broker.count(queue) == 0


async def test_the_consumer_shows_its_tag(
    broker: PrivateBroker, queue: str, open_source: OpenSource
) -> None:
    await open_source(queue, consumer_tag="orders reader")
    assert "orders reader" in await asyncio.to_thread(broker.ctl, "list_consumers")
