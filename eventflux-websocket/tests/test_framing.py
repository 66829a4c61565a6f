"""Reading and writing messages in bulk agrees with the library, however bytes are cut."""

from __future__ import annotations

import itertools
import tracemalloc
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side, State

from eventflux_websocket.framing import (
    BINARY,
    TEXT,
    MessageReader,
    client_frames,
    is_utf8,
    not_utf8,
    server_frames,
)

LIMIT = 70_000
LENGTHS = st.sampled_from([0, 1, 5, 125, 126, 127, 300, 65_535, 65_536])
MESSAGES = st.lists(st.tuples(LENGTHS, st.booleans(), st.integers(1, 3)), max_size=6)
"""Length, whether it is a text, and of how many fragments."""


def payload_of(number: int, length: int) -> bytes:
    return (f"{number}:" + "ü" * length).encode()[: length + 1].decode(errors="ignore").encode()


def frames_of(payload: bytes, text: bool, fragments: int, mask: bool) -> bytes:
    """A message as the library writes it, with a ping among its fragments."""
    size = -(-len(payload) // fragments) or 1
    parts = [payload[at : at + size] for at in range(0, len(payload), size)] or [b""]
    opcodes = [Opcode.TEXT if text else Opcode.BINARY, *[Opcode.CONT] * (len(parts) - 1)]
    written = []
    for number, (opcode, part) in enumerate(zip(opcodes, parts, strict=True)):
        written.append(Frame(opcode, part, number == len(parts) - 1).serialize(mask=mask))
        if fragments > 2:
            written.append(Frame(Opcode.PING, b"?").serialize(mask=mask))
    return b"".join(written)


def cut(data: bytes, at: Sequence[int]) -> list[bytes]:
    places = sorted({0, *(place % (len(data) + 1) for place in at), len(data)})
    return [data[a:b] for a, b in itertools.pairwise(places)]


@given(MESSAGES, st.lists(st.integers(0, 10**6), max_size=8), st.sampled_from(list(Side)))
def test_what_the_library_writes_is_read_however_it_is_cut(
    messages: list[tuple[int, bool, int]], places: list[int], side: Side
) -> None:
    expected = [(payload_of(n, length), text) for n, (length, text, _) in enumerate(messages)]
    mask = side is Side.SERVER
    data = b"".join(
        frames_of(payload, text, fragments, mask)
        for (payload, text), (_, _, fragments) in zip(expected, messages, strict=True)
    )
    protocol = Protocol(side, max_size=2 * LIMIT)
    reader = MessageReader(protocol)
    for part in cut(data, places):
        reader.feed(part)
    assert list(zip(reader.payloads, reader.texts, strict=True)) == expected
    assert protocol.state is State.OPEN
    assert not reader.in_message


@given(st.lists(LENGTHS, max_size=6), st.booleans(), st.booleans())
def test_the_library_reads_what_is_written(lengths: list[int], text: bool, client: bool) -> None:
    payloads = [payload_of(number, length) for number, length in enumerate(lengths)]
    protocol = Protocol(Side.SERVER if client else Side.CLIENT, max_size=None)
    write = client_frames if client else server_frames
    protocol.receive_data(write(payloads, TEXT if text else BINARY))
    frames = protocol.events_received()
    assert [bytes(frame.data) for frame in frames if isinstance(frame, Frame)] == payloads
    kinds = {frame.opcode for frame in frames if isinstance(frame, Frame)}
    assert kinds <= {Opcode.TEXT if text else Opcode.BINARY}


FRAMES = st.builds(
    lambda head, mask, payload: bytes((head, mask << 7 | len(payload))) + payload,
    st.one_of(
        st.sampled_from([0x81, 0x82, 0x01, 0x02, 0x80, 0x00, 0x89, 0x8A, 0x88]), st.integers(0, 255)
    ),
    st.sampled_from([0, 0, 0, 1]),
    st.one_of(
        st.binary(max_size=8), st.sampled_from([b"\x03\xe8", b"\x03\xe8bye", "ü".encode(), b"\xc3"])
    ),
)


def by_the_library(data: bytes) -> tuple[list[bytes], int | None]:
    """The messages in ``data``, and the code of the closing that they end with, if they do."""
    protocol = Protocol(Side.CLIENT)
    messages: list[bytes] = []
    parts: list[Frame] = []
    for at in range(len(data)):
        protocol.receive_data(data[at : at + 1])
        for frame in protocol.events_received():
            assert isinstance(frame, Frame)
            if frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                parts.append(frame)
                if frame.fin:
                    message = b"".join(part.data for part in parts)
                    if parts[0].opcode is Opcode.TEXT and not is_utf8(message):
                        return messages, 1007
                    messages.append(message)
                    parts = []
    sent = protocol.close_sent
    return messages, None if sent is None else int(sent.code)


@given(
    st.lists(FRAMES, max_size=6), st.binary(max_size=4), st.lists(st.integers(0, 99), max_size=4)
)
def test_any_bytes_are_read_as_the_library_reads_them(
    frames: list[bytes], rest: bytes, places: list[int]
) -> None:
    data = b"".join(frames) + rest
    protocol = Protocol(Side.CLIENT)
    reader = MessageReader(protocol)
    for part in cut(data, places):
        reader.feed(part)
    sent = protocol.close_sent
    read = reader.payloads, None if sent is None else int(sent.code)
    assert read == by_the_library(data)


def closed_by(data: bytes, *, cut_at: int | None = None) -> tuple[int, MessageReader]:
    """The code that a client closes with on ``data``."""
    protocol = Protocol(Side.CLIENT, max_size=1000)
    reader = MessageReader(protocol)
    for part in cut(data, [] if cut_at is None else [cut_at]):
        reader.feed(part)
    assert protocol.close_sent is not None
    return protocol.close_sent.code, reader


GOOD = server_frames([b"good"], TEXT)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (Frame(Opcode.TEXT, b"masked").serialize(mask=True), 1002),
        (b"\xc1\x00", 1002),
        (b"\x83\x00", 1002),
        (Frame(Opcode.CONT, b"of nothing").serialize(mask=False), 1002),
        (Frame(Opcode.TEXT, b"begin", False).serialize(mask=False) + GOOD, 1002),
        (b"\x82\x7f" + (100 * 2**20).to_bytes(8, "big"), 1009),
        (b"\x82\x7e" + (1001).to_bytes(2, "big"), 1009),
        (server_frames([b"\xff"], TEXT), 1007),
        (server_frames(["ü".encode()[:1]], TEXT), 1007),
    ],
    ids=[
        "masked",
        "reserved bit",
        "unknown opcode",
        "continuation of nothing",
        "message within a message",
        "64-bit length",
        "16-bit length",
        "no UTF-8",
        "half a character",
    ],
)
@pytest.mark.parametrize("cut_at", [None, 1, len(GOOD), len(GOOD) + 1])
def test_what_breaks_the_protocol_closes_and_what_came_before_it_is_kept(
    data: bytes, code: int, cut_at: int | None
) -> None:
    closed_with, reader = closed_by(GOOD + data + GOOD, cut_at=cut_at)
    assert closed_with == code
    assert reader.payloads == [b"good"]
    assert reader.broken_text == (code == 1007)


def test_a_huge_frame_is_refused_by_its_header_and_never_held() -> None:
    protocol = Protocol(Side.CLIENT, max_size=1000)
    reader = MessageReader(protocol)
    reader.feed(b"\x82\x7f" + (100 * 2**20).to_bytes(8, "big"))
    for _ in range(100):
        reader.feed(bytes(2**20))
    assert not reader.in_message
    assert len(protocol.reader.buffer) == 0


def test_fragments_take_no_more_memory_than_their_bytes() -> None:
    protocol = Protocol(Side.SERVER, state=State.OPEN, max_size=LIMIT)
    reader = MessageReader(protocol)
    reader.feed(Frame(Opcode.BINARY, b"a", False).serialize(mask=True))
    empty = Frame(Opcode.CONT, b"", False).serialize(mask=True) * 1000
    reader.feed(empty)
    tracemalloc.start()
    for _ in range(20):
        reader.feed(empty)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 20_000
    reader.feed(Frame(Opcode.CONT, b"z", True).serialize(mask=True))
    assert (reader.payloads, reader.texts) == ([b"az"], [False])


def test_compressed_messages_are_read_by_the_library() -> None:
    protocol, sender = (Protocol(side) for side in (Side.CLIENT, Side.SERVER))
    for each in (protocol, sender):
        each.extensions = [PerMessageDeflate(False, False, 15, 15)]
    reader = MessageReader(protocol)
    for payload in (b"a" * 1000, b"b" * 1000):
        sender.send_text(payload)
    data = b"".join(sender.data_to_send())
    assert len(data) < 100
    reader.feed(data)
    assert reader.payloads == [b"a" * 1000, b"b" * 1000]


def test_compressed_messages_that_hold_very_much_are_read_by_and_by() -> None:
    protocol, sender = (Protocol(side, max_size=None) for side in (Side.CLIENT, Side.SERVER))
    for each in (protocol, sender):
        each.extensions = [PerMessageDeflate(False, False, 15, 15)]
    for _ in range(64):
        sender.send_binary(bytes(2**20))
    data = b"".join(sender.data_to_send())
    assert len(data) < 128 * 1024
    reader = MessageReader(protocol)
    reader.feed(data)
    count = 0
    while reader.payloads:
        assert len(reader.payloads) <= 8
        count += len(reader.payloads)
        reader.payloads, reader.texts = [], []
        reader.feed(b"")
    assert count == 64
    assert not reader.held


def test_only_broken_texts_are_found() -> None:
    assert not_utf8([b"", b"abc", "ü".encode()]) == []
    assert not_utf8([b"\xff", "ü".encode(), b"\xc3"]) == [0, 2]
    assert not_utf8(["ü".encode()[:1], "ü".encode()[1:]]) == [0, 1]
