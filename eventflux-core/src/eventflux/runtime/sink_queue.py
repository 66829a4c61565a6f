"""The messages that wait for a sink, and the batches that are cut from them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import msgspec

from eventflux.runtime.delivery import Delivery
from eventflux.runtime.error_policy import Fallback
from eventflux.runtime.message_ids import joined
from eventflux.runtime.room import Stock
from eventflux.spi.sink import SinkBatch


class Share(msgspec.Struct):
    """Consecutive messages that belong to one delivery."""

    delivery: Delivery | None
    count: int
    handled: Fallback | None
    """For error rows: what becomes of one that is refused."""

    def done(self) -> None:
        """All its messages are safe, or settled."""
        if self.delivery is not None:
            self.delivery.done(self.count)


class Portion(Share):
    """A share that waits, with its messages."""

    messages: SinkBatch
    """With the row of each message where the sink, or an error, need them."""
    size: int
    """Bytes of all payloads."""

    def part(self, start: int, end: int, size: int) -> Portion:
        """Some of the messages, of so many bytes."""
        messages = _part(self.messages, slice(start, end))
        return Portion(self.delivery, end - start, self.handled, messages, size)


class Outgoing(msgspec.Struct):
    """One batch under way to a sink; the shares tell whose messages it holds, in order."""

    number: int
    messages: SinkBatch
    shares: Sequence[Share]
    count: int
    """How many messages."""
    size: int
    """Bytes of all payloads."""
    attempts: int = 0
    """How often each of its messages was refused and is sent again."""
    sending: asyncio.Task[None] | None = None
    """The send that is under way."""

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
    """First in, first out; how many wait, and whether there is room for more, is in ``stock``."""

    def __init__(self, stock: Stock) -> None:
        self.stock = stock
        self._portions: deque[Portion] = deque()
        self._next_number = 0

    def put(self, portion: Portion) -> None:
        self._portions.append(portion)
        self.stock.add(portion.count, portion.size)

    def clear(self) -> int:
        """Forget what waits; how many messages that were."""
        forgotten = self.stock.messages
        self._portions.clear()
        self.stock.remove(forgotten, self.stock.bytes)
        return forgotten

    def cut(self, max_messages: int, max_bytes: int) -> Outgoing:
        """Take a batch off the front: at least one message, else within both bounds."""
        self._next_number += 1
        stock, first = self.stock, self._portions[0]
        if len(self._portions) == 1 and stock.messages <= max_messages and stock.bytes <= max_bytes:
            self._portions.clear()
            cut = Outgoing(self._next_number, first.messages, (first,), first.count, first.size)
        else:
            taken = self._front(max_messages, max_bytes)
            messages = _joined([portion.messages for portion in taken])
            count = sum(portion.count for portion in taken)
            size = sum(portion.size for portion in taken)
            cut = Outgoing(self._next_number, messages, taken, count, size)
        stock.remove(cut.count, cut.size)
        return cut

    def _front(self, max_messages: int, max_bytes: int) -> list[Portion]:
        """Take portions off the front, the last of them perhaps in part."""
        taken: list[Portion] = []
        messages = size = 0
        while self._portions and messages < max_messages:
            portion = self._portions[0]
            if messages + portion.count <= max_messages and size + portion.size <= max_bytes:
                self._portions.popleft()
            else:
                front = self._split(portion, max_messages - messages, max_bytes - size, not taken)
                if front is None:
                    break
                portion = front
            taken.append(portion)
            messages += portion.count
            size += portion.size
        return taken

    def _split(
        self, portion: Portion, max_messages: int, max_bytes: int, first: bool
    ) -> Portion | None:
        """Cut the front off the first portion, or ``None`` if not even one message fits;
        the ``first`` message of a batch always does."""
        count = size = 0
        for payload in portion.messages.payloads[:max_messages]:
            bigger = size + payload_size(payload)
            if bigger > max_bytes and not (first and count == 0):
                break
            count, size = count + 1, bigger
        if count == 0:
            return None
        self._portions.popleft()
        if count < portion.count:
            rest = portion.part(count, portion.count, portion.size - size)
            self._portions.appendleft(rest)
        return portion.part(0, count, size)


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
    """The messages of batches of one sink, in order."""
    first = batches[0]
    if len(batches) == 1:
        return first
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
