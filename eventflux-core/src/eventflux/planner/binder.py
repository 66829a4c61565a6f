"""Binding: from sqlglot's trees to typed nodes of the plan.

Every kind of node that the language has is listed in :data:`_BINDERS`; any other is
refused by name and place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal as OneOf

from sqlglot import exp

from eventflux.base.errors import Diagnostic
from eventflux.base.types import LONG_MAX, DataType
from eventflux.planner import expressions as ex
from eventflux.planner.calls import bind_call
from eventflux.planner.conversion import adapt, is_untyped, unify
from eventflux.planner.describe import expression_text
from eventflux.planner.expressions import Expression
from eventflux.planner.plan import AggregateCall
from eventflux.planner.scope import Scope
from eventflux.spi.functions import ScalarFunction
from eventflux.sql.ast import Expr
from eventflux.sql.source import Problem


@dataclass(slots=True)
class Binder:
    """Binds the expressions of one clause.

    ``calls`` collects the aggregates of the clause, each once; ``None`` where none may
    stand, ``clause`` being the name of that place for messages.
    """

    scope: Scope
    functions: Mapping[str, ScalarFunction]
    clause: str
    calls: list[AggregateCall] | None = None
    windowed: bool = False
    """Whether window_start() and window_end() have a meaning here."""
    start: int = field(default=0, init=False)

    def expression(self, expression: Expr) -> Expression:
        """
        Raises:
            Problem: with everything that is wrong in it.
        """
        self.start = expression.start
        return self.bind(expression.tree)

    def condition(self, expression: Expr) -> Expression:
        """Like :meth:`expression`, and it must be BOOL."""
        bound = self.expression(expression)
        return self.boolean(bound, expression.tree, f"{self.clause} needs a condition")

    def bind(self, node: exp.Expr) -> Expression:
        while isinstance(node, exp.Paren):
            node = node.this
        binder = _BINDERS.get(type(node))
        if binder is None:
            raise self.problem(node, f"{type(node).__name__} is not part of this language")
        return binder(self, node)

    def bind_all(self, nodes: Sequence[exp.Expr]) -> list[Expression]:
        """Bind several; what is wrong in any of them is reported together."""
        bound: list[Expression] = []
        diagnostics: list[Diagnostic] = []
        for node in nodes:
            try:
                bound.append(self.bind(node))
            except Problem as problem:
                diagnostics.extend(problem.diagnostics)
        if diagnostics:
            raise Problem(*diagnostics)
        return bound

    def boolean(self, bound: Expression, node: exp.Expr, message: str) -> Expression:
        adapted = adapt(bound, DataType.BOOL)
        if adapted is None:
            hint = "compare it: … != 0" if bound.type.is_numeric else "compare it: … = 'value'"
            raise self.problem(
                node, f"{message} (BOOL), but {expression_text(bound)} is {bound.type}", hint
            )
        return adapted

    def offset(self, node: exp.Expr) -> int:
        """Where ``node`` stands: its own place, or that of its leftmost leaf that has one."""
        waiting = [node]
        while waiting:
            current = waiting.pop()
            start = current.meta.get("start")
            if isinstance(start, int):
                return start
            waiting.extend(reversed(list(current.iter_expressions())))
        return self.start

    def problem(self, node: exp.Expr, message: str, hint: str | None = None) -> Problem:
        return self.scope.source.problem(self.offset(node), message, hint)


def _column(binder: Binder, node: exp.Expr) -> Expression:
    identifier = node.this
    if (
        not isinstance(node, exp.Column)
        or not isinstance(identifier, exp.Identifier)
        or node.args.get("db")
    ):
        raise binder.problem(node, "this is not the name of a column")
    if node.table:
        binder.scope.check_qualifier(node.table, binder.offset(node.args["table"]))
    return binder.scope.column(identifier.name, binder.offset(identifier))


def _literal(binder: Binder, node: exp.Expr, sign: int = 1) -> Expression:
    text = node.name
    if node.is_string:
        return ex.Literal(text, DataType.STRING)
    if text.isdecimal():
        value = sign * int(text) if len(text) < 400 else sign * (LONG_MAX + 2)
        if not -LONG_MAX - 1 <= value <= LONG_MAX:
            raise binder.problem(
                node, f"{text} is too large for LONG", "write it with a point to make it a DOUBLE"
            )
        return ex.Literal(value, DataType.LONG)
    number = sign * float(text)
    if math.isinf(number):
        raise binder.problem(node, f"{text} is too large for DOUBLE")
    return ex.Literal(number, DataType.DOUBLE)


def _null(binder: Binder, node: exp.Expr) -> Expression:
    return ex.Literal(None, DataType.STRING)


def _boolean(binder: Binder, node: exp.Expr) -> Expression:
    return ex.Literal(bool(node.this), DataType.BOOL)


def _negate(binder: Binder, node: exp.Expr) -> Expression:
    inner = node.this
    if isinstance(inner, exp.Literal) and not inner.is_string:
        return _literal(binder, inner, sign=-1)
    operand = binder.bind(inner)
    if is_untyped(operand):
        return ex.Negate(ex.Literal(None, DataType.LONG), DataType.LONG, True)
    if not operand.type.is_numeric:
        raise binder.problem(
            node, f"- needs a number, but {expression_text(operand)} is {operand.type}"
        )
    return ex.Negate(operand, operand.type, operand.nullable)


_ARITHMETIC: dict[type[exp.Expr], OneOf["+", "-", "*", "/", "%"]] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Mod: "%",
}


def _arithmetic(binder: Binder, node: exp.Expr) -> Expression:
    operator = _ARITHMETIC[type(node)]
    left, right = binder.bind_all([node.this, node.expression])
    for side, part in ((left, node.this), (right, node.expression)):
        if not side.type.is_numeric and not is_untyped(side):
            hint = "CAST it to a number" if side.type is DataType.STRING else None
            if operator == "+" and left.type is right.type is DataType.STRING:
                joins = "concat" in binder.functions
                hint = "use concat(a, b)" if joins else "a function from Python can join texts"
            raise binder.problem(
                part, f"{operator} needs numbers, but {expression_text(side)} is {side.type}", hint
            )
    left, right = (
        ex.Literal(None, DataType.LONG) if is_untyped(side) else side for side in (left, right)
    )
    unified = unify([left, right])
    assert unified is not None, "numbers have a common type"
    common, (left, right) = unified
    by_zero = operator in "/%" and not (isinstance(right, ex.Literal) and bool(right.value))
    return ex.Arithmetic(
        operator,
        left,
        right,
        DataType.DOUBLE if operator == "/" else common,
        left.nullable or right.nullable or by_zero,
    )


_COMPARISONS: dict[type[exp.Expr], OneOf["=", "!=", "<", "<=", ">", ">="]] = {
    exp.EQ: "=",
    exp.NEQ: "!=",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}


def _comparison(binder: Binder, node: exp.Expr) -> Expression:
    operator = _COMPARISONS[type(node)]
    bound = binder.bind_all([node.this, node.expression])
    left, right = comparable(binder, node, bound, operator, ordered=operator not in ("=", "!="))
    return ex.Comparison(operator, left, right, left.nullable or right.nullable)


def comparable(
    binder: Binder, node: exp.Expr, bound: Sequence[Expression], operator: str, *, ordered: bool
) -> tuple[Expression, ...]:
    """``bound`` in the type in which they compare."""
    unified = unify(bound)
    if unified is None:
        kinds = list(
            dict.fromkeys(
                str(expression.type) for expression in bound if not is_untyped(expression)
            )
        )
        texts = DataType.STRING in kinds and any(kind != DataType.STRING for kind in kinds)
        hint = "CAST one side to the type of the other" if texts else None
        raise binder.problem(node, f"{operator} can't compare {' with '.join(kinds)}", hint)
    common, converted = unified
    if ordered and common is DataType.BOOL:
        raise binder.problem(
            node, f"{operator} has no meaning for BOOL", "BOOL compares with = and != only"
        )
    return converted


def _logical(binder: Binder, node: exp.Expr) -> Expression:
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
    return ex.Logical(operator, operands, any(operand.nullable for operand in operands))


def _not(binder: Binder, node: exp.Expr) -> Expression:
    operand = binder.bind(node.this)
    if isinstance(operand, ex.IsNull):
        return ex.IsNull(operand.operand, not operand.negated)
    operand = binder.boolean(operand, node.this, "NOT needs a condition")
    return ex.Not(operand, operand.nullable)


def _is(binder: Binder, node: exp.Expr) -> Expression:
    if not isinstance(node.expression, exp.Null):
        raise binder.problem(node, "IS takes NULL or NOT NULL only")
    return ex.IsNull(binder.bind(node.this), bool(node.args.get("negate")))


def _in(binder: Binder, node: exp.Expr) -> Expression:
    items = node.expressions
    if node.args.get("query") or node.args.get("unnest") or node.args.get("field"):
        raise binder.problem(node, "IN takes a list of values in parentheses")
    bound, *values = binder.bind_all([node.this, *items])
    pairs = [comparable(binder, node, [bound, value], "IN", ordered=False) for value in values]
    if len({left.type for left, _ in pairs}) > 1:  # each value compares in its own wider type
        equal = tuple(ex.Comparison("=", a, b, a.nullable or b.nullable) for a, b in pairs)
        return ex.Logical("OR", equal, any(comparison.nullable for comparison in equal))
    operand = pairs[0][0] if pairs else bound
    nullable = any(left.nullable or right.nullable for left, right in pairs)
    return ex.InList(operand, tuple(right for _, right in pairs), nullable)


def _between(binder: Binder, node: exp.Expr) -> Expression:
    bound, *bounds = binder.bind_all([node.this, node.args["low"], node.args["high"]])
    pairs = [comparable(binder, node, [bound, limit], "BETWEEN", ordered=True) for limit in bounds]
    (operand, low), (upper_operand, high) = pairs
    nullable = any(left.nullable or right.nullable for left, right in pairs)
    if operand.type is upper_operand.type:
        return ex.Between(operand, low, high, nullable)
    above = ex.Comparison(">=", operand, low, operand.nullable or low.nullable)
    below = ex.Comparison("<=", upper_operand, high, upper_operand.nullable or high.nullable)
    return ex.Logical("AND", (above, below), nullable)


def _like(binder: Binder, node: exp.Expr) -> Expression:
    parts = [node.this, node.expression]
    sides = []
    for bound, part in zip(binder.bind_all(parts), parts, strict=True):
        side = adapt(bound, DataType.STRING)
        if side is None:
            raise binder.problem(
                part, f"LIKE needs texts, but {expression_text(bound)} is {bound.type}", "CAST it"
            )
        sides.append(side)
    like = ex.Like(sides[0], sides[1], sides[0].nullable or sides[1].nullable)
    return ex.Not(like, like.nullable) if node.args.get("negate") else like


def _case(binder: Binder, node: exp.Expr) -> Expression:
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
        operand, *whens = comparable(
            binder, node, [bound[len(nodes)], *whens], "CASE", ordered=False
        )
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


_CAST_TYPES = {
    exp.DType.TEXT: DataType.STRING,
    exp.DType.INT: DataType.INT,
    exp.DType.BIGINT: DataType.LONG,
    exp.DType.FLOAT: DataType.FLOAT,
    exp.DType.DOUBLE: DataType.DOUBLE,
    exp.DType.BOOLEAN: DataType.BOOL,
}


def _cast(binder: Binder, node: exp.Expr) -> Expression:
    target = _CAST_TYPES.get(node.args["to"].this)
    if target is None or node.args.get("format") or node.args.get("action"):
        raise binder.problem(
            node, "this form of CAST is not part of this language", "write CAST(x AS type)"
        )
    operand = binder.bind(node.this)
    if is_untyped(operand):
        return ex.Cast(ex.Literal(None, target), target, True)
    surely = (
        operand.type is target or target is DataType.STRING or (operand.type, target) in _NEVER_FAIL
    )
    return ex.Cast(operand, target, operand.nullable or not surely)


_NEVER_FAIL = {
    (DataType.FLOAT, DataType.DOUBLE),
    (DataType.INT, DataType.BOOL),
    (DataType.LONG, DataType.BOOL),
    (DataType.BOOL, DataType.INT),
    (DataType.BOOL, DataType.LONG),
    (DataType.BOOL, DataType.FLOAT),
    (DataType.BOOL, DataType.DOUBLE),
}

_BINDERS: dict[type[exp.Expr], Callable[[Binder, exp.Expr], Expression]] = {
    exp.Column: _column,
    exp.Literal: _literal,
    exp.Null: _null,
    exp.Boolean: _boolean,
    exp.Neg: _negate,
    **dict.fromkeys(_ARITHMETIC, _arithmetic),
    **dict.fromkeys(_COMPARISONS, _comparison),
    exp.And: _logical,
    exp.Or: _logical,
    exp.Not: _not,
    exp.Is: _is,
    exp.In: _in,
    exp.Between: _between,
    exp.Like: _like,
    exp.Case: _case,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.Anonymous: bind_call,
}
