"""Types of expressions: literals that adapt, numbers that widen, values that surely fit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

import msgspec

from eventflux.base.decimals import decimal_text
from eventflux.base.types import DataType, integer_range, widens_to, wider_numeric
from eventflux.functions import FUNCTIONS
from eventflux.planner import expressions as ex
from eventflux.planner.aggregates import KEEPS_TYPE
from eventflux.planner.calls import AggregateCall
from eventflux.planner.expressions import Expression
from eventflux.planner.rewriting import walk

_UNKNOWN = "\0unknown"
"""The name of a column that no text can spell."""

UNKNOWN: Expression = ex.Column(_UNKNOWN, DataType.STRING, True)
"""Stands for what could not be bound, while other errors are looked for: it takes any type,
like NULL. It never gets into a plan that is used."""


def is_unknown(expression: Expression) -> bool:
    """Whether nothing can be said about it, because of an error that is reported."""
    if is_untyped(expression):
        return any(
            isinstance(node, ex.Column) and node.name == _UNKNOWN for node in walk(expression)
        )
    return False


def adapt(expression: Expression, target: DataType) -> Expression | None:
    """``expression`` as ``target`` if only its constants have to change, else ``None``.

    A NULL takes any type, an integer literal any numeric type that holds it and TIMESTAMP, a
    literal with a point DECIMAL, FLOAT or DOUBLE; CASE and COALESCE adapt when all their
    results do.
    """
    match expression:
        case ex.Literal(value=None):
            return ex.Literal(None, target)
        case ex.Column(name=name) if name == _UNKNOWN:
            return ex.Column(_UNKNOWN, target, True)
        case ex.Literal() as literal:
            return _adapt_literal(literal, target)
        case ex.Case(branches=branches, otherwise=otherwise) if expression.type is not target:
            results = _adapt_all([*(branch.then for branch in branches), otherwise], target)
            if results is None:
                return None
            adapted = tuple(
                ex.Branch(branch.when, result)
                for branch, result in zip(branches, results, strict=False)
            )
            return msgspec.structs.replace(
                expression, branches=adapted, otherwise=results[-1], type=target
            )
        case ex.Coalesce(operands=operands) if expression.type is not target:
            results = _adapt_all(operands, target)
            if results is None:
                return None
            return msgspec.structs.replace(expression, operands=tuple(results), type=target)
    return expression if expression.type is target else None


def _adapt_literal(literal: ex.Literal, target: DataType) -> Expression | None:
    value, source = literal.value, literal.type
    if source is target:
        return literal
    if source.is_integer and isinstance(value, int):
        if target.is_integer:
            low, high = integer_range(target)
            return ex.Literal(value, target) if low <= value <= high else None
        if target is DataType.DECIMAL:
            return ex.Literal(str(value), target)
        if target is DataType.TIMESTAMP:
            return ex.Literal(value, target)
        if target.is_floating:
            return ex.Literal(float(value), target)
    if source.is_floating and target.is_floating:
        return ex.Literal(value, target)
    if source.is_floating and target is DataType.DECIMAL and math.isfinite(float(value or 0)):
        return ex.Literal(decimal_text(Decimal(literal.exact or repr(value))), target)
    return None


def _adapt_all(expressions: Sequence[Expression], target: DataType) -> list[Expression] | None:
    adapted = [adapt(expression, target) for expression in expressions]
    found = [expression for expression in adapted if expression is not None]
    return found if len(found) == len(adapted) else None


def coerce(expression: Expression, target: DataType) -> Expression | None:
    """``expression`` as ``target``, adapted or widened; ``None`` if that could lose something."""
    adapted = adapt(expression, target)
    if adapted is not None:
        return adapted
    if widens_to(expression.type, target):
        return ex.Cast(expression, target, expression.nullable, implicit=True)
    return None


def is_untyped(expression: Expression) -> bool:
    """Whether it is NULL, or can give nothing else; or could not be bound."""
    match expression:
        case ex.Column(name=name):
            return name == _UNKNOWN
        case ex.Literal(value=value):
            return value is None
        case ex.Case(branches=branches, otherwise=otherwise):
            return is_untyped(otherwise) and all(is_untyped(branch.then) for branch in branches)
        case ex.Coalesce(operands=operands):
            return all(map(is_untyped, operands))
    return False


def _is_flexible(expression: Expression) -> bool:
    """Whether it is made of number literals and NULLs only."""
    match expression:
        case ex.Literal(value=value):
            return value is None or expression.type.is_numeric
        case ex.Case(branches=branches, otherwise=otherwise):
            return _is_flexible(otherwise) and all(_is_flexible(branch.then) for branch in branches)
        case ex.Coalesce(operands=operands):
            return all(map(_is_flexible, operands))
    return False


def common_type(expressions: Sequence[Expression]) -> DataType | None:
    """The one type that all of them can take without loss, ``None`` if there is none."""
    typed = [expression for expression in expressions if not is_untyped(expression)]
    if not typed:
        return expressions[0].type
    rigid = [expression for expression in typed if not _is_flexible(expression)]
    common = (rigid or typed)[0].type
    for expression in [*rigid, *(e for e in typed if _is_flexible(e))]:
        if expression.type is common or adapt(expression, common) is not None:
            continue
        if expression.type.is_numeric and common.is_numeric:
            common = wider_numeric(common, expression.type)
        elif {expression.type, common} <= _MOMENTS:
            common = DataType.TIMESTAMP
        else:
            return None
    return common


_MOMENTS = {DataType.TIMESTAMP, DataType.LONG, DataType.INT}
"""What TIMESTAMP meets: epoch milliseconds."""


def unify(expressions: Sequence[Expression]) -> tuple[DataType, tuple[Expression, ...]] | None:
    """All of ``expressions`` in their common type, ``None`` if they have none."""
    common = common_type(expressions)
    if common is None:
        return None
    converted = [coerce(expression, common) for expression in expressions]
    found = tuple(expression for expression in converted if expression is not None)
    return (common, found) if len(found) == len(converted) else None


def surely_fits(
    expression: Expression, keys: Sequence[Expression] = (), calls: Sequence[AggregateCall] = ()
) -> bool:
    """Whether an integer value is known to be in the range of the expression's own type.

    Integer arithmetic is exact and may leave the range; everything stored is inside.
    ``keys`` and ``calls`` are those of the Aggregate below, if there is one.
    """

    def fits(inner: Expression) -> bool:
        return surely_fits(inner, keys, calls)

    match expression:
        case ex.Arithmetic(operator="%", left=left):
            return fits(left)
        case ex.Call(function=function, arguments=arguments) if function.lower() in FUNCTIONS:
            known = FUNCTIONS[function.lower()].fits
            whole = expression.type.is_integer or expression.type is DataType.TIMESTAMP
            return (
                not whole
                or known == "always"
                or (known == "arguments" and all(map(fits, arguments)))
            )
        case ex.Arithmetic() | ex.Negate() | ex.Call() | ex.Element():
            return not (expression.type.is_integer or expression.type is DataType.TIMESTAMP)
        case ex.Cast(operand=operand, implicit=True) | ex.NullIf(operand=operand):
            return fits(operand)
        case ex.Case(branches=branches, otherwise=otherwise):
            return fits(otherwise) and all(fits(branch.then) for branch in branches)
        case ex.Coalesce(operands=operands):
            return all(map(fits, operands))
        case ex.Let(body=body, values=values):
            return fits(body) and all(map(fits, values))
        case ex.KeyValue(index=index):
            return index < len(keys) and surely_fits(keys[index])
        case ex.AggregateValue(index=index):
            return index < len(calls) and _call_fits(calls[index])
    return True


def _call_fits(call: AggregateCall) -> bool:
    if call.function in KEEPS_TYPE and call.argument is not None:
        return surely_fits(call.argument)
    return call.function != "sum" and not isinstance(call.argument, ex.Taken)
