"""Windows behind others whose rows come too late for them (semantics 5.1, 9.0).

A batch window without an aggregate, or with a row for each event, gives its rows when it closes,
each at its own event time. By then the watermark has come to its end: what lies further back than
a shorter window behind it reaches is late there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from eventflux.base.durations import format_duration
from eventflux.base.errors import Diagnostic, Position
from eventflux.planner import windows as w
from eventflux.planner.describe import quote_name
from eventflux.planner.plan import Aggregate, Emission, Plan, Query, Windowed
from eventflux.planner.watermarks import Roots, is_final, watermarks_of, window_of

_AGGREGATE = "aggregate them in the first window"


def rows_late_behind(plan: Plan, lateness: Mapping[str, int]) -> tuple[Diagnostic, ...]:
    """A warning for each window for which such rows will be late. ``lateness`` is that of each
    stream that has a watermark, in ms."""
    marked = watermarks_of(plan)
    return tuple(
        found
        for giver in plan.queries
        if marked[giver.source] and (span := _span_of_its_rows(giver))
        for reader in _readers_of_its_rows(plan, giver)
        if marked[reader.source] == marked[giver.source]
        if (found := _late(giver, span, reader, marked[reader.source], lateness))
    )


def _span_of_its_rows(query: Query) -> int:
    """How far behind the watermark rows are that a query gives at their own times, in ms; 0 where
    it gives none so."""
    windowed = window_of(query)
    emit, events = query.root.emit, query.root.events
    if emit is not None and emit.mode == "snapshot":
        return 0
    if events is not None and events.which == "expired":
        return 0
    if windowed is None or any(isinstance(o, Aggregate) and not o.per_row for o in query.operators):
        return 0
    match windowed.window:
        case w.Tumbling(size_ms=span) | w.Hop(size_ms=span) | w.Session(gap_ms=span):
            return span
    return 0


def _readers_of_its_rows(plan: Plan, giver: Query) -> Iterator[Query]:
    """The queries with a window of time that get the rows of a query with their times."""
    seen: set[str] = set()
    waiting = [giver.target]
    while waiting:
        stream = waiting.pop()
        if stream in seen:
            continue
        seen.add(stream)
        for reader in plan.readers(stream):
            windowed = window_of(reader)
            if is_final(reader) or (windowed is not None and windowed.window.timed):
                yield reader
            elif windowed is None or windowed.window.family == "sliding":
                waiting.append(reader.target)


def _late(
    giver: Query, span: int, reader: Query, roots: Roots, lateness: Mapping[str, int]
) -> Diagnostic | None:
    if is_final(reader):
        return _too_late(giver, span, reader, "EMIT FINAL", reader.root.emit, _AGGREGATE)
    windowed = window_of(reader)
    assert windowed is not None
    kept = max(lateness.get(root, 0) for root in roots)
    match windowed.window:
        case w.Time(size_ms=size) | w.TimeLength(size_ms=size):
            kept = 0
        case w.Tumbling(size_ms=size) | w.Hop(size_ms=size):
            pass
        case w.Session(gap_ms=gap, latency_ms=latency):
            size = gap + latency
        case _:
            return None
    if size + kept >= span:
        return None
    what = f"window of {format_duration(size)}"
    return _too_late(
        giver, span, reader, what, windowed, _hint(size, span, windowed, sorted(roots))
    )


def _too_late(
    giver: Query, span: int, reader: Query, what: str, timed: Windowed | Emission | None, hint: str
) -> Diagnostic:
    assert timed is not None
    return Diagnostic(
        f"query {reader.name!r}: rows will be late for its {what}: "
        f"those that query {giver.name!r} holds for {format_duration(span)} come when that is "
        "over, each at its own time",
        Position(timed.place.line, timed.place.column),
        hint,
        severity="warning",
    )


def _hint(size: int, span: int, windowed: Windowed, roots: list[str]) -> str:
    hint = f"{_AGGREGATE}, or make this one as long"
    if windowed.window.family == "sliding":
        return hint
    missing = format_duration(span - size)
    return f"{hint}, or keep it open: watermark.lateness = '{missing}' of {quote_name(roots[0])}"
