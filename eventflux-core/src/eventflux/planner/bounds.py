"""What bounds the state of a program, and which state can grow without end."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from eventflux.base.durations import format_duration
from eventflux.base.errors import Diagnostic, Position
from eventflux.base.types import DataType
from eventflux.planner import expressions as ex
from eventflux.planner import windows as w
from eventflux.planner.aggregates import FOREVER
from eventflux.planner.calls import AggregateCall
from eventflux.planner.describe import call_text, expression_text
from eventflux.planner.plan import Aggregate, Place, Plan, Query, Windowed
from eventflux.planner.watermarks import is_final

_KEEPS_ALL = ("array_agg", "string_agg", "percentile_cont", "percentile_disc", "mode")
"""Aggregates that keep every value."""


class Growth(msgspec.Struct, frozen=True):
    """State that nothing bounds: what grows, where that is written, and what to do."""

    what: str
    place: Place
    hint: str


def unbounded_state(plan: Plan) -> tuple[Diagnostic, ...]:
    """A warning for each state that grows with the data for ever."""
    return tuple(
        Diagnostic(
            f"query {query.name!r}: its state is unbounded: it keeps {growth.what}, for ever",
            Position(growth.place.line, growth.place.column),
            growth.hint,
            severity="warning",
        )
        for query in plan.queries
        for growth in growths(query)
    )


def growths(query: Query) -> Iterator[Growth]:
    """What of a query's state grows without end."""
    window: w.AnyWindow | None = None
    for operator in query.operators:
        if isinstance(operator, Windowed):
            window = operator.window
            yield from _of_window(operator)
        if isinstance(operator, Aggregate):
            yield from _of_aggregate(operator, window)


def _of_window(windowed: Windowed) -> Iterator[Growth]:
    match windowed.window:
        case (w.Unique() | w.FirstUnique()) as window if window.ttl_ms is None:
            keys = [column for column in window.columns if not _has_few_values(column)]
            if keys:
                name = "unique" if isinstance(window, w.Unique) else "firstUnique"
                names = _listed(keys)
                written = ", ".join(map(expression_text, window.columns))
                hint = f"give it a time to live: WINDOW('{name}', {written}, 1 HOUR)"
                yield Growth(f"one row for each {names}", windowed.place, hint)


def _of_aggregate(aggregate: Aggregate, window: w.AnyWindow | None) -> Iterator[Growth]:
    keys = [key for key in aggregate.keys if not _has_few_values(key)]
    forever = [call for call in aggregate.calls if call.function in FOREVER]
    if keys and forever and window is not None and aggregate.state_ttl_ms is None:
        what = f"{call_text(forever[0])} for each {_listed(keys)}"
        hint = "a time to live ends those that are idle: WITH ('state.ttl' = '1 hour')"
        if window.family == "sliding":
            hint = "compute it without a window, in a query of its own: " + hint
        yield Growth(what, aggregate.place, hint)
    if window is not None:
        return
    if keys and aggregate.state_ttl_ms is None:
        yield Growth(
            f"one group for each {_listed(keys)}",
            aggregate.place,
            "a window ends its groups: FROM stream WINDOW('tumbling', 1 MINUTE); a time to live "
            "ends those that are idle: WITH ('state.ttl' = '1 hour'); or group by what has few "
            "values",
        )
    for call in aggregate.calls:
        if _keeps_all(call):
            kind = "every different value" if call.distinct else "every value"
            hint = "a window ends them: FROM stream WINDOW('tumbling', 1 MINUTE)"
            if call.distinct and call.function == "count":
                hint += "; or approx_count_distinct, which keeps 4 KiB"
            elif call.function == "percentile_cont" and not call.distinct:
                hint += "; or approx_percentile, which keeps a few KiB"
            yield Growth(f"{kind} for {call_text(call)}", aggregate.place, hint)


def _keeps_all(call: AggregateCall) -> bool:
    if call.argument is None or _has_few_values(call.argument):
        return call.function in ("array_agg", "string_agg") and not call.distinct
    return call.distinct or call.function in _KEEPS_ALL


_GIVEN_OUT = ", then the batch is given out"


def bound_text(query: Query) -> str | None:
    """What bounds the state of a query, for people; ``None`` where it has none."""
    bound = _bound_text(query)
    if bound is not None and is_final(query):
        return f"{bound}; and the rows that wait for the watermark"
    return bound


def _bound_text(query: Query) -> str | None:
    aggregate = next((o for o in query.operators if isinstance(o, Aggregate)), None)
    windowed = next((o for o in query.operators if isinstance(o, Windowed)), None)
    if aggregate is None and windowed is None:
        return None
    unbounded = [growth.what for growth in growths(query)]
    if unbounded:
        return f"none: it keeps {' and '.join(unbounded)}, for ever"
    if windowed is not None:
        bound = _window_bound(windowed.window)
        if query.root.emit is not None and query.root.emit.mode == "snapshot":
            bound = bound.removesuffix(_GIVEN_OUT)
        if query.root.events is not None and windowed.window.family == "batch":
            bound += "; and those of the batch before"
        if aggregate is not None and aggregate.state_ttl_ms is not None:
            ttl = format_duration(aggregate.state_ttl_ms)
            bound += f"; a group that has had no row in them for {ttl} is forgotten"
        return bound
    assert aggregate is not None
    if aggregate.state_ttl_ms is not None:
        return f"a group is forgotten {format_duration(aggregate.state_ttl_ms)} after its last row"
    if aggregate.keys:
        return "few groups: the program itself says which"
    own = [call.function for call in aggregate.calls if isinstance(call.argument, ex.Taken)]
    return f"one state, with what {', '.join(own)} keeps" if own else "one state, of one size"


def _window_bound(window: w.AnyWindow) -> str:
    match window:
        case w.Length(rows=rows) | w.Sort(rows=rows):
            return f"at most {_rows(rows)}"
        case w.LengthBatch(rows=rows):
            return f"at most {_rows(rows)}{_GIVEN_OUT}"
        case w.Time(size_ms=size) | w.ExternalTime(size_ms=size):
            return f"the rows of the last {format_duration(size)}"
        case w.TimeLength(size_ms=size, rows=rows):
            return f"the rows of the last {format_duration(size)}, at most {_rows(rows)}"
        case w.Expression():
            return "the rows of which its condition holds"
        case w.Delay(size_ms=size):
            return f"the rows of the last {format_duration(size)}, which wait"
        case w.Tumbling(size_ms=size) | w.Hop(size_ms=size) | w.ExternalTimeBatch(size_ms=size):
            return f"windows of {format_duration(size)} that are open"
        case w.Session(gap_ms=gap):
            return f"sessions that have had a row within {format_duration(gap)}"
        case (w.Unique() | w.FirstUnique()) as unique:
            if unique.ttl_ms is None:
                return "few keys: the program itself says which"
            return f"a key is forgotten {format_duration(unique.ttl_ms)} after its row"
        case w.Frequent(counters=counters):
            return f"at most {counters} keys"
        case w.LossyFrequent(error=error):
            return f"keys of a share of about {error:g} of all rows, and more"
        case w.OutputRows() | w.OutputTime():
            return _output_bound(window)
        case w.Cron(expression=expression):
            return f"the rows since the last time of {expression!r}"
    return "the rows that the window holds"


def _output_bound(window: w.OutputRows | w.OutputTime) -> str:
    if window.mode == "snapshot":
        return "one row"
    if isinstance(window, w.OutputRows):
        return f"at most {_rows(1 if window.mode != 'all' and not window.keys else window.rows)}"
    period = f"each {format_duration(window.every_ms)} that is open"
    if window.mode == "all":
        return f"the rows of {period}"
    return f"a row{' of each group' if window.keys else ''} for {period}"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _listed(keys: list[ex.Expression] | list[ex.Column]) -> str:
    return ", ".join(map(expression_text, keys))


def _has_few_values(key: ex.Expression) -> bool:
    """Whether the program itself bounds how many values an expression has."""
    if key.type is DataType.BOOL:
        return True
    match key:
        case ex.Literal():
            return True
        case ex.Case(branches=branches, otherwise=otherwise):
            values = [*(branch.then for branch in branches), otherwise]
            return all(map(_has_few_values, values))
        case ex.Cast(operand=operand) | ex.Negate(operand=operand) | ex.NullIf(operand=operand):
            return _has_few_values(operand)
        case ex.Coalesce(operands=operands) | ex.Concat(operands=operands):
            return all(map(_has_few_values, operands))
        case ex.Arithmetic(left=left, right=right):
            return _has_few_values(left) and _has_few_values(right)
    return False
