"""Publishes on a confirm channel: writes prebuilt frames, takes answers out of the stream."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Protocol

from aiormq.abc import ChannelFrame

from eventflux.spi import Disconnected, Refusal
from eventflux_rabbitmq.confirms import Confirms, Returned
from eventflux_rabbitmq.errors import not_taken, unroutable
from eventflux_rabbitmq.link import Link
from eventflux_rabbitmq.options import SinkOptions
from eventflux_rabbitmq.outgoing import CHUNK_BYTES, Messages, Publisher
from eventflux_rabbitmq.stamps import constant_properties

IN_FLIGHT_BYTES = 8 * 1024 * 1024
"""Bytes that may be unconfirmed; more wait, but for a single batch that is larger."""


class Sender(Protocol):
    """How messages go out: tapped, or by documented calls."""

    async def send(self, batch: Messages) -> list[Refusal]:
        """As :meth:`Sink.send`."""

    def wake(self) -> None:
        """The link has ended, or the broker blocks or unblocks it: whoever waits looks at it."""


class _Pending:
    """A batch that has been given numbers and is not wholly answered."""

    __slots__ = ("batch", "done", "first", "last", "refused", "size")

    def __init__(self, batch: Messages, first: int, size: int, done: asyncio.Future[None]) -> None:
        self.batch = batch
        self.first = first
        self.last = first + len(batch.payloads) - 1
        self.size = size
        self.done = done
        self.refused: dict[int, Refusal] = {}
        """By number, those that the broker returned."""


class TappedPublisher:
    """Writes prebuilt frames, and takes the broker's answers out of the byte stream."""

    def __init__(self, link: Link, options: SinkOptions) -> None:
        assert link.protocol is not None
        channel = link.channel
        self._link = link
        self._protocol = link.protocol
        self._options = options
        self._write_queue = channel.write_queue
        self._publisher = Publisher(
            channel.number,
            channel.connection.connection_tune.frame_max,
            exchange=options.exchange,
            routing_key=options.routing_key.constant or "",
            mandatory=options.mandatory,
            properties=constant_properties(options),
        )
        self._confirms = Confirms(channel.number, self._on_return)
        self._pending: deque[_Pending] = deque()
        self._next_number = 1
        self._return_cursor = 0
        self._bytes_in_flight = 0
        self._bytes_undrained = 0
        self._in_turn = asyncio.Lock()
        self._changed: asyncio.Future[None] | None = None
        self.feed = self._confirms.feed
        self._protocol.taps[channel.number] = self

    async def send(self, batch: Messages) -> list[Refusal]:
        if not batch.payloads:
            return []
        async with self._in_turn:
            self._link.check()
            size = sum(map(len, batch.payloads))
            while self._bytes_in_flight and self._bytes_in_flight + size > IN_FLIGHT_BYTES:
                await self._change()
            pieces = self._publisher.marshal(batch)
            done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            pending = _Pending(batch, self._next_number, size, done)
            self._pending.append(pending)
            self._next_number = pending.last + 1
            self._bytes_in_flight += size
            try:
                for piece in pieces:
                    await self._write(piece)
            except BaseException as error:
                if done.done() and not done.cancelled():
                    done.exception()  # told by `error`
                if isinstance(error, asyncio.CancelledError):
                    # half a batch is out: only a new channel can tell what has its answer
                    self._link.end(Disconnected("a send to RabbitMQ was cancelled half-way"))
                raise
        await done
        return self._refusals(pending)

    async def _write(self, piece: bytes) -> None:
        """Hand bytes to the library's writer, as soon as the broker takes messages."""
        while self._protocol.blocked is not None:
            await self._change()
        self._link.check()
        self._bytes_undrained += len(piece)
        if self._bytes_undrained < CHUNK_BYTES and not self._write_queue.full():
            self._write_queue.put_nowait(ChannelFrame(piece, False, None))
            return
        self._bytes_undrained = 0
        drained: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        put = asyncio.ensure_future(self._write_queue.put(ChannelFrame(piece, False, drained)))
        try:
            while not drained.done():
                await self._change(drained)
        finally:
            put.cancel()

    async def _change(self, *others: asyncio.Future[Any]) -> None:
        """Wait until answers come, the broker blocks or unblocks, or the link ends (raises)."""
        self._link.check()
        changed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._changed = changed
        await asyncio.wait((changed, *others), return_when=asyncio.FIRST_COMPLETED)
        self._link.check()

    def wake(self) -> None:
        if self._changed is not None and not self._changed.done():
            self._changed.set_result(None)
        ended = self._link.ended
        if ended is not None:
            for pending in self._pending:
                if not pending.done.done():
                    pending.done.set_exception(Disconnected(ended.reason, ended.hint))
            self._pending.clear()

    def flush(self) -> None:
        """Finish the batches that have all their answers now."""
        low, pending = self._confirms.low, self._pending
        while pending and pending[0].last <= low:
            batch = pending.popleft()
            self._bytes_in_flight -= batch.size
            if not batch.done.done():
                batch.done.set_result(None)
        self.wake()

    def _on_return(self, returned: Returned) -> None:
        """Find the message that was returned: it carries no number, its answer follows.

        Returns come in the order of publishing, so the search goes on where the last ended.
        """
        for start in (self._return_cursor + 1, 1):
            for pending in self._pending:
                if pending.last < start:
                    continue
                number = self._find(pending, returned, start)
                if number:
                    index = number - pending.first
                    key = pending.batch.key(index)
                    refusal = unroutable(index, returned.reply_text, self._options, key)
                    pending.refused[number] = refusal
                    self._return_cursor = number
                    return
        self._link.end(
            Disconnected(f"RabbitMQ returned a message that was not sent: {returned.reply_text}")
        )

    def _find(self, pending: _Pending, returned: Returned, start: int) -> int:
        """The number of the unanswered message of a batch that was returned, or 0."""
        bodies, ids = pending.batch.payloads, pending.batch.message_ids
        index = max(start - pending.first, 0) - 1
        while True:
            try:
                index = bodies.index(returned.body, index + 1)
            except ValueError:
                return 0
            number = pending.first + index
            if ids is not None and ids[index] != returned.message_id:
                continue
            if pending.batch.key(index) not in (None, returned.routing_key):
                continue
            if number not in pending.refused and not self._confirms.answered(number):
                return number

    def _refusals(self, pending: _Pending) -> list[Refusal]:
        nacked = self._confirms.nacked
        if not nacked and not pending.refused:
            return []
        refused = pending.refused
        if nacked:
            for number in range(pending.first, pending.last + 1):
                if number in nacked:
                    nacked.discard(number)
                    index = number - pending.first
                    refusal = not_taken(index, self._options, pending.batch.key(index))
                    refused.setdefault(number, refusal)
        return [refused[number] for number in sorted(refused)]
