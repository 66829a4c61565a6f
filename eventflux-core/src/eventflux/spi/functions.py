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
