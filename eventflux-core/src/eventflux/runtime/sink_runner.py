"""Runs one sink: encodes rows, queues the messages, and cuts batches as there is room."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from time import perf_counter

from eventflux.base.errors import EventFluxError
from eventflux.runtime.connection import Connection
from eventflux.runtime.delivery import Delivery
from eventflux.runtime.encoding import Encoding, Leaving
from eventflux.runtime.engine import Engine
from eventflux.runtime.error_policy import Fallback
from eventflux.runtime.message_ids import MessageIds, SourceId
from eventflux.runtime.room import Stock
from eventflux.runtime.sink_errors import SinkErrors
from eventflux.runtime.sink_queue import Portion, Share, SinkQueue
from eventflux.runtime.specs import Limits, SinkSpec
from eventflux.runtime.transmission import Transmission
from eventflux.spi.mapper import MapperError
from eventflux.spi.sink import SinkBatch


class SinkRunner:
    """Takes rows, and sees to it that each message is confirmed or settled by the stream's
    error strategy.

    ``fail`` is told of what must stop the app. ``run_id`` makes message ids unique.
    """

    def __init__(
        self,
        spec: SinkSpec,
        engine: Engine,
        errors: SinkErrors,
        limits: Limits,
        fail: Callable[[EventFluxError], None],
        run_id: str,
    ) -> None:
        self.spec = spec
        self.room = Stock(spec.max_in_flight, int(spec.options.max_in_flight_bytes))
        """Of what waits: full with ``max.in.flight`` messages, or as many bytes as allowed."""
        self._encoding = Encoding(spec, engine)
        self._run_id = run_id
        self._ids_given = 0
        self._queue = SinkQueue(self.room)
        self._sized = not spec.row_payloads
        self._keeps_rows = False
        self._sending = Transmission(spec, errors, limits, fail, self._pump)
        self._max_messages = spec.options.batch_max_messages
        self._max_bytes = int(spec.options.batch_max_bytes)
        self._lingers = bool(spec.options.linger)
        self._linger: asyncio.TimerHandle | None = None
        self._lingered = False
        self._drains = 0
        self._drained = asyncio.Event()
        self.messages = self.bytes = self.abandoned = 0
        self.last_at: float | None = None
        """When (``perf_counter``) the last rows came."""

    @property
    def connection(self) -> Connection:
        return self._sending.connection

    def prepare(self) -> None:
        """Make the connector, closed; for each start a new one."""
        self._sending.prepare()
        self.look_for_readers()
        self._drained = asyncio.Event()

    def look_for_readers(self) -> None:
        """See whether messages need the rows that they were made of; called when somebody reads
        a stream that nobody read before."""
        self._keeps_rows = self._sending.keeps_rows

    def begin(self) -> None:
        """The connector is open: send what waits."""
        self._sending.begin()
        self._pump()

    def deliver(
        self,
        delivery: Delivery | None,
        source_id: SourceId | None = None,
        handled: Fallback | None = None,
    ) -> None:
        """Encode the rows that a step has put into the outlet, and queue them. ``source_id`` is
        the id of the message that they all come from, where the source has such ids; ``handled``
        says of error rows what becomes of one that can't be delivered."""
        encoding = self._encoding
        if not encoding.outlet.rows:
            return
        leaving = encoding.take()
        self.last_at = perf_counter()
        self.messages += len(leaving.rows)
        try:
            encoded = encoding.encode(leaving)
        except EventFluxError as broken:
            self._break(broken, len(leaving.rows), delivery)
            return
        if encoded.errors:
            self._settle_errors(encoded.errors, leaving, delivery, source_id, handled)
            leaving = leaving.without({problem.index for problem in encoded.errors})
        count = len(encoded.payloads)
        if not count:
            return
        if source_id is None:
            ids: Sequence[str] = MessageIds(self._run_id, self._ids_given, count)
            self._ids_given += count
        else:
            ids = source_id.results(self.spec.stream, count)
        size = sum(map(len, encoded.payloads)) if self._sized else count
        if delivery is not None:
            delivery.add(count)
        messages = SinkBatch(encoded.payloads, ids)
        encoding.put_beside(messages, leaving, rows=self._keeps_rows)
        self._queue.put(Portion(delivery, count, handled, messages, size))
        self._pump()

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing is under way, or nothing will leave any more."""
        return self._sending.failed or not (self.room.messages or self._sending.in_flight.messages)

    async def drain(self) -> None:
        """Return when nothing waits and nothing is under way; lingering ends now. A sink
        that has failed only waits for what was sent before."""
        self._drains += 1
        try:
            self._pump()
            while not self.idle:
                self._drained.clear()
                await self._drained.wait()
            if self._sending.failed:
                await self._sending.sends_ended()
        finally:
            self._drains -= 1

    async def close(self, within: float) -> None:
        """Give up what waits and what is under way, and close the connector within so many
        seconds."""
        if self._linger is not None:
            self._linger.cancel()
            self._linger = None
        given_up = await self._sending.abandon(within)
        self.abandoned += given_up + self._queue.clear()
        self._drained.set()

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
            "queued": self.room.messages,
            "in_flight": sending.in_flight.messages,
            "queued_bytes": self.room.bytes,
            "in_flight_bytes": sending.in_flight.bytes,
        }

    def _break(self, broken: EventFluxError, count: int, delivery: Delivery | None) -> None:
        """Fail because the mapper breaks its contract: ``count`` rows stay unsettled."""
        if delivery is not None:
            delivery.add(count)
        self._sending.refused += count
        self._sending.errors.broken(count)
        self._sending.stop_because(broken)

    def _settle_errors(
        self,
        problems: Sequence[MapperError],
        leaving: Leaving,
        delivery: Delivery | None,
        source_id: SourceId | None,
        handled: Fallback | None,
    ) -> None:
        sending, rows = self._sending, self._encoding.whole_rows(leaving)
        for problem in problems:
            row = rows[problem.index]
            share = Share(delivery, 1, handled)
            if delivery is not None:
                delivery.add(1)
            sending.settled(sending.errors.not_encoded(problem.message, row, share, source_id))

    def _pump(self) -> None:
        """Send while there are messages and room in flight; note what has become of both."""
        sending, in_flight = self._sending, self._sending.in_flight
        while self.room.messages and sending.connected and not in_flight.full:
            if self._lingers and not self._may_leave():
                break
            batch = self._queue.cut(
                min(self._max_messages, in_flight.max_messages - in_flight.messages),
                min(self._max_bytes, in_flight.max_bytes - in_flight.bytes),
            )
            self.bytes += batch.size if self._sized else 0
            sending.send(batch)
        if self._drains and self.idle:
            self._drained.set()

    def _may_leave(self) -> bool:
        """Whether a batch is full, or has lingered; starts its time if not."""
        waiting = self.room
        if (
            self._drains
            or self._lingered
            or waiting.full
            or waiting.messages >= self._max_messages
            or waiting.bytes >= self._max_bytes
        ):
            return True
        if self._linger is None:
            loop, seconds = asyncio.get_running_loop(), self.spec.options.linger / 1000
            self._linger = loop.call_later(seconds, self._linger_over)
        return False

    def _linger_over(self) -> None:
        self._linger, self._lingered = None, True
        self._pump()
        self._lingered = False
