"""One batch of a source at a time: decoded, stepped, its bad messages set aside alone."""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from eventflux.base.errors import PluginError
from eventflux.base.rows import Row
from eventflux.runtime.decoding import Decoding, origins_of
from eventflux.runtime.delivery import SourceDelivery
from eventflux.runtime.error_policy import Decision
from eventflux.runtime.error_rows import MAPPING, TOO_MANY_DELIVERIES, Problem
from eventflux.runtime.message_ids import SourceId
from eventflux.runtime.metadata import one_of
from eventflux.runtime.specs import SourceSpec
from eventflux.runtime.steps import LastTry, StepFailed, Steps
from eventflux.spi.mapper import Decoded, MapperError
from eventflux.spi.source import SourceBatch


@dataclass(slots=True)
class _Work:
    """A batch under way."""

    batch: SourceBatch
    delivery: SourceDelivery
    first: int
    """The number of its first message."""
    end: int
    """The index of the first message that goes back; their number while none does."""
    rejected: list[int] = field(default_factory=list)
    """The indices, in order, of messages that are not acknowledged."""
    last_tries: Mapping[int, LastTry] = field(default_factory=dict)
    """Messages that are tried alone, by their index."""
    ids: dict[int, SourceId] = field(default_factory=dict)
    """Made for each message that is looked at alone, by its index."""

    def source_id(self, index: int) -> SourceId | None:
        message_ids = self.batch.message_ids
        if message_ids is None:
            return None
        if index not in self.ids:
            self.ids[index] = SourceId(message_ids[index])
        return self.ids[index]


class Intake:
    """Counts ``failed`` messages (or rows of one) that could not be read, those ``returned``
    unread, and tries ``retried``."""

    def __init__(self, spec: SourceSpec, steps: Steps) -> None:
        self._spec = spec
        self._steps = steps
        self._errors = steps.errors
        self._policy = steps.errors.of_stream(spec.stream)
        self._decoding = Decoding(spec)
        self.failed = self.returned = self.retried = 0

    async def take(
        self, batch: SourceBatch, size: int, first: int, delivery: SourceDelivery
    ) -> None:
        """Process a batch of ``size`` bytes whose first message has the number ``first``.
        It waits only where a payload is to be tried again.

        Raises:
            StepFailed: the app or the source has to stop; ``delivery`` knows what goes back.
            PluginError: the mapper raised.
        """
        work = _Work(batch, delivery, first, delivery.count)
        worn = {} if batch.deliveries is None else self._worn(work, batch.deliveries)
        try:
            decoded = self._decoding.decode(batch, size, worn)
        except PluginError:
            self.returned += delivery.count
            raise
        if worn or decoded.errors:
            await self._around_errors(work, decoded, worn)
        else:
            self._step(work, decoded.rows, origins_of(decoded))

    def _worn(self, work: _Work, deliveries: Sequence[int]) -> dict[int, Problem]:
        """The messages that came too often to be tried once more.

        Under ``fail`` a message that came too often may be the innocent neighbour of one that
        failed the app: it is tried alone, and only an error of its own makes it a dead letter.
        What comes even then, twice as often, brings the process down before any error.
        """
        policy, most = self._policy, self._policy.retries.max_attempts
        if policy.dead_letters is None or max(deliveries, default=0) <= most:
            return {}
        unread = most
        if policy.strategy == "fail":
            unread = 2 * most
            work.last_tries = {
                index: LastTry(policy, count)
                for index, count in enumerate(deliveries)
                if most < count <= unread
            }
        return {
            index: self._problem(
                work,
                index,
                "came too often",
                f"it was delivered {count} times, and never was all that came of it safe",
                TOO_MANY_DELIVERIES,
                count,
            )
            for index, count in enumerate(deliveries)
            if count > unread
        }

    def _step(self, work: _Work, rows: list[Row], origins: Sequence[int]) -> None:
        """Step rows that come from the messages ``origins``."""
        stream, delivery = self._spec.stream, work.delivery
        start, end, source_id, last_try = 0, len(rows), None, None
        try:
            while start < len(rows):
                if work.batch.message_ids is not None or work.last_tries:
                    # message by message: the results have its id, its errors are its own
                    end = bisect_right(origins, origins[start], start)
                    source_id = work.source_id(origins[start])
                    last_try = work.last_tries.get(origins[start])
                part = rows if end - start == len(rows) else rows[start:end]
                self._steps.step(stream, part, None, delivery, source_id, last_try)
                start = end
        except StepFailed as failed:
            read = origins[start + failed.taken - 1] + 1 if start + failed.taken else 0
            self._give_back(work, origins[start + failed.first], read)
            raise

    def _give_back(self, work: _Work, index: int, read: int) -> None:
        """Let the messages from ``index`` on come again; those before ``read`` were looked at."""
        work.end = index
        delivery = work.delivery
        work.rejected = sorted({*work.rejected, *range(index, delivery.count)})
        delivery.rejected, delivery.requeue = work.rejected, True
        self.returned += delivery.count - read

    # Messages that can't be decoded

    async def _around_errors(
        self, work: _Work, decoded: Decoded, worn: Mapping[int, Problem]
    ) -> None:
        """Step the rows, and set aside what is bad, in the order of the messages where it
        shows."""
        origins = origins_of(decoded)
        if not worn and self._drops_unseen(decoded):
            try:
                self._step(work, decoded.rows, origins)
            finally:
                for error in decoded.errors:
                    if error.index < work.end:
                        self._set_aside(work, error, origins)
            return
        bad: list[tuple[int, MapperError | Problem]] = [(e.index, e) for e in decoded.errors]
        place, settled, last = 0, -1, 0
        for index, found in sorted([*bad, *worn.items()], key=lambda item: item[0]):
            if index == settled:
                continue
            again = isinstance(found, MapperError) and self._may_try_again(found)
            # Of a message that fails the app, or is tried again, no row counts.
            apart = again or (isinstance(found, MapperError) and self._fails(work, index))
            end = (bisect_left if apart else bisect_right)(origins, index)
            if place < end:
                self._run_errors(work, last)
                self._step(work, decoded.rows[place:end], origins[place:end])
            place = max(place, bisect_right(origins, index)) if again else max(place, end)
            last = index
            if isinstance(found, Problem):
                self.failed += 1
                self._take(found, "dlq", work, index)
            elif again:
                await self._try_again(work, found)
                settled = index
            else:
                self._set_aside(work, found, origins)
        self._run_errors(work, last)
        self._step(work, decoded.rows[place:], origins[place:])

    def _run_errors(self, work: _Work, index: int) -> None:
        """Hand on the error rows up to the message ``index``."""
        try:
            self._steps.run_errors()
        except StepFailed:
            self._give_back(work, index, index + 1)
            raise

    def _fails(self, work: _Work, index: int) -> bool:
        return self._policy.for_rows == "fail" and index not in work.last_tries

    def _may_try_again(self, error: MapperError) -> bool:
        return error.transient and self._policy.strategy == "retry"

    def _drops_unseen(self, decoded: Decoded) -> bool:
        """Whether nothing comes of the errors but counts and log lines."""
        if self._policy.for_rows != "drop" or self._errors.are_read(self._spec.stream):
            return all(error.ignored for error in decoded.errors)
        return not any(map(self._may_try_again, decoded.errors))

    def _set_aside(
        self, work: _Work, error: MapperError, origins: Sequence[int], attempts: int = 1
    ) -> None:
        """Do with a bad message what the strategy says. A message that gave no row and is
        dropped is rejected; one that is set aside is acknowledged like any other."""
        decision: Decision = "drop" if error.ignored else self._policy.for_rows
        last_try = work.last_tries.get(error.index)
        if decision == "fail" and last_try is not None:
            decision, attempts = "dlq", last_try.deliveries
        problem = self._problem(
            work, error.index, "can't be decoded", error.message, MAPPING, attempts
        )
        if decision == "fail":
            problem.hint = "error.strategy = 'drop' would count it, log it and go on"
        self.failed += 1
        self._take(problem, decision, work, error.index, silent=error.ignored)
        if decision == "fail":
            self._give_back(work, error.index, error.index + 1)
            self._steps.finish_errors()
            raise StepFailed(problem.failure(), self._spec.stream, self._policy.fails_alone)
        gave_rows = bisect_left(origins, error.index) < bisect_right(origins, error.index)
        if decision == "drop" and not error.ignored and not gave_rows:
            place = bisect_left(work.rejected, error.index)
            if work.rejected[place : place + 1] != [error.index]:
                work.rejected.insert(place, error.index)
                work.delivery.rejected = work.rejected

    async def _try_again(self, work: _Work, error: MapperError) -> None:
        """Decode a payload until it gives rows, fails for good or was tried often enough."""
        index, attempt, retries = error.index, 0, self._policy.retries
        batch = work.batch
        alone = SourceBatch(
            batch.payloads[index : index + 1],
            metadata=None if batch.metadata is None else one_of(batch.metadata, index),
        )
        decoded = Decoded([], [error])
        self._run_errors(work, max(index - 1, 0))
        while any(e.transient for e in decoded.errors) and retries.may_try(attempt + 1):
            attempt += 1
            try:
                await asyncio.sleep(retries.delay(attempt))
            except asyncio.CancelledError:
                self._give_back(work, index, index)
                raise
            self.retried += 1
            try:
                decoded = self._decoding.decode(alone, len(alone.payloads[0]))
            except PluginError:
                self._give_back(work, index, index)
                raise
        origins = [index] * len(decoded.rows)
        self._step(work, decoded.rows, origins)
        for error in decoded.errors:
            self._set_aside(work, replace(error, index=index), origins, attempt + 1)

    def _problem(
        self, work: _Work, index: int, what: str, message: str, kind: str, attempts: int
    ) -> Problem:
        return Problem(
            stream=self._spec.stream,
            what=f"message {work.first + index} {what}",
            message=message,
            kind=kind,
            original=work.batch.payloads[index],
            attempts=attempts,
            label=self._spec.label,
            metadata=self._metadata(work.batch, index),
        )

    def _metadata(self, batch: SourceBatch, index: int) -> Mapping[str, Any]:
        reader = self._spec.metadata
        if reader is None or batch.metadata is None or not self._errors.are_read(self._spec.stream):
            return {}
        return reader.columns_of(batch.metadata, index)

    def _take(
        self, problem: Problem, decision: Decision, work: _Work, index: int, silent: bool = False
    ) -> None:
        delivery, source_id = work.delivery, work.source_id(index)
        self._errors.take(problem, self._policy, decision, delivery, source_id, silent=silent)
