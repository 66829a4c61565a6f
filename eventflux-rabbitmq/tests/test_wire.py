"""The bulk reader and writer of frames against the client library's own codec."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pamqp import commands, frame
from pamqp.body import ContentBody
from pamqp.header import ContentHeader
from pamqp.heartbeat import Heartbeat

from eventflux_rabbitmq.confirms import Confirms, Returned
from eventflux_rabbitmq.deliveries import Deliveries
from eventflux_rabbitmq.envelope import Envelope
from eventflux_rabbitmq.frames import ProtocolError, acknowledge, reject
from eventflux_rabbitmq.inbox import Inbox
from eventflux_rabbitmq.outgoing import Messages, Publisher

FRAME_MAX = 256
"""Small, so that bodies of several frames are common; the real one is 128 KiB."""
BODY_MAX = FRAME_MAX - 8
CHANNEL, OTHER_CHANNEL = 3, 0x0301

short_texts = st.text(max_size=20).filter(lambda text: len(text.encode()) <= 255)
bodies = st.one_of(
    st.binary(max_size=12),
    st.sampled_from([BODY_MAX - 1, BODY_MAX, BODY_MAX + 1, 2 * BODY_MAX, 2 * BODY_MAX + 1]).map(
        lambda size: b"\xce" * size
    ),
    st.binary(min_size=20, max_size=600),
)
properties = st.builds(
    commands.Basic.Properties,
    content_type=st.none() | short_texts.filter(bool),
    headers=st.none()
    | st.dictionaries(
        st.text("abc", min_size=1, max_size=5),
        st.one_of(
            st.integers(0, 100),
            st.text(max_size=10),
            st.dictionaries(st.text("xyz", min_size=1, max_size=3), st.booleans(), max_size=2),
        ),
        max_size=3,
    ),
    message_id=st.none() | short_texts.filter(bool),
    delivery_mode=st.sampled_from([1, 2]),
)


def content(method: Any, body: bytes, props: Any, channel: int = CHANNEL) -> list[bytes]:
    """The frames of one message, as the library writes them."""
    frames = [method, ContentHeader(body_size=len(body), properties=props)]
    frames += [
        ContentBody(body[start : start + BODY_MAX]) for start in range(0, len(body), BODY_MAX)
    ]
    return [frame.marshal(part, channel) for part in frames]


@dataclass
class Stream:
    """Frames of a tapped channel among those of others."""

    frames: list[tuple[bool, bytes]]
    """Whether a frame is for the tap, and its bytes."""

    @property
    def all(self) -> bytes:
        return b"".join(data for _, data in self.frames)

    @property
    def foreign(self) -> bytes:
        return b"".join(data for tapped, data in self.frames if not tapped)


foreign_frames = st.one_of(
    st.just(frame.marshal(Heartbeat(), 0)),
    st.just(frame.marshal(commands.Basic.QosOk(), CHANNEL)),
    st.builds(
        lambda tag: frame.marshal(commands.Basic.Cancel(consumer_tag=tag), CHANNEL), short_texts
    ),
    st.builds(
        lambda body: b"".join(
            content(
                commands.Basic.Deliver("other", 1, False, "", "key"),
                body,
                commands.Basic.Properties(),
                OTHER_CHANNEL,
            )
        ),
        st.binary(max_size=40),
    ),
)


@st.composite
def interleaved(draw: st.DrawFn, messages: Sequence[Sequence[bytes]]) -> Stream:
    """The messages' frames in order, frames of others between any two.

    Within a message only frames of other channels may come.
    """
    frames: list[tuple[bool, bytes]] = []
    others = [frame.marshal(Heartbeat(), 0)]
    for message in messages:
        if draw(st.integers(0, 3)) == 0:
            frames.append((False, draw(foreign_frames)))
        for position, part in enumerate(message):
            if position and draw(st.integers(0, 5)) == 0:
                frames.append((False, draw(st.sampled_from(others))))
            frames.append((True, part))
    if draw(st.booleans()):
        frames.append((False, draw(foreign_frames)))
    return Stream(frames)


def run(tap: Any, pieces: Sequence[bytes]) -> bytes:
    """Feed a tap as the protocol does; what it leaves over."""
    left, tail = b"", b""
    for piece in pieces:
        data, position = tail + piece, 0
        while len(data) - position >= 8:
            after = tap.feed(data, position, len(data))
            if after == position:
                after = position + 8 + int.from_bytes(data[position + 3 : position + 7], "big")
                if after > len(data):
                    break
                left += data[position:after]
            position = after
        tail = data[position:]
    assert tail == b"", "a complete stream must leave nothing half-read"
    return left


def cut(data: bytes, positions: Sequence[int]) -> list[bytes]:
    places = sorted({position % (len(data) + 1) for position in positions})
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


cuts = st.lists(st.integers(0, 10_000), max_size=12)


Sent = list[tuple[bytes, Any, str]]
"""Bodies, properties and routing keys."""


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[Sent, Stream]:
    tag = draw(st.sampled_from(["eventflux-1", "", "t" * 255]) | short_texts)
    sent = draw(st.lists(st.tuples(bodies, properties, short_texts), max_size=8))
    messages = [
        content(commands.Basic.Deliver(tag, number, number % 2 == 0, "ex", key), body, props)
        for number, (body, props, key) in enumerate(sent, 1)
    ]
    return sent, draw(interleaved(messages))


@given(deliveries(), cuts, st.booleans())
@settings(max_examples=300, deadline=None)
def test_deliveries_cut_anywhere_are_the_bodies_sent(
    given_stream: tuple[Sent, Stream], positions: list[int], note_all: bool
) -> None:
    sent, stream = given_stream
    expected = [body for body, _, _ in sent]
    inbox = Inbox()
    left = run(Deliveries(CHANNEL, inbox, note_all=note_all), cut(stream.all, positions))
    assert inbox.bodies == expected
    assert left == stream.foreign
    assert inbox.next_tag == len(expected) + 1
    assert inbox.bytes == sum(map(len, expected)) + 64 * len(expected)
    for number, (_, props, key) in enumerate(sent, 1):
        again = number % 2 == 0
        note = inbox.notes.get(number)
        assert (note is not None) == (note_all or again or props.headers is not None)
        if note is not None:
            envelope = Envelope.of(note)
            place = (envelope.redelivered, envelope.exchange, envelope.routing_key)
            assert place == (again, "ex", key)
            for name in ("content_type", "headers", "message_id", "delivery_mode"):
                assert getattr(envelope.properties, name) == getattr(props, name)


@pytest.mark.parametrize(
    "size", [0, 1, 2, 12, BODY_MAX - 1, BODY_MAX, BODY_MAX + 1, 2 * BODY_MAX + 1]
)
def test_deliveries_cut_at_every_single_byte(size: int) -> None:
    body = bytes(range(256)) * 3
    expected = [body[:size], b"after"]
    data = b"".join(
        part
        for number, text in enumerate(expected, 1)
        for part in content(
            commands.Basic.Deliver("tag", number, False, "", "key"),
            text,
            commands.Basic.Properties(headers={"a": {"b": 1}}),
        )
    )
    for place in range(len(data) + 1):
        inbox = Inbox()
        assert run(Deliveries(CHANNEL, inbox), [data[:place], data[place:]]) == b""
        assert inbox.bodies == expected
    inbox = Inbox()
    run(Deliveries(CHANNEL, inbox), [data[i : i + 1] for i in range(len(data))])
    assert inbox.bodies == expected


def test_a_delivery_tag_out_of_order_is_refused() -> None:
    data = b"".join(
        content(commands.Basic.Deliver("tag", 2, False, "", ""), b"x", commands.Basic.Properties())
    )
    with pytest.raises(ProtocolError, match="expected delivery tag 1, got 2"):
        Deliveries(CHANNEL, Inbox()).feed(data, 0, len(data))


def test_a_frame_with_a_wrong_end_is_refused() -> None:
    data = b"".join(
        content(commands.Basic.Deliver("tag", 1, False, "", ""), b"x", commands.Basic.Properties())
    )
    with pytest.raises(ProtocolError, match="does not end"):
        Deliveries(CHANNEL, Inbox()).feed(data[:-1] + b"\x00", 0, len(data))


class Model:
    """Confirms kept the plain way: a set of answered numbers."""

    def __init__(self, published: int) -> None:
        self.open = set(range(1, published + 1))
        self.nacked: set[int] = set()
        self.published = published

    def settle(self, number: int, *, multiple: bool, nack: bool) -> None:
        hit = {n for n in self.open if n == number or (multiple and n <= number)}
        self.open -= hit
        if nack:
            self.nacked |= hit

    @property
    def low(self) -> int:
        return min(self.open, default=self.published + 1) - 1


answers = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["ack", "nack"]), st.integers(1, 30), st.booleans()),
        st.tuples(st.just("return"), bodies, properties),
    ),
    max_size=25,
)


@given(answers, cuts, st.data())
@settings(max_examples=300, deadline=None)
def test_confirms_cut_anywhere_agree_with_a_plain_model(
    script: list[tuple[str, Any, Any]], positions: list[int], data: st.DataObject
) -> None:
    model, messages, returns = Model(30), [], []
    for kind, first, second in script:
        if kind == "return":
            back = commands.Basic.Return(312, "NO_ROUTE", "ex", "a key")
            messages.append(content(back, first, second))
            returns.append(Returned(312, "NO_ROUTE", "ex", "a key", second.message_id, first))
        else:
            method = (commands.Basic.Ack if kind == "ack" else commands.Basic.Nack)(first, second)
            messages.append([frame.marshal(method, CHANNEL)])
            model.settle(first, multiple=second, nack=kind == "nack")
    stream = data.draw(interleaved(messages))
    seen: list[Returned] = []
    confirms = Confirms(CHANNEL, seen.append)
    left = run(confirms, cut(stream.all, positions))
    assert left == stream.foreign
    assert seen == returns
    assert confirms.low == model.low
    assert confirms.nacked == model.nacked
    assert [confirms.answered(n) for n in range(1, 31)] == [
        n not in model.open for n in range(1, 31)
    ]


def decode(data: bytes) -> list[tuple[int, Any]]:
    """All frames of ``data`` as the library reads them, with their channels."""
    frames = []
    while data:
        size, channel, decoded = frame.unmarshal(data)
        frames.append((channel, decoded))
        data = data[size:]
    return frames


@given(
    sent=st.lists(bodies, max_size=12),
    each=st.sampled_from(["", "keys", "properties", "both"]),
    ids=st.none() | st.just("fixed") | st.just("free"),
    exchange=st.text("aZ0-_.:@#,/+ ", max_size=127),
    key=short_texts,
    mandatory=st.booleans(),
    persistent=st.booleans(),
    content_type=st.none() | short_texts.filter(bool),
    data=st.data(),
)
@settings(max_examples=200, deadline=None)
@example(
    sent=[b"", b"x" * BODY_MAX, b"x" * (BODY_MAX + 1)],
    each="",
    ids=None,
    exchange="",
    key="",
    mandatory=True,
    persistent=True,
    content_type=None,
    data=None,
)
def test_what_is_published_decodes_to_what_was_meant(
    sent: list[bytes],
    each: str,
    ids: str | None,
    exchange: str,
    key: str,
    mandatory: bool,
    persistent: bool,
    content_type: str | None,
    data: st.DataObject | None,
) -> None:
    shared: dict[str, Any] = {"delivery_mode": 2 if persistent else 1}
    if content_type is not None:
        shared["content_type"] = content_type
    publisher = Publisher(
        CHANNEL,
        FRAME_MAX,
        exchange=exchange,
        routing_key=key,
        mandatory=mandatory,
        properties=shared,
    )
    message_ids: list[str] | None = None
    if ids == "fixed":
        message_ids = [f"{number:08d}" for number in range(len(sent))]
    elif ids == "free" and data is not None:
        texts = short_texts.filter(bool)
        message_ids = data.draw(st.lists(texts, min_size=len(sent), max_size=len(sent)))
    messages = Messages(sent, message_ids)
    if each in ("keys", "both"):
        messages.keys = [f"key.{index % 3}" for index in range(len(sent))]
    if each in ("properties", "both"):
        messages.properties = [
            {**shared, "headers": {"n": index}, "priority": 5} if index % 2 else None
            for index in range(len(sent))
        ]
    for _ in range(2):  # the second time from the caches
        frames = iter(decode(b"".join(publisher.marshal(messages))))
        for index, body in enumerate(sent):
            channel, method = next(frames)
            assert isinstance(method, commands.Basic.Publish)
            assert channel == CHANNEL
            own_key = messages.keys[index] if messages.keys else key
            assert (method.exchange, method.routing_key) == (exchange, own_key)
            assert (method.mandatory, method.immediate) == (mandatory, False)
            _, header = next(frames)
            assert header.body_size == len(body)
            assert header.properties.content_type == content_type
            has_own = bool(messages.properties and messages.properties[index])
            assert header.properties.headers == ({"n": index} if has_own else None)
            assert header.properties.priority == (5 if has_own else None)
            assert header.properties.delivery_mode == (2 if persistent else 1)
            assert header.properties.message_id == (message_ids and message_ids[index])
            received = b""
            while len(received) < len(body):
                _, part = next(frames)
                assert len(part.value) <= BODY_MAX
                received += part.value
            assert received == body
        assert next(frames, None) is None


def test_a_large_batch_is_cut_between_messages() -> None:
    publisher = Publisher(
        1,
        131_072,
        exchange="e",
        routing_key="k",
        mandatory=False,
        properties={},
    )
    for keys in (None, ["key"] * 100):
        pieces = publisher.marshal(Messages([b"x" * 10_000] * 100, keys=keys))
        assert len(pieces) == 4
        assert max(map(len, pieces)) < 256 * 1024 + 20_000
        assert len(decode(b"".join(pieces))) == 300


@given(st.integers(1, 2**63 - 1), st.lists(st.integers(1, 2**63 - 1), max_size=5), st.booleans())
def test_settlements_decode_to_what_was_meant(tag: int, tags: list[int], requeue: bool) -> None:
    [(channel, ack)] = decode(acknowledge(7, tag))
    assert (channel, ack.name, ack.delivery_tag, ack.multiple) == (7, "Basic.Ack", tag, True)
    rejections = decode(reject(7, tags, requeue=requeue))
    assert [r.delivery_tag for _, r in rejections] == tags
    assert all(r.name == "Basic.Reject" and r.requeue is requeue for _, r in rejections)
