"""``CREATE STREAM`` and its WITH clause."""

from __future__ import annotations

from eventflux.base.suggest import nearest
from eventflux.sql.ast import ColumnDef, CreateStream, Property
from eventflux.sql.cursor import Cursor
from eventflux.sql.data_types import data_type
from eventflux.sql.refusals import COLUMN_REFUSALS, DEFINITION_REFUSALS


def create_stream(cursor: Cursor) -> CreateStream:
    """``CREATE | DEFINE STREAM [IF NOT EXISTS] name (columns) [WITH (properties)]``."""
    start = cursor.advance().start
    refusal = DEFINITION_REFUSALS.get(cursor.token.upper)
    if refusal is not None:
        raise cursor.problem(refusal.message, refusal.hint)
    if not cursor.at("STREAM"):
        match = nearest(cursor.token.text, ["STREAM"])
        cursor.unexpected("STREAM", f"did you mean {match}?" if match else None)
    cursor.advance()
    if_not_exists = cursor.accept("IF", "NOT", "EXISTS") is not None
    name = cursor.name("the name of a stream")
    if cursor.at("."):
        raise cursor.problem(
            "a stream's name has one part", "put it in double quotes if it holds a dot"
        )
    if cursor.at("AS"):
        raise cursor.unsupported("CREATE STREAM … AS", f"write INSERT INTO {name} SELECT …")
    cursor.expect("(", "and the columns")
    columns = [column(cursor)]
    while cursor.accept(","):
        columns.append(column(cursor))
    if not cursor.at(")"):
        cursor.unexpected(", or )")
    cursor.advance()
    properties = with_clause(cursor) if cursor.at("WITH") else ()
    if cursor.token.kind != "end":
        cursor.unexpected("WITH (…) or ;" if not properties else ";")
    return CreateStream(name, if_not_exists, tuple(columns), properties, start, cursor.read_to)


def column(cursor: Cursor) -> ColumnDef:
    """``name type [NOT NULL]``."""
    if cursor.at("WATERMARK", "FOR"):
        raise cursor.unsupported(
            "WATERMARK", "use the option event.time = 'column' and SET app.time = 'event'"
        )
    if cursor.at("PRIMARY", "KEY"):
        raise cursor.unsupported("PRIMARY KEY", "streams have no keys")
    if cursor.at(")"):
        raise cursor.problem(
            "expected a column, found ')'", "a stream has at least one column; drop a last comma"
        )
    name = cursor.name("the name of a column")
    if cursor.token.kind == "end" or cursor.at(",") or cursor.at(")"):
        raise cursor.problem(f"the column {name} has no type", f"write {name} STRING")
    column_type = data_type(cursor)
    not_null = cursor.accept("NOT", "NULL") is not None
    if cursor.accept("NOT"):
        cursor.unexpected("NULL after NOT")
    refusal = COLUMN_REFUSALS.get(cursor.token.upper)
    if refusal is not None:
        raise cursor.problem(refusal.message, refusal.hint)
    return ColumnDef(name, column_type, not_null, cursor.read_to)


def with_clause(cursor: Cursor) -> tuple[Property, ...]:
    """``WITH (key = value, …)``."""
    cursor.expect("WITH")
    cursor.expect("(", "after WITH")
    properties = [_property(cursor)]
    while cursor.accept(","):
        properties.append(_property(cursor))
    if not cursor.at(")"):
        cursor.unexpected(", or )", "each property is key = value")
    cursor.advance()
    return tuple(properties)


def _property(cursor: Cursor) -> Property:
    start = cursor.token.start
    key = (
        _quoted_key(cursor)
        if cursor.token.kind in ("string", "quoted")
        else dotted(cursor, "an option")
    )
    if not (cursor.at("=") or cursor.at("==")):
        cursor.unexpected(f"= after {key}")
    cursor.advance()
    value_start = cursor.token.start
    value, quoted = value_text(cursor)
    return Property(key, value, quoted, start, value_start, cursor.read_to)


def _quoted_key(cursor: Cursor) -> str:
    token = cursor.advance()
    if not token.text.strip():
        raise cursor.problem("an option's name can't be empty", token=token)
    return token.text


def dotted(cursor: Cursor, what: str) -> str:
    """``name {. | - name}``, the parts being any words, without spaces between them."""
    first = cursor.token
    if not first.is_name:
        cursor.unexpected(f"the name of {what}")
    cursor.advance()
    while cursor.token.upper in (".", "-") and cursor.ahead().kind in ("word", "quoted", "number"):
        before = cursor.advance()
        part = cursor.token
        if part.kind == "quoted" or before.end != part.start:
            cursor.unexpected("a word", "put the whole name in quotes")
        cursor.advance()
    return cursor.source.sql[first.start : cursor.read_to] if first.kind == "word" else first.text


def value_text(cursor: Cursor) -> tuple[str | None, bool]:
    """A property's value as text (``None`` for NULL), and whether it was a string."""
    token = cursor.token
    sign = "-" if cursor.at("-") and cursor.ahead().kind == "number" else ""
    if sign:
        cursor.advance()
        token = cursor.token
    if token.kind not in ("string", "number", "word"):
        hint = "single quotes make a string" if token.kind == "quoted" else None
        cursor.unexpected("a value: 'text', a number, TRUE, FALSE, NULL or a word", hint)
    cursor.advance()
    if token.kind == "word" and token.upper in ("TRUE", "FALSE", "NULL"):
        return (None if token.upper == "NULL" else token.text.lower()), False
    following = cursor.token
    if token.kind in ("number", "word") and following.kind in ("word", "number"):
        raise cursor.problem(
            "a value of several words must be a string",
            f"write '{token.text} {following.text}'",
            token,
        )
    if token.kind == "word" and following.upper in (".", "-"):
        raise cursor.problem(
            "a value with dots or dashes must be a string",
            f"write '{token.text}{following.text}…'",
            token,
        )
    return sign + token.text, token.kind == "string"
