"""Which windows go by another clock than their program seems to mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from eventflux.base.errors import Diagnostic, Position
from eventflux.planner.plan import Plan, Query, Scan, Windowed
from eventflux.planner.settings import read_setting


def ignored_event_times(plan: Plan, settings: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    """A warning for each window over rows that have an event time, in an app whose windows go
    by the wall clock."""
    if read_setting(settings, "app.time") == "event":
        return ()
    return tuple(
        Diagnostic(
            f"query {query.name!r}: its window goes by the wall clock, not by the event time "
            "of " + ", ".join(map(repr, timed)),
            Position(window.place.line, window.place.column),
            "SET app.time = 'event' lets the rows move the clock",
            severity="warning",
        )
        for query in plan.queries
        if (window := _window(query)) is not None
        if (timed := sorted(_timed_sources(plan, query.source)))
    )


def _window(query: Query) -> Windowed | None:
    relation = query.root.input
    while not isinstance(relation, Scan | Windowed):
        relation = relation.input
    return relation if isinstance(relation, Windowed) and relation.window.timed else None


def _timed_sources(plan: Plan, stream: str) -> Iterator[str]:
    """The streams with an event time, and no watermark that windows go by, whose rows reach
    ``stream``, itself among them."""
    seen, waiting = {stream}, [stream]
    while waiting:
        name = waiting.pop()
        if plan.streams[name].event_time is not None and plan.streams[name].watermark is None:
            yield name
        before = {query.source for query in plan.writers(name)} - seen
        seen |= before
        waiting += before
