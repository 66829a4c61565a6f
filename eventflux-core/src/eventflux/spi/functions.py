"""Scalar functions that SQL can call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from eventflux.base.types import DataType


@dataclass(frozen=True, slots=True)
class ScalarFunction:
    """A function of one row: ``name(arguments) -> returns``.

    ``call`` gets the arguments by position as Python values and returns one, or ``None``
    for NULL. With ``null_on_null`` (the usual rule) it is not called when any argument is
    NULL, but for those at the positions ``takes_null``, and the result is NULL. What it raises
    fails that row alone.
    """

    name: str
    call: Callable[..., Any]
    arguments: Sequence[DataType]
    returns: DataType
    null_on_null: bool = True
    deterministic: bool = True
    aliases: Sequence[str] = ()
    doc: str = ""
    takes_null: frozenset[int] = frozenset()

    def is_strict(self, position: int) -> bool:
        """Whether a NULL for the argument at ``position`` makes the result NULL without a call."""
        return self.null_on_null and position not in self.takes_null


MAX_ROWS = 10_000
"""How many rows a table function may make of one, if it says nothing else."""


@dataclass(frozen=True, slots=True)
class TableFunction(ScalarFunction):
    """A function that makes several rows of one: ``call`` gives something to loop over, each of
    its values is one of ``returns``, or ``None`` for NULL.

    ``None`` in place of it is no row, and so is a NULL for an argument that is not taken. What it
    raises, and a row more than ``max_rows``, fails the row that they would be made of.
    """

    max_rows: int = MAX_ROWS


@dataclass(frozen=True, slots=True)
class AsyncFunction(ScalarFunction):
    """A coroutine function: it may wait, for a model or an HTTP service, while other rows go on.

    What it raises is tried again ``retry`` times, then it fails its row.
    """

    concurrency: int = 16
    """How many calls are under way at most, in each query."""
    timeout_ms: int | None = 30_000
    """How long a call may take; ``None`` is without end."""
    retry: int = 0
    cache: int = 0
    """How many results are kept, those that were used last, for calls with the same arguments."""
    ordered: bool = True
    """Whether rows go on in the order in which they came."""
