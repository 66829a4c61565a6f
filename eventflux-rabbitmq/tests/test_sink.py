"""The sink against a real broker."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable

import aiormq
import pytest

from eventflux.spi import Disconnected, Misconfigured, Refusal, SinkBatch
from eventflux_rabbitmq.sink import RabbitSink
from eventflux_rabbitmq.testing import PrivateBroker

pytestmark = pytest.mark.broker
OpenSink = Callable[..., Awaitable[RabbitSink]]


def numbered(count: int, start: int = 0) -> list[bytes]:
    return [b"message %d" % number for number in range(start, start + count)]


async def test_a_returned_send_is_in_the_queue_in_order(
    broker: PrivateBroker, queue: str, open_sink: OpenSink
) -> None:
    sink = await open_sink("", queue)
    sends = [sink.send(SinkBatch(numbered(100, start))) for start in range(0, 2000, 100)]
    assert await asyncio.gather(*sends) == [[]] * 20
    assert broker.take(queue) == numbered(2000)


async def test_an_empty_batch_is_sent_at_once(queue: str, open_sink: OpenSink) -> None:
    sink = await open_sink("", queue)
    assert await sink.send(SinkBatch([])) == []


async def test_bodies_of_any_size_arrive_whole(
    broker: PrivateBroker, queue: str, open_sink: OpenSink
) -> None:
    sent = [bytes([size % 251]) * size for size in (0, 1, 131_063, 131_064, 131_065, 0, 700_000)]
    sink = await open_sink("", queue)
    assert await sink.send(SinkBatch(sent)) == []
    assert broker.take(queue) == sent


async def test_more_than_may_be_in_flight_waits_and_arrives(
    broker: PrivateBroker, queue: str, open_sink: OpenSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventflux_rabbitmq.publisher.IN_FLIGHT_BYTES", 1_000_000)
    sent = [bytes([number]) * 300_000 for number in range(40)]
    sink = await open_sink("", queue)
    sends = [sink.send(SinkBatch(sent[at : at + 5])) for at in range(0, 40, 5)]
    assert await asyncio.gather(*sends) == [[]] * 8
    assert broker.take(queue) == sent


async def test_properties_are_those_of_the_options(
    broker: PrivateBroker, queue: str, open_sink: OpenSink
) -> None:
    sink = await open_sink("", queue, content_type="application/json")
    await sink.send(SinkBatch([b"a", b"b"], message_ids=["id-1", "id-2"]))
    volatile = await open_sink("", queue, persistent=False)
    await volatile.send(SinkBatch([b"c"]))
    connection = await aiormq.connect(broker.url)
    channel = await connection.channel()
    seen = []
    for _ in range(3):
        message = await channel.basic_get(queue, no_ack=True)
        properties = message.header.properties
        seen.append((message.body, properties.content_type, properties.delivery_mode))
        if message.body != b"c":
            assert properties.message_id == {b"a": "id-1", b"b": "id-2"}[message.body]
    await connection.close()
    assert seen == [
        (b"a", "application/json", 2),
        (b"b", "application/json", 2),
        (b"c", None, 1),
    ]


async def test_an_unroutable_message_is_refused_with_what_mends_it(
    broker: PrivateBroker, queue: str, open_sink: OpenSink
) -> None:
    exchange = f"exchange-{uuid.uuid4()}"
    broker.declare_exchange(exchange)
    sink = await open_sink(exchange, "nobody")
    assert await sink.send(SinkBatch([b"same", b"same", b""])) == [
        Refusal(
            index,
            f"no queue takes messages of exchange '{exchange}' with routing key 'nobody': NO_ROUTE",
            transient=False,
            hint=f"bind a queue to exchange '{exchange}' for routing key 'nobody', correct "
            '"rabbitmq.routing.key", or set "rabbitmq.mandatory" = \'false\' '
            "to lose such messages",
        )
        for index in range(3)
    ]
    await asyncio.to_thread(broker.bind, queue, exchange, "nobody")
    assert await sink.send(SinkBatch([b"now it goes"])) == []
    assert broker.take(queue) == [b"now it goes"]


async def test_a_missing_queue_behind_the_default_exchange_is_named(open_sink: OpenSink) -> None:
    sink = await open_sink("", "no such queue")
    [refusal] = await sink.send(SinkBatch([b"x"], message_ids=["1"]))
    assert refusal.hint == "declare the queue 'no such queue' or correct \"rabbitmq.routing.key\""
    assert not refusal.transient


async def test_without_mandatory_an_unroutable_message_counts_as_sent(open_sink: OpenSink) -> None:
    sink = await open_sink("", "no such queue", mandatory=False)
    assert await sink.send(SinkBatch([b"x"])) == []


@pytest.mark.parametrize("with_ids", [False, True])
async def test_messages_become_unroutable_while_others_are_under_way(
    broker: PrivateBroker, queue: str, open_sink: OpenSink, with_ids: bool
) -> None:
    exchange = f"exchange-{uuid.uuid4()}"
    broker.declare_exchange(exchange)
    broker.bind(queue, exchange, "key")
    sink = await open_sink(exchange, "key")
    sent: list[bytes] = []
    refused: list[bytes] = []
    over = asyncio.Event()

    async def publish(name: bytes) -> None:
        number = 0
        while not over.is_set():
            number += 20
            batch = [name + b"%d" % n for n in range(number, number + 20)]
            ids = [body.decode() for body in batch] if with_ids else None
            refusals = await sink.send(SinkBatch(batch, message_ids=ids))
            sent.extend(batch)
            refused.extend(batch[refusal.index] for refusal in refusals)

    publishing = [asyncio.create_task(publish(name)) for name in (b"a", b"b", b"c")]
    for act in (broker.unbind, broker.bind, broker.unbind, broker.bind):
        await asyncio.to_thread(act, queue, exchange, "key")
    over.set()
    await asyncio.gather(*publishing)
    assert refused, "the queue was unbound for a while"
    arrived = broker.take(queue)
    assert sorted([*arrived, *refused]) == sorted(sent), "each arrived or was refused, none both"


async def test_a_full_queue_refuses_for_now(broker: PrivateBroker, open_sink: OpenSink) -> None:
    name = f"full-{uuid.uuid4()}"
    broker.declare_queue(name, arguments={"x-max-length": 3, "x-overflow": "reject-publish"})
    sink = await open_sink("", name)
    refusals = await sink.send(SinkBatch(numbered(10)))
    assert all(refusal.transient and "basic.nack" in refusal.reason for refusal in refusals)
    taken = broker.take(name)
    assert len(taken) >= 3
    kept = [i for i in range(10) if i not in {refusal.index for refusal in refusals}]
    assert taken == [numbered(10)[index] for index in kept]
    assert await sink.send(SinkBatch([b"room again"])) == []


async def test_a_missing_exchange_is_named(broker: PrivateBroker, open_sink: OpenSink) -> None:
    with pytest.raises(Misconfigured) as caught:
        await open_sink("processed-orders", "high-value")
    assert caught.value.message == (
        f"exchange 'processed-orders' does not exist on vhost '/' of RabbitMQ "
        f"at 127.0.0.1:{broker.port}"
    )
    assert caught.value.hint == "create it or set \"rabbitmq.declare.exchange\" = 'true'"


@pytest.mark.parametrize("kind", ["direct", "fanout", "topic", "headers"])
async def test_a_missing_exchange_is_declared_durable(
    broker: PrivateBroker, open_sink: OpenSink, kind: str
) -> None:
    name = f"new-{uuid.uuid4()}"
    await open_sink(name, declare_exchange=True, exchange_type=kind)
    await open_sink(name, declare_exchange=True, exchange_type="direct")
    listed = await asyncio.to_thread(
        broker.ctl, "list_exchanges", "name", "type", "durable", "--quiet"
    )
    assert f"{name}\t{kind}\ttrue" in listed


async def test_an_exchange_deleted_in_use_ends_the_epoch(
    broker: PrivateBroker, queue: str, open_sink: OpenSink
) -> None:
    exchange = f"exchange-{uuid.uuid4()}"
    broker.declare_exchange(exchange)
    broker.bind(queue, exchange)
    sink = await open_sink(exchange)
    assert await sink.send(SinkBatch([b"before"])) == []
    await asyncio.to_thread(broker.delete_exchange, exchange)
    sends = [asyncio.create_task(sink.send(SinkBatch([b"after"]))) for _ in range(3)]
    for failed in await asyncio.gather(*sends, return_exceptions=True):
        assert isinstance(failed, Disconnected)
        assert f"no exchange '{exchange}' in vhost '/'" in failed.reason
    await sink.close()
    with pytest.raises(Misconfigured, match="does not exist"):
        await sink.open()
    broker.declare_exchange(exchange)
    broker.bind(queue, exchange)
    await sink.open()
    assert await sink.send(SinkBatch([b"again"])) == []
    assert broker.take(queue) == [b"before", b"again"]


async def test_a_cancelled_send_is_told_or_done_and_others_go_on(
    broker: PrivateBroker, queue: str, open_sink: OpenSink
) -> None:
    sink = await open_sink("", queue)
    cancelled = asyncio.create_task(sink.send(SinkBatch(numbered(10))))
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.wait([cancelled])
    assert cancelled.cancelled()
    try:
        assert await sink.send(SinkBatch([b"next"])) == []
    except Disconnected:
        await sink.close()
        await sink.open()
        assert await sink.send(SinkBatch([b"next"])) == []
    assert broker.take(queue)[-1] == b"next"


@pytest.mark.parametrize("fast", ["auto"])
async def test_a_blocked_connection_waits_and_goes_on(
    broker: PrivateBroker, queue: str, open_sink: OpenSink
) -> None:
    sink = await open_sink("", queue, heartbeat=1000)
    await sink.send(SinkBatch([b"before"]))
    await asyncio.to_thread(broker.limit_memory, 1)
    try:
        sends = [asyncio.create_task(sink.send(SinkBatch(numbered(50)))) for _ in range(20)]
        _, waiting = await asyncio.wait(sends, timeout=1.5)
        assert waiting
        assert sink.condition == "blocked by RabbitMQ: low on memory"
    finally:
        await asyncio.to_thread(broker.limit_memory, None)
    assert await asyncio.gather(*sends) == [[]] * 20
    assert sink.condition is None
    assert broker.take(queue) == [b"before", *numbered(50) * 20]
