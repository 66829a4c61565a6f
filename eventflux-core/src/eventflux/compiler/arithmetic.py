"""``+ - * / %`` as Python: NULL for a division by zero, DECIMALs exactly."""

from __future__ import annotations

from eventflux.base.decimals import DIVISION, EXACT
from eventflux.base.types import DataType
from eventflux.compiler.pieces import Piece, once, strict
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
    operator = expression.operator
    if expression.type is DataType.DECIMAL:
        return _exact(expression, left, right, names, bindings)
    if operator not in "/%":
        return strict(f"({left.core} {operator} {right.core})", left, right)
    both = strict("", left, right)
    divisor = right.core
    zero_tests: tuple[tuple[str, str], ...] = ()
    if not (isinstance(expression.right, e.Literal) and expression.right.value):
        tested, divisor = once(divisor, names)
        zero_tests = ((tested, "== 0"),)
    if operator == "/":
        core = f"({left.core} / {divisor})"
    else:
        core = _remainder(expression, left.core, divisor, bindings)
    return Piece(both.nulls + zero_tests, core)


def _exact(
    expression: e.Arithmetic, left: Piece, right: Piece, names: Names, bindings: Bindings
) -> Piece:
    """Arithmetic of DECIMALs, whatever the decimal context of the program around."""
    hint, compute = _EXACT[expression.operator]
    divisor, tests = right.core, strict("", left, right).nulls
    if expression.operator in "/%" and not isinstance(expression.right, e.Literal):
        tested, divisor = once(divisor, names)
        tests += ((tested, "== 0"),)
    name = bindings.bind(hint, compute)
    return Piece(tests, f"{name}({left.core}, {divisor})")


def _remainder(expression: e.Arithmetic, dividend: str, divisor: str, bindings: Bindings) -> str:
    if not (expression.left.type.is_integer and expression.right.type.is_integer):
        name = bindings.bind("float_remainder", scalars.float_remainder)
        return f"{name}({dividend}, {divisor})"
    known = expression.right.value if isinstance(expression.right, e.Literal) else None
    if isinstance(known, int) and known > 0 and is_simple(dividend):
        return f"({dividend} % {divisor} if {dividend} >= 0 else -(-{dividend} % {divisor}))"
    name = bindings.bind("integer_remainder", scalars.integer_remainder)
    return f"{name}({dividend}, {divisor})"
