"""Functions that a program defines itself: ``CREATE FUNCTION``."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import msgspec

from eventflux.base.errors import Diagnostic, PluginError
from eventflux.base.suggest import nearest
from eventflux.base.types import Column, DataType, Schema
from eventflux.functions import FUNCTIONS
from eventflux.planner.aggregates import AGGREGATES
from eventflux.planner.expressions import Expression
from eventflux.spi.function_types import is_annotated, scalar_function
from eventflux.spi.functions import TableFunction
from eventflux.spi.own_aggregates import SqlCallable, declared_aggregate
from eventflux.spi.own_functions import declared_function
from eventflux.spi.table_functions import table_function
from eventflux.spi.well_known import LANGUAGE_FUNCTIONS
from eventflux.sql.ast import CreateFunction, Expr, Statement
from eventflux.sql.source import Problem, SourceText


@dataclass(frozen=True, slots=True)
class SqlFunction:
    """An expression under a name, put in the place of each call."""

    name: str
    parameters: Schema
    returns: DataType
    body: Expr
    bodies: dict[tuple[bool, ...], Expression] = field(default_factory=dict, compare=False)
    """What the body is, by which arguments can be NULL; unknown where it is wrong."""

    @property
    def arguments(self) -> tuple[DataType, ...]:
        return tuple(parameter.type for parameter in self.parameters.columns)


class WrongFunction(msgspec.Struct, frozen=True):
    """One whose definition is wrong, which is told there: its calls are not."""


Functions: TypeAlias = Mapping[str, SqlCallable | SqlFunction | WrongFunction]
"""What a program can call, by lower-case name and alias."""


class OwnFunctions(msgspec.Struct):
    """The functions that a program defines, by lower-case name, and what is wrong."""

    found: dict[str, SqlCallable | SqlFunction | WrongFunction] = msgspec.field(
        default_factory=dict
    )
    problems: list[Diagnostic] = msgspec.field(default_factory=list)

    @property
    def in_python(self) -> dict[str, SqlCallable]:
        others = SqlFunction | WrongFunction
        return {n: f for n, f in self.found.items() if not isinstance(f, others)}

    @property
    def in_sql(self) -> Iterator[SqlFunction]:
        return (f for f in self.found.values() if isinstance(f, SqlFunction))


def own_functions(
    source: SourceText,
    statements: Iterable[Statement],
    registered: Mapping[str, SqlCallable],
    unread: Iterable[str] = (),
) -> OwnFunctions:
    """Read all ``CREATE FUNCTION`` of a program; those in Python are imported. ``unread`` names
    what statements that could not be read may define."""
    own = OwnFunctions()
    for name in map(str.lower, unread):
        if not _is_of_language(name) and name not in registered:
            own.found[name] = WrongFunction()
    places: dict[str, int] = {}
    for statement in statements:
        if not isinstance(statement, CreateFunction):
            continue
        key = statement.name.text.lower()
        try:
            _check_name(source, statement, registered, places)
            places[key] = statement.name.start
            own.found[key] = WrongFunction()
            _check_parameters(source, statement)
            own.found[key] = (
                _in_python(source, statement)
                if statement.expression is None
                else _in_sql(statement, statement.expression)
            )
        except Problem as problem:
            own.problems.extend(problem.diagnostics)
    return own


def _check_name(
    source: SourceText,
    statement: CreateFunction,
    registered: Mapping[str, SqlCallable],
    places: Mapping[str, int],
) -> None:
    name, key = statement.name, statement.name.text.lower()
    if key in places:
        place = source.position(places[key])
        message = f"function {name.text!r} is already defined at {place}"
        raise source.problem(name.start, message, "rename or remove one")
    if _is_of_language(key):
        message = f"function {name.text!r} is part of the language"
        raise source.problem(name.start, message, "rename it")
    if key in registered:
        message = f"function {name.text!r} is there already"
        raise source.problem(name.start, message, "rename it, or leave it out to use that one")


def _is_of_language(key: str) -> bool:
    return key in LANGUAGE_FUNCTIONS or key in AGGREGATES or key in FUNCTIONS


def _check_parameters(source: SourceText, statement: CreateFunction) -> None:
    seen: set[str] = set()
    for parameter in statement.parameters:
        if parameter.name.text in seen:
            message = f"{statement.name} has two parameters called {parameter.name.text!r}"
            raise source.problem(parameter.name.start, message)
        seen.add(parameter.name.text)


def _in_sql(statement: CreateFunction, body: Expr) -> SqlFunction:
    columns = (Column(p.name.text, p.type.type) for p in statement.parameters)
    return SqlFunction(statement.name.text, Schema(tuple(columns)), statement.returns.type, body)


def _in_python(source: SourceText, statement: CreateFunction) -> SqlCallable:
    call, name = _imported(source, statement), statement.name.text
    types = tuple(parameter.type.type for parameter in statement.parameters)
    returns = statement.returns.type
    declared: SqlCallable | None
    declared = declared_aggregate(call) or declared_function(call)
    try:
        if declared is None and is_annotated(call):
            declared = scalar_function(name, call)
        if declared is None:
            declared = scalar_function(name, call, arguments=types, returns=returns)
            if statement.several and not isinstance(declared, TableFunction):
                declared = table_function(declared)
    except PluginError as error:
        message, hint = f"{statement.body.text}: {error.message}", error.hint
        if isinstance(call, type) and hasattr(call, "add"):
            hint = "a class is an aggregate once it is decorated: @eventflux.aggregate"
        raise source.problem(statement.body.start, message, hint) from None
    _check_types(source, statement, declared)
    return replace(declared, name=name, arguments=types, returns=returns, aliases=())


def _check_types(source: SourceText, statement: CreateFunction, declared: SqlCallable) -> None:
    """Refuse types that are others in SQL than in Python."""
    path = statement.body.text
    if len(declared.arguments) != len(statement.parameters):
        takes, has = ", ".join(declared.arguments) or "nothing", len(statement.parameters)
        raise source.problem(
            statement.name.start,
            f"{path} takes {takes}, but {statement.name} has {has} parameter(s)",
        )
    for parameter, given in zip(statement.parameters, declared.arguments, strict=True):
        if not _same(parameter.type.type, given):
            raise source.problem(
                parameter.name.start,
                f"the parameter {parameter.name} is {parameter.type}, and {path} takes {given}",
                f"write {parameter.name} {given}, or change the annotation",
            )
    several = isinstance(declared, TableFunction)
    of = "SETOF " if several else ""
    if statement.several != several:
        raise source.problem(
            statement.name.start,
            f"{path} gives {'several rows' if several else 'one value'}",
            f"write RETURNS {of}{statement.returns}",
        )
    if not _same(statement.returns.type, declared.returns):
        raise source.problem(
            statement.name.start,
            f"{statement.name} RETURNS {of}{statement.returns}, and {path} gives {of}"
            f"{declared.returns}",
            f"write RETURNS {of}{declared.returns}, or change the annotation",
        )


def _same(one: DataType, other: DataType) -> bool:
    return one.python_type is other.python_type or other is DataType.OBJECT


def _imported(source: SourceText, statement: CreateFunction) -> Any:
    path, place = statement.body.text, statement.body.start
    module_name, _, attribute = path.partition(":")
    if not all(
        part.isidentifier() for name in (module_name, attribute) for part in name.split(".")
    ):
        raise source.problem(
            place, f"{path!r} names no function of a module", "write 'module:function'"
        )
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is not None and (module_name + ".").startswith(error.name + "."):
            hint = "it stands in a file beside the program, or in an installed package"
            raise source.problem(place, f"there is no module {error.name!r}", hint) from None
        raise source.problem(place, f"{module_name} can't be imported: {error}") from None
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        raise source.problem(place, f"{module_name} can't be imported: {text}") from None
    found: Any = module
    for part in attribute.split("."):
        if not hasattr(found, part):
            message = f"{module_name} has no {attribute!r}"
            raise source.problem(place, message, _offered(module, attribute))
        found = getattr(found, part)
    return found


def _offered(module: Any, wanted: str) -> str:
    own = [
        name
        for name, value in vars(module).items()
        if callable(value)
        and not name.startswith("_")
        and getattr(value, "__module__", None) == module.__name__
    ]
    match = nearest(wanted, own)
    return f"did you mean {match!r}?" if match else f"it has {', '.join(own[:20]) or 'no function'}"
