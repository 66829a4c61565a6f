"""``CREATE STREAM`` and its WITH clause."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, TypeVar

import msgspec

from eventflux.base.suggest import nearest
from eventflux.base.types import SQL_TYPE_NAMES
from eventflux.sql.ast import (
    ColumnDef,
    CreateStream,
    Metadata,
    Name,
    Property,
    TypeName,
    WatermarkDef,
)
from eventflux.sql.cursor import STATEMENT_STARTS, Cursor
from eventflux.sql.data_types import data_type
from eventflux.sql.expressions import expression
from eventflux.sql.lexer import Token
from eventflux.sql.names import refuse_unstorable
from eventflux.sql.refusals import (
    COLUMN_CLAUSE_REFUSALS,
    COLUMN_REFUSALS,
    DEFINITION_REFUSALS,
    Refusal,
)
from eventflux.sql.source import Problem

ItemT = TypeVar("ItemT")


def create_stream(cursor: Cursor) -> CreateStream:
    """``CREATE | DEFINE STREAM [IF NOT EXISTS] name (columns [, watermark]) [WITH (…)]``."""
    start = cursor.advance().start
    refusal = DEFINITION_REFUSALS.get(cursor.token.upper)
    if refusal is not None:
        raise cursor.problem(refusal.message, refusal.hint)
    if not cursor.at("STREAM"):
        match = nearest(cursor.token.text, ["STREAM"])
        problem = cursor.problem(
            f"expected STREAM, found {cursor.token.shown()}",
            f"did you mean {match}?" if match else "write CREATE STREAM name (columns)",
        )
        if not match:
            raise problem
        cursor.note(problem)
    cursor.advance()
    head = definition_head(cursor, "STREAM")
    properties, options_lost = with_clause(cursor) if cursor.at("WITH") else ([], False)
    if cursor.token.kind != "end" and cursor.token.upper not in STATEMENT_STARTS:
        expected = "WITH (…) or ;" if not properties else ";"
        hint = "put WITH before (" if cursor.at("(") else None
        if not properties and nearest(cursor.token.text, ["WITH"]):
            hint = f"did you mean WITH in place of {cursor.token.text}?"
        cursor.note(cursor.problem(f"expected {expected}, found {cursor.token.shown()}", hint))
        cursor.skip_statement()
        options_lost = True
    return CreateStream(
        head.name,
        head.if_not_exists,
        head.columns,
        tuple(properties),
        start,
        cursor.read_to,
        head.columns_lost,
        options_lost,
        head.watermark,
    )


class Head(msgspec.Struct, frozen=True):
    """How a definition of columns begins."""

    name: Name
    if_not_exists: bool
    columns: tuple[ColumnDef, ...]
    columns_lost: bool
    watermark: WatermarkDef | None


def definition_head(cursor: Cursor, what: Literal["STREAM", "WINDOW"]) -> Head:
    """``[IF NOT EXISTS] name (columns [, watermark])``, behind ``CREATE what``."""
    if_not_exists = cursor.accept("IF", "NOT", "EXISTS") is not None
    name = cursor.name(f"the name of a {what.lower()}")
    if cursor.at("."):
        raise cursor.problem(
            f"a {what.lower()}'s name has one part", "put it in double quotes if it holds a dot"
        )
    if cursor.at("AS"):
        raise cursor.unsupported(f"CREATE {what} … AS", f"write INSERT INTO {name} SELECT …")
    if not cursor.at("("):
        shape = f"write CREATE {what} {name} (column type, …)"
        if cursor.at("-") and cursor.token.start == cursor.read_to:
            whole = _unbroken(cursor, cursor.tokens[cursor.index - 1])
            shape = f'put the whole name in double quotes: "{whole}"'
        cursor.unexpected("( and the columns", shape)
    cursor.advance()
    read, lost = listed(cursor, _column_or_watermark, "column")
    columns = tuple(part for part in read if isinstance(part, ColumnDef))
    return Head(name, if_not_exists, columns, lost, _the_watermark(cursor, read))


def _column_or_watermark(cursor: Cursor) -> ColumnDef | WatermarkDef | None:
    return _watermark(cursor) if cursor.at("WATERMARK", "FOR") else column(cursor)


def _watermark(cursor: Cursor) -> WatermarkDef:
    """``WATERMARK FOR column AS expression``."""
    start = cursor.token.start
    cursor.expect("WATERMARK")
    cursor.expect("FOR")
    of = cursor.name("the column that holds the event time")
    if not cursor.at("AS"):
        hint = f"write WATERMARK FOR {of} AS {of} - INTERVAL '5' SECOND"
        cursor.unexpected("AS and the watermark", hint)
    cursor.advance()
    return WatermarkDef(of, expression(cursor), start)


def _the_watermark(
    cursor: Cursor, read: Sequence[ColumnDef | WatermarkDef | None]
) -> WatermarkDef | None:
    """The only one, which stands behind the columns."""
    found = [part for part in read if isinstance(part, WatermarkDef)]
    for another in found[1:]:
        message = "a stream has one watermark"
        cursor.note(cursor.source.problem(another.start, message, "remove one"))
    if not found:
        return None
    if any(isinstance(part, ColumnDef) for part in read[read.index(found[0]) :]):
        message = "WATERMARK stands behind the columns"
        cursor.note(cursor.source.problem(found[0].start, message, "move it to the end of them"))
    return found[0]


def listed(
    cursor: Cursor, read: Callable[[Cursor], ItemT], what: str, *ends: str
) -> tuple[list[ItemT], bool]:
    """``item {, item} )``, and whether some item could not be read; a word of ``ends`` can't
    stand in the list."""
    items: list[ItemT] = []
    lost = False
    while not cursor.at(")"):
        try:
            items.append(read(cursor))
        except Problem as problem:
            cursor.recover(problem, ",", ")", depth=1)
            lost = True
        if cursor.at(")"):
            break
        if cursor.accept(","):
            if cursor.at(")"):
                hint = "remove the comma before )"
                cursor.note(cursor.problem(f"expected another {what}, found ')'", hint))
            continue
        if cursor.token.kind == "end" or cursor.at("WITH", "(") or cursor.token.upper in ends:
            if not (lost and cursor.token.kind == "end"):
                hint = f"close the {what}s with )"
                cursor.note(cursor.problem(f"expected , or ), found {cursor.token.shown()}", hint))
            return items, lost
        if cursor.token.kind in ("word", "quoted", "string"):
            before = cursor.source.sql[cursor.token.start : cursor.token.end]
            hint = f"put a comma before {before}"
            cursor.note(cursor.problem(f"expected , or ), found {cursor.token.shown()}", hint))
        else:
            stray = cursor.problem(f"expected , or ), found {cursor.token.shown()}")
            cursor.recover(stray, ",", ")", depth=1)
            cursor.accept(",")
            lost = True
    if not items and not lost:
        cursor.note(
            cursor.problem(f"expected the first {what}, found ')'", f"write at least one {what}")
        )
    cursor.advance()
    return items, lost


def column_list(cursor: Cursor) -> tuple[tuple[Name, ...] | None, bool]:
    """``(a, b)`` if it is there, and whether some of it could not be read."""
    if not cursor.at("(") or cursor.ahead().upper in ("SELECT", "FROM", "WITH", "("):
        return None, False
    cursor.advance()
    names, lost = listed(
        cursor, lambda at: at.name("the name of a column"), "column", "SELECT", "FROM"
    )
    return tuple(names), lost or not names


def column(cursor: Cursor) -> ColumnDef | None:
    """``name type [NOT NULL] [METADATA [FROM 'name']]``; nothing for a clause that is refused."""
    for words, refusal in COLUMN_CLAUSE_REFUSALS.items():
        if cursor.at(*words):
            cursor.recover(cursor.problem(refusal.message, refusal.hint), ",", ")", depth=1)
            return None
    first = cursor.token
    name = cursor.name("the name of a column")
    if cursor.at(":"):
        cursor.note(cursor.problem("expected a type, found ':'", "remove the colon"))
        cursor.advance()
    unstorable = refuse_unstorable(cursor, name)
    column_type: TypeName | None = None
    if cursor.token.kind == "end" or cursor.at(",") or cursor.at(")"):
        cursor.note(cursor.problem(f"the column {name} has no type", f"write {name} STRING"))
    else:
        try:
            column_type = _column_type(cursor, first)
        except Problem as problem:
            cursor.recover(problem, ",", ")", "NOT", depth=1)
    not_null = cursor.accept("NOT", "NULL") is not None
    if cursor.accept("NOT"):
        found = cursor.token.shown()
        cursor.recover(cursor.problem(f"expected NULL after NOT, found {found}"), ",", ")", depth=1)
    source = metadata(cursor, name)
    stray = cursor.token
    after = COLUMN_REFUSALS.get(stray.upper)
    if after is None and stray.kind == "word" and cursor.ahead().upper in (",", ")"):
        after = Refusal(f"{stray.text} after a type means nothing here", "remove it")
    if after is not None:
        cursor.recover(cursor.problem(after.message, after.hint), ",", ")", depth=1)
    return ColumnDef(name, None if unstorable else column_type, not_null, cursor.read_to, source)


def metadata(cursor: Cursor, column: Name) -> Metadata | None:
    """``METADATA [FROM 'name']``."""
    first = cursor.accept("METADATA")
    if first is None:
        return None
    if not cursor.accept("FROM"):
        return Metadata(column.text, False, first.start)
    token = cursor.token
    if token.kind != "string":
        hint = f"write FROM '{token.text}'" if token.is_name else None
        cursor.unexpected("the name of the metadata in single quotes", hint)
    cursor.advance()
    return Metadata(token.text, True, token.start)


def _column_type(cursor: Cursor, name: Token) -> TypeName:
    token = cursor.token
    if token.upper == "AS":
        raise cursor.problem(
            "a column can't be computed here", "compute it in a query: SELECT …, x AS name"
        )
    if token.kind == "word" and name.upper in SQL_TYPE_NAMES and token.upper not in SQL_TYPE_NAMES:
        raise cursor.problem(
            f"unknown type {token.text!r}",
            f"the name stands before the type: write {token.text} {name.text}",
        )
    return data_type(cursor)


def with_clause(cursor: Cursor) -> tuple[list[Property], bool]:
    """``WITH (key = value, …)``, and whether some property could not be read."""
    cursor.expect("WITH")
    if not cursor.at("("):
        cursor.unexpected("( after WITH", "write WITH (key = 'value', …)")
    cursor.advance()
    return listed(cursor, _property, "option")


def _property(cursor: Cursor) -> Property:
    start = cursor.token.start
    key = (
        _quoted_key(cursor)
        if cursor.token.kind in ("string", "quoted")
        else dotted(cursor, "an option")
    )
    if not (cursor.at("=") or cursor.at("==")):
        cursor.unexpected(f"= after {key}", f"write {key} = 'value'")
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
    starts_another = following.kind == "word" and cursor.ahead().upper in ("=", ".")
    if (
        token.kind in ("number", "word")
        and following.kind in ("word", "number")
        and not starts_another
    ):
        raise cursor.problem(
            "a value of several words must be a string",
            f"write '{token.text} {following.text}'",
            token,
        )
    if token.kind == "word" and following.upper in (".", "-"):
        raise cursor.problem(
            "a value with dots or dashes must be a string",
            f"write '{_unbroken(cursor, token)}'",
            token,
        )
    return sign + token.text, token.kind == "string"


def _unbroken(cursor: Cursor, first: Token) -> str:
    """The text from a token on, up to the next blank, comma or parenthesis."""
    end = first.end
    for token in cursor.tokens[cursor.index :]:
        if token.start != end or token.upper in (",", ")", ";") or token.kind == "end":
            break
        end = token.end
    return cursor.source.sql[first.start : end]
