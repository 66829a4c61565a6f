"""The inbox: order, bounds, pausing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from eventflux_websocket.inbox import Arrival, Inbox

PUTS = st.lists(st.lists(st.integers(0, 9), max_size=8), max_size=12)
NOW = Arrival(0)


@given(PUTS, st.integers(1, 6), st.integers(1, 30), st.data())
def test_messages_come_out_in_order_within_the_limits(
    puts: list[list[int]], messages: int, size: int, data: st.DataObject
) -> None:
    inbox = Inbox(5, 20)
    expected: list[tuple[bytes, bool, Arrival]] = []
    got: list[tuple[bytes, bool, Arrival]] = []

    def take() -> None:
        taken = inbox.take(messages, size)
        assert 1 <= len(taken.payloads) <= messages
        assert len(taken.payloads) == 1 or sum(map(len, taken.payloads)) <= size
        got.extend(zip(taken.payloads, taken.texts, taken.arrivals, strict=True))

    for time, lengths in enumerate(puts):
        arrival = Arrival(time)
        payloads = [bytes([time]) * length for length in lengths]
        texts = [length % 2 == 0 for length in lengths]
        inbox.put(payloads, texts, arrival)
        expected += zip(payloads, texts, [arrival] * len(payloads), strict=True)
        assert len(inbox) + len(got) == len(expected)
        if inbox and data.draw(st.booleans()):
            take()
    while inbox:
        take()
    assert got == expected
    assert inbox.bytes == 0


def test_it_pauses_when_full_and_goes_on_when_half_is_taken() -> None:
    told: list[bool] = []
    inbox = Inbox(4, 1000, told.append)
    inbox.put([b"x"] * 4, [True] * 4, NOW)
    assert told == []
    inbox.put([b"x"], [True], NOW)
    assert told == [True]
    inbox.take(2, 1000)
    assert told == [True]
    inbox.take(1, 1000)
    assert told == [True, False]


def test_it_pauses_by_bytes_too() -> None:
    told: list[bool] = []
    inbox = Inbox(1000, 10, told.append)
    inbox.put([b"x" * 11], [True], NOW)
    assert told == [True]
    inbox.take(1000, 1)
    assert told == [True, False]


def test_an_inbox_that_is_never_empty_does_not_grow() -> None:
    inbox = Inbox(10, 1000)
    inbox.put([b"x"] * 5, [True] * 5, NOW)
    for _ in range(1000):
        inbox.put([b"x"], [True], NOW)
        inbox.take(1, 1000)
    assert len(inbox) == 5
    assert len(inbox._payloads) <= 12
