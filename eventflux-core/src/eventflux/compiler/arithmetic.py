"""``+ - * / %`` as Python: NULL for a division by zero, DECIMALs exactly."""

from __future__ import annotations

from eventflux.base.decimals import DIVISION, EXACT
from eventflux.base.types import DataType
from eventflux.compiler.pieces import Piece, constant_value, once, strict
from eventflux.compiler.source import Bindings, Names, is_simple
from eventflux.operators import scalars
from eventflux.planner import expressions as e

_EXACT = {
    "+": ("add", EXACT.add),
    "-": ("subtract", EXACT.subtract),
    "*": ("multiply", EXACT.multiply),
    "/": ("divide", DIVISION.divide),
    "%": ("remainder", EXACT.remainder),
}


def arithmetic(
    expression: e.Arithmetic, left: Piece, right: Piece, names: Names, bindings: Bindings
) -> Piece:
    """The expression over the pieces of its operands."""
    nulls, divisor = strict("", left, right).nulls, right.core
    if expression.operator in "/%" and _may_be_zero(expression.right):
        tested, divisor = once(divisor, names)
        nulls += ((tested, "== 0"),)
    return Piece(nulls, _computed(expression, left.core, divisor, bindings))


def _may_be_zero(divisor: e.Expression) -> bool:
    return not (isinstance(divisor, e.Literal) and constant_value(divisor))


def _computed(expression: e.Arithmetic, left: str, right: str, bindings: Bindings) -> str:
    if expression.type is DataType.DECIMAL:
        # Whatever the decimal context of the program around.
        return f"{bindings.bind(*_EXACT[expression.operator])}({left}, {right})"
    if expression.operator == "%":
        return _remainder(expression, left, right, bindings)
    return f"({left} {expression.operator} {right})"


def _remainder(expression: e.Arithmetic, dividend: str, divisor: str, bindings: Bindings) -> str:
    if not (expression.left.type.is_integer and expression.right.type.is_integer):
        name = bindings.bind("float_remainder", scalars.float_remainder)
        return f"{name}({dividend}, {divisor})"
    known = expression.right.value if isinstance(expression.right, e.Literal) else None
    if isinstance(known, int) and known > 0 and is_simple(dividend):
        return f"({dividend} % {divisor} if {dividend} >= 0 else -(-{dividend} % {divisor}))"
    name = bindings.bind("integer_remainder", scalars.integer_remainder)
    return f"{name}({dividend}, {divisor})"
