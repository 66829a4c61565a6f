"""Operands that meet others: OBJECTs and texts take the type of the other side.

An OBJECT is TRY_CAST to the type of what it meets, a text literal that meets a TIMESTAMP is
read as one (semantics 2.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from eventflux.base.timestamps import parse_timestamp
from eventflux.base.types import DataType
from eventflux.planner import expressions as ex
from eventflux.planner.conversion import common_type, is_untyped
from eventflux.planner.expressions import Expression

if TYPE_CHECKING:
    from eventflux.planner.binding.binder import Binder

_EXACT_IN_DOUBLE = 2**53


def bind_compared(binder: Binder, nodes: Sequence[exp.Expr]) -> list[Expression]:
    """Bind what is compared with one another."""
    return texts_as_moments(binder, nodes, binder.bind_all(nodes))


def texts_as_moments(
    binder: Binder, nodes: Sequence[exp.Expr], bound: Sequence[Expression]
) -> list[Expression]:
    """What is compared, each text literal that meets a TIMESTAMP read as one.

    Raises:
        Problem: it is none.
    """
    if not any(_is_a(operand, DataType.TIMESTAMP) for operand in bound):
        return list(bound)
    return [_moment(binder, node, part) for node, part in zip(nodes, bound, strict=True)]


def _moment(binder: Binder, node: exp.Expr, operand: Expression) -> Expression:
    if not (isinstance(operand, ex.Literal) and isinstance(operand.value, str)):
        return operand
    moment = parse_timestamp(operand.value)
    if moment is None:
        raise binder.problem(
            node,
            f"'{operand.value}' is no TIMESTAMP",
            "write ISO-8601: '2024-05-01', '2024-05-01 12:30:15.250', '2024-05-01T12:30:15+02:00'",
        )
    return ex.Literal(moment, DataType.TIMESTAMP)


def objects_as_others(bound: Sequence[Expression]) -> list[Expression]:
    """What is compared, each OBJECT as the type that the others have in common, if any."""
    others = [o for o in bound if not (is_untyped(o) or o.type is DataType.OBJECT)]
    target = common_type(others) if others else None
    if target is None:
        return list(bound)
    if target.is_integer and all(map(_is_small_number, others)):
        target = DataType.DOUBLE  # 100 is no reason to cut 100.5 to an integer
    return [object_as(operand, target) for operand in bound]


def objects_as_numbers(bound: Sequence[Expression]) -> list[Expression]:
    """The two operands of arithmetic, an OBJECT as a number of the other one's type."""
    left, right = bound
    if _is_a(left, DataType.OBJECT) == _is_a(right, DataType.OBJECT):
        return [left, right]
    other = right if _is_a(left, DataType.OBJECT) else left
    target = other.type
    if is_untyped(other) or isinstance(other, ex.Literal):
        target = DataType.DOUBLE
    if not (target.is_numeric or target is DataType.TIMESTAMP):
        return [left, right]
    return [object_as(left, target), object_as(right, target)]


def object_as(operand: Expression, target: DataType) -> Expression:
    """``operand``, an OBJECT cast to ``target``: NULL where it is nothing like that."""
    if not _is_a(operand, DataType.OBJECT) or target is DataType.OBJECT:
        return operand
    return ex.Cast(operand, target, True, implicit=True)


def _is_a(operand: Expression, data_type: DataType) -> bool:
    return operand.type is data_type and not is_untyped(operand)


def _is_small_number(operand: Expression) -> bool:
    """Whether it is an integer literal that a DOUBLE tells from its neighbours."""
    return (
        isinstance(operand, ex.Literal)
        and isinstance(operand.value, int)
        and abs(operand.value) < _EXACT_IN_DOUBLE
    )
