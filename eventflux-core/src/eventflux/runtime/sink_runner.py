"""Runs one sink: queue, batches under way, resends, refusals, reconnects."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from eventflux.base.errors import EventFluxError, StreamFailed
from eventflux.base.rows import Row
from eventflux.runtime.connection import Connection, broken_contract
from eventflux.runtime.delivery import Delivery
from eventflux.runtime.error_policy import ErrorPolicy
from eventflux.runtime.message_ids import MessageIds
from eventflux.runtime.room import Room
from eventflux.runtime.sink_queue import Outgoing, Portion, SinkQueue
from eventflux.runtime.specs import Limits, SinkSpec
from eventflux.spi.faults import Disconnected
from eventflux.spi.mapper import MapperError
from eventflux.spi.sink import Refusal, Sink, SinkBatch


class SinkRunner:
    """Takes rows, and sees to it that each message is confirmed or settled by the stream's
    error strategy. Messages leave in order; what was refused for now comes again later.

    ``fail`` is told of what must stop the app. ``run_id`` makes message ids unique.
    """

    def __init__(
        self,
        spec: SinkSpec,
        policy: ErrorPolicy,
        limits: Limits,
        fail: Callable[[EventFluxError], None],
        run_id: str,
    ) -> None:
        self.spec = spec
        self.room = Room()
        """Full while the queue holds ``max.in.flight`` messages."""
        self._policy = policy
        self._backoff = limits.backoff
        self._fail = fail
        self._run_id = run_id
        self._ids_given = 0
        self._sink: Sink | None = None
        self.connection = Connection(
            spec.label,
            self._open,
            self._close,
            backoff=limits.backoff,
            max_attempts=spec.options.reconnect_max_attempts,
            limit=limits.connect,
        )
        self._queue = SinkQueue()
        self._under_way: dict[int, Outgoing] = {}
        self._sends: dict[int, asyncio.Task[None]] = {}
        self._retries: dict[int, asyncio.TimerHandle] = {}
        self._in_flight = 0
        self._connected = False
        self._reconnect: asyncio.Task[None] | None = None
        self._linger: asyncio.TimerHandle | None = None
        self._draining = False
        self._broken = False
        self._idle = asyncio.Event()
        self._idle.set()
        self.messages = self.bytes = self.confirmed = self.refused = self.resent = 0
        self.abandoned = 0

    def prepare(self) -> None:
        """Make the connector, closed; for each start a new one."""
        self._sink = self.spec.create()
        self._broken = False
        self._idle = asyncio.Event()
        self._idle.set()

    def begin(self) -> None:
        """The connector is open: send what waits."""
        self._connected = True
        self._pump()

    def deliver(
        self, rows: Sequence[Row], delivery: Delivery | None, source_id: str | None = None
    ) -> None:
        """Encode rows and queue them. ``source_id`` is the id of the message that they all
        come from, where the source has such ids."""
        self.messages += len(rows)
        try:
            encoded = self.spec.mapper.encode(rows)
        except Exception as error:
            self.refused += len(rows)
            if delivery is not None:
                delivery.add(len(rows))
            self._break(broken_contract(self.spec.label, "encode", error))
            return
        if encoded.errors:
            self._not_encoded(encoded.errors, delivery)
        payloads = encoded.payloads
        count = len(payloads)
        if not count:
            return
        if source_id is None:
            ids: Sequence[str] = MessageIds(self._run_id, self._ids_given, count)
            self._ids_given += count
        else:
            ids = [f"{source_id}-{self.spec.stream}-{ordinal}" for ordinal in range(count)]
        size = count if self.spec.row_payloads else sum(map(len, payloads))
        if delivery is not None:
            delivery.add(count)
        self._queue.put(Portion(payloads, delivery, ids, size))
        if not self._broken:
            self._idle.clear()
        self._pump()
        if self._queue.messages >= self.spec.max_in_flight:
            self.room.set_full(True)

    async def drain(self) -> None:
        """Return when nothing waits and nothing is under way; lingering ends now. A sink
        that has failed only waits for what was sent before."""
        self._draining = True
        self._pump()
        await self._idle.wait()
        if self._broken and self._sends:
            await asyncio.wait(self._sends.values())
        self._draining = False

    async def close(self) -> None:
        """Give up what waits and what is under way, and close the connector."""
        self._connected = False
        self._broken = True
        if self._linger is not None:
            self._linger.cancel()
        for handle in self._retries.values():
            handle.cancel()
        tasks = [*self._sends.values()]
        if self._reconnect is not None:
            tasks.append(self._reconnect)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.abandoned += self._queue.messages + self._in_flight
        self._queue, self._in_flight = SinkQueue(), 0
        self._under_way.clear()
        self._sends.clear()
        self._retries.clear()
        self._reconnect = self._linger = None
        self._idle.set()
        self.room.set_full(False)
        await self.connection.close()
        self.connection.health = "stopped"

    def counters(self) -> dict[str, int]:
        """Messages = confirmed + refused + abandoned at a stop + queued + in flight."""
        return {
            "messages": self.messages,
            "bytes": self.bytes,
            "confirmed": self.confirmed,
            "refused": self.refused,
            "abandoned": self.abandoned,
            "resent": self.resent,
            "reconnects": self.connection.reconnects,
            "queued": self._queue.messages,
            "in_flight": self._in_flight,
        }

    async def _open(self) -> None:
        assert self._sink is not None, "prepare() makes the connector"
        await self._sink.open()

    async def _close(self) -> None:
        if self._sink is not None:
            await self._sink.close()

    # Sending

    def _pump(self) -> None:
        """Start sends while there are messages and room in flight."""
        options = self.spec.options
        while self._connected and self._queue.messages:
            free = self.spec.max_in_flight - self._in_flight
            if free <= 0:
                return
            if options.linger and not self._draining and not self._filled():
                return
            batch = self._queue.cut(min(free, options.batch_max_messages), options.batch_max_bytes)
            self._in_flight += len(batch.payloads)
            self.bytes += 0 if self.spec.row_payloads else batch.size
            self._send(batch)
        if self.room.full and self._queue.messages < self.spec.max_in_flight:
            self.room.set_full(False)

    def _filled(self) -> bool:
        """Whether a lingering batch is full or its time is over; starts its time if not."""
        if self._queue.messages >= self.spec.options.batch_max_messages:
            return True
        if self._linger is None:
            loop = asyncio.get_running_loop()
            self._linger = loop.call_later(self.spec.options.linger / 1000, self._linger_over)
        return False

    def _linger_over(self) -> None:
        self._linger = None
        draining, self._draining = self._draining, True
        self._pump()
        self._draining = draining

    def _send(self, batch: Outgoing) -> None:
        self._under_way[batch.number] = batch
        task = asyncio.get_running_loop().create_task(self._send_one(batch))
        self._sends[batch.number] = task

    async def _send_one(self, batch: Outgoing) -> None:
        assert self._sink is not None, "nothing is sent before prepare()"
        try:
            refusals = await self._sink.send(SinkBatch(batch.payloads, batch.ids))
        except Disconnected as lost:
            self._sends.pop(batch.number, None)
            self._lost(lost.reason)
            return
        except Exception as error:
            self._sends.pop(batch.number, None)
            self._break(broken_contract(self.spec.label, "send", error))
            return
        self._sends.pop(batch.number, None)
        del self._under_way[batch.number]
        if refusals:
            self._settle_refused(batch, refusals)
        else:
            self._confirmed(len(batch.payloads))
            batch.confirm()
            if batch.attempts:
                self.connection.health = "running"
        self._pump()
        self._note_idle()

    def _confirmed(self, count: int) -> None:
        self.confirmed += count
        self._in_flight -= count

    def _note_idle(self) -> None:
        if not self._queue.messages and not self._in_flight:
            self._idle.set()

    # Refusals

    def _settle_refused(self, batch: Outgoing, refusals: Sequence[Refusal]) -> None:
        by_index = {refusal.index: refusal for refusal in refusals}
        again: list[int] = []
        owners = list(batch.owners())
        for index, owner in enumerate(owners):
            refusal = by_index.get(index)
            if refusal is None:
                self._confirmed(1)
                if owner is not None:
                    owner.done()
            elif refusal.transient:
                again.append(index)
            else:
                self._refused_for_good(refusal.reason, refusal.hint, owner)
        if again and not self._broken:
            reason = by_index[again[0]].reason
            self.connection.health = f"running; {len(again)} messages refused for now: {reason}"
            self._send_later(
                Outgoing(
                    batch.number,
                    [batch.payloads[index] for index in again],
                    [batch.ids[index] for index in again],
                    [(owners[index], 1) for index in again],
                    attempts=batch.attempts + 1,
                )
            )

    def _refused_for_good(self, reason: str, hint: str | None, owner: Delivery | None) -> None:
        self.refused += 1
        if self._policy.for_refusals == "drop":
            self._in_flight -= 1
            self._policy.log_dropped(
                f"message {self.confirmed + self.refused} was refused and dropped: {reason}"
                + (f" (hint: {hint})" if hint else "")
            )
            if owner is not None:
                owner.done()
            return
        self._in_flight -= 1
        self._break(StreamFailed(f"{self.spec.label}: a message was refused: {reason}", hint))

    def _send_later(self, batch: Outgoing) -> None:
        self._under_way[batch.number] = batch
        delay = self._backoff.delay(batch.attempts, 0.0)
        self._retries[batch.number] = asyncio.get_running_loop().call_later(
            delay, self._send_again, batch
        )

    def _send_again(self, batch: Outgoing) -> None:
        del self._retries[batch.number]
        if self._connected:
            self.resent += len(batch.payloads)
            self._send(batch)

    def _not_encoded(self, errors: Sequence[MapperError], delivery: Delivery | None) -> None:
        for error in errors:
            self.refused += 1
            if self._policy.for_refusals == "drop":
                self._policy.log_dropped(f"a row can't be encoded and is dropped: {error.message}")
                continue
            if delivery is not None:
                delivery.add(1)
            self._break(StreamFailed(f"{self.spec.label}: a row can't be encoded: {error.message}"))

    # Losing the connection

    def _lost(self, reason: str) -> None:
        if not self._connected:
            return
        self._connected = False
        self._reconnect = asyncio.get_running_loop().create_task(self._reconnect_and_resend(reason))

    async def _reconnect_and_resend(self, reason: str) -> None:
        try:
            await self._end_sends()
            await self.connection.reconnect(reason)
        except EventFluxError as error:
            self._break(error)
            return
        self._reconnect = None
        self._connected = True
        for handle in self._retries.values():
            handle.cancel()
        self._retries.clear()
        for number in sorted(self._under_way):
            batch = self._under_way[number]
            self.resent += len(batch.payloads)
            self._send(batch)
        self._pump()
        self._note_idle()

    async def _end_sends(self) -> None:
        """Sends of the lost connection end by themselves; who doesn't is cancelled."""
        sends = list(self._sends.values())
        if sends:
            _, waiting = await asyncio.wait(sends, timeout=1.0)
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
        self._sends.clear()

    def _break(self, error: EventFluxError) -> None:
        """The app has to stop; nothing more leaves here."""
        self._broken = True
        self._connected = False
        self.connection.health = f"failed: {error.message}"
        self._idle.set()
        self._fail(error)
