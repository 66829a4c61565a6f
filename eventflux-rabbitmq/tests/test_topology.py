"""What is declared and bound, and what is told of what can't be, against a real node."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from eventflux.base.errors import OptionError
from eventflux.spi import Disconnected, Misconfigured, ReceiveLimits, SinkBatch
from eventflux_rabbitmq.options import SinkOptions, SourceOptions
from eventflux_rabbitmq.testing import PrivateBroker
from eventflux_rabbitmq.topology import queue_arguments

broker_test = pytest.mark.broker
Open = Callable[..., Awaitable[Any]]
SOURCE = {"rabbitmq.host": "h", "rabbitmq.queue": "q"}
SINK = {"rabbitmq.host": "h", "rabbitmq.exchange": "e", "rabbitmq.queue": "q"}


@pytest.fixture
def fast() -> str:
    """Declaring is the same with the tap and without."""
    return "auto"


@pytest.fixture
def new(broker: PrivateBroker) -> str:
    """A name that nothing has yet."""
    return f"new-{uuid.uuid4()}"


async def listed(broker: PrivateBroker, what: str, name: str, *columns: str) -> dict[str, Any]:
    """What the node shows of the one queue, exchange, … of this name."""
    command = (f"list_{what}", "name", *columns, "--quiet", "--formatter", "json")
    found = json.loads(await asyncio.to_thread(broker.ctl, *command))
    [one] = [row for row in found if row["name"] == name]
    return {column: one[column] for column in columns}


def test_arguments_have_the_broker_s_names_and_types() -> None:
    texts = {
        "type": "quorum",
        "dead.letter.exchange": "dead",
        "dead.letter.routing.key": "orders",
        "max.length": "1000",
        "max.length.bytes": "1 MiB",
        "overflow": "reject-publish",
        "message.ttl": "2s",
        "expires": "1h",
        "delivery.limit": "5",
        "single.active.consumer": "true",
        "arguments.x-max-in-memory-length": "10",
        "arguments.x-note": '"5"',
        "arguments.x-flag": "false",
    }
    options = SourceOptions.parse(
        {**SOURCE, **{f"rabbitmq.queue.{name}": text for name, text in texts.items()}}
    )
    arguments = queue_arguments(options)
    assert arguments == {
        "x-queue-type": "quorum",
        "x-dead-letter-exchange": "dead",
        "x-dead-letter-routing-key": "orders",
        "x-max-length": 1000,
        "x-max-length-bytes": 1024 * 1024,
        "x-overflow": "reject-publish",
        "x-message-ttl": 2000,
        "x-expires": 3_600_000,
        "x-delivery-limit": 5,
        "x-single-active-consumer": True,
        "x-max-in-memory-length": 10,
        "x-note": "5",
        "x-flag": False,
    }
    assert {type(value) for value in arguments.values()} == {str, int, bool}


@pytest.mark.parametrize(
    ("role", "values", "message"),
    [
        ("source", {"queue.type": "lazy"}, "expects one of classic, quorum, stream, got 'lazy'"),
        ("source", {"queue.type": "stream"}, "'rabbitmq.queue.type' = 'stream' is for sinks"),
        (
            "source",
            {"queue.type": "quorum", "queue.durable": "false"},
            "a quorum queue can't have 'rabbitmq.queue.durable' = 'false'",
        ),
        (
            "sink",
            {"queue.type": "stream", "queue.exclusive": "true"},
            "a stream queue can't have 'rabbitmq.queue.exclusive' = 'true'",
        ),
        ("source", {"queue.delivery.limit": "3"}, "needs 'rabbitmq.queue.type' = 'quorum'"),
        ("source", {"queue.max.length": "-1"}, "'rabbitmq.queue.max.length' must be at least 0"),
        ("source", {"queue.max.priority": "256"}, "must be 1 to 255"),
        (
            "source",
            {"queue.message.ttl": "soon"},
            "'rabbitmq.queue.message.ttl' expects a duration",
        ),
        ("source", {"queue.overflow": "block"}, "expects one of drop-head, reject-publish"),
        (
            "source",
            {"queue.dead.letter.routing.key": "k"},
            "needs 'rabbitmq.queue.dead.letter.exchange'",
        ),
        ("source", {"queue.arguments.": "k"}, "unknown option 'rabbitmq.queue.arguments.'"),
        (
            "source",
            {"queue.type": "quorum", "queue.arguments.x-queue-type": "classic"},
            "'rabbitmq.queue.arguments.x-queue-type' and 'rabbitmq.queue.type' say the same",
        ),
        (
            "source",
            {"queue.bind.routing.keys": "a,b"},
            "'rabbitmq.queue.bind.routing.keys' is about the exchange in "
            "'rabbitmq.queue.bind.exchange', which is not set",
        ),
        (
            "source",
            {"declare.exchange": "true"},
            "'rabbitmq.declare.exchange' is about the exchange",
        ),
        ("source", {"exchange.type": "topic"}, "'rabbitmq.exchange.type' is about the exchange"),
        ("source", {"exchange": "e"}, "unknown option 'rabbitmq.exchange'"),
        (
            "source",
            {"declare.queue": "false", "queue.max.length": "5"},
            "'rabbitmq.queue.max.length' says how to declare the queue, but",
        ),
        (
            "sink",
            {"declare.queue": "false", "queue.arguments.x-a": "5"},
            "'rabbitmq.queue.arguments.x-a' says how to declare the queue, but",
        ),
        (
            "sink",
            {"exchange.arguments.x-a": "5"},
            "'rabbitmq.exchange.arguments.x-a' says how to declare the exchange, but",
        ),
        (
            "source",
            {"queue.bind.exchange": "e", "exchange.durable": "false"},
            "'rabbitmq.exchange.durable' says how to declare the exchange, but",
        ),
        ("source", {"consumers": "0"}, "'rabbitmq.consumers' must be 1 to 64"),
    ],
)
def test_what_does_not_go_together_is_refused(
    role: str, values: dict[str, str], message: str
) -> None:
    given = {f"rabbitmq.{name}": text for name, text in values.items()}
    parse, base = {"source": (SourceOptions.parse, SOURCE), "sink": (SinkOptions.parse, SINK)}[role]
    with pytest.raises(OptionError) as caught:
        parse({**base, **given})
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"queue.max.length": "5"}, "'rabbitmq.queue.max.length' is about the queue in"),
        ({"queue.bind.routing.keys": "5"}, "is about the queue in 'rabbitmq.queue', which is not"),
        ({"queue.arguments.x-a": "5"}, "'rabbitmq.queue.arguments.x-a' is about the queue in"),
        ({"declare.queue": "true"}, "'rabbitmq.declare.queue' is about the queue in"),
        (
            {"exchange": "", "routing.key": "q", "queue": "q", "queue.bind.routing.keys": "k"},
            "nothing can be bound to the default exchange ''",
        ),
    ],
)
def test_options_of_a_queue_that_a_sink_does_not_name(values: dict[str, str], message: str) -> None:
    given = {f"rabbitmq.{name}": text for name, text in values.items()}
    with pytest.raises(OptionError) as caught:
        SinkOptions.parse({"rabbitmq.host": "h", "rabbitmq.exchange": "e", **given})
    assert message in caught.value.message


@broker_test
async def test_a_missing_queue_is_declared_as_the_options_say(
    broker: PrivateBroker, new: str, open_source: Open
) -> None:
    await open_source(
        new,
        queue_type="quorum",
        queue_dead_letter_exchange="dead",
        queue_max_length=7,
        queue_arguments={"x-max-in-memory-length": "3"},
    )
    found = await listed(broker, "queues", new, "type", "durable", "arguments")
    assert (found["type"], found["durable"]) == ("quorum", True)
    assert {name: value for name, _, value in found["arguments"]} == {
        "x-dead-letter-exchange": "dead",
        "x-max-in-memory-length": 3,
        "x-max-length": 7,
        "x-queue-type": "quorum",
    }


@broker_test
async def test_an_exclusive_queue_serves_all_consumers_of_its_source(
    broker: PrivateBroker, new: str, open_source: Open
) -> None:
    source = await open_source(new, queue_exclusive=True, queue_durable=False, consumers=2)
    other = await open_source(f"{new}-2", queue_auto_delete=True)
    with pytest.raises(Misconfigured, match=f"queue '{new}' .* belongs to another connection"):
        await open_source(new)
    for each in (source, other):
        await each.close()
    assert new not in await asyncio.to_thread(broker.ctl, "list_queues", "name")


@broker_test
async def test_a_queue_that_exists_is_used_as_it_is(
    broker: PrivateBroker, queue: str, open_source: Open
) -> None:
    await open_source(queue, queue_durable=False, queue_max_length=1)
    found = await listed(broker, "queues", queue, "durable", "arguments")
    assert found == {"durable": True, "arguments": []}


@broker_test
async def test_an_argument_that_the_broker_does_not_take(open_source: Open, new: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        await open_source(new, queue_arguments={"x-max-length": "many"})
    assert f"queue '{new}' on vhost '/' of RabbitMQ" in caught.value.message
    assert "x-max-length" in caught.value.message


@broker_test
async def test_a_source_binds_its_queue(
    broker: PrivateBroker, new: str, open_source: Open, open_sink: Open
) -> None:
    bound = {"queue_bind_exchange": new, "queue_bind_routing_keys": "a, b"}
    with pytest.raises(Misconfigured, match=f"exchange '{new}' does not exist"):
        await open_source(new, **bound)
    source = await open_source(new, declare_exchange=True, exchange_type="topic", **bound)
    for key in ("a", "b"):
        sink = await open_sink(new, key)
        assert await sink.send(SinkBatch([key.encode()])) == []
    elsewhere = await open_sink(new, "c")
    [refusal] = await elsewhere.send(SinkBatch([b"c"]))
    assert "NO_ROUTE" in refusal.reason
    batches = [await source.receive(ReceiveLimits(messages=1)) for _ in range(2)]
    assert [batch.payloads for batch in batches] == [[b"a"], [b"b"]]


@broker_test
async def test_a_sink_has_its_queue_declared_and_bound(
    broker: PrivateBroker, new: str, open_sink: Open
) -> None:
    sink = await open_sink(
        new,
        "orders",
        declare_exchange=True,
        queue=new,
        queue_type="stream",
        exchange_arguments={"alternate-exchange": "amq.fanout"},
    )
    assert await sink.send(SinkBatch([b"x", b"y"])) == []
    assert await listed(broker, "queues", new, "type") == {"type": "stream"}
    found = await listed(broker, "exchanges", new, "durable", "arguments")
    assert found == {
        "durable": True,
        "arguments": [["alternate-exchange", "longstr", "amq.fanout"]],
    }


@broker_test
async def test_bindings_with_arguments_to_an_exchange_of_headers(
    broker: PrivateBroker, new: str, open_sink: Open
) -> None:
    sink = await open_sink(
        new,
        declare_exchange=True,
        exchange_type="headers",
        queue=new,
        queue_bind_arguments={"x-match": "all", "amount": "5"},
    )
    [refusal] = await sink.send(SinkBatch([b"without the header"]))
    assert "NO_ROUTE" in refusal.reason
    command = ("list_bindings", "source_name", "arguments", "--quiet")
    bindings = await asyncio.to_thread(broker.ctl, *command)
    assert f'{new}\t[{{"amount",5}}, {{"x-match","all"}}]'.replace(" ", "") in (
        bindings.replace(" ", "")
    )


@broker_test
async def test_the_default_exchange_with_a_queue_of_its_own(
    broker: PrivateBroker, new: str, open_sink: Open
) -> None:
    sink = await open_sink("", new, queue=new, queue_overflow="reject-publish", queue_max_length=1)
    refusals = await sink.send(SinkBatch([b"x"] * 5))
    assert refusals
    assert all(refusal.transient for refusal in refusals)


@broker_test
async def test_a_sink_s_queue_that_must_be_there(new: str, open_sink: Open) -> None:
    with pytest.raises(Misconfigured) as caught:
        await open_sink("amq.direct", "k", queue=new, declare_queue=False)
    assert f"queue '{new}' does not exist" in caught.value.message
    assert "rabbitmq.declare.queue" in (caught.value.hint or "")


@broker_test
async def test_a_deleted_queue_of_a_quorum_source_is_declared_again(
    broker: PrivateBroker, new: str, open_source: Open
) -> None:
    source = await open_source(new, queue_type="quorum")
    await asyncio.to_thread(broker.delete_queue, new)
    with pytest.raises(Disconnected, match=f"queue '{new}' .* was deleted or moved"):
        await source.receive(ReceiveLimits())
    await source.close()
    await source.open(None)
    await asyncio.to_thread(broker.publish, new, [b"again"])
    assert (await source.receive(ReceiveLimits())).payloads == [b"again"]


@broker_test
async def test_a_quorum_queue_gives_back_and_dead_letters_at_its_limit(
    broker: PrivateBroker, new: str, open_source: Open
) -> None:
    dead = f"dead-{new}"
    broker.declare_queue(dead)
    source = await open_source(
        new,
        queue_type="quorum",
        queue_delivery_limit=2,
        queue_dead_letter_exchange="",
        queue_dead_letter_routing_key=dead,
    )
    await asyncio.to_thread(broker.publish, new, [b"poison"])
    for _ in range(3):
        batch = await source.receive(ReceiveLimits())
        source.settle(batch.token, [0], requeue=True)
    assert await asyncio.to_thread(broker.take, dead, 1) == [b"poison"]
