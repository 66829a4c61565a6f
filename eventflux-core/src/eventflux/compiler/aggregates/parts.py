"""What an accumulator can keep of the values of one argument: a part each.

A part has fields of the accumulator and writes the code that keeps them right. NULLs never
come to a part. ``at`` gives the text of a field by its stem: ``at("low")`` is ``group.low0``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, Protocol

from eventflux.base.types import DataType
from eventflux.compiler.source import Source
from eventflux.operators.accumulators import Field

At = Callable[[str], str]

Leaving = Literal["never", "oldest", "any"]
"""Which rows can be taken back: none, always the oldest of its accumulator, any of them."""

Fields = tuple[tuple[Field, str], ...]
"""Fields named by their stems, each with the text of its value before the first row."""


class Part(Protocol):
    """Some fields of an accumulator, all of one argument."""

    def fields(self) -> Fields: ...

    def add(self, source: Source, at: At, value: str, order: str) -> None:
        """Write how a value is added; ``order`` is the text of the row's number."""

    def remove(self, source: Source, at: At, value: str, order: str) -> None:
        """Write how a value is taken back, of a row that is in it."""

    def merge(self, source: Source, at: At, other: At) -> None:
        """Write how the values of ``other`` are added, all of them later ones."""


@contextmanager
def unless_nan(source: Source, kind: DataType, value: str) -> Iterator[None]:
    """The block that only values with an order reach."""
    if not kind.is_floating:
        yield
        return
    with source.block(f"if {value} == {value}:"):
        yield
