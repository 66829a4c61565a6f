"""Approximate aggregates: sketches, which no value leaves."""

from __future__ import annotations

from typing import Literal

import msgspec

from eventflux.compiler.aggregates.parts import At, Fields
from eventflux.compiler.source import Source
from eventflux.operators.accumulators import Field
from eventflux.operators.aggregates.sketches import DistinctSketch, PercentileSketch


class Sketched(msgspec.Struct, frozen=True):
    """``distinct_sketch`` or ``digest``: a sketch of all values."""

    which: Literal["distinct_sketch", "digest"]

    def fields(self) -> Fields:
        if self.which == "distinct_sketch":
            field = Field(self.which, DistinctSketch.dump, DistinctSketch.load)
            return ((field, "DistinctSketch()"),)
        return ((Field(self.which, PercentileSketch.dump, PercentileSketch.load), "Digest()"),)

    def add(self, source: Source, at: At, value: str, order: str) -> None:
        source.line(f"{at(self.which)}.add({value})")

    def remove(self, source: Source, at: At, value: str, order: str) -> None:
        raise AssertionError("a sketch is refused where rows leave")

    def merge(self, source: Source, at: At, other: At) -> None:
        source.line(f"{at(self.which)}.merge({other(self.which)})")
