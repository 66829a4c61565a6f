"""Queries that read columns where a condition on them holds.

There a compiler may know that they have values; it must not believe so elsewhere.
"""

from __future__ import annotations

from hypothesis import strategies as st

from . import differences as d
from .columns import BOOL, DOUBLE, INT, LONG, STRING
from .generated import AND, NOT, OR, PREDICATE, Query, Sql

_TESTS = (
    "i > 1", "i IS NOT NULL", "i IS NULL", "i <> l", "l IN (1, 2)", "l IN (1, NULL)",
    "l NOT IN (3)", "d BETWEEN 0 AND 3", "d BETWEEN i AND l", "s LIKE 'a%'", "s LIKE s0", "b",
    "b0", "b = b0", "COALESCE(i, l) > 0", "i + l > 0", "-d < 1", "l % i = 0", "i / l > 1",
    "(b IS NULL) = b0", "CASE WHEN b THEN i > 0 ELSE l > 0 END", "CAST(i AS BOOL)",
    "CAST(s AS BOOL) IS NULL",
)  # fmt: skip
_READ = {
    "i + 1": INT, "l - 1": LONG, "-d": DOUBLE, "i + d": DOUBLE, "d * d": DOUBLE, "s": STRING,
    "s < 'b'": BOOL, "NOT b": BOOL, "i IN (1, 2)": BOOL, "s LIKE '_'": BOOL,
    "d BETWEEN -1 AND 1": BOOL, "COALESCE(i, 7)": INT, "i IS NULL": BOOL,
}  # fmt: skip


_THEIRS = {
    "i + l > 0": f"{d.exact('i')} + l > 0",
    "l % i = 0": f"{d.remainder('l', 'i')} = 0",
    "i / l > 1": f"{d.quotient('i', 'l')} > 1",
    "CAST(s AS BOOL) IS NULL": f"{d.text_to_bool('s')} IS NULL",
    "i + 1": f"{d.exact('i')} + 1",
    "l - 1": f"{d.exact('l')} - 1",
}


@st.composite
def _tests(draw: st.DrawFn, depth: int) -> Sql:
    kind = draw(st.integers(0, 3)) if depth else 0
    if kind == 0:
        text = draw(st.sampled_from(_TESTS))
        return Sql(text, f"({_THEIRS.get(text, text)})", BOOL, PREDICATE)
    operands = [draw(_tests(depth - 1)) for _ in range(1 if kind == 1 else 2)]
    if kind == 1:
        return Sql(f"NOT {operands[0].at(NOT)}", f"(NOT {operands[0].theirs})", BOOL, NOT)
    word, level = ("AND", AND) if kind == 2 else ("OR", OR)
    left, right = operands
    ours = f"{left.at(level)} {word} {right.at(level)}"
    return Sql(ours, f"({left.theirs} {word} {right.theirs})", BOOL, level)


@st.composite
def guarded(draw: st.DrawFn) -> Query:
    condition = draw(_tests(3))
    items = []
    for read in draw(st.lists(st.sampled_from(list(_READ)), min_size=1, max_size=3)):
        ours = read
        theirs = _THEIRS.get(read, read)
        if draw(st.booleans()):
            inner = draw(_tests(2))
            ours = f"CASE WHEN {inner.ours} THEN {ours} END"
            theirs = f"CASE WHEN {inner.theirs} THEN {theirs} END"
        items.append(Sql(ours, f"({theirs})", _READ[read]))
    return Query(items, condition if draw(st.integers(0, 3)) else None)
