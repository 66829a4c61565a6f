"""Values in an order of their own: ``array_agg(x ORDER BY y)``, ``first(x ORDER BY y)``.

A value that comes here is a list, ``[x, y, …]``: the value itself and the keys that order it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from eventflux.compiler.aggregates.parts import At, Fields, Leaving
from eventflux.compiler.source import Source
from eventflux.operators import ranks
from eventflux.operators.accumulators import Field
from eventflux.operators.aggregates.sorted_values import SortedValues
from eventflux.planner.calls import OrderKey

Order = tuple[OrderKey, ...]

RANKS: dict[str, Callable[[Any], Any]] = {
    "RISING": ranks.rising,
    "FALLING": ranks.falling,
    "RISING_NULLS_FIRST": ranks.rising_nulls_first,
    "FALLING_NULLS_FIRST": ranks.falling_nulls_first,
}
"""The names that generated code has for what keys compare by."""


def _rank_name(key: OrderKey) -> str:
    """What a key compares by, nothing for one that does so as it is."""
    kind = key.expression.type
    if not (key.descending or key.expression.nullable or kind.is_floating):
        return ""
    name = "FALLING" if key.descending else "RISING"
    return f"{name}_NULLS_FIRST" if key.nulls_first else name


def _rank_text(order: Order, value: str) -> str:
    """The text of what the value called ``value`` compares by."""
    parts = [f"{_rank_name(key)}({value}[{place}])" for place, key in enumerate(order, 1)]
    return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"


def _ranking(order: Order) -> Callable[[list[Any]], Any]:
    """The same of a value itself."""
    parts = [RANKS.get(_rank_name(key)) for key in order]

    def rank(value: list[Any]) -> Any:
        found = [
            key if part is None else part(key) for part, key in zip(parts, value[1:], strict=True)
        ]
        return found[0] if len(found) == 1 else tuple(found)

    return rank


class Arranged(msgspec.Struct, frozen=True):
    """``arranged``: all values in their order, of equal ones the earlier first.

    Each is ``(rank, number, value)``. The number is that of its row where any can leave; else
    ``entered`` counts them, and ``left`` those that are gone, the oldest first.
    """

    order: Order
    leaving: Leaving

    def fields(self) -> Fields:
        rank = _ranking(self.order)

        def load(stored: list[list[Any]]) -> SortedValues:
            return SortedValues((rank(value), number, value) for number, value in stored)

        arranged = (Field("arranged", _numbered, load), "SortedValues()")
        match self.leaving:
            case "any":
                return (arranged,)
            case "oldest":
                return (arranged, (Field("entered"), "0"), (Field("left"), "0"))
            case "never":
                return (arranged, (Field("entered"), "0"))

    def add(self, source: Source, at: At, value: str, order: str) -> None:
        number = order if self.leaving == "any" else at("entered")
        source.line(f"{at('arranged')}.add(({_rank_text(self.order, value)}, {number}, {value}))")
        if self.leaving != "any":
            source.line(f"{number} += 1")

    def remove(self, source: Source, at: At, value: str, order: str) -> None:
        number = order if self.leaving == "any" else at("left")
        source.line(f"{at('arranged')}.take(({_rank_text(self.order, value)}, {number}))")
        if self.leaving != "any":
            source.line(f"{number} += 1")

    def merge(self, source: Source, at: At, other: At) -> None:
        if self.leaving == "any":
            source.line(f"{at('arranged')}.merge({other('arranged')})")
            return
        gone = f" - {other('left')}" if self.leaving == "oldest" else ""
        number = f"n + {at('entered')}{gone}"
        later = f"[(r, {number}, v) for r, n, v in {other('arranged')}]"
        source.line(f"{at('arranged')}.merge({later})")
        source.line(f"{at('entered')} += {other('entered')}{gone}")


def _numbered(values: SortedValues) -> list[list[Any]]:
    return [[number, value] for _, number, value in values]


class Foremost(msgspec.Struct, frozen=True):
    """``foremost`` or ``hindmost``: the first or last value in the order, of equal ones the earlier
    or the later, with its rank; none is taken back."""

    which: Literal["foremost", "hindmost"]
    order: Order

    def fields(self) -> Fields:
        rank = _ranking(self.order)

        def load(value: list[Any] | None) -> tuple[Any, list[Any]] | None:
            return None if value is None else (rank(value), value)

        return ((Field(self.which, _unranked, load), "None"),)

    def add(self, source: Source, at: At, value: str, order: str) -> None:
        rank, field = source.fresh("rank"), at(self.which)
        source.line(f"{rank} = {_rank_text(self.order, value)}")
        with source.block(f"if {field} is None or {self._beyond(rank, f'{field}[0]')}:"):
            source.line(f"{field} = ({rank}, {value})")

    def remove(self, source: Source, at: At, value: str, order: str) -> None:
        raise AssertionError("the foremost value of all is kept for rows that never leave only")

    def merge(self, source: Source, at: At, other: At) -> None:
        field, later = at(self.which), other(self.which)
        beyond = f"{field} is None or {self._beyond(f'{later}[0]', f'{field}[0]')}"
        with source.block(f"if {later} is not None and ({beyond}):"):
            source.line(f"{field} = {later}")

    def _beyond(self, rank: str, found: str) -> str:
        """Ranks know ``<`` alone."""
        return f"{rank} < {found}" if self.which == "foremost" else f"not {rank} < {found}"


def _unranked(ranked: tuple[Any, list[Any]] | None) -> list[Any] | None:
    return None if ranked is None else ranked[1]
