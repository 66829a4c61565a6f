"""Values counted: TRUEs, each distinct value, the most frequent one."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from eventflux.base.types import DataType
from eventflux.compiler.aggregates.parts import At, Fields, Leaving, Part
from eventflux.compiler.source import Source
from eventflux.operators.accumulators import Field
from eventflux.operators.aggregates.ranking import Ranking
from eventflux.operators.keyed import one_nan


class Trues(msgspec.Struct, frozen=True):
    """``trues``: how many values are TRUE."""

    def fields(self) -> Fields:
        return ((Field("trues"), "0"),)

    def add(self, source: Source, at: At, value: str, order: str) -> None:
        source.line(f"{at('trues')} += {value}")

    def remove(self, source: Source, at: At, value: str, order: str) -> None:
        source.line(f"{at('trues')} -= {value}")

    def merge(self, source: Source, at: At, other: At) -> None:
        source.line(f"{at('trues')} += {other('trues')}")


class Distinct(msgspec.Struct, frozen=True):
    """``seen``: how often each value is there, and ``parts`` that know each value once.

    NaN is one value, and so are 0.0 and -0.0.
    """

    type: DataType
    leaving: Leaving
    parts: tuple[Part, ...]

    def fields(self) -> Fields:
        inner = ((f, text) for part in self.parts for f, text in part.fields())
        return (
            (Field("seen", _dump_counts, _load_counts), "{}"),
            *((replace(f, name=f"distinct_{f.name}"), text) for f, text in inner),
        )

    def add(self, source: Source, at: At, value: str, order: str) -> None:
        value = self._one_of_equals(source, value)
        seen = at("seen")
        if self.leaving == "never":
            with source.block(f"if {value} not in {seen}:"):
                source.line(f"{seen}[{value}] = 1")
                self._add_new(source, at, value)
            return
        with source.block(f"if {value} in {seen}:"):
            source.line(f"{seen}[{value}] += 1")
        with source.block("else:"):
            source.line(f"{seen}[{value}] = 1")
            self._add_new(source, at, value)

    def remove(self, source: Source, at: At, value: str, order: str) -> None:
        value = self._one_of_equals(source, value)
        seen, left = at("seen"), source.fresh("left")
        source.line(f"{left} = {seen}[{value}] - 1")
        with source.block(f"if {left}:"):
            source.line(f"{seen}[{value}] = {left}")
        with source.block("else:"):
            source.line(f"del {seen}[{value}]")
            for part in self.parts:
                part.remove(source, within(at), value, "")

    def merge(self, source: Source, at: At, other: At) -> None:
        value, count, seen = source.fresh("value"), source.fresh("count"), at("seen")
        with source.block(f"for {value}, {count} in {other('seen')}.items():"):
            with source.block(f"if {value} in {seen}:"):
                source.line(f"{seen}[{value}] += {count}")
            with source.block("else:"):
                source.line(f"{seen}[{value}] = {count}")
                self._add_new(source, at, value)

    def _add_new(self, source: Source, at: At, value: str) -> None:
        for part in self.parts:
            part.add(source, within(at), value, "")

    def _one_of_equals(self, source: Source, value: str) -> str:
        if not self.type.is_floating:
            return value
        name = source.fresh("value")
        source.line(f"{name} = {value} + 0.0 if {value} == {value} else NAN")
        return name


def within(at: At) -> At:
    """The fields of the parts inside :class:`Distinct`."""
    return lambda stem: at(f"distinct_{stem}")


def _dump_counts(counts: dict[Any, int]) -> list[list[Any]]:
    return [list(counts), list(counts.values())]


def _load_counts(pairs: list[list[Any]]) -> dict[Any, int]:
    values, counts = pairs
    return dict(zip(map(one_nan, values), counts, strict=True))


class Ranked(msgspec.Struct, frozen=True):
    """``ranking``: the values by how often each is there."""

    type: DataType

    def fields(self) -> Fields:
        return ((Field("ranking", Ranking.dump, Ranking.load), "Ranking()"),)

    def add(self, source: Source, at: At, value: str, order: str) -> None:
        source.line(f"{at('ranking')}.add({self._one_zero(value)})")

    def remove(self, source: Source, at: At, value: str, order: str) -> None:
        source.line(f"{at('ranking')}.remove({self._one_zero(value)})")

    def merge(self, source: Source, at: At, other: At) -> None:
        source.line(f"{at('ranking')}.merge({other('ranking')})")

    def _one_zero(self, value: str) -> str:
        return f"{value} + 0.0" if self.type.is_floating else value
