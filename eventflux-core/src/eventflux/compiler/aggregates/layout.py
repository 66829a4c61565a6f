"""How an Aggregate folds rows: the fields of its accumulators and the code that uses them.

Each distinct argument is evaluated once a row, and whatever asks for it, each part of what is
kept of it is there once. NULLs are counted rather than values, for they are rarer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from eventflux.base.types import DataType
from eventflux.compiler.aggregates.arranged import Order
from eventflux.compiler.aggregates.counts import Distinct, within
from eventflux.compiler.aggregates.figures import Figures, held, with_figures
from eventflux.compiler.aggregates.functions import FUNCTIONS, Function, Reading
from eventflux.compiler.aggregates.own import NO_OWN, OwnAggregate
from eventflux.compiler.aggregates.parts import At, Leaving, Part
from eventflux.compiler.aggregates.sums import ExactTotal
from eventflux.compiler.pieces import Variable
from eventflux.compiler.source import Names, Source
from eventflux.operators.accumulators import Field
from eventflux.planner.aggregates import FOREVER
from eventflux.planner.calls import AggregateCall
from eventflux.planner.expressions import Branch, Case, Column, Expression, Literal

Hands: TypeAlias = dict[str, str]
"""Names of what is at hand, by the fields that it would be read from."""


class Argument(msgspec.Struct, frozen=True):
    """One distinct argument: its value for a row, and what is kept of its values.

    ``boxed`` values stand in a list of one, ``[NULL]`` being a value as any other; rows for
    which ``condition`` is not TRUE have none. Values that have an ``order`` stand in a list, too,
    before the keys of that.
    """

    expression: Expression
    nullable: bool
    boxed: bool = False
    condition: Expression | None = None
    order: Order = ()
    parts: tuple[Part, ...] = ()

    @property
    def figures(self) -> Figures | None:
        """The part that keeps its values themselves, if one does."""
        return next((part for part in self.parts if isinstance(part, Figures)), None)


class Layout(msgspec.Struct, frozen=True):
    """The accumulator of a query. ``last`` are bare columns kept of the group's last row."""

    arguments: tuple[Argument, ...]
    calls: tuple[AggregateCall, ...]
    places: tuple[int | None, ...]
    """For each call which of the arguments is its own."""
    counts_rows: bool
    last: tuple[Column, ...]
    leaving: Leaving
    expires: bool = False
    """Whether a group is dropped some time after its last row, whose place it knows then."""
    emptied: bool = False
    """Whether results are read of accumulators that all rows have left."""
    functions: Mapping[str, Function] = msgspec.field(default_factory=dict)
    """How each call is computed, by its name in the plan."""

    @property
    def knows_key(self) -> bool:
        """Whether an accumulator has a field ``key``, set when it is made."""
        return self.leaving != "never" or self.expires

    def fields(self) -> tuple[Field, ...]:
        """The fields in order."""
        return tuple(field for field, _ in self.initial_fields())

    def initial_fields(self) -> list[tuple[Field, str]]:
        """The fields, each with the text of its value before the first row."""
        fields = [(Field("n"), "0")] if self.counts_rows else []
        if self.expires:
            fields.append((Field("touched"), "0"))
        for index, argument in enumerate(self.arguments):
            if argument.nullable:
                fields.append((Field(f"nulls{index}"), "0"))
            for part in argument.parts:
                for one, initial in part.fields():
                    fields.append((replace(one, name=f"{one.name}{index}"), initial))
        return fields + [(Field(f"last{index}"), "None") for index in range(len(self.last))]

    @property
    def keeps_empty_groups(self) -> bool:
        """Whether a group stays when all its rows have left, for it tells of these."""
        return self.leaving != "never" and any(call.function in FOREVER for call in self.calls)

    @property
    def numbers_rows(self) -> bool:
        """Whether updates and removals need the number of the row, its ``order``."""
        return self.leaving == "any" and any(
            field.name.startswith(("listed", "arranged")) for field in self.fields()
        )


def layout_of(
    asked: tuple[AggregateCall, ...],
    not_null: frozenset[str],
    last: tuple[Column, ...],
    windowed: bool,
    leaving: Leaving = "never",
    *,
    expires: bool = False,
    emptied: bool = False,
    in_turn: bool = False,
    merged: bool = False,
    own: Mapping[str, OwnAggregate] = NO_OWN,
) -> Layout:
    """The accumulator of what is ``asked`` of rows with ``not_null`` columns.

    A layout whose rows can leave, or ``windowed``, counts its rows in the field ``n``. Where they
    can leave, accumulators have a field ``key`` too, set when one is made. ``in_turn`` they leave
    in the order in which they came, before the next one enters. Accumulators of sessions may be
    ``merged``. ``own`` are the aggregates of the program's own.
    """
    functions = {
        call.function: FUNCTIONS[call.function]
        if call.function in FUNCTIONS
        else own[call.function.lower()].function(leaving, merged=merged)
        for call in asked
    }
    calls: dict[Argument, list[AggregateCall]] = {}
    for call in asked:
        argument = _argument_of(call, not_null, functions[call.function])
        if argument is not None:
            calls.setdefault(argument, []).append(call)
    arguments = tuple(
        replace(argument, parts=_parts_of(argument, asking, leaving, functions))
        for argument, asking in calls.items()
    )
    if in_turn:
        stays = any(call.function in FOREVER for call in asked)
        arguments = tuple(
            replace(argument, parts=with_figures(argument.parts, argument.nullable or stays))
            if argument.expression.type.is_floating
            else argument
            for argument in arguments
        )
    counted = (
        windowed
        or leaving != "never"
        or any(argument.nullable for argument in arguments)
        or any(functions[call.function].counts for call in asked)
    )
    known = list(calls)
    places = tuple(
        None if argument is None else known.index(argument)
        for argument in (_argument_of(c, not_null, functions[c.function]) for c in asked)
    )
    return Layout(arguments, asked, places, counted, last, leaving, expires, emptied, functions)


def _argument_of(
    call: AggregateCall, not_null: frozenset[str], function: Function
) -> Argument | None:
    """What a call has to know of each row, but for the parts; nothing of ``count(*)``."""
    argument = _value_of(call, not_null, function)
    if argument is None or function.arranges is None:
        return argument
    return replace(argument, order=call.order)


def _value_of(call: AggregateCall, not_null: frozenset[str], function: Function) -> Argument | None:
    expression, boxes = call.argument, function.boxes
    if call.filter is None:
        if expression is None:
            return None
        nullable = expression.nullable and not (
            isinstance(expression, Column) and expression.name in not_null
        )
        return Argument(expression, nullable and not boxes, boxed=nullable and boxes)
    if expression is None:
        expression = Literal(True, DataType.BOOL)
    if boxes:
        return Argument(expression, nullable=True, boxed=True, condition=call.filter)
    passing = (Branch(call.filter, expression),)
    nothing = Literal(None, expression.type)
    return Argument(Case(None, passing, nothing, expression.type, nullable=True), nullable=True)


def _parts_of(
    argument: Argument,
    calls: Sequence[AggregateCall],
    leaving: Leaving,
    functions: Mapping[str, Function],
) -> tuple[Part, ...]:
    """What has to be kept of an argument for ``calls``, each part once."""
    kind = argument.expression.type
    plain: list[Part] = []
    once: list[Part] = []
    distinct = False
    for call in calls:
        function = functions[call.function]
        if argument.order and function.arranges is not None:
            plain.extend(function.arranges(argument.order, leaving))
            continue
        wraps = call.distinct and not function.sees_all
        distinct = distinct or wraps
        (once if wraps else plain).extend(function.keeps(kind, leaving))
    parts = _each_once(plain)
    return (*parts, Distinct(kind, leaving, _each_once(once))) if distinct else parts


def _each_once(parts: Sequence[Part]) -> tuple[Part, ...]:
    """``parts`` without those that others of them have in them, in a fixed order."""
    found = dict.fromkeys(parts)
    if ExactTotal(squares=True) in found:
        found.pop(ExactTotal(squares=False), None)
    return tuple(sorted(found, key=_rank))


def _rank(part: Part) -> tuple[int, str]:
    """Sums first, then extremes, ``low`` before ``high``."""
    stem = part.fields()[0][0].name
    return (_FIRST.index(stem) if stem in _FIRST else len(_FIRST), stem)


_FIRST = ("total", "low", "high")


def class_source(layout: Layout, name: str) -> Source:
    """The source of the accumulator's class."""
    source = Source(Names())
    fields = layout.initial_fields()
    slots = [field.name for field, _ in fields]
    if layout.knows_key:
        slots.append("key")
    with source.block(f"class {name}:"):
        source.line(f"__slots__ = ({''.join(f'{slot!r}, ' for slot in slots)})")
        with source.block("def __init__(self):"):
            for field, initial in fields:
                source.line(f"self.{field.name} = {initial}")
    return source


def write_update(
    source: Source,
    layout: Layout,
    accumulator: str,
    arguments: Sequence[Variable],
    last: Sequence[str],
    order: str = "",
) -> Hands:
    """Fold one row into ``accumulator``; ``arguments`` and ``order`` are names, evaluated before.

    ``order`` is the row's number, where the layout ``numbers_rows``: rows that come later have
    greater ones. Gives what is at hand then: names of values by what ``results`` reads.
    """
    hands = _hands(source, layout, arguments)
    if "n" in hands:
        source.line(f"{hands['n']} = {accumulator}.n = {accumulator}.n + 1")
    elif layout.counts_rows:
        source.line(f"{accumulator}.n += 1")
    for index, argument, value in _present(source, layout, accumulator, arguments, "+=", hands):
        for part in argument.parts:
            part.add(source, _fields_at(accumulator, index, hands), value, order)
    for index, text in enumerate(last):
        source.line(f"{accumulator}.last{index} = {text}")
    return hands


def _hands(source: Source, layout: Layout, arguments: Sequence[Variable]) -> Hands:
    """Names for what the parts of ``layout`` have at hand when a row has been folded."""
    hands: Hands = {}
    for index, (argument, variable) in enumerate(zip(layout.arguments, arguments, strict=True)):
        if argument.figures is not None:
            hands.setdefault("n", source.fresh("n"))
            for name in argument.figures.read:
                hands[f"{name}{index}"] = source.fresh(name)
            if not argument.nullable:
                hands[f"count{index}"] = hands["n"]
                hands[f"newest{index}"] = variable.text
    return hands


def write_removal(
    source: Source,
    layout: Layout,
    accumulator: str,
    arguments: Sequence[Variable],
    order: str = "",
    rows: str = "",
) -> None:
    """Take a row back out of ``accumulator``: one that is in it, the oldest where the layout
    says so; its ``arguments`` and ``order`` are those that it was folded with. ``rows`` tells how
    many are left, where that is known."""
    assert layout.leaving != "never", "of these rows none is ever taken back"
    source.line(f"{accumulator}.n = {rows}" if rows else f"{accumulator}.n -= 1")
    for index, argument, value in _present(source, layout, accumulator, arguments, "-="):
        for part in argument.parts:
            part.remove(source, _fields_at(accumulator, index), value, order)


def _present(
    source: Source,
    layout: Layout,
    accumulator: str,
    arguments: Sequence[Variable],
    change: str,
    hands: Hands | None = None,
) -> Iterator[tuple[int, Argument, str]]:
    """Each argument, inside the block that only its values reach; NULLs are counted."""
    for index, (argument, variable) in enumerate(zip(layout.arguments, arguments, strict=True)):
        if not (argument.nullable and variable.nullable):
            yield index, argument, variable.text
            continue
        with source.block(f"if {variable.text} is None:"):
            source.line(f"{accumulator}.nulls{index} {change} 1")
            if hands and argument.figures is not None:
                at = _fields_at(accumulator, index, hands)
                targets = argument.figures.targets(at)
                source.line(f"{targets} = FIGURES_OF({held(at)})")
        if argument.parts:
            with source.block("else:"):
                yield index, argument, variable.text


def write_merge(source: Source, layout: Layout, into: str, other: str) -> None:
    """Add the rows of ``other``, all later ones, to those of the accumulator ``into``.

    ``other`` is not used any more afterwards: lists may have become those of ``into``.
    """
    if layout.counts_rows:
        source.line(f"{into}.n += {other}.n")
    for index, argument in enumerate(layout.arguments):
        if argument.nullable:
            source.line(f"{into}.nulls{index} += {other}.nulls{index}")
        for part in argument.parts:
            part.merge(source, _fields_at(into, index), _fields_at(other, index))
    for index in range(len(layout.last)):
        source.line(f"{into}.last{index} = {other}.last{index}")


def _fields_at(accumulator: str, index: int, hands: Hands | None = None) -> At:
    known = hands or {}
    return lambda stem: known.get(f"{stem}{index}", f"{accumulator}.{stem}{index}")


def results(
    layout: Layout, accumulator: str, names: Names, hands: Hands | None = None
) -> tuple[Variable, ...]:
    """The value of each aggregate call, read from ``accumulator``, or of what is at hand."""
    known = hands or {}

    def read(call: AggregateCall, place: int | None) -> Variable:
        if place is None:
            return Variable(known.get("n", f"{accumulator}.n"), False)
        reading = _reading(layout, call, place, accumulator, names, known)
        return layout.functions[call.function].read(reading)

    return tuple(map(read, layout.calls, layout.places))


def _reading(
    layout: Layout,
    call: AggregateCall,
    place: int,
    accumulator: str,
    names: Names,
    hands: Hands,
) -> Reading:
    argument, at = layout.arguments[place], _fields_at(accumulator, place, hands)
    figures = argument.figures
    if figures is not None and not hands:
        at = figures.anew(at)
    count = some = hands.get("n", f"{accumulator}.n")
    if argument.nullable:
        count, some = f"({count} - {at('nulls')})", f"{count} > {at('nulls')}"
    inside = call.distinct and not layout.functions[call.function].sees_all
    if inside:
        at, count, some = within(at), f"len({at('seen')})", at("seen")
    return Reading(
        call=call,
        kind=argument.expression.type,
        leaving=layout.leaving,
        at=at,
        count=count,
        some=some,
        nullable=argument.nullable or layout.leaving == "any" or layout.emptied,
        boxed=argument.boxed,
        order=argument.order,
        names=names,
        figures=figures is not None and not inside,
    )
