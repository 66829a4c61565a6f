"""The order that an aggregate takes its values by: ORDER BY in its parentheses, or WITHIN GROUP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlglot import exp

from eventflux.base.types import DataType
from eventflux.planner import expressions as ex
from eventflux.planner.aggregates import AggregateFunction
from eventflux.planner.calls import OrderKey
from eventflux.planner.conversion import is_unknown
from eventflux.planner.describe import expression_text
from eventflux.planner.expressions import Expression
from eventflux.sql.vocabulary import ORDER_BY, WITHIN_GROUP

if TYPE_CHECKING:
    from eventflux.planner.binding.binder import Binder


class WrittenKey(msgspec.Struct, frozen=True):
    """A key as it is written."""

    value: exp.Expr
    descending: bool
    nulls_first: bool
    within_group: bool

    @property
    def clause(self) -> str:
        return "WITHIN GROUP (ORDER BY …)" if self.within_group else "ORDER BY"


def taken_apart(arguments: list[exp.Expr]) -> tuple[list[exp.Expr], list[WrittenKey]]:
    """The arguments of a call, and the keys behind them."""
    keys = [_written(argument) for argument in arguments if _is_key(argument)]
    return [argument for argument in arguments if not _is_key(argument)], keys


def _is_key(argument: exp.Expr) -> bool:
    return isinstance(argument, exp.Anonymous) and argument.name in (ORDER_BY, WITHIN_GROUP)


def _written(call: exp.Expr) -> WrittenKey:
    value, way, nulls = call.expressions
    return WrittenKey(value, way.name == "desc", nulls.name == "first", call.name == WITHIN_GROUP)


def value_within_group(
    binder: Binder,
    node: exp.Expr,
    name: str,
    declared: AggregateFunction,
    arguments: list[exp.Expr],
    keys: list[WrittenKey],
) -> list[exp.Expr]:
    """The arguments of a function that finds its value in an order, that value being the first of
    them: ``percentile_cont(0.9) WITHIN GROUP (ORDER BY x)``."""
    [key, *more] = keys
    usual = f"{name}(x, 0.95)" if declared.signature.endswith("fraction)") else f"{name}(x)"
    if not key.within_group:
        message = f"{name} puts its values in order itself"
        raise binder.problem(key.value, message, f"leave ORDER BY out, or write {standard(name)}")
    if more:
        message = f"{name} goes by one value, not {len(keys)}"
        raise binder.problem(more[0].value, message, f"write {standard(name)}")
    fraction = 1 if declared.constant == "fraction" and declared.fixed is None else 0
    if len(arguments) != fraction:
        message = f"the value of {name} stands in WITHIN GROUP (ORDER BY …)"
        raise binder.problem(node, message, f"write {standard(name)}, or {usual}")
    if key.nulls_first:
        message = f"{name} passes NULLs over: there is no place for them"
        raise binder.problem(key.value, message, "leave NULLS FIRST out")
    if key.descending and not declared.falls:
        message = f"{name} can't go from the greatest down"
        raise binder.problem(key.value, message, "leave DESC out")
    return [key.value, *arguments]


def standard(name: str) -> str:
    """How a call with WITHIN GROUP is written."""
    fraction = "" if name.lower() in ("median", "mode") else "0.95"
    return f"{name}({fraction}) WITHIN GROUP (ORDER BY x)"


def refuse_order(
    binder: Binder, name: str, declared: AggregateFunction, keys: list[WrittenKey]
) -> None:
    """Refuse keys of a function that gives the same in any order."""
    if keys and declared.order is None:
        message = f"{name} gives the same in any order of its values"
        raise binder.problem(keys[0].value, message, f"leave {keys[0].clause} out")


def bind_keys(
    binder: Binder, name: str, keys: list[WrittenKey], value: Expression, distinct: bool
) -> tuple[OrderKey, ...] | None:
    """The keys by which ``value`` is taken, where no aggregate can stand; nothing where the type
    of one is not known."""
    bound = [_bound(binder, name, key, value, distinct) for key in keys]
    known = tuple(key for key in bound if key is not None)
    return known if len(known) == len(bound) else None


def _bound(
    binder: Binder, name: str, key: WrittenKey, value: Expression, distinct: bool
) -> OrderKey | None:
    bound = binder.bind_part(key.value)
    if is_unknown(bound):
        return None
    text = expression_text(bound)
    if isinstance(bound, ex.Literal):
        hint = "name a column"
        if isinstance(bound.value, str) and name.lower() == "string_agg":
            hint = f"the separator stands before ORDER BY: {name}(x, ', ' ORDER BY y)"
        raise binder.problem(key.value, "ORDER BY can't sort by a constant", hint)
    if bound.type is DataType.OBJECT:
        hint = f"write ORDER BY CAST({text} AS STRING), or a value in it"
        raise binder.problem(key.value, f"{text} is OBJECT, which has no order", hint)
    if distinct and bound != value:
        message = f"with DISTINCT a value stands for several rows: of which is {text}?"
        raise binder.problem(key.value, message, f"sort by {expression_text(value)} itself")
    return OrderKey(bound, key.descending, key.nulls_first)
