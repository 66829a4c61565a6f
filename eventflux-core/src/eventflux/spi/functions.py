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
    NULL and the result is NULL. What it raises fails that row alone.
    """

    name: str
    call: Callable[..., Any]
    arguments: Sequence[DataType]
    returns: DataType
    null_on_null: bool = True
    deterministic: bool = True
    aliases: Sequence[str] = ()
    doc: str = ""
