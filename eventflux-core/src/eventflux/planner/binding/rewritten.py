"""Functions for which a plan has nodes of its own, so that they are as fast as operators."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from eventflux.base.types import SQL_TYPE_NAMES, DataType, Digits
from eventflux.functions import FUNCTIONS
from eventflux.planner import expressions as ex
from eventflux.planner.binding.casts import cast_to
from eventflux.planner.binding.conditions import comparable, texts
from eventflux.planner.binding.functions import as_text, bind_function, one_type
from eventflux.planner.binding.operands import bind_compared
from eventflux.planner.binding.values import arithmetic
from eventflux.planner.conversion import is_untyped
from eventflux.planner.expressions import Expression

if TYPE_CHECKING:
    from eventflux.planner.binding.binder import Binder

Rewrite = Callable[["Binder", exp.Expr, str], Expression]


def _coalesce(binder: Binder, node: exp.Expr, name: str) -> Expression:
    bound = binder.bind_all(node.expressions)
    common, operands = one_type(binder, node, name, bound)
    return ex.Coalesce(operands, common, all(operand.nullable for operand in operands))


def _null_if(binder: Binder, node: exp.Expr, name: str) -> Expression:
    """Of the type of its first argument, which is compared as with ``=``."""
    bound = bind_compared(binder, node.expressions)
    operand, other = comparable(binder, node, bound, name, ordered=False)
    value = bound[0]
    if operand is not value and value.type in (DataType.OBJECT, DataType.DECIMAL):
        equal = ex.Comparison("=", operand, other, operand.nullable or other.nullable)
        nothing = ex.Literal(None, value.type)
        return ex.Case(None, (ex.Branch(equal, nothing),), value, value.type, True)
    if isinstance(operand, ex.Cast) and operand.implicit:
        # Python compares numbers of different types as they are.
        operand, other = bound
    return ex.NullIf(operand, other, operand.type)


def _if(binder: Binder, node: exp.Expr, name: str) -> Expression:
    condition, *results = binder.bind_all(node.expressions)
    message = f"the first argument of {name} is a condition"
    condition = binder.boolean(condition, node.expressions[0], message)
    common, (then, otherwise) = one_type(binder, node, name, results)
    nullable = then.nullable or otherwise.nullable
    return ex.Case(None, (ex.Branch(condition, then),), otherwise, common, nullable)


def _is_null(binder: Binder, node: exp.Expr, name: str) -> Expression:
    [operand] = binder.bind_all(node.expressions)
    return ex.IsNull(operand, False)


def _cast(binder: Binder, node: exp.Expr, name: str) -> Expression:
    if isinstance(word := node.expressions[1], exp.Column) and _type_of(word.name) is not None:
        hint = f"write CAST(x AS {word.name.upper()}), or {name}(x, '{word.name}')"
        raise binder.problem(word, f"the type in a call of {name} is a text", hint)
    operand, target = binder.bind_all(node.expressions)
    written = target.value if isinstance(target, ex.Literal) else None
    found = _type_of(written) if isinstance(written, str) else None
    if found is None:
        shown = f"'{written}' is no type" if isinstance(written, str) else "the type is no constant"
        hint = f"write {name}(x, 'int'), or CAST(x AS INT)"
        raise binder.problem(node.expressions[1], f"{shown} that {name} knows", hint)
    return cast_to(binder, node, operand, *found)


def _type_of(text: str) -> tuple[DataType, Digits | None] | None:
    """The type that a text names: ``'int'``, ``'decimal(10,2)'``."""
    word, parenthesis, rest = text.strip().upper().partition("(")
    target = SQL_TYPE_NAMES.get(" ".join(word.split()).removesuffix(" PRECISION"))
    numbers = [part.strip() for part in rest.removesuffix(")").split(",")] if parenthesis else []
    if target is None or not all(part.isdecimal() for part in numbers):
        return None
    if target is not DataType.DECIMAL or not numbers:
        return target, None
    precision, scale = (int(part) for part in [*numbers, "0"][:2])
    if not 1 <= precision <= 38 or scale > precision:
        return None
    return target, Digits(precision, scale)


def _mod(binder: Binder, node: exp.Expr, name: str) -> Expression:
    return arithmetic(binder, node, node.expressions, "%")


def _concat(binder: Binder, node: exp.Expr, name: str) -> Expression:
    operands = tuple(as_text(operand) for operand in binder.bind_all(node.expressions))
    if len(operands) == 1:
        return operands[0]
    return ex.Concat(operands, any(operand.nullable for operand in operands))


def _like(binder: Binder, node: exp.Expr, name: str) -> Expression:
    operand, pattern = texts(binder, node.expressions, f"{name} needs texts")
    return ex.Like(operand, pattern, operand.nullable or pattern.nullable)


def _type_name(binder: Binder, node: exp.Expr, name: str) -> Expression:
    [operand] = binder.bind_all(node.expressions)
    if operand.type is DataType.OBJECT:
        return bind_function(binder, node, name, FUNCTIONS["typeof"])
    if is_untyped(operand):
        return ex.Literal(None, DataType.STRING)
    known = ex.Literal(str(operand.type), DataType.STRING)
    if not operand.nullable:
        return known
    return ex.Case(
        None, (ex.Branch(ex.IsNull(operand, True), known),),
        ex.Literal(None, DataType.STRING), DataType.STRING, True,
    )  # fmt: skip


_INSTANCES = {
    "string": DataType.STRING, "integer": DataType.INT, "long": DataType.LONG,
    "float": DataType.FLOAT, "double": DataType.DOUBLE, "boolean": DataType.BOOL,
}  # fmt: skip


def _instance_of(binder: Binder, node: exp.Expr, name: str) -> Expression:
    """What the declared type tells, rows need not."""
    [operand] = binder.bind_all(node.expressions)
    if operand.type is DataType.OBJECT and not is_untyped(operand):
        return bind_function(binder, node, name, FUNCTIONS[name.lower()])
    wanted = _INSTANCES[name.lower().removeprefix("instanceof")]
    if operand.type is wanted and not is_untyped(operand):
        return ex.IsNull(operand, True)
    return ex.Literal(False, DataType.BOOL)


def _event_time(binder: Binder, node: exp.Expr, name: str) -> Expression:
    """The event time of the row, which may be told of by the name or the alias of its stream."""
    for of in node.expressions:
        if not isinstance(of, exp.Column) or of.table:
            hint = f"write {name}(), or {name}({binder.scope.alias or binder.scope.stream})"
            raise binder.problem(of, f"{name} takes the name of a stream", hint)
        binder.scope.check_qualifier(of.name, binder.offset(of))
    return ex.EVENT_TIME


REWRITES: dict[str, Rewrite] = {
    "coalesce": _coalesce,
    "default": _coalesce,
    "nullif": _null_if,
    "if": _if,
    "is_null": _is_null,
    "cast": _cast,
    "convert": _cast,
    "mod": _mod,
    "concat": _concat,
    "like": _like,
    "typeof": _type_name,
    "eventTimestamp": _event_time,
    **{f"instanceOf{name.capitalize()}": _instance_of for name in _INSTANCES},
}
"""By the names under which they are declared."""
