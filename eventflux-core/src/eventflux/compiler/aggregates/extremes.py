"""The least and the greatest value, and values in order: min, max, medians and percentiles."""

from __future__ import annotations

from collections import deque
from typing import Literal

import msgspec

from eventflux.base.types import DataType
from eventflux.compiler.aggregates.parts import At, Fields, unless_nan
from eventflux.compiler.source import Source
from eventflux.operators.accumulators import Field
from eventflux.operators.aggregates.sorted_values import SortedValues


class Extreme(msgspec.Struct, frozen=True):
    """``low`` or ``high``: the least or greatest value ever, NaN skipped; none is taken back."""

    which: Literal["low", "high"]
    type: DataType

    def fields(self) -> Fields:
        initial = "INFINITY" if self.which == "low" else "-INFINITY"
        return ((Field(self.which), initial if self.type.is_numeric else "None"),)

    def add(self, source: Source, at: At, value: str, order: str) -> None:
        field = at(self.which)
        first = "" if self.type.is_numeric else f"{field} is None or "
        with source.block(f"if {first}{value} {'<' if self.which == 'low' else '>'} {field}:"):
            source.line(f"{field} = {value}")

    def remove(self, source: Source, at: At, value: str, order: str) -> None:
        """Nothing: what was seen stays seen."""

    def merge(self, source: Source, at: At, other: At) -> None:
        value = other(self.which)
        if self.type.is_numeric:
            self.add(source, at, value, "")
            return
        with source.block(f"if {value} is not None:"):
            self.add(source, at, value, "")


def write_enqueue(source: Source, which: Literal["lows", "highs"], queue: str, value: str) -> None:
    """Add a value to a ``queue`` of coming extremes, from which those go that it surpasses."""
    surpassed = ">" if which == "lows" else "<"
    with source.block(f"while {queue} and {queue}[-1] {surpassed} {value}:"):
        source.line(f"{queue}.pop()")
    source.line(f"{queue}.append({value})")


class SlidingExtreme(msgspec.Struct, frozen=True):
    """``lows`` or ``highs``: the values that are the extreme, or will be when older ones left.

    A value goes as soon as a later one is more extreme, so the queue is in order, its first
    is the extreme, and each value enters and leaves it once.
    """

    which: Literal["lows", "highs"]
    type: DataType

    def fields(self) -> Fields:
        return ((Field(self.which, list, deque), "Deque()"),)

    def add(self, source: Source, at: At, value: str, order: str) -> None:
        queue = source.fresh(self.which)
        with unless_nan(source, self.type, value):
            source.line(f"{queue} = {at(self.which)}")
            write_enqueue(source, self.which, queue, value)

    def remove(self, source: Source, at: At, value: str, order: str) -> None:
        has_order = f"{value} == {value} and " if self.type.is_floating else ""
        with source.block(f"if {has_order}{at(self.which)}[0] == {value}:"):
            source.line(f"{at(self.which)}.popleft()")

    def merge(self, source: Source, at: At, other: At) -> None:
        value = source.fresh("value")
        with source.block(f"for {value} in {other(self.which)}:"):
            self.add(source, at, value, "")


class Sorted(msgspec.Struct, frozen=True):
    """``sorted``: all values in order, NaN left out."""

    type: DataType

    def fields(self) -> Fields:
        return ((Field("sorted", list, SortedValues), "SortedValues()"),)

    def add(self, source: Source, at: At, value: str, order: str) -> None:
        with unless_nan(source, self.type, value):
            source.line(f"{at('sorted')}.add({value})")

    def remove(self, source: Source, at: At, value: str, order: str) -> None:
        with unless_nan(source, self.type, value):
            source.line(f"{at('sorted')}.remove({value})")

    def merge(self, source: Source, at: At, other: At) -> None:
        source.line(f"{at('sorted')}.merge({other('sorted')})")
