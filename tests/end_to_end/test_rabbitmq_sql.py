"""RabbitMQ from SQL: METADATA, keys and headers from columns, TLS, and what health() tells."""

from __future__ import annotations

import asyncio
import socket
import time
import traceback
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import aiormq
import pytest
from pamqp.commands import Basic
from testbed.waiting import eventually

import eventflux
from eventflux.base.errors import RefusedError
from eventflux_rabbitmq.testing import PrivateBroker

pytestmark = pytest.mark.broker


@pytest.fixture
def name(broker: PrivateBroker) -> str:
    """Part of the names of everything that a test makes at the broker."""
    return uuid.uuid4().hex[:8]


def publish(broker: PrivateBroker, queue: str, body: bytes, **properties: Any) -> None:
    """Publish one message with these properties."""

    async def run() -> None:
        connection = await aiormq.connect(broker.url)
        channel = await connection.channel()
        made = Basic.Properties(**properties)
        await channel.basic_publish(body, routing_key=queue, properties=made)
        await connection.close()

    asyncio.run(run())


def take(broker: PrivateBroker, queue: str, count: int) -> list[Any]:
    """Take messages with all that comes with them."""

    async def run() -> list[Any]:
        connection = await aiormq.connect(broker.url)
        channel = await connection.channel()
        got: list[Any] = []
        async with asyncio.timeout(15):
            while len(got) < count:
                message = await channel.basic_get(queue, no_ack=True)
                if message.delivery.name == "Basic.GetEmpty":
                    await asyncio.sleep(0.02)
                else:
                    got.append(message)
        await connection.close()
        return got

    return asyncio.run(run())


METADATA = """
CREATE STREAM Orders (
  product STRING,
  amount DOUBLE,
  id STRING METADATA FROM 'message_id',
  tenant STRING METADATA FROM 'headers.tenant',
  attempt INT METADATA FROM 'delivery_count',
  sent TIMESTAMP METADATA FROM 'timestamp',
  all_headers OBJECT METADATA FROM 'headers'
) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json',
  rabbitmq.uri = '{uri}', rabbitmq.queue = 'orders-{name}', rabbitmq.fast = '{fast}');

CREATE STREAM Priced (
  product STRING,
  amount DOUBLE,
  of STRING METADATA FROM 'correlation_id',
  weight INT METADATA FROM 'priority',
  tenant STRING METADATA FROM 'headers.tenant',
  passed_on OBJECT METADATA FROM 'headers'
) WITH (
  type = 'sink', extension = 'rabbitmq', format = 'json',
  rabbitmq.uri = '{uri}', rabbitmq.fast = '{fast}',
  rabbitmq.exchange = 'priced-{name}', rabbitmq.declare.exchange = 'true',
  rabbitmq.exchange.type = 'topic', rabbitmq.routing.key = 'orders.{{product}}',
  rabbitmq.headers.amount = '{{amount}}',
  rabbitmq.queue = 'priced-{name}', rabbitmq.queue.bind.routing.keys = 'orders.*');

INSERT INTO Priced (product, amount, of, weight, tenant, passed_on)
SELECT product, amount * 2 AS amount, id, attempt, tenant || '!' AS tenant, all_headers
FROM Orders WHERE sent IS NOT NULL;
"""


@pytest.mark.parametrize("fast", ["auto", "off"])
def test_metadata_and_templates(broker: PrivateBroker, name: str, fast: str) -> None:
    uri = f"amqp://guest:guest@127.0.0.1:{broker.port}"
    app = eventflux.EventFluxManager().create_app(METADATA.format(uri=uri, name=name, fast=fast))
    with app:
        for product, tenant in (("tea", "acme"), ("salt", None)):
            publish(
                broker,
                f"orders-{name}",
                b'{"product": "%s", "amount": 1.5}' % product.encode(),
                message_id=f"id-{product}",
                timestamp=datetime(2020, 1, 1, tzinfo=UTC),
                headers=None if tenant is None else {"tenant": tenant, "hops": 3},
            )
        messages = take(broker, f"priced-{name}", 2)
    told = [
        (
            message.body,
            message.delivery.routing_key,
            message.header.properties.correlation_id,
            message.header.properties.priority,
            message.header.properties.headers,
        )
        for message in messages
    ]
    assert told == [
        (
            b'{"product":"tea","amount":3.0}',
            "orders.tea",
            "id-tea",
            1,
            {"amount": "3.0", "tenant": "acme!", "hops": 3},
        ),
        (b'{"product":"salt","amount":3.0}', "orders.salt", "id-salt", 1, {"amount": "3.0"}),
    ]


COPY = """
CREATE STREAM Incoming (n LONG) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json', rabbitmq.queue = 'in-{name}',
  rabbitmq.host = '127.0.0.1', rabbitmq.port = {port} {source});
CREATE STREAM Outgoing (n LONG) WITH (
  type = 'sink', extension = 'rabbitmq', format = 'json', rabbitmq.exchange = '',
  rabbitmq.routing.key = 'out-{name}', rabbitmq.queue = 'out-{name}',
  rabbitmq.host = '127.0.0.1', rabbitmq.port = {port} {sink});
INSERT INTO Outgoing SELECT n FROM Incoming;
"""


def copy(
    broker: PrivateBroker, name: str, *, port: int | None = None, source: str = "", sink: str = ""
) -> eventflux.AppRuntime:
    """An app that copies queue ``in-name`` to ``out-name``; options begin with a comma."""
    text = COPY.format(name=name, port=port or broker.port, source=source, sink=sink)
    return eventflux.EventFluxManager().create_app(text)


def numbers(count: int, start: int = 0) -> list[bytes]:
    return [b'{"n":%d}' % number for number in range(start, start + count)]


def test_messages_over_tls_with_several_consumers(broker: PrivateBroker, name: str) -> None:
    assert broker.authority is not None
    tls = f", rabbitmq.ssl.ca = '{broker.authority.file}'"
    source = tls + ", rabbitmq.consumers = 2, rabbitmq.prefetch = 50"
    with copy(broker, name, port=broker.tls_port, source=source, sink=tls):
        broker.publish(f"in-{name}", numbers(2_000))
        copied = broker.take(f"out-{name}", 2_000)
    assert sorted(copied) == sorted(numbers(2_000))


@pytest.mark.parametrize(
    ("port", "options", "message"),
    [
        ("tls", ", rabbitmq.ssl.enabled = 'true'", "is not trusted"),
        ("plain", ", rabbitmq.ssl.verify = 'false'", "does not speak TLS on this port"),
        ("tls", "", "speaks TLS on this port"),
    ],
)
def test_a_wrong_use_of_tls_fails_the_start_at_once(
    broker: PrivateBroker, name: str, port: str, options: str, message: str
) -> None:
    used = {"tls": broker.tls_port, "plain": broker.port}[port]
    began = time.monotonic()
    with pytest.raises(RefusedError) as caught:
        copy(broker, name, port=used, source=options, sink=options).start()
    assert time.monotonic() - began < 10
    assert "'Outgoing'" in str(caught.value)
    assert message in str(caught.value)
    assert "5671 is usually" in str(caught.value) or "rabbitmq.ssl.ca" in str(caught.value)


def test_the_password_of_a_uri_shows_nowhere(
    broker: PrivateBroker, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    broker.add_user(name, "hunter2")
    text = COPY.format(name=name, port=1, source="", sink="")
    both = "rabbitmq.host = '127.0.0.1', rabbitmq.port = 1"
    uri = f"rabbitmq.uri = 'amqp://{name}:hunter2@127.0.0.1:{broker.port}'"
    assert text.count(both) == 2
    app = eventflux.EventFluxManager().create_app(text.replace(both, uri))
    with app:
        broker.publish(f"in-{name}", numbers(1))
        assert broker.take(f"out-{name}", 1) == numbers(1)
        broker.change_password(name, "other")
        broker.close_connections()
        eventually(lambda: f"user '{name}' was refused" in caplog.text, "it is told")
        told = f"{app.health()} {app.stats()}"
    with pytest.raises(RefusedError) as caught:
        app.start()
    broker.delete_user(name)
    shown = "".join(traceback.format_exception(caught.value))
    for where in (told, shown, caplog.text, repr(app)):
        assert "hunter2" not in where


@pytest.fixture
def alarm(broker: PrivateBroker) -> Iterator[Callable[[], None]]:
    """The node is low on memory and takes no messages; calling it ends that."""
    broker.limit_memory(1)

    def end() -> None:
        broker.limit_memory(None)

    yield end
    end()


@pytest.fixture
def filled(broker: PrivateBroker, name: str) -> list[bytes]:
    """What waits in the input queue: published before any alarm."""
    messages = numbers(300)
    broker.declare_queue(f"in-{name}")
    broker.publish(f"in-{name}", messages)
    return messages


def test_health_tells_of_an_alarm_and_of_what_waits_for_it(
    broker: PrivateBroker, name: str, filled: list[bytes], alarm: Callable[[], None]
) -> None:
    with copy(broker, name, source=", rabbitmq.prefetch = 100") as app:
        told = {
            "Incoming": "running; all 100 messages that rabbitmq.prefetch allows wait for their "
            "results to be safe",
            "Outgoing": "running; blocked by RabbitMQ: low on memory",
        }
        eventually(lambda: app.health() == told, f"{app.health()}")
        alarm()
        assert broker.take(f"out-{name}", 300) == filled
        eventually(lambda: set(app.health().values()) == {"running"}, "both go on")


def test_a_consumer_timeout_is_explained_and_nothing_is_lost(
    broker: PrivateBroker,
    name: str,
    filled: list[bytes],
    alarm: Callable[[], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    set_limits = "application:set_env(rabbit, consumer_timeout, {}), " + (
        "application:set_env(rabbit, channel_tick_interval, {})"
    )
    broker.evaluate(set_limits.format(1000, 500))
    try:
        with copy(broker, name) as app:
            eventually(
                lambda: "delivery acknowledgement" in caplog.text, "it times out", timeout=20
            )
            alarm()
            copied = broker.take(f"out-{name}", 300)
            while set(copied) != set(filled):
                copied += broker.take(f"out-{name}", 1)
            eventually(
                lambda: app.stats()["connectors"]["Incoming"]["reconnects"] >= 1, "it reconnects"
            )
    finally:
        broker.evaluate(set_limits.format(1_800_000, 60_000))
    [warning, *_] = [r.getMessage() for r in caplog.records if "acknowledgement" in r.getMessage()]
    assert "'Incoming'" in warning
    assert "consumer_timeout" in warning


def test_a_deleted_queue_comes_back_as_it_was_asked_for(
    broker: PrivateBroker, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    source = ", rabbitmq.queue.type = 'quorum', rabbitmq.queue.max.length = 1000"
    with copy(broker, name, source=source) as app:
        broker.publish(f"in-{name}", numbers(5))
        assert broker.take(f"out-{name}", 5) == numbers(5)
        broker.delete_queue(f"in-{name}")
        counters = app.stats()["connectors"]
        eventually(lambda: app.stats()["connectors"]["Incoming"]["reconnects"] == 1, f"{counters}")
        broker.publish(f"in-{name}", numbers(5, 5))
        assert broker.take(f"out-{name}", 5) == numbers(5, 5)
    assert f"queue 'in-{name}' of RabbitMQ at 127.0.0.1:{broker.port} was deleted" in caplog.text
    assert f"queue 'in-{name}' did not exist" in caplog.text


def test_a_deleted_queue_that_must_not_be_declared_is_waited_for(
    broker: PrivateBroker, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    broker.declare_queue(f"in-{name}")
    with copy(broker, name, source=", rabbitmq.declare.queue = 'false'") as app:
        broker.delete_queue(f"in-{name}")
        eventually(lambda: "does not exist on vhost" in caplog.text, "it is named")
        assert f"reconnecting: queue 'in-{name}' does not exist" in app.health()["Incoming"]
        broker.declare_queue(f"in-{name}")
        broker.publish(f"in-{name}", numbers(3))
        assert broker.take(f"out-{name}", 3) == numbers(3)


def test_a_second_host_takes_over_and_the_first_is_tried_again(
    broker: PrivateBroker, name: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        down = nobody.getsockname()[1]
    hosts = f"127.0.0.1:{down},127.0.0.1:{broker.port}"
    text = COPY.format(name=name, port=1, source="", sink="")
    text = text.replace("rabbitmq.host = '127.0.0.1'", f"rabbitmq.host = '{hosts}'")
    with eventflux.EventFluxManager().create_app(text) as app:
        for turn in range(2):
            broker.publish(f"in-{name}", numbers(3, turn * 3))
            assert broker.take(f"out-{name}", 3) == numbers(3, turn * 3)
            if not turn:
                broker.close_connections()
                connectors = app.stats()["connectors"]
                eventually(
                    lambda: app.stats()["connectors"]["Incoming"]["reconnects"] == 1,
                    f"{connectors} {app.health()}",
                )


def test_a_message_that_a_quorum_queue_delivers_too_often_goes_to_the_dead_letters(
    broker: PrivateBroker, name: str
) -> None:
    """What made the process die again and again is set aside in the end."""
    queue = f"in-{name}"
    broker.declare_queue(queue, arguments={"x-queue-type": "quorum"})
    broker.publish(queue, numbers(1))
    give_back(broker, queue, 5)
    broker.publish(queue, numbers(1, 1))
    dead = """
    CREATE STREAM Dead (originalEvent STRING, errorMessage STRING, errorType STRING,
      timestamp LONG, attemptCount INT, streamName STRING);
    """
    source = ", error.strategy = 'dlq', error.dlq.stream = 'Dead'"
    text = dead + COPY.format(name=name, port=broker.port, source=source, sink="")
    app = eventflux.EventFluxManager().create_app(text)
    set_aside: list[Any] = []
    app.on("Dead", set_aside.append)
    with app:
        assert broker.take(f"out-{name}", 1) == numbers(1, 1)
        eventually(lambda: len(set_aside) == 1, "the other is set aside")
    assert set_aside[0].originalEvent == '{"n":0}'
    assert set_aside[0].attemptCount == 6
    assert broker.count(queue) == 0


def give_back(broker: PrivateBroker, queue: str, times: int) -> None:
    """Take the one message of a queue and give it back, so often."""

    async def run() -> None:
        connection = await aiormq.connect(broker.url)
        channel = await connection.channel()
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        left = times

        async def reject(message: Any) -> None:
            nonlocal left
            left -= 1
            if not left:
                await channel.basic_cancel("giver")
            await channel.basic_reject(message.delivery.delivery_tag, requeue=True, wait=True)
            if not left:
                over.set_result(None)

        await channel.basic_qos(prefetch_count=1)
        await channel.basic_consume(queue, reject, consumer_tag="giver")
        async with asyncio.timeout(15):
            await over
        await connection.close()

    asyncio.run(run())
