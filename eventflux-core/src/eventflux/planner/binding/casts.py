"""Binding CAST and TRY_CAST: which types convert to which (semantics 2.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from eventflux.base.types import DataType, Digits
from eventflux.planner import expressions as ex
from eventflux.planner.conversion import is_untyped
from eventflux.planner.expressions import Expression

if TYPE_CHECKING:
    from eventflux.planner.binding.binder import Binder

_CAST_TYPES = {
    exp.DType.TEXT: DataType.STRING,
    exp.DType.INT: DataType.INT,
    exp.DType.BIGINT: DataType.LONG,
    exp.DType.FLOAT: DataType.FLOAT,
    exp.DType.DOUBLE: DataType.DOUBLE,
    exp.DType.BOOLEAN: DataType.BOOL,
    exp.DType.DECIMAL: DataType.DECIMAL,
    exp.DType.TIMESTAMP: DataType.TIMESTAMP,
    exp.DType.VARBINARY: DataType.BYTES,
    exp.DType.JSON: DataType.OBJECT,
}
_NUMBERS = (
    DataType.INT, DataType.LONG, DataType.DECIMAL, DataType.FLOAT, DataType.DOUBLE, DataType.BOOL,
)  # fmt: skip
_TARGETS: dict[DataType, tuple[DataType, ...]] = {
    **dict.fromkeys(_NUMBERS, _NUMBERS),
    DataType.STRING: (*_NUMBERS, DataType.TIMESTAMP, DataType.BYTES),
    DataType.INT: (*_NUMBERS, DataType.TIMESTAMP),
    DataType.LONG: (*_NUMBERS, DataType.TIMESTAMP),
    DataType.TIMESTAMP: (DataType.LONG,),
    DataType.BYTES: (),
    DataType.OBJECT: tuple(DataType),
}
"""What each type can be cast to, besides itself, STRING and OBJECT."""


def bind_cast(binder: Binder, node: exp.Expr) -> Expression:
    to = node.args["to"]
    target = _CAST_TYPES.get(to.this)
    if target is None or node.args.get("format") or node.args.get("action"):
        raise binder.problem(
            node, "this form of CAST is not part of this language", "write CAST(x AS type)"
        )
    numbers = [int(parameter.name) for parameter in to.expressions]
    digits = Digits(*numbers) if numbers else None
    return cast_to(binder, node, binder.bind(node.this), target, digits)


def cast_to(
    binder: Binder, node: exp.Expr, operand: Expression, target: DataType, digits: Digits | None
) -> Expression:
    """``operand`` cast by what stands at ``node``.

    Raises:
        Problem: its type can't be cast to ``target``.
    """
    if is_untyped(operand):
        return ex.Cast(ex.Literal(None, target), target, True, digits=digits)
    source = operand.type
    if not casts(source, target):
        text = binder.text(operand)
        message = f"{text} is {source}, which can't be cast to {target}"
        between = _between(source, target)
        raise binder.problem(
            node, message, f"go by way of {between}: {cast_text(text, source, target)}"
        )
    nullable = operand.nullable or digits is not None or cast_may_fail(operand, target)
    return ex.Cast(operand, target, nullable, digits=digits)


def casts(source: DataType, target: DataType) -> bool:
    """Whether one CAST leads from a type to another."""
    return target in (source, DataType.STRING, DataType.OBJECT, *_TARGETS[source])


def cast_text(text: str, source: DataType, target: DataType) -> str:
    """How to write ``text``, of a type, as another: by way of a third where no CAST leads
    there."""
    if not casts(source, target):
        between = _between(source, target)
        text = f"CAST({text} AS {between})"
    return f"CAST({text} AS {target})"


def _between(source: DataType, target: DataType) -> DataType:
    """The type by way of which two casts do what one can't."""
    by_number = casts(source, DataType.LONG) and target in _TARGETS[DataType.LONG]
    return DataType.LONG if by_number else DataType.STRING


def cast_may_fail(operand: Expression, target: DataType) -> bool:
    """Whether the result of a cast without digits may be NULL."""
    source = operand.type
    surely = (
        source is target
        or target is DataType.OBJECT
        or (target is DataType.STRING and source is not DataType.BYTES)
        or (target is DataType.BOOL and source in _NUMBERS)
        or (target is DataType.DECIMAL and not source.is_floating and source in _NUMBERS)
        or (target.is_numeric and source is DataType.BOOL)
        or (target is DataType.DOUBLE and source in (DataType.FLOAT, DataType.DECIMAL))
        or {source, target} == {DataType.LONG, DataType.TIMESTAMP}
        or (source is DataType.INT and target is DataType.TIMESTAMP)
    )
    return operand.nullable or not surely
