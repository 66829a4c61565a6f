"""The options of a connector that is a function: its parameters.

>>> async def ticks(count: int, speed: float = option(1, doc="ticks a second")): ...
>>> [(spec.name, spec.required) for spec in read_parameters("ticks", ticks).options.specs()]
[('ticks.count', True), ('ticks.speed', False)]
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from eventflux.base.errors import PluginError
from eventflux.spi.options import Options, option
from eventflux.spi.source import ConnectorContext


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a function takes beside the rows of a sink."""

    options: type[Options]
    attributes: Mapping[str, str]
    """The attribute of the options that holds each parameter."""
    context: str | None
    """The parameter that takes the :class:`ConnectorContext`, if there is one."""

    def arguments(self, options: Options, context: ConnectorContext) -> dict[str, Any]:
        """The arguments of a call, by parameter."""
        given = {name: getattr(options, held) for name, held in self.attributes.items()}
        if self.context is not None:
            given[self.context] = context
        return given


def read_parameters(name: str, function: Callable[..., Any], *, leave_out: int = 0) -> Parameters:
    """What the parameters of a function declare, but for the first ``leave_out``.

    One that is annotated with :class:`ConnectorContext` gets that; any other is the option
    ``name.parameter``, with dots for underscores. Its default is a value or what
    :func:`eventflux.spi.option` and :func:`eventflux.spi.family` give.

    Raises:
        PluginError: a parameter has no annotation, or one that no option can have.
    """
    declared: dict[str, Any] = {}
    hints: dict[str, Any] = {}
    attributes: dict[str, str] = {}
    context = None
    parameters = list(inspect.signature(function).parameters.values())
    for parameter in parameters[leave_out:]:
        hint = _hint(function, parameter)
        if hint is ConnectorContext:
            context = parameter.name
        else:
            taken = hasattr(Options, parameter.name)  # such as `prefix`
            attribute = attributes[parameter.name] = parameter.name + "_" * taken
            hints[attribute] = hint
            declared[attribute] = _declared(function, parameter)
    body = {"__annotations__": hints, "__module__": plain(function).__module__, **declared}
    try:
        options = types.new_class(
            f"{plain(function).__name__}_options",
            (Options,),
            {"prefix": name},
            lambda space: space.update(body),
        )
    except TypeError as error:
        raise PluginError(
            f"{where(function)}: {error}".replace("option '", "parameter '", 1)
        ) from error
    return Parameters(options, attributes, context)


def plain(function: Callable[..., Any]) -> Any:
    """The function itself, without what wraps it or fills in arguments."""
    while isinstance(function, functools.partial):
        function = function.func
    return inspect.unwrap(function)


def where(function: Callable[..., Any]) -> str:
    """The function and its place, for messages: ``function ticks (feed.py:7)``."""
    code = plain(function).__code__
    return f"function {plain(function).__name__} ({code.co_filename}:{code.co_firstlineno})"


def raised(function: Callable[..., Any], error: BaseException) -> str:
    """What a function raised, and the line of it that did: ``function f raised … (feed.py:9)``."""
    code = plain(function).__code__
    lines = [line for name, line in _lines(error.__traceback__) if name == code.co_filename]
    place = f"{code.co_filename}:{lines[-1] if lines else code.co_firstlineno}"
    return f"function {plain(function).__name__} raised {type(error).__name__}: {error} ({place})"


def _lines(trace: types.TracebackType | None) -> Iterator[tuple[str, int]]:
    while trace is not None:
        yield trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next


def _declared(function: Callable[..., Any], parameter: inspect.Parameter) -> Any:
    given = parameter.default
    doc = f"the parameter {parameter.name!r} of {plain(function).__name__}"
    if given is parameter.empty:
        given = option(doc=doc)
    elif not isinstance(given, dataclasses.Field):
        given = option(given, doc=doc)
    name = given.metadata["name"] or parameter.name.replace("_", ".")
    # A copy: declaring fills it in, and the function may be declared under another name, too.
    return dataclasses.field(
        default=given.default,
        default_factory=given.default_factory,
        hash=given.hash,
        metadata={**given.metadata, "name": name},
    )


def _hint(function: Callable[..., Any], parameter: inspect.Parameter) -> Any:
    """The annotation of one parameter; those of the others may name what only a type checker
    knows."""
    if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
        raise PluginError(
            f"{where(function)}: parameter '{parameter}' can't be an option",
            "options have names: give the function a parameter for each",
        )
    if parameter.annotation is parameter.empty:
        raise PluginError(
            f"{where(function)}: parameter {parameter.name!r} has no annotation",
            "an option has a type: str, int, float, bool, Duration, Bytes, Secret or a Literal, "
            "each with or without `| None`; what is annotated ConnectorContext gets that",
        )
    names = plain(function).__globals__
    only = types.SimpleNamespace(__annotations__={parameter.name: parameter.annotation})
    try:
        return typing.get_type_hints(only, names)[parameter.name]
    except (NameError, TypeError, AttributeError, SyntaxError) as error:
        raise PluginError(
            f"{where(function)}: the annotation of {parameter.name!r} can't be read: {error}",
            "what it names has to be imported in the module itself, not for type checkers alone",
        ) from error
