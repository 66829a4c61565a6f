"""Which state of a program can grow without end."""

from __future__ import annotations

from collections.abc import Iterator

from eventflux.base.errors import Diagnostic, Position
from eventflux.base.types import DataType
from eventflux.planner import expressions as ex
from eventflux.planner.describe import expression_text
from eventflux.planner.plan import Aggregate, Plan, Query, Windowed


def unbounded_state(plan: Plan) -> tuple[Diagnostic, ...]:
    """A warning for each query whose state grows with the data: a running GROUP BY over keys
    of which there may be ever more. What a window holds ends with it."""
    return tuple(
        Diagnostic(
            f"query {query.name!r}: its state is unbounded: it keeps one group for each "
            + ", ".join(map(expression_text, keys))
            + ", for ever",
            Position(aggregate.place.line, aggregate.place.column),
            "a window ends its groups: FROM stream WINDOW('tumbling', 1 MINUTE); "
            "or group by what has few values",
            severity="warning",
        )
        for query in plan.queries
        for aggregate in _running(query)
        if (keys := [key for key in aggregate.keys if not _has_few_values(key)])
    )


def _running(query: Query) -> Iterator[Aggregate]:
    """The aggregates that no window resets."""
    for operator in query.operators:
        if isinstance(operator, Windowed):
            return
        if isinstance(operator, Aggregate):
            yield operator


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
        case ex.Cast(operand=operand):
            return _has_few_values(operand)
        case ex.Coalesce(operands=operands):
            return all(map(_has_few_values, operands))
    return False
