"""``INSERT INTO … SELECT``, ``SELECT … INSERT INTO`` and ``CREATE VIEW``."""

from __future__ import annotations

from eventflux.sql.ast import Body, Events, Name, Query, View
from eventflux.sql.clauses import refuse_clause
from eventflux.sql.create import column_list, with_clause
from eventflux.sql.cursor import STATEMENT_STARTS, Cursor
from eventflux.sql.select import (
    at_with,
    body,
    unexpected_clause,
    with_output,
    with_views,
    without_clauses,
    without_items,
)


def query(cursor: Cursor) -> Query:
    """A query in any of its forms, up to the end of the statement."""
    start = cursor.token.start
    views = with_views(cursor) if at_with(cursor) else ()
    target: Name | None = None
    events: Events | None = None
    columns, columns_lost, columns_end = None, False, 0
    if cursor.at("INSERT"):
        events, target = insert_into(cursor)
        columns, columns_lost = column_list(cursor)
        columns_end = cursor.read_to
        if not (cursor.at("SELECT") or cursor.at("FROM") or at_with(cursor)):
            refuse_clause(cursor)
            if cursor.at("VALUES"):
                raise cursor.unsupported("INSERT … VALUES", "send rows with app.input(…).send(…)")
    found = body(cursor, views)
    options, _ = with_clause(cursor) if cursor.at("WITH", "(") else ([], False)
    if cursor.at("OUTPUT"):
        found = with_output(cursor, found)
    found = _to_end(cursor, found)
    if cursor.at("INSERT") and not (target and _at_insert_select(cursor)):
        if target is not None:
            raise cursor.problem("this query already has a target", "keep one INSERT INTO")
        events, target = insert_into(cursor)
        columns, columns_lost = column_list(cursor)
        columns_end = cursor.read_to
        if cursor.at("OUTPUT"):
            found = with_output(cursor, found)
        if cursor.at("WITH", "("):
            options += with_clause(cursor)[0]
        _to_end(cursor, found)
    if columns_lost:
        found, columns = without_items(found), None
    end, given = cursor.read_to, tuple(options)
    return Query(found, target, start, end, columns, columns_end, given, events)


def create_view(cursor: Cursor) -> View:
    """``CREATE VIEW name [(columns)] AS SELECT …``."""
    start = cursor.advance().start
    cursor.expect("VIEW")
    if cursor.at("IF", "NOT", "EXISTS"):
        raise cursor.problem(
            "CREATE VIEW IF NOT EXISTS is not part of this language", "write CREATE VIEW name AS …"
        )
    name = cursor.name("the name of a view")
    columns, lost = column_list(cursor)
    if not cursor.accept("AS"):
        cursor.unexpected(f"AS after {name}", f"write CREATE VIEW {name} AS SELECT …")
    found = body(cursor)
    if cursor.at("INSERT", "INTO") and not _at_insert_select(cursor):
        raise cursor.problem(
            "a view has no target", f"leave it out: others read it, FROM {name}, and insert"
        )
    found = _to_end(cursor, found)
    if lost:
        found, columns = without_items(found), None
    return View(name, columns, found, start, cursor.read_to)


def _to_end(cursor: Cursor, found: Body) -> Body:
    """``found``, once the cursor is at the end of the statement or the start of another."""
    if cursor.token.kind == "end" or cursor.token.upper in STATEMENT_STARTS:
        return found
    cursor.note(unexpected_clause(cursor))
    cursor.skip_statement()
    return without_clauses(found)


def _at_insert_select(cursor: Cursor) -> bool:
    """Whether a statement of its own starts here: ``INSERT INTO name SELECT``."""
    into = 3 if cursor.ahead(2).upper == "EVENTS" else 1
    selects = cursor.ahead(into + 2).upper in ("SELECT", "FROM", "WITH")
    return cursor.at("INSERT") and cursor.ahead(into).upper == "INTO" and selects


def insert_into(cursor: Cursor) -> tuple[Events | None, Name]:
    """``INSERT [CURRENT | EXPIRED | ALL EVENTS] INTO name``."""
    cursor.expect("INSERT")
    events: Events | None = None
    if cursor.ahead().upper == "EVENTS" and cursor.token.upper in ("CURRENT", "EXPIRED", "ALL"):
        which = cursor.token.upper
        if which != "CURRENT":  # which means the same as without it
            events = Events("all" if which == "ALL" else "expired", cursor.token.start)
        cursor.index += 2
    if cursor.at("OVERWRITE") or cursor.at("OR"):
        raise cursor.problem(
            f"INSERT {cursor.token.upper} is not part of this language", "write INSERT INTO"
        )
    if not cursor.at("INTO"):
        cursor.unexpected("INTO after INSERT", "write INSERT INTO name SELECT …")
    cursor.advance()
    if cursor.at("SELECT") or cursor.at("FROM"):
        cursor.unexpected("the name of a stream", "write INSERT INTO name SELECT …")
    name = cursor.name("the name of a stream")
    if cursor.at("."):
        raise cursor.problem(
            "INSERT INTO takes the plain name of a stream",
            f'put it in double quotes if it holds a dot: "{name}.{cursor.ahead().text}"',
        )
    return events, name
