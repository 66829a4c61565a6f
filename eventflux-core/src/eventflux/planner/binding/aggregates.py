"""Aggregates: what stands in their parentheses, and FILTER behind them."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import msgspec
from sqlglot import exp

from eventflux.base.types import DataType
from eventflux.planner import expressions as ex
from eventflux.planner import windows as w
from eventflux.planner.aggregates import AGGREGATES, AggregateFunction
from eventflux.planner.binding.orders import (
    bind_keys,
    refuse_order,
    taken_apart,
    value_within_group,
)
from eventflux.planner.binding.own_aggregates import own_call, refuse_window
from eventflux.planner.calls import AggregateCall, OrderKey
from eventflux.planner.conversion import UNKNOWN, adapt, coerce, is_unknown, is_untyped
from eventflux.planner.describe import expression_text
from eventflux.planner.expressions import Expression
from eventflux.planner.own_functions import WrongFunction
from eventflux.spi.own_aggregates import Aggregate
from eventflux.sql.vocabulary import CALL_MARK

if TYPE_CHECKING:
    from eventflux.planner.binding.binder import Binder

_NOT = {
    "keys": (DataType.OBJECT,),
    "ordered": (DataType.OBJECT, DataType.BOOL),
    "simple": (DataType.OBJECT, DataType.DECIMAL, DataType.BYTES),
}
"""The types that an argument can't have."""

_MAY_BE_EMPTY = (w.Sort, w.LossyFrequent, w.Expression, w.TimeLength)
"""The windows that the row which has entered may leave at once, as the last one."""


def bind_aggregate(binder: Binder, node: exp.Expr, name: str) -> Expression:
    """``name([DISTINCT] argument [, constant])``."""
    return _add(binder, node, name, _call(binder, node, name))


def bind_filter(binder: Binder, node: exp.Expr) -> Expression:
    """``aggregate(…) FILTER (WHERE condition)``."""
    inner, where = node.this, node.expression.this
    name = inner.name.removeprefix(CALL_MARK) if isinstance(inner, exp.Anonymous) else ""
    own = binder.functions.get(name.lower())
    if isinstance(own, WrongFunction):
        return UNKNOWN
    if name.lower() not in AGGREGATES and not isinstance(own, Aggregate):
        message = "FILTER (WHERE …) follows an aggregate, and nothing else"
        raise binder.problem(where, message, "write CASE WHEN condition THEN value END")
    call = _call(binder, inner, name)
    with binder.inside("FILTER"):
        message = f"FILTER of {name} needs a condition"
        condition = binder.boolean(binder.bind_part(where), where, message)
    if call is None or is_unknown(condition):
        return UNKNOWN
    nullable = isinstance(own, Aggregate) or AGGREGATES[name.lower()].of_none == "NULL"
    call = msgspec.structs.replace(call, filter=condition, nullable=nullable)
    return _add(binder, inner, name, call)


def _add(binder: Binder, node: exp.Expr, name: str, call: AggregateCall | None) -> Expression:
    if call is None:
        return UNKNOWN
    assert binder.calls is not None, "refused where none can stand"
    if call not in binder.calls:
        binder.calls.append(call)
    return ex.AggregateValue(binder.calls.index(call), call.type, call.nullable)


def _call(binder: Binder, node: exp.Expr, name: str) -> AggregateCall | None:
    """The call, or nothing where the type of its argument is not known."""
    own = binder.functions.get(name.lower())
    if isinstance(own, Aggregate):
        _refuse_place(binder, node, name)
        refuse_window(binder, node, name)
        with binder.inside(f"the arguments of {name}"):
            return own_call(binder, node, name, own)
    declared = AGGREGATES[name.lower()]
    name = name.lower() if name.lower() == declared.name else name
    _refuse_place(binder, node, name)
    arguments, distinct = node.expressions, False
    if len(arguments) == 1 and isinstance(arguments[0], exp.Distinct):
        arguments, distinct = arguments[0].expressions, True
    arguments, keys = taken_apart(arguments)
    refuse_order(binder, name, declared, keys)
    if keys and declared.order == "values":
        arguments = value_within_group(binder, node, name, declared, arguments, keys)
    if name == "count" and (not arguments or isinstance(arguments[0], exp.Star)):
        return AggregateCall("count", None, DataType.LONG, False)
    parameters = _parameters(binder, node, name, declared, arguments)
    if isinstance(arguments[0], exp.Star):
        raise binder.problem(node, f"{name}(*) has no meaning", "only count(*) takes *")
    with binder.inside(f"the argument of {name}"):
        argument = binder.bind_part(arguments[0])
    if is_unknown(argument):
        return None
    _check_window(binder, node, name, declared)
    call = _typed(binder, node, name, declared, argument)
    once = _is_distinct(binder, node, name, declared, distinct)
    if once and call.argument is not None and call.argument.type is DataType.OBJECT:
        text = expression_text(call.argument)
        message = f"{text} is OBJECT, of which DISTINCT can't tell what is equal"
        raise binder.problem(node, message, f"write CAST({text} AS STRING)")
    may_be_empty = binder.expired or isinstance(binder.window, _MAY_BE_EMPTY)
    if may_be_empty and declared.of_none == "NULL":
        call = msgspec.structs.replace(call, nullable=True)
    order: tuple[OrderKey, ...] | None = ()
    if declared.order == "rows":
        with binder.inside(f"the order of {name}"):
            order = bind_keys(binder, name, keys, argument, once)
    elif keys and keys[0].descending and call.argument is not None:
        order = (OrderKey(call.argument, True, False),)
    if order is None:
        return None
    return msgspec.structs.replace(call, distinct=once, parameters=parameters, order=order)


def _refuse_place(binder: Binder, node: exp.Expr, name: str) -> None:
    """Refuse an aggregate where none can stand."""
    if binder.calls is None:
        hint = (
            "HAVING filters the results, behind GROUP BY"
            if binder.clause == "WHERE"
            else "aggregate in a query of its own, and read its stream in another"
        )
        raise binder.problem(node, f"the aggregate {name} can't stand in {binder.clause}", hint)


def _is_distinct(
    binder: Binder, node: exp.Expr, name: str, declared: AggregateFunction, written: bool
) -> bool:
    if written and declared.distinct == "refused":
        hint = f"leave DISTINCT out, or write another aggregate: {name} goes by each row"
        raise binder.problem(node, f"{name}(DISTINCT …) has no meaning", hint)
    return declared.distinct == "always" or (written and declared.distinct == "counts")


def _check_window(binder: Binder, node: exp.Expr, name: str, declared: AggregateFunction) -> None:
    """Refuse what an aggregate can't do over the window, or without its package."""
    window = binder.window
    forgets = window is not None and window.family == "sliding"
    if isinstance(window, w.FirstUnique) and window.ttl_ms is None:
        forgets = False
    if declared.sketch and forgets:
        exact = "count(DISTINCT x)" if declared.of_none == "0" else "percentile_cont(x, 0.5)"
        message = f"{name} can't forget the values that leave a sliding window"
        raise binder.problem(node, message, f"write {exact}, or use a window that closes")
    if declared.sketch and find_spec("datasketches") is None:
        message = f"{name} needs the package datasketches"
        raise binder.problem(node, message, "pip install 'eventflux-core[sketches]'")


def _parameters(
    binder: Binder,
    node: exp.Expr,
    name: str,
    declared: AggregateFunction,
    arguments: list[exp.Expr],
) -> tuple[ex.Literal, ...]:
    """The constants of a call, its number of arguments being checked."""
    if declared.constant is None or declared.fixed is not None:
        if len(arguments) != 1:
            hint = None
            if len(node.expressions) < len(arguments):  # DISTINCT stands around them
                hint = f"make one value of them: {name}(DISTINCT concat_ws('|', a, b))"
            raise binder.problem(node, f"{name} takes one argument, not {len(arguments)}", hint)
        return () if declared.fixed is None else (ex.Literal(declared.fixed, DataType.DOUBLE),)
    least = 1 if declared.constant == "separator" else 2
    if not least <= len(arguments) <= 2:
        many = "one or two arguments" if least == 1 else "two arguments"
        hint = f"write {name}(x, 0.95)" if least == 2 else f"write {name}(x, ', ')"
        raise binder.problem(node, f"{name} takes {many}, not {len(arguments)}", hint)
    if len(arguments) == 1:
        return (ex.Literal(",", DataType.STRING),)
    with binder.inside(f"the {declared.constant} of {name}"):
        constant = binder.bind_part(arguments[1])
    value = constant.value if isinstance(constant, ex.Literal) else None
    if declared.constant == "separator":
        if isinstance(value, str) and constant.type is DataType.STRING:
            return (ex.Literal(value, DataType.STRING),)
        message = f"the separator of {name} is a text, the same for all rows"
        raise binder.problem(arguments[1], message, f"write {name}(x, ', ')")
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return (ex.Literal(float(value), DataType.DOUBLE),)
    message = f"the fraction of {name} is a number from 0 to 1, the same for all rows"
    raise binder.problem(arguments[1], message, f"write {name}(x, 0.95)")


def _typed(
    binder: Binder,
    node: exp.Expr,
    name: str,
    declared: AggregateFunction,
    argument: Expression,
) -> AggregateCall:
    """The call of an argument whose type fits, without constants."""
    if is_untyped(argument) and declared.name != "count":
        raise binder.problem(node, f"{name}(NULL) has no type", "CAST the NULL")
    match declared.takes:
        case "numbers" | "doubles" if not argument.type.is_numeric:
            raise _needs_numbers(binder, node, name, argument)
        case "conditions":
            argument = binder.boolean(argument, node, f"{name} needs conditions")
        case "doubles":
            argument = coerce(argument, DataType.DOUBLE) or _as_double(argument)
        case "texts":
            argument = _text(binder, node, name, argument)
        case takes if argument.type in _NOT.get(takes, ()):
            raise _unfit(binder, node, name, takes, argument)
    nullable = declared.of_none == "NULL" and (
        declared.null_of_some or (argument.nullable and declared.name != "array_agg")
    )
    return AggregateCall(declared.function, argument, declared.result(argument.type), nullable)


def _as_double(argument: Expression) -> Expression:
    return ex.Cast(argument, DataType.DOUBLE, argument.nullable)


def _text(binder: Binder, node: exp.Expr, name: str, argument: Expression) -> Expression:
    text = adapt(argument, DataType.STRING)
    if text is None:
        shown = expression_text(argument)
        message = f"{name} needs texts, but {shown} is {argument.type}"
        raise binder.problem(node, message, f"write CAST({shown} AS STRING)")
    return text


def _needs_numbers(binder: Binder, node: exp.Expr, name: str, argument: Expression) -> Exception:
    text = expression_text(argument)
    hint = {
        DataType.BOOL: f"count with sum(CASE WHEN {text} THEN 1 ELSE 0 END)",
        DataType.TIMESTAMP: f"write CAST({text} AS LONG)",
        DataType.BYTES: None,
    }.get(argument.type, f"write CAST({text} AS DOUBLE)")
    return binder.problem(node, f"{name} needs numbers, but {text} is {argument.type}", hint)


def _unfit(
    binder: Binder, node: exp.Expr, name: str, takes: str, argument: Expression
) -> Exception:
    text = expression_text(argument)
    needed = "an ordered type" if takes == "ordered" else "plain values"
    target = "DOUBLE" if takes == "ordered" else "STRING"
    hint = None if argument.type is DataType.BOOL else f"write CAST({text} AS {target})"
    return binder.problem(node, f"{name} needs {needed}, but {text} is {argument.type}", hint)
