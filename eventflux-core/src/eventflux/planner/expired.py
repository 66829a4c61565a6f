"""INSERT EXPIRED | ALL EVENTS: rows that come out when they leave a window (semantics 0.2)."""

from __future__ import annotations

from eventflux.planner import windows as w
from eventflux.planner.places import place_of
from eventflux.planner.plan import Events, Windowed, chain
from eventflux.planner.queries import BoundSelect
from eventflux.sql import ast
from eventflux.sql.source import SourceText
from eventflux.sql.words import PLANNED


def bind_events(
    source: SourceText, events: ast.Events | None, clauses: ast.Clauses, bound: BoundSelect
) -> Events | None:
    """Which rows of a query come out, ``None`` for those that enter alone.

    Raises:
        Problem: no row ever leaves its window, or none can be told of that does.
    """
    if events is None:
        return None
    operators = chain(bound.relation)
    window = next((one.window for one in operators if isinstance(one, Windowed)), None)
    found = _problem(events, clauses, bound, window)
    if found is not None:
        raise source.problem(events.start, *found)
    return Events(events.which, place_of(source, events.start))


def _problem(
    events: ast.Events, clauses: ast.Clauses, bound: BoundSelect, window: w.AnyWindow | None
) -> tuple[str, str] | None:
    """What is wrong, and what to do about it."""
    shown = f"{events.which.upper()} EVENTS"
    current = "write INSERT INTO: it gives the rows that enter"
    match window:
        case None if bound.passed is not None:
            return f"{shown}, but delay and DEDUPLICATE hold no rows for aggregates", current
        case None:
            hint = "rows leave a window: FROM … WINDOW('length', 10)"
            return f"{shown} without a window, which rows could leave", hint
        case w.Delay():
            return f"{shown} of a delay, which passes its rows on and holds none", current
        case w.FirstUnique(ttl_ms=None):
            return f"{shown} of firstUnique, whose rows never leave", current
        case w.FirstUnique() | w.Unique(ttl_ms=int()):
            what = "firstUnique" if isinstance(window, w.FirstUnique) else "unique"
            return f"{shown} of {what} with a time to live is not supported yet", PLANNED
        case _ if window.family == "batch":
            hint = (
                f"rows leave a sliding window one by one; over windows that close it is {PLANNED}"
            )
            return f"{shown} of a window that gives batches is not supported yet", hint
    if clauses.output is not None:
        hint = "leave one of them out, or put OUTPUT into a query that reads this one's stream"
        return f"{shown} with OUTPUT is not supported yet", hint
    if bound.emit is not None:
        mode = bound.emit.mode.upper()
        return f"{shown} with EMIT {mode} is not supported yet", "leave one of them out"
    return None
