"""METADATA and templates: what is read of messages, and what is set, against a real node."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import aiormq
import pytest
from pamqp.commands import Basic

from eventflux.base.rows import Row, row_type
from eventflux.base.types import Column, DataType, Schema
from eventflux.spi import (
    ConnectorContext,
    ReceiveLimits,
    Refusal,
    SinkBatch,
    SourceBatch,
    Template,
)
from eventflux_rabbitmq.envelope import Envelope, deliveries_of
from eventflux_rabbitmq.options import SinkOptions, SourceOptions
from eventflux_rabbitmq.properties import SINK_METADATA, SOURCE_METADATA
from eventflux_rabbitmq.sink import RabbitSink
from eventflux_rabbitmq.source import RabbitSource
from eventflux_rabbitmq.testing import PrivateBroker

from .conftest import opening

broker_test = pytest.mark.broker
NOON = 1_577_880_000_000
Order: Any = row_type(
    "Order",
    Schema((Column("product", DataType.STRING), Column("amount", DataType.DOUBLE))),
)


@pytest.fixture
async def channel(broker: PrivateBroker) -> AsyncIterator[Any]:
    """A channel of somebody else's."""
    connection = await aiormq.connect(broker.url)
    yield await connection.channel()
    await connection.close()


@pytest.fixture
async def source_of(
    broker: PrivateBroker, queue: str, fast: str
) -> AsyncIterator[Callable[..., Awaitable[RabbitSource]]]:
    """Opens a source of the queue whose columns read these METADATA."""

    def make(*names: str, **options: Any) -> RabbitSource:
        values: Any = {"host": broker.host, "port": broker.port, "fast": fast, **options}
        context = ConnectorContext(stream="In", app="metadata", metadata=names)
        return RabbitSource(SourceOptions(**{"queue": queue, **values}), context)

    async with opening(make) as open_one:
        yield open_one


@pytest.fixture
async def sink_of(
    broker: PrivateBroker, fast: str
) -> AsyncIterator[Callable[..., Awaitable[RabbitSink]]]:
    """Opens a sink whose columns set these METADATA."""

    def make(*names: str, key: str = "", **options: Any) -> RabbitSink:
        values: Any = {"host": broker.host, "port": broker.port, "fast": fast, **options}
        context = ConnectorContext(stream="Out", app="metadata", metadata=names, row_type=Order)
        exchange = values.pop("exchange", "")
        sink_options = SinkOptions(exchange=exchange, routing_key=Template(key), **values)
        return RabbitSink(sink_options, context)

    async with opening(make) as open_one:
        yield open_one


async def take(source: RabbitSource, count: int) -> list[SourceBatch]:
    batches: list[SourceBatch] = []
    while sum(len(batch.payloads) for batch in batches) < count:
        batches.append(await source.receive(ReceiveLimits()))
    return batches


def metadata_of(batches: Sequence[SourceBatch]) -> list[Mapping[str, Any]]:
    """By name, of each message."""
    return [
        {name: values[index] for name, values in (batch.metadata or {}).items()}
        for batch in batches
        for index in range(len(batch.payloads))
    ]


# Reading


@broker_test
async def test_a_source_reads_what_its_columns_ask_for(
    queue: str, channel: Any, source_of: Any
) -> None:
    properties = Basic.Properties(
        content_type="application/json",
        content_encoding="utf-8",
        headers={
            "n": 5,
            "nested": {"list": [1, "two"], "at": datetime.fromtimestamp(NOON / 1000, UTC)},
            "yes": True,
        },
        priority=3,
        correlation_id="c-1",
        reply_to="answers",
        expiration="60000",
        message_id="m-1",
        timestamp=datetime.fromtimestamp(NOON / 1000, UTC),
        message_type="order",
        user_id="guest",
        app_id="tests",
    )
    await channel.basic_publish(b"full", routing_key=queue, properties=properties)
    await channel.basic_publish(b"bare", routing_key=queue)
    names = [name for name in SOURCE_METADATA if not name.endswith("*")]
    source = await source_of(*names, "headers.n", "headers.nested", "headers.yes", "headers.no")
    full, bare = metadata_of(await take(source, 2))
    assert full == {
        "routing_key": queue,
        "exchange": "",
        "redelivered": False,
        "delivery_count": 1,
        "content_type": "application/json",
        "content_encoding": "utf-8",
        "priority": 3,
        "correlation_id": "c-1",
        "reply_to": "answers",
        "expiration": 60_000,
        "message_id": "m-1",
        "timestamp": NOON,
        "type": "order",
        "user_id": "guest",
        "app_id": "tests",
        "headers": {"n": 5, "nested": {"list": [1, "two"], "at": NOON}, "yes": True},
        "headers.n": 5,
        "headers.nested": {"list": [1, "two"], "at": NOON},
        "headers.yes": True,
        "headers.no": None,
    }
    known = {name: value for name, value in bare.items() if value is not None}
    assert known.pop("message_id"), "the library that published it gives each one"
    assert known == {
        "routing_key": queue,
        "exchange": "",
        "redelivered": False,
        "delivery_count": 1,
    }


@broker_test
async def test_a_source_without_metadata_columns_gives_none(
    queue: str, channel: Any, source_of: Any
) -> None:
    headers = Basic.Properties(headers={"n": 1})
    await channel.basic_publish(b"x", routing_key=queue, properties=headers)
    source = await source_of()
    [batch] = await take(source, 1)
    assert (batch.metadata, batch.deliveries) == (None, None)


@broker_test
async def test_a_classic_queue_tells_of_one_delivery_before(
    broker: PrivateBroker, queue: str, source_of: Any
) -> None:
    source = await source_of("redelivered", "delivery_count")
    await asyncio.to_thread(broker.publish, queue, [b"x", b"y"])
    for _ in range(3):
        batches = await take(source, 2)
        for batch in batches:
            source.settle(batch.token, range(len(batch.payloads)), requeue=True)
    assert metadata_of(batches) == [{"redelivered": True, "delivery_count": 2}] * 2
    assert [batch.deliveries for batch in batches] == [[2] * len(b.payloads) for b in batches]


@broker_test
async def test_a_quorum_queue_counts_deliveries(
    broker: PrivateBroker, queue: str, source_of: Any
) -> None:
    name = f"quorum-{queue}"
    source = await source_of(queue=name, queue_type="quorum")
    await asyncio.to_thread(broker.publish, name, [b"x"])
    counts = []
    for _ in range(4):
        [batch] = await take(source, 1)
        counts.append(batch.deliveries)
        source.settle(batch.token, [0], requeue=True)
    assert counts == [None, [2], [3], [4]]


def test_rejections_of_this_queue_are_deliveries_too() -> None:
    deaths: Any = [
        {"queue": "q", "reason": "rejected", "count": 2},
        {"queue": "q", "reason": "expired", "count": 7},
        {"queue": "other", "reason": "rejected", "count": 5},
    ]
    envelope = Envelope(False, "", "q", properties=Basic.Properties(headers={"x-death": deaths}))
    assert deliveries_of([None, envelope], "q") == [1, 3]
    assert deliveries_of([None, envelope], "another") is None


def test_properties_that_can_not_be_read_count_as_missing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    envelope = Envelope(False, "", "q", header=b"\x00\x3c" + b"\xff" * 20)
    assert envelope.headers == {}
    assert "properties of a message with routing key 'q' can't be read" in caplog.text


# Setting


def columns(messages: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    return {name: [message[name] for message in messages] for name in messages[0]}


async def arrived(channel: Any, queue: str, count: int) -> list[Any]:
    return [await channel.basic_get(queue, no_ack=True) for _ in range(count)]


@broker_test
async def test_a_sink_sets_what_its_columns_say(queue: str, channel: Any, sink_of: Any) -> None:
    names = [name for name in SINK_METADATA if not name.endswith("*")]
    sink = await sink_of(
        *names,
        "headers.n",
        "headers.text",
        key="nobody",
        content_type="text/plain",
        headers={"text": Template("same"), "app": Template("tests")},
    )
    full = {
        "routing_key": queue,
        "content_type": "application/json",
        "content_encoding": "utf-8",
        "priority": 3,
        "correlation_id": "c-1",
        "reply_to": "answers",
        "expiration": 60_000,
        "message_id": "m-1",
        "timestamp": NOON,
        "type": "order",
        "app_id": "tests",
        "headers": {"n": 1, "list": [1, {"deep": None}], "bytes": b"x"},
        "headers.n": 5,
        "headers.text": "other",
    }
    bare = {name: queue if name == "routing_key" else None for name in full}
    batch = SinkBatch([b"full", b"bare"], message_ids=["1", "2"], metadata=columns([full, bare]))
    assert await sink.send(batch) == []
    first, second = await arrived(channel, queue, 2)
    properties = first.header.properties
    assert {name: getattr(properties, name) for name in Basic.Properties.attributes()} == {
        "content_type": "application/json",
        "content_encoding": "utf-8",
        "headers": {
            "text": "other",
            "app": "tests",
            "n": 5,
            "list": [1, {"deep": None}],
            "bytes": bytearray(b"x"),
        },
        "delivery_mode": 2,
        "priority": 3,
        "correlation_id": "c-1",
        "reply_to": "answers",
        "expiration": "60000",
        "message_id": "m-1",
        "timestamp": datetime.fromtimestamp(NOON / 1000, UTC),
        "message_type": "order",
        "user_id": None,
        "app_id": "tests",
        "cluster_id": "",
    }
    plain = second.header.properties
    assert (plain.message_id, plain.content_type, plain.headers) == (
        "2",
        "text/plain",
        {"text": "same", "app": "tests"},
    )


@broker_test
async def test_keys_and_headers_are_filled_in_for_each_row(
    broker: PrivateBroker, queue: str, channel: Any, sink_of: Any
) -> None:
    for product in ("tea", "salt"):
        broker.bind(queue, "amq.topic", f"{queue}.{product}")
    sink = await sink_of(
        exchange="amq.topic",
        key=queue + ".{product}",
        headers={"amount": Template("{amount} EUR"), "fixed": Template("yes")},
    )
    assert sink.wants_rows
    rows: list[Row] = [Order("tea", 1.5), Order("rum", 2.0), Order("salt", None)]
    refused = await sink.send(SinkBatch([b"same"] * 3, message_ids=["a", "b", "c"], rows=rows))
    assert [(r.index, r.transient) for r in refused] == [(1, False)]
    assert f"routing key '{queue}.rum': NO_ROUTE" in refused[0].reason
    tea, salt = await arrived(channel, queue, 2)
    assert tea.delivery.routing_key == f"{queue}.tea"
    assert tea.header.properties.headers == {"amount": "1.5 EUR", "fixed": "yes"}
    assert salt.header.properties.headers == {"amount": " EUR", "fixed": "yes"}


@broker_test
async def test_equal_messages_are_told_apart_by_their_keys(
    broker: PrivateBroker, queue: str, sink_of: Any
) -> None:
    sink = await sink_of("routing_key")
    keys = [queue if number % 3 else "nowhere" for number in range(30)]
    batch = SinkBatch([b"same"] * 30, metadata={"routing_key": keys})
    refused = await sink.send(batch)
    assert [r.index for r in refused] == [n for n in range(30) if n % 3 == 0]
    assert await asyncio.to_thread(broker.count, queue) == 20


@broker_test
@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("routing_key", "k" * 256, "its routing_key is 256 bytes long; 255 are allowed"),
        ("message_id", "ü" * 128, "its message_id is 256 bytes long; 255 are allowed"),
        ("priority", 256, "its priority is 256; 0 to 255 are allowed"),
        ("expiration", -1, "its expiration is -1; 0 to 4294967295 ms are allowed"),
        ("timestamp", -5000, "its timestamp is -5000, which is not a moment"),
        ("headers", ["x"], "its headers are ['x'], which is no mapping of names to values"),
        ("headers", {"n" * 256: 1}, "its header's name is 256 bytes long"),
        ("headers.x", 2**63, "its headers.x holds 9223372036854775808, a number beyond 64 bits"),
        ("headers.x", "h" * 70_000, "its headers are longer than 65536 characters"),
    ],
)
@pytest.mark.parametrize("fast", ["auto"])
async def test_a_value_that_does_not_fit_refuses_its_message_alone(
    broker: PrivateBroker, queue: str, sink_of: Any, name: str, value: Any, reason: str
) -> None:
    sink = await sink_of(name, key=queue)
    metadata = {name: [None, value, None]}
    [refusal] = await sink.send(SinkBatch([b"a", b"b", b"c"], metadata=metadata))
    assert (refusal.index, refusal.transient) == (1, False)
    assert reason in refusal.reason
    assert await asyncio.to_thread(broker.take, queue) == [b"a", b"c"]


@broker_test
async def test_refusals_keep_their_places_behind_an_unfit_message(queue: str, sink_of: Any) -> None:
    sink = await sink_of("routing_key", "priority")
    metadata: dict[str, list[Any]] = {
        "routing_key": [queue, queue, "nowhere"],
        "priority": [999, 1, None],
    }
    refused: list[Refusal] = await sink.send(SinkBatch([b"x"] * 3, metadata=metadata))
    assert [(r.index, r.transient) for r in refused] == [(0, False), (2, False)]
