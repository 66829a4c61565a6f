"""UNNEST in the select list: several rows of one, for each element of a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from eventflux.base.errors import Diagnostic
from eventflux.base.types import DataType
from eventflux.planner import expressions as ex
from eventflux.planner.conversion import is_unknown, is_untyped
from eventflux.planner.describe import expression_text
from eventflux.planner.expressions import Call, Expression
from eventflux.sql.ast import Select, WindowSpec
from eventflux.sql.source import SourceText

if TYPE_CHECKING:
    from eventflux.planner.binding.binder import Binder

UNNEST = "unnest"
"""The function whose rows are the elements of a list."""


def bind_unnest(binder: Binder, node: exp.Expr, name: str) -> Expression:
    """``UNNEST(list)``: one of its elements in each row."""
    refuse_place(binder, node, name)
    if len(node.expressions) != 1:
        message = f"{name} takes one argument, not {len(node.expressions)}"
        raise binder.problem(node, message, f"write {name}(a), {name}(b) for two lists")
    with binder.inside(name):
        bound = binder.bind_part(node.expressions[0])
    if is_untyped(bound) and not is_unknown(bound):
        bound = ex.Literal(None, DataType.OBJECT)
    if bound.type is not DataType.OBJECT and not is_unknown(bound):
        text = binder.text(bound)
        hint = "declare the column as OBJECT; a list of constants is ARRAY[1, 2]"
        if bound.type is DataType.STRING:
            hint = f"write {name}(parse_json({text})) where it is JSON"
        raise binder.problem(node, f"{name} takes a list, but {text} is {bound.type}", hint)
    return add_rows(binder, Call(UNNEST, (bound,), DataType.OBJECT, True))


def add_rows(binder: Binder, call: Call) -> Expression:
    """What a call that gives several rows stands for in each of them."""
    assert binder.unnested is not None, "refused where none can stand"
    binder.unnested.append(call)
    return ex.Element(len(binder.unnested) - 1, expression_text(call), call.type, True)


def refuse_place(binder: Binder, node: exp.Expr, name: str) -> None:
    """Refuse what gives several rows where it can't stand."""
    if binder.unnested is None:
        raise binder.problem(
            node,
            f"{name} gives several rows, and can't stand in {binder.clause}",
            f"give them a name in a subquery: FROM (SELECT {name}(…) AS element FROM …)",
        )


def refuse_clauses(
    source: SourceText, select: Select, calls: Sequence[Call], aggregates: bool, start: int
) -> Iterator[Diagnostic]:
    """What can't stand in a query that makes several rows of one; ``start`` is where it does."""
    clauses = select.clauses
    named = {
        "a window": any(isinstance(step, WindowSpec) for step in select.steps),
        "GROUP BY": clauses.group_by is not None,
        "HAVING": clauses.having is not None,
        "aggregates": aggregates,
    }
    found = next((name for name, there in named.items() if there), None)
    if found is not None:
        name = calls[0].function.upper() if calls[0].function == UNNEST else calls[0].function
        yield from source.problem(
            start,
            f"{name} makes several rows of one, and its query has {found}",
            f"put it into a subquery: FROM (SELECT {name}(…) AS element FROM …), "
            "with the rest around it",
        ).diagnostics
