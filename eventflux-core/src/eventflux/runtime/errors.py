"""What becomes of everything that can't be processed: counted, logged, set aside.

Whoever meets a bad row or message says what is wrong and what its strategy decides; the
error rows that come of it wait here until :class:`eventflux.runtime.steps.Steps` hands
them to the engine, after what it is doing and before anything that came later.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque

import msgspec

from eventflux.base.error_columns import errors_of, whose_errors
from eventflux.base.rows import Row
from eventflux.base.side_streams import owner_of
from eventflux.runtime.delivery import Delivery
from eventflux.runtime.error_policy import LOG_ONLY, Decision, ErrorPolicy, Fallback
from eventflux.runtime.error_rows import ErrorRows, Problem
from eventflux.runtime.message_ids import SourceId
from eventflux.runtime.specs import AppSpec
from eventflux.runtime.stream_options import ErrorOptions


class ErrorCounts(msgspec.Struct):
    """What has become of the errors of one stream: ``errors`` is the sum of the others."""

    errors: int = 0
    dropped: int = 0
    """Counted and logged only."""
    dead_lettered: int = 0
    """Put into the stream of ``error.dlq.stream``."""
    fatal: int = 0
    """What stopped the app, or the sources of the stream."""


class ErrorStep(msgspec.Struct):
    """Error rows on their way into a stream, as a share of ``delivery``."""

    stream: str
    problems: list[Problem]
    delivery: Delivery | None
    source_id: SourceId | None
    fallback: Fallback


class Errors:
    """The error policies of an app, and what came of them."""

    def __init__(self, app: AppSpec) -> None:
        engine, streams, schemas = app.engine, app.streams, app.error_schemas
        self._engine = engine
        self._homes = app.homes
        self._clock = app.clock
        self._rows = {
            name: ErrorRows(schema, engine.row_type(name), metadata=whose_errors(name) is not None)
            for name, schema in schemas.items()
        }
        self.streams = {name: ErrorPolicy(options) for name, options in streams.items()}
        self._queries = {q: ErrorPolicy(options) for q, options in app.queries.items()}
        self.counts: defaultdict[str, ErrorCounts] = defaultdict(ErrorCounts)
        """By stream, those that stand beside others among them."""
        self.last: dict[tuple[str, str | None], Problem] = {}
        """The last error of each stream, and of each query that reads it."""
        self.rows_made: Counter[str] = Counter()
        """Error rows that entered each stream."""
        self._are_read: dict[str, bool] = {}
        self.pending: deque[ErrorStep] = deque()
        policies = (*self.streams.values(), *self._queries.values())
        engine.may_cut = any(policy.dead_letters is not None for policy in policies)

    def of_stream(self, stream: str) -> ErrorPolicy:
        """The policy of a stream; rows of ``<name>.errors`` that fail are dropped."""
        policy = self.streams.get(stream)
        if policy is None:
            policy = self.streams[stream] = ErrorPolicy(ErrorOptions.parse({}))
        return policy

    def home_of(self, stream: str) -> str:
        """The stream that errors of the queries that read ``stream`` belong to."""
        return self._homes.get(stream, stream)

    def of_query(self, query: str | None, stream: str) -> ErrorPolicy:
        """The policy of a query, which without one of its own is that of its input stream."""
        own = None if query is None else self._queries.get(query)
        return self.of_stream(stream) if own is None else own

    def are_read(self, stream: str) -> bool:
        """Whether anybody reads the errors of ``stream``."""
        read = self._are_read.get(stream)
        if read is None:
            read = owner_of(stream) is None and self._engine.is_read(errors_of(stream))
            self._are_read[stream] = read
        return read

    def readers_changed(self) -> None:
        """Somebody reads a stream from now on that nobody read before."""
        self._are_read.clear()

    def give_rows(self, stream: str) -> bool:
        """Whether an error of ``stream`` itself, not of a query, may give rows."""
        return self.of_stream(stream).dead_letters is not None or self.are_read(stream)

    def take(
        self,
        problem: Problem,
        policy: ErrorPolicy,
        decision: Decision,
        delivery: Delivery | None,
        source_id: SourceId | None = None,
        *,
        handled: Fallback | None = None,
        silent: bool = False,
    ) -> Decision:
        """Do what ``decision`` says, and give what that came to.

        Args:
            handled: the error arose on the way of an error row; what becomes of those.
            silent: nobody is told; it is counted only.
        """
        if handled is not None:
            decision = handled.decision
        elif not silent:
            if self.are_read(problem.stream):
                self._put(errors_of(problem.stream), problem, delivery, source_id, LOG_ONLY)
            if decision == "dlq":
                assert policy.dead_letters is not None, "dlq needs a stream"
                self._put(policy.dead_letters, problem, delivery, source_id, policy.fallback)
        self.last[problem.stream, problem.query] = problem
        counts = self.counts[problem.stream]
        counts.errors += 1
        if decision == "fail":
            counts.fatal += 1
            return decision
        if decision == "dlq":
            counts.dead_lettered += 1
            told = f"is put into {policy.dead_letters!r}"
        else:
            counts.dropped += 1
            told = "is dropped"
        if not silent:
            hint = f" (hint: {problem.hint})" if problem.hint else ""
            told = f"{problem.what} and {told}: {problem.told()}{hint}"
            policy.log(f"stream {problem.stream!r}: {told}")
        return decision

    def rows_of(self, step: ErrorStep) -> list[Row]:
        """The rows of a step, as of now."""
        make, now = self._rows[step.stream].make, self._clock.now_ms()
        self.rows_made[step.stream] += len(step.problems)
        return [make(problem, now) for problem in step.problems]

    def count_fatal(self, stream: str, count: int) -> None:
        """Count what stopped the app and is no single row or message."""
        self.counts[stream].errors += count
        self.counts[stream].fatal += count

    def _put(
        self,
        stream: str,
        problem: Problem,
        delivery: Delivery | None,
        source_id: SourceId | None,
        fallback: Fallback,
    ) -> None:
        if self.pending:
            last = self.pending[-1]
            if (last.stream, last.fallback) == (stream, fallback) and (
                last.delivery is delivery and last.source_id is source_id
            ):
                last.problems.append(problem)
                return
        if delivery is not None:
            delivery.add(1)
        self.pending.append(ErrorStep(stream, [problem], delivery, source_id, fallback))
