"""Several hosts, several consumers, shared connections, and a time-out of the broker's."""

from __future__ import annotations

import asyncio
import json
import socket
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from eventflux.spi import (
    ConnectorContext,
    Disconnected,
    EndOfStream,
    Misconfigured,
    ReceiveLimits,
    Secret,
    SinkBatch,
    SourceBatch,
    Template,
)
from eventflux_rabbitmq.options import SinkOptions
from eventflux_rabbitmq.sink import RabbitSink
from eventflux_rabbitmq.source import RabbitSource
from eventflux_rabbitmq.testing import PrivateBroker

pytestmark = pytest.mark.broker
Open = Callable[..., Awaitable[Any]]


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


async def connections(broker: PrivateBroker, app: str) -> list[tuple[str, int]]:
    """The names of the app's connections at the node, and how many channels each has."""
    command = ("list_connections", "client_properties", "channels", "--quiet")
    found = json.loads(await asyncio.to_thread(broker.ctl, *command, "--formatter", "json"))
    named = []
    for connection in found:
        properties = {name: value for name, _, value in connection["client_properties"]}
        name = str(properties.get("connection_name", ""))
        if name.startswith(f"eventflux {app}:"):
            named.append((name, int(connection["channels"])))
    return sorted(named)


# Several hosts


async def test_a_host_that_is_down_leaves_the_turn_to_the_next(
    broker: PrivateBroker, queue: str, open_source: Open, open_sink: Open
) -> None:
    hosts = f"127.0.0.1:{closed_port()},localhost:{broker.port}"
    for open_one in (open_source, open_sink):
        arguments = (queue,) if open_one is open_source else ("", queue)
        with pytest.raises(Disconnected, match="refuses connections"):
            await open_one(*arguments, host=hosts)


async def test_each_open_takes_the_next_host(broker: PrivateBroker, queue: str, fast: str) -> None:
    down = closed_port()
    options = SinkOptions.parse(
        {
            "rabbitmq.uri": f"amqp://guest:guest@127.0.0.1:{down},127.0.0.1:{broker.port}",
            "rabbitmq.exchange": "",
            "rabbitmq.routing.key": queue,
            "rabbitmq.fast": fast,
        }
    )
    sink = RabbitSink(options, ConnectorContext(stream="Out", app="hosts"))
    assert sink.peer == f"RabbitMQ at 127.0.0.1:{down}, 127.0.0.1:{broker.port}"
    for _ in range(2):
        with pytest.raises(Disconnected, match=f"127.0.0.1:{down} refuses connections"):
            await sink.open()
        await sink.open()
        assert await sink.send(SinkBatch([b"x"])) == []
        await sink.close()


# Several consumers


async def test_several_consumers_share_a_queue(
    broker: PrivateBroker, queue: str, open_source: Open
) -> None:
    messages = [b"%04d" % number for number in range(900)]
    source: RabbitSource = await open_source(queue, consumers=3, prefetch=10, consumer_tag="me")
    await asyncio.to_thread(broker.publish, queue, messages)
    got: list[bytes] = []
    lanes: dict[int, list[bytes]] = {}
    while len(got) < len(messages):
        batch = await source.receive(ReceiveLimits(messages=50))
        got += batch.payloads
        lanes.setdefault(id(batch.token.lane), []).extend(batch.payloads)
        source.settle(batch.token)
    assert sorted(got) == messages
    assert len(lanes) == 3, "each has a share"
    assert all(lane == sorted(lane) for lane in lanes.values()), "in order, each for itself"
    command = ("list_consumers", "queue_name", "consumer_tag", "--quiet")
    listed = await asyncio.to_thread(broker.ctl, *command)
    assert sorted(line.split("\t")[1] for line in listed.splitlines() if queue in line) == [
        "me-1",
        "me-2",
        "me-3",
    ]
    await source.stop()
    await source.close()
    assert await asyncio.to_thread(broker.count, queue) == 0


async def test_a_stop_of_several_consumers_gives_back_what_nobody_took(
    broker: PrivateBroker, queue: str, open_source: Open
) -> None:
    await asyncio.to_thread(broker.publish, queue, [b"%04d" % number for number in range(60)])
    source: RabbitSource = await open_source(queue, consumers=2, prefetch=20)
    batch = await source.receive(ReceiveLimits(messages=5))
    source.settle(batch.token)
    await source.stop()
    assert await asyncio.to_thread(broker.take, queue, 55) != []
    with pytest.raises(EndOfStream):
        await source.receive(ReceiveLimits())


async def test_a_starving_source_says_what_it_waits_for(
    broker: PrivateBroker, queue: str, open_source: Open
) -> None:
    await asyncio.to_thread(broker.publish, queue, [b"x"] * 30)
    source: RabbitSource = await open_source(queue, consumers=2, prefetch=10)
    assert source.condition is None
    batches: list[SourceBatch] = []
    while sum(len(batch.payloads) for batch in batches) < 20:
        batches.append(await source.receive(ReceiveLimits()))
    assert source.condition == (
        "all 20 messages that rabbitmq.prefetch allows wait for their results to be safe"
    )
    for batch in batches:
        source.settle(batch.token)
    assert source.condition is None


# Shared connections


async def send_until_lost(sink: RabbitSink) -> None:
    while True:
        await sink.send(SinkBatch([b"x"]))
        await asyncio.sleep(0.01)


@pytest.fixture
async def sinks(
    broker: PrivateBroker, queue: str, fast: str
) -> AsyncIterator[Callable[..., RabbitSink]]:
    """Makes sinks of one app, not open yet, and closes them."""
    made: list[RabbitSink] = []

    def make(stream: str, app: str, **options: Any) -> RabbitSink:
        values = {"host": broker.host, "port": broker.port, "fast": fast, **options}
        parsed = SinkOptions(**{"exchange": "", "routing_key": Template(queue), **values})
        made.append(RabbitSink(parsed, ConnectorContext(stream=stream, app=app)))
        return made[-1]

    yield make
    for sink in made:
        await sink.close()


@pytest.fixture
def app() -> str:
    """The name of an app of this test alone."""
    return f"app-{uuid.uuid4()}"


async def test_sinks_share_a_connection_with_a_channel_each(
    broker: PrivateBroker, queue: str, sinks: Callable[..., RabbitSink], app: str
) -> None:
    three = [sinks(stream, app) for stream in ("A", "B", "C")]
    apart = sinks("D", app, connection_shared=False)
    other = sinks("E", app, heartbeat=20_000)
    everyone = [*three, apart, other]
    await asyncio.gather(*(sink.open() for sink in everyone))
    for number, sink in enumerate(everyone):
        assert await sink.send(SinkBatch([b"%d" % number])) == []
    shared = f"eventflux {app}: sinks"
    assert await connections(broker, app) == [
        (f"eventflux {app}: sink D", 1),
        (shared, 1),
        (shared, 3),
    ]
    await three[0].close()
    assert await three[1].send(SinkBatch([b"goes on"])) == []
    for sink in [*three[1:], apart, other]:
        await sink.close()
    assert await connections(broker, app) == []
    await asyncio.to_thread(broker.take, queue)


async def test_a_sink_s_mistake_does_not_end_its_neighbours(
    broker: PrivateBroker, queue: str, sinks: Callable[..., RabbitSink], app: str
) -> None:
    exchange = f"exchange-{uuid.uuid4()}"
    broker.declare_exchange(exchange)
    doomed, neighbour = sinks("A", app, exchange=exchange), sinks("B", app)
    missing = sinks("C", app, exchange="nobody-declared-it")
    await doomed.open()
    await neighbour.open()
    with pytest.raises(Misconfigured, match="exchange 'nobody-declared-it' does not exist"):
        await missing.open()
    await asyncio.to_thread(broker.delete_exchange, exchange)
    with pytest.raises(Disconnected, match="no exchange"):
        await doomed.send(SinkBatch([b"x"]))
    assert await neighbour.send(SinkBatch([b"y"])) == []
    broker.declare_exchange(exchange)
    await doomed.close()
    await doomed.open()
    assert await neighbour.send(SinkBatch([b"z"])) == []
    assert await connections(broker, app) == [(f"eventflux {app}: sinks", 2)]


async def test_a_lost_connection_ends_all_that_share_it_and_one_new_one_serves_them(
    broker: PrivateBroker, queue: str, sinks: Callable[..., RabbitSink], app: str
) -> None:
    pair = [sinks(stream, app) for stream in ("A", "B")]
    for sink in pair:
        await sink.open()
    await asyncio.to_thread(broker.close_connections, "tonight")
    for sink in pair:
        with pytest.raises(Disconnected):
            await send_until_lost(sink)
    for sink in pair:
        await sink.close()
        await sink.open()
        assert await sink.send(SinkBatch([b"y"])) == []
    assert await connections(broker, app) == [(f"eventflux {app}: sinks", 2)]


async def test_a_wrong_password_of_one_does_not_lock_the_others_out(
    sinks: Callable[..., RabbitSink], app: str
) -> None:
    good, bad = sinks("A", app), sinks("B", app, password=Secret("wrong"))
    with pytest.raises(Misconfigured, match="was refused"):
        await bad.open()
    await good.open()
    with pytest.raises(Misconfigured, match="was refused"):
        await bad.open()
    assert await good.send(SinkBatch([b"x"])) == []


# The broker's time-out for acknowledgements


@pytest.fixture
async def impatient(broker: PrivateBroker) -> AsyncIterator[None]:
    """The node gives consumers a second to acknowledge, and looks twice a second."""

    async def set_limits(timeout: int, tick: int) -> None:
        settings = {"consumer_timeout": timeout, "channel_tick_interval": tick}
        calls = ", ".join(f"application:set_env(rabbit, {k}, {v})" for k, v in settings.items())
        await asyncio.to_thread(broker.evaluate, calls)

    await set_limits(1000, 500)
    yield
    await set_limits(1_800_000, 60_000)


async def test_a_message_unacknowledged_for_too_long_ends_the_epoch(
    broker: PrivateBroker, queue: str, impatient: None, open_source: Open
) -> None:
    await asyncio.to_thread(broker.publish, queue, [b"slow"])
    source: RabbitSource = await open_source(queue)
    late = await source.receive(ReceiveLimits())
    with pytest.raises(Disconnected) as caught:
        await source.receive(ReceiveLimits())
    assert "delivery acknowledgement" in caught.value.reason
    assert "timed out" in caught.value.reason
    assert "consumer_timeout" in (caught.value.hint or "")
    await source.close()
    await source.open(None)
    source.settle(late.token)
    assert source.stale_settlements == 1
    again = await source.receive(ReceiveLimits())
    assert again.payloads == [b"slow"]
    source.settle(again.token)


async def test_a_tag_that_the_broker_does_not_know_ends_the_epoch(
    broker: PrivateBroker, queue: str, open_source: Open
) -> None:
    await asyncio.to_thread(broker.publish, queue, [b"x"])
    source: RabbitSource = await open_source(queue)
    batch = await source.receive(ReceiveLimits())
    batch.token.lane._consumer.settle(99, (), requeue=False)  # as no caller can
    with pytest.raises(Disconnected, match="PRECONDITION_FAILED - unknown delivery tag 99"):
        await source.receive(ReceiveLimits())
    await source.close()
    await source.open(None)
    again = await source.receive(ReceiveLimits())
    assert (again.payloads, again.deliveries) == ([b"x"], [2])
