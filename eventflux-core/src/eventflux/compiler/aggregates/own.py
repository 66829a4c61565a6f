"""Aggregates of a program's own: an instance for each group, or the values where it can't do
without."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from eventflux.base.types import DataType
from eventflux.compiler.aggregates.functions import Function, Reading, listed_values
from eventflux.compiler.aggregates.orders import Listed
from eventflux.compiler.aggregates.parts import At, Fields, Leaving, Part
from eventflux.compiler.pieces import Variable
from eventflux.compiler.source import Source, identifier
from eventflux.operators.accumulators import Field
from eventflux.operators.aggregates.own_states import OwnState, state_of, trial
from eventflux.spi.functions import ScalarFunction
from eventflux.spi.own_aggregates import Aggregate


class Instance(msgspec.Struct, frozen=True):
    """``own``: an instance of the aggregate's class."""

    name: str
    """That of the class of states in generated code."""
    state: type[OwnState]

    def fields(self) -> Fields:
        field = Field("own", self.state.dump, self.state.load, form=self.state.form())
        return ((field, f"{self.name}()"),)

    def add(self, source: Source, at: At, value: str, order: str) -> None:
        source.line(f"{at('own')}.add({value})")

    def remove(self, source: Source, at: At, value: str, order: str) -> None:
        source.line(f"{at('own')}.remove({value})")

    def merge(self, source: Source, at: At, other: At) -> None:
        source.line(f"{at('own')}.merge({other('own')})")


class OwnAggregate(msgspec.Struct, frozen=True):
    """One aggregate of a program's own, as code knows it."""

    name: str
    state: type[OwnState]

    def function(self, leaving: Leaving, *, merged: bool) -> Function:
        """How it is computed where rows leave so, and accumulators are ``merged`` or not."""
        declared = self.state.aggregate
        taken_back = declared.removes or leaving == "never"
        if taken_back and (declared.merges or not merged):
            return Function(self._instance, self._read)
        return Function(_values, self._read_values, sees_all=True)

    def _instance(self, kind: DataType, leaving: Leaving) -> tuple[Part, ...]:
        return (Instance(self.name, self.state),)

    def _read(self, r: Reading) -> Variable:
        return Variable(r.of_some(f"{r.at('own')}.result()").text, True)

    def _read_values(self, r: Reading) -> Variable:
        return Variable(r.of_some(f"{self.name}.over({listed_values(r)})").text, True)


def _values(kind: DataType, leaving: Leaving) -> tuple[Part, ...]:
    return (Listed(leaving),)


NO_OWN: Mapping[str, OwnAggregate] = MappingProxyType({})
"""Of a program that has none."""


def own_aggregates(aggregates: Mapping[str, Aggregate]) -> dict[str, OwnAggregate]:
    """Those of a program by their lower-case names."""
    named = {declared.name.lower(): declared for declared in aggregates.values()}
    return {
        key: OwnAggregate(f"OWN_{number}_{identifier(declared.name)}", state_of(declared))
        for number, (key, declared) in enumerate(named.items(), 1)
    }


def taking(aggregate: Aggregate) -> ScalarFunction:
    """What makes, of the arguments of a row, the value that an aggregate takes."""
    call, given = trial(aggregate), aggregate.arguments
    nulls = aggregate.takes_null
    return ScalarFunction(aggregate.name, call, given, DataType.OBJECT, takes_null=nulls)
