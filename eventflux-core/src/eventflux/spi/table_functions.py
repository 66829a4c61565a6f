"""Functions that make several rows of one: generators, and what is annotated to give such."""

from __future__ import annotations

import functools
import inspect
import types
import typing
from collections import abc
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import datetime
from typing import Any

from eventflux.base.errors import PluginError
from eventflux.base.timestamps import timestamp_of
from eventflux.spi.functions import MAX_ROWS, ScalarFunction, TableFunction

_SEVERAL = (abc.Iterator, abc.Iterable, abc.Generator)


def value_hint(hint: Any) -> Any | None:
    """What the values are of ``Iterator[…]`` and its kind, with or without ``| None``; ``None`` for
    any other annotation."""
    parts = typing.get_args(hint)
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        inner = [part for part in parts if part is not type(None)]
        return value_hint(inner[0]) if len(inner) == 1 else None
    return parts[0] if parts and typing.get_origin(hint) in _SEVERAL else None


def gives_several(name: str, call: Callable[..., Any], hint: Any) -> bool:
    """Whether each call gives several rows, by what it is, or as ``hint`` says of its result.

    Raises:
        PluginError: rows would have to wait for one another.
    """
    target = call if inspect.isroutine(call) else type(call).__call__
    if inspect.isasyncgenfunction(target):
        raise PluginError(
            f"function {name!r} is an asynchronous generator, and rows don't wait one by one",
            "return them in a list (Any, an OBJECT); UNNEST it in a query that reads this one's",
        )
    several = inspect.isgeneratorfunction(target) or value_hint(hint) is not None
    if several and inspect.iscoroutinefunction(target):
        raise PluginError(
            f"function {name!r} is async, and gives several rows",
            "annotate its result as Any, an OBJECT; UNNEST it in a query that reads this one's",
        )
    return several


def table_function(function: ScalarFunction, max_rows: int | None = None) -> TableFunction:
    """``function``, whose result is that of each row, as one that gives several.

    Raises:
        PluginError: ``max_rows`` can't be so.
    """
    max_rows = MAX_ROWS if max_rows is None else max_rows
    if isinstance(max_rows, bool) or not isinstance(max_rows, int) or max_rows < 1:
        raise PluginError(
            f"function {function.name!r}: max_rows is a whole number from 1 on, not {max_rows!r}"
        )
    described: dict[str, Any] = {p.name: getattr(function, p.name) for p in fields(function)}
    return TableFunction(**described, max_rows=max_rows)


def giving_moments(call: Callable[..., Any]) -> Callable[..., Any]:
    """``call`` that gives milliseconds for each ``datetime``."""

    @functools.wraps(call)
    def in_milliseconds(*values: Any) -> Iterator[Any]:
        for value in call(*values):
            yield timestamp_of(value) if isinstance(value, datetime) else value

    return in_milliseconds
