"""Binding comparisons, AND, OR, NOT, IS, IN, BETWEEN, LIKE and CASE."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Literal as OneOf

from sqlglot import exp

from eventflux.base.types import DataType
from eventflux.planner import expressions as ex
from eventflux.planner.binding.operands import (
    bind_compared,
    object_as,
    objects_as_others,
    texts_as_moments,
)
from eventflux.planner.conversion import adapt, is_untyped, unify
from eventflux.planner.describe import expression_text
from eventflux.planner.expressions import Expression

if TYPE_CHECKING:
    from eventflux.planner.binding.binder import Binder


COMPARISONS: dict[type[exp.Expr], OneOf["=", "!=", "<", "<=", ">", ">="]] = {
    exp.EQ: "=",
    exp.NEQ: "!=",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}


def bind_comparison(binder: Binder, node: exp.Expr) -> Expression:
    operator = COMPARISONS[type(node)]
    if any(isinstance(side.unnest(), exp.Null) for side in (node.this, node.expression)):
        test = {"=": "IS NULL", "!=": "IS NOT NULL"}.get(operator, "IS NULL or IS NOT NULL")
        binder.warn(node, f"{operator} NULL is NULL, never true", f"write {test}")
    bound = bind_compared(binder, [node.this, node.expression])
    left, right = comparable(binder, node, bound, operator, ordered=operator not in ("=", "!="))
    return ex.Comparison(operator, left, right, left.nullable or right.nullable)


def comparable(
    binder: Binder, node: exp.Expr, bound: Sequence[Expression], operator: str, *, ordered: bool
) -> tuple[Expression, ...]:
    """``bound`` in the type in which they compare."""
    bound = objects_as_others(bound)
    unified = unify(bound)
    if unified is None:
        kinds = list(
            dict.fromkeys(
                str(expression.type) for expression in bound if not is_untyped(expression)
            )
        )
        message = f"{operator} can't compare {' with '.join(kinds)}"
        chained = isinstance(bound[0], ex.Comparison) and len(bound) == 2
        hint = "write a < b AND b < c" if chained and ordered else _how_to_compare(bound)
        raise binder.problem(node, message, hint)
    common, converted = unified
    if ordered and common is DataType.BOOL:
        raise binder.problem(
            node, f"{operator} has no meaning for BOOL", "BOOL compares with = and != only"
        )
    if ordered and common is DataType.OBJECT:
        raise binder.problem(
            node,
            f"{operator} has no meaning for two OBJECTs",
            f"they compare with = and != only; write CAST({binder.text(bound[0])} AS DOUBLE)",
        )
    return converted


def _how_to_compare(bound: Sequence[Expression]) -> str:
    """What to write in place of a comparison of different types."""
    typed = [operand for operand in bound if not is_untyped(operand)]
    if any(operand.type is DataType.BOOL for operand in typed):
        return "BOOL compares with TRUE and FALSE; a condition also stands alone: WHERE ok"
    if any(operand.type is DataType.TIMESTAMP for operand in typed):
        return "TIMESTAMP compares with a text literal, a LONG or CAST(… AS TIMESTAMP)"
    numeric = [operand for operand in typed if operand.type.is_numeric]
    texts = [operand for operand in typed if operand.type is DataType.STRING]
    for operand in numeric:
        if isinstance(operand, ex.Literal):
            number = expression_text(operand)
            return f"write '{number}' to compare texts, or CAST the text to {operand.type}"
    for operand in texts:
        if isinstance(operand, ex.Literal) and _is_number(str(operand.value)):
            return f"numbers have no quotes: write {str(operand.value).strip()}"
    return "CAST one side to the type of the other"


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text)) and "_" not in text
    except ValueError:
        return False


def bind_logical(binder: Binder, node: exp.Expr) -> Expression:
    operator: OneOf["AND", "OR"] = "AND" if isinstance(node, exp.And) else "OR"
    nodes: list[exp.Expr] = []
    waiting: list[exp.Expr] = [node]
    while waiting:
        current = waiting.pop()
        inner = current
        while isinstance(inner, exp.Paren):
            inner = inner.this
        if type(inner) is type(node):
            waiting += [inner.expression, inner.this]
        else:
            nodes.append(current)
    bound = binder.bind_all(nodes)
    operands = tuple(
        binder.boolean(operand, part, f"{operator} needs conditions")
        for operand, part in zip(bound, nodes, strict=True)
    )
    return _connected(operator, operands)


def _connected(operator: OneOf["AND", "OR"], operands: Sequence[Expression]) -> Expression:
    """All of ``operands`` under one AND or OR."""
    flat: list[Expression] = []
    for operand in operands:
        same = isinstance(operand, ex.Logical) and operand.operator == operator
        flat.extend(operand.operands if same and isinstance(operand, ex.Logical) else (operand,))
    return ex.Logical(operator, tuple(flat), any(operand.nullable for operand in flat))


def bind_not(binder: Binder, node: exp.Expr) -> Expression:
    operand = binder.bind(node.this)
    if isinstance(operand, ex.IsNull):
        return ex.IsNull(operand.operand, not operand.negated)
    operand = binder.boolean(operand, node.this, "NOT needs a condition")
    return ex.Not(operand, operand.nullable)


def bind_is(binder: Binder, node: exp.Expr) -> Expression:
    if not isinstance(node.expression, exp.Null):
        raise binder.problem(node, "IS takes NULL or NOT NULL only")
    return ex.IsNull(binder.bind(node.this), bool(node.args.get("negate")))


def bind_in(binder: Binder, node: exp.Expr) -> Expression:
    items = node.expressions
    if node.args.get("query") or node.args.get("unnest") or node.args.get("field"):
        raise binder.problem(node, "IN takes a list of values in parentheses")
    bound = bind_compared(binder, [node.this, *items])
    pairs = _pairs(binder, node, bound, "IN", ordered=False)
    if _is_mixed(pairs):
        return _connected("OR", [_compared("=", left, right) for left, right in pairs])
    operand, *values = comparable(binder, node, bound, "IN", ordered=False)
    nullable = bool(values) and any(expression.nullable for expression in (operand, *values))
    return ex.InList(operand, tuple(values), nullable)


def bind_between(binder: Binder, node: exp.Expr) -> Expression:
    bound = bind_compared(binder, [node.this, node.args["low"], node.args["high"]])
    pairs = _pairs(binder, node, bound, "BETWEEN", ordered=True)
    if _is_mixed(pairs):
        (lower, low), (upper, high) = pairs
        return _connected("AND", [_compared(">=", lower, low), _compared("<=", upper, high)])
    operand, low, high = comparable(binder, node, bound, "BETWEEN", ordered=True)
    return ex.Between(operand, low, high, operand.nullable or low.nullable or high.nullable)


def _pairs(
    binder: Binder, node: exp.Expr, bound: Sequence[Expression], operator: str, *, ordered: bool
) -> list[tuple[Expression, ...]]:
    """The first of ``bound`` with each of the others, in the type in which the two compare."""
    first, *others = bound
    return [comparable(binder, node, [first, other], operator, ordered=ordered) for other in others]


def _is_mixed(pairs: Sequence[tuple[Expression, ...]]) -> bool:
    """Whether each has to compare on its own: some compare as exact numbers and some as
    floating ones, where one type for all would lose digits; or OBJECTs are among them."""
    kinds = {left.type if not left.type.is_numeric else left.type.is_floating for left, _ in pairs}
    return len(kinds) > 1 or DataType.OBJECT in kinds


def _compared(operator: OneOf["=", ">=", "<="], left: Expression, right: Expression) -> Expression:
    return ex.Comparison(operator, left, right, left.nullable or right.nullable)


def bind_distinct(binder: Binder, node: exp.Expr) -> Expression:
    bound = bind_compared(binder, [node.this, node.expression])
    left, right = comparable(binder, node, bound, "IS DISTINCT FROM", ordered=False)
    return ex.Distinct(left, right, isinstance(node, exp.NullSafeEQ))


def bind_like(binder: Binder, node: exp.Expr, escape: str = "\\") -> Expression:
    ignore_case = isinstance(node, exp.ILike)
    word = "ILIKE" if ignore_case else "LIKE"
    operand, pattern = texts(binder, [node.this, node.expression], f"{word} needs texts")
    nullable = operand.nullable or pattern.nullable
    like = ex.Like(operand, pattern, nullable, escape, ignore_case)
    return ex.Not(like, like.nullable) if node.args.get("negate") else like


def bind_escape(binder: Binder, node: exp.Expr) -> Expression:
    """``… LIKE … ESCAPE 'c'``."""
    return bind_like(binder, node.this, node.expression.name)


def texts(binder: Binder, parts: Sequence[exp.Expr], message: str) -> list[Expression]:
    """The ``parts`` bound, which have to be STRING."""
    found = []
    for bound, part in zip(binder.bind_all(parts), parts, strict=True):
        text = adapt(object_as(bound, DataType.STRING), DataType.STRING)
        if text is None:
            shown = binder.text(bound)
            raise binder.problem(
                part, f"{message}, but {shown} is {bound.type}", f"write CAST({shown} AS STRING)"
            )
        found.append(text)
    return found


def bind_case(binder: Binder, node: exp.Expr) -> Expression:
    branches = node.args["ifs"]
    subject, default = node.this, node.args.get("default")
    nodes = [part for branch in branches for part in (branch.this, branch.args["true"])]
    bound = binder.bind_all(
        [*nodes, *([subject] if subject else []), *([default] if default else [])]
    )
    whens, thens = bound[0 : len(nodes) : 2], bound[1 : len(nodes) : 2]
    otherwise = bound[-1] if default else ex.Literal(None, DataType.STRING)
    operand: Expression | None = None
    if subject is not None:
        compared = texts_as_moments(binder, [subject, *nodes[::2]], [bound[len(nodes)], *whens])
        matches = _pairs(binder, node, compared, "CASE", ordered=False)
        if _is_mixed(matches):
            whens = [_compared("=", left, right) for left, right in matches]
        else:
            operand, *whens = comparable(binder, node, compared, "CASE", ordered=False)
    else:
        whens = [
            binder.boolean(when, branch.this, "WHEN needs a condition")
            for when, branch in zip(whens, branches, strict=True)
        ]
    unified = unify([*thens, otherwise])
    if unified is None:
        kinds = list(dict.fromkeys(str(r.type) for r in (*thens, otherwise) if not is_untyped(r)))
        raise binder.problem(
            branches[0].args["true"], f"the results of CASE mix {' and '.join(kinds)}", "CAST them"
        )
    common, results = unified
    pairs = tuple(ex.Branch(when, then) for when, then in zip(whens, results, strict=False))
    nullable = any(result.nullable for result in results)
    return ex.Case(operand, pairs, results[-1], common, nullable)
