"""Runs one sink: encodes rows, queues the messages, and cuts batches as there is room."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from eventflux.base.errors import EventFluxError
from eventflux.base.rows import Row
from eventflux.runtime.connection import Connection, broken_contract
from eventflux.runtime.delivery import Delivery
from eventflux.runtime.error_policy import ErrorPolicy
from eventflux.runtime.message_ids import MessageIds, derived_ids
from eventflux.runtime.room import Room
from eventflux.runtime.sink_queue import Portion, SinkQueue
from eventflux.runtime.specs import Limits, SinkSpec
from eventflux.runtime.transmission import Transmission
from eventflux.spi.mapper import TimedSinkMapper


class SinkRunner:
    """Takes rows, and sees to it that each message is confirmed or settled by the stream's
    error strategy.

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
        """Full while the queue holds ``max.in.flight`` messages, or as many bytes as allowed."""
        mapper = spec.mapper
        self._encode_timed = mapper.encode_timed if isinstance(mapper, TimedSinkMapper) else None
        self.timed = self._encode_timed is not None
        """Whether its mapper wants the event times of the rows."""
        self._run_id = run_id
        self._ids_given = 0
        self._queue = SinkQueue()
        self._sending = Transmission(spec, policy, limits, fail, self._pump)
        self._linger: asyncio.TimerHandle | None = None
        self._draining = False
        self._idle = asyncio.Event()
        self.messages = self.bytes = self.abandoned = 0

    @property
    def connection(self) -> Connection:
        return self._sending.connection

    def prepare(self) -> None:
        """Make the connector, closed; for each start a new one."""
        self._sending.prepare()
        self._idle = asyncio.Event()
        self._idle.set()

    def begin(self) -> None:
        """The connector is open: send what waits."""
        self._sending.connected = True
        self._pump()

    def deliver(
        self,
        rows: Sequence[Row],
        delivery: Delivery | None,
        source_id: str | None = None,
        times: Sequence[int] | None = None,
    ) -> None:
        """Encode rows and queue them. ``source_id`` is the id of the message that they all
        come from, where the source has such ids; ``times`` are given to a timed sink."""
        payloads, sent = self._encode(rows, delivery, times)
        count = len(payloads)
        if not count:
            return
        if source_id is None:
            ids: Sequence[str] = MessageIds(self._run_id, self._ids_given, count)
            self._ids_given += count
        else:
            ids = derived_ids(source_id, self.spec.stream, count)
        size = count if self.spec.row_payloads else sum(map(len, payloads))
        if delivery is not None:
            delivery.add(count)
        kept = sent if self._sending.keeps_rows else None
        self._queue.put(Portion(payloads, delivery, ids, size, kept))
        self._idle.clear()
        self._pump()
        if self._full():
            self.room.set_full(True)

    async def drain(self) -> None:
        """Return when nothing waits and nothing is under way; lingering ends now. A sink
        that has failed only waits for what was sent before."""
        self._draining = True
        self._pump()
        await self._idle.wait()
        if self._sending.failed:
            await self._sending.sends_ended()
        self._draining = False

    async def close(self, within: float) -> None:
        """Give up what waits and what is under way, and close the connector within so many
        seconds."""
        if self._linger is not None:
            self._linger.cancel()
            self._linger = None
        given_up = await self._sending.abandon(within)
        self.abandoned += given_up + self._queue.messages
        self._queue = SinkQueue()
        self._draining = False
        self._idle.set()
        self.room.set_full(False)

    def counters(self) -> dict[str, int]:
        """Messages = confirmed + refused + abandoned at a stop + queued + in flight."""
        sending = self._sending
        return {
            "messages": self.messages,
            "bytes": self.bytes,
            "confirmed": sending.confirmed,
            "refused": sending.refused,
            "abandoned": self.abandoned,
            "resent": sending.resent,
            "reconnects": sending.connection.reconnects,
            "queued": self._queue.messages,
            "in_flight": sending.in_flight,
            "queued_bytes": self._queue.bytes,
            "in_flight_bytes": sending.in_flight_bytes,
        }

    def _encode(
        self, rows: Sequence[Row], delivery: Delivery | None, times: Sequence[int] | None
    ) -> tuple[Sequence[bytes], Sequence[Row]]:
        """The payloads, and the rows that they were made of."""
        self.messages += len(rows)
        writer = self.spec.metadata
        try:
            mapped = rows if writer is None else writer.payload_rows(rows)
            if self._encode_timed is not None and times is not None:
                encoded = self._encode_timed(mapped, times)
            else:
                encoded = self.spec.mapper.encode(mapped)
        except Exception as error:
            self._sending.refused += len(rows)
            if delivery is not None:
                delivery.add(len(rows))
            self._sending.stop_because(broken_contract(self.spec, "encode", error))
            return (), ()
        for problem in encoded.errors:
            if delivery is not None:
                delivery.add(1)
            self._sending.not_sent(f"a row can't be encoded: {problem.message}", None, delivery)
        if not encoded.errors:
            return encoded.payloads, rows
        bad = {problem.index for problem in encoded.errors}
        return encoded.payloads, [row for i, row in enumerate(rows) if i not in bad]

    def _pump(self) -> None:
        """Send while there are messages and room in flight; note what has become of both."""
        options, sending, queue = self.spec.options, self._sending, self._queue
        while sending.connected and queue.messages:
            free = self.spec.max_in_flight - sending.in_flight
            free_bytes = options.max_in_flight_bytes - sending.in_flight_bytes
            if free <= 0 or free_bytes <= 0 or not self._may_leave():
                break
            batch = queue.cut(
                min(free, options.batch_max_messages), min(free_bytes, options.batch_max_bytes)
            )
            self.bytes += 0 if self.spec.row_payloads else batch.size
            sending.send(batch)
        if self.room.full and not self._full():
            self.room.set_full(False)
        if sending.failed or not (queue.messages or sending.in_flight):
            self._idle.set()

    def _full(self) -> bool:
        return (
            self._queue.messages >= self.spec.max_in_flight
            or self._queue.bytes >= self.spec.options.max_in_flight_bytes
        )

    def _may_leave(self) -> bool:
        """Whether a batch is full, or has lingered; starts its time if not."""
        options = self.spec.options
        if not options.linger or self._draining:
            return True
        queue = self._queue
        if queue.messages >= options.batch_max_messages or queue.bytes >= options.batch_max_bytes:
            return True
        if self._full():
            return True
        if self._linger is None:
            loop = asyncio.get_running_loop()
            self._linger = loop.call_later(options.linger / 1000, self._linger_over)
        return False

    def _linger_over(self) -> None:
        self._linger = None
        draining, self._draining = self._draining, True
        self._pump()
        self._draining = draining
