"""Calls: aggregates, window bounds, COALESCE and scalar functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from eventflux.base.suggest import nearest
from eventflux.base.types import DataType
from eventflux.planner import expressions as ex
from eventflux.planner.aggregates import AGGREGATES
from eventflux.planner.bind_aggregates import bind_aggregate
from eventflux.planner.bind_conditions import comparable
from eventflux.planner.bind_nested import STEPS, bind_step
from eventflux.planner.bind_orders import taken_apart
from eventflux.planner.bind_own import bind_own
from eventflux.planner.conversion import coerce, is_untyped, unify
from eventflux.planner.expressions import Expression
from eventflux.planner.operands import bind_compared
from eventflux.planner.own_functions import SqlFunction
from eventflux.planner.scope import WINDOW_BOUNDS
from eventflux.sql.vocabulary import CALL_MARK
from eventflux.sql.words import words

if TYPE_CHECKING:
    from eventflux.planner.binder import Binder

_INSTEAD = {
    "ifnull": "write coalesce(a, b)",
    "nvl": "write coalesce(a, b)",
    "isnull": "write coalesce(a, b), or x IS NULL",
    "default": "write coalesce(a, b)",
    "if": "write CASE WHEN condition THEN a ELSE b END",
    "iif": "write CASE WHEN condition THEN a ELSE b END",
    "is_null": "write x IS NULL",
    "convert": "write CAST(x AS type)",
    "concat": "write a || b",
    "json_extract": "write data['a'], data -> 'a', or data ->> 'a' for a text",
}
_LATER_SCALARS = words(
    "abs ceil ceiling floor round trunc truncate sign mod sqrt power pow exp ln log10 log log2 "
    "sin cos tan atan asin acos atan2 degrees radians pi maximum greatest minimum least random "
    "rand upper lower length char_length len concat concat_ws substring substr mid left right "
    "trim ltrim rtrim replace reverse repeat lpad rpad position locate instr ascii chr char like "
    "starts_with ends_with contains split_part regexp_matches regexp_extract regexp_replace md5 "
    "sha256 typeof now current_timestamp currenttimemillis eventtimestamp event_timestamp uuid "
    "formatdate strftime parsedate strptime dateadd datesub datediff extract year month day hour "
    "minute second date_trunc json_extract"
)

_REGISTER_ANOTHER = "register a Python function under another name: manager.context.add_function(…)"


def bind_call(binder: Binder, node: exp.Expr) -> Expression:
    """``name(arguments)``."""
    name = node.name.removeprefix(CALL_MARK)
    key = name.lower()
    if key in STEPS:
        return bind_step(binder, node, key)
    if key in AGGREGATES:
        return bind_aggregate(binder, node, name)
    if keys := taken_apart(node.expressions)[1]:
        message = f"{keys[0].clause} stands in an aggregate, and {name} is none"
        raise binder.problem(keys[0].value, message, "leave it out")
    if key in WINDOW_BOUNDS:
        return _window_bound(binder, node, key)
    known = key in ("coalesce", "nullif") or key in binder.functions
    if known and any(isinstance(argument, exp.Star) for argument in node.expressions):
        raise binder.problem(node, f"{name}(*) has no meaning", "only count(*) takes *")
    if key == "coalesce":
        return _coalesce(binder, node)
    if key == "nullif":
        return _null_if(binder, node)
    return _scalar(binder, node, name)


def _window_bound(binder: Binder, node: exp.Expr, key: str) -> Expression:
    if node.expressions:
        raise binder.problem(node, f"{key}() takes no arguments")
    if not binder.windowed:
        if binder.clause == "SELECT":
            hint = "FROM S WINDOW('tumbling', 5 MINUTES)"
            raise binder.problem(node, f"{key}() needs a window in the query", hint)
        hint = "it stands in the select list, for the rows of the window that closed"
        raise binder.problem(node, f"{key}() can't stand in {binder.clause}", hint)
    return ex.WindowBound("start" if key == "window_start" else "end")


def _coalesce(binder: Binder, node: exp.Expr) -> Expression:
    if not node.expressions:
        raise binder.problem(node, "coalesce needs at least one argument")
    bound = binder.bind_all(node.expressions)
    unified = unify(bound)
    if unified is None:
        kinds = list(
            dict.fromkeys(str(operand.type) for operand in bound if not is_untyped(operand))
        )
        raise binder.problem(
            node, f"the arguments of coalesce mix {' and '.join(kinds)}", "CAST them"
        )
    common, operands = unified
    return ex.Coalesce(operands, common, all(operand.nullable for operand in operands))


def _null_if(binder: Binder, node: exp.Expr) -> Expression:
    """Of the type of its first argument, which is compared as with ``=``."""
    if len(node.expressions) != 2:
        raise binder.problem(
            node, f"nullif takes two arguments, not {len(node.expressions)}", "nullif(a, b)"
        )
    bound = bind_compared(binder, node.expressions)
    operand, other = comparable(binder, node, bound, "nullif", ordered=False)
    value = bound[0]
    if operand is not value and value.type in (DataType.OBJECT, DataType.DECIMAL):
        equal = ex.Comparison("=", operand, other, operand.nullable or other.nullable)
        nothing = ex.Literal(None, value.type)
        return ex.Case(None, (ex.Branch(equal, nothing),), value, value.type, True)
    if isinstance(operand, ex.Cast) and operand.implicit:
        # Python compares numbers of different types as they are.
        operand, other = bound
    return ex.NullIf(operand, other, operand.type)


def _scalar(binder: Binder, node: exp.Expr, name: str) -> Expression:
    function = binder.functions.get(name.lower())
    if function is None:
        raise _unknown(binder, node, name)
    given, wanted = node.expressions, function.arguments
    if len(given) != len(wanted):
        signature = f"{function.name}({', '.join(wanted)})"
        count = (
            "no arguments"
            if not wanted
            else f"{len(wanted)} argument{'s' if len(wanted) > 1 else ''}"
        )
        raise binder.problem(
            node,
            f"{name} takes {count}, not {len(given)}",
            f"it is {signature} -> {function.returns}",
        )
    arguments = []
    for position, (bound, part, target) in enumerate(
        zip(binder.bind_all(given), given, wanted, strict=True), 1
    ):
        argument = coerce(bound, target)
        if argument is None:
            text = binder.text(bound)
            message = f"argument {position} of {name} is {target}, but {text} is {bound.type}"
            raise binder.problem(part, message, f"write CAST({text} AS {target})")
        arguments.append(argument)
    if isinstance(function, SqlFunction):
        return bind_own(binder, function, arguments)
    return ex.Call(function.name, tuple(arguments), function.returns, True)


def _unknown(binder: Binder, node: exp.Expr, name: str) -> Exception:
    key = name.lower()
    if key in _INSTEAD:
        return binder.problem(node, f"the function {name} is not supported yet", _INSTEAD[key])
    if key in _LATER_SCALARS:
        hint = _REGISTER_ANOTHER
        return binder.problem(node, f"the function {name} is not supported yet", hint)
    binder.bind_all([part for part in node.expressions if not isinstance(part, exp.Star)])
    known = [*AGGREGATES, "coalesce", "nullif", *WINDOW_BOUNDS, *binder.functions]
    match = nearest(name, [*known, *_LATER_SCALARS])
    hint = "register it from Python: manager.context.add_function(…)"
    if match is not None:
        later = "" if match in known else f" It is not supported yet; {_REGISTER_ANOTHER}"
        hint = f"did you mean {match!r}?{later}"
    return binder.problem(node, f"unknown function {name!r}", hint)
