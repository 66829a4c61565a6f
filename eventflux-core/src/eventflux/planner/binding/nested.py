"""Binding steps into nested data: ``data.price``, ``data['a']``, ``items[0]``, ``->``, ``->>``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from eventflux.base.types import DataType
from eventflux.planner import expressions as ex
from eventflux.planner.conversion import UNKNOWN, adapt, is_unknown, is_untyped
from eventflux.planner.expressions import Expression

if TYPE_CHECKING:
    from eventflux.planner.binding.binder import Binder


STEPS = (".", "[", "->", "->>")


def bind_step(binder: Binder, node: exp.Expr, sign: str) -> Expression:
    """``operand sign key``; ``->>`` gives STRING, the others OBJECT."""
    operand, key = binder.bind_all(node.expressions)
    accessed = access(binder, node, operand, key)
    if sign != "->>" or is_unknown(accessed):
        return accessed
    return ex.Cast(accessed, DataType.STRING, True)


def access(binder: Binder, node: exp.Expr, operand: Expression, key: Expression) -> Expression:
    """The value at ``key`` of ``operand``.

    Raises:
        Problem: ``operand`` is no OBJECT, or ``key`` neither a text nor an integer.
    """
    if is_unknown(operand) or is_unknown(key):
        return UNKNOWN
    if is_untyped(operand):
        operand = ex.Literal(None, DataType.OBJECT)
    text = binder.text(operand)
    if operand.type is not DataType.OBJECT:
        raise binder.problem(
            node,
            f"{text} is {operand.type}, which has nothing inside",
            "declare the column as OBJECT to reach into it",
        )
    key = adapt(key, DataType.STRING) or key
    if not (key.type is DataType.STRING or key.type.is_integer):
        raise binder.problem(
            node,
            f"{binder.text(key)} is {key.type}, which is no key of {text}",
            "a key is the name of a field or the place in a list, from 0",
        )
    return ex.Access(operand, key)
