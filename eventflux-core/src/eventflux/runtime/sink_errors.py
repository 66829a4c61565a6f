"""What becomes of the messages that a sink can't deliver."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eventflux.base.errors import StreamFailed
from eventflux.runtime.error_policy import Retries
from eventflux.runtime.error_rows import MAPPING, REFUSED, Problem
from eventflux.runtime.errors import Errors
from eventflux.runtime.message_ids import SourceId
from eventflux.runtime.sink_queue import Share
from eventflux.spi.sink import Refusal


class SinkErrors:
    """The error strategy of one sink. ``run_errors`` hands on error rows that wait."""

    def __init__(
        self, stream: str, label: str, errors: Errors, run_errors: Callable[[], None]
    ) -> None:
        self._stream = stream
        self._label = label
        self._errors = errors
        self._policy = errors.of_stream(stream)
        self._run_errors = run_errors

    @property
    def show_rows(self) -> bool:
        """Whether the row of a message is asked for when it can't be delivered."""
        return self._errors.give_rows(self._stream)

    def retries(self, share: Share, refusal: Refusal) -> Retries | None:
        """How a refused message is tried again; ``None`` if it is refused for good."""
        if refusal.transient:
            return self._policy.retries
        fallback = share.handled
        return fallback.retries if fallback is not None and fallback.strategy == "retry" else None

    def refused(
        self, refusal: Refusal, share: Share, original: Any, message_id: str, attempts: int
    ) -> StreamFailed | None:
        """Settle a message that was refused for good, or too often; see :meth:`_settle`.
        ``original`` is its row, or the payload where rows were not kept."""
        problem = Problem(
            stream=self._stream,
            what="a message was refused",
            message=refusal.reason,
            kind=REFUSED,
            original=original,
            attempts=attempts,
            label=self._label,
            hint=refusal.hint,
        )
        return self._settle(problem, share, SourceId(message_id))

    def not_encoded(
        self, message: str, row: Any, share: Share, source_id: SourceId | None
    ) -> StreamFailed | None:
        """Settle a row that can't be made a message; see :meth:`_settle`."""
        problem = Problem(
            stream=self._stream,
            what="a row can't be encoded",
            message=message,
            kind=MAPPING,
            original=row,
            label=self._label,
        )
        return self._settle(problem, share, source_id)

    def broken(self, count: int) -> None:
        """Count messages that the app fails over."""
        self._errors.count_fatal(self._stream, count)

    def _settle(
        self, problem: Problem, share: Share, source_id: SourceId | None
    ) -> StreamFailed | None:
        """Drop it, or set it aside; what must stop the sink is given back, and its message
        stays unsettled."""
        decision = self._errors.take(
            problem,
            self._policy,
            self._policy.for_refusals,
            share.delivery,
            source_id,
            handled=share.handled,
        )
        self._run_errors()
        if decision == "fail":
            return problem.failure()
        share.done()
        return None
