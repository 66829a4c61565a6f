"""Sends the batches of one sink, and sends again what was not taken.

A batch is under way from its first send until each of its messages is confirmed or
settled by the error strategy. What the other side refuses for now waits for its back-off
and goes again alone; a lost connection ends all sends, and when it is back everything
under way goes again in its old order, before anything new.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from eventflux.base.errors import EventFluxError, StreamFailed
from eventflux.base.interruption import is_interruption
from eventflux.runtime.connection import Connection
from eventflux.runtime.contract import as_broken, broken_contract, check_refusals
from eventflux.runtime.room import Stock
from eventflux.runtime.sink_errors import SinkErrors
from eventflux.runtime.sink_queue import Outgoing, payload_size, some_messages
from eventflux.runtime.slow_sends import SlowSends
from eventflux.runtime.specs import Limits, SinkSpec
from eventflux.spi.faults import Disconnected
from eventflux.spi.sink import Refusal, Sink

logger = logging.getLogger("eventflux.runtime")


class Transmission:
    """``progress`` is called when there may be room for more, ``fail`` with what must stop
    the app; nothing more is sent then."""

    def __init__(
        self,
        spec: SinkSpec,
        errors: SinkErrors,
        limits: Limits,
        fail: Callable[[EventFluxError], None],
        progress: Callable[[], None],
    ) -> None:
        self._spec = spec
        self.errors = errors
        self._fail = fail
        self._progress = progress
        self._sink: Sink | None = None
        self.connection = Connection(spec, limits, self._open, self._close)
        self.connected = False
        self.failed = False
        self._under_way: dict[int, Outgoing] = {}
        self._retries: dict[int, asyncio.TimerHandle] = {}
        self._reconnect: asyncio.Task[None] | None = None
        self.in_flight = Stock(spec.max_in_flight, int(spec.options.max_in_flight_bytes))
        self._slow = SlowSends(spec, limits.send, self._oldest, self.connection.condition)
        self.confirmed = self.refused = self.resent = self.retried = 0

    def prepare(self) -> None:
        """Make the connector, closed; for each start a new one."""
        self._sink = self._spec.create()
        self.connection.attach(self._sink)
        self.failed = False

    def begin(self) -> None:
        """The connector is open: batches may be sent."""
        self.connected = True
        self._slow.start()

    def _oldest(self) -> Outgoing | None:
        return next((b for b in self._under_way.values() if b.sending is not None), None)

    @property
    def keeps_rows(self) -> bool:
        """Whether messages need the rows that they were made of until they are safe."""
        wanted = self._sink is not None and self._sink.wants_rows
        return wanted or self.errors.show_rows

    async def _open(self) -> None:
        assert self._sink is not None, "prepare() makes the connector"
        await self._sink.open()

    async def _close(self) -> None:
        if self._sink is not None:
            await self._sink.close()

    def send(self, batch: Outgoing) -> None:
        """Send a batch; in the order of these calls they leave."""
        self.in_flight.add(batch.count, batch.size)
        self._send(batch)

    def _sends(self) -> list[asyncio.Task[None]]:
        """The sends under way."""
        return [batch.sending for batch in self._under_way.values() if batch.sending is not None]

    def settled(self, failure: StreamFailed | None) -> None:
        """Count a message that the error strategy has settled; a ``failure`` stops the sink."""
        self.refused += 1
        if failure is not None:
            self.stop_because(failure)

    def stop_because(self, error: EventFluxError) -> None:
        """Fail the app; what is being sent may still be confirmed, nothing else leaves."""
        self.failed = True
        self.connected = False
        self.connection.health = f"failed: {error.message}"
        self._progress()
        self._fail(error)

    async def sends_ended(self) -> None:
        """Return when no send is under way."""
        if sends := self._sends():
            await asyncio.wait(sends)

    async def abandon(self, within: float) -> int:
        """Give up what is under way and close within so many seconds; the number of messages
        given up."""
        self.connected = False
        self.failed = True
        self._slow.stop()
        for handle in self._retries.values():
            handle.cancel()
        tasks = self._sends()
        if self._reconnect is not None:
            tasks.append(self._reconnect)
        for task in tasks:
            task.cancel()
        if tasks:
            _, deaf = await asyncio.wait(tasks, timeout=within)
            if deaf:
                self._log_deaf(len(deaf))
        given_up = self.in_flight.messages
        self.in_flight.remove(given_up, self.in_flight.bytes)
        self._under_way.clear()
        self._retries.clear()
        self._reconnect = None
        await self.connection.close(within)
        self.connection.health = "stopped"
        return given_up

    def _log_deaf(self, count: int) -> None:
        did = f"goes on though it was cancelled ({count} of them)"
        logger.warning("%s", broken_contract(self._spec, "send", did).message)

    def _send(self, batch: Outgoing) -> None:
        self._under_way[batch.number] = batch
        batch.sending = asyncio.get_running_loop().create_task(self._send_one(batch))

    async def _send_one(self, batch: Outgoing) -> None:
        sink = self._sink
        assert sink is not None, "nothing is sent before prepare()"
        messages = batch.messages
        if messages.rows is not None and not sink.wants_rows:
            messages = replace(messages, rows=None)
        try:
            refusals = await sink.send(messages)
            check_refusals(self._spec, refusals, batch.count)
        except Disconnected as lost:
            batch.sending = None
            self._lost(lost)
            return
        except BaseException as error:
            if is_interruption(error):
                raise
            batch.sending = None
            self.stop_because(as_broken(self._spec, "send", error))
            return
        if self._under_way.get(batch.number) is not batch:
            return  # given up long ago
        self.connection.proved = True
        batch.sending = None
        del self._under_way[batch.number]
        if refusals:
            self._settle_refused(batch, refusals)
        else:
            self.confirmed += batch.count
            self.in_flight.remove(batch.count, batch.size)
            batch.confirm()
            if batch.attempts:
                self.connection.health = "running"
        self._progress()

    # Refusals

    def _settle_refused(self, batch: Outgoing, refusals: Sequence[Refusal]) -> None:
        messages, in_flight = batch.messages, self.in_flight
        in_flight.remove(0, batch.size)
        by_index = {refusal.index: refusal for refusal in refusals}
        attempt = batch.attempts + 1
        again: list[int] = []
        delay = 0.0
        shares = list(batch.each())
        for index, share in enumerate(shares):
            refusal = by_index.get(index)
            if refusal is None:
                self.confirmed += 1
                in_flight.remove(1, 0)
                share.done()
                continue
            retries = self.errors.retries(share, refusal)
            if retries is not None and retries.may_try(attempt):
                again.append(index)
                delay = max(delay, retries.delay(attempt))
                continue
            in_flight.remove(1, 0)
            shown = (messages.rows or messages.payloads)[index]
            message_id = (messages.message_ids or ())[index]
            self.settled(self.errors.refused(refusal, share, shown, message_id, attempt))
        if again:
            if not self.failed:
                told = "message" if len(again) == 1 else "messages"
                reason = by_index[again[0]].reason
                self.connection.health = f"running; {len(again)} {told} refused for now: {reason}"
            left = some_messages(messages, again)
            size = sum(map(payload_size, left.payloads))
            left_shares = [shares[index] for index in again]
            rest = Outgoing(batch.number, left, left_shares, len(again), size, attempt)
            self._send_later(rest, delay)

    def _send_later(self, batch: Outgoing, delay: float) -> None:
        self._under_way[batch.number] = batch
        self.in_flight.add(0, batch.size)
        loop = asyncio.get_running_loop()
        self._retries[batch.number] = loop.call_later(delay, self._send_again, batch)

    def _send_again(self, batch: Outgoing) -> None:
        del self._retries[batch.number]
        if self.connected:
            self.resent += batch.count
            self.retried += batch.count
            self._send(batch)

    # Losing the connection

    def _lost(self, why: Disconnected) -> None:
        if not self.connected:
            return
        self.connected = False
        self._reconnect = asyncio.get_running_loop().create_task(self._reconnect_and_resend(why))

    async def _reconnect_and_resend(self, why: Disconnected) -> None:
        try:
            await self._end_sends()
            await self.connection.reconnect(why)
        except EventFluxError as error:
            self.stop_because(error)
            return
        self._reconnect = None
        self.connected = True
        for handle in self._retries.values():
            handle.cancel()
        self._retries.clear()
        for number in sorted(self._under_way):
            batch = self._under_way[number]
            self.resent += batch.count
            self._send(batch)
        self._progress()

    async def _end_sends(self) -> None:
        """Sends of the lost connection end by themselves; who doesn't is cancelled."""
        if sends := self._sends():
            _, waiting = await asyncio.wait(sends, timeout=1.0)
            for task in waiting:
                task.cancel()
            if waiting:
                _, deaf = await asyncio.wait(waiting, timeout=1.0)
                if deaf:
                    self._log_deaf(len(deaf))
        for batch in self._under_way.values():
            batch.sending = None
