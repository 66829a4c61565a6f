"""Clauses over logical batches where every row is a batch of its own (semantics 0.3, 4.4, 5.16)."""

from __future__ import annotations

from collections.abc import Iterator

from eventflux.base.errors import Diagnostic, Position
from eventflux.planner import expressions as ex
from eventflux.planner.describe import quote_name
from eventflux.planner.plan import (
    Distinct,
    Limit,
    OrderBy,
    Place,
    Plan,
    Query,
    Unnest,
    Windowed,
)
from eventflux.planner.windows import AnyWindow, LengthBatch


def doubtful_clauses(plan: Plan) -> Iterator[Diagnostic]:
    """A warning for each ORDER BY, LIMIT and OFFSET over rows that come one by one, and an error
    for each SELECT DISTINCT over such."""
    batched = _streams_of_batches(plan)
    for query in plan.queries:
        if _takes_batches(query, batched):
            continue
        shown = quote_name(query.source) if plan.streams[query.source].declared else "its input"
        for operator in query.operators:
            match operator:
                case Distinct(place=place):
                    yield _no_distinct(query, shown, place)
                case OrderBy(place=place):
                    yield _useless(query, "ORDER BY sorts nothing", shown, place, "ORDER BY …")
                case Limit(place=place):
                    yield _useless(query, _limited(operator), shown, place, "LIMIT …")


def _streams_of_batches(plan: Plan) -> set[str]:
    """The streams whose rows may come several at once: what windows flush and UNNEST makes, and
    what is made of it."""
    found: set[str] = set()
    grown = True
    while grown:
        made = {query.target for query in plan.queries if _takes_batches(query, found)}
        grown = not made <= found
        found |= made
    return found


def _takes_batches(query: Query, batched: set[str]) -> bool:
    """Whether its rows come out of a window or UNNEST several at once, or may come in so."""
    if any(isinstance(one, Unnest) for one in query.operators):
        return True
    window, emit = _window(query), query.root.emit
    if emit is not None and emit.every_ms is not None:
        return True
    if isinstance(window, LengthBatch) and emit is not None:
        return False  # EMIT CHANGES is all there is, and nothing more comes when it is full
    if window is not None and window.family == "batch":
        return True
    return query.source in batched and (window is None or window.family == "sliding")


def _window(query: Query) -> AnyWindow | None:
    return next((one.window for one in query.operators if isinstance(one, Windowed)), None)


def _limited(limit: Limit) -> str:
    if limit.swallows_one:
        word = f"OFFSET {limit.offset}" if limit.offset else "LIMIT 0"
        return f"{word} leaves nothing"
    return f"LIMIT {limit.limit} limits nothing" if limit.limit else "OFFSET 0 leaves nothing out"


def _useless(query: Query, what: str, shown: str, place: Place, clause: str) -> Diagnostic:
    return Diagnostic(
        f"query {query.name!r}: {what}: each row of {shown} is a batch of its own",
        Position(place.line, place.column),
        f"over a window it has rows to work on: FROM {shown} WINDOW('tumbling', 5 SECONDS) … "
        f"{clause}; otherwise leave it out",
        severity="warning",
    )


def _no_distinct(query: Query, shown: str, place: Place) -> Diagnostic:
    columns = [
        quote_name(item.expression.name)
        for item in query.root.items
        if isinstance(item.expression, ex.Column)
    ]
    keys = ", ".join(columns or ["column"])
    return Diagnostic(
        f"SELECT DISTINCT compares the rows of one batch, but each row of {shown} is a batch of "
        "its own",
        Position(place.line, place.column),
        f"the first row of each comes from FROM {shown} DEDUPLICATE BY {keys} WITHIN 1 HOUR; "
        "or give it a window that closes",
    )
