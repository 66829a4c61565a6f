"""Consumes a queue."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from aiormq.abc import ChannelFrame

from eventflux.spi import (
    ConnectorContext,
    Disconnected,
    EndOfStream,
    Positions,
    ReceiveLimits,
    Source,
    SourceBatch,
)
from eventflux_rabbitmq.errors import from_library, topology_fault
from eventflux_rabbitmq.inbox import Handout, Inbox, Ledger
from eventflux_rabbitmq.link import Link, quietly, step
from eventflux_rabbitmq.options import SourceOptions, address_of
from eventflux_rabbitmq.plain import PlainConsumer
from eventflux_rabbitmq.topology import ensure_queue
from eventflux_rabbitmq.wire import Deliveries, acknowledge, reject

INBOX_FULL = 32 * 1024 * 1024
"""Bytes of messages waiting to be taken from which on nothing more is read."""
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

    def __init__(self, link: Link, on_messages: Callable[[], None]) -> None:
        assert link.protocol is not None
        self.inbox = Inbox()
        self._protocol = link.protocol
        self._channel = link.channel
        self._on_messages = on_messages
        self._unwritten = b""
        self._written: asyncio.Event = asyncio.Event()
        self._bound = INBOX_FULL
        self.feed = Deliveries(link.channel.number, self.inbox).feed

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


@dataclass(frozen=True, slots=True)
class _Token:
    link: Link
    handout: Handout


class RabbitSource(Source):
    """One running source: a connection of its own, with one channel and one consumer.

    Messages are acknowledged once a turn of the event loop, all up to the first batch that
    is not settled. A crash or a lost connection lets the broker deliver again what was not
    acknowledged: duplicates are possible, loss is not, unless ``rabbitmq.auto.ack`` is set.
    """

    def __init__(self, options: SourceOptions, context: ConnectorContext) -> None:
        self._options = options
        self._address = address_of(options)
        self.peer = f"RabbitMQ at {self._address}"
        self._name = f"eventflux {context.app}: source {context.stream}"
        self._link: Link | None = None
        self._consumer: Consumer | None = None
        self._ledger = Ledger()
        self._tag = ""
        self._stopped = False
        self._waiter: asyncio.Future[None] | None = None
        self._rejected: dict[bool, list[int]] = {False: [], True: []}
        self._flush_due = False
        self.stale_settlements = 0
        """How many batches were settled when their connection was gone already."""

    async def open(self, positions: Positions | None) -> None:
        options = self._options
        link = await Link.open(
            self._address,
            name=self._name,
            fast=options.fast,
            confirms=False,
            prepare=lambda open_channel: ensure_queue(open_channel, options, self._address),
        )
        self._link = link
        self._ledger = Ledger()
        self._rejected = {False: [], True: []}
        self._stopped = False
        self._tag = options.consumer_tag or f"eventflux-{uuid.uuid4()}"
        link.on_end = self._wake
        link.channel.on_consumer_cancel_callbacks.add(lambda _: self._on_cancelled(link))
        kind = PlainConsumer if link.protocol is None else TappedConsumer
        consumer: Consumer = kind(link, self._wake)
        self._consumer = consumer
        try:
            await step(link.channel.basic_qos(prefetch_count=options.prefetch), self._address)
            await step(
                consumer.start(options.queue, self._tag, no_ack=options.auto_ack), self._address
            )
            link.check()
        except Exception as error:
            if not from_library(error):
                raise
            link.check_unless_channel_error(error)
            what = f"queue '{options.queue}'"
            raise topology_fault(error, what, self._address, "rabbitmq.declare.queue") from error

    @property
    def fast(self) -> bool:
        """Whether messages come past the client library."""
        return self._link is not None and self._link.protocol is not None

    @property
    def waiting_messages(self) -> int:
        """Messages that have arrived and wait to be received."""
        return 0 if self._consumer is None else len(self._consumer.inbox.bodies)

    @property
    def waiting_bytes(self) -> int:
        """Their size, with something for each."""
        return 0 if self._consumer is None else self._consumer.inbox.bytes

    def _on_cancelled(self, link: Link) -> None:
        link.end(
            Disconnected(
                f"queue '{self._options.queue}' of RabbitMQ at {self._address} was deleted or moved"
            )
        )

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def receive(self, limits: ReceiveLimits) -> SourceBatch:
        link, consumer = self._link, self._consumer
        if link is None or consumer is None:
            raise Disconnected(f"the source of queue '{self._options.queue}' is not open")
        inbox = consumer.inbox
        while True:
            link.check()
            if self._stopped:
                raise EndOfStream
            if inbox.bodies:
                break
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        first, bodies = inbox.take(limits.messages, limits.bytes)
        consumer.taken()
        if self._options.auto_ack:
            return SourceBatch(bodies)
        return SourceBatch(bodies, token=_Token(link, self._ledger.hand_out(first, len(bodies))))

    def settle(self, token: Any, rejected: Sequence[int] = (), *, requeue: bool = False) -> None:
        if token is None or self._link is None:
            return  # rabbitmq.auto.ack: the broker has forgotten the messages
        if token.link is not self._link or self._link.ended is not None:
            self.stale_settlements += 1
            return
        self._rejected[requeue] += self._ledger.settle(token.handout, rejected)
        if not self._flush_due:
            self._flush_due = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        """Write what has been settled since the last time."""
        self._flush_due = False
        if self._link is None or self._consumer is None or self._link.ended is not None:
            return
        if self._rejected[True]:
            self._consumer.settle(0, self._rejected[True], requeue=True)
            self._rejected[True] = []
        acknowledged = self._ledger.take_acknowledgeable()
        if acknowledged or self._rejected[False]:
            self._consumer.settle(acknowledged, self._rejected[False], requeue=False)
            self._rejected[False] = []

    async def stop(self) -> None:
        link, consumer = self._link, self._consumer
        self._stopped = True
        if link is not None and consumer is not None and link.ended is None:
            await quietly(consumer.cancel(self._tag))
            self._give_back(consumer.inbox)
        self._wake()

    def _give_back(self, inbox: Inbox) -> None:
        """Return what nobody has taken: other consumers need not wait for our end."""
        untaken = list(range(inbox.first_tag, inbox.next_tag))
        inbox.take(len(untaken), 2**62)
        if untaken and not self._options.auto_ack:
            self._rejected[True] += untaken
            self._flush()

    async def close(self) -> None:
        link, consumer = self._link, self._consumer
        if link is None:
            return
        if consumer is not None and link.ended is None:
            self._flush()
            await quietly(consumer.drain())
        self._link = self._consumer = None
        await link.close()
        self._wake()
