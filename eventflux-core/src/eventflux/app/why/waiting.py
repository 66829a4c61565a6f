"""What a window waits for, who holds its watermark back, and when it fires."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from eventflux.app.why.facts import Facts
from eventflux.app.why.report import Cause
from eventflux.app.why.wording import (
    query_text,
    rows_text,
    span_text,
    window_of_text,
)
from eventflux.base.durations import format_duration
from eventflux.base.insight import Holding, InputMark
from eventflux.base.timestamps import timestamp_text
from eventflux.planner.describe import quote_name
from eventflux.planner.plan import Query, Windowed
from eventflux.planner.settings import read_setting
from eventflux.planner.windows import LengthBatch, OutputRows, OutputTime


class Found(msgspec.Struct, frozen=True):
    """A cause in words. ``yet`` says that nothing is wrong: what is missing may still come."""

    cause: Cause
    text: str
    hint: str | None = None
    yet: bool = False

    def but(self, others: str) -> Found:
        """The same, with what else happened."""
        return replace(self, text=f"{self.text}; {others}")


def waiting(facts: Facts, query: Query) -> Found:
    """Why a query that holds rows has given none."""
    counted, holding = facts.counters(query), facts.holding(query)
    windowed = next((o for o in query.operators if isinstance(o, Windowed)), None)
    subject = query_text(query) if windowed is None else _window_subject(facts, query, windowed)
    if counted["discarded"]:
        text = f"{subject} dropped {rows_text(counted['discarded'])} unfinished at a stop"
        return Found("window", text, "app.flush.on.stop gives them, a state store keeps them")
    if holding is None or not (holding.kept or holding.rows):
        return Found("window", f"{subject} holds nothing that could give a row")
    held = f"{subject} holds {holding_text(holding)}"
    by_time = query.root.emit is not None and query.root.emit.by_time
    window = None if windowed is None or by_time else windowed.window
    if isinstance(window, LengthBatch | OutputRows):
        count = window.rows
        text = f"{subject} holds {holding.rows or 0:,} of the {count:,} rows that fill it"
        return Found("window", text, yet=True)
    if holding.due is None:
        return Found("window", held, yet=True)
    if holding.inputs:
        return _by_watermark(facts, holding, holding.due, held)
    return Found("window", f"{held} and {due_text(facts, holding, holding.due)}", yet=True)


def _window_subject(facts: Facts, query: Query, windowed: Windowed) -> str:
    """``the window … of query big (line 12)``; OUTPUT is of the query that stands before it."""
    text = window_of_text(windowed)
    if isinstance(windowed.window, OutputRows | OutputTime):
        (whole,) = facts.plan.writers(query.source)
        return f"{text} of {query_text(whole)}"
    return f"the window {text} of {query_text(query)}"


def holding_text(holding: Holding) -> str:
    """``2 rows``; ``3 rows or groups`` where rows are not counted."""
    if holding.rows:
        return rows_text(holding.rows)
    return f"{holding.kept:,} {'row or group' if holding.kept == 1 else 'rows or groups'}"


def due_text(facts: Facts, holding: Holding, due: int) -> str:
    """When rows are given that no watermark decides over."""
    if holding.mark is not None:  # a column of its own
        at = timestamp_text(holding.mark)
        return f"fires when a row reaches {timestamp_text(due)}; the largest so far is {at}"
    now = facts.standing.insight.now
    if read_setting(facts.settings, "app.time") == "event":
        return (
            f"fires when a row moves the app's clock to {timestamp_text(due)}; it is at "
            f"{timestamp_text(now)}"
        )
    return f"fires at {timestamp_text(due)}, in {span_text(due - now)}"


def _by_watermark(facts: Facts, holding: Holding, due: int, held: str) -> Found:
    text = f"{held} and fires when the watermark has reached {timestamp_text(due)}"
    slowest = holder(holding)
    ahead = [one for one in holding.inputs if one is not slowest]
    passed = [one for one in ahead if one.mark is not None and one.mark >= due]
    if passed:
        others = ", ".join(f"{input_text(one)} is at {_mark_text(one)}" for one in passed)
        text += f"; {input_text(slowest)} holds it back: {_behind(facts, slowest)}, while {others}"
        return Found("watermark", text, _idle_hint(slowest), yet=True)
    text += f"; it is at {_mark_text(slowest)} by {input_text(slowest)}"
    last_s = facts.last_s(slowest.stream)
    if last_s is not None:
        text += f", whose last row came {span_text(1000 * last_s)} ago"
    hint = f"only a row of {quote_name(slowest.stream)} with a later event time moves it on"
    return Found("watermark", text, hint, yet=True)


def holder(holding: Holding) -> InputMark:
    """The input that the watermark waits for: the one that is furthest behind of those that are
    not idle."""
    busy = [one for one in holding.inputs if not (one.idle or one.ended)]
    return min(busy or holding.inputs, key=lambda one: (one.mark is not None, one.mark or 0))


def input_text(one: InputMark) -> str:
    """``Orders``, ``partition 3 of Orders``."""
    stream = quote_name(one.stream)
    return stream if one.partition is None else f"partition {one.partition} of {stream}"


def _mark_text(one: InputMark) -> str:
    return "its beginning" if one.mark is None else timestamp_text(one.mark)


def _behind(facts: Facts, one: InputMark) -> str:
    if one.mark is None:
        return "it has had no row yet"
    last_s = facts.last_s(one.stream) if one.partition is None else None
    last = "" if last_s is None else f" with its last row {span_text(1000 * last_s)} ago"
    return f"it is at {timestamp_text(one.mark)}{last}"


def _idle_hint(one: InputMark) -> str:
    return (
        f"{quote_name(one.stream)} is left out when no row of it has come for watermark.idle = "
        f"{format_duration(one.idle_after_ms)}"
    )
