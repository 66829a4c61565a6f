"""``OUTPUT [ALL | FIRST | LAST | SNAPSHOT] EVERY n EVENTS | duration`` (semantics 9.4)."""

from __future__ import annotations

from typing import cast, get_args

from eventflux.base.suggest import nearest
from eventflux.sql.ast import Output, OutputMode
from eventflux.sql.cursor import Cursor
from eventflux.sql.durations import duration
from eventflux.sql.numbers import COUNT, whole_number

_SHAPE = "write OUTPUT LAST EVERY 5 SECONDS, or OUTPUT ALL EVERY 10 EVENTS"


def output_rate(cursor: Cursor) -> Output | None:
    """The clause, if it is there; without a mode it is ALL."""
    first = cursor.accept("OUTPUT")
    if first is None:
        return None
    mode: OutputMode = "all"
    if not cursor.at("EVERY"):
        modes = {known.upper(): known for known in get_args(OutputMode)}
        word = cursor.token.upper
        if word not in modes:
            meant = nearest(word, [*modes, "EVERY"])
            hint = f"did you mean {meant}?" if meant else _SHAPE
            cursor.unexpected("ALL, FIRST, LAST, SNAPSHOT or EVERY after OUTPUT", hint)
        mode = cast("OutputMode", modes[word])
        cursor.advance()
    if not cursor.accept("EVERY"):
        cursor.unexpected(f"EVERY after OUTPUT {mode.upper()}", _SHAPE)
    if cursor.token.kind != "number":
        every = duration(cursor, "the time between outputs")
        return Output(mode, None, every, first.start, cursor.read_to)
    if cursor.ahead().upper in ("EVENTS", "EVENT"):
        return Output(mode, _rows(cursor), None, first.start, cursor.read_to)
    if not cursor.ahead().is_name or cursor.ahead().upper in ("INSERT", "WITH"):
        number = cursor.token.text
        message = f"OUTPUT EVERY {number}: of what?"
        raise cursor.problem(message, f"write {number} EVENTS, or {number} SECONDS")
    every = duration(cursor, "the time between outputs")
    return Output(mode, None, every, first.start, cursor.read_to)


def _rows(cursor: Cursor) -> int:
    """``n EVENTS``."""
    token = cursor.advance()
    cursor.advance()
    rows = whole_number(token.text)
    if not rows:
        message = f"OUTPUT EVERY {token.text} EVENTS: the number of rows is {COUNT}"
        raise cursor.problem(message, "write OUTPUT ALL EVERY 10 EVENTS", token)
    return rows
