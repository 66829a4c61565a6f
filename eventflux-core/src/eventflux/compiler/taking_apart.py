"""Takes a query's chain of relations apart, into its pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from eventflux.compiler.aggregates import layout_of
from eventflux.compiler.aggregates.own import OwnAggregate
from eventflux.compiler.facts import Facts, facts_when_true
from eventflux.compiler.leaving import leaves_in_turn, leaving_of, may_leave_at_once
from eventflux.compiler.pipeline import Clauses, Pipeline, key_columns
from eventflux.planner import windows as w
from eventflux.planner.expressions import EVENT_TIME
from eventflux.planner.plan import (
    Aggregate,
    Distinct,
    Filter,
    Having,
    Limit,
    OrderBy,
    Query,
    Unnest,
    Windowed,
)
from eventflux.planner.rewriting import columns_of
from eventflux.planner.windows import AnyWindow, LengthBatch


def pipeline_of(
    index: int, query: Query, by_watermark: bool, own: Mapping[str, OwnAggregate]
) -> Pipeline:
    """Take a query's chain of relations apart; ``by_watermark`` tells what time is for it."""
    aggregate: Aggregate | None = None
    window: AnyWindow | None = None
    unnest: Unnest | None = None
    before: list[Filter] = []
    after: list[Filter] = []
    above: list[Having | Distinct | OrderBy | Limit] = []
    for operator in query.operators[1:-1]:
        match operator:
            case Aggregate():
                aggregate = operator
            case Windowed():
                window = operator.window
            case Unnest():
                unnest = operator
            case Filter():
                (before if window is None else after).append(operator)
            case Having() | Distinct() | OrderBy() | Limit():
                above.append(operator)
            case _:
                raise TypeError(f"no code for {type(operator).__name__} inside a query")
    expired = query.root.events is not None
    emit = query.root.emit
    told = expired or (emit is not None and emit.mode == "snapshot")
    if window is not None and aggregate is None and not told:
        window = None if _sees_nothing(window, by_watermark) else window
    if window is None or (isinstance(window, w.Time) and not by_watermark):
        before, after = before + after, []
    facts = Facts().union(*(facts_when_true(f.condition) for f in before + after))
    clauses = _clauses(above)
    read = [*clauses.expressions(), *(item.expression for item in query.root.items)]
    bare = dict.fromkeys(column for expression in read for column in columns_of(expression))
    layout = None
    if aggregate is not None:
        in_batches = window is not None and window.family != "sliding"
        folded = in_batches and not aggregate.per_row
        ticks = emit is not None and emit.every_ms is not None
        last = tuple(bare) if folded or ticks else ()
        timed = (folded and isinstance(window, LengthBatch)) or (ticks and not folded)
        if timed and EVENT_TIME not in last:
            last = (*last, EVENT_TIME)
        if ticks:
            last = (*last, *key_columns(aggregate))
        layout = layout_of(
            aggregate.calls,
            facts,
            last,
            folded,
            leaving_of(window, by_watermark),
            expires=aggregate.state_ttl_ms is not None,
            emptied=expired or may_leave_at_once(window, by_watermark),
            in_turn=not expired and leaves_in_turn(window, by_watermark),
            merged=isinstance(window, w.Session),
            own=own,
        )
    return Pipeline(
        index, query, tuple(before), window, tuple(after), aggregate, clauses,
        query.root.items, facts, tuple(bare), layout, by_watermark, unnest,
    )  # fmt: skip


def _sees_nothing(window: AnyWindow, by_watermark: bool) -> bool:
    """Whether a query without aggregates is the same without the window: each row gives its
    own, whatever the window holds, and none is late for it."""
    if by_watermark and isinstance(window, w.Time | w.TimeLength):
        return False
    return isinstance(window, w.Length | w.Time | w.TimeLength | w.Expression | w.Sort | w.Unique)


def _clauses(operators: Iterable[Having | Distinct | OrderBy | Limit]) -> Clauses:
    clauses = Clauses()
    for operator in operators:
        match operator:
            case Having():
                clauses = replace(clauses, having=(operator,))
            case Distinct():
                clauses = replace(clauses, distinct=True)
            case OrderBy(keys=keys):
                clauses = replace(clauses, order=keys)
            case Limit():
                clauses = replace(clauses, limit=operator)
    return clauses
