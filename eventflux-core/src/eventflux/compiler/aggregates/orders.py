"""Values in the order in which they came: first, last and lists."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Any

import msgspec

from eventflux.compiler.aggregates.parts import At, Fields, Leaving
from eventflux.compiler.source import Source
from eventflux.operators.accumulators import Field


class First(msgspec.Struct, frozen=True):
    """``first``: the first value ever; none is taken back."""

    def fields(self) -> Fields:
        return ((Field("first"), "None"),)

    def add(self, source: Source, at: At, value: str, order: str) -> None:
        with source.block(f"if {at('first')} is None:"):
            source.line(f"{at('first')} = {value}")

    def remove(self, source: Source, at: At, value: str, order: str) -> None:
        raise AssertionError("the first value of all is kept for rows that never leave only")

    def merge(self, source: Source, at: At, other: At) -> None:
        self.add(source, at, other("first"), "")


class Newest(msgspec.Struct, frozen=True):
    """``newest``: the last value, which is there as long as any is when the oldest leave first."""

    def fields(self) -> Fields:
        return ((Field("newest"), "None"),)

    def add(self, source: Source, at: At, value: str, order: str) -> None:
        source.line(f"{at('newest')} = {value}")

    def remove(self, source: Source, at: At, value: str, order: str) -> None:
        """Nothing: the newest leaves last, and then there is none."""

    def merge(self, source: Source, at: At, other: At) -> None:
        with source.block(f"if {other('newest')} is not None:"):
            source.line(f"{at('newest')} = {other('newest')}")


class Listed(msgspec.Struct, frozen=True):
    """``listed``: all values as they came, by the numbers of their rows where any can leave."""

    leaving: Leaving

    def fields(self) -> Fields:
        match self.leaving:
            case "never":
                return ((Field("listed", list, list), "[]"),)
            case "oldest":
                return ((Field("listed", list, deque), "Deque()"),)
            case "any":
                return ((Field("listed", _pairs, _ordered), "Ordered()"),)

    def add(self, source: Source, at: At, value: str, order: str) -> None:
        if self.leaving == "any":
            source.line(f"{at('listed')}[{order}] = {value}")
        else:
            source.line(f"{at('listed')}.append({value})")

    def remove(self, source: Source, at: At, value: str, order: str) -> None:
        if self.leaving == "any":
            source.line(f"del {at('listed')}[{order}]")
        else:
            source.line(f"{at('listed')}.popleft()")

    def merge(self, source: Source, at: At, other: At) -> None:
        method = "update" if self.leaving == "any" else "extend"
        source.line(f"{at('listed')}.{method}({other('listed')})")

    def values(self, at: At) -> str:
        """The text of all values, oldest first."""
        return f"{at('listed')}.values()" if self.leaving == "any" else at("listed")


def _pairs(by_number: OrderedDict[int, Any]) -> list[list[Any]]:
    return [list(by_number), list(by_number.values())]


def _ordered(pairs: list[list[Any]]) -> OrderedDict[int, Any]:
    numbers, values = pairs
    return OrderedDict(zip(numbers, values, strict=True))
