"""Which expressions can raise when they are computed."""

from __future__ import annotations

from eventflux.base.types import DataType
from eventflux.planner import expressions as e
from eventflux.planner.rewriting import children


def may_raise(node: e.Node) -> bool:
    """Whether computing it can raise: user code, a huge integer made a float, an OBJECT too deep
    to be written, a DECIMAL beyond all bounds."""
    match node:
        case e.Call() | e.Taken():
            return True
        case e.Cast() if node.operand.type is DataType.OBJECT:
            return True
        case e.Arithmetic() if node.type is DataType.DECIMAL:
            return True
        case e.Arithmetic(left=left, right=right) if not node.type.is_integer:
            return any(may_raise(part) or _grows(part) for part in (left, right))
        case e.Cast(operand=operand) if not node.type.is_integer:
            return may_raise(operand) or _grows(operand)
    return any(map(may_raise, children(node)))


def _grows(expression: e.Expression) -> bool:
    """Whether it is an integer that may be larger than its column type."""
    return expression.type.is_integer and not isinstance(expression, e.Column | e.Literal)
