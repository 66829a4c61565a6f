"""Distinct values, spreads, percentiles, lists and their kind give what DuckDB gives: since the
start, over the last rows, and over batches; each with FILTER, too, and in groups."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from eventflux.testing import AppRunner

from .columns import OUR_TABLE, THEIR_TABLE, rows
from .duck import Duck, Values, duck, fill
from .profile import examples

__all__ = ["duck"]

_PRESENT = " AND {x} IS NOT NULL"


class Pair(NamedTuple):
    """An aggregate over ``{x}``, one of ``columns``; ``present`` is a further condition there."""

    ours: str
    columns: tuple[str, ...]
    theirs: str = ""
    present: str = ""


_NUMBERS = ("i", "i0", "f", "f0")
_ANY = (*_NUMBERS, "l", "s", "s0", "b")
PAIRS = (
    Pair("count(DISTINCT {x})", _ANY),
    Pair("distinctCount({x})", _ANY, "count(DISTINCT {x})"),
    Pair("sum(DISTINCT {x})", _NUMBERS),
    Pair("avg(DISTINCT {x})", ("f", "f0")),
    Pair("stddev({x})", ("f", "f0"), "stddev_pop({x})"),
    Pair("stddev_samp({x})", ("f", "f0")),
    Pair("variance({x})", ("f", "f0"), "var_pop({x})"),
    Pair("var_samp({x})", ("f", "f0")),
    Pair("first({x})", _ANY, "arg_min({x}, id)", _PRESENT),
    Pair("last({x})", _ANY, "arg_max({x}, id)", _PRESENT),
    Pair("bool_and({x})", ("b", "b0")),
    Pair("bool_or({x})", ("b", "b0")),
    Pair("min({x})", ("i", "f", "l", "s")),
    Pair("max({x})", ("i", "f", "l", "s")),
    Pair("median({x})", _NUMBERS),
    Pair("percentile_cont({x}, 0.3)", _NUMBERS, "quantile_cont({x}, 0.3)"),
    Pair("percentile_disc({x}, 0.3)", (*_NUMBERS, "l", "s"), "quantile_disc({x}, 0.3)"),
    Pair("array_agg({x})", _ANY, "list({x})"),
    Pair("string_agg({x}, '; ')", ("s", "s0")),
    Pair("array_agg({x} ORDER BY f DESC)", _ANY, "list({x} ORDER BY f DESC, id)"),
    Pair("array_agg({x} ORDER BY i0 % 3, s DESC)", _ANY, "list({x} ORDER BY i0 % 3, s DESC, id)"),
    Pair("array_agg(DISTINCT {x} ORDER BY {x})", _ANY, "list(DISTINCT {x} ORDER BY {x})"),
    Pair(
        "string_agg({x}, '-' ORDER BY b NULLS FIRST, l DESC NULLS FIRST)",
        ("s", "s0"),
        "string_agg({x}, '-' ORDER BY b NULLS FIRST, l DESC NULLS FIRST, id)",
    ),
    Pair(
        "string_agg({x}) WITHIN GROUP (ORDER BY i0 DESC)",
        ("s", "s0"),
        "string_agg({x}, ',' ORDER BY i0 DESC, id)",
    ),
    Pair("first({x} ORDER BY i)", _ANY, "first({x} ORDER BY i, id)", _PRESENT),
    Pair("first({x} ORDER BY s DESC)", _ANY, "first({x} ORDER BY s DESC, id)", _PRESENT),
    Pair("last({x} ORDER BY f)", _ANY, "last({x} ORDER BY f, id)", _PRESENT),
    Pair("last({x} ORDER BY b DESC)", _ANY, "last({x} ORDER BY b DESC, id)", _PRESENT),
    Pair("percentile_cont(0.3) WITHIN GROUP (ORDER BY {x})", _NUMBERS),
    Pair("percentile_cont(0.3) WITHIN GROUP (ORDER BY {x} DESC)", _NUMBERS),
    Pair("percentile_disc(0.3) WITHIN GROUP (ORDER BY {x})", (*_NUMBERS, "l", "s")),
    Pair("percentile_disc(0.3) WITHIN GROUP (ORDER BY {x} DESC)", (*_NUMBERS, "l", "s")),
)
_CONDITIONS = ("TRUE", "TRUE", "b", "i0 > 2", "f < i0", "s IS NULL")


class Asked(NamedTuple):
    pair: Pair
    column: str
    condition: str

    def ours(self) -> str:
        call = self.pair.ours.format(x=self.column)
        return call if self.condition == "TRUE" else f"{call} FILTER (WHERE {self.condition})"

    def theirs(self) -> str:
        call = (self.pair.theirs or self.pair.ours).format(x=self.column)
        present = self.pair.present.format(x=self.column)
        return f"{call} FILTER (WHERE {self.condition}{present})"


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    pair = draw(st.sampled_from(PAIRS))
    column = draw(st.sampled_from(pair.columns))
    return Asked(pair, column, draw(st.sampled_from(_CONDITIONS)))


def same(one: Any, other: Any) -> bool:
    """Equal; spreads and means may differ in their last digits."""
    if isinstance(one, float) and isinstance(other, float):
        return one == pytest.approx(other, rel=1e-9, abs=1e-9)
    return type(one) is type(other) and bool(one == other)


def ran(query: str, table: list[Values], times: list[int] | None) -> list[Values]:
    with AppRunner(f"CREATE STREAM S ({OUR_TABLE}); INSERT INTO T {query}", ["T"]) as runner:
        runner.send_many("S", [(number, *row) for number, row in enumerate(table)], times)
        if times is not None:
            runner.advance_to(times[-1] + 1000)
        return runner.rows("T")


def compare(
    duck: Duck, query: str, theirs: str, table: list[Values], times: list[int] | None = None
) -> None:
    note(f"{query}\nDuckDB: {theirs}")
    found = ran(query, table, times)
    fill(duck, THEIR_TABLE, table)
    expected = duck.execute(theirs).fetchall()
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert all(map(same, one, other)), (one, other)


_table = st.lists(rows(), min_size=1, max_size=14)
_calls = st.lists(asked(), min_size=1, max_size=5)
_key = st.sampled_from(["", "b", "i0 % 2"])


def selected(calls: list[Asked], key: str) -> str:
    items = [f"{key} AS k"] if key else []
    return ", ".join([*items, *(f"{call.ours()} AS a{n}" for n, call in enumerate(calls))])


@given(table=_table, calls=_calls, key=_key, length=st.sampled_from([0, 1, 2, 3, 5]))
@examples(120)
def test_row_by_row(
    duck: Duck, table: list[Values], calls: list[Asked], key: str, length: int
) -> None:
    """Since the start, or over the last ``length`` rows of all groups together."""
    group = f" GROUP BY {key}" if key else ""
    window = f" WINDOW('length', {length})" if length else ""
    ours = f"SELECT {selected(calls, key)} FROM S{window}{group}"
    same_group = " AND o.k IS NOT DISTINCT FROM n.k" if key else ""
    inside = f" AND o.id > n.id - {length}" if length else ""
    values = ", ".join(f"{call.theirs()} AS a{n}" for n, call in enumerate(calls))
    numbered = f"SELECT *, {key or 'NULL'} AS k FROM t"
    theirs = (
        f"SELECT {'n.k, ' if key else ''}v.* FROM ({numbered}) n, LATERAL (SELECT {values} FROM "
        f"(SELECT * FROM ({numbered}) o WHERE o.id <= n.id{inside}{same_group} ORDER BY o.id)) v "
        "ORDER BY n.id"
    )
    compare(duck, ours, theirs, table)


@given(table=_table, calls=_calls, key=_key, length=st.sampled_from([1, 2, 3, 5]))
@examples(120)
def test_batches(
    duck: Duck, table: list[Values], calls: list[Asked], key: str, length: int
) -> None:
    group = f" GROUP BY {key}" if key else ""
    ours = f"SELECT {selected(calls, key)} FROM S WINDOW('lengthBatch', {length}){group}"
    values = ", ".join(call.theirs() for call in calls)
    whole = len(table) // length * length
    numbered = f"SELECT *, {key or 'NULL'} AS k FROM t WHERE id < {whole} ORDER BY id"
    theirs = (
        f"SELECT {'k, ' if key else ''}{values} FROM ({numbered}) "
        f"GROUP BY id // {length}, k ORDER BY id // {length}, min(id)"
    )
    compare(duck, ours, theirs, table)


@given(table=_table, calls=_calls, key=_key, slide=st.sampled_from([10, 20, 35]))
@examples(80)
def test_hops(duck: Duck, table: list[Values], calls: list[Asked], key: str, slide: int) -> None:
    """Windows of 40 ms that overlap, so that what is kept of their parts is merged."""
    group = f" GROUP BY {key}" if key else ""
    ours = f"SELECT {selected(calls, key)} FROM S WINDOW('hop', 40, {slide}){group}"
    values = ", ".join(call.theirs() for call in calls)
    numbered = f"SELECT *, id * 7 AS placed, {key or 'NULL'} AS k FROM t"
    last = len(table) * 7 + 80
    theirs = (
        f"SELECT {'k, ' if key else ''}{values} FROM (SELECT * FROM ({numbered}) r JOIN "
        f"range(0, {last}, {slide}) w(closed) ON placed < closed AND placed >= closed - 40 "
        "ORDER BY id) GROUP BY closed, k ORDER BY closed, min(id)"
    )
    times = [number * 7 for number in range(len(table))]
    compare(duck, ours, theirs, table, times)
