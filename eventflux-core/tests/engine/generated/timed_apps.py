"""Apps that put together what makes rows of itself: triggers, OUTPUT, EMIT, rows that leave
windows, named windows, delays, by the app's clock or by watermarks.

All streams have the same columns, as those of :mod:`.apps`. There is no model of such apps as a
whole: what holds of each part by itself has its own, and here the invariants hold of them together.
"""

from __future__ import annotations

from hypothesis import strategies as st

from .apps import Action, Advance, App, Batch, Row, Values

_COLUMNS = "k STRING, v INT, ts LONG NOT NULL"
TRIGGERS = (
    "AT START",
    "AT EVERY 30",
    "AT EVERY 75 WITH (catch_up = 'true')",
    "AT CRON '* * * * * *'",
)
SLIDING = (
    "WINDOW('length', 3)", "WINDOW TIME(60 ms)", "WINDOW('timeLength', 60, 3)",
    "WINDOW('sort', 3, v)", "WINDOW('unique', k)", "WINDOW('expression', 'count() <= 3')",
    "WINDOW('frequent', 2, k)",
)  # fmt: skip
"""Those that tell of rows that leave, by whatever clock."""
CLOSING = (
    "WINDOW TUMBLING(50 ms)", "WINDOW('timeBatch', 70)", "WINDOW('hop', 100, 30, 10)",
    "WINDOW('session', 40)",
)  # fmt: skip
COUNTING = ("WINDOW('lengthBatch', 3)",)
PASSING = ("WINDOW('delay', 40)", "DEDUPLICATE BY k WITHIN 50 ms")
RATES = (
    "EVERY 2 EVENTS", "EVERY 3 EVENTS", "EVERY 30 MILLISECONDS", "EVERY 100 MILLISECONDS",
)  # fmt: skip
MARKED = ("watermark.idle = 90", "watermark.lateness = 30", "watermark.max-future = 50")
TOTALS = "CAST(sum(v) AS INT) AS v, max(ts) AS ts"
CONDITIONS = ("v > 0", "k IS NOT NULL", "v % 2 = 0")


@st.composite
def timed_apps(draw: st.DrawFn) -> App:
    """Up to six queries, two inputs, a trigger perhaps."""
    by_watermark = draw(st.booleans())
    inputs = ["In0", "In1"][: draw(st.integers(1, 2))]
    lag = ", WATERMARK FOR ts AS ts - 20" if by_watermark else ""
    options = f" WITH ({draw(st.sampled_from(MARKED))})" if by_watermark else ""
    statements = [f"CREATE STREAM {name} ({_COLUMNS}{lag}){options}" for name in inputs]
    readable, triggered = list(inputs), []
    if draw(st.booleans()):
        statements.append(f"CREATE TRIGGER Tick {draw(st.sampled_from(TRIGGERS))}")
        readable.append("Tick")
        triggered.append("Tick")
    if draw(st.booleans()):
        window = draw(st.sampled_from(SLIDING + CLOSING))
        statements.append(f"CREATE WINDOW Held ({_COLUMNS}) {window}")
        statements.append(f"INSERT INTO Held SELECT k, v, ts FROM {draw(st.sampled_from(inputs))}")
        readable.append("Held")
    for number in range(draw(st.integers(2, 6))):
        target = f"Mid{number}"
        source = draw(st.sampled_from(readable))
        of_trigger = source in triggered
        sources = [source]
        if draw(st.integers(0, 3)) == 0:
            same = [name for name in readable if (name in triggered) is of_trigger]
            sources.append(draw(st.sampled_from(same if by_watermark else readable)))
        for name in sources:
            final = by_watermark and not of_trigger
            statements.append(draw(_query(name, target, final)))
        readable.append(target)
        if of_trigger:
            triggered.append(target)
    return App(";\n".join(statements) + ";", tuple(inputs), tuple(readable))


@st.composite
def _query(draw: st.DrawFn, source: str, target: str, final: bool) -> str:
    """A query that reads ``source``; ``final`` says that it may EMIT FINAL."""
    if source == "Tick":
        items = "'t' AS k, CAST(triggered_time % 7 AS INT) AS v, triggered_time AS ts"
        return f"INSERT INTO {target} SELECT {items} FROM Tick{draw(_rate())}"
    kinds = ["map", "running", "sliding", "closing", "counting", "passing"]
    kind = "map" if source == "Held" else draw(st.sampled_from(kinds))
    pools = {
        "sliding": SLIDING, "closing": CLOSING, "counting": COUNTING, "passing": PASSING,
    }  # fmt: skip
    window = f" {draw(st.sampled_from(pools[kind]))}" if kind in pools else ""
    where = f" WHERE {draw(st.sampled_from(CONDITIONS))}" if draw(st.integers(0, 2)) == 0 else ""
    events = behind = group = ""
    aggregates = kind == "running" or (kind != "passing" and draw(st.booleans()))
    by_key = aggregates and draw(st.booleans())
    if by_key:
        group = " GROUP BY k"
    closes = kind in ("closing", "counting") and not aggregates and "session" not in window
    if (kind == "sliding" or closes) and draw(st.booleans()):
        events = f" {draw(st.sampled_from(['EXPIRED', 'ALL']))} EVENTS"
    elif aggregates and source != "Held" and draw(st.integers(0, 2)) == 0:
        emits = {
            "closing": ["CHANGES", "EVERY 30"],
            "counting": ["CHANGES"],
            "running": ["EVERY 30", *(["FINAL"] if final else [])],
            "sliding": ["EVERY 30", *(["FINAL"] if final else [])],
        }
        behind = f" EMIT {draw(st.sampled_from(emits.get(kind, ['EVERY 30'])))}"
    else:
        snapshots = kind != "passing"
        behind = draw(_rate(snapshots))
    k = "k" if by_key else "'all' AS k" if aggregates else "k"
    items = f"{k}, {TOTALS}" if aggregates else "k, v, ts"
    return (
        f"INSERT{events} INTO {target} SELECT {items} FROM {source}{where}{window}{group}{behind}"
    )


@st.composite
def _rate(draw: st.DrawFn, snapshots: bool = False) -> str:
    """OUTPUT, perhaps."""
    if draw(st.booleans()):
        return ""
    mode = draw(st.sampled_from(["ALL", "FIRST", "LAST", *(["SNAPSHOT"] if snapshots else [])]))
    rate = draw(st.sampled_from(RATES[2:] if mode == "SNAPSHOT" else RATES))
    end = " WITH (emit = 'end')" if mode == "FIRST" and draw(st.booleans()) else ""
    return f" OUTPUT {mode} {rate}{end}"


_V = st.none() | st.integers(-3, 9)


@st.composite
def timed_actions(draw: st.DrawFn, app: App, batches: bool = False) -> list[Action]:
    """Rows whose times mostly go on, in runs, and moves of the clock between them."""
    now = draw(st.sampled_from([0, 990, -130]))
    found: list[Action] = []
    for _ in range(draw(st.integers(1, 7))):
        if draw(st.integers(0, 3)) == 0:
            now += draw(st.sampled_from([0, 1, 29, 30, 50, 100, 400]))
            found.append(Advance(now))
            continue
        stream = draw(st.sampled_from(app.inputs))
        rows: list[tuple[Values, int]] = []
        for _ in range(draw(st.integers(1, 6))):
            now += draw(st.sampled_from([0, 0, 1, 5, 20, 30, 59, 60, 110]))
            k = draw(st.sampled_from(["a", "b", None]))
            v = draw(_V)
            rows.append(((k, v, now - draw(st.sampled_from([0, 0, 0, 10, 35, 90]))), now))
        if batches and draw(st.integers(0, 2)) == 0:
            found.append(Batch(stream, tuple(values for values, _ in rows), now))
        else:
            found += [Row(stream, values, time) for values, time in rows]
    return found
