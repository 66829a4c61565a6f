"""Which columns can't be NULL where a condition is known to hold."""

from __future__ import annotations

from functools import reduce

from eventflux.functions import FUNCTIONS
from eventflux.planner import expressions as e

Facts = frozenset[str]
_NONE: Facts = frozenset()


def facts_when_true(condition: e.Expression) -> Facts:
    """The columns that are not NULL if ``condition`` is TRUE.

    ``a > 1 AND b IS NOT NULL`` gives ``{a, b}``; ``a > 1 OR b > 1`` gives nothing.
    """
    match condition:
        case e.Logical(operator="AND"):
            return _NONE.union(*map(facts_when_true, condition.operands))
        case e.Logical():
            return reduce(frozenset.intersection, map(facts_when_true, condition.operands))
        case e.Not():
            return facts_when_false(condition.operand)
        case e.IsNull(negated=True):
            return _facts_when_present(condition.operand)
    return _facts_when_present(condition)


def facts_when_false(condition: e.Expression) -> Facts:
    """The columns that are not NULL if ``condition`` is FALSE."""
    match condition:
        case e.Logical(operator="OR"):
            return _NONE.union(*map(facts_when_false, condition.operands))
        case e.Logical():
            return reduce(frozenset.intersection, map(facts_when_false, condition.operands))
        case e.Not():
            return facts_when_true(condition.operand)
        case e.IsNull(negated=False):
            return _facts_when_present(condition.operand)
    return _facts_when_present(condition)


def _facts_when_present(expression: e.Expression) -> Facts:
    """The columns that are not NULL if the value of ``expression`` is not."""
    match expression:
        case e.Column():
            return frozenset((expression.name,))
        case e.Arithmetic() | e.Comparison():
            return _facts_when_present(expression.left) | _facts_when_present(expression.right)
        case e.Negate() | e.Not() | e.Cast() | e.Access():
            return _facts_when_present(expression.operand)
        case e.InList() if expression.items:
            return _facts_when_present(expression.operand)
        case e.Concat():
            return _NONE.union(*map(_facts_when_present, expression.operands))
        case e.Call(function=function) if _is_strict(function):
            return _NONE.union(*map(_facts_when_present, expression.arguments))
        case e.Between() | e.Like() | e.NullIf():
            return _facts_when_present(expression.operand)
    return _NONE


def _is_strict(function: str) -> bool:
    declared = FUNCTIONS.get(function.lower())
    return declared is not None and declared.nulls == "strict"
