"""Calls of the functions of the language: their arguments checked, and typed."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from sqlglot import exp

from eventflux.base.types import DataType
from eventflux.functions.declaration import (
    CONSTANTS,
    KINDS,
    NOT_CONSTANT,
    Function,
    Overload,
    Parameter,
)
from eventflux.planner import expressions as ex
from eventflux.planner.binding.casts import cast_may_fail, cast_text, casts
from eventflux.planner.binding.operands import object_as, texts_as_moments
from eventflux.planner.conversion import coerce, is_unknown, is_untyped, unify
from eventflux.planner.expressions import Expression

if TYPE_CHECKING:
    from eventflux.planner.binding.binder import Binder

_SHARED = ("same", "ordered")
_TEXTS = frozenset({*CONSTANTS, "pattern"} - {"group"})
_CAST_TO: dict[str, DataType] = {
    **{data_type: data_type for data_type in DataType},
    **dict.fromkeys(_TEXTS, DataType.STRING),
    "number": DataType.DOUBLE,
    "moment": DataType.TIMESTAMP,
    "ordered": DataType.STRING,
}
"""What an argument is cast to, so that a parameter takes it."""
_MOMENTS = (DataType.TIMESTAMP, DataType.LONG)
_ORDERED = frozenset(DataType) - {DataType.OBJECT, DataType.BOOL}
_COUNTS = ("no arguments", "one argument", "two arguments", "three arguments", "four arguments")


def bind_function(binder: Binder, node: exp.Expr, name: str, function: Function) -> Expression:
    """A call of ``function`` under one of its names."""
    if function.needs is not None and find_spec(function.needs[0]) is None:
        module, extra = function.needs
        message = f"{name} needs the package {module}"
        raise binder.problem(node, message, f"pip install 'eventflux-core[{extra}]'")
    nodes = node.expressions
    check_count(binder, node, name, function, len(nodes))
    _refuse_columns(binder, nodes, name, function)
    bound = binder.bind_all(nodes)
    overload, arguments = _chosen(binder, node, name, function, bound)
    _check_constants(binder, nodes, name, overload, arguments)
    gives = _result(overload, arguments)
    if any(map(is_unknown, bound)):
        return ex.Literal(None, gives)
    if function.nulls == "strict" and any(map(is_untyped, bound)):
        return ex.Literal(None, gives)
    some_null = any(argument.nullable for argument in arguments)
    nullable = function.may_be_null or some_null
    if function.nulls == "given" and not function.may_be_null:
        nullable = bool(arguments) and all(argument.nullable for argument in arguments)
    elif function.nulls == "never":
        nullable = False
    chosen = function.overloads.index(overload)
    return ex.Call(function.name, tuple(arguments), gives, nullable, chosen)


def _refuse_columns(
    binder: Binder, nodes: Sequence[exp.Expr], name: str, function: Function
) -> None:
    """
    Raises:
        Problem: a column, or a word without quotes, stands where a constant has to.
    """
    for node, parameter in zip(nodes, _spread(function.overloads[0], len(nodes)), strict=True):
        if parameter.takes in CONSTANTS and isinstance(node, exp.Column):
            raise _no_constant(binder, node, name, parameter)


def check_count(binder: Binder, node: exp.Expr, name: str, function: Function, count: int) -> None:
    """
    Raises:
        Problem: no way to call it has so many arguments.
    """
    bounds = [overload.counts for overload in function.overloads]
    if any(least <= count and (most is None or count <= most) for least, most in bounds):
        return
    least = min(least for least, _ in bounds)
    mosts = [most for _, most in bounds]
    most = None if None in mosts else max(m for m in mosts if m is not None)
    wanted = _COUNTS[least]
    if most is None:
        wanted = f"at least {wanted}"
    elif most > least:
        few = _COUNTS[least].split()[0]
        wanted = f"{few} {'or' if most == least + 1 else 'to'} {_COUNTS[most]}"
    raise binder.problem(
        node, f"{name} takes {wanted}, not {count}", f"it is {signatures(name, function)}"
    )


def signatures(name: str, function: Function) -> str:
    """The ways to call a function, each once: ``log(x DOUBLE) or log(base DOUBLE, x DOUBLE)``."""
    shown = dict.fromkeys(f"{name}({overload.shown})" for overload in function.overloads)
    return " or ".join(shown)


def _chosen(
    binder: Binder, node: exp.Expr, name: str, function: Function, bound: Sequence[Expression]
) -> tuple[Overload, list[Expression]]:
    """The first overload that takes the arguments, and these as it takes them."""
    refused: list[tuple[int, Parameter]] = []
    for overload in function.overloads:
        least, most = overload.counts
        if len(bound) < least or (most is not None and len(bound) > most):
            continue
        parameters = _spread(overload, len(bound))
        found = _taken(binder, node, name, parameters, bound)
        if isinstance(found, list):
            return overload, found
        refused.append((found, parameters[found]))
    assert refused, "the count of the arguments has been checked"
    place = max(place for place, _ in refused)
    takers = [parameter for at, parameter in refused if at == place]
    raise _unfit(binder, node, name, function, place, takers, bound[place])


def _spread(overload: Overload, count: int) -> list[Parameter]:
    """A parameter for each of so many arguments."""
    parameters = list(overload.parameters[:count])
    return parameters + [parameters[-1]] * (count - len(parameters)) if parameters else []


def _taken(
    binder: Binder,
    node: exp.Expr,
    name: str,
    parameters: Sequence[Parameter],
    bound: Sequence[Expression],
) -> list[Expression] | int:
    """The arguments as the parameters take them, or the place of the first that one does not."""
    shared = [i for i, parameter in enumerate(parameters) if parameter.takes in _SHARED]
    taken = list(bound)
    if shared:
        nodes = [node.expressions[i] for i in shared]
        parts = texts_as_moments(binder, nodes, [bound[i] for i in shared])
        common, converted = one_type(binder, node, name, parts)
        for i, operand in zip(shared, converted, strict=True):
            if parameters[i].takes == "ordered" and common not in _ORDERED:
                return i
            taken[i] = operand
    for i, parameter in enumerate(parameters):
        if i in shared:
            continue
        argument = _as_parameter(binder, node.expressions[i], parameter, bound[i])
        if argument is None:
            return i
        taken[i] = argument
    return taken


def one_type(
    binder: Binder, node: exp.Expr, name: str, bound: Sequence[Expression]
) -> tuple[DataType, tuple[Expression, ...]]:
    """The type that these arguments of a call share, and each as it.

    Raises:
        Problem: there is none.
    """
    unified = unify(bound)
    if unified is None:
        kinds = dict.fromkeys(str(operand.type) for operand in bound if not is_untyped(operand))
        message = f"the arguments of {name} mix {' and '.join(kinds)}"
        raise binder.problem(node, message, "CAST them")
    return unified


def _as_parameter(
    binder: Binder, node: exp.Expr, parameter: Parameter, bound: Expression
) -> Expression | None:
    """The argument as the parameter takes it, if it does."""
    match parameter.takes:
        case DataType() as target:
            return coerce(object_as(bound, target), target)
        case "any":
            return bound
        case "text":
            return as_text(bound)
        case "number":
            number = object_as(bound, DataType.DOUBLE)
            return _typed(number, number.type.is_numeric, DataType.LONG)
        case "integer":
            return _typed(bound, bound.type.is_integer, DataType.LONG)
        case "object":
            return _typed(bound, bound.type is DataType.OBJECT, DataType.OBJECT)
        case "decimal":
            return bound if bound.type is DataType.DECIMAL else None
        case "moment":
            if isinstance(bound, ex.Literal) and isinstance(bound.value, str):
                sample = ex.Literal(None, DataType.TIMESTAMP)
                cast = ex.Cast(sample, DataType.TIMESTAMP, True)
                return texts_as_moments(binder, [node, node], [bound, cast])[0]
            moment = object_as(bound, DataType.TIMESTAMP)
            if moment.type is DataType.INT:
                return coerce(moment, DataType.LONG)
            return _typed(moment, moment.type in _MOMENTS, DataType.TIMESTAMP)
        case "group":
            return coerce(bound, DataType.LONG)
        case kind:
            assert kind in _TEXTS, kind
            return coerce(bound, DataType.STRING)


def _typed(bound: Expression, fits: bool, otherwise: DataType) -> Expression | None:
    """``bound`` where its type fits; NULL gets a type."""
    if is_untyped(bound):
        return coerce(bound, otherwise)
    return bound if fits else None


def as_text(bound: Expression) -> Expression:
    """Whatever it is as a STRING."""
    if bound.type is DataType.STRING or is_untyped(bound):
        return coerce(bound, DataType.STRING) or bound
    return ex.Cast(bound, DataType.STRING, cast_may_fail(bound, DataType.STRING))


def _check_constants(
    binder: Binder,
    nodes: Sequence[exp.Expr],
    name: str,
    overload: Overload,
    arguments: Sequence[Expression],
) -> None:
    """
    Raises:
        Problem: an argument has to be a constant and is none, or means nothing.
    """
    parameters = _spread(overload, len(arguments))
    for node, parameter, argument in zip(nodes, parameters, arguments, strict=True):
        constant = isinstance(argument, ex.Literal) and argument.value is not None
        if parameter.takes in CONSTANTS and not constant:
            if is_unknown(argument):
                return
            raise _no_constant(binder, node, name, parameter)
    if overload.specialise is None:
        return
    try:
        overload.specialise(*map(constant_of, arguments))
    except ValueError as error:
        place = next(
            (n for n, p in zip(nodes, parameters, strict=True) if p.takes in KINDS and p.takes
             in (*CONSTANTS, "pattern")), nodes[0],
        )  # fmt: skip
        message, *hint = map(str, error.args)
        raise binder.problem(place, message, hint[0] if hint else None) from None


def _no_constant(binder: Binder, node: exp.Expr, name: str, parameter: Parameter) -> Exception:
    _, _, what = KINDS[str(parameter.takes)].partition(": ")
    message = f"the {parameter.name} of {name} is a constant, the same for all rows"
    if isinstance(node, exp.Column) and parameter.takes in _TEXTS and "'" not in what:
        what += " in quotes"
    return binder.problem(node, message, f"write {what}")


def constant_of(argument: Expression) -> object:
    """The value of an argument, :data:`NOT_CONSTANT` where rows decide it."""
    if isinstance(argument, ex.Literal) and argument.value is not None:
        return argument.value
    return NOT_CONSTANT


def _result(overload: Overload, arguments: Sequence[Expression]) -> DataType:
    match overload.gives:
        case "argument":
            return arguments[0].type
        case "same" | "moment" as gives:
            kinds = _SHARED if gives == "same" else ("moment",)
            pairs = zip(_spread(overload, len(arguments)), arguments, strict=True)
            return next(argument.type for p, argument in pairs if p.takes in kinds)
        case gives:
            return gives


def own_argument(
    binder: Binder, node: exp.Expr, name: str, position: int, bound: Expression, target: DataType
) -> Expression:
    """An argument of a function or aggregate of a program's own, as the type that it declares.

    Raises:
        Problem: it is of another.
    """
    argument = coerce(bound, target)
    if argument is None:
        text = binder.text(bound)
        message = f"argument {position} of {name} is {target}, but {text} is {bound.type}"
        raise binder.problem(node, message, f"write {cast_text(text, bound.type, target)}")
    return argument


def _unfit(
    binder: Binder,
    node: exp.Expr,
    name: str,
    function: Function,
    place: int,
    takers: Sequence[Parameter],
    bound: Expression,
) -> Exception:
    """That no parameter at a place takes an argument: told of the last, or of one to which a
    single CAST leads."""
    source, text = bound.type, binder.text(bound)
    by_cast = (
        p for p in reversed(takers) if p.takes in _CAST_TO and casts(source, _CAST_TO[p.takes])
    )
    takes = next(by_cast, takers[-1]).takes
    wanted = "STRING" if takes in _TEXTS else KINDS.get(takes, takes)
    message = f"argument {place + 1} of {name} is {wanted}, but {text} is {source}"
    hint = f"it is {signatures(name, function)}"
    if takes in _CAST_TO:
        hint = f"write {cast_text(text, source, _CAST_TO[takes])}"
    if takes == "object" and source is DataType.STRING:
        hint = f"write parse_json({text})"
    if source is DataType.BOOL and takes in ("number", DataType.DOUBLE):
        hint = f"write if({text}, 1, 0)"
    return binder.problem(node.expressions[place], message, hint)
