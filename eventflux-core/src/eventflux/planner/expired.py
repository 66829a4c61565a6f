"""INSERT EXPIRED | ALL EVENTS: rows that come out when they leave a window (semantics 0.2)."""

from __future__ import annotations

from eventflux.planner import windows as w
from eventflux.planner.places import place_of
from eventflux.planner.plan import Aggregate, Events, Windowed, chain
from eventflux.planner.queries import BoundSelect
from eventflux.sql import ast
from eventflux.sql.source import SourceText


def bind_events(
    source: SourceText, events: ast.Events | None, select: ast.Select, bound: BoundSelect
) -> Events | None:
    """Which rows of a query come out, ``None`` for those that enter alone.

    Raises:
        Problem: no row ever leaves its window, or none can be told of that does.
    """
    if events is None:
        return None
    operators = chain(bound.relation)
    window = next((one.window for one in operators if isinstance(one, Windowed)), None)
    found = _problem(events, select, bound, window)
    if found is not None:
        raise source.problem(events.start, *found)
    return Events(events.which, place_of(source, events.start))


def _problem(
    events: ast.Events, select: ast.Select, bound: BoundSelect, window: w.AnyWindow | None
) -> tuple[str, str] | None:
    """What is wrong, and what to do about it."""
    shown = f"{events.which.upper()} EVENTS"
    current = "write INSERT INTO: it gives the rows that enter"
    passes_last = any(isinstance(s, ast.WindowSpec) and s.keep == "last" for s in select.steps)
    match window:
        case None if bound.passed is not None:
            return f"{shown}, but delay and DEDUPLICATE hold no rows for aggregates", current
        case None:
            hint = "rows leave a window: FROM … WINDOW('length', 10)"
            return f"{shown} without a window, which rows could leave", hint
        case w.Delay():
            return f"{shown} of a delay, which passes its rows on and holds none", current
        case w.Session() if passes_last:
            message = (
                f"{shown} of DEDUPLICATE … KEEP LAST, which passes rows on and holds none then"
            )
            return message, current
        case w.Session():
            message = f"{shown} of sessions: rows come out when theirs is over, and leave with that"
            return message, "write INSERT INTO: it gives them then"
        case w.FirstUnique(ttl_ms=None):
            message = f"{shown} of firstUnique, whose rows never leave"
            return message, "give it a time to live: WINDOW('firstUnique', key, 1 HOUR)"
        case _ if window.family == "batch" and _aggregates(bound):
            message = (
                f"{shown} with aggregates over a window that closes: its rows leave all at once, "
                "and nothing is left to aggregate"
            )
            return message, "leave the aggregates out, or write INSERT INTO: a row for each window"
    return _beside(shown, select.clauses.output, bound)


def _aggregates(bound: BoundSelect) -> bool:
    return any(isinstance(one, Aggregate) for one in chain(bound.relation))


_OUTPUT_OF_BOTH = (
    "write two queries, INSERT INTO and INSERT EXPIRED EVENTS INTO, or put OUTPUT into one that "
    "reads this one's stream: it counts both"
)


def _beside(shown: str, output: ast.Output | None, bound: BoundSelect) -> tuple[str, str] | None:
    """The same of other clauses that say which rows come out, and when."""
    if output is not None and output.mode == "snapshot":
        message = f"{shown} with OUTPUT SNAPSHOT, which tells of what is held, not of what has left"
        return message, "write OUTPUT ALL, FIRST or LAST, or INSERT INTO … OUTPUT SNAPSHOT"
    if output is not None and shown.startswith("ALL"):
        message = f"{shown} with OUTPUT, which can't tell rows that leave from those that enter"
        return message, _OUTPUT_OF_BOTH
    if bound.emit is not None:
        mode = bound.emit.mode.upper()
        message = f"{shown} with EMIT {mode}, which says when rows that enter give theirs"
        return message, "leave EMIT out: a row that leaves comes when it does"
    return None
