"""Rows that fail: counted, and told of with the place in the SQL where it happened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventflux.base.errors import Position, RowError
from eventflux.base.failures import FailureHandler, RowFailure
from eventflux.compiler.counts import QueryCounts
from eventflux.compiler.generated import Generated
from eventflux.planner.plan import Plan


def _reraise(failure: RowFailure) -> None:
    raise failure.error


class Failures:
    """What generated code calls for a row that fails."""

    __slots__ = ("_counts", "_generated", "_plan", "_received", "handler")

    def __init__(
        self,
        plan: Plan,
        generated: Generated,
        counts: Mapping[int, QueryCounts],
        received: dict[str, int],
    ) -> None:
        """``received`` are the rows of each stream, of which those that never were are taken."""
        self._plan = plan
        self._generated = generated
        self._counts = counts
        self._received = received
        self.handler: FailureHandler = _reraise

    def fail(self, index: int, row: Any, error: Exception) -> None:
        """A row that a query reads."""
        self._counts[index].failed += 1
        self._report(index, row, error)

    def fail_fired(self, index: int, error: Exception, row: Any = None) -> None:
        """A row that a window would have given."""
        self._counts[index].fired_failed += 1
        self._report(index, row, error)

    def fail_time(self, stream: str, row: Any) -> None:
        """A row whose event time is NULL: no query sees it."""
        column = self._plan.streams[stream].event_time
        message = f"NULL in column '{column}', which is the event time of '{stream}'"
        self.fail_entry(stream, row, RowError(message))

    def fail_entry(self, stream: str, row: Any, error: Exception) -> None:
        """A row that no query sees."""
        self._received[stream] -= 1
        self.handler(RowFailure(stream, None, row, error, None))

    def _report(self, index: int, row: Any, error: Exception) -> None:
        query = self._plan.queries[index]
        place = self._generated.place_of(error) or query.place
        position = Position(place.line, place.column)
        self.handler(RowFailure(query.source, query.name, row, error, position))
