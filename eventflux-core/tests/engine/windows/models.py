"""What each window holds, recomputed from the whole history: a specification in Python.

A **sliding** window is a function from all rows that entered so far, the newest last, to the
rows that it holds now, in the order of their arrival; the newest gives a row unless the
window says that it is dropped. A **batch** window is a function from all rows that enter and
the clock in the end to the batches that were given, with the time at which each was, in that
order. Times are milliseconds; nothing here knows how the engine does it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple, TypeAlias

from .events import Event

History: TypeAlias = Sequence[Event]
Rows: TypeAlias = list[Event]


class Batch(NamedTuple):
    """The rows ``start <= t < end`` that a window gives when the clock reaches ``due``."""

    due: int
    start: int
    end: int
    rows: Rows
    again: bool = False
    """Whether it gave the others before: the newest gives what it changes."""


Sliding: TypeAlias = Callable[[History], Rows]
Batches: TypeAlias = Callable[[History, int], list[Batch]]


# Sliding windows


def length(n: int) -> Sliding:
    """The newest n rows."""
    return lambda history: list(history[-n:])


def time(d: int) -> Sliding:
    """The rows that are less than d old."""
    return lambda history: [row for row in history if row.t > history[-1].t - d]


def time_length(d: int, n: int) -> Sliding:
    """Of the rows that are less than d old the newest n."""
    return lambda history: time(d)(history)[-n:]


def external_time(d: int) -> Sliding:
    """The rows whose ts is less than d behind the largest. A late one never enters, see
    :func:`late_for_external_time`."""

    def held(history: History) -> Rows:
        newest = max(row.ts for row in history)
        return [row for row in history if row.ts > newest - d]

    return held


def late_for_external_time(d: int) -> Callable[[History], bool]:
    """Whether the newest row comes too late: the largest ts before it is d further on."""
    return lambda history: any(row.ts - d >= history[-1].ts for row in history[:-1])


def sort(n: int, descending: bool = False) -> Sliding:
    """The first n rows by v (NULLs last), of equal ones the earlier first."""

    def order(row: Event) -> tuple[bool, int]:
        return row.v is None, -(row.v or 0) if descending else row.v or 0

    def held(history: History) -> Rows:
        best = sorted(range(len(history)), key=lambda i: (order(history[i]), i))[:n]
        return [history[i] for i in sorted(best)]

    return held


def unique(ttl: int | None = None) -> Sliding:
    """The newest row of each k, for up to ttl."""

    def held(history: History) -> Rows:
        now = history[-1].t
        return [
            row
            for i, row in enumerate(history)
            if row.k not in {later.k for later in history[i + 1 :]}
            and (ttl is None or row.t > now - ttl)
        ]

    return held


def first_unique(ttl: int | None = None) -> Sliding:
    """The first row of each k; with a ttl the first after k was forgotten."""

    def held(history: History) -> Rows:
        kept: Rows = []
        for row in history:
            kept = [old for old in kept if ttl is None or old.t > row.t - ttl]
            if row.k not in {old.k for old in kept}:
                kept.append(row)
        return kept

    return held


def expression(condition: Callable[[Rows], bool]) -> Sliding:
    """After each row the oldest leave until the condition holds, or nothing is left."""

    def held(history: History) -> Rows:
        kept: Rows = []
        for row in history:
            kept.append(row)
            while kept and not condition(kept):
                kept.pop(0)
        return kept

    return held


def frequent(n: int) -> Sliding:
    """The newest row of each k that has a counter, of which there are n (Misra and Gries)."""

    def held(history: History) -> Rows:
        counts: dict[str | None, int] = {}
        newest: dict[str | None, Event] = {}
        for row in history:
            if row.k not in counts and len(counts) == n:
                counts = {k: count - 1 for k, count in counts.items() if count > 1}
            if row.k in counts or len(counts) < n:
                counts[row.k] = counts.get(row.k, 0) + 1
                newest[row.k] = row
        return [row for row in history if row.k in counts and newest[row.k] is row]

    return held


def lossy_frequent(support: float, error: float) -> Sliding:
    """The newest row of each k that has a counter (Manku and Motwani); see also
    :func:`frequent_enough`."""
    return lambda history: [row for row, *_ in _counted(history, error).values()]


def frequent_enough(support: float, error: float) -> Callable[[History], bool]:
    """Whether the newest row gives one."""

    def passes(history: History) -> bool:
        _, count, _ = _counted(history[:-1], error).get(history[-1].k, (None, 0, 0))
        return count + 1 >= (support - error) * len(history)

    return passes


def _counted(history: History, error: float) -> dict[str | None, tuple[Event, int, int]]:
    width = -int(-1 // error)
    counted: dict[str | None, tuple[Event, int, int]] = {}
    for number, row in enumerate(history, 1):
        bucket = -(-number // width)
        _, count, delta = counted.pop(row.k, (row, 0, bucket - 1))
        counted[row.k] = (row, count + 1, delta)
        if number % width == 0:
            counted = {k: entry for k, entry in counted.items() if entry[1] + entry[2] > bucket}
    return counted


# Batch windows


def length_batch(n: int) -> Batches:
    """Each n rows, when the last of them comes."""

    def batches(history: History, end: int) -> list[Batch]:
        full = [list(history[i : i + n]) for i in range(0, len(history) - n + 1, n)]
        return [Batch(rows[-1].t, 0, 0, rows) for rows in full]

    return batches


def tumbling(d: int, offset: int = 0) -> Batches:
    """The rows of each [k·d + offset, (k+1)·d + offset), when it is over."""

    def batches(history: History, end: int) -> list[Batch]:
        starts = sorted({_floor(row.t, d, offset) for row in history})
        return [
            Batch(s + d, s, s + d, [row for row in history if s <= row.t < s + d])
            for s in starts
            if s + d <= end
        ]

    return batches


def time_batch(d: int, start: int | None = None) -> Batches:
    """The same on a grid that the first row sets, unless a start is given."""

    def batches(history: History, end: int) -> list[Batch]:
        origin = history[0].t if start is None and history else start or 0
        return tumbling(d, origin)(history, end)

    return batches


def hop(size: int, slide: int, offset: int = 0) -> Batches:
    """At each boundary b = k·slide + offset the rows of [b - size, b)."""

    def batches(history: History, end: int) -> list[Batch]:
        if not history:
            return []
        first = _floor(history[0].t, slide, offset) + slide
        found = [
            Batch(b, b - size, b, [row for row in history if b - size <= row.t < b])
            for b in range(first, end + 1, slide)
        ]
        return [batch for batch in found if batch.rows]

    return batches


def session(gap: int, key: Callable[[Event], object] = lambda row: None) -> Batches:
    """Runs of rows of one key, each less than gap behind the one before; over when the clock
    reaches gap behind the last."""

    def batches(history: History, end: int) -> list[Batch]:
        found: list[Rows] = []
        for row in history:
            mine = [run for run in found if key(run[-1]) == key(row)]
            if mine and row.t - mine[-1][-1].t < gap:
                mine[-1].append(row)
            else:
                found.append([row])
        over = [Batch(run[-1].t + gap, run[0].t, run[-1].t + gap, run) for run in found]
        return sorted((b for b in over if b.due <= end), key=lambda batch: batch.due)

    return batches


def external_time_batch(d: int, start: int | None = None) -> Batches:
    """The rows of each [start + k·d, start + (k+1)·d) by ts, when a row comes with a ts at or
    past its end. A row for a batch that is over is late: it changes nothing."""

    def batches(history: History, end: int) -> list[Batch]:
        found: dict[int, Rows] = {}
        given: list[Batch] = []
        origin = start
        over = None
        for row in history:
            origin = row.ts if origin is None else origin
            mine = _floor(row.ts, d, origin)
            if over is not None and mine < over:
                continue
            given += [
                Batch(row.t, s, s + d, found.pop(s)) for s in sorted(found) if s + d <= row.ts
            ]
            over = mine if over is None else max(over, mine)
            found.setdefault(mine, []).append(row)
        return given

    return batches


def cron(period: int) -> Batches:
    """What came since the last multiple of the period, at each of them."""

    def batches(history: History, end: int) -> list[Batch]:
        return [batch for batch in tumbling(period)(history, end) if batch.rows]

    return batches


# Passing on


def delay(d: int) -> Batches:
    """Each row d later."""

    def batches(history: History, end: int) -> list[Batch]:
        late = sorted((row for row in history if row.t + d <= end), key=lambda row: row.t)
        return [Batch(row.t + d, row.t, row.t, [row]) for row in late]

    return batches


def keep_last(d: int) -> Batches:
    """DEDUPLICATE … KEEP LAST: a row that no other of its k has followed within d."""

    def batches(history: History, end: int) -> list[Batch]:
        over = session(d, lambda row: row.k)(history, end)
        return [Batch(b.due, b.start, b.end, b.rows[-1:]) for b in over]

    return batches


def _floor(t: int, step: int, offset: int) -> int:
    return t - (t - offset) % step


def by_due(batches: Iterable[Batch]) -> Iterator[list[Batch]]:
    """Batches that are due at one time: their order is told nowhere."""
    for _, together in groupby(batches, key=lambda batch: batch.due):
        yield list(together)
