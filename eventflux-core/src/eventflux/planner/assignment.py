"""From the columns that a query puts out to those of the stream that it inserts into."""

from __future__ import annotations

from collections.abc import Sequence

from eventflux.base.errors import Diagnostic
from eventflux.base.suggest import did_you_mean
from eventflux.base.types import Column, DataType, Schema, integer_range, widens_to
from eventflux.planner import expressions as ex
from eventflux.planner.conversion import coerce, surely_fits
from eventflux.planner.describe import expression_text
from eventflux.planner.inference import count_of_columns
from eventflux.planner.parts import Part
from eventflux.planner.places import place_of
from eventflux.planner.plan import Item
from eventflux.planner.queries import BoundSelect, Output
from eventflux.planner.scope import Shape
from eventflux.sql.ast import Name
from eventflux.sql.source import Problem, SourceText


def assign(
    source: SourceText, part: Part, bound: BoundSelect, target: str, shape: Shape
) -> tuple[tuple[Item, ...], list[Diagnostic]]:
    """One item for each column of the target, by position or by the column list; and warnings.

    Raises:
        Problem: the number of columns, a name or a type doesn't fit.
    """
    given = (
        _by_position(source, part, bound, target, shape.schema)
        if part.columns is None
        else _by_list(source, part.columns, bound, target, shape.schema)
    )
    items: list[Item] = []
    problems: list[Diagnostic] = []
    warnings: list[Diagnostic] = []
    for column in shape.schema.columns:
        if column.name in shape.untyped:
            continue
        try:
            output = given.get(column.name) or _no_value(source, part, column, target)
            items.append(_item(source, output, column, target, bound, warnings))
        except Problem as problem:
            problems.extend(problem.diagnostics)
    if problems:
        raise Problem(*problems)
    return tuple(items), warnings


def _by_position(
    source: SourceText, part: Part, bound: BoundSelect, target: str, schema: Schema
) -> dict[str, Output]:
    """What each column of the target gets, but for the METADATA ones, which get nothing."""
    outputs, columns = bound.outputs, schema.payload.columns
    if len(outputs) != len(columns):
        hint = f"{target} is {schema}"
        if len(columns) < len(outputs) == len(schema.columns):
            hint += f"; METADATA columns are listed: INSERT INTO {target} (…)"
        raise source.problem(
            part.select.start,
            f"this query selects {count_of_columns(len(outputs))}, "
            f"but {target!r} has {count_of_columns(len(columns))}",
            hint,
        )
    return {column.name: output for column, output in zip(columns, outputs, strict=True)}


def _by_list(
    source: SourceText, names: Sequence[Name], bound: BoundSelect, target: str, schema: Schema
) -> dict[str, Output]:
    problems: list[Diagnostic] = []
    for name in names:
        if schema.find(name.text) is None:
            hint = did_you_mean(name.text, schema.names)
            message = f"stream {target!r} has no column {name.text!r}"
            problems.extend(source.problem(name.start, message, hint).diagnostics)
    if problems:
        raise Problem(*problems)
    return {output.name: output for output in bound.outputs}


def _no_value(source: SourceText, part: Part, column: Column, target: str) -> Output:
    """The NULL of a column that the query gives no value for."""
    if not column.nullable:
        raise source.problem(
            part.columns[0].start if part.columns else part.select.start,
            f"column {column.name!r} of {target!r} is NOT NULL, and this query gives it no value",
            f"list it: INSERT INTO {target} (…, {column.name})",
        )
    return Output(column.name, ex.Literal(None, column.type), part.start)


def _item(
    source: SourceText,
    output: Output,
    column: Column,
    target: str,
    bound: BoundSelect,
    warnings: list[Diagnostic],
) -> Item:
    expression = coerce(output.expression, column.type)
    truncate = narrowed = False
    if expression is None:
        expression = output.expression
        if not (expression.type.is_numeric and column.type.is_numeric):
            raise source.problem(
                output.start,
                f"column {column.name!r} of {target!r} is {column.type}, "
                f"but {_shown(output)} is {expression.type}",
                _cast_hint(expression.type, column.type),
            )
        if isinstance(expression, ex.Literal) and expression.type.is_integer:
            raise source.problem(
                output.start,
                f"{expression_text(expression)} does not fit column {column.name!r} of {target!r}, "
                f"which is {column.type}",
                "{} holds {} to {}".format(column.type, *integer_range(column.type)),
            )
        narrowed = True
        fractional = expression.type.is_floating or expression.type is DataType.DECIMAL
        truncate = fractional and column.type.is_integer
        lost = "; fractions are cut off" if truncate else ""
        ranged = column.type.is_integer or column.type is DataType.DECIMAL
        fails = "; a row out of range fails" if ranged else ""
        hint = f"write CAST(… AS {column.type}) to get NULL instead of a failed row"
        if expression.type is DataType.LONG:
            hint = f"declare it LONG, or {hint}"
        warnings.append(
            source.warning(
                output.start,
                f"{_shown(output)} is {expression.type} and narrows to {column.type} "
                f"in column {column.name!r} of {target!r}{lost}{fails}",
                hint if fails else None,
            )
        )
        if column.type.is_floating:
            expression = ex.Cast(expression, column.type, expression.nullable, implicit=True)
    if not column.nullable and isinstance(expression, ex.Literal) and expression.value is None:
        warnings.append(
            source.warning(
                output.start,
                f"column {column.name!r} of {target!r} is NOT NULL: every row of this query fails",
            )
        )
    check = False
    if column.type.is_integer or column.type is DataType.TIMESTAMP:
        check = narrowed or not surely_fits(expression, bound.keys, bound.calls)
    elif column.type is DataType.DECIMAL:
        check = column.digits is not None or not isinstance(expression, ex.Column)
    return Item(
        name=column.name,
        expression=expression,
        type=column.type,
        not_null=not column.nullable and expression.nullable,
        check_range=check,
        truncate=truncate,
        place=place_of(source, output.start),
        digits=column.digits,
    )


def _shown(output: Output) -> str:
    match output.expression:
        case ex.Literal() | ex.Column() as simple:
            return expression_text(simple)
    return f"{output.name!r}"


def _cast_hint(given: DataType, wanted: DataType) -> str | None:
    if widens_to(given, wanted):
        return None
    if wanted is DataType.STRING:
        return "write CAST(… AS STRING)"
    return f"write CAST(… AS {wanted}) where NULL for what can't be converted will do"
