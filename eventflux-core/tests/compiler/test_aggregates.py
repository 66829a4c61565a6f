"""What every aggregate keeps of values: added and taken back is as never added, two merged are as
all at once, and stored and loaded it goes on as it was."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventflux.base.types import DataType
from eventflux.compiler.aggregates import (
    RUNTIME,
    Argument,
    Layout,
    class_source,
    results,
    write_merge,
    write_removal,
    write_update,
)
from eventflux.compiler.generated import Generated
from eventflux.compiler.graph import Graph
from eventflux.compiler.pieces import Variable
from eventflux.compiler.source import Names, Source
from eventflux.operators.accumulators import Codec
from eventflux.planner import plan_sql
from eventflux.planner.aggregates import AggregateFunction, declared_aggregates

Leaving = Literal["never", "oldest", "any"]

_WINDOWS: dict[Leaving, str] = {
    "never": "",
    "oldest": " WINDOW('length', 5)",
    "any": " WINDOW('unique', id)",
}
_TYPES = {"numbers": "INT", "doubles": "DOUBLE", "conditions": "BOOL", "texts": "STRING"}
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "INT": st.integers(-4, 9),
    "DOUBLE": st.integers(-8, 8).map(lambda n: n / 4) | st.just(float("nan")),
    "BOOL": st.booleans(),
    "STRING": st.sampled_from(["", "a", "b", "ab"]),
}
SPREADS = ("stddev_pop", "stddev_samp", "var_pop", "var_samp")


@dataclass(frozen=True)
class Made:
    """The generated code of one aggregate, called by hand."""

    new: type
    add: Callable[[Any, Any, int], None]
    remove: Callable[[Any, Any, int], None]
    merge: Callable[[Any, Any], None]
    read: Callable[[Any], Any]
    codec: Codec

    def of(self, values: Sequence[Any], first: int = 0) -> Any:
        """An accumulator of ``values``, whose rows are numbered from ``first`` on."""
        accumulator = self.new()
        for number, value in enumerate(values, first):
            self.add(accumulator, value, number)
        return accumulator


@cache
def made(call: str, kind: str, leaving: Leaving) -> Made:
    sql = f"CREATE STREAM S (id INT, x {kind}); INSERT INTO T SELECT {call} AS a FROM S"
    (pipeline,) = Graph(plan_sql(sql + _WINDOWS[leaving]).plan).pipelines
    layout = pipeline.layout
    assert layout is not None
    assert layout.leaving == leaving
    source = class_source(layout, "Group")
    names = Names()
    code = Source(names)
    with code.block("def add(group, x, order):"):
        write_update(code, layout, "group", _arguments(layout), [], "order")
    if leaving != "never":
        with code.block("def remove(group, x, order):"):
            write_removal(code, layout, "group", _arguments(layout), "order")
    with code.block("def merge(group, other):"):
        write_merge(code, layout, "group", "other")
    with code.block("def read(group):"):
        code.line(f"return {results(layout, 'group', names)[0].text}")
    source.include(code)
    given_names = ["Group", "add", "merge", "read", *(["remove"] if leaving != "never" else [])]
    found = Generated().run(source, dict(RUNTIME), given_names, "test")
    codec = Codec(found["Group"], layout.fields())
    return Made(
        found["Group"], found["add"], found.get("remove", _never), found["merge"], found["read"],
        codec,
    )  # fmt: skip


def _never(*_: Any) -> None:
    raise AssertionError("of these rows none leaves")


def _arguments(layout: Layout) -> list[Variable]:
    return [_argument(argument) for argument in layout.arguments]


def _argument(argument: Argument) -> Variable:
    """The value, with itself for the key of an order."""
    if argument.order:
        listed = "[x, x]"
        return Variable(
            listed if argument.boxed else f"({listed} if x is not None else None)", True
        )
    return Variable("[x]", False) if argument.boxed else Variable("x", True)


def calls(functions: Sequence[AggregateFunction]) -> Iterator[tuple[str, str]]:
    """Each aggregate over each kind of values, also over each value once, and the type."""
    for declared in functions:
        kinds = [_TYPES[declared.takes]] if declared.takes in _TYPES else ["INT", "DOUBLE"]
        if declared.takes == "numbers":
            kinds.append("DOUBLE")
        constant = {"fraction": ", 0.3", "separator": ", '-'", None: ""}[declared.constant]
        given_ = constant if declared.fixed is None else ""
        for kind in kinds:
            yield f"{declared.name}(x{given_})", kind
            if declared.order == "rows":
                yield f"{declared.name}(x{given_} ORDER BY x)", kind
                yield f"{declared.name}(x{given_} ORDER BY x DESC NULLS FIRST)", kind
            if declared.falls and declared.fixed is None:
                yield f"{declared.name}(0.3) WITHIN GROUP (ORDER BY x DESC)", kind
            if declared.distinct == "counts":
                yield f"{declared.name}(DISTINCT x{given_})", kind


EXACT = list(calls([a for a in declared_aggregates() if not a.sketch]))
ALL = EXACT + (
    list(calls([a for a in declared_aggregates() if a.sketch and find_spec("datasketches")]))
)


@cache
def rows(kind: str) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.none() | _VALUES[kind], max_size=12)


def same(one: Any, other: Any, call: str, kind: str, leaving: Leaving) -> bool:
    """Whether results are the same: to the bit, but for the spread of floats that slide, which is
    rounded as it came to be."""
    if leaving == "oldest" and kind == "DOUBLE" and call.partition("(")[0] in SPREADS:
        return repr(one) == repr(other) or math.isclose(one, other, rel_tol=1e-12)
    return repr(one) == repr(other)


@pytest.mark.parametrize("leaving", ["oldest", "any"])
@pytest.mark.parametrize(("call", "kind"), [c for c in EXACT if "forever" not in c[0]])
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_what_is_taken_back_was_never_there(
    call: str, kind: str, leaving: Leaving, data: st.DataObject
) -> None:
    aggregate = made(call, kind, leaving)
    values = data.draw(rows(kind))
    order = (
        data.draw(st.permutations(range(len(values)))) if leaving == "any" else range(len(values))
    )
    gone = order[: data.draw(st.integers(0, len(values)))]
    accumulator = aggregate.of(values)
    for number in gone:
        aggregate.remove(accumulator, values[number], number)
    left = aggregate.new()
    for number, value in enumerate(values):
        if number not in gone:
            aggregate.add(left, value, number)
    more = data.draw(rows(kind))
    for number, value in enumerate([None, *more], len(values)):
        aggregate.add(accumulator, value, number)
        aggregate.add(left, value, number)
        assert same(aggregate.read(accumulator), aggregate.read(left), call, kind, leaving)


@pytest.mark.parametrize("leaving", ["never", "oldest", "any"])
@pytest.mark.parametrize(("call", "kind"), EXACT)
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_two_merged_are_as_all_at_once(
    call: str, kind: str, leaving: Leaving, data: st.DataObject
) -> None:
    aggregate = made(call, kind, leaving)
    some, others = data.draw(rows(kind)), data.draw(rows(kind))
    merged = aggregate.of(some)
    aggregate.merge(merged, aggregate.of(others, len(some)))
    whole = aggregate.of([*some, *others])
    for number, value in enumerate([None, *data.draw(rows(kind))], len(some) + len(others)):
        aggregate.add(merged, value, number)
        aggregate.add(whole, value, number)
        assert same(aggregate.read(merged), aggregate.read(whole), call, kind, leaving)


@pytest.mark.parametrize(("call", "kind"), ALL)
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_what_was_stored_goes_on_as_it_was(call: str, kind: str, data: st.DataObject) -> None:
    aggregate = made(call, kind, "never")
    values = data.draw(rows(kind))
    accumulator = aggregate.of(values)
    dumped = aggregate.codec.dump(accumulator)
    copy = aggregate.codec.load(dumped, None)
    for value in [None, *data.draw(rows(kind))]:
        aggregate.add(accumulator, value, len(values))
        aggregate.add(copy, value, len(values))
        assert repr(aggregate.read(copy)) == repr(aggregate.read(accumulator))


def test_each_declared_aggregate_is_computed_and_each_name_is_one() -> None:
    from eventflux.compiler.aggregates.functions import FUNCTIONS
    from eventflux.planner.aggregates import AGGREGATES
    from eventflux.spi.well_known import LANGUAGE_FUNCTIONS

    declared = {aggregate.function for aggregate in declared_aggregates()}
    assert declared == FUNCTIONS.keys()
    assert AGGREGATES.keys() <= LANGUAGE_FUNCTIONS
    names = [n for a in declared_aggregates() for n in {a.name.lower(), *map(str.lower, a.aliases)}]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("kind", [k for k in DataType if k is not DataType.OBJECT])
def test_first_and_last_take_every_type(kind: DataType) -> None:
    aggregate = made("first(x)", str(kind), "any")
    assert aggregate.read(aggregate.of([])) is None
