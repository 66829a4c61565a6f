"""What columns a stream has that nobody declared: those that its queries put out."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from eventflux.base.types import Column, DataType, Schema, wider_numeric
from eventflux.planner.conversion import adapt, is_unknown, is_untyped, surely_fits
from eventflux.planner.parts import Part
from eventflux.planner.queries import BoundSelect, Output
from eventflux.planner.scope import Shape
from eventflux.sql.source import SourceText


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
            f"this query selects {count_of_columns(len(bound.outputs))}, "
            f"but its list has {count_of_columns(len(names))}",
            "list a column for each value",
        )
    outputs = [
        replace(output, name=name) for output, name in zip(bound.outputs, names, strict=True)
    ]
    return replace(bound, outputs=tuple(outputs))


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
            f"this query selects {count_of_columns(len(bound.outputs))}, "
            f"but the first of UNION ALL {count_of_columns(len(first.outputs))}",
            "select NULL for what it has not",
        )
    pairs = zip(bound.outputs, first.outputs, strict=True)
    return replace(bound, outputs=tuple(replace(own, name=named.name) for own, named in pairs))


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
    merged = _columns_of(first)
    untyped = [is_untyped(output.expression) for output in first.outputs]
    for part, given in others:
        bound = _in_order(part, given, merged)
        columns = _columns_of(bound)
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


def _columns_of(bound: BoundSelect) -> list[Column]:
    """The columns as one of the writers gives them."""
    return [_column_of(output, bound) for output in bound.outputs]


def _column_of(output: Output, bound: BoundSelect) -> Column:
    expression = output.expression
    data_type = DataType.STRING if is_untyped(expression) else expression.type
    if data_type is DataType.INT and not surely_fits(expression, bound.keys, bound.calls):
        data_type = DataType.LONG
    return Column(output.name, data_type, expression.nullable)


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


def count_of_columns(count: int) -> str:
    """``1 column``, ``2 columns``."""
    return f"{count} column" + ("" if count == 1 else "s")
