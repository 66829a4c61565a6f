"""Runs one sink: encodes rows, queues the messages, and cuts batches as there is room."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from eventflux.base.errors import EventFluxError
from eventflux.base.rows import Row
from eventflux.runtime.connection import Connection, broken_contract
from eventflux.runtime.delivery import Delivery
from eventflux.runtime.error_policy import Fallback
from eventflux.runtime.message_ids import MessageIds, SourceId
from eventflux.runtime.room import Room
from eventflux.runtime.sink_errors import SinkErrors
from eventflux.runtime.sink_queue import Portion, Share, SinkQueue
from eventflux.runtime.specs import Limits, SinkSpec
from eventflux.runtime.transmission import Transmission
from eventflux.spi.mapper import Encoded, TimedSinkMapper


class SinkRunner:
    """Takes rows, and sees to it that each message is confirmed or settled by the stream's
    error strategy.

    ``fail`` is told of what must stop the app. ``run_id`` makes message ids unique.
    """

    def __init__(
        self,
        spec: SinkSpec,
        errors: SinkErrors,
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
        self._sending = Transmission(spec, errors, limits, fail, self._pump)
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
        source_id: SourceId | None = None,
        times: Sequence[int] | None = None,
        handled: Fallback | None = None,
    ) -> None:
        """Encode rows and queue them. ``source_id`` is the id of the message that they all
        come from, where the source has such ids; ``times`` are given to a timed sink;
        ``handled`` says of error rows what becomes of one that can't be delivered."""
        encoded = self._encoded(rows, times)
        if encoded is None:
            if delivery is not None:
                delivery.add(len(rows))
            return
        if encoded.errors:
            self._settle_errors(encoded, rows, delivery, source_id, handled)
        payloads = encoded.payloads
        count = len(payloads)
        if not count:
            return
        if source_id is None:
            ids: Sequence[str] = MessageIds(self._run_id, self._ids_given, count)
            self._ids_given += count
        else:
            ids = source_id.results(self.spec.stream, count)
        size = count if self.spec.row_payloads else sum(map(len, payloads))
        if delivery is not None:
            delivery.add(count)
        kept: Sequence[Row] | None = None
        if self._sending.keeps_rows:
            bad = {problem.index for problem in encoded.errors}
            kept = [row for place, row in enumerate(rows) if place not in bad] if bad else rows
        self._queue.put(Portion(payloads, delivery, ids, size, kept, handled))
        self._idle.clear()
        self._pump()
        if self._full():
            self.room.set_full(True)

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing is under way, or nothing will leave any more."""
        return self._idle.is_set()

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
            "retried": sending.retried,
            "reconnects": sending.connection.reconnects,
            "queued": self._queue.messages,
            "in_flight": sending.in_flight,
            "queued_bytes": self._queue.bytes,
            "in_flight_bytes": sending.in_flight_bytes,
        }

    def _encoded(self, rows: Sequence[Row], times: Sequence[int] | None) -> Encoded | None:
        """The rows as messages; nothing if the mapper breaks its contract."""
        self.messages += len(rows)
        writer = self.spec.metadata
        try:
            mapped = rows if writer is None else writer.payload_rows(rows)
            if self._encode_timed is not None and times is not None:
                return self._encode_timed(mapped, times)
            return self.spec.mapper.encode(mapped)
        except Exception as error:
            self._sending.refused += len(rows)
            self._sending.errors.broken(len(rows))
            self._sending.stop_because(broken_contract(self.spec, "encode", error))
            return None

    def _settle_errors(
        self,
        encoded: Encoded,
        rows: Sequence[Row],
        delivery: Delivery | None,
        source_id: SourceId | None,
        handled: Fallback | None,
    ) -> None:
        sending = self._sending
        for problem in encoded.errors:
            row = rows[problem.index]
            share = Share(delivery, 1, handled)
            if delivery is not None:
                delivery.add(1)
            sending.settled(sending.errors.not_encoded(problem.message, row, share, source_id))

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
