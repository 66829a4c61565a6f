"""Sums, of values and of their squares: the parts of sum, avg, deviations and variances."""

from __future__ import annotations

import msgspec

from eventflux.base.types import DataType
from eventflux.compiler.aggregates.parts import At, Fields
from eventflux.compiler.source import Source
from eventflux.operators.accumulators import Field


class Total(msgspec.Struct, frozen=True):
    """``total``: the sum; of integers and DECIMALs exact."""

    type: DataType

    def fields(self) -> Fields:
        return ((Field("total"), "0.0" if self.type.is_floating else "0"),)

    def add(self, source: Source, at: At, value: str, order: str) -> None:
        _change(source, self.type, at("total"), "+", value)

    def remove(self, source: Source, at: At, value: str, order: str) -> None:
        _change(source, self.type, at("total"), "-", value)

    def merge(self, source: Source, at: At, other: At) -> None:
        _change(source, self.type, at("total"), "+", other("total"))


class Squares(msgspec.Struct, frozen=True):
    """``squares``: the sum of the squares of integers or DECIMALs, exact."""

    type: DataType

    def fields(self) -> Fields:
        return ((Field("squares"), "0"),)

    def add(self, source: Source, at: At, value: str, order: str) -> None:
        _change(source, self.type, at("squares"), "+", self._square(value))

    def remove(self, source: Source, at: At, value: str, order: str) -> None:
        _change(source, self.type, at("squares"), "-", self._square(value))

    def merge(self, source: Source, at: At, other: At) -> None:
        _change(source, self.type, at("squares"), "+", other("squares"))

    def _square(self, value: str) -> str:
        if self.type is DataType.DECIMAL:
            return f"MULTIPLY({value}, {value})"
        return f"{value} * {value}"


def _change(source: Source, kind: DataType, field: str, sign: str, value: str) -> None:
    if kind is DataType.DECIMAL:
        exact = "ADD" if sign == "+" else "SUBTRACT"
        source.line(f"{field} = {exact}({field}, {value})")
    else:
        source.line(f"{field} {sign}= {value}")


class ExactTotal(msgspec.Struct, frozen=True):
    """``units``, ``odd`` and perhaps ``squares``: exact sums of floats."""

    squares: bool

    def fields(self) -> Fields:
        squares = ((Field("squares"), "0"),) if self.squares else ()
        odd = Field("odd", load=lambda values: None if values is None else tuple(values))
        return ((Field("units"), "0"), *squares, (odd, "None"))

    def add(self, source: Source, at: At, value: str, order: str) -> None:
        self._change(source, at, value, "+=", "ODD_WITH")

    def remove(self, source: Source, at: At, value: str, order: str) -> None:
        self._change(source, at, value, "-=", "ODD_WITHOUT")

    def _change(self, source: Source, at: At, value: str, operator: str, odd: str) -> None:
        usual = f"SMALL <= {value} < LARGE or -LARGE < {value} <= -SMALL or {value} == 0"
        with source.block(f"if {usual}:"):
            if self.squares:
                units = source.fresh("units")
                source.line(f"{units} = int({value} * UNITS)")
                source.line(f"{at('units')} {operator} {units}")
                source.line(f"{at('squares')} {operator} {units} * {units}")
            else:
                source.line(f"{at('units')} {operator} int({value} * UNITS)")
        with source.block("else:"):
            source.line(f"{at('odd')} = {odd}({at('odd')}, {value})")

    def merge(self, source: Source, at: At, other: At) -> None:
        source.line(f"{at('units')} += {other('units')}")
        if self.squares:
            source.line(f"{at('squares')} += {other('squares')}")
        source.line(f"{at('odd')} = ODD_MERGED({at('odd')}, {other('odd')})")
