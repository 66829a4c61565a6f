"""Waiting messages, and which delivery tags may be acknowledged."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from eventflux_rabbitmq.inbox import Inbox, Ledger


def filled(*sizes: int) -> Inbox:
    inbox = Inbox()
    for size in sizes:
        inbox.add(b"x" * size)
    return inbox


def test_all_that_waits_is_taken_when_it_is_within_the_limits() -> None:
    inbox = filled(1, 2, 3)
    assert inbox.take(10, 100) == (1, [b"x", b"xx", b"xxx"])
    assert (inbox.bodies, inbox.bytes, inbox.first_tag, inbox.next_tag) == ([], 0, 4, 4)


def test_a_message_larger_than_the_limit_comes_alone() -> None:
    inbox = filled(50, 1, 1)
    assert inbox.take(10, 10) == (1, [b"x" * 50])
    assert inbox.take(10, 10) == (2, [b"x", b"x"])


@given(st.lists(st.integers(0, 30)), st.integers(1, 5), st.integers(0, 60))
def test_taking_within_limits_loses_and_reorders_nothing(
    sizes: list[int], messages: int, size: int
) -> None:
    inbox = Inbox()
    expected = [bytes([index % 251]) * length for index, length in enumerate(sizes)]
    for body in expected:
        inbox.add(body)
    taken: list[bytes] = []
    while inbox.bodies:
        first, bodies = inbox.take(messages, size)
        assert first == len(taken) + 1
        assert 1 <= len(bodies) <= messages
        assert len(bodies) == 1 or sum(map(len, bodies)) <= size
        taken += bodies
    assert taken == expected
    assert inbox.bytes == 0


class Broker:
    """Applies acknowledgements and rejections as RabbitMQ does."""

    def __init__(self, delivered: int) -> None:
        self.unacknowledged = list(range(1, delivered + 1))
        self.acknowledged: list[int] = []

    def reject(self, tags: list[int]) -> None:
        for tag in tags:
            self.unacknowledged.remove(tag)

    def acknowledge_up_to(self, tag: int) -> None:
        assert tag in self.unacknowledged, "RabbitMQ closes the channel: unknown delivery tag"
        self.acknowledged += [t for t in self.unacknowledged if t <= tag]
        self.unacknowledged = [t for t in self.unacknowledged if t > tag]


@given(st.data())
def test_any_order_of_settling_acknowledges_each_message_once(data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(1, 5), min_size=1, max_size=8))
    ledger, broker = Ledger(), Broker(sum(sizes))
    first, batches, rejected_tags = 1, [], set()
    for size in sizes:
        batches.append(ledger.hand_out(first, size))
        first += size
    settled: set[int] = set()
    for batch in data.draw(st.permutations(batches)):
        rejected = data.draw(st.lists(st.integers(0, batch.count - 1), unique=True))
        tags = ledger.settle(batch, rejected)
        assert tags == sorted(batch.first + index for index in rejected)
        assert ledger.settle(batch, [0]) == [], "settling again changes nothing"
        broker.reject(tags)
        rejected_tags |= set(tags)
        settled |= set(range(batch.first, batch.first + batch.count))
        if data.draw(st.booleans()):
            tag = ledger.take_acknowledgeable()
            if tag:
                broker.acknowledge_up_to(tag)
            assert set(broker.acknowledged) <= settled, "nothing unsettled is acknowledged"
    tag = ledger.take_acknowledgeable()
    if tag:
        broker.acknowledge_up_to(tag)
    assert sorted(broker.acknowledged) == sorted(settled - rejected_tags)
    assert broker.unacknowledged == []
    assert ledger.unsettled == 0
