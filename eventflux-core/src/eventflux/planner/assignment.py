"""From the columns that a query puts out to those of the stream that it inserts into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from eventflux.base.errors import Diagnostic
from eventflux.base.suggest import did_you_mean
from eventflux.base.types import Column, DataType, Schema, integer_range, widens_to, wider_numeric
from eventflux.planner import expressions as ex
from eventflux.planner.conversion import (
    adapt,
    coerce,
    is_unknown,
    is_untyped,
    surely_fits,
)
from eventflux.planner.describe import expression_text
from eventflux.planner.parts import Part
from eventflux.planner.plan import Item
from eventflux.planner.queries import BoundSelect, Output, place_of
from eventflux.planner.scope import Shape
from eventflux.sql.ast import Name
from eventflux.sql.source import Problem, SourceText


def inferred_schema(bound: BoundSelect) -> Schema:
    """The columns of a stream that nobody declared, as one of its writers gives them."""
    return Schema(tuple(_inferred(output, bound) for output in bound.outputs))


def listed(source: SourceText, part: Part, bound: BoundSelect) -> BoundSelect:
    """``bound`` with its outputs named by the column list of INSERT, if there is one.

    Raises:
        Problem: the list names a column twice, or not as many as the query selects.
    """
    if part.columns is None or bound.open:
        return bound
    names = [name.text for name in part.columns]
    for index, name in enumerate(part.columns):
        if name.text in names[:index]:
            raise source.problem(name.start, f"the list names {name.text!r} twice", "remove one")
    if len(names) != len(bound.outputs):
        raise source.problem(
            part.select.start,
            f"this query selects {_columns(len(bound.outputs))}, "
            f"but its list has {_columns(len(names))}",
            "list a column for each value",
        )
    outputs = [
        replace(output, name=name) for output, name in zip(bound.outputs, names, strict=True)
    ]
    return replace(bound, outputs=tuple(outputs))


def _inferred(output: Output, bound: BoundSelect) -> Column:
    expression = output.expression
    data_type = DataType.STRING if is_untyped(expression) else expression.type
    if data_type is DataType.INT and not surely_fits(expression, bound.keys, bound.calls):
        data_type = DataType.LONG
    return Column(output.name, data_type, expression.nullable)


def merged_shape(
    source: SourceText, target: str, writers: Sequence[tuple[Part, BoundSelect]]
) -> Shape:
    """The columns of a stream that nobody declared, agreed on by all that write to it.

    Writers with errors have no say where there are others, and leave the shape open.

    Raises:
        Problem: they disagree in names or types.
    """
    whole = [(part, bound) for part, bound in writers if not (bound.problems or bound.open)]
    (_, first), *others = whole or writers[:1]
    merged = list(inferred_schema(first).columns)
    untyped = [is_untyped(output.expression) for output in first.outputs]
    for part, given in others:
        bound = _in_order(part, given, merged)
        columns = inferred_schema(bound).columns
        if [column.name for column in columns] != [column.name for column in merged]:
            place = source.position(whole[0][0].start)
            names = ", ".join(column.name for column in merged)
            raise source.problem(
                part.start,
                f"this query gives {target!r} other columns than the one at {place}, "
                f"which gives ({names})",
                "select the same names in the same order"
                + (", or give each a target: INSERT INTO …" if part.target.name is None else ""),
            )
        for index, (column, output) in enumerate(zip(columns, bound.outputs, strict=True)):
            no_type = is_untyped(output.expression)
            merged[index] = _merge(
                source, target, merged[index], column, output, untyped[index], no_type
            )
            untyped[index] = untyped[index] and no_type
    unknown = frozenset(output.name for output in first.outputs if is_unknown(output.expression))
    return Shape(Schema(tuple(merged)), unknown, open=len(whole) < len(writers))


def union(source: SourceText, part: Part, bound: BoundSelect, first: BoundSelect) -> BoundSelect:
    """``bound`` with its outputs named as those of the first SELECT of UNION ALL.

    Raises:
        Problem: there are more or fewer of them.
    """
    if part.columns is not None or bound.open or first.open:
        return bound
    if len(bound.outputs) != len(first.outputs):
        raise source.problem(
            part.select.start,
            f"this query selects {_columns(len(bound.outputs))}, "
            f"but the first of UNION ALL {_columns(len(first.outputs))}",
            "select NULL for what it has not",
        )
    pairs = zip(bound.outputs, first.outputs, strict=True)
    return replace(bound, outputs=tuple(replace(own, name=named.name) for own, named in pairs))


def _in_order(part: Part, bound: BoundSelect, columns: Sequence[Column]) -> BoundSelect:
    """``bound`` with its outputs in the order of ``columns``, where a list says their names."""
    named = {output.name: output for output in bound.outputs}
    if part.columns is None or named.keys() != {column.name for column in columns}:
        return bound
    return replace(bound, outputs=tuple(named[column.name] for column in columns))


def _merge(
    source: SourceText,
    target: str,
    left: Column,
    right: Column,
    output: Output,
    left_null: bool,
    right_null: bool,
) -> Column:
    nullable = left.nullable or right.nullable
    if left.type is right.type or right_null:
        return Column(left.name, left.type, nullable)
    if left_null:
        return Column(left.name, right.type, nullable)
    unpromoted = output.expression.type is right.type
    if unpromoted and adapt(output.expression, left.type) is not None:
        return Column(left.name, left.type, nullable)
    if left.type.is_numeric and right.type.is_numeric:
        return Column(left.name, wider_numeric(left.type, right.type), nullable)
    raise source.problem(
        output.start,
        f"column {left.name!r} of {target!r} is {right.type} here and {left.type} in another query",
        "CAST one of them, or declare the stream",
    )


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
            f"this query selects {_columns(len(outputs))}, "
            f"but {target!r} has {_columns(len(columns))}",
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


def _columns(count: int) -> str:
    return f"{count} column" + ("" if count == 1 else "s")


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
        warnings.append(
            source.warning(
                output.start,
                f"{_shown(output)} is {expression.type} and narrows to {column.type} "
                f"in column {column.name!r} of {target!r}{lost}{fails}",
                f"write CAST(… AS {column.type}) to get NULL instead of a failed row"
                if fails
                else None,
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
