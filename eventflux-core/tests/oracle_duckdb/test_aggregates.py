"""Aggregates give what DuckDB gives: running values of each group, and tumbling windows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
from hypothesis import event, given, note
from hypothesis import strategies as st

from eventflux.testing import AppRunner

from . import differences as d
from .columns import BOOL, DOUBLE, FLOAT, INT, LONG, ORDERED, OUR_TABLE, THEIR_TABLE, TYPES, rows
from .duck import Duck, Values, duck, fill
from .generated import Sql, cast, expressions
from .profile import examples
from .test_expressions import is_storable

__all__ = ["duck"]

_QUARTERS = ("f", "f0", "(f + f0)", "(f * 3)", "(f * f0)", "COALESCE(f, i)", "(-f)")
"""Floating numbers whose sums are exact in any order, and whole multiples of a quarter."""
_CALL = re.compile(r"(COUNT|SUM|AVG|MIN|MAX)\([^()]*\)")
_START = 1_700_000_000_000


class Grouped(NamedTuple):
    """A query. ``arguments`` are those of its aggregates, which ``items`` name as ``{0}``,
    ``{1}``…"""

    keys: list[Sql]
    arguments: list[Sql]
    items: list[str]
    condition: Sql | None


@st.composite
def _summed(draw: st.DrawFn) -> Sql:
    if draw(st.booleans()):
        text = draw(st.sampled_from(_QUARTERS))
        return Sql(text, text, DOUBLE)
    found = draw(expressions(draw(st.sampled_from([INT, LONG])), draw(st.integers(0, 2))))
    return found if found.bits <= 100 else Sql("i", "i", INT, bits=32)


@st.composite
def _averaged(draw: st.DrawFn) -> Sql:
    found = draw(_summed())
    return found if found.type.is_floating or found.bits <= 45 else Sql("l", "l", LONG, bits=64)


def _typed(argument: Sql) -> Sql:
    """An aggregate of nothing but NULL is refused: what can be that is given a type."""
    if "NULL" not in argument.ours:
        return argument
    theirs = cast(argument.theirs, argument.type, argument.type)
    ours = f"CAST({argument.ours} AS {argument.type})"
    return Sql(ours, theirs, argument.type, bits=argument.bits)


@st.composite
def _aggregates(draw: st.DrawFn, arguments: list[Sql]) -> str:
    function = draw(st.sampled_from(["COUNT(*)", "COUNT", "SUM", "SUM", "AVG", "MIN", "MAX"]))
    if function == "COUNT(*)":
        return function
    if function == "SUM":
        argument = draw(_summed())
    elif function == "AVG":
        argument = draw(_averaged())
    else:
        kinds = TYPES if function == "COUNT" else ORDERED
        argument = draw(expressions(draw(st.sampled_from(kinds)), draw(st.integers(0, 2))))
    arguments.append(_typed(argument))
    return f"{function}({{{len(arguments) - 1}}})"


@st.composite
def _items(draw: st.DrawFn, arguments: list[Sql]) -> str:
    """An aggregate, or an expression over some."""
    shape = draw(st.sampled_from(["{}", "{}", "{}", "COALESCE({}, {})", "{} + {}", "CASE"]))
    if shape == "{}":
        return draw(_aggregates(arguments))
    numbers = [draw(_numbers(arguments)) for _ in range(2)]
    if shape == "CASE":
        return "CASE WHEN {0} > {1} THEN 'more' WHEN {0} = {1} THEN 'same' END".format(*numbers)
    return shape.format(*numbers)


@st.composite
def _numbers(draw: st.DrawFn, arguments: list[Sql]) -> str:
    function = draw(st.sampled_from(["COUNT", "SUM", "MIN", "MAX"]))
    name = draw(st.sampled_from(["i", "i0"] if function == "SUM" else ["i", "i0", "f", "f0"]))
    integer = name[0] == "i"
    arguments.append(Sql(name, d.exact(name) if integer else name, INT if integer else FLOAT))
    return f"{function}({{{len(arguments) - 1}}})"


@st.composite
def grouped(draw: st.DrawFn) -> Grouped:
    kinds = st.sampled_from(TYPES)
    depth = st.integers(0, 1)
    keys = [draw(expressions(draw(kinds), draw(depth))) for _ in range(draw(st.integers(0, 2)))]
    keys = [key for key in keys if not key.constant]
    arguments: list[Sql] = []
    items = [draw(_items(arguments)) for _ in range(draw(st.integers(1, 4)))]
    condition = draw(expressions(BOOL, draw(st.integers(1, 2)))) if draw(st.booleans()) else None
    return Grouped(keys, arguments, items, condition)


def ours(query: Grouped, number: int, window: str = "", bounds: Sequence[str] = ()) -> str:
    texts = [argument.ours for argument in query.arguments]
    items = [f"{key.ours} AS k{n}" for n, key in enumerate(query.keys)]
    items += [f"{item.format(*texts)} AS a{n}" for n, item in enumerate(query.items)]
    where = f" WHERE {query.condition.ours}" if query.condition else ""
    group = f" GROUP BY {', '.join(key.ours for key in query.keys)}" if query.keys else ""
    selected = ", ".join([*bounds, *items])
    return f"INSERT INTO Out{number} SELECT {selected} FROM S{where}{window}{group}"


def theirs(query: Grouped, size: int | None, offset: int = 0) -> str:
    """Without ``size`` the running values, row by row; else those of each bucket and group."""
    texts = [f"x{n}" for n in range(len(query.arguments))]
    keys = [f"k{n}" for n in range(len(query.keys))]
    given_ = [f"{key.theirs} AS {name}" for key, name in zip(query.keys, keys, strict=True)]
    given_ += [f"{a.theirs} AS {name}" for a, name in zip(query.arguments, texts, strict=True)]
    bucket = f"placed - (placed - {offset}) % {size} AS start" if size else "0 AS start"
    where = query.condition.theirs if query.condition else "TRUE"
    source = f"SELECT {', '.join(['id', bucket, *given_])} FROM t WHERE {where}"
    if size is None:
        partition = f"PARTITION BY {', '.join(keys)} " if keys else ""
        over, group = f" OVER ({partition}ORDER BY id ROWS UNBOUNDED PRECEDING)", ""
        place, bounds = "id", []
    else:
        over, group = "", f" GROUP BY {', '.join(['start', *keys])}"
        place, bounds = "min(id)", ["start", f"start + {size} AS finish"]
    values = [_CALL.sub(rf"\g<0>{over}", item.format(*texts)) for item in query.items]
    items = [f"{value} AS a{n}" for n, value in enumerate(values)]
    every = ", ".join([*bounds, *keys, *items, f"{place} AS place"])
    shown = ", ".join([*(["start", "finish"] if size else []), *keys,
                       *(f"a{n}" for n in range(len(items)))])  # fmt: skip
    order = "start, place" if size else "place"
    return (
        f"WITH r AS ({source}), g AS (SELECT {every} FROM r{group}) "
        f"SELECT {shown} FROM g ORDER BY {order}"
    )


def same(one: Any, other: Any) -> bool:
    """Equal; averages may differ in their last digit."""
    if isinstance(one, float) and isinstance(other, float):
        return one == pytest.approx(other, rel=1e-15, abs=0)
    return type(one) is type(other) and bool(one == other)


def assert_same(found: Sequence[Values], expected: Sequence[Values]) -> None:
    stored = [row for row in expected if all(map(is_storable, row))]
    event("rows" if stored else "no rows")
    assert len(found) == len(stored), (found, stored)
    for one, other in zip(found, stored, strict=True):
        assert len(one) == len(other)
        assert all(map(same, one, other)), (one, other)


@given(
    table=st.lists(rows(), min_size=1, max_size=12),
    asked=st.lists(grouped(), min_size=1, max_size=6),
)
@examples(50)
def test_running_values(duck: Duck, table: list[Values], asked: list[Grouped]) -> None:
    outputs = [f"Out{number}" for number in range(len(asked))]
    statements = [ours(query, number) for number, query in enumerate(asked)]
    with AppRunner(";\n".join([f"CREATE STREAM S ({OUR_TABLE})", *statements]), outputs) as runner:
        runner.send_many("S", [(number, *row) for number, row in enumerate(table)])
        found = [runner.rows(output) for output in outputs]
    fill(duck, THEIR_TABLE, table)
    for query, statement, rows_ in zip(asked, statements, found, strict=True):
        note(f"{statement}\nDuckDB: {theirs(query, None)}")
        assert_same(rows_, duck.execute(theirs(query, None)).fetchall())


@given(
    table=st.lists(st.tuples(st.integers(0, 30), rows()), min_size=1, max_size=12),
    asked=st.lists(grouped(), min_size=1, max_size=6),
    size=st.sampled_from([1, 7, 20, 60, 1000]),
    offset=st.integers(0, 8),
)
@examples(50)
def test_tumbling_windows(
    duck: Duck, table: list[tuple[int, Values]], asked: list[Grouped], size: int, offset: int
) -> None:
    offset %= size
    times = [_START]
    for step, _ in table[1:]:
        times.append(times[-1] + step)
    outputs = [f"Out{number}" for number in range(len(asked))]
    window = f" WINDOW('tumbling', {size}, {offset})"
    bounds = ("window_start() AS start", "window_end() AS finish")
    statements = [ours(query, number, window, bounds) for number, query in enumerate(asked)]
    with AppRunner(";\n".join([f"CREATE STREAM S ({OUR_TABLE})", *statements]), outputs) as runner:
        runner.send_many("S", [(n, *row) for n, (_, row) in enumerate(table)], times)
        runner.advance_to(times[-1] + size)
        found = [runner.rows(output) for output in outputs]
    placed = [(time, *row) for time, (_, row) in zip(times, table, strict=True)]
    fill(duck, THEIR_TABLE.replace("id INTEGER", "id INTEGER, placed BIGINT", 1), placed)
    for query, statement, rows_ in zip(asked, statements, found, strict=True):
        note(f"{statement}\nDuckDB: {theirs(query, size, offset)}")
        assert_same(rows_, duck.execute(theirs(query, size, offset)).fetchall())
