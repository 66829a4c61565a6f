"""The messages that wait for a sink, and the batches that are cut from them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from eventflux.base.rows import Row
from eventflux.runtime.delivery import Delivery
from eventflux.runtime.error_policy import Fallback
from eventflux.runtime.message_ids import joined


@dataclass(slots=True)
class Portion:
    """Messages of one delivery, in order."""

    payloads: Sequence[Any]
    delivery: Delivery | None
    ids: Sequence[str]
    size: int
    """Bytes of all payloads."""
    rows: Sequence[Row] | None = None
    """The row of each message, where the sink, METADATA columns or an error need them."""
    handled: Fallback | None = None
    """For error rows: what becomes of one that is refused."""

    def share(self) -> Share:
        return Share(self.delivery, len(self.payloads), self.handled)


@dataclass(slots=True)
class Share:
    """Consecutive messages of a batch that belong to one delivery; the fields are those of
    :class:`Portion`."""

    delivery: Delivery | None
    count: int
    handled: Fallback | None = None

    def done(self) -> None:
        """All its messages are safe, or settled."""
        if self.delivery is not None:
            self.delivery.done(self.count)


@dataclass(slots=True)
class Outgoing:
    """One batch under way to a sink; the shares tell whose messages it holds, in order."""

    number: int
    payloads: Sequence[Any]
    ids: Sequence[str]
    shares: list[Share]
    attempts: int = 0
    """How often each of its messages was refused and is sent again."""
    size: int = 0
    rows: Sequence[Row] | None = None

    def confirm(self) -> None:
        for share in self.shares:
            share.done()

    def each(self) -> Iterator[Share]:
        """The share of each message alone, in order."""
        for share in self.shares:
            for _ in range(share.count):
                yield Share(share.delivery, 1, share.handled)


def payload_size(payload: Any) -> int:
    """Bytes of a payload; a row is not bytes and counts as one."""
    return len(payload) if isinstance(payload, bytes | bytearray | memoryview | str) else 1


class SinkQueue:
    """First in, first out, counted in messages and bytes."""

    def __init__(self) -> None:
        self._portions: deque[Portion] = deque()
        self.messages = self.bytes = 0
        self._next_number = 0

    def put(self, portion: Portion) -> None:
        self._portions.append(portion)
        self.messages += len(portion.payloads)
        self.bytes += portion.size

    def next_number(self) -> int:
        """A number that orders the batches of the sink."""
        self._next_number += 1
        return self._next_number

    def cut(self, max_messages: int, max_bytes: int) -> Outgoing:
        """Take a batch off the front: at least one message, else within both bounds."""
        taken: list[Portion] = []
        messages = size = 0
        while self._portions and messages < max_messages:
            portion = self._portions[0]
            count = len(portion.payloads)
            if messages + count <= max_messages and size + portion.size <= max_bytes:
                self._portions.popleft()
            else:
                front = self._split(portion, max_messages - messages, max_bytes - size, not taken)
                if front is None:
                    break
                portion = front
                count = len(portion.payloads)
            taken.append(portion)
            messages += count
            size += portion.size
        self.messages -= messages
        self.bytes -= size
        if len(taken) == 1:
            one = taken[0]
            return Outgoing(
                self.next_number(),
                one.payloads,
                one.ids,
                [one.share()],
                size=size,
                rows=one.rows,
            )
        return Outgoing(
            self.next_number(),
            [payload for portion in taken for payload in portion.payloads],
            joined([portion.ids for portion in taken]),
            [portion.share() for portion in taken],
            size=size,
            rows=_rows_of(taken),
        )

    def _split(
        self, portion: Portion, max_messages: int, max_bytes: int, first: bool
    ) -> Portion | None:
        """Cut the front off the first portion, or ``None`` if not even one message fits;
        the ``first`` message of a batch always does."""
        count = size = 0
        for payload in portion.payloads[:max_messages]:
            bigger = size + payload_size(payload)
            if bigger > max_bytes and not (first and count == 0):
                break
            count, size = count + 1, bigger
        if count == 0:
            return None
        self._portions.popleft()
        if count < len(portion.payloads):
            self._portions.appendleft(_part(portion, slice(count, None), portion.size - size))
        return _part(portion, slice(0, count), size)


def _part(portion: Portion, part: slice, size: int) -> Portion:
    rows = portion.rows and portion.rows[part]
    return Portion(
        portion.payloads[part], portion.delivery, portion.ids[part], size, rows, portion.handled
    )


def _rows_of(portions: Sequence[Portion]) -> list[Row] | None:
    if any(portion.rows is None for portion in portions):
        return None
    return [row for portion in portions for row in portion.rows or ()]
