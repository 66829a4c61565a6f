"""``CREATE WINDOW``: a stream with a window of its own."""

from __future__ import annotations

from msgspec.structs import replace

from eventflux.sql.ast import CreateStream, Name, WindowSpec
from eventflux.sql.create import definition_head
from eventflux.sql.cursor import STATEMENT_STARTS, Cursor
from eventflux.sql.windows import at_window, bare_window, window


def create_window(cursor: Cursor) -> CreateStream:
    """``CREATE | DEFINE WINDOW [IF NOT EXISTS] name (columns) window [OUTPUT CURRENT EVENTS]``.

    The window is written as in a query, or as Siddhi does, without the word WINDOW.
    """
    start = cursor.advance().start
    cursor.expect("WINDOW")
    head = definition_head(cursor, "WINDOW")
    if head.watermark is not None:
        cursor.note(
            cursor.source.problem(
                head.watermark.start,
                "a window has no WATERMARK: what is inserted into it brings its own",
                "declare it on the stream that rows enter by",
            )
        )
    spec = _window(cursor, head.name)
    if cursor.at("OUTPUT"):
        _output(cursor)
    end = cursor.read_to
    if cursor.token.kind != "end" and cursor.token.upper not in STATEMENT_STARTS:
        cursor.note(cursor.problem(f"expected ;, found {cursor.token.shown()}", _behind(cursor)))
        cursor.skip_statement()
    return CreateStream(
        head.name,
        head.if_not_exists,
        head.columns,
        (),
        start,
        end,
        head.columns_lost,
        window=replace(spec, shared=True),
    )


def _window(cursor: Cursor, name: Name) -> WindowSpec:
    if cursor.at("DEDUPLICATE"):
        hint = "write WINDOW('firstUnique', id, 1 HOUR), or DEDUPLICATE where rows are inserted"
        raise cursor.problem("DEDUPLICATE is not the window of CREATE WINDOW", hint)
    if at_window(cursor):
        return window(cursor)
    if cursor.token.is_name and cursor.ahead().upper == "(":
        return bare_window(cursor)
    hint = f"write CREATE WINDOW {name} (…) WINDOW('length', 100)"
    cursor.unexpected(f"the window of {name}", hint)


def _output(cursor: Cursor) -> None:
    """``OUTPUT CURRENT EVENTS``, which means the same as without it."""
    which = cursor.ahead()
    if which.upper in ("EXPIRED", "ALL") and cursor.ahead(2).upper == "EVENTS":
        hint = "leave it out: queries that read the window see the rows that enter it"
        cursor.note(cursor.unsupported(f"OUTPUT {which.upper} EVENTS of a window", hint))
    elif not cursor.at("OUTPUT", "CURRENT", "EVENTS"):
        cursor.advance()
        cursor.unexpected("CURRENT EVENTS after OUTPUT", "leave OUTPUT out")
    cursor.index += 3


def _behind(cursor: Cursor) -> str | None:
    if cursor.at("WITH"):
        return "a window has no options; the queries that read it have: SELECT … WITH (…)"
    return "a window has one window" if at_window(cursor) else None
