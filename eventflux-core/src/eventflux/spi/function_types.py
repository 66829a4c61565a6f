"""Make a SQL function of a Python callable, its types read from the annotations."""

from __future__ import annotations

import functools
import inspect
import types
import typing
from collections.abc import Callable, Collection, Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from eventflux.base.durations import parse_duration
from eventflux.base.errors import PluginError
from eventflux.base.timestamps import datetime_of, timestamp_of
from eventflux.base.types import SQL_TYPE_NAMES, DataType
from eventflux.spi.functions import AsyncFunction, ScalarFunction
from eventflux.spi.table_functions import (
    gives_several,
    giving_moments,
    table_function,
    value_hint,
)

TypeLike = DataType | str | type
"""A SQL type: itself, a SQL name of it (``"DOUBLE"``), or a Python type."""

_OF_PYTHON: dict[Any, DataType] = {
    str: DataType.STRING,
    int: DataType.LONG,
    float: DataType.DOUBLE,
    bool: DataType.BOOL,
    Decimal: DataType.DECIMAL,
    bytes: DataType.BYTES,
    datetime: DataType.TIMESTAMP,
    Any: DataType.OBJECT,
}
_HINT = (
    "annotate it with str (STRING), int (LONG), float (DOUBLE), bool (BOOL), Decimal (DECIMAL), "
    "bytes (BYTES), datetime (TIMESTAMP) or Any (OBJECT), each with or without `| None`, or give "
    "arguments=[…] and returns=…"
)


class AsyncOptions(TypedDict, total=False):
    """Those of :class:`AsyncFunction`; ``timeout`` is a duration, ``"2s"``, or ``None``."""

    concurrency: int
    timeout: str | None
    retry: int
    cache: int
    ordered: bool


class AggregateDetails(TypedDict, total=False):
    """What can be said of an aggregate: see :func:`eventflux.aggregate`."""

    name: str | None
    arguments: Sequence[TypeLike] | None
    returns: TypeLike | None
    aliases: Sequence[str]
    doc: str


class FunctionDetails(AggregateDetails, AsyncOptions, total=False):
    """What can be said of a function: see :func:`eventflux.function`."""

    null_on_null: bool | None
    deterministic: bool
    max_rows: int | None


def scalar_function(
    name: str,
    call: Callable[..., Any],
    *,
    arguments: Sequence[TypeLike] | None = None,
    returns: TypeLike | None = None,
    null_on_null: bool | None = None,
    deterministic: bool = True,
    max_rows: int | None = None,
    aliases: Sequence[str] = (),
    doc: str = "",
    **asynchronous: Unpack[AsyncOptions],
) -> ScalarFunction:
    """Describe ``call`` as a SQL function; what is ``asynchronous`` is of coroutine functions,
    ``max_rows`` of those that give several rows: generators, and what gives an ``Iterator[…]``.

    Types that are not given come from the annotations. A parameter with a default is not
    an argument of the SQL function unless ``arguments`` counts it. When ``null_on_null``
    isn't given, a NULL is passed only to parameters annotated ``| None``; one for any
    other parameter makes the result NULL without a call.

    Raises:
        PluginError: a type is missing or unknown, or ``call`` can't take the arguments.
    """
    if not callable(call):
        raise PluginError(f"function {name!r}: {call!r} is not callable")
    waits = _waits(call)
    if asynchronous and not waits:
        given = ", ".join(sorted(asynchronous))
        raise PluginError(
            f"function {name!r} has {given}, and is not async", "write async def, or leave it out"
        )
    annotated = arguments is None or returns is None
    hints = _type_hints(name, call) if annotated else {}
    told = hints.get("return") if returns is None else returns
    several, row = gives_several(name, call, told), value_hint(told)
    if max_rows is not None and not several:
        raise PluginError(f"function {name!r} has max_rows, and gives one value", "leave it out")
    documented = call
    parameters: list[str] = []
    if arguments is None:
        parameters = _parameters(name, call)
        parsed = [_annotation(name, f"parameter {p!r}", hints, p) for p in parameters]
        data_types, optional = [t for t, _ in parsed], [o for _, o in parsed]
    else:
        data_types = [_data_type(name, f"argument {i}", t) for i, t in enumerate(arguments, 1)]
        optional = [False] * len(data_types)
        _check_arity(name, call, len(data_types))
    if several:
        result, gives_moment = _type_of_rows(name, returns if row is None else row), _is_moment(row)
    elif returns is None:
        result, _ = _annotation(name, "its result", hints, "return")
        gives_moment = _is_moment(hints.get("return"))
    else:
        result, gives_moment = _data_type(name, "its result", returns), False
    takes_null: frozenset[int] = frozenset()
    if null_on_null is None:
        null_on_null = True
        takes_null = frozenset(i for i, o in enumerate(optional) if o)
    moments = frozenset(i for i, key in enumerate(parameters) if _is_moment(hints.get(key)))
    if several and gives_moment:
        call, gives_moment = giving_moments(call), False
    if moments or gives_moment:
        call = (_awaiting_moments if waits else _with_moments)(call, moments)
    described = ScalarFunction(
        name,
        call,
        tuple(data_types),
        result,
        null_on_null=null_on_null,
        deterministic=deterministic,
        aliases=tuple(aliases),
        doc=doc or inspect.getdoc(documented) or "",
        takes_null=takes_null,
    )
    if several:
        return table_function(described, max_rows)
    return _asynchronous(described, asynchronous) if waits else described


def _type_of_rows(name: str, hint: Any) -> DataType:
    """The type of what a function that gives several rows has for each."""
    if hint is None:
        raise PluginError(
            f"function {name!r} gives several rows, and its result has another annotation, or none",
            "annotate it with Iterator[str], Iterator[int], …",
        )
    try:
        return _annotation(name, "each of its rows", {"": hint}, "")[0]
    except PluginError as error:
        raise PluginError(
            error.message,
            "several values of a row are one OBJECT: give dicts, annotated Iterator[Any], and read "
            "their fields: row -> 'name'",
        ) from None


def _waits(call: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(type(call).__call__)


def _asynchronous(function: ScalarFunction, given: AsyncOptions) -> AsyncFunction:
    """
    Raises:
        PluginError: an option can't be so.
    """
    least = {"concurrency": 1, "retry": 0, "cache": 0}
    for option, low in least.items():
        value = given.get(option, low)
        if isinstance(value, bool) or not isinstance(value, int) or value < low:
            raise PluginError(
                f"function {function.name!r}: {option} is a whole number from {low} on, "
                f"not {value!r}"
            )
    timeout = given.get("timeout", "30s")
    try:
        timeout_ms = None if timeout is None else parse_duration(str(timeout))
    except ValueError as error:
        raise PluginError(f"function {function.name!r}: timeout: {error}") from None
    if given.get("cache") and not function.deterministic:
        raise PluginError(
            f"function {function.name!r} has a cache, and is not deterministic",
            "leave one of the two out",
        )
    described: dict[str, Any] = {p.name: getattr(function, p.name) for p in fields(function)}
    return AsyncFunction(
        **described,
        concurrency=given.get("concurrency", 16),
        timeout_ms=timeout_ms,
        retry=given.get("retry", 0),
        cache=given.get("cache", 0),
        ordered=given.get("ordered", True),
    )


def is_annotated(call: Callable[..., Any]) -> bool:
    """Whether the annotations of ``call`` give its types."""
    target = call if inspect.isroutine(call) else type(call).__call__
    return bool(getattr(target, "__annotations__", None))


def _type_hints(name: str, call: Callable[..., Any]) -> dict[str, Any]:
    target = call if inspect.isroutine(call) else type(call).__call__
    try:
        return typing.get_type_hints(target)
    except (NameError, TypeError) as error:
        raise PluginError(
            f"function {name!r}: its annotations can't be read: {error}", _HINT
        ) from error


def _parameters(name: str, call: Callable[..., Any]) -> list[str]:
    names = []
    for parameter in _signature(name, call).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise PluginError(
                f"function {name!r}: *{parameter.name} has no fixed number of arguments",
                "give arguments=[…] and returns=…",
            )
        if parameter.default is parameter.empty:
            if parameter.kind is parameter.KEYWORD_ONLY:
                raise PluginError(
                    f"function {name!r}: parameter {parameter.name!r} is keyword-only, "
                    "and SQL passes arguments by position"
                )
            names.append(parameter.name)
    return names


def _signature(name: str, call: Callable[..., Any]) -> inspect.Signature:
    try:
        return inspect.signature(call)
    except (ValueError, TypeError) as error:
        raise PluginError(f"function {name!r} has no readable signature", _HINT) from error


def _check_arity(name: str, call: Callable[..., Any], count: int) -> None:
    try:
        signature = inspect.signature(call)
    except (ValueError, TypeError):
        return  # many C functions have none; a wrong count then fails each call
    try:
        signature.bind(*[None] * count)
    except TypeError as error:
        raise PluginError(
            f"function {name!r} is declared with {count} argument(s), but: {error}"
        ) from error


def _annotation(name: str, what: str, hints: dict[str, Any], key: str) -> tuple[DataType, bool]:
    if key not in hints:
        raise PluginError(f"function {name!r}: {what} has no annotation", _HINT)
    hint = hints[key]
    optional = False
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        members = [m for m in typing.get_args(hint) if m is not type(None)]
        optional = len(members) < len(typing.get_args(hint))
        hint = members[0] if len(members) == 1 else hint
    return _data_type(name, what, hint), optional


def _data_type(name: str, what: str, given: Any) -> DataType:
    found: DataType | None
    if isinstance(given, DataType):
        found = given
    elif isinstance(given, str):
        found = SQL_TYPE_NAMES.get(given.strip().upper())
    else:
        found = _OF_PYTHON.get(given)
    if found is None:
        shown = given.__name__ if isinstance(given, type) else repr(given)
        raise PluginError(f"function {name!r}: {what} has the type {shown}, no SQL type", _HINT)
    return found


def _is_moment(hint: Any) -> bool:
    return hint is datetime or datetime in typing.get_args(hint)


def _awaiting_moments(call: Callable[..., Any], positions: Collection[int]) -> Callable[..., Any]:
    """The same of a coroutine function."""
    begin = _with_moments(call, positions)

    @functools.wraps(call)
    async def with_moments(*values: Any) -> Any:
        result = await begin(*values)
        return timestamp_of(result) if isinstance(result, datetime) else result

    return with_moments


def _with_moments(call: Callable[..., Any], positions: Collection[int]) -> Callable[..., Any]:
    """``call`` over milliseconds where it takes and gives ``datetime``."""

    @functools.wraps(call)
    def with_moments(*values: Any) -> Any:
        given = [
            datetime_of(value) if at in positions and value is not None else value
            for at, value in enumerate(values)
        ]
        result = call(*given)
        return timestamp_of(result) if isinstance(result, datetime) else result

    return with_moments
