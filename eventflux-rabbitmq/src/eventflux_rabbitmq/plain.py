"""The same as the tap by documented calls of the client library alone.

Used when the installed library lacks what the tap is built on, and with
``rabbitmq.fast = 'off'``; several times slower. The tests compare the tap with it. What it
can't do: notice ``connection.blocked`` (writing then waits in the socket), and bound the
bytes of what the broker sends ahead (``rabbitmq.prefetch`` bounds the messages).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import aiormq
from pamqp.commands import Basic

from eventflux.spi import Refusal
from eventflux_rabbitmq.envelope import Envelope
from eventflux_rabbitmq.errors import channel_fault, from_library, not_taken, unroutable
from eventflux_rabbitmq.inbox import Inbox
from eventflux_rabbitmq.link import Link
from eventflux_rabbitmq.options import SinkOptions
from eventflux_rabbitmq.outgoing import Messages
from eventflux_rabbitmq.quiet import quietly
from eventflux_rabbitmq.stamps import constant_properties


class PlainConsumer:
    """Gets messages from the library one by one."""

    def __init__(self, link: Link, on_messages: Callable[[], None], note_all: bool) -> None:
        self._note_all = note_all
        self.inbox = Inbox()
        self._channel = link.channel
        self._on_messages = on_messages
        self._writing = asyncio.Lock()
        self._writes: set[asyncio.Task[None]] = set()

    async def start(self, queue: str, tag: str, *, no_ack: bool) -> None:
        await self._channel.basic_consume(queue, self._on_message, no_ack=no_ack, consumer_tag=tag)

    async def _on_message(self, message: Any) -> None:
        delivery, headers = message.delivery, message.header.properties
        if self._note_all or message.redelivered or headers.headers:
            self.inbox.notes[self.inbox.next_tag] = Envelope(
                bool(message.redelivered),
                delivery.exchange or "",
                delivery.routing_key or "",
                properties=headers,
            )
        self.inbox.add(message.body)
        self._on_messages()

    def taken(self) -> None:
        """Nothing to do: reading is not paused."""

    def settle(self, acknowledged: int, rejected: Sequence[int], *, requeue: bool) -> None:
        write = asyncio.create_task(self._settle(acknowledged, list(rejected), requeue))
        self._writes.add(write)
        write.add_done_callback(self._writes.discard)

    async def _settle(self, acknowledged: int, rejected: list[int], requeue: bool) -> None:
        async with self._writing:
            for tag in rejected:
                await quietly(self._channel.basic_reject(tag, requeue=requeue, wait=False))
            if acknowledged:
                await quietly(self._channel.basic_ack(acknowledged, multiple=True, wait=False))

    async def cancel(self, tag: str) -> None:
        await self._channel.basic_cancel(tag)

    async def drain(self) -> None:
        while self._writes:
            await asyncio.wait(self._writes)


class PlainPublisher:
    """Publishes messages one by one, a batch at once."""

    def __init__(self, link: Link, options: SinkOptions) -> None:
        self._link = link
        self._channel = link.channel
        self._options = options
        self._constant = constant_properties(options)
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def wake(self) -> None:
        if self._link.ended is not None and not self._ended.done():
            self._ended.set_result(None)

    async def send(self, batch: Messages) -> list[Refusal]:
        self._link.check()
        publishes = [
            asyncio.create_task(self._publish(batch, index)) for index in range(len(batch.payloads))
        ]
        together = asyncio.gather(*publishes)
        together.add_done_callback(_look_at)
        try:
            # In the library a publish that waits for its turn to write never hears of the end.
            ends: set[asyncio.Future[Any]] = {together, self._ended}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if not together.done():
                self._link.check()
            outcomes = together.result()
        finally:
            for publish in publishes:
                publish.cancel()
        return [refusal for refusal in outcomes if refusal is not None]

    async def _publish(self, batch: Messages, index: int) -> Refusal | None:
        options, key = self._options, batch.key(index)
        own = None if batch.properties is None else batch.properties[index]
        message_id = None if batch.message_ids is None else batch.message_ids[index]
        try:
            await self._channel.basic_publish(
                batch.payloads[index],
                exchange=options.exchange,
                routing_key=(options.routing_key.constant or "") if key is None else key,
                mandatory=options.mandatory,
                properties=Basic.Properties(
                    **(self._constant if own is None else own), message_id=message_id
                ),
                wait=False,
            )
        except aiormq.PublishError as error:
            return unroutable(index, _reply_text(error), options, key)
        except aiormq.DeliveryError:
            return not_taken(index, options, key)
        except (Exception, asyncio.CancelledError) as error:
            if not _connection_failed(error):
                raise
            self._link.end(channel_fault(error, self._link.address))
            self._link.check()
        return None


def _look_at(outcome: asyncio.Future[Any]) -> None:
    """An error that nobody waits for any more has been told already."""
    if not outcome.cancelled():
        outcome.exception()


def _reply_text(error: aiormq.PublishError) -> str:
    return str(getattr(error.frame, "reply_text", error))


def _connection_failed(error: BaseException) -> bool:
    """Whether this is how the library tells of a lost connection: it cancels, too."""
    if isinstance(error, asyncio.CancelledError):
        task = asyncio.current_task()
        return task is not None and not task.cancelling()
    return from_library(error)
