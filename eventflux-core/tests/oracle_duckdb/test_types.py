"""DECIMAL, TIMESTAMP, BYTES and OBJECT give what DuckDB gives for its like.

Not generated: quotients (DuckDB's are DOUBLE), rounding to fewer digits (it rounds half away
from zero), texts of moments (it writes a space and no Z).
"""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from eventflux.testing import AppRunner

from .duck import Duck, Values, duck, fill
from .profile import examples

__all__ = ["duck"]

OURS = (
    "id INT, d DECIMAL(10, 2), e DECIMAL(8, 3) NOT NULL, i INT, x DOUBLE, t TIMESTAMP, "
    "u TIMESTAMP, y BYTES, z BYTES, o OBJECT, s STRING"
)
THEIRS = (
    "id INTEGER, d DECIMAL(10, 2), e DECIMAL(8, 3), i INTEGER, x DOUBLE, t TIMESTAMP, "
    "u TIMESTAMP, y BLOB, z BLOB, o JSON, s VARCHAR"
)


class Pair(NamedTuple):
    """An expression here and in DuckDB."""

    ours: str
    theirs: str


Pairs = st.SearchStrategy[Pair]


def same(*texts: str) -> Pairs:
    """What both write alike."""
    return st.sampled_from([Pair(text, text) for text in texts])


def built(pattern: str, *parts: Pairs, theirs: str | None = None) -> Pairs:
    """``pattern`` with a part in the place of each ``{}``."""
    return st.tuples(*parts).map(
        lambda pairs: Pair(
            pattern.format(*(pair.ours for pair in pairs)),
            (theirs or pattern).format(*(pair.theirs for pair in pairs)),
        )
    )


@cache
def decimals(depth: int) -> Pairs:
    leaves = same("d", "e", "d", "(-d)", "d * e", "CAST('1.25' AS DECIMAL(5, 2))", "e * i")
    if depth == 0:
        return leaves
    part, condition = decimals(depth - 1), conditions(depth - 1)
    integer = same("i", "2", "0")
    return st.one_of(
        leaves,
        built("({} + {})", part, part),
        built("({} - {})", part, part),
        built("({} + {})", part, integer),
        built("({} - {})", integer, part),
        built("({} + 1.5)", part),
        built("(-{})", part),
        built("coalesce({}, {})", part, part),
        built("nullif({}, {})", part, part),
        built("CASE WHEN {} THEN {} ELSE {} END", condition, part, part),
        built("CASE {} WHEN {} THEN {} END", part, part, part),
        built("CAST({} AS DECIMAL(30, 10))", part),
        built("CAST(o ->> 'n' AS DECIMAL(12, 3))", theirs="TRY_CAST(o ->> 'n' AS DECIMAL(12, 3))"),
    )


@cache
def moments(depth: int) -> Pairs:
    leaves = same("t", "u")
    if depth == 0:
        return leaves
    part = moments(depth - 1)
    interval = same("'5' MINUTE", "'1' DAY", "'36' HOUR", "'-2' SECOND", "'2' WEEK")
    return st.one_of(
        leaves,
        built("({} + INTERVAL {})", part, interval),
        built("({} - INTERVAL {})", part, interval),
        built("({} + i)", part, theirs="({} + to_milliseconds(i))"),
        built("coalesce({}, {})", part, part),
        built("nullif({}, {})", part, part),
        built("CASE WHEN {} THEN {} ELSE {} END", conditions(depth - 1), part, part),
        built("CAST(s AS TIMESTAMP)", theirs="TRY_CAST(s AS TIMESTAMP)"),
    )


LITERAL_MOMENTS = same("'1970-01-01'", "'2024-05-01 10:30:00'", "'2024-02-29T00:00:00.250'")


@cache
def conditions(depth: int) -> Pairs:
    leaves = same("d > e", "d = 1.5", "e < i", "d IS NULL", "t < u", "y = z", "d > x", "y < z")
    if depth == 0:
        return leaves
    number, moment = decimals(depth - 1), moments(depth - 1)
    sign = same("=", "<>", "<", "<=", ">", ">=")
    return st.one_of(
        leaves,
        built("({} {} {})", number, sign, number),
        built("({} {} {})", number, sign, same("i", "0", "2.5", "-1.25")),
        built("({} BETWEEN {} AND {})", number, number, number),
        built("({} IN ({}, 1, 2.5))", number, number),
        built("({} IS DISTINCT FROM {})", number, number),
        built("({} {} {})", moment, sign, moment),
        built("({} {} {})", moment, sign, LITERAL_MOMENTS),
        built("({} BETWEEN {} AND {})", moment, LITERAL_MOMENTS, moment),
        built("({} NOT IN ({}, {}))", moment, LITERAL_MOMENTS, moment),
        built("({} IS NOT DISTINCT FROM {})", moment, moment),
        built("(y = CAST(s AS BYTES))", theirs="(y = encode(s))"),
        built("(NOT {})", conditions(depth - 1)),
    )


ITEMS = st.one_of(
    decimals(2),
    conditions(2),
    built("{}", moments(2), theirs="epoch_ms({})"),
    built("({} - {})", moments(1), moments(1), theirs="(epoch_ms({}) - epoch_ms({}))"),
    built("CAST({} AS LONG)", moments(1), theirs="epoch_ms({})"),
    built("CAST({} AS LONG)", decimals(1), theirs="CAST(trunc({}) AS BIGINT)"),
    built("CAST({} AS BOOL)", decimals(1), theirs="({} <> 0)"),
    built("CAST({} AS STRING)", same("d", "e", "d * e", "d + e")),
    built("CAST(s AS DECIMAL(6, 3))", theirs="TRY_CAST(s AS DECIMAL(6, 3))"),
    built("CAST(i AS DECIMAL(5, 2))", theirs="TRY_CAST(i AS DECIMAL(5, 2))"),
    built("{}", same("y", "z", "coalesce(y, z)", "nullif(y, z)")),
    built("CAST(s AS BYTES)", theirs="encode(s)"),
)
STEPS = same(
    "o -> 'n'",
    "o -> 'l'",
    "o -> 'l' -> 0",
    "o -> 'l' -> 2",
    "o -> 'o' -> 'x y'",
    "o -> 0",
    "o -> nullif(s, '')",
)
TEXTS = same(
    "o ->> 'n'", "o -> 'l' ->> 1", "o ->> 'o'", "o -> 'o' ->> 'l'", "o ->> 0", "o ->> nullif(s, '')"
)

PLAIN = st.sampled_from([None, True, False, 0, -7, 1.5, 12.0, "", "x", "12.5", "it's", 'q"', "é"])
NESTED = st.fixed_dictionaries(
    {},
    optional={
        "n": PLAIN,
        "l": st.lists(PLAIN, max_size=3),
        "o": st.fixed_dictionaries({}, optional={"x y": PLAIN, "l": st.lists(PLAIN, max_size=2)}),
    },
)
STRINGS = st.sampled_from(
    ["n", "l", "", "1.5", "12.3456", " 7 ", "-999", "2024-05-01", "2024-05-01 10:30:00", "x"]
)
MOMENTS = st.sampled_from(
    [0, -1, 86_400_000, 1_714_521_600_000, 1_714_559_400_000, 1_709_164_800_250]
)


def numbers(digits: int, places: int) -> st.SearchStrategy[Decimal]:
    return st.integers(-(10**digits), 10**digits).map(lambda n: Decimal(n).scaleb(-places)) | (
        st.sampled_from([Decimal(n).scaleb(-places) for n in (0, 1, 1500, 1250)])
    )


ROWS = st.tuples(
    st.none() | numbers(4, 2),
    numbers(4, 3),
    st.none() | st.integers(-3, 9),
    st.none() | st.integers(-8, 8).map(lambda n: n / 4),
    st.none() | MOMENTS,
    st.none() | MOMENTS,
    st.none() | st.sampled_from([b"", b"x", b"xy", b"1.5", b"\xff"]),
    st.none() | st.sampled_from([b"", b"x", b"\x80"]),
    st.none() | NESTED | st.lists(PLAIN, max_size=3),
    st.none() | STRINGS,
)


def as_theirs(row: Values) -> Values:
    d, e, i, x, t, u, y, z, o, s = row
    at, until = (None if ms is None else _EPOCH + _MS * ms for ms in (t, u))
    return d, e, i, x, at, until, y, z, None if o is None else json.dumps(o), s


_EPOCH = datetime(1970, 1, 1)
_MS = datetime(1970, 1, 1, microsecond=1000) - _EPOCH


def plain(value: Any) -> Any:
    """A value so that 1.50 is 1.5 and yet no 1.5 is a float."""
    if isinstance(value, Decimal):
        return "decimal", value.normalize() if value else Decimal(0)
    return type(value).__name__, value


@given(
    table=st.lists(ROWS, min_size=3, max_size=8),
    items=st.lists(ITEMS, min_size=1, max_size=8),
    inside=st.lists(STEPS, max_size=2),
    texts=st.lists(TEXTS, max_size=2),
    condition=conditions(2),
)
@examples(80)
def test_values(
    duck: Duck,
    table: list[Values],
    items: list[Pair],
    inside: list[Pair],
    texts: list[Pair],
    condition: Pair,
) -> None:
    asked = [*items, *texts, *inside]
    columns = ", ".join(f"{item.ours} AS v{n}" for n, item in enumerate(asked))
    sql = f"CREATE STREAM S ({OURS}); INSERT INTO Out SELECT id, {columns} FROM S"
    with AppRunner(f"{sql} WHERE {condition.ours}", ["Out"]) as runner:
        runner.send_many("S", [(number, *row) for number, row in enumerate(table)])
        found = runner.rows("Out")
    fill(duck, THEIRS, [as_theirs(row) for row in table])
    answer = duck.execute(
        f"SELECT id, {', '.join(item.theirs for item in asked)} FROM t WHERE {condition.theirs} "
        "ORDER BY id"
    ).fetchall()
    start = 1 + len(items) + len(texts)
    wanted = [
        (*row[:start], *(None if text is None else json.loads(text) for text in row[start:]))
        for row in answer
    ]
    assert [row[0] for row in found] == [row[0] for row in wanted]
    for ours, theirs in zip(found, wanted, strict=True):
        for item, one, other in zip(asked, ours[1:], theirs[1:], strict=True):
            assert plain(one) == plain(other), f"{item}: {table[ours[0]]}"


@given(table=st.lists(ROWS, min_size=1, max_size=12), argument=decimals(1), moment=moments(1))
@examples(40)
def test_aggregates(duck: Duck, table: list[Values], argument: Pair, moment: Pair) -> None:
    calls = (
        f"sum({argument.ours}) AS s, min({argument.ours}) AS lo, max({argument.ours}) AS hi, "
        f"count({argument.ours}) AS n, min({moment.ours}) AS first, max({moment.ours}) AS last, "
        "min(y) AS b, max(z) AS c"
    )
    sql = f"CREATE STREAM S ({OURS}); INSERT INTO Out SELECT i, {calls} FROM S GROUP BY i"
    with AppRunner(sql, ["Out"]) as runner:
        runner.send_many("S", [(number, *row) for number, row in enumerate(table)])
        last = {row[0]: row for row in runner.rows("Out")}
    fill(duck, THEIRS, [as_theirs(row) for row in table])
    answer = duck.execute(
        f"SELECT i, sum({argument.theirs}), min({argument.theirs}), max({argument.theirs}), "
        f"count({argument.theirs}), epoch_ms(min({moment.theirs})), "
        f"epoch_ms(max({moment.theirs})), min(y), max(z) FROM t GROUP BY i"
    ).fetchall()
    assert {key: list(map(plain, row)) for key, row in last.items()} == {
        row[0]: list(map(plain, row)) for row in answer
    }
