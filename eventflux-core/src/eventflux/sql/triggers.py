"""``CREATE TRIGGER name AT START | EVERY duration | CRON '…'`` (semantics 9.2)."""

from __future__ import annotations

from eventflux.base.durations import unit_ms
from eventflux.base.suggest import nearest
from eventflux.sql.ast import CreateTrigger, Property, When
from eventflux.sql.create import with_clause
from eventflux.sql.cursor import STATEMENT_STARTS, Cursor
from eventflux.sql.durations import duration

_SHAPES = "AT START, AT EVERY 5 SECONDS or AT CRON '0 9 * * MON-FRI'"


def create_trigger(cursor: Cursor) -> CreateTrigger:
    """The whole statement; ``WITH (catch_up = true)`` may stand at its end."""
    start = cursor.advance().start
    cursor.expect("TRIGGER")
    if cursor.at("IF", "NOT", "EXISTS"):
        hint = "write CREATE TRIGGER name AT …"
        raise cursor.problem("CREATE TRIGGER IF NOT EXISTS is not part of this language", hint)
    name = cursor.name("the name of a trigger")
    if not cursor.accept("AT"):
        cursor.unexpected(f"AT after {name}", f"write {_SHAPES}")
    when = _when(cursor)
    options: list[Property] = []
    lost = False
    if cursor.at("WITH", "("):
        options, lost = with_clause(cursor)
    if cursor.token.kind != "end" and cursor.token.upper not in STATEMENT_STARTS:
        cursor.note(cursor.problem(f"expected ;, found {cursor.token.shown()}"))
        cursor.skip_statement()
        lost = True
    return CreateTrigger(name, when, tuple(options), start, cursor.read_to, lost)


def _when(cursor: Cursor) -> When:
    first = cursor.token
    if cursor.accept("START"):
        return When("start", first.start, cursor.read_to)
    if cursor.accept("EVERY"):
        _refuse_small_units(cursor)
        ms = duration(cursor, "the time between two rows of a trigger")
        return When("every", first.start, cursor.read_to, every_ms=ms)
    if cursor.accept("CRON"):
        text = cursor.token
        if text.kind != "string":
            cursor.unexpected("a cron expression in single quotes", f"write {_SHAPES}")
        cursor.advance()
        return When("cron", text.start, cursor.read_to, cron=text.text)
    if first.kind == "string":
        cursor.advance()
        if first.text.strip().upper() == "START":
            return When("start", first.start, cursor.read_to)
        return When("cron", first.start, cursor.read_to, cron=first.text)
    meant = nearest(first.upper, ("START", "EVERY", "CRON")) if first.kind == "word" else None
    hint = f"did you mean {meant}?" if meant else f"write {_SHAPES}"
    cursor.unexpected("START, EVERY or CRON after AT", hint)


def _refuse_small_units(cursor: Cursor) -> None:
    """A trigger has no unit below a millisecond, of however many."""
    for ahead in (cursor.token, cursor.ahead(), cursor.ahead(2)):
        size = unit_ms(ahead.text) if ahead.kind == "word" else None
        if size is not None and size < 1:
            message = f"a trigger can't go by {ahead.upper}: times are whole milliseconds"
            raise cursor.problem(message, "write MILLISECONDS, or a longer unit", ahead)
