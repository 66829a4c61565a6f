"""CAST: the Python text for each pair of types (semantics 2.7)."""

from __future__ import annotations

from typing import Any

from eventflux.base.types import DataType as T
from eventflux.compiler.source import Bindings
from eventflux.operators.casts import CONVERSIONS, SURE, to_digits
from eventflux.planner.expressions import Cast, Column

_INTEGRAL = (T.INT, T.LONG, T.TIMESTAMP)
_INLINE: dict[tuple[T, T], str] = {
    **{(source, T.STRING): "str({})" for source in (T.INT, T.LONG)},
    **{(source, T.STRING): "repr({})" for source in (T.FLOAT, T.DOUBLE)},
    **{
        (source, target): "float({})"
        for source in (T.INT, T.LONG, T.DECIMAL, T.BOOL)
        for target in (T.FLOAT, T.DOUBLE)
        if (source, target) != (T.DECIMAL, T.FLOAT)
    },
    **{(source, T.BOOL): "({} != 0)" for source in (T.INT, T.LONG, T.DECIMAL, T.FLOAT, T.DOUBLE)},
    (T.BOOL, T.INT): "int({})",
    (T.BOOL, T.LONG): "int({})",
    (T.FLOAT, T.DOUBLE): "{}",
}
"""Conversions that always succeed and are a few characters of Python."""


def cast_constant(cast: Cast, value: Any) -> Any:
    """What the cast gives for a constant, ``None`` where it can't be converted."""
    if cast.digits is not None:
        return to_digits(cast.operand.type, cast.digits)(value)
    return CONVERSIONS[cast.operand.type, cast.type](value)


def cast_text(cast: Cast, operand: str, bindings: Bindings) -> tuple[str, bool]:
    """The text that converts ``operand`` (not NULL), and whether it may give ``None``."""
    source, target = cast.operand.type, cast.type
    if cast.digits is not None:
        helper = to_digits(source, cast.digits)
        return f"{bindings.bind('to_decimal', helper)}({operand})", True
    if source in _INTEGRAL and target in _INTEGRAL:
        in_range = cast.implicit or isinstance(cast.operand, Column)
        if in_range and (target is source or target is not T.INT):
            return operand, False
    elif source is target or target is T.OBJECT:
        return operand, False
    elif (source, target) in _INLINE:
        return _INLINE[source, target].format(operand), False
    elif cast.implicit and source.is_floating:
        return operand, False
    elif cast.implicit and (source, target) == (T.DECIMAL, T.FLOAT):
        return f"float({operand})", False
    convert = CONVERSIONS[source, target]
    name = bindings.bind(convert.__name__, convert)
    return f"{name}({operand})", (source, target) not in SURE
