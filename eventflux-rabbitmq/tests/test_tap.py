"""The tap in the byte stream, without a broker; and what happens when it does not fit."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import aiormq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pamqp import commands, frame
from pamqp.body import ContentBody
from pamqp.header import ContentHeader
from pamqp.heartbeat import Heartbeat

from eventflux.spi import ConnectorContext, Disconnected, ReceiveLimits, Secret, SinkBatch
from eventflux_rabbitmq import connection as connection_module
from eventflux_rabbitmq.address import Address
from eventflux_rabbitmq.deliveries import Deliveries
from eventflux_rabbitmq.inbox import Inbox
from eventflux_rabbitmq.options import SinkOptions, SourceOptions
from eventflux_rabbitmq.outgoing import Messages
from eventflux_rabbitmq.publisher import TappedPublisher
from eventflux_rabbitmq.sink import RabbitSink
from eventflux_rabbitmq.source import RabbitSource
from eventflux_rabbitmq.tap import SeamMissing, TapProtocol, TapTransportFactory, check_seams
from eventflux_rabbitmq.testing import PrivateBroker

CONTEXT = ConnectorContext(stream="S", app="tests")


class Transport(asyncio.Transport):
    """Remembers whether it reads."""

    def __init__(self) -> None:
        super().__init__()
        self.reading = True
        self.aborted = False

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def is_closing(self) -> bool:
        return self.aborted

    def abort(self) -> None:
        self.aborted = True


def protocol_over(transport: Transport) -> tuple[TapProtocol, asyncio.StreamReader]:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=2**30, loop=loop)
    protocol = TapProtocol(reader, loop)
    protocol.connection_made(transport)
    return protocol, reader


class InboxTap:
    """Collects the bodies of one channel and counts its wake-ups."""

    def __init__(self, channel: int) -> None:
        self.inbox = Inbox()
        self.flushes = 0
        self.feed = Deliveries(channel, self.inbox).feed

    def flush(self) -> None:
        self.flushes += 1


def delivery(channel: int, tag: int, body: bytes) -> list[bytes]:
    parts: list[Any] = [
        commands.Basic.Deliver("tag", tag, False, "", "key"),
        ContentHeader(body_size=len(body), properties=commands.Basic.Properties()),
    ]
    parts += [ContentBody(body[at : at + 50]) for at in range(0, len(body), 50)]
    return [frame.marshal(part, channel) for part in parts]


def frames_but_heartbeats(data: bytes) -> list[bytes]:
    frames = []
    while data:
        size = 8 + int.from_bytes(data[3:7], "big")
        if data[0] != 8:
            frames.append(data[:size])
        data = data[size:]
    return frames


@given(
    script=st.lists(st.tuples(st.sampled_from([1, 2, 9]), st.binary(max_size=130)), max_size=12),
    order=st.randoms(use_true_random=False),
    cuts=st.lists(st.integers(0, 5000), max_size=10),
)
@settings(max_examples=150, deadline=None)
def test_two_taps_and_the_library_each_get_their_frames(
    script: list[tuple[int, bytes]], order: Any, cuts: list[int]
) -> None:
    """Channels 1 and 2 are tapped, 9 is the library's; their frames are mixed at will."""
    waiting: dict[int, list[bytes]] = {1: [], 2: [], 9: []}
    sent: dict[int, list[bytes]] = {1: [], 2: [], 9: []}
    for channel, body in script:
        sent[channel].append(body)
        waiting[channel] += delivery(channel, len(sent[channel]), body)
    library = list(waiting[9])
    stream = b""
    while any(waiting.values()):
        channel = order.choice([c for c, frames in waiting.items() if frames])
        stream += waiting[channel].pop(0)
    places = sorted({place % (len(stream) + 1) for place in cuts})
    pieces = [stream[a:b] for a, b in zip([0, *places], [*places, len(stream)], strict=True)]

    async def run() -> bytes:
        protocol, reader = protocol_over(Transport())
        taps = {1: InboxTap(1), 2: InboxTap(2)}
        protocol.taps.update(taps)
        for piece in pieces:
            before = {c: (tap.flushes, len(tap.inbox.bodies)) for c, tap in taps.items()}
            protocol.data_received(piece)
            for channel, tap in taps.items():
                flushes, bodies = before[channel]
                assert tap.flushes - flushes <= 1, "one wake-up for a piece of bytes"
                assert tap.flushes > flushes or len(tap.inbox.bodies) == bodies
        assert {c: tap.inbox.bodies for c, tap in taps.items()} == {1: sent[1], 2: sent[2]}
        reader.feed_eof()
        return await reader.read()

    assert frames_but_heartbeats(asyncio.run(run())) == library


async def test_the_library_hears_of_life_while_the_tap_takes_everything() -> None:
    protocol, reader = protocol_over(Transport())
    protocol.taps[1] = InboxTap(1)
    for tag in range(1, 100):
        protocol.data_received(b"".join(delivery(1, tag, b"x")))
    reader.feed_eof()
    assert await reader.read() == frame.marshal(Heartbeat(), 0)


async def test_bytes_that_are_no_frames_go_to_the_library() -> None:
    protocol, reader = protocol_over(Transport())
    for piece in (b"HTTP/1.", b"1 400 Bad", b" Request"):
        protocol.data_received(piece)
    reader.feed_eof()
    assert await reader.read() == b"HTTP/1.1 400 Bad Request"


async def test_the_brokers_words_are_kept_and_handed_on() -> None:
    protocol, reader = protocol_over(Transport())
    calls = []
    protocol.on_blocked = lambda: calls.append(protocol.blocked)
    data = b"".join(
        frame.marshal(method, 0)
        for method in (
            commands.Connection.Blocked("low on memory"),
            commands.Connection.Unblocked(),
            commands.Connection.Close(530, "NOT_ALLOWED - vhost x not found", 10, 40),
        )
    )
    protocol.data_received(data)
    assert calls == ["low on memory", None]
    assert protocol.closed_by_broker == (530, "NOT_ALLOWED - vhost x not found")
    reader.feed_eof()
    assert await reader.read() == data


async def test_frames_that_make_no_sense_end_the_connection() -> None:
    transport = Transport()
    protocol, _ = protocol_over(transport)
    protocol.taps[1] = InboxTap(1)
    lost: list[Exception | None] = []
    protocol.on_lost = lost.append
    protocol.data_received(b"".join(delivery(1, 5, b"x")))
    assert transport.aborted
    protocol.connection_lost(None)
    assert [str(error) for error in lost] == ["expected delivery tag 1, got 5"]


async def test_a_pause_stops_reading_until_resumed() -> None:
    transport = Transport()
    protocol, _ = protocol_over(transport)
    protocol.pause()
    protocol.pause()
    assert not transport.reading
    protocol.resume()
    protocol.resume()
    assert transport.reading
    protocol.pause()
    protocol.connection_lost(None)


class Channel:
    """What the publisher uses of a channel, with the broker's answers made by the test."""

    number = 1

    def __init__(self) -> None:
        self.write_queue: asyncio.Queue[Any] = asyncio.Queue(10)
        self.connection = type("", (), {"connection_tune": commands.Connection.Tune(10, 1000, 0)})


class Link:
    """What the publisher uses of a link."""

    def __init__(self, protocol: TapProtocol) -> None:
        self.protocol = protocol
        self.channel = Channel()
        self.ended: Disconnected | None = None

    def check(self) -> None:
        if self.ended is not None:
            raise self.ended

    def end(self, why: Disconnected) -> None:
        self.ended = why


def answer(*methods: Any) -> bytes:
    return b"".join(frame.marshal(method, 1) for method in methods)


def returned(body: bytes, message_id: str | None = None) -> bytes:
    properties = commands.Basic.Properties(message_id=message_id)
    parts: Sequence[Any] = (
        commands.Basic.Return(312, "NO_ROUTE", "ex", "key"),
        ContentHeader(body_size=len(body), properties=properties),
        *([ContentBody(body)] if body else []),
    )
    return b"".join(frame.marshal(part, 1) for part in parts)


ACK, NACK = commands.Basic.Ack, commands.Basic.Nack


@pytest.fixture
async def publisher() -> tuple[TappedPublisher, TapProtocol, Link]:
    protocol, _ = protocol_over(Transport())
    link: Any = Link(protocol)
    options = SinkOptions.parse(
        {"rabbitmq.host": "h", "rabbitmq.exchange": "ex", "rabbitmq.routing.key": "key"}
    )
    out = TappedPublisher(link, options)
    protocol.on_blocked = out.wake
    return out, protocol, link


def send(publisher: TappedPublisher, *bodies: bytes, ids: Sequence[str] | None = None) -> Any:
    return asyncio.ensure_future(publisher.send(Messages(bodies, message_ids=ids)))


def indices(refusals: Any) -> list[tuple[int, bool]]:
    return [(refusal.index, refusal.transient) for refusal in refusals.result()]


Publishing = tuple[TappedPublisher, TapProtocol, Link]


async def test_answers_out_of_order_settle_batches_in_order(publisher: Publishing) -> None:
    out, protocol, _ = publisher
    one, two, three = send(out, b"a", b"b"), send(out, b"c"), send(out, b"d")
    await asyncio.sleep(0)
    protocol.data_received(answer(ACK(3), NACK(4)))
    await asyncio.sleep(0.01)
    assert not any(sent.done() for sent in (one, two, three))
    protocol.data_received(answer(ACK(2, multiple=True)))
    await asyncio.wait([one, two, three], timeout=5)
    assert (indices(one), indices(two), indices(three)) == ([], [], [(0, True)])


async def test_equal_messages_returned_are_refused_once_each(publisher: Publishing) -> None:
    out, protocol, _ = publisher
    one, two = send(out, b"x", b"", b"x"), send(out, b"x", b"y")
    await asyncio.sleep(0)
    protocol.data_received(
        answer(ACK(1)) + returned(b"x") + returned(b"") + returned(b"x") + answer(ACK(5, True))
    )
    await asyncio.wait([one, two], timeout=5)
    assert (indices(one), indices(two)) == ([(1, False), (2, False)], [(0, False)])


async def test_a_returned_message_is_found_by_its_id(publisher: Publishing) -> None:
    out, protocol, _ = publisher
    sent = send(out, b"x", b"x", b"x", ids=["a", "b", "c"])
    await asyncio.sleep(0)
    protocol.data_received(returned(b"x", "c") + returned(b"x", "a") + answer(ACK(3, True)))
    await asyncio.wait([sent], timeout=5)
    assert indices(sent) == [(0, False), (2, False)]


async def test_a_return_of_something_never_sent_ends_the_epoch(publisher: Publishing) -> None:
    out, protocol, link = publisher
    sent = send(out, b"x")
    await asyncio.sleep(0)
    protocol.data_received(returned(b"z"))
    assert link.ended is not None
    assert "returned a message that was not sent" in link.ended.reason
    with pytest.raises(Disconnected):
        await sent


async def test_a_returned_and_nacked_message_is_refused_once(publisher: Publishing) -> None:
    out, protocol, _ = publisher
    sent = send(out, b"x", b"y")
    await asyncio.sleep(0)
    protocol.data_received(returned(b"x") + answer(NACK(2, True)))
    await asyncio.wait([sent], timeout=5)
    assert indices(sent) == [(0, False), (1, True)]


async def test_a_blocked_publisher_writes_nothing(publisher: Publishing) -> None:
    out, protocol, link = publisher
    protocol.data_received(frame.marshal(commands.Connection.Blocked("low on disk"), 0))
    waiting = send(out, b"x")
    await asyncio.sleep(0.01)
    assert link.channel.write_queue.empty()
    protocol.data_received(frame.marshal(commands.Connection.Unblocked(), 0))
    await asyncio.sleep(0.01)
    assert link.channel.write_queue.qsize() == 1
    protocol.data_received(answer(ACK(1)))
    assert await waiting == []


async def test_the_end_of_the_link_reaches_every_send(publisher: Publishing) -> None:
    out, protocol, link = publisher
    done = send(out, b"x")
    large = send(out, b"y" * 600_000)
    waiting = send(out, b"z")
    await asyncio.sleep(0.01)
    link.end(Disconnected("the cable"))
    out.wake()
    for sent in (done, large, waiting):
        with pytest.raises(Disconnected, match="the cable"):
            await sent
    with pytest.raises(Disconnected):
        await out.send(Messages([b"later"]))
    assert protocol.blocked is None


@pytest.fixture
def seams_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "_seams_missing", [])


async def carry_one(broker: PrivateBroker, queue: str) -> bool:
    """Send a message to the queue and receive it; whether past the library."""
    place = {"rabbitmq.host": broker.host, "rabbitmq.port": str(broker.port)}
    source = RabbitSource(SourceOptions.parse({**place, "rabbitmq.queue": queue}), CONTEXT)
    sink_options = {**place, "rabbitmq.exchange": "", "rabbitmq.routing.key": queue}
    sink = RabbitSink(SinkOptions.parse(sink_options), CONTEXT)
    await source.open(None)
    await sink.open()
    tapped = source.fast, sink.fast
    assert await sink.send(SinkBatch([b"x"])) == []
    batch = await source.receive(ReceiveLimits())
    assert batch.payloads == [b"x"]
    source.settle(batch.token)
    await source.close()
    await sink.close()
    assert tapped[0] == tapped[1]
    return tapped[0]


@pytest.mark.broker
async def test_the_installed_library_fits(
    broker: PrivateBroker, queue: str, seams_forgotten: None, caplog: pytest.LogCaptureFixture
) -> None:
    assert await carry_one(broker, queue) is True
    assert caplog.records == []


@pytest.mark.broker
@pytest.mark.parametrize("missing", ["factory", "kwargs", "channel"])
async def test_a_library_that_does_not_fit_is_named_once_and_served_the_plain_way(
    broker: PrivateBroker,
    queue: str,
    seams_forgotten: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    missing: str,
) -> None:
    if missing == "factory":

        async def create(self: Any, url: Any, **kwargs: Any) -> Any:
            kwargs.pop("ssl_context_provider", None)
            return await asyncio.open_connection(url.host, url.port, **kwargs)

        monkeypatch.setattr(TapTransportFactory, "create", create)
        reason = "did not call the transport factory"
    elif missing == "kwargs":

        def refuse(*args: Any, **kwargs: Any) -> None:
            raise SeamMissing("aio_pika.Connection has no dict of connection arguments")

        monkeypatch.setattr("eventflux_rabbitmq.tap.TappedConnection.__init__", refuse)
        reason = "no dict of connection arguments"
    else:
        monkeypatch.setattr("eventflux_rabbitmq.tap.ChannelFrame", lambda payload: None)
        reason = "ChannelFrame is made differently"
    with caplog.at_level(logging.WARNING, "eventflux.rabbitmq"):
        assert await carry_one(broker, queue) is False
    [warning] = caplog.records
    assert reason in warning.getMessage()
    assert "aio-pika 10." in warning.getMessage()
    assert f"aiormq {aiormq.connection.__version__}" in warning.getMessage()


def test_a_channel_without_what_the_tap_uses_is_named() -> None:
    with pytest.raises(SeamMissing, match="no 'number' that is a int"):
        check_seams(object())


def test_an_address_shows_no_password() -> None:
    address = Address("h", 1, "/", "u", Secret("hunter2"), 10)
    assert "hunter2" not in f"{address!r} {address}"
