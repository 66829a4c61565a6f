"""What a consumer holds between the broker and the engine; pure data, no I/O.

Delivery tags of a channel with one consumer are consecutive. So nothing is kept per
message: waiting bodies are a list with the tag of the first, and a batch handed out is a
range of tags.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventflux_rabbitmq.envelope import Note

MESSAGE_OVERHEAD = 64
"""Bytes counted for a waiting message beside its body."""


class Inbox:
    """Bodies that have arrived and that nobody has taken yet."""

    __slots__ = ("bodies", "bytes", "first_tag", "notes")

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.notes: dict[int, Note] = {}
        """By tag, what came with a body where it may matter."""
        self.bytes = 0
        """Their size, overhead included."""
        self.first_tag = 1
        """The delivery tag of the first of them, or of the next to come."""

    @property
    def next_tag(self) -> int:
        """The delivery tag that the next message must have."""
        return self.first_tag + len(self.bodies)

    def add(self, body: bytes) -> None:
        self.bodies.append(body)
        self.bytes += len(body) + MESSAGE_OVERHEAD

    def take(self, messages: int, size: int) -> tuple[int, list[bytes]]:
        """Take the oldest, at most so many and so many bytes, but at least one.

        Returns:
            the delivery tag of the first, and the bodies.
        """
        first, bodies = self.first_tag, self.bodies
        if len(bodies) <= messages and self.bytes - len(bodies) * MESSAGE_OVERHEAD <= size:
            taken, self.bodies, self.bytes = bodies, [], 0
        else:
            count = _count_within(bodies, messages, size)
            taken, self.bodies = bodies[:count], bodies[count:]
            self.bytes -= sum(map(len, taken)) + count * MESSAGE_OVERHEAD
        self.first_tag = first + len(taken)
        return first, taken

    def take_notes(self, first: int, count: int) -> list[Note | None] | None:
        """The notes of messages taken, one each; ``None`` if there are none at all."""
        notes = self.notes
        if not notes:
            return None
        return [notes.pop(tag, None) for tag in range(first, first + count)]


def _count_within(bodies: Sequence[bytes], messages: int, size: int) -> int:
    total = 0
    for count, body in enumerate(bodies[:messages]):
        total += len(body)
        if total > size and count:
            return count
    return min(messages, len(bodies))


@dataclass(slots=True, eq=False)
class Handout:
    """A batch that the engine has: the messages ``first`` to ``first + count - 1``."""

    first: int
    count: int
    settled: bool = False
    last_kept: int = 0
    """The greatest tag that was not rejected; 0 if all were."""


class Ledger:
    """Which tags may be acknowledged: all up to the first batch that is not settled.

    An acknowledgement of several tags at once must name one that the broker still waits
    for, so a rejected tag is never the one that is named.
    """

    __slots__ = ("_acknowledgeable", "_batches", "unsettled")

    def __init__(self) -> None:
        self._batches: deque[Handout] = deque()
        self._acknowledgeable = 0
        self.unsettled = 0
        """How many messages are handed out and not settled in order."""

    def hand_out(self, first: int, count: int) -> Handout:
        """Note that the engine has these."""
        batch = Handout(first, count)
        self._batches.append(batch)
        self.unsettled += count
        return batch

    def settle(self, batch: Handout, rejected: Sequence[int]) -> list[int]:
        """Note that the engine is done with a batch.

        Args:
            batch: what :meth:`hand_out` gave; a second time changes nothing.
            rejected: the indices of the messages that it does not want acknowledged.

        Returns:
            the tags to reject, rising.
        """
        if batch.settled:
            return []
        batch.settled = True
        refused = sorted(set(rejected))
        batch.last_kept = batch.first + _last_kept(batch.count, refused)
        while self._batches and self._batches[0].settled:
            done = self._batches.popleft()
            self.unsettled -= done.count
            if done.last_kept >= done.first:
                self._acknowledgeable = done.last_kept
        return [batch.first + index for index in refused]

    def take_acknowledgeable(self) -> int:
        """The tag to acknowledge now with all before it, or 0; asked once for each."""
        tag, self._acknowledgeable = self._acknowledgeable, 0
        return tag


def _last_kept(count: int, rejected: Sequence[int]) -> int:
    """The last index below ``count`` that is not in ``rejected`` (rising), or -1."""
    last = count - 1
    for index in reversed(rejected):
        if index != last:
            break
        last -= 1
    return last
