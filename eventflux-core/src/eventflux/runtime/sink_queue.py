"""The messages that wait for a sink, and the batches that are cut from them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from eventflux.runtime.delivery import Delivery
from eventflux.runtime.error_policy import Fallback
from eventflux.runtime.message_ids import joined
from eventflux.spi.sink import SinkBatch


@dataclass(slots=True)
class Portion:
    """Messages of one delivery, in order."""

    messages: SinkBatch
    """With the row of each message where the sink, or an error, need them."""
    delivery: Delivery | None
    size: int
    """Bytes of all payloads."""
    handled: Fallback | None = None
    """For error rows: what becomes of one that is refused."""

    def share(self) -> Share:
        return Share(self.delivery, len(self.messages.payloads), self.handled)

    def part(self, part: slice, size: int) -> Portion:
        """Some of the messages, of so many bytes."""
        return Portion(_part(self.messages, part), self.delivery, size, self.handled)


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
    messages: SinkBatch
    shares: list[Share]
    size: int
    attempts: int = 0
    """How often each of its messages was refused and is sent again."""
    sending: asyncio.Task[None] | None = None
    """The send that is under way."""

    @property
    def count(self) -> int:
        return len(self.messages.payloads)

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
        self.messages += len(portion.messages.payloads)
        self.bytes += portion.size

    def cut(self, max_messages: int, max_bytes: int) -> Outgoing:
        """Take a batch off the front: at least one message, else within both bounds."""
        taken: list[Portion] = []
        messages = size = 0
        while self._portions and messages < max_messages:
            portion = self._portions[0]
            count = len(portion.messages.payloads)
            if messages + count <= max_messages and size + portion.size <= max_bytes:
                self._portions.popleft()
            else:
                front = self._split(portion, max_messages - messages, max_bytes - size, not taken)
                if front is None:
                    break
                portion = front
                count = len(portion.messages.payloads)
            taken.append(portion)
            messages += count
            size += portion.size
        self.messages -= messages
        self.bytes -= size
        self._next_number += 1
        whole = taken[0].messages if len(taken) == 1 else _joined([p.messages for p in taken])
        return Outgoing(self._next_number, whole, [portion.share() for portion in taken], size)

    def _split(
        self, portion: Portion, max_messages: int, max_bytes: int, first: bool
    ) -> Portion | None:
        """Cut the front off the first portion, or ``None`` if not even one message fits;
        the ``first`` message of a batch always does."""
        count = size = 0
        payloads = portion.messages.payloads
        for payload in payloads[:max_messages]:
            bigger = size + payload_size(payload)
            if bigger > max_bytes and not (first and count == 0):
                break
            count, size = count + 1, bigger
        if count == 0:
            return None
        self._portions.popleft()
        if count < len(payloads):
            self._portions.appendleft(portion.part(slice(count, None), portion.size - size))
        return portion.part(slice(0, count), size)


def _part(batch: SinkBatch, part: slice) -> SinkBatch:
    """Consecutive messages of a batch."""
    return SinkBatch(
        batch.payloads[part],
        batch.message_ids and batch.message_ids[part],
        batch.metadata and {name: values[part] for name, values in batch.metadata.items()},
        batch.rows and batch.rows[part],
    )


def some_messages(batch: SinkBatch, indices: Sequence[int]) -> SinkBatch:
    """The messages of a batch at these indices."""

    def kept(column: Sequence[Any]) -> list[Any]:
        return [column[index] for index in indices]

    return SinkBatch(
        kept(batch.payloads),
        batch.message_ids and kept(batch.message_ids),
        batch.metadata and {name: kept(values) for name, values in batch.metadata.items()},
        batch.rows and kept(batch.rows),
    )


def _joined(batches: Sequence[SinkBatch]) -> SinkBatch:
    """The messages of several batches of one sink, in order."""
    first = batches[0]
    with_rows = all(batch.rows is not None for batch in batches)
    return SinkBatch(
        list(chain.from_iterable(batch.payloads for batch in batches)),
        joined([batch.message_ids or () for batch in batches]),
        first.metadata
        and {
            name: list(chain.from_iterable((batch.metadata or {})[name] for batch in batches))
            for name in first.metadata
        },
        [row for batch in batches for row in batch.rows or ()] if with_rows else None,
    )
