"""A batch that has messages of which something must be known alone: bad ones are set aside."""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from eventflux.base.errors import PluginError
from eventflux.runtime.decoding import Arrived, Decoding, some_messages
from eventflux.runtime.delivery import SourceDelivery
from eventflux.runtime.error_policy import Decision
from eventflux.runtime.error_rows import MAPPING, TOO_MANY_DELIVERIES, Problem
from eventflux.runtime.message_ids import SourceId
from eventflux.runtime.origins import LastTry
from eventflux.runtime.specs import SourceSpec
from eventflux.runtime.steps import StepFailed, Steps
from eventflux.spi.mapper import MapperError
from eventflux.spi.source import SourceBatch


class Desk:
    """What the batches of one source are taken with. It counts ``failed`` messages (or rows of
    one) that could not be read, those ``returned`` unread, and tries ``retried``."""

    def __init__(self, spec: SourceSpec, steps: Steps) -> None:
        self.spec = spec
        self.steps = steps
        self.errors = steps.errors
        self.policy = steps.errors.of_stream(spec.stream)
        self.decoding = Decoding(spec)
        self.failed = self.returned = self.retried = 0

    def partitions(self, batch: SourceBatch, arrived: Arrived) -> Sequence[str] | None:
        """Of each row the partition, where these have watermarks."""
        given = batch.partitions
        if given is None or not self.spec.watermark:
            return None
        return [given[origin] for origin in arrived.origins]


class Triage:
    """One batch under way: its rows are stepped, and what is bad among its messages is set aside
    alone, by the error strategy of the stream, in the order in which it shows."""

    def __init__(self, desk: Desk, batch: SourceBatch, delivery: SourceDelivery) -> None:
        self._desk = desk
        self._batch = batch
        self._delivery = delivery
        self._end = delivery.count
        """The index of the first message that goes back; their number while none does."""
        self._rejected: list[int] = []
        """The indices, in order, of messages that are not acknowledged."""
        self._last_tries: Mapping[int, LastTry] = {}
        """Messages that are tried alone, by their index."""
        self._ids: dict[int, SourceId] = {}
        """Made for each message that is looked at alone, by its index."""
        self.worn: Mapping[int, Problem] = {}
        """Messages that came too often to be decoded once more."""
        if batch.deliveries is not None:
            self._judge(batch.deliveries)

    def _judge(self, deliveries: Sequence[int]) -> None:
        """Find the messages that came too often.

        Under ``fail`` a message that came too often may be the innocent neighbour of one that
        failed the app: it is tried alone, and only an error of its own makes it a dead letter.
        What comes even then, twice as often, brings the process down before any error.
        """
        policy = self._desk.policy
        most = policy.retries.max_attempts
        if policy.dead_letters is None or max(deliveries, default=0) <= most:
            return
        unread = most
        if policy.strategy == "fail":
            unread = 2 * most
            self._last_tries = {
                index: LastTry(policy, count)
                for index, count in enumerate(deliveries)
                if most < count <= unread
            }
        self.worn = {
            index: self._problem(
                index,
                "came too often",
                f"it was delivered {count} times, and never was all that came of it safe",
                TOO_MANY_DELIVERIES,
                count,
            )
            for index, count in enumerate(deliveries)
            if count > unread
        }

    async def take(self, arrived: Arrived) -> None:
        """Step the rows, and set aside what is bad."""
        if not self.worn and not arrived.errors:
            self._step(arrived)
        elif not self.worn and self._drops_unseen(arrived):
            try:
                self._step(arrived)
            finally:
                for error in arrived.errors:
                    if error.index < self._end:
                        self._set_aside(error, arrived)
        else:
            await self._take_around(arrived)

    def untaken(self) -> None:
        """Let all messages come again."""
        self._give_back(0, 0)

    def stopped(self, arrived: Arrived, failed: StepFailed, start: int = 0) -> None:
        """Let the messages of rows that a step did not take, those from ``start`` on, come
        again."""
        origins = arrived.origins
        read = origins[start + failed.taken - 1] + 1 if start + failed.taken else 0
        self._give_back(origins[start + failed.first], read)

    def _step(self, arrived: Arrived) -> None:
        """Step rows; message by message where the results have its id, or its errors are its
        own."""
        desk, delivery, origins = self._desk, self._delivery, arrived.origins
        alone = self._batch.message_ids is not None or bool(self._last_tries)
        start, end, count = 0, len(arrived.rows), len(arrived.rows)
        source_id, last_try = None, None
        try:
            while start < count:
                if alone:
                    end = bisect_right(origins, origins[start], start)
                    source_id = self._source_id(origins[start])
                    last_try = self._last_tries.get(origins[start])
                part = arrived if end - start == count else arrived.part(start, end)
                desk.steps.step(
                    desk.spec.stream,
                    part.rows,
                    None,
                    delivery,
                    part.metadata,
                    source_id,
                    last_try,
                    desk.partitions(self._batch, part),
                )
                start = end
        except StepFailed as failed:
            self.stopped(arrived, failed, start)
            raise

    def _give_back(self, index: int, read: int) -> None:
        """Let the messages from ``index`` on come again; those before ``read`` were looked at."""
        self._end = index
        delivery = self._delivery
        self._rejected = sorted({*self._rejected, *range(index, delivery.count)})
        delivery.rejected, delivery.requeue = self._rejected, True
        self._desk.returned += delivery.count - read

    async def _take_around(self, arrived: Arrived) -> None:
        origins = arrived.origins
        bad: list[tuple[int, MapperError | Problem]] = [(e.index, e) for e in arrived.errors]
        place, settled, last = 0, -1, 0
        for index, found in sorted([*bad, *self.worn.items()], key=lambda item: item[0]):
            if index == settled:
                continue
            again = isinstance(found, MapperError) and self._may_try_again(found)
            # Of a message that fails the app, or is tried again, no row counts.
            apart = again or (isinstance(found, MapperError) and self._fails(index))
            end = (bisect_left if apart else bisect_right)(origins, index)
            if place < end:
                self._run_errors(last)
                self._step(arrived.part(place, end))
            place = max(place, bisect_right(origins, index)) if again else max(place, end)
            last = index
            if isinstance(found, Problem):
                self._desk.failed += 1
                self._settle(found, "dlq", index)
            elif again:
                await self._try_again(found)
                settled = index
            else:
                self._set_aside(found, arrived)
        self._run_errors(last)
        self._step(arrived.part(place))

    def _run_errors(self, index: int) -> None:
        """Hand on the error rows up to the message ``index``."""
        try:
            self._desk.steps.run_errors()
        except StepFailed:
            self._give_back(index, index + 1)
            raise

    def _fails(self, index: int) -> bool:
        return self._desk.policy.for_rows == "fail" and index not in self._last_tries

    def _may_try_again(self, error: MapperError) -> bool:
        return error.transient and self._desk.policy.strategy == "retry"

    def _drops_unseen(self, arrived: Arrived) -> bool:
        """Whether nothing comes of the errors but counts and log lines."""
        desk = self._desk
        if desk.policy.for_rows != "drop" or desk.errors.are_read(desk.spec.stream):
            return all(error.ignored for error in arrived.errors)
        return not any(map(self._may_try_again, arrived.errors))

    def _set_aside(self, error: MapperError, arrived: Arrived, attempts: int = 1) -> None:
        """Do with a bad message what the strategy says. A message that gave no row and is
        dropped is rejected; one that is set aside is acknowledged like any other."""
        desk = self._desk
        decision: Decision = "drop" if error.ignored else desk.policy.for_rows
        last_try = self._last_tries.get(error.index)
        if decision == "fail" and last_try is not None:
            decision, attempts = "dlq", last_try.deliveries
        problem = self._problem(error.index, "can't be decoded", error.message, MAPPING, attempts)
        if decision == "fail":
            problem.hint = "error.strategy = 'drop' would count it, log it and go on"
        desk.failed += 1
        self._settle(problem, decision, error.index, silent=error.ignored)
        if decision == "fail":
            self._give_back(error.index, error.index + 1)
            desk.steps.finish_errors()
            raise StepFailed(problem.failure(), desk.spec.stream, desk.policy.fails_alone)
        origins = arrived.origins
        gave_rows = bisect_left(origins, error.index) < bisect_right(origins, error.index)
        if decision == "drop" and not error.ignored and not gave_rows:
            place = bisect_left(self._rejected, error.index)
            if self._rejected[place : place + 1] != [error.index]:
                self._rejected.insert(place, error.index)
                self._delivery.rejected = self._rejected

    async def _try_again(self, error: MapperError) -> None:
        """Decode a payload until it gives rows, fails for good or was tried often enough."""
        desk, index, attempt = self._desk, error.index, 0
        retries = desk.policy.retries
        alone = some_messages(self._batch, [index])
        arrived = Arrived([], None, [error])
        self._run_errors(max(index - 1, 0))
        while any(e.transient for e in arrived.errors) and retries.may_try(attempt + 1):
            attempt += 1
            try:
                await asyncio.sleep(retries.delay(attempt))
            except asyncio.CancelledError:
                self._give_back(index, index)
                raise
            desk.retried += 1
            try:
                arrived = desk.decoding.decode(alone, len(alone.payloads[0]))
            except PluginError:
                self._give_back(index, index)
                raise
        origins = [index] * len(arrived.rows)
        arrived = Arrived(arrived.rows, arrived.metadata, arrived.errors, origins)
        self._step(arrived)
        for error in arrived.errors:
            self._set_aside(replace(error, index=index), arrived, attempt + 1)

    def _problem(self, index: int, what: str, message: str, kind: str, attempts: int) -> Problem:
        spec = self._desk.spec
        return Problem(
            stream=spec.stream,
            what=f"message {self._delivery.first + index} {what}",
            message=message,
            kind=kind,
            original=self._batch.payloads[index],
            attempts=attempts,
            label=spec.label,
            metadata=self._metadata(index),
        )

    def _metadata(self, index: int) -> Mapping[str, Any]:
        reader, metadata = self._desk.spec.metadata, self._batch.metadata
        told = self._desk.errors.are_read(self._desk.spec.stream)
        if reader is None or metadata is None or not told:
            return {}
        return reader.of_one(metadata, index)

    def _source_id(self, index: int) -> SourceId | None:
        message_ids = self._batch.message_ids
        if message_ids is None:
            return None
        if index not in self._ids:
            self._ids[index] = SourceId(message_ids[index])
        return self._ids[index]

    def _settle(
        self, problem: Problem, decision: Decision, index: int, silent: bool = False
    ) -> None:
        self._desk.errors.take(
            problem,
            self._desk.policy,
            decision,
            self._delivery,
            self._source_id(index),
            silent=silent,
        )
