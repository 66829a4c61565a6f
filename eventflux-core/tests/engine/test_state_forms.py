"""What is stored of each kind of operator and of each aggregate, by example: state that was stored
in another form is not read, so a change of what is stored has to show in its form.

The sample is in ``state_forms.json``; ``EVENTFLUX_UPDATE_CASES=1 pytest …`` writes it, unless
something has changed while its form has not.
"""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest

import eventflux
from eventflux.compiler.aggregates.functions import FUNCTIONS
from eventflux.operators.packing import unpack
from eventflux.planner import windows as w
from eventflux.spi.own_aggregates import aggregate_of

from .harness import compiled

SAMPLE = Path(__file__).parent / "state_forms.json"
UPDATE = bool(os.environ.get("EVENTFLUX_UPDATE_CASES"))
RAISE = (
    "what is stored has changed, but its form has not. Raise the number of what stores it, so that "
    "what was stored before is not read: of an operator in its Header(…), of an aggregate in the "
    "form of its Field(…), of all blocks in BLOCKS_FORM, of clocks and watermarks in PLAIN_FORM; "
    "then EVENTFLUX_UPDATE_CASES=1 writes the sample"
)

STREAM = (
    "CREATE STREAM S (k STRING, v INT, d DOUBLE, m DECIMAL, ok BOOL, ts LONG NOT NULL{}); "
    "INSERT INTO T SELECT {} FROM S {};"
)
MARK = ", WATERMARK FOR ts AS ts - 5"
ROWS = [
    ("a", 3, 0.5, Decimal("1.50"), True, 10),
    ("b", None, 1e300, None, False, 11),
    ("a", 1, None, None, None, 12),
    ("a", 3, 2.5, Decimal("2.25"), True, 13),
    ("a", 2, -1.0, Decimal("0.1"), False, 14),
]

NUMBERS = (
    "k, COUNT(*), COUNT(v), SUM(v), AVG(d), SUM(m), STDDEV_POP(v), STDDEV_SAMP(m), VAR_POP(v), "
    "VAR_SAMP(d)"
)
EXTREMES = "k, MIN(v), MAX(v), MIN(d), MIN(k), MAX(m)"
ORDERS = (
    "k, FIRST(v), LAST(v), FIRST(v ORDER BY d), LAST(v ORDER BY d DESC), ARRAY_AGG(v), "
    "STRING_AGG(k, '-'), ARRAY_AGG(v ORDER BY d)"
)
RANKS = (
    "k, BOOL_AND(ok), BOOL_OR(ok), MODE(v), PERCENTILE_CONT(v, 0.5), PERCENTILE_DISC(v, 0.5), "
    "COUNT(DISTINCT v), SUM(DISTINCT d), Span(v)"
)
FOREVER = "k, MIN_FOREVER(v), MAX_FOREVER(d)"
SKETCHES = "k, APPROX_COUNT_DISTINCT(v), APPROX_PERCENTILE(v, 0.5)"
ROW = "k, v"
ONE = "k, SUM(v)"
BY_K = "GROUP BY k"


def expiring(sql: str) -> str:
    return sql.replace("INSERT INTO", "INSERT EXPIRED EVENTS INTO")


QUERIES = [
    *(
        STREAM.format("", items, f"{window} {BY_K}")
        for window in ("", "WINDOW('length', 4)", "WINDOW('sort', 4, v)", "WINDOW('session', 5, k)")
        for items in (NUMBERS, EXTREMES, ORDERS, RANKS)
    ),
    STREAM.format("", FOREVER, BY_K),
    STREAM.format("", FOREVER, f"WINDOW('tumbling', 2) {BY_K}"),
    STREAM.format("", SKETCHES, BY_K),
    STREAM.format("", f"{ONE}, v", BY_K),
    STREAM.format("", ONE, f"{BY_K} WITH (state.ttl = 100)"),
    *(
        STREAM.format("", items, f"{window} {by}")
        for window in (
            "WINDOW TIME(3 ms)", "WINDOW('timeLength', 3, 2)", "WINDOW('externalTime', ts, 3)",
            "WINDOW('unique', k, 3)", "WINDOW('firstUnique', k, 3)",
            "WINDOW('expression', 'sum(v) <= 5')", "WINDOW('frequent', 1, k)",
            "WINDOW('lossyFrequent', 0.3, 0.1, k)", "WINDOW('lengthBatch', 3)",
            "WINDOW('tumbling', 2)", "WINDOW('hop', 4, 2)", "WINDOW('cron', '*/1 * * * * *')",
            "WINDOW('externalTimeBatch', ts, 2, 0, 9)", "WINDOW('session', 5, k)",
        )
        for items, by in ((ROW, ""), (ONE, BY_K))
    ),
    STREAM.format("", ROW, "WINDOW('delay', 3)"),
    STREAM.format("", ROW, "OUTPUT ALL EVERY 3 EVENTS"),
    STREAM.format("", ROW, "OUTPUT LAST EVERY 3 ms"),
    STREAM.format("", ONE, f"{BY_K} EMIT EVERY 3 ms"),
    STREAM.format("", ROW, "WINDOW('length', 2) OUTPUT SNAPSHOT EVERY 3 ms"),
    STREAM.format("", ONE, f"{BY_K} OUTPUT SNAPSHOT EVERY 3 ms"),
    expiring(STREAM.format("", ROW, "WINDOW('length', 3)")),
    expiring(STREAM.format("", ROW, "WINDOW('lengthBatch', 3)")),
    STREAM.format("", ONE, f"WINDOW('lengthBatch', 3) {BY_K} EMIT CHANGES"),
    expiring(STREAM.format("", ROW, "WINDOW('tumbling', 2)")),
    STREAM.format(MARK, ONE, f"WINDOW('tumbling', 2) {BY_K}"),
    STREAM.format(MARK, ROW, "WINDOW TIME(3 ms)"),
    STREAM.format(MARK, ONE, f"{BY_K} EMIT FINAL"),
    "CREATE TRIGGER S AT EVERY 3 ms; INSERT INTO T SELECT random() AS r FROM S;",
]  # fmt: skip


@eventflux.aggregate(name="Span")
class Span:
    """An aggregate of a program's own."""

    def __init__(self) -> None:
        self.values: list[int] = []
        self.low: int | None = None

    def add(self, value: int) -> None:
        self.values.append(value)

    def remove(self, value: int) -> None:
        self.values.remove(value)

    def merge(self, other: Span) -> None:
        self.values += other.values

    def result(self) -> int:
        return max(self.values) - min(self.values)


Stored = dict[str, dict[str, Any]]
"""By kind of state: its form, and what its records hold."""


def plain(value: Any) -> Any:
    """What stands in the sample for a value; bytes are of a library."""
    if isinstance(value, list):
        return list(map(plain, value))
    if isinstance(value, bytes):
        return "bytes"
    return value if value is None or isinstance(value, int | str) else str(value)


def stored_of(sql: str) -> Stored:
    app = compiled(sql, {"span": aggregate_of(Span)})
    if "CREATE TRIGGER" in sql:
        app.program.begin_triggers()
        app.advance(10)
    else:
        app.send("S", ROWS, [row[-1] for row in ROWS])
    records, infos = app.saved(), app.program.state_keys()
    return {
        info.kind: {
            "form": info.form,
            "records": {
                key.hex(" "): plain(unpack(value)) for key, value in sorted(records[state].items())
            },
        }
        for state, info in infos.items()
    }


def read() -> dict[str, Stored]:
    if not SAMPLE.exists():
        return {}
    found: dict[str, Stored] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return found


def write(sample: dict[str, Stored]) -> None:
    """A line for each query."""
    lines = [f"{json.dumps(sql)}: {json.dumps(sample[sql])}" for sql in QUERIES if sql in sample]
    SAMPLE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


@pytest.mark.parametrize("sql", QUERIES)
def test_what_is_stored_is_what_its_form_says(sql: str) -> None:
    sample, stored = read(), stored_of(sql)
    before = sample.get(sql, {})
    for kind in before.keys() & stored.keys():
        if stored[kind] != before[kind]:
            assert stored[kind]["form"] != before[kind]["form"], RAISE
    if UPDATE:
        sample[sql] = before = stored
        write(sample)
    assert stored == before, "its form is another one: EVENTFLUX_UPDATE_CASES=1 writes the sample"


def test_the_sample_has_all_kinds_of_state() -> None:
    named = " ".join(read()).lower()
    assert [name for name in FUNCTIONS if f"{name}(" not in named] == []
    kinds = {kind for stored in read().values() for kind in stored}
    windows = {f"{window.__name__} window" for window in get_args(w.AnyWindow)}
    limited = {f"{window.__name__} window" for window in (w.OutputRows, w.OutputTime)}
    assert windows - limited - kinds == set()
    assert {"rows that OUTPUT holds", "clock", "watermarks", "random values"} <= kinds
