"""Plan nodes as canonical SQL text, for ``explain``, messages and comments."""

from __future__ import annotations

import re
from collections.abc import Sequence

from eventflux.base.durations import format_duration
from eventflux.base.types import DataType
from eventflux.planner import expressions as ex
from eventflux.planner import windows as w
from eventflux.planner.aggregates import PERCENTILES
from eventflux.planner.calls import AggregateCall, OrderKey
from eventflux.planner.plan import (
    Aggregate,
    Distinct,
    Emission,
    Filter,
    Having,
    Limit,
    OrderBy,
    Project,
    Relation,
    Scan,
    Unnest,
    Windowed,
)
from eventflux.planner.rewriting import rewrite
from eventflux.planner.windows import AnyWindow, SortKey, Tumbling
from eventflux.sql.words import words

(
    _OR, _AND, _NOT, _EQUALITY, _COMPARISON, _RANGE, _CONCAT, _TERM, _FACTOR, _UNARY, _PRIMARY
) = range(1, 12)  # fmt: skip
_EQUALITIES = ("=", "!=")
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*\Z")
_ALWAYS_QUOTED = words(
    "select from where and or not in is like between case when then else end null true false as "
    "by on into having union group order limit offset window insert create define set cast "
    "try_cast"
)

_WRITTEN = "\0"
"""Begins the name of what stands for a text that is written already."""


def quote_name(name: str) -> str:
    """A name as SQL, in double quotes only where it needs them."""
    if _PLAIN_NAME.match(name) and name.lower() not in _ALWAYS_QUOTED:
        return name
    return '"' + name.replace('"', '""') + '"'


def literal_text(value: str | bool | int | float | None) -> str:
    """A constant as SQL: ``NULL``, ``TRUE``, ``'it''s'``, ``1.5``."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(value)


def expression_text(
    expression: ex.Expression,
    below: Aggregate | None = None,
    calls: Sequence[AggregateCall] = (),
) -> str:
    """``expression`` as SQL, with only the parentheses that it needs.

    Keys and aggregates of the Aggregate ``below``, or the aggregates ``calls``, stand as their
    own text.
    """
    keys: Sequence[ex.Expression] = ()
    if below is not None:
        keys, calls = below.keys, below.calls
    return _render(_unfolded(expression, keys, calls) if keys or calls else expression)[0]


def _unfolded(
    expression: ex.Expression, keys: Sequence[ex.Expression], calls: Sequence[AggregateCall]
) -> ex.Expression:
    """``expression`` with keys and calls in place of their numbers."""

    def replace(node: ex.Node) -> ex.Node | None:
        match node:
            case ex.KeyValue(index=index):
                return keys[index]
            case ex.AggregateValue(index=index, type=kind, nullable=nullable):
                call = calls[index]
                return ex.Call(_WRITTEN + call_text(call), (), kind, nullable)
        return None

    return rewrite(expression, replace)


def spelled_out(let: ex.Let) -> ex.Expression:
    """Its body with the values where they are used."""
    numbered = dict(enumerate(let.values, let.first))
    return rewrite(
        let.body, lambda node: numbered.get(node.number) if isinstance(node, ex.Local) else None
    )


def call_text(call: AggregateCall) -> str:
    """``sum(amount)``, ``count(*)``, ``count(DISTINCT name) FILTER (WHERE amount > 5)``,
    ``array_agg(name ORDER BY amount DESC)``."""
    inner = "*" if call.argument is None else expression_text(call.argument)
    inner = ", ".join([inner, *map(expression_text, call.parameters)])
    once = "DISTINCT " if call.distinct else ""
    order = ", ".join(_order_key_text(key, None) for key in call.order)
    if call.order and call.function in PERCENTILES:
        fraction = ", ".join(map(expression_text, call.parameters))
        text = f"{call.function}({fraction}) WITHIN GROUP (ORDER BY {order})"
    else:
        text = f"{call.function}({once}{inner}{order and f' ORDER BY {order}'})"
    if call.filter is not None:
        text += f" FILTER (WHERE {expression_text(call.filter)})"
    return text


def relation_text(relation: Relation) -> str:
    """One operator without its input: ``Filter amount > 50.0``."""
    match relation:
        case Scan(stream=stream, schema=schema):
            return f"Scan {quote_name(stream)} {schema}"
        case Filter(condition=condition):
            return f"Filter {expression_text(condition)}"
        case Windowed(input=Scan(stream=stream), window=window, shared=True):
            return f"{window_text(window)}, that of {quote_name(stream)}"
        case Windowed(window=window):
            return window_text(window)
        case Aggregate(keys=keys, calls=calls, per_row=per_row, state_ttl_ms=ttl):
            parts = [", ".join(map(call_text, calls)) or "group"]
            if keys:
                parts.append("by " + ", ".join(map(expression_text, keys)))
            if per_row:
                parts.append("one row for each input row")
            if ttl is not None:
                parts.append(f"kept for {format_duration(ttl)}")
            return "Aggregate " + " ".join(parts)
        case Unnest(calls=several):
            return "Unnest " + ", ".join(map(expression_text, several))
        case Having(condition=condition):
            return f"Having {expression_text(condition, _aggregate_below(relation))}"
        case Distinct():
            return "Distinct"
        case OrderBy(keys=keys):
            below = _aggregate_below(relation)
            return "OrderBy " + ", ".join(_order_key_text(key, below) for key in keys)
        case Limit(limit=limit, offset=offset):
            texts = [] if limit is None else [f"Limit {limit}"]
            return " ".join([*texts, f"Offset {offset}"] if offset else texts)
        case Project(emit=emit, events=events):
            texts = item_texts(relation)
            texts += [] if emit is None else [emission_text(emit)]
            texts += [] if events is None else [f"{events.which.upper()} EVENTS"]
            return "Project " + ", ".join(texts)


def emission_text(emit: Emission) -> str:
    """``EMIT EVERY 5 s``."""
    every = "" if emit.every_ms is None else f" {format_duration(emit.every_ms)}"
    if emit.mode == "snapshot":
        return f"OUTPUT SNAPSHOT EVERY{every}"
    return f"EMIT {emit.mode.upper()}{every}"


def output_text(window: w.OutputRows | w.OutputTime) -> str:
    """``OUTPUT FIRST EVERY 5 s, of each k, at the end``."""
    if isinstance(window, w.OutputRows):
        every = f"{window.rows} EVENTS"
    else:
        every = format_duration(window.every_ms)
    text = f"OUTPUT {window.mode.upper()} EVERY {every}"
    if window.keys:
        text += ", of each " + ", ".join(map(expression_text, window.keys))
    return text + (", at the end" if window.at_end else "")


def window_text(window: AnyWindow) -> str:
    """``Tumbling 5 min, from the epoch``; of other windows what they are bounded by."""
    if isinstance(window, Tumbling):
        grid = "from the first row" if window.origin_ms is None else "from the epoch"
        offset = f" + {format_duration(window.origin_ms)}" if window.origin_ms else ""
        return f"Tumbling {format_duration(window.size_ms)}, {grid}{offset}"
    if isinstance(window, w.OutputRows | w.OutputTime):
        return output_text(window)
    if isinstance(window, w.Expression):
        return f"Expression {expression_text(window.condition, calls=window.calls)}"
    parts = [
        f"{field.removesuffix('_ms')} {_window_value(field, value)}"
        for field in window.__struct_fields__
        if (value := getattr(window, field)) is not None and value not in ((), w.ONE_RUN)
    ]
    return f"{type(window).__name__} {', '.join(parts)}"


def _window_value(field: str, value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_window_value(field, one) for one in value)
    if isinstance(value, SortKey):
        return f"{quote_name(value.column.name)} {'desc' if value.descending else 'asc'}"
    if ex.is_expression(value):
        return expression_text(value)
    return (
        format_duration(value) if field.endswith("_ms") and isinstance(value, int) else str(value)
    )


def item_texts(project: Project) -> list[str]:
    """Each column that a Project makes: ``total DOUBLE = sum(amount)``."""
    below = _aggregate_below(project)
    return [
        f"{quote_name(item.name)} {item.type}{item.digits or ''} = "
        f"{expression_text(item.expression, below)}"
        for item in project.items
    ]


def _order_key_text(key: OrderKey, below: Aggregate | None) -> str:
    direction = " DESC" if key.descending else ""
    nulls = " NULLS FIRST" if key.nulls_first else ""
    return f"{expression_text(key.expression, below)}{direction}{nulls}"


def _aggregate_below(relation: Relation) -> Aggregate | None:
    """The Aggregate whose groups ``relation`` reads, if there is one."""
    while not isinstance(relation, Scan | Aggregate):
        relation = relation.input
    return relation if isinstance(relation, Aggregate) else None


def _wrap(expression: ex.Expression, minimum: int) -> str:
    text, level = _render(expression)
    return text if level >= minimum else f"({text})"


def _binary(
    operator: str, left: ex.Expression, right: ex.Expression, level: int
) -> tuple[str, int]:
    return f"{_wrap(left, level)} {operator} {_wrap(right, level + 1)}", level


def _list(expressions: tuple[ex.Expression, ...]) -> str:
    return ", ".join(map(expression_text, expressions))


def _render(expression: ex.Expression) -> tuple[str, int]:
    """The text and how tightly its outermost operator binds."""
    match expression:
        case ex.Literal(value=str(text), type=DataType.DECIMAL) | ex.Literal(exact=str(text)):
            return text, _UNARY if text.startswith("-") else _PRIMARY
        case ex.Literal(value=value):
            negative = isinstance(value, int | float) and repr(value).startswith("-")
            return literal_text(value), _UNARY if negative else _PRIMARY
        case ex.Column(name=""):
            return "eventTimestamp()", _PRIMARY
        case ex.Column(name=name):
            return quote_name(name), _PRIMARY
        case ex.KeyValue(index=index):
            return f"key#{index + 1}", _PRIMARY
        case ex.AggregateValue(index=index):
            return f"aggregate#{index + 1}", _PRIMARY
        case ex.Element(text=text):
            return text, _PRIMARY
        case ex.WindowBound(which=which):
            return f"window_{which}()", _PRIMARY
        case ex.Arithmetic(operator=operator, left=left, right=right):
            return _binary(operator, left, right, _TERM if operator in "+-" else _FACTOR)
        case ex.Negate(operand=operand):
            return f"-{_wrap(operand, _PRIMARY)}", _UNARY
        case ex.Comparison(operator=operator, left=left, right=right):
            level = _EQUALITY if operator in _EQUALITIES else _COMPARISON
            return _binary(operator, left, right, level)
        case ex.Logical(operator=operator, operands=operands):
            level = _AND if operator == "AND" else _OR
            return f" {operator} ".join(_wrap(operand, level + 1) for operand in operands), level
        case ex.Not(operand=ex.InList(operand=operand, items=items)):
            return f"{_wrap(operand, _CONCAT)} NOT IN ({_list(items)})", _RANGE
        case ex.Not(operand=ex.Like() as like):
            return _like(like, "NOT "), _RANGE
        case ex.Not(operand=ex.Between(operand=operand, low=low, high=high)):
            return f"{_wrap(operand, _CONCAT)} NOT BETWEEN {_bounds(low, high)}", _RANGE
        case ex.Not(operand=operand):
            return f"NOT {_wrap(operand, _EQUALITY)}", _NOT
        case _:
            return _render_rest(expression)


def _bounds(low: ex.Expression, high: ex.Expression) -> str:
    return f"{_wrap(low, _CONCAT)} AND {_wrap(high, _CONCAT)}"


def _like(like: ex.Like, negation: str) -> str:
    word = "ILIKE" if like.ignore_case else "LIKE"
    escape = "" if like.escape == "\\" else f" ESCAPE {literal_text(like.escape)}"
    pattern = _wrap(like.pattern, _CONCAT)
    return f"{_wrap(like.operand, _CONCAT)} {negation}{word} {pattern}{escape}"


def _render_rest(expression: ex.Expression) -> tuple[str, int]:
    match expression:
        case ex.IsNull(operand=operand, negated=negated):
            return f"{_wrap(operand, _CONCAT)} IS {'NOT ' if negated else ''}NULL", _RANGE
        case ex.InList(operand=operand, items=items):
            return f"{_wrap(operand, _CONCAT)} IN ({_list(items)})", _RANGE
        case ex.Between(operand=operand, low=low, high=high):
            return f"{_wrap(operand, _CONCAT)} BETWEEN {_bounds(low, high)}", _RANGE
        case ex.Distinct(left=left, right=right, negated=negated):
            word = "IS NOT DISTINCT FROM" if negated else "IS DISTINCT FROM"
            return f"{_wrap(left, _CONCAT)} {word} {_wrap(right, _CONCAT)}", _RANGE
        case ex.Like():
            return _like(expression, ""), _RANGE
        case ex.Concat(operands=operands):
            return " || ".join(_wrap(operand, _TERM) for operand in operands), _CONCAT
        case ex.NullIf(operand=operand, other=other):
            return f"nullif({_list((operand, other))})", _PRIMARY
        case ex.Case(operand=subject, branches=branches, otherwise=otherwise):
            parts = ["CASE"] if subject is None else ["CASE", expression_text(subject)]
            for branch in branches:
                parts.append(
                    f"WHEN {expression_text(branch.when)} THEN {expression_text(branch.then)}"
                )
            parts.append(f"ELSE {expression_text(otherwise)} END")
            return " ".join(parts), _PRIMARY
        case ex.Cast(operand=operand, type=to, implicit=implicit, digits=digits):
            if implicit:
                return _render(operand)
            return f"CAST({expression_text(operand)} AS {to}{digits or ''})", _PRIMARY
        case ex.Access(operand=operand, key=key):
            return f"{_wrap(operand, _PRIMARY)}[{expression_text(key)}]", _PRIMARY
        case ex.Coalesce(operands=operands):
            return f"coalesce({_list(operands)})", _PRIMARY
        case ex.Taken(operands=operands):
            return _list(operands), _PRIMARY
        case ex.Let():
            return _render(spelled_out(expression))
        case ex.Call(function=function) if function.startswith(_WRITTEN):
            return function.removeprefix(_WRITTEN), _PRIMARY
        case ex.Call(function=function, arguments=arguments):
            return f"{quote_name(function)}({_list(arguments)})", _PRIMARY
        case _:
            raise AssertionError(f"no text for {type(expression).__name__}")
