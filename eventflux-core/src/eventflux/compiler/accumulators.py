"""How an Aggregate folds rows: the fields of its accumulators and the code that uses them.

Each distinct argument has at most one sum and one pair of extremes, whatever asks for
them; NULLs are counted rather than values, for they are rarer. ``min`` and ``max`` skip
NaN; where there was nothing else they are NaN.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from eventflux.base.types import DataType
from eventflux.compiler.pieces import Variable
from eventflux.compiler.source import Names, Source
from eventflux.planner.expressions import Column, Expression
from eventflux.planner.plan import Aggregate, AggregateCall

Leaving = Literal["never", "oldest", "any"]
"""Which of its rows leave an accumulator again: none, always the one that entered first, any."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One distinct argument and what is kept of it."""

    expression: Expression
    nullable: bool
    summed: bool
    lowest: bool
    highest: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """The accumulator of a query. ``last`` are bare columns kept of the group's last row."""

    arguments: tuple[Argument, ...]
    calls: tuple[AggregateCall, ...]
    counts_rows: bool
    last: tuple[Column, ...]
    leaving: Leaving = "never"

    def fields(self) -> tuple[str, ...]:
        """The fields in order."""
        fields = ["n"] if self.counts_rows else []
        for index, argument in enumerate(self.arguments):
            if argument.nullable:
                fields.append(f"nulls{index}")
            if argument.summed:
                fields.append(f"total{index}")
            if argument.lowest:
                fields.append(f"low{index}")
            if argument.highest:
                fields.append(f"high{index}")
        return (*fields, *(f"last{index}" for index in range(len(self.last))))

    def initial(self, field: str) -> object:
        """The value of a field before the first row."""
        if field.startswith("last"):
            return None
        if field.startswith(("low", "high")):
            argument = self.arguments[int(field.lstrip("lowhig"))]
            if not argument.expression.type.is_numeric:
                return None
            return math.inf if field.startswith("low") else -math.inf
        if field.startswith("total"):
            kind = self.arguments[int(field[5:])].expression.type
            return 0.0 if kind.is_floating else 0
        return 0


def layout_of(
    aggregate: Aggregate,
    not_null: frozenset[str],
    last: tuple[Column, ...],
    windowed: bool,
    leaving: Leaving,
) -> Layout:
    """The accumulator for an Aggregate whose rows have ``not_null`` columns."""
    wanted: dict[Expression, set[str]] = {}
    for call in aggregate.calls:
        if call.argument is not None:
            wanted.setdefault(call.argument, set()).add(call.function)
    arguments: list[Argument] = []
    for expression, functions in wanted.items():
        floating = expression.type.is_floating and bool(functions & {"min", "max"})
        arguments.append(
            Argument(
                expression,
                nullable=_may_be_null(expression, not_null),
                summed=bool(functions & {"sum", "avg"}),
                lowest="min" in functions or floating,
                highest="max" in functions or floating,
            )
        )
    counted = (
        windowed
        or leaving != "never"
        or any(call.argument is None for call in aggregate.calls)
        or any(argument.summed or argument.nullable for argument in arguments)
        or any(call.function == "count" for call in aggregate.calls)
    )
    return Layout(tuple(arguments), aggregate.calls, counted, last, leaving)


def _may_be_null(expression: Expression, not_null: frozenset[str]) -> bool:
    return expression.nullable and not (
        isinstance(expression, Column) and expression.name in not_null
    )


def class_source(layout: Layout, name: str) -> Source:
    """The source of the accumulator's class."""
    source = Source(Names())
    fields = layout.fields()
    slots = fields if layout.leaving == "never" else (*fields, "key")
    with source.block(f"class {name}:"):
        source.line(f"__slots__ = ({''.join(f'{field!r}, ' for field in slots)})")
        with source.block("def __init__(self):"):
            for field in fields:
                source.line(f"self.{field} = {_initial_text(layout.initial(field))}")
    return source


def _initial_text(value: object) -> str:
    if isinstance(value, float) and math.isinf(value):
        return "INFINITY" if value > 0 else "-INFINITY"
    return repr(value)


def write_update(
    source: Source, layout: Layout, accumulator: str, arguments: list[Variable], last: list[str]
) -> None:
    """Fold one row into ``accumulator``; ``arguments`` are names, evaluated before."""
    if layout.counts_rows:
        source.line(f"{accumulator}.n += 1")
    for index, (argument, variable) in enumerate(zip(layout.arguments, arguments, strict=True)):
        if argument.nullable and variable.nullable:
            with source.block(f"if {variable.text} is None:"):
                source.line(f"{accumulator}.nulls{index} += 1")
            if argument.summed or argument.lowest or argument.highest:
                with source.block("else:"):
                    _write_fold(source, argument, index, accumulator, variable.text)
        else:
            _write_fold(source, argument, index, accumulator, variable.text)
    for index, text in enumerate(last):
        source.line(f"{accumulator}.last{index} = {text}")


def write_removal(
    source: Source, layout: Layout, accumulator: str, arguments: list[Variable]
) -> None:
    """Take a row back out of ``accumulator``; ``arguments`` are the values that it had."""
    source.line(f"{accumulator}.n -= 1")
    for index, (argument, variable) in enumerate(zip(layout.arguments, arguments, strict=True)):
        if argument.summed:
            source.line(f"{accumulator}.total{index} -= {variable.text}")


def _write_fold(source: Source, argument: Argument, index: int, acc: str, value: str) -> None:
    if argument.summed and argument.expression.type is DataType.DECIMAL:
        source.line(f"{acc}.total{index} = ADD({acc}.total{index}, {value})")
    elif argument.summed:
        source.line(f"{acc}.total{index} += {value}")
    for kept, field, operator in (
        (argument.lowest, f"{acc}.low{index}", "<"),
        (argument.highest, f"{acc}.high{index}", ">"),
    ):
        if kept:
            first = "" if argument.expression.type.is_numeric else f"{field} is None or "
            with source.block(f"if {first}{value} {operator} {field}:"):
                source.line(f"{field} = {value}")


def results(layout: Layout, accumulator: str, names: Names) -> tuple[Variable, ...]:
    """The value of each aggregate call, read from ``accumulator``."""
    by_argument = {argument.expression: i for i, argument in enumerate(layout.arguments)}
    return tuple(
        Variable(f"{accumulator}.n", False)
        if call.argument is None
        else _result(call, layout.arguments[i], i, accumulator, names)
        for call in layout.calls
        for i in [by_argument.get(call.argument, 0) if call.argument is not None else 0]
    )


def _result(
    call: AggregateCall, argument: Argument, index: int, acc: str, names: Names
) -> Variable:
    count = f"({acc}.n - {acc}.nulls{index})" if argument.nullable else f"{acc}.n"
    total = f"{acc}.total{index}"
    if call.function == "count":
        return Variable(count, False)
    if call.function == "sum":
        if not argument.nullable:
            return Variable(total, False)
        return Variable(f"({total} if {count} else None)", True)
    if call.function == "avg":
        quotient = "DIVIDE({}, {})" if call.type is DataType.DECIMAL else "({} / {})"
        if not argument.nullable:
            return Variable(quotient.format(total, count), False)
        rows = names.fresh("t")
        mean = quotient.format(total, rows)
        if call.type is not DataType.DECIMAL:
            mean = mean[1:-1]
        return Variable(f"({mean} if ({rows} := {count}) else None)", True)
    return _extreme(call, argument, index, acc)


def _extreme(call: AggregateCall, argument: Argument, index: int, acc: str) -> Variable:
    low, high = f"{acc}.low{index}", f"{acc}.high{index}"
    value = low if call.function == "min" else high
    kind = argument.expression.type
    if kind.is_floating:
        if argument.nullable:
            nothing = f"NAN if {acc}.n > {acc}.nulls{index} else None"
            return Variable(f"({value} if {low} <= {high} else {nothing})", True)
        return Variable(f"({value} if {low} <= {high} else NAN)", False)
    if not argument.nullable:
        return Variable(value, False)
    if kind.is_numeric:
        unset = "INFINITY" if call.function == "min" else "-INFINITY"
        return Variable(f"({value} if {value} != {unset} else None)", True)
    return Variable(value, True)
