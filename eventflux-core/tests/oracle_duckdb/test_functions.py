"""Functions of one row give what DuckDB's give, where it has them.

What has no value is NULL here and an error or NaN there, which their side says for itself; what
else differs is in :mod:`.differences`.
"""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventflux.testing import AppRunner

from .columns import COLUMNS, OUR_TABLE, THEIR_TABLE, rows
from .duck import Duck, duck, fill
from .profile import examples

__all__ = ["duck"]

pytestmark = pytest.mark.usefixtures("programs_read_once")

_T = "(i % 100000 * 86400007)"
_THEIR_T = "epoch_ms(CAST(i % 100000 AS BIGINT) * 86400007)"
"""Moments of some 270 years before and after the epoch."""
_U = "(l % 1000 * 3600013)"
_THEIR_U = "epoch_ms((l % 1000) * 3600013)"
_SPREAD = "abs((i0 % 10000 * 7919 + l0 % 1000 * 104729) * 123456789) % 1700000000000"
"""Milliseconds from 1970 to 2023, winter and summer."""
_V = f"CAST({_SPREAD} AS TIMESTAMP)"
_THEIR_V = f"make_timestamptz(CAST({_SPREAD} AS BIGINT) * 1000)"
ZONES = ("Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Apia")

SAME = (
    "abs(d)", "abs(f)", "ceil(d)", "floor(d)", "round(d)", "round(f, 1)", "trunc(d)", "exp(f)",
    "sin(f)", "cos(f)", "tan(f)", "atan(d)", "atan2(d, f)", "degrees(f)", "radians(d)", "pi()",
    "power(f, 2)", "greatest(i, l)", "least(i, l)", "greatest(d, f)", "least(s, s0)",
    "greatest(d0, f0)", "least(d, f, d0)", "greatest(i, l, i0)", "least(s, s0, 'a')",
    "upper(s)", "lower(s)", "length(s)", "concat_ws('-', s, i, s0)", "concat_ws(s, s0, s0)",
    "substring(s, 2)", "substring(s, 2, 3)", "substring(s, 99)", "left(s, 2)", "right(s, 2)",
    "left(s, 0)", "right(s, 0)", "trim(s, 'a1')", "ltrim(s, 'a1')", "rtrim(s, 'b2')",
    "replace(s, 'a', 'bcd')", "replace(s, s0, 'x')", "reverse(s)", "repeat(s, 3)",
    "repeat(s, 0)", "lpad(s, 4, 'xy')", "rpad(s, 4, 'xy')", "lpad(s, 0, 'x')",
    "position('a' IN s)", "position(s0 IN s)", "starts_with(s, s0)", "contains(s, s0)",
    "ends_with(s, 'b')", "split_part(s, 'a', 1)", "split_part(s, 'b', 2)",
    "split_part(s, 'a', -1)", "md5(s)", "sha256(s)", "sha1(s)", "nullif(i, l)", "ifnull(i, l)",
    "coalesce(i, l, 7)", "if(b, i, l)", "substring(s FROM 2 FOR 1)", "trim(BOTH 'a' FROM s)",
    "trim(LEADING '1' FROM s)", "TRIM(TRAILING 'b' FROM s)",
)  # fmt: skip
"""What both write alike."""
OTHERWISE = {
    "abs(l % 100)": "abs(l % 100)",
    "sign(d)": "CAST(sign(d) AS INTEGER)",
    "mod(i, l0)": "i % nullif(l0, 0)",
    "sqrt(d)": "CASE WHEN d >= 0 THEN sqrt(d) END",
    "ln(d)": "CASE WHEN d > 0 THEN ln(d) END",
    "log(d)": "CASE WHEN d > 0 THEN ln(d) END",
    "log10(d)": "CASE WHEN d > 0 THEN log10(d) END",
    "log2(d)": "CASE WHEN d > 0 THEN log2(d) END",
    "log(2, d)": "CASE WHEN d > 0 THEN log(2, d) END",
    "asin(f)": "CASE WHEN abs(f) <= 1 THEN asin(f) WHEN f IS NOT NULL THEN 'nan'::DOUBLE END",
    "acos(f)": "CASE WHEN abs(f) <= 1 THEN acos(f) WHEN f IS NOT NULL THEN 'nan'::DOUBLE END",
    "round(i % 1000, -1)": "CAST(round(i % 1000, -1) AS BIGINT)",
    "concat(s0, s)": "s0 || s",
    "concat(s0, i)": "s0 || CAST(i AS VARCHAR)",
    "ascii(s)": "CASE WHEN s <> '' THEN unicode(s) END",
    "chr(i)": "CASE WHEN i BETWEEN 0 AND 1114111 AND i NOT BETWEEN 55296 AND 57343 THEN chr(i) END",
    "locate(s0, s)": "instr(s, s0)",
    "to_base64(s)": "to_base64(encode(s))",
    "CAST(from_base64(to_base64(s)) AS STRING)": "decode(from_base64(to_base64(encode(s))))",
    "is_null(s)": "s IS NULL",
    "like(s, 'a%')": "s LIKE 'a%'",
    "json_value('{\"a\": [1, \"x\"]}', '$.a[1]')": "'{\"a\": [1, \"x\"]}' ->> '$.a[1]'",
    "json_value(concat('[', l, ', ', f, ']'), '$[1]')": "'[' || l || ', ' || f || ']' ->> '$[1]'",
    "CAST(json_query(concat('[{\"a\": [', i, ']}]'), '$[0].a') AS STRING)": "CAST(json_extract("
    "'[{\"a\": [' || i || ']}]', '$[0].a') AS VARCHAR)",
    "cardinality(ARRAY[i, l, s])": "len([i, l, NULL])",
    "array_contains(ARRAY[i, l, 7], l0)": "list_contains([i, l, 7], l0)",
    "array_contains(ARRAY[s, 'a'], s0)": "list_contains([s, 'a'], s0)",
    "ARRAY[i, l][1]": "[i, l][2]",
    **{
        f"{part}({_T})": f"CAST({part}({_THEIR_T}) AS INTEGER)"
        for part in ("year", "quarter", "month", "week", "day", "hour", "minute", "second")
    },
    **{
        f"EXTRACT({part} FROM {_T})": f"CAST(EXTRACT({part} FROM {_THEIR_T}) AS INTEGER)"
        for part in ("dow", "isodow", "doy", "millisecond")
    },
    **{
        f"date_trunc('{unit}', {_T})": f"epoch_ms(CAST(date_trunc('{unit}', {_THEIR_T}) "
        "AS TIMESTAMP))"
        for unit in ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
    },
    **{
        f"dateAdd({_T}, l % 50, '{unit}')": f"epoch_ms({_THEIR_T} + to_{unit}s"
        "(CAST(l % 50 AS INTEGER)))"
        for unit in ("second", "hour", "day", "week", "month", "year")
    },
    **{
        f"dateDiff('{unit}', {_T}, {_U})": f"date_sub('{unit}', {_THEIR_T}, {_THEIR_U})"
        for unit in ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
    },
    f"formatDate({_T}, '%Y-%m-%d %H:%M:%S')": f"strftime({_THEIR_T}, '%Y-%m-%d %H:%M:%S')",
    f"formatDate({_T}, '%d %b %y %j %a %I %p')": f"strftime({_THEIR_T}, '%d %b %y %j %a %I %p')",
    f"parseDate(formatDate({_T}, '%d.%m.%Y %H:%M:%S'), '%d.%m.%Y %H:%M:%S')": "epoch_ms(strptime("
    f"strftime({_THEIR_T}, '%d.%m.%Y %H:%M:%S'), '%d.%m.%Y %H:%M:%S'))",
    **{
        f"{_V} AT TIME ZONE '{zone}'": f"epoch_ms({_THEIR_V} AT TIME ZONE '{zone}')"
        for zone in ZONES
    },
    **{
        f"date_trunc('{unit}', {_V}, '{zone}')": f"epoch_ms(date_trunc('{unit}', "
        f"{_THEIR_V} AT TIME ZONE '{zone}') AT TIME ZONE '{zone}')"
        for zone in ZONES
        for unit in ("day", "week", "month")
    },
    f"hour({_T} AT TIME ZONE 'UTC')": f"CAST(hour({_THEIR_T}) AS INTEGER)",
}
"""What is written in another way there."""
PATTERNS = (
    "regexp_matches(s, '[0-9]+')", "regexp_matches(s, '^a')", "regexp_matches(s, '(?i)T')",
    "regexp_extract(s, '[0-9]+')", "regexp_extract(s, '([a-z])(.)', 2)",
    "regexp_replace(s, '[0-9]', '#')", "regexp_replace(s, '[0-9]', '<\\0>', 'g')",
    "regexp_replace(s, '(.)(.)', '\\2\\1', 'g')",
)  # fmt: skip


def same(ours: Any, theirs: Any) -> bool:
    """Equal; of floats that are no sums, all digits but the last two are."""
    if isinstance(ours, float) and isinstance(theirs, float):
        if math.isnan(ours) or math.isnan(theirs):
            return math.isnan(ours) and math.isnan(theirs)
        return ours == theirs or math.isclose(ours, theirs, rel_tol=1e-14, abs_tol=1e-300)
    return ours == theirs and (ours is None) == (theirs is None)


def compared(duck: Duck, pairs: dict[str, str], table: list[tuple[Any, ...]]) -> None:
    columns = ", ".join(f"{ours} AS c{n}" for n, ours in enumerate(pairs))
    sql = f"CREATE STREAM S ({OUR_TABLE}); INSERT INTO Out SELECT {columns} FROM S"
    with AppRunner(sql, ["Out"]) as runner:
        runner.send_many("S", [(number, *row) for number, row in enumerate(table)])
        found = [tuple(row) for row in runner.rows("Out")]
    fill(duck, THEIR_TABLE, table)
    expected = duck.execute(f"SELECT {', '.join(pairs.values())} FROM t ORDER BY id").fetchall()
    different = {
        call: (mine, other, dict(zip((column.name for column in COLUMNS), row, strict=True)))
        for row, ours, theirs in zip(table, found, expected, strict=True)
        for call, mine, other in zip(pairs, ours, theirs, strict=True)
        if not same(mine, other)
    }
    assert different == {}


@given(table=st.lists(rows(), min_size=20, max_size=20))
@examples(12)
def test_functions(duck: Duck, table: list[tuple[Any, ...]]) -> None:
    compared(duck, {**{call: call for call in SAME}, **OTHERWISE}, table)


@given(table=st.lists(rows(), min_size=20, max_size=20))
@examples(5)
def test_patterns(duck: Duck, table: list[tuple[Any, ...]]) -> None:
    compared(duck, {call: call for call in PATTERNS}, table)
