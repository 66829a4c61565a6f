"""Calls of functions that are written in SQL: their body, put in the place of the call.

Each parameter is what the call gives for it. A value that the body uses several times is found
once: ``square(random())`` is a square.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, NoReturn

from eventflux.base.errors import Diagnostic
from eventflux.base.suggest import did_you_mean
from eventflux.base.types import Schema
from eventflux.planner import expressions as ex
from eventflux.planner.binding.casts import cast_text
from eventflux.planner.conversion import UNKNOWN, coerce, is_unknown
from eventflux.planner.expressions import Expression
from eventflux.planner.own_functions import OwnFunctions, SqlFunction
from eventflux.planner.rewriting import rewrite, walk
from eventflux.planner.scope import Scope
from eventflux.sql.source import Problem

if TYPE_CHECKING:
    from eventflux.planner.binding.binder import Binder

_CHEAP = (
    ex.Column,
    ex.Literal,
    ex.KeyValue,
    ex.AggregateValue,
    ex.WindowBound,
    ex.Element,
    ex.Local,
)
"""What may be found as often as it is used."""
MOST_PARTS = 5000
"""The most that functions written in SQL, which call one another, may grow to."""


class _Parameters(Scope, frozen=True):
    """The parameters of a function; ``callers`` are the functions whose bodies call it."""

    callers: tuple[str, ...] = ()

    def unknown_column(self, name: str, offset: int) -> Problem:
        message = f"function {self.stream!r} has no parameter {name!r}"
        known = self.schema.names
        hint = did_you_mean(name, known) if known else f"it takes none: {self.stream}()"
        return self.source.problem(offset, message, hint)


def check_bodies(binder: Binder, own: OwnFunctions) -> list[Diagnostic]:
    """What is wrong or doubtful in the functions of a program that are written in SQL."""
    found: list[Diagnostic] = []
    for function in own.in_sql:
        try:
            _body(binder, function, function.parameters, found)
        except Problem as problem:
            found.extend(problem.diagnostics)
    return found


def bind_own(binder: Binder, function: SqlFunction, arguments: Sequence[Expression]) -> Expression:
    """The body of a function over these arguments, each already of its parameter's type."""
    if isinstance(binder.scope, _Parameters) and function.name in binder.scope.callers:
        _refuse_recursion(binder, binder.scope.callers, function)
    columns = [
        type(column)(column.name, column.type, argument.nullable)
        for column, argument in zip(function.parameters.columns, arguments, strict=True)
    ]
    body = _body(binder, function, Schema(tuple(columns)), [])
    uses = Counter(node.name for node in walk(body) if isinstance(node, ex.Column))
    first = 1 + max((node.number for node in walk(body) if isinstance(node, ex.Local)), default=0)
    given: dict[str, Expression] = {}
    values: list[Expression] = []
    for name, argument in zip(function.parameters.names, arguments, strict=True):
        given[name] = argument
        if uses[name] > 1 and not _is_cheap(argument):
            given[name] = ex.Local(first + len(values), argument.type, argument.nullable)
            values.append(argument)
    whole = rewrite(
        body, lambda node: given.get(node.name) if isinstance(node, ex.Column) else None
    )
    return ex.Let(tuple(values), first, whole) if values else whole


def _is_cheap(argument: Expression) -> bool:
    if isinstance(argument, ex.Cast) and argument.implicit:
        argument = argument.operand
    return isinstance(argument, _CHEAP)


def _refuse_recursion(binder: Binder, callers: Sequence[str], function: SqlFunction) -> NoReturn:
    path = " -> ".join((*callers[callers.index(function.name) :], function.name))
    raise binder.scope.source.problem(
        function.body.start,
        f"functions written in SQL can't call themselves: {path}",
        "write it in Python: LANGUAGE PYTHON AS 'module:function'",
    )


def _body(
    binder: Binder, function: SqlFunction, parameters: Schema, warnings: list[Diagnostic]
) -> Expression:
    """The body over its parameters, or unknown where it is known to be wrong.

    Raises:
        Problem: with everything that is wrong in it.
    """
    nullable = tuple(column.nullable for column in parameters.columns)
    known = function.bodies.get(nullable)
    if known is None:
        function.bodies[nullable] = UNKNOWN
        known = _bound(binder, function, parameters, warnings)
        function.bodies[nullable] = known
    return known


def _bound(
    binder: Binder, function: SqlFunction, parameters: Schema, warnings: list[Diagnostic]
) -> Expression:
    source = binder.scope.source
    callers = binder.scope.callers if isinstance(binder.scope, _Parameters) else ()
    inside = replace(
        binder,
        scope=_Parameters(
            source, function.name, None, parameters, callers=(*callers, function.name)
        ),
        clause=f"the body of {function.name}",
        calls=None,
        unnested=None,
        windowed=False,
        warnings=warnings,
        window=None,
    )
    bound = inside.expression(function.body)
    if is_unknown(bound):
        return bound
    body = coerce(bound, function.returns)
    if body is None:
        text = inside.text(bound)
        raise source.problem(
            function.body.start,
            f"{function.name} RETURNS {function.returns}, but {text} is {bound.type}",
            f"write {cast_text(text, bound.type, function.returns)}",
        )
    if len(list(islice(walk(body), MOST_PARTS + 1))) > MOST_PARTS:
        raise source.problem(
            function.body.start,
            f"{function.name} grows to more than {MOST_PARTS} parts with the functions it calls",
            "write it in Python: LANGUAGE PYTHON AS 'module:function'",
        )
    return body
