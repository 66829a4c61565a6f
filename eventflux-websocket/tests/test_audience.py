"""Messages to many clients: what each gets, however the network takes it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame
from websockets.protocol import Protocol, Side, State
from websockets.uri import WebSocketURI

from eventflux.spi import Disconnected
from eventflux_websocket.audience import Audience
from eventflux_websocket.broadcast import PIECE_BYTES, Broadcast
from eventflux_websocket.framing import BINARY, TEXT, server_frames
from eventflux_websocket.recent import Recent

MESSAGES = st.lists(st.binary(max_size=40), max_size=30)
BATCHES = st.lists(MESSAGES.filter(bool), max_size=10)


class Line:
    """A client's line over a network that takes everything, or a write whenever it is told to."""

    def __init__(self, swift: bool) -> None:
        self._swift = swift
        self.protocol = Protocol(Side.SERVER)
        self.peer = "client x"
        self.clear = True
        self.written: list[bytes] = []
        self.on_clear: Any = None
        self.closed: tuple[int, str] | None = None
        self.on_end: Any = None

    def write(self, frames: bytes) -> None:
        assert self.clear
        self.written.append(frames)
        self.clear = self._swift

    def takes(self) -> None:
        """The network takes what was written."""
        self.clear = True
        self.on_clear()

    def begin_close(self, why: Disconnected, code: int, reason: str) -> None:
        self.closed = code, reason
        self.on_end()

    def got(self) -> list[bytes]:
        """The messages that were written."""
        reader = ClientProtocol(WebSocketURI(False, "x", 1, "/", ""), state=State.OPEN)
        reader.receive_data(b"".join(self.written))
        return [bytes(frame.data) for frame in reader.events_received() if isinstance(frame, Frame)]


def audience_of(policy: Any, messages: int, size: int = 10**6, recent: int = 0) -> Audience:
    return Audience(BINARY, policy, messages, size, recent)


def joined(audience: Audience, *, swift: bool = False) -> Line:
    line: Any = Line(swift)
    line.on_end = lambda: audience.leave(line)
    audience.join(line)
    return line  # type: ignore[no-any-return]


@given(BATCHES, st.lists(st.booleans()), st.sampled_from(["wait", "drop-oldest"]))
def test_who_stays_gets_all_or_counts_what_it_lost(
    batches: list[list[bytes]], takes: list[bool], policy: str
) -> None:
    audience = audience_of(policy, 8)
    fast, slow = joined(audience, swift=True), joined(audience)
    sent: list[bytes] = []
    turns = iter(takes)
    for number, batch in enumerate(batches):
        payloads = [b"%d:%d" % (number, at) + payload for at, payload in enumerate(batch)]
        sent += payloads
        audience.send(payloads)
        if next(turns, False) and not slow.clear:
            slow.takes()
        if policy == "drop-oldest":
            assert audience.waiting <= 8
    while not slow.clear:
        slow.takes()
    assert fast.got() == sent
    got = slow.got()
    assert [payload for payload in sent if payload in set(got)] == got
    assert len(got) + audience.dropped == len(sent)
    assert got[-1:] == sent[-1:]
    assert audience.behind == audience.waiting == 0
    if policy == "wait":
        assert got == sent


def test_all_clients_are_written_the_same_bytes_and_no_copies() -> None:
    audience = audience_of("wait", 1000)
    clients = [joined(audience, swift=True) for _ in range(3)]
    audience.send([b"x" * 100] * 700)
    first = clients[0].written
    assert len(first) > 1
    for client in clients[1:]:
        assert all(one is other for one, other in zip(first, client.written, strict=True))


def test_who_falls_behind_is_sent_away_and_what_waited_for_it_is_counted() -> None:
    audience = audience_of("disconnect", 3)
    good, bad = joined(audience, swift=True), joined(audience)
    for number in range(6):
        audience.send([b"%d" % number])
    assert bad.closed == (1013, "too slow: 4 messages wait")
    assert (audience.disconnected, audience.dropped, len(audience)) == (1, 4, 1)
    assert good.closed is None
    assert good.got() == [b"%d" % number for number in range(6)]


def test_too_many_bytes_are_too_much() -> None:
    audience = audience_of("disconnect", 100, size=50)
    slow = joined(audience)
    for _ in range(3):
        audience.send([b"x" * 30])
    assert slow.closed == (1013, "too slow: 2 messages wait")


def test_who_waits_is_told_by_those_that_go() -> None:
    audience = audience_of("wait", 1)
    slow = joined(audience)
    audience.send([b"1", b"2", b"3"])
    assert audience.behind == 1
    audience.leave(slow)  # type: ignore[arg-type]
    assert audience.behind == 0
    assert audience.dropped == 2


@given(MESSAGES, st.integers(1, 10))
def test_pieces_hold_all_messages_in_order(payloads: list[bytes], most: int) -> None:
    pieces = Broadcast(payloads, TEXT, most).pieces(None)
    assert b"".join(piece.frames for piece in pieces) == server_frames(payloads, TEXT)
    assert sum(piece.messages for piece in pieces) == len(payloads)
    assert all(piece.messages <= most for piece in pieces)


def test_a_piece_is_small_but_for_one_message() -> None:
    sizes = [10, PIECE_BYTES, 30_000, 30_000, 30_000, 3 * PIECE_BYTES, 1]
    pieces = Broadcast([bytes(size) for size in sizes], BINARY, 100).pieces(None)
    assert [piece.messages for piece in pieces] == [1, 1, 2, 1, 1, 1]


@pytest.mark.parametrize("window", [9, 12, 15])
def test_compressed_pieces_can_be_read_by_whoever_comes_late(window: int) -> None:
    payloads = [b"again and again " * 50, b"again and again " * 60]
    broadcast = Broadcast(payloads, TEXT, 1)
    first, second = broadcast.pieces(window)
    assert len(first.frames) < 100
    assert broadcast.pieces(window)[0] is first
    for piece, payload in ((second, payloads[1]), (first, payloads[0])):
        reader = ClientProtocol(WebSocketURI(False, "x", 1, "/", ""), state=State.OPEN)
        reader.extensions = [PerMessageDeflate(True, True, window, 15)]
        reader.receive_data(piece.frames)
        [frame] = reader.events_received()
        assert isinstance(frame, Frame)
        assert bytes(frame.data) == payload


@given(BATCHES, st.integers(1, 20), st.integers(1, 200))
def test_recent_messages_are_the_newest_that_fit(
    batches: list[list[bytes]], messages: int, size: int
) -> None:
    recent = Recent(messages, size)
    for batch in batches:
        recent.add(batch)
    everything = [payload for batch in batches for payload in batch]
    kept = list(recent.payloads)
    assert kept == everything[len(everything) - len(kept) :]
    assert len(kept) <= messages
    assert sum(map(len, kept)) <= size
    if len(kept) < min(messages, len(everything)):
        longer = everything[len(everything) - len(kept) - 1 :]
        assert sum(map(len, longer)) > size
