"""CAST: the Python text for each pair of types (semantics 2.7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eventflux.base.types import DataType
from eventflux.compiler.source import Bindings
from eventflux.operators import scalars
from eventflux.planner.expressions import Cast, Column

_FROM_TEXT: dict[DataType, Callable[[str], Any]] = {
    DataType.INT: scalars.cast_text_to_int,
    DataType.LONG: scalars.cast_text_to_long,
    DataType.FLOAT: scalars.cast_text_to_float,
    DataType.DOUBLE: scalars.cast_text_to_double,
    DataType.BOOL: scalars.cast_text_to_bool,
}
_FROM_INTEGER: dict[DataType, Callable[[int], Any]] = {
    DataType.INT: scalars.cast_long_to_int,
    DataType.LONG: scalars.cast_integer_to_long,
}
_FROM_FLOATING: dict[DataType, Callable[[float], Any]] = {
    DataType.INT: scalars.cast_number_to_int,
    DataType.LONG: scalars.cast_number_to_long,
    DataType.FLOAT: scalars.cast_double_to_float,
}


def cast_text(cast: Cast, operand: str, bindings: Bindings) -> tuple[str, bool]:
    """The text that converts ``operand`` (not NULL), and whether it may give ``None``."""
    source, target = cast.operand.type, cast.type
    helper: Callable[[Any], Any] | None = None
    if source is DataType.STRING:
        helper = _FROM_TEXT.get(target)
    elif source.is_integer:
        exact_already = cast.implicit or isinstance(cast.operand, Column)
        if target.is_floating:
            return f"float({operand})", False
        if target is DataType.STRING:
            return f"str({operand})", False
        if target is DataType.BOOL:
            return f"({operand} != 0)", False
        if not (exact_already and (target is source or target is DataType.LONG)):
            helper = _FROM_INTEGER[target]
    elif source.is_floating:
        if target is DataType.STRING:
            return f"repr({operand})", False
        if target is DataType.BOOL:
            return f"({operand} != 0)", False
        if target is not source and not cast.implicit:
            helper = _FROM_FLOATING.get(target)
    elif target is DataType.STRING:
        name = bindings.bind("cast_bool_to_text", scalars.cast_bool_to_text)
        return f"{name}({operand})", False
    elif target.is_numeric:
        return f"{target.python_type.__name__}({operand})", False
    if helper is None:
        return operand, False
    return f"{bindings.bind(helper.__name__, helper)}({operand})", True
