"""What time is for each query, and whether the program seems to mean another one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from eventflux.base.errors import Diagnostic, Position
from eventflux.planner.describe import quote_name
from eventflux.planner.plan import Aggregate, Plan, Query, Scan, Windowed
from eventflux.planner.settings import read_setting
from eventflux.planner.watermarks import watermarks_of, window_of
from eventflux.planner.windows import ExternalTime, ExternalTimeBatch


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


def clock_texts(plan: Plan, settings: Mapping[str, str]) -> dict[str, str]:
    """What time is for each query that goes by it: the watermarks of the streams that feed it, a
    column of its window's own, or else the app's clock."""
    watermarks = watermarks_of(plan)
    by_rows = read_setting(settings, "app.time") == "event"
    found: dict[str, str] = {}
    for query in plan.queries:
        windowed = window_of(query)
        window = None if windowed is None else windowed.window
        marks = sorted(watermarks[query.source])
        if isinstance(window, ExternalTime | ExternalTimeBatch):
            found[query.name] = f"event time, the largest {quote_name(window.column.name)} so far"
        elif not (window is not None and window.timed) and not _expires(query):
            continue
        elif marks:
            least = "the watermark" if len(marks) == 1 else "the least of the watermarks"
            found[query.name] = f"event time, {least} of " + ", ".join(map(quote_name, marks))
        elif by_rows:
            found[query.name] = "event time, moved on by the rows (app.time = 'event')"
        else:
            found[query.name] = "system time, the wall clock (app.time = 'system')"
    return found


def _expires(query: Query) -> bool:
    return any(isinstance(o, Aggregate) and o.state_ttl_ms is not None for o in query.operators)
