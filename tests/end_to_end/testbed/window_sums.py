"""Events whose windowed sums tell how often each of them was counted.

Nothing of EventFlux is used here. The events of a window and key have the values 1, 100, 10,000 …:
two decimal digits of the sum are how often an event is in it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

SQL = """
SET app.name = 'window-sums';
SET app.time = 'event';
SET checkpoint.interval = '100 ms';
CREATE STREAM OrderInput (k STRING, v LONG, t LONG) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json', event.time = 't',
  rabbitmq.host = 'localhost', rabbitmq.queue = 'orders'
);
CREATE STREAM OrderOutput (k STRING, since LONG, n LONG, total LONG) WITH (
  type = 'sink', extension = 'rabbitmq', format = 'json',
  rabbitmq.host = 'localhost', rabbitmq.exchange = 'sums', "rabbitmq.routing.key" = 'high-value'
);
INSERT INTO OrderOutput
SELECT k, CAST(window_start() AS LONG) AS since, COUNT(*) AS n, SUM(v) AS total
FROM OrderInput WINDOW('tumbling', 1 SECOND) GROUP BY k;
"""
SIZE = 1000
"""Milliseconds of a window."""
KEYS = 5
IN_A_GROUP = 8
"""Events of each window and key."""
BEGINNING = 1_760_000_000_000


def make_events(windows: int) -> list[bytes]:
    """The events of so many windows in the order of their times, and one that closes the last."""
    events = [
        {"k": f"k{key}", "v": 100**number, "t": BEGINNING + window * SIZE + number * 100 + key}
        for window in range(windows)
        for number in range(IN_A_GROUP)
        for key in range(KEYS)
    ]
    events.append({"k": "end", "v": 1, "t": BEGINNING + windows * SIZE})
    return [json.dumps(event).encode() for event in events]


@dataclass(frozen=True)
class Sums:
    """What became of the events: ``missing`` lists windows without a row, and events that are in
    no row of their window; ``twice`` counts windows with an event that is counted twice in every
    row, ``repeated`` rows beyond the first of a window."""

    windows: int
    missing: list[str]
    twice: int
    repeated: int


def check(windows: int, bodies: Iterable[bytes]) -> Sums:
    """Compare the rows that arrived with what is owed for :func:`make_events`."""
    rows = Counter[tuple[str, int]]()
    best: dict[tuple[str, int], int] = {}
    for body in bodies:
        row = json.loads(body)
        group = row["k"], row["since"]
        rows[group] += 1
        best[group] = max(best.get(group, 0), row["total"])
    missing: list[str] = []
    twice = 0
    for group in _groups(windows):
        counted = list(_digits(best.get(group, 0)))
        missing += [f"{group}: event {n}" for n, times in enumerate(counted) if not times]
        twice += any(times > 1 for times in counted)
    return Sums(windows * KEYS, missing, twice, sum(rows.values()) - len(rows))


def _groups(windows: int) -> Iterator[tuple[str, int]]:
    for window in range(windows):
        for key in range(KEYS):
            yield f"k{key}", BEGINNING + window * SIZE


def _digits(total: int) -> Iterator[int]:
    """How often each event is in the sum."""
    for _ in range(IN_A_GROUP):
        total, times = divmod(total, 100)
        yield times
