"""What time is for each query, and whether the program seems to mean another one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from eventflux.base.errors import Diagnostic, Position
from eventflux.planner.describe import quote_name
from eventflux.planner.plan import Aggregate, Plan, Query, Scan, Windowed
from eventflux.planner.settings import read_setting
from eventflux.planner.watermarks import watermarks_of, window_of
from eventflux.planner.windows import (
    Cron,
    ExternalTime,
    ExternalTimeBatch,
    Hop,
    OutputTime,
    Tumbling,
)

_DAY_MS = 86_400_000


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
    if isinstance(relation, Scan) or isinstance(relation.window, OutputTime):
        return None  # how often rows come out may well be a matter of the wall clock
    return relation if relation.window.timed else None


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
    zone = read_setting(settings, "app.timezone")
    found: dict[str, str] = {}
    for query in plan.queries:
        windowed = window_of(query)
        window = None if windowed is None else windowed.window
        clock = _clock_text(sorted(watermarks[query.source]), by_rows)
        emit = query.root.emit
        if isinstance(window, ExternalTime | ExternalTimeBatch):
            found[query.name] = f"event time, the largest {quote_name(window.column.name)} so far"
            if emit is not None and emit.by_time:
                clause = "OUTPUT SNAPSHOT" if emit.mode == "snapshot" else "EMIT EVERY"
                found[query.name] += f"; that of {clause}: {clock}"
        elif goes_by_clock(query):
            days = f"; days are those of {zone}" if zone and _goes_by_days(query) else ""
            found[query.name] = clock + days
    return found


def _goes_by_days(query: Query) -> bool:
    """Whether a time zone says when its windows close, or its ticks are."""
    windowed, emit = window_of(query), query.root.emit
    if emit is not None and emit.every_ms is not None and emit.every_ms % _DAY_MS == 0:
        return emit.mode != "snapshot"
    match None if windowed is None else windowed.window:
        case Tumbling(size_ms=size, origin_ms=origin, fixed=fixed):
            return origin is not None and not fixed and size % _DAY_MS == 0
        case Hop(size_ms=size, slide_ms=slide):
            return size % _DAY_MS == 0 and slide % _DAY_MS == 0
        case Cron():
            return True
    return False


def goes_by_clock(query: Query) -> bool:
    """Whether time goes by in it, and is not that of a column of its window's own."""
    windowed, emit = window_of(query), query.root.emit
    window = None if windowed is None else windowed.window
    if isinstance(window, ExternalTime | ExternalTimeBatch):
        window = None
    timed = window is not None and window.timed
    return timed or _expires(query) or (emit is not None and emit.by_time)


def _clock_text(marks: Sequence[str], by_rows: bool) -> str:
    """What time is for queries under the watermarks of these streams, or of none."""
    if marks:
        least = "the watermark" if len(marks) == 1 else "the least of the watermarks"
        return f"event time, {least} of " + ", ".join(map(quote_name, marks))
    if by_rows:
        return "event time, moved on by the rows (app.time = 'event')"
    return "system time, the wall clock (app.time = 'system')"


def _expires(query: Query) -> bool:
    return any(isinstance(o, Aggregate) and o.state_ttl_ms is not None for o in query.operators)
