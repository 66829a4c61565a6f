"""Runs one source: receive, decode, step, settle; reconnects when the connection is lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from time import perf_counter
from typing import Protocol

from eventflux.base.errors import EventFluxError
from eventflux.base.interruption import is_interruption
from eventflux.runtime.connection import Connection
from eventflux.runtime.contract import broken_contract, check_batch, outcome
from eventflux.runtime.delivery import SourceDelivery
from eventflux.runtime.intake import Intake
from eventflux.runtime.room import Room, Stock, any_full, room_in_all
from eventflux.runtime.specs import Limits, SourceSpec
from eventflux.runtime.steps import StepFailed, Steps
from eventflux.spi.faults import Disconnected
from eventflux.spi.source import EndOfStream, Positions, ReceiveLimits, Source, SourceBatch

logger = logging.getLogger("eventflux.runtime")

_LONG_STEP, _SHORT_STEP = 0.008, 0.002
"""Seconds: a longer step halves the batches, a shorter one doubles them again, so that a
slow query doesn't hold the loop for more than a few milliseconds."""

_UNPUBLISHED = 64
"""How much more than may be in flight may wait for a checkpoint alone, where the other side sets no
bound: each checkpoint costs, and of a message that waits nothing is held but what settles it."""


class App(Protocol):
    """What a source runner needs of the app."""

    def connector_failed(self, stream: str, error: EventFluxError) -> None: ...

    def step_failed(self, failed: StepFailed) -> None: ...

    def source_ended(self, complete: str | None) -> None: ...

    def want_checkpoint(self) -> None: ...


class SourceRunner:
    """Brings batches into the app, one at a time, while there is room downstream, and
    settles each once everything derived from it is safe."""

    def __init__(
        self,
        spec: SourceSpec,
        steps: Steps,
        limits: Limits,
        app: App,
        downstream: list[Room],
    ) -> None:
        self.spec = spec
        self._intake = Intake(spec, steps)
        self._app = app
        self._limits = limits
        self._source: Source | None = None
        self._steps = steps
        self._positions: Positions | None = None
        self.positions: Positions | None = None
        """Of a replayable source: where it goes on behind what has been processed."""
        self.busy = Room()
        """Full while a batch is being processed."""
        self._looked_at = 0
        self.waits_for_checkpoints = False
        """Whether its rows reach state that is stored."""
        self._unpublished = Stock(
            spec.prefetch or _UNPUBLISHED * spec.options.max_in_flight,
            _UNPUBLISHED * int(spec.options.max_in_flight_bytes),
        )
        """What is done but for a checkpoint: nothing is held of it but what acknowledges it."""
        self.connection = Connection(spec, limits, self._open, self._close)
        self._unsettled: set[SourceDelivery] = set()
        self._in_flight = Stock(spec.options.max_in_flight, int(spec.options.max_in_flight_bytes))
        self._downstream = downstream
        self._task: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None
        self._receiving = False
        self._held: list[SourceDelivery] = []
        self._stopping = False
        self.ended = False
        self.complete = False
        """Whether all rows of a finite input have come."""
        self._batch_limit = spec.options.batch_max_messages
        self._sized = not spec.row_payloads
        self.messages = self.bytes = 0
        self.acknowledged = self.rejected = self.requeued = 0

    def prepare(self) -> None:
        """Make the connector, closed; for each start a new one."""
        self._source = self.spec.create()
        self.connection.attach(self._source)
        self._positions = self.positions = None
        self._intake.begin()
        self._stopping = self.ended = self.complete = False

    def resume(self, positions: Positions) -> None:
        """Let the next opening be at these positions."""
        self._positions = self.positions = positions

    async def _open(self) -> None:
        assert self._source is not None, "prepare() makes the connector"
        await self._source.open(self._positions)

    async def _close(self) -> None:
        if self._source is not None:
            await self._source.close()

    def begin(self) -> None:
        """The connector is open: receive from now on."""
        self._receiving = True
        self._task = asyncio.get_running_loop().create_task(self._run())

    def halt(self) -> None:
        """Take no further batch; the app has failed and is about to stop."""
        self._stopping = True

    def fail(self, error: EventFluxError) -> None:
        """Stop this source alone, for good; what it took may still be settled."""
        if not self._stopping:
            self._stopping = True
            self.connection.health = f"failed: {error.message}"
            self._ending = asyncio.get_running_loop().create_task(self._end())

    async def _end(self) -> None:
        await self.stop()
        self.ended = True
        self._app.source_ended(None)

    async def stop(self) -> None:
        """Take no more messages; what has been taken may still be settled."""
        self._stopping = True
        if self._task is not None and self._source is not None:
            task, self._task = self._task, None
            task.cancel()
            _, deaf = await asyncio.wait([task], timeout=self._limits.connect)
            if deaf:
                self._log_broken("receive", "goes on though it was cancelled")
            await self._stop_connector(self._source)
            self._receiving = False
            held, self._held = self._held, []
            for delivery in held:
                self._release(delivery)

    async def _stop_connector(self, source: Source) -> None:
        label, limit = self.spec.label, self._limits.connect
        try:
            error = await outcome(source.stop, limit)
        except TimeoutError:
            self._log_broken("stop", f"took longer than {limit:.1f} s")
            return
        if isinstance(error, Disconnected):
            # Nothing more can come, and what was open is delivered again.
            logger.info("%s: stopped without a connection: %s", label, error.reason)
        elif error is not None:
            self._log_broken("stop", error)

    def _log_broken(self, call: str, did: str | BaseException) -> None:
        logger.warning("%s", broken_contract(self.spec, call, did).message)

    async def close(self, within: float) -> None:
        """Give back what is not settled, and close the connector within so many seconds."""
        for delivery in sorted(self._unsettled, key=lambda delivery: delivery.number):
            self._settle_token(delivery, range(delivery.count), requeue=True)
        self._unsettled.clear()
        await self.connection.close(within)
        if not self.connection.health.startswith("failed"):
            self.connection.health = "stopped"

    @property
    def failed(self) -> int:
        """Messages, or rows of one, that could not be decoded."""
        return self._intake.desk.failed

    @property
    def returned(self) -> int:
        """Messages that were given back without being looked at."""
        return self._intake.desk.returned

    def starved(self) -> bool:
        """Whether messages wait for a checkpoint and none has come since the last call: the other
        side may wait for them, where it has a bound that it does not tell."""
        quiet, self._looked_at = self.messages == self._looked_at, self.messages
        untold = self.spec.kind == "acking" and self.spec.prefetch is None
        return untold and quiet and self._unpublished.messages > 0

    @property
    def holds_too_much(self) -> bool:
        """Whether it receives nothing because so much of what it took is not settled."""
        return self._in_flight.full or self._unpublished.full

    def counters(self) -> dict[str, int]:
        """Messages = acknowledged + rejected + requeued + in flight."""
        return {
            "messages": self.messages,
            "bytes": self.bytes,
            "acknowledged": self.acknowledged,
            "rejected": self.rejected,
            "requeued": self.requeued,
            "retried": self._intake.desk.retried,
            "reconnects": self.connection.reconnects,
            "in_flight": self._in_flight.messages + self._unpublished.messages,
            "in_flight_bytes": self._in_flight.bytes + self._unpublished.bytes,
            "unpublished": self._unpublished.messages,
        }

    # Receiving

    async def _run(self) -> None:
        try:
            await self._receive_all()
        except EventFluxError as error:
            self._app.connector_failed(self.spec.stream, error)
        except BaseException as error:
            if is_interruption(error):
                raise
            broken = broken_contract(self.spec, "receive", error)
            self._app.connector_failed(self.spec.stream, broken)

    async def _receive_all(self) -> None:
        assert self._source is not None, "nothing is received before prepare()"
        receive = self._source.receive
        downstream, in_flight = self._downstream, self._in_flight
        unpublished = self._unpublished
        max_bytes = int(self.spec.options.batch_max_bytes)
        limits = ReceiveLimits(self._batch_limit, max_bytes)
        while not self._stopping:
            if in_flight.full or unpublished.full or any_full(downstream):
                await room_in_all([*downstream, in_flight, unpublished])
            if limits.messages != self._batch_limit:
                limits = ReceiveLimits(self._batch_limit, max_bytes)
            try:
                batch = await receive(limits)
            except Disconnected as lost:
                await self.connection.reconnect(lost)
                continue
            except EndOfStream:
                self.ended = self.complete = True
                self.connection.health = "ended"
                self._app.source_ended(self.spec.stream)
                return
            self.connection.proved = True
            check_batch(self.spec, batch)
            delivery = self._taken(batch)
            began = perf_counter()
            self.busy.full = True
            try:
                triage = self._intake.take(batch, delivery)
                if triage is not None:
                    await triage
                if batch.positions is not None:
                    self.positions = batch.positions
            except StepFailed as failed:
                self._failed(failed)
            except asyncio.CancelledError:
                delivery.done()  # stopped while it waited; the rest goes back
                raise
            finally:
                self.busy.set_full(False)
            delivery.done()
            self._fit_batches(delivery.count, perf_counter() - began)
            # A source that never has to wait would never let the loop turn.
            await asyncio.sleep(0)

    def _taken(self, batch: SourceBatch) -> SourceDelivery:
        """Count a batch as under way."""
        payloads = batch.payloads
        count = len(payloads)
        self.messages += count
        size = sum(map(len, payloads)) if self._sized else 0
        self.bytes += size
        self._in_flight.add(count, size)
        if batch.positions is not None:
            self._positions = batch.positions
        epoch = self._steps.epoch
        delivery = SourceDelivery(self, batch.token, count, size, self.messages, epoch)
        self._unsettled.add(delivery)
        return delivery

    def _failed(self, failed: StepFailed) -> None:
        if failed.alone:
            self.fail(failed.error)
        self._app.step_failed(failed)

    def _fit_batches(self, count: int, seconds: float) -> None:
        if seconds > _LONG_STEP and count >= self._batch_limit:
            self._batch_limit = max(1, self._batch_limit // 2)
        elif seconds < _SHORT_STEP and self._batch_limit < self.spec.options.batch_max_messages:
            self._batch_limit = min(2 * self._batch_limit, self.spec.options.batch_max_messages)

    # Settling

    def settle(self, delivery: SourceDelivery) -> None:
        """Everything derived from the batch is safe; what it has left in state, where that is
        stored, is when the checkpoint is published that holds it."""
        epoch = delivery.epoch
        if epoch is None or not self.waits_for_checkpoints:
            self._release(delivery)
        else:
            epoch.on_published.append(partial(self._release, delivery))
            self._in_flight.remove(delivery.count, delivery.size)
            self._unpublished.add(delivery.count, delivery.size)
            delivery.unpublished = True
            if self._unpublished.half_full:
                self._app.want_checkpoint()
        if epoch is not None:
            epoch.done()

    def _release(self, delivery: SourceDelivery) -> None:
        """Settle a batch. What goes back waits until nothing more is delivered here: it would
        come again at once, and count as delivered once more."""
        if delivery not in self._unsettled:
            return  # given back while the source was being closed
        if delivery.requeue and self._receiving:
            self._held.append(delivery)
            return
        self._unsettled.discard(delivery)
        self._settle_token(delivery, delivery.rejected, requeue=delivery.requeue)

    def _settle_token(
        self, delivery: SourceDelivery, rejected: Sequence[int], *, requeue: bool
    ) -> None:
        stock = self._unpublished if delivery.unpublished else self._in_flight
        stock.remove(delivery.count, delivery.size)
        if requeue:
            self.requeued += len(rejected)
        else:
            self.rejected += len(rejected)
        self.acknowledged += delivery.count - len(rejected)
        assert self._source is not None, "nothing is settled before prepare()"
        try:
            self._source.settle(delivery.token, rejected, requeue=requeue)
        except BaseException as error:
            if is_interruption(error):
                raise
            broken = broken_contract(self.spec, "settle", error)
            self._app.connector_failed(self.spec.stream, broken)
