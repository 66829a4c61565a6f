"""Calls: aggregates, window bounds, functions of the language and registered ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from eventflux.base.suggest import nearest
from eventflux.functions import FUNCTIONS
from eventflux.planner import expressions as ex
from eventflux.planner.aggregates import AGGREGATES
from eventflux.planner.binding.aggregates import bind_aggregate
from eventflux.planner.binding.functions import bind_function, check_count, own_argument
from eventflux.planner.binding.nested import STEPS, bind_step
from eventflux.planner.binding.orders import taken_apart
from eventflux.planner.binding.own import bind_own
from eventflux.planner.binding.rewritten import REWRITES
from eventflux.planner.binding.unnest import UNNEST, add_rows, bind_unnest, refuse_place
from eventflux.planner.conversion import UNKNOWN
from eventflux.planner.expressions import Expression
from eventflux.planner.own_functions import SqlFunction, WrongFunction
from eventflux.planner.scope import WINDOW_BOUNDS
from eventflux.spi.functions import ScalarFunction, TableFunction
from eventflux.spi.own_aggregates import Aggregate
from eventflux.sql.vocabulary import CALL_MARK

if TYPE_CHECKING:
    from eventflux.planner.binding.binder import Binder

_INSTEAD = {
    "isnull": "write coalesce(a, b), or x IS NULL",
    "substring_index": "write split_part(s, separator, n)",
    "explode": "write UNNEST(list)",
    "flatten": "write UNNEST(list)",
    "generate_series": "a Python generator gives several rows: CREATE FUNCTION … RETURNS SETOF INT",
    "getdate": "write now()",
    "sysdate": "write now()",
    "to_timestamp": "write CAST(s AS TIMESTAMP), or parseDate(s, '%d.%m.%Y')",
    "unix_timestamp": "write CAST(ts AS LONG) for epoch ms",
    "to_date": "write CAST(s AS TIMESTAMP), or parseDate(s, '%d.%m.%Y')",
    "date_part": "write extract('year', ts), or year(ts)",
    "date_format": "write formatDate(ts, '%Y-%m-%d')",
    "json_extract_string": "write json_value(data, '$.a'), or data ->> 'a'",
    "to_char": "write formatDate(ts, '%Y-%m-%d'), or CAST(x AS STRING)",
    "to_number": "write CAST(x AS DOUBLE)",
    "group_concat": "write string_agg(x, ',')",
    "listagg": "write string_agg(x, ',')",
    "list": "write array_agg(x)",
    "lag": "write first(x) over WINDOW('length', 2), which holds the row before",
    "percentile": "write percentile_cont(x, 0.95)",
    "tumble": "write FROM S WINDOW('tumbling', 5 MINUTES)",
    "any_value": "write first(x)",
    "first_value": "write first(x)",
    "last_value": "write last(x)",
    "arg_min": "write first(x ORDER BY y)",
    "min_by": "write first(x ORDER BY y)",
    "arg_max": "write first(x ORDER BY y DESC)",
    "max_by": "write first(x ORDER BY y DESC)",
    "every": "write bool_and(condition)",
    "countif": "write count(*) FILTER (WHERE condition)",
    "count_if": "write count(*) FILTER (WHERE condition)",
}
"""What to write in place of functions that other SQL has."""


def bind_call(binder: Binder, node: exp.Expr) -> Expression:
    """``name(arguments)``."""
    name = node.name.removeprefix(CALL_MARK)
    key = name.lower()
    if key in STEPS:
        return bind_step(binder, node, key)
    if isinstance(binder.functions.get(key), WrongFunction):
        return UNKNOWN
    if key in AGGREGATES or isinstance(binder.functions.get(key), Aggregate):
        return bind_aggregate(binder, node, name)
    if keys := taken_apart(node.expressions)[1]:
        message = f"{keys[0].clause} stands in an aggregate, and {name} is none"
        raise binder.problem(keys[0].value, message, "leave it out")
    for argument in node.expressions:
        if isinstance(argument, exp.Distinct):
            message = f"DISTINCT stands in an aggregate, and {name} is none"
            raise binder.problem(argument, message, "leave it out")
    if key in WINDOW_BOUNDS:
        return _window_bound(binder, node, key)
    function = FUNCTIONS.get(key)
    known = function is not None or key == UNNEST or key in binder.functions
    if known and any(isinstance(argument, exp.Star) for argument in node.expressions):
        raise binder.problem(node, f"{name}(*) has no meaning", "only count(*) takes *")
    if key == UNNEST:
        return bind_unnest(binder, node, name)
    if function is None:
        return _scalar(binder, node, name)
    if key in function.doubtful:
        binder.warn(node, function.doubtful[key], f"write {function.name}(…)")
    rewrite = REWRITES.get(function.name)
    if rewrite is None:
        return bind_function(binder, node, name, function)
    check_count(binder, node, name, function, len(node.expressions))
    return rewrite(binder, node, name)


def _window_bound(binder: Binder, node: exp.Expr, key: str) -> Expression:
    if node.expressions:
        raise binder.problem(node, f"{key}() takes no arguments")
    if not binder.windowed:
        if binder.clause == "SELECT":
            needed = "a window in the query" if binder.window is None else "a window that closes"
            hint = "FROM S WINDOW('tumbling', 5 MINUTES)"
            raise binder.problem(node, f"{key}() needs {needed}", hint)
        hint = "it stands in the select list, for the rows of the window that closed"
        raise binder.problem(node, f"{key}() can't stand in {binder.clause}", hint)
    return ex.WindowBound("start" if key == "window_start" else "end")


def _scalar(binder: Binder, node: exp.Expr, name: str) -> Expression:
    function = binder.functions.get(name.lower())
    if function is None or isinstance(function, Aggregate):
        raise _unknown(binder, node, name)
    assert not isinstance(function, WrongFunction), "its calls are unknown"
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
            f"it is {signature} -> {_result_text(function)}",
        )
    if isinstance(function, TableFunction):
        refuse_place(binder, node, name)
        with binder.inside(name):
            bound = binder.bind_all(given)
    else:
        bound = binder.bind_all(given)
    arguments = [
        own_argument(binder, part, name, position, argument, target)
        for position, (part, argument, target) in enumerate(
            zip(given, bound, wanted, strict=True), 1
        )
    ]
    if isinstance(function, SqlFunction):
        return bind_own(binder, function, arguments)
    call = ex.Call(function.name, tuple(arguments), function.returns, True)
    return add_rows(binder, call) if isinstance(function, TableFunction) else call


def _result_text(function: ScalarFunction | SqlFunction) -> str:
    several = isinstance(function, TableFunction)
    return f"SETOF {function.returns}" if several else str(function.returns)


def _unknown(binder: Binder, node: exp.Expr, name: str) -> Exception:
    binder.bind_all([part for part in node.expressions if not isinstance(part, exp.Star)])
    if name.lower() in _INSTEAD:
        return binder.problem(node, f"unknown function {name!r}", _INSTEAD[name.lower()])
    written = {n for f in FUNCTIONS.values() for n in f.names}
    match = nearest(
        name, [*AGGREGATES, *WINDOW_BOUNDS, UNNEST, *binder.functions, *sorted(written)]
    )
    hint = "declare it in SQL or in Python: CREATE FUNCTION name(…) RETURNS type …"
    if match is not None:
        hint = f"did you mean {match!r}?"
    return binder.problem(node, f"unknown function {name!r}", hint)
