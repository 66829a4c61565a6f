"""EMIT: when the rows of a query come out, if not when they do by themselves (semantics 5.16)."""

from __future__ import annotations

from collections.abc import Iterable

from eventflux.planner.places import place_of
from eventflux.planner.plan import Aggregate, Emission, Relation, Windowed, chain
from eventflux.planner.windows import ExternalTime, LengthBatch
from eventflux.sql.ast import Emit
from eventflux.sql.source import Problem, SourceText


def bind_emit(
    source: SourceText, emit: Emit | None, relation: Relation, aggregates: bool
) -> Emission | None:
    """When the rows of ``relation`` come out; ``None`` for when they do without EMIT.
    ``aggregates`` says whether the query has some, or groups.

    Raises:
        Problem: EMIT has no such meaning over it.
    """
    if emit is None:
        return None
    operators = chain(relation)
    window = next((one.window for one in operators if isinstance(one, Windowed)), None)
    batches = window is not None and window.family == "batch"
    if emit.mode == ("final" if batches else "changes"):
        return None
    if not aggregates:
        raise _without_aggregates(source, emit, batches)
    if isinstance(window, LengthBatch) and emit.mode == "every":
        message = "EMIT EVERY over a window that counts rows: it ends with its last row, at no time"
        raise source.problem(emit.start, message, "write EMIT CHANGES, or use a window of time")
    if emit.mode != "final":
        return _early(source, emit, operators)
    if isinstance(window, ExternalTime):
        message = "EMIT FINAL waits for a watermark, but rows of externalTime go by a column"
        hint = "declare WATERMARK FOR that column, and write WINDOW('time', …)"
        raise source.problem(emit.start, message, hint)
    return Emission("final", None, place_of(source, emit.start))


def _early(source: SourceText, emit: Emit, operators: Iterable[Relation]) -> Emission:
    """Rows of groups that come before their window closes."""
    if any(isinstance(one, Aggregate) and one.per_row for one in operators):
        message = "EMIT CHANGES gives a row with each event, but so does the bare column here"
        if emit.mode == "every":
            message = "EMIT EVERY gives values so far, but the bare column here has one an event"
        hint = "aggregate it, as last(x), or group by it"
        raise source.problem(emit.start, message, hint)
    return Emission(emit.mode, emit.every_ms, place_of(source, emit.start))


def _without_aggregates(source: SourceText, emit: Emit, batches: bool) -> Problem:
    shown = f"EMIT {emit.mode.upper()}"
    if emit.mode == "every":
        message = f"{shown} gives the groups that changed, but this query has no aggregate"
        hint = "OUTPUT limits how often rows come: OUTPUT LAST EVERY 5 SECONDS"
        return source.problem(emit.start, message, hint)
    if batches:
        message = f"{shown} gives values so far, but this query has no aggregate"
        return source.problem(emit.start, message, "leave it out: rows come when the window closes")
    message = f"{shown} waits for the last value, but without an aggregate each row is final"
    return source.problem(emit.start, message, "leave it out: each row comes at once")
