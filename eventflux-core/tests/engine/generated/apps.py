"""Apps of queries that chain, fan out and rejoin, and the events that run through them.

All streams and views have the same columns, so that any query can read any of them, through
subqueries and WITH too, and several can write to one. A query reads streams that stand
before the one that it writes to, so no cycle arises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from hypothesis import strategies as st

from eventflux.base.types import DataType
from eventflux.spi.functions import ScalarFunction, TableFunction

COLUMNS = "k STRING, n LONG, m INT, x DOUBLE"
REQUIRED = "k STRING, n LONG NOT NULL, m INT, x DOUBLE NOT NULL"


def _picky(value: int) -> int:
    if value % 5 == 3:
        raise ValueError(f"{value} is not to my taste")
    return value + 1


PICKY = ScalarFunction("picky", _picky, (DataType.LONG,), DataType.LONG)
"""Raises on every fifth value."""


def _few(value: int) -> Iterator[int]:
    for at in range(value % 4):
        if at == 2 and value % 5 == 2:
            raise ValueError(f"{value} has a bad end")
        yield value + at


FEW = TableFunction("few", _few, (DataType.LONG,), DataType.LONG)
"""Gives up to three values, and raises at the last of some."""
FUNCTIONS: dict[str, ScalarFunction] = {"picky": PICKY, "few": FEW}

Values = tuple[Any, ...]


@dataclass(frozen=True)
class App:
    """A program: ``inputs`` are the streams that events go to, ``streams`` all there are."""

    sql: str
    inputs: tuple[str, ...]
    streams: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """One event; without ``time`` it gets the clock's, or that of a column."""

    stream: str
    values: Values
    time: int | None


@dataclass(frozen=True)
class Batch:
    """One logical batch, all its rows at one time."""

    stream: str
    rows: tuple[Values, ...]
    time: int | None


@dataclass(frozen=True)
class Advance:
    """The clock moves on."""

    now: int


Action = Row | Batch | Advance

CONDITIONS = (
    "n > 0",
    "n % 2 = 0",
    "k = 'a'",
    "k IS NOT NULL",
    "x >= 0.5 OR m IS NULL",
    "NOT (n BETWEEN -2 AND 2)",
    "m IN (1, 2, NULL)",
    "n > 0 AND k <> 'b'",
    "k LIKE 'a%'",
    "picky(n) > 0",
    "COALESCE(m, 0) < 3",
    "length(k) > 1 OR starts_with(k, 'a')",
    "greatest(n, m, 2) > least(m, 3)",
)
KEYS = (
    "k", "m", "n % 3", "k, m", "x", "n * 4611686018427387904", "CASE WHEN n > 0 THEN k END",
    "upper(k)",
)  # fmt: skip
LONGS = (
    "n", "n + 1", "m", "COALESCE(m, 7)", "-n", "picky(n)", "n * 2", "n + m", "CAST(k AS LONG)",
    "greatest(n, m)", "abs(n)", "least(n * 2, m, 5)", "position('b', k)",
)  # fmt: skip
INTS = (
    "m", "CAST(n AS INT)", "m * 70000", "NULL", "n", "CASE k WHEN 'a' THEN m ELSE 0 END",
    "sign(x)", "length(k)",
)  # fmt: skip
DOUBLES = (
    "x", "x / 2", "x + n", "m / n", "COALESCE(x, 0.25)", "n", "CAST(k AS DOUBLE)", "round(x)",
    "least(x, m)", "sqrt(x)", "greatest(x, n, 0.5)", "abs(x)",
)  # fmt: skip
TEXTS = (
    "k", "'c'", "COALESCE(k, 'none')", "CASE WHEN n > 1 THEN 'a' ELSE k END", "NULL", "upper(k)",
    "repeat(k, n)", "left(k, m)", "concat_ws('-', k, m)", "chr(n)",
)  # fmt: skip
LONG_AGGREGATES = (
    "COUNT(*)", "COUNT(m)", "SUM(m)", "SUM(n)", "MAX(n)", "MIN(n)", "SUM(picky(n))",
    "SUM(length(k))", "greatest(MAX(n), MIN(m))",
)  # fmt: skip
INT_AGGREGATES = ("MIN(m)", "MAX(m)", "SUM(m)", "CAST(SUM(n) AS INT)", "MAX(m) * 70000")
DOUBLE_AGGREGATES = (
    "SUM(x)", "AVG(x)", "AVG(n)", "MIN(x)", "MAX(x)", "AVG(m)", "MAX(x) - MIN(x)",
    "SUM(n) / COUNT(m)", "MIN(n * 4611686018427387904)",
)  # fmt: skip
TEXT_AGGREGATES = ("MIN(k)", "MAX(k)", "CASE WHEN COUNT(*) > 2 THEN 'many' ELSE 'few' END")
HAVINGS = (
    "COUNT(*) > 1", "SUM(n) > 0", "COUNT(*) % 2 = 1 OR MIN(x) IS NULL", "MAX(m) <> 3",
    "picky(COUNT(*)) > 2", "abs(SUM(m)) > 1", "k IS NOT NULL", "n > 0 AND COUNT(m) < 3",
)  # fmt: skip
SEVERAL = ("few(n)", "few(m)", "few(n) - 1", "COALESCE(few(n), 7)", "few(picky(n))")
"""What makes several rows of one."""
SIZES = (10, 20, 30, 50, 100)


@st.composite
def apps(draw: st.DrawFn) -> App:
    """A program of up to eight queries over up to seven streams."""
    inputs = [f"In{i}" for i in range(draw(st.integers(1, 2)))]
    inner = [f"Mid{i}" for i in range(draw(st.integers(1, 5)))]
    streams = inputs + inner
    statements: list[str] = []
    for name in list(streams):
        kind = draw(st.integers(0, 8))
        columns = REQUIRED if kind == 0 else COLUMNS
        timed = TIMED if kind == 1 and name in inputs else ""
        statements.append(f"CREATE STREAM {name} ({columns}){timed}")
    if draw(st.integers(0, 2)) == 0:
        place = draw(st.integers(len(inputs), len(streams)))
        statements.append(f"CREATE VIEW View AS {draw(_passing(streams[:place]))}")
        streams.insert(place, "View")
    targets = [*inner, *draw(st.lists(st.sampled_from(inner), max_size=4))]
    for target in draw(st.permutations(targets)):
        earlier = streams[: streams.index(target)]
        statements.append(draw(_query(earlier, target)))
    if draw(st.booleans()):
        source = draw(st.sampled_from(streams))
        statements.append(f"INSERT INTO Last SELECT *, n + m AS total FROM {source}")
        streams.append("Last")
    return App(";\n".join(statements), tuple(inputs), tuple(streams))


@st.composite
def _passing(draw: st.DrawFn, earlier: Sequence[str], depth: int = 2) -> str:
    """A query whose columns are those of all streams, by their types too."""
    source = draw(_source(earlier, depth - 1))
    before = f" WHERE {draw(st.sampled_from(CONDITIONS))}" if draw(st.booleans()) else ""
    select = draw(
        st.sampled_from(
            [
                f"SELECT * FROM {source}{before}",
                f"SELECT * FROM {source}{before}",
                f"SELECT * FROM {source} WINDOW('tumbling', 20){before}",
                f"SELECT k, MAX(n) AS n, MIN(m) AS m, MAX(x) AS x FROM {source}{before} GROUP BY k",
            ]
        )
    )
    if depth and draw(st.integers(0, 2)) == 0:
        return f"{select} UNION ALL {draw(_passing(earlier, depth - 1))}"
    return select


@st.composite
def _source(draw: st.DrawFn, earlier: Sequence[str], depth: int = 1) -> str:
    """What a query reads: a stream or view, or a subquery."""
    if depth > 0 and draw(st.integers(0, 3)) == 0:
        alias = draw(st.sampled_from(["", " AS s", ' "s t"']))
        return f"({draw(_passing(earlier, depth))}){alias}"
    return draw(st.sampled_from(earlier))


@st.composite
def _query(draw: st.DrawFn, earlier: Sequence[str], target: str) -> str:
    """A query that writes to ``target``, with WITH, UNION ALL or a column list perhaps."""
    form = draw(st.sampled_from(["plain", "plain", "with", "union", "list"]))
    if form == "with":
        views = f"WITH d AS ({draw(_passing(earlier))}), e AS (SELECT * FROM d) "
        read = draw(st.sampled_from(["d", "e"]))
        return f"INSERT INTO {target} {views}{draw(_select(read))} UNION ALL SELECT * FROM e"
    select = draw(_select(draw(_source(earlier))))
    if form == "union":
        select += f" UNION ALL {draw(_select(draw(_source(earlier)), behind_union=True))}"
    if form == "list":
        names = "".join(draw(st.permutations("knmx")))
        select = f"SELECT {', '.join(names)} FROM ({draw(_passing(earlier))})"
        return f"INSERT INTO {target} ({', '.join(names)}) {select}"
    return f"INSERT INTO {target} {select}"


@st.composite
def _select(draw: st.DrawFn, source: str, behind_union: bool = False) -> str:
    kind = draw(st.sampled_from(["map", "map", "running", "grouped", "window", "per row", "plain"]))
    kind = "several" if draw(st.integers(0, 7)) == 0 else kind
    before = f" WHERE {draw(st.sampled_from(CONDITIONS))}" if draw(st.booleans()) else ""
    window = after = group = ""
    if kind in ("window", "per row", "plain") or (kind == "grouped" and draw(st.booleans())):
        size = draw(st.sampled_from(SIZES))
        name = draw(st.sampled_from(["tumbling", "timeBatch"]))
        offset = f", {draw(st.integers(1, size - 1))}" if draw(st.integers(0, 3)) == 0 else ""
        window = f" WINDOW('{name}', {size}{offset})"
        if draw(st.integers(0, 2)) == 0:
            after = f" WHERE {draw(st.sampled_from(CONDITIONS))}"
    if kind == "grouped":
        group = f" GROUP BY {draw(st.sampled_from(KEYS))}"
    items = draw(_items(kind, bool(window)))
    aggregates = kind not in ("map", "plain", "several")
    clauses = "" if behind_union else draw(_clauses(aggregates, named=items != "*"))
    if kind == "several":
        clauses = re.sub(r" HAVING .*?(?= ORDER| LIMIT| OFFSET|$)", "", clauses)
    distinct = (
        "DISTINCT "
        if (window or kind == "several") and "ORDER" not in clauses and draw(st.booleans())
        else ""
    )
    return f"SELECT {distinct}{items} FROM {source}{before}{window}{after}{group}{clauses}"


@st.composite
def _clauses(draw: st.DrawFn, aggregates: bool, named: bool) -> str:
    """HAVING, ORDER BY, LIMIT and OFFSET, where there are any."""
    if draw(st.integers(0, 2)):
        return ""
    having = order = limit = offset = ""
    if draw(st.booleans()):
        conditions = HAVINGS if aggregates else CONDITIONS
        having = f" HAVING {draw(st.sampled_from(conditions))}"
    if draw(st.booleans()):
        choices = ("k", "n", "m", "x", "n % 3", "picky(n)", *(("1", "4") if named else ()))
        keys = draw(st.lists(st.sampled_from(choices), min_size=1, max_size=3))
        ways = ("", " DESC", " NULLS FIRST", " DESC NULLS FIRST", " ASC NULLS LAST")
        order = " ORDER BY " + ", ".join(key + draw(st.sampled_from(ways)) for key in keys)
    if draw(st.booleans()):
        limit = f" LIMIT {draw(st.integers(0, 3))}"
    if draw(st.integers(0, 2)) == 0:
        offset = f" OFFSET {draw(st.integers(0, 2))}"
    return f"{having}{order}{limit}{offset}"


@st.composite
def _items(draw: st.DrawFn, kind: str, windowed: bool) -> str:
    def one(*choices: Sequence[str]) -> str:
        return draw(st.sampled_from([text for texts in choices for text in texts]))

    bounds = ("window_start()", "window_end() - window_start()") if windowed else ()
    if kind in ("map", "plain"):
        if draw(st.integers(0, 3)) == 0 and not windowed:
            return "*"
        columns = (one(TEXTS), one(LONGS, bounds), one(INTS), one(DOUBLES))
    elif kind == "several":
        columns = (one(TEXTS), one(SEVERAL), one(INTS), one(DOUBLES, ("few(m) / 2", "few(n)")))
    elif kind == "window":
        columns = (
            one(TEXT_AGGREGATES, ("'c'",)),
            one(LONG_AGGREGATES, bounds),
            one(INT_AGGREGATES),
            one(DOUBLE_AGGREGATES),
        )
    else:
        columns = (
            one(TEXT_AGGREGATES, ("k", "COALESCE(k, MAX(k))")),
            one(LONG_AGGREGATES, ("n", "n + COUNT(*)"), bounds),
            one(INT_AGGREGATES, ("m",)),
            one(DOUBLE_AGGREGATES, ("x",)),
        )
    return ", ".join(f"{text} AS {name}" for text, name in zip(columns, "knmx", strict=True))


TIMED = " WITH (event.time = 'n')"


_N = st.integers(-6, 12) | st.sampled_from([2**63 - 1, -(2**63), 2**40])
_K = st.none() | st.sampled_from(["a", "ab", "b", "", "12", "1.5"])
_M = st.none() | st.integers(-2, 4) | st.sampled_from([2**31 - 1, -(2**31)])


@st.composite
def rows(draw: st.DrawFn, required: bool = False, timed: bool = False) -> Values:
    """A row of an input; sums of ``x`` are exact in any order."""
    n: int | None = draw(st.integers(0, 200) if timed else _N)
    x: float | None = draw(st.integers(-20, 20)) / 4
    if not required:
        nulls = draw(st.integers(0, 9))
        n, x = (None if nulls in (0, 1) else n), (None if nulls in (1, 2) else x)
    return (draw(_K), n, draw(_M), x)


@cache
def _runs_of_rows(required: bool, timed: bool) -> st.SearchStrategy[list[Values]]:
    return st.lists(rows(required, timed), min_size=1, max_size=6)


@st.composite
def actions(draw: st.DrawFn, app: App, batches: bool = False) -> list[Action]:
    """Events in order, their times mostly going on, and moves of the clock between them."""
    now = draw(st.integers(0, 40))
    found: list[Action] = []
    for _ in range(draw(st.integers(1, 8))):
        kind = draw(st.sampled_from(["advance", "now", "timed", "timed", "batch", "batch at"]))
        if kind == "advance":
            now += draw(st.integers(0, 120))
            found.append(Advance(now))
            continue
        stream = draw(st.sampled_from(app.inputs))
        required = f"CREATE STREAM {stream} ({REQUIRED})" in app.sql
        timed = f"{stream} ({COLUMNS}){TIMED}" in app.sql
        made = draw(_runs_of_rows(required, timed))
        if kind.startswith("batch") and batches:
            now += draw(st.integers(0, 30))
            found.append(Batch(stream, tuple(made), now if kind == "batch at" else None))
            continue
        for values in made:
            time = None
            if kind != "now":
                time = max(0, now + draw(st.integers(-15, 35)))
                now = max(now, time)
            found.append(Row(stream, values, time))
    return found
