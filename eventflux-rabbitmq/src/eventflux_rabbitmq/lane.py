"""One consumer of a source: a channel, what has come in on it, and what may be acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from aiormq.abc import ChannelFrame

from eventflux.spi import Disconnected
from eventflux_rabbitmq.connection import step
from eventflux_rabbitmq.deliveries import Deliveries
from eventflux_rabbitmq.envelope import Note
from eventflux_rabbitmq.errors import from_library, topology_fault
from eventflux_rabbitmq.frames import acknowledge, reject
from eventflux_rabbitmq.inbox import Handout, Inbox, Ledger
from eventflux_rabbitmq.link import Link
from eventflux_rabbitmq.options import SourceOptions
from eventflux_rabbitmq.plain import PlainConsumer
from eventflux_rabbitmq.quiet import quietly

INBOX_FULL = 32 * 1024 * 1024
"""Bytes of messages waiting to be taken, of all consumers of a source, from which on nothing
more is read."""
_WRITE_AGAIN = 0.01


class Consumer(Protocol):
    """How messages come in and settlements go out: tapped, or by documented calls."""

    inbox: Inbox

    async def start(self, queue: str, tag: str, *, no_ack: bool) -> None:
        """Begin to consume."""

    def taken(self) -> None:
        """Some messages have been taken from the inbox."""

    def settle(self, acknowledged: int, rejected: Sequence[int], *, requeue: bool) -> None:
        """Reject single tags, then acknowledge all up to a tag (0: none)."""

    async def cancel(self, tag: str) -> None:
        """Let the broker send no more; what is on its way still comes in."""

    async def drain(self) -> None:
        """Return when everything settled has been written."""


class TappedConsumer:
    """Takes deliveries out of the byte stream and writes prebuilt settlements."""

    def __init__(
        self, link: Link, on_messages: Callable[[], None], note_all: bool, bound: int
    ) -> None:
        assert link.protocol is not None
        self.inbox = Inbox()
        self._protocol = link.protocol
        self._channel = link.channel
        self._on_messages = on_messages
        self._unwritten = b""
        self._written: asyncio.Event = asyncio.Event()
        self._bound = bound
        self.feed = Deliveries(link.channel.number, self.inbox, note_all=note_all).feed

    async def start(self, queue: str, tag: str, *, no_ack: bool) -> None:
        # first the tap, or a delivery could pass before it is there
        self._protocol.taps[self._channel.number] = self
        await self._channel.basic_consume(queue, _past_the_tap, no_ack=no_ack, consumer_tag=tag)

    def flush(self) -> None:
        if self.inbox.bytes > self._bound:
            self._protocol.pause()
        self._on_messages()

    def taken(self) -> None:
        if self.inbox.bytes <= self._bound // 2:
            self._protocol.resume()

    def settle(self, acknowledged: int, rejected: Sequence[int], *, requeue: bool) -> None:
        number = self._channel.number
        frames = reject(number, rejected, requeue=requeue)
        if acknowledged:
            frames += acknowledge(number, acknowledged)
        self._write(frames)

    def _write(self, frames: bytes) -> None:
        later = bool(self._unwritten)
        frames = self._unwritten + frames
        try:
            self._channel.write_queue.put_nowait(ChannelFrame(frames, False, None))
        except asyncio.QueueFull:
            self._unwritten = frames
            self._written.clear()
            if not later:
                asyncio.get_running_loop().call_later(_WRITE_AGAIN, self._write_again)
        else:
            self._unwritten = b""
            self._written.set()

    def _write_again(self) -> None:
        frames, self._unwritten = self._unwritten, b""
        if frames:
            self._write(frames)

    async def cancel(self, tag: str) -> None:
        self._bound = 2**62
        self._protocol.resume()
        await self._channel.basic_cancel(tag)

    async def drain(self) -> None:
        if self._unwritten:
            await self._written.wait()


async def _past_the_tap(message: Any) -> None:
    raise AssertionError(f"a delivery reached the client library past the tap: {message!r}")


class Lane:
    """See the module. It lives as long as its link does."""

    def __init__(
        self,
        link: Link,
        options: SourceOptions,
        tag: str,
        wake: Callable[[], None],
        *,
        note_all: bool,
    ) -> None:
        """``note_all``: keep what comes with each message; see :class:`Deliveries`."""
        self.link = link
        self.ledger = Ledger()
        self._options = options
        self._tag = tag
        self._rejected: dict[bool, list[int]] = {False: [], True: []}
        self._flush_due = False
        bound = INBOX_FULL // options.consumers
        self._consumer: Consumer = (
            PlainConsumer(link, wake, note_all)
            if link.protocol is None
            else TappedConsumer(link, wake, note_all, bound)
        )
        self.inbox = self._consumer.inbox
        link.on_change = wake
        link.channel.on_consumer_cancel_callbacks.add(lambda _: self._on_cancelled())

    async def start(self, prefetch: int) -> None:
        """Begin to consume, with so many messages unsettled at the most.

        Raises:
            Disconnected: the connection is gone.
            Misconfigured: the queue may not be consumed.
        """
        options, link = self._options, self.link
        try:
            await step(link.channel.basic_qos(prefetch_count=prefetch), link.address)
            starting = self._consumer.start(options.queue, self._tag, no_ack=options.auto_ack)
            await step(starting, link.address)
            link.check()
        except Exception as error:
            if not from_library(error):
                raise
            link.check_unless_channel_error(error)
            what = f"queue '{options.queue}'"
            raise topology_fault(error, what, link.address, "rabbitmq.declare.queue") from error

    def _on_cancelled(self) -> None:
        self.link.end(
            Disconnected(
                f"queue '{self._options.queue}' of RabbitMQ at {self.link.address} was deleted "
                "or moved"
            )
        )

    def take(
        self, messages: int, size: int
    ) -> tuple[Handout, list[bytes], list[Note | None] | None]:
        """The oldest messages, and what came with them; see :class:`Inbox`."""
        first, bodies = self.inbox.take(messages, size)
        notes = self.inbox.take_notes(first, len(bodies))
        self._consumer.taken()
        return self.ledger.hand_out(first, len(bodies)), bodies, notes

    def settle(self, handout: Handout, rejected: Sequence[int], *, requeue: bool) -> None:
        """As :meth:`eventflux.spi.Source.settle`; written once in a turn of the loop."""
        self._rejected[requeue] += self.ledger.settle(handout, rejected)
        if not self._flush_due:
            self._flush_due = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        """Write what has been settled since the last time."""
        self._flush_due = False
        if self.link.ended is not None:
            return
        if self._rejected[True]:
            self._consumer.settle(0, self._rejected[True], requeue=True)
            self._rejected[True] = []
        acknowledged = self.ledger.take_acknowledgeable()
        if acknowledged or self._rejected[False]:
            self._consumer.settle(acknowledged, self._rejected[False], requeue=False)
            self._rejected[False] = []

    async def stop(self) -> None:
        """Let nothing more come, and return what nobody has taken: other consumers need not
        wait for our end."""
        if self.link.ended is not None:
            return
        await quietly(self._consumer.cancel(self._tag))
        untaken = list(range(self.inbox.first_tag, self.inbox.next_tag))
        self.inbox.take(len(untaken), 2**62)
        self.inbox.notes.clear()
        if untaken and not self._options.auto_ack:
            self._rejected[True] += untaken
            self._flush()

    async def close(self) -> None:
        """Write what is settled, and close the channel."""
        if self.link.ended is None:
            self._flush()
            await quietly(self._consumer.drain())
        await self.link.close()
