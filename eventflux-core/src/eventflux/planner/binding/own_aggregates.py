"""Calls of aggregates of a program's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from eventflux.planner import expressions as ex
from eventflux.planner.binding.functions import own_argument
from eventflux.planner.binding.orders import taken_apart
from eventflux.planner.calls import AggregateCall
from eventflux.planner.conversion import is_unknown
from eventflux.spi.own_aggregates import Aggregate

if TYPE_CHECKING:
    from eventflux.planner.binding.binder import Binder


def refuse_window(binder: Binder, node: exp.Expr, name: str) -> None:
    """Refuse it in the condition of a window."""
    if binder.clause == "the condition of a window":
        message = f"the condition of a window can't read {name}, an aggregate of your own"
        raise binder.problem(node, message, "it reads those of the language: sum(x) < 100")


def own_call(
    binder: Binder, node: exp.Expr, name: str, declared: Aggregate
) -> AggregateCall | None:
    """``name([DISTINCT] arguments)``; nothing where the type of one is not known. The binder
    is that of the arguments."""
    arguments, distinct = node.expressions, False
    if len(arguments) == 1 and isinstance(arguments[0], exp.Distinct):
        arguments, distinct = arguments[0].expressions, True
    arguments, keys = taken_apart(arguments)
    if keys:
        message = f"{keys[0].clause} has no meaning in {name}: it gets rows as they come"
        raise binder.problem(keys[0].value, message, "leave it out")
    wanted = declared.arguments
    if len(arguments) != len(wanted):
        signature = f"{declared.name}({', '.join(wanted)})"
        many = "one argument" if len(wanted) == 1 else f"{len(wanted)} arguments"
        raise binder.problem(
            node,
            f"{name} takes {many}, not {len(arguments)}",
            f"it is {signature} -> {declared.returns}",
        )
    if distinct and len(wanted) > 1:
        message = f"{name}(DISTINCT …) has no meaning for several arguments"
        raise binder.problem(node, message, "leave DISTINCT out")
    operands = []
    for position, (part, target) in enumerate(zip(arguments, wanted, strict=True), 1):
        if isinstance(part, exp.Star):
            raise binder.problem(node, f"{name}(*) has no meaning", "only count(*) takes *")
        bound = binder.bind_part(part)
        if is_unknown(bound):
            return None
        operands.append(own_argument(binder, part, name, position, bound, target))
    nullable = any(o.nullable for at, o in enumerate(operands) if at not in declared.takes_null)
    taken = ex.Taken(declared.name, tuple(operands), nullable)
    return AggregateCall(declared.name, taken, declared.returns, True, distinct=distinct)
