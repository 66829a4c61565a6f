"""Binding columns, constants, arithmetic and casts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Literal as OneOf

from sqlglot import exp

from eventflux.base.decimals import written_decimal
from eventflux.base.types import LONG_MAX, MAX_DIGITS, DataType
from eventflux.planner import expressions as ex
from eventflux.planner.binding.conditions import texts
from eventflux.planner.binding.nested import access
from eventflux.planner.binding.operands import objects_as_numbers
from eventflux.planner.conversion import UNKNOWN, is_unknown, is_untyped, unify
from eventflux.planner.expressions import Expression
from eventflux.planner.rewriting import walk

if TYPE_CHECKING:
    from eventflux.planner.binding.binder import Binder


def bind_column(binder: Binder, node: exp.Expr) -> Expression:
    identifier = node.this
    if (
        not isinstance(node, exp.Column)
        or not isinstance(identifier, exp.Identifier)
        or node.args.get("db")
    ):
        raise binder.problem(node, "this is not the name of a column")
    if node.table:
        place = binder.offset(node.args["table"])
        if binder.scope.is_column(node.table):
            operand = binder.scope.column(node.table, place)
            return access(binder, node, operand, ex.Literal(identifier.name, DataType.STRING))
        binder.scope.check_qualifier(node.table, place)
    found = binder.scope.column(identifier.name, binder.offset(identifier))
    if isinstance(found, ex.WindowBound) and not binder.windowed:
        hint = "it stands in the select list, for the rows of the window that closed"
        raise binder.problem(node, f"{node.name} can't stand in {binder.clause}", hint)
    return _usable(binder, node, found) if binder.scope.aliases else found


def _usable(binder: Binder, node: exp.Expr, found: Expression) -> Expression:
    """What an alias stands for, where it can stand in an aggregate's argument, too."""
    if binder.calls is None:
        for part in walk(found):
            if isinstance(part, ex.AggregateValue | ex.WindowBound):
                hint = "aggregate in a query of its own, and read its stream in another"
                raise binder.problem(node, f"{node.name} can't stand in {binder.clause}", hint)
    return found


def bind_literal(binder: Binder, node: exp.Expr, sign: int = 1) -> Expression:
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
    whole = sign * written_decimal(text)
    kept = Decimal(repr(number)) == whole or abs(whole.adjusted()) > MAX_DIGITS
    return ex.Literal(number, DataType.DOUBLE, None if kept else str(whole))


def bind_null(binder: Binder, node: exp.Expr) -> Expression:
    return ex.Literal(None, DataType.STRING)


def bind_boolean(binder: Binder, node: exp.Expr) -> Expression:
    return ex.Literal(bool(node.this), DataType.BOOL)


def bind_negate(binder: Binder, node: exp.Expr) -> Expression:
    inner = node.this
    if isinstance(inner, exp.Literal) and not inner.is_string:
        return bind_literal(binder, inner, sign=-1)
    operand = binder.bind(inner)
    if is_unknown(operand):
        return UNKNOWN
    if is_untyped(operand):
        return ex.Negate(ex.Literal(None, DataType.LONG), DataType.LONG, True)
    if not operand.type.is_numeric:
        raise binder.problem(
            node, f"- needs a number, but {binder.text(operand)} is {operand.type}"
        )
    return ex.Negate(operand, operand.type, operand.nullable)


ARITHMETIC: dict[type[exp.Expr], OneOf["+", "-", "*", "/", "%"]] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Mod: "%",
}


def bind_arithmetic(binder: Binder, node: exp.Expr) -> Expression:
    return arithmetic(binder, node, [node.this, node.expression], ARITHMETIC[type(node)])


def arithmetic(
    binder: Binder,
    node: exp.Expr,
    parts: Sequence[exp.Expr],
    operator: OneOf["+", "-", "*", "/", "%"],
) -> Expression:
    """The two ``parts`` joined by an operator."""
    left, right = objects_as_numbers(binder.bind_all(parts))
    moment = _moment_arithmetic(operator, left, right)
    if moment is not None:
        return moment
    for side, part in zip((left, right), parts, strict=True):
        if not side.type.is_numeric and not is_untyped(side):
            raise binder.problem(
                part,
                f"{operator} needs numbers, but {binder.text(side)} is {side.type}",
                _number_hint(binder, operator, left, right, side),
            )
    if is_unknown(left) or is_unknown(right):
        return UNKNOWN
    left, right = (
        ex.Literal(None, DataType.LONG) if is_untyped(side) else side for side in (left, right)
    )
    unified = unify([left, right])
    assert unified is not None, "numbers have a common type"
    common, (left, right) = unified
    by_zero = operator in "/%" and not (isinstance(right, ex.Literal) and _is_not_zero(right))
    quotient = DataType.DECIMAL if common is DataType.DECIMAL else DataType.DOUBLE
    return ex.Arithmetic(
        operator,
        left,
        right,
        quotient if operator == "/" else common,
        left.nullable or right.nullable or by_zero,
    )


def _is_not_zero(literal: ex.Literal) -> bool:
    return literal.value is not None and float(literal.value) != 0


def _number_hint(
    binder: Binder, operator: str, left: Expression, right: Expression, side: Expression
) -> str | None:
    if operator == "+" and left.type is right.type is DataType.STRING:
        return "texts are joined by ||: a || b"
    if DataType.TIMESTAMP in (left.type, right.type):
        return "a TIMESTAMP takes + and - with milliseconds, an INTERVAL or, for -, a TIMESTAMP"
    if side.type is DataType.OBJECT:
        return f"write CAST({binder.text(side)} AS DOUBLE)"
    return "CAST it to a number" if side.type is DataType.STRING else None


def _moment_arithmetic(
    operator: OneOf["+", "-", "*", "/", "%"], left: Expression, right: Expression
) -> Expression | None:
    """TIMESTAMP plus or minus milliseconds, the difference of two; else ``None``."""
    moments = [side.type is DataType.TIMESTAMP for side in (left, right)]
    if not any(moments) or operator not in "+-":
        return None
    nullable = left.nullable or right.nullable
    if all(moments):
        difference = ex.Arithmetic("-", left, right, DataType.LONG, nullable)
        return difference if operator == "-" else None
    other = right if moments[0] else left
    if is_untyped(other):
        return ex.Literal(None, DataType.TIMESTAMP)
    if not other.type.is_integer or (operator == "-" and moments[1]):
        return None
    return ex.Arithmetic(operator, left, right, DataType.TIMESTAMP, nullable)


def bind_concat(binder: Binder, node: exp.Expr) -> Expression:
    """``a || b || c`` as one node."""
    parts: list[exp.Expr] = []
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, exp.DPipe):
            waiting += [current.expression, current.this]
        else:
            parts.append(current)
    operands = tuple(texts(binder, parts, "|| joins texts"))
    return ex.Concat(operands, any(operand.nullable for operand in operands))
