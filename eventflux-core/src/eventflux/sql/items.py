"""The items of a select list, and aliases."""

from __future__ import annotations

from eventflux.sql.ast import Distinct, Name, SelectItem, Star
from eventflux.sql.cursor import STARTING, Cursor
from eventflux.sql.expressions import expression
from eventflux.sql.names import refuse_unstorable
from eventflux.sql.source import Problem


def select_list(cursor: Cursor) -> tuple[Distinct | None, tuple[SelectItem | Star, ...], bool]:
    """DISTINCT, if it stands there, the items after SELECT, and whether some of them could not be
    read."""
    cursor.expect("SELECT")
    distinct = _quantifier(cursor)
    if cursor.at("FROM") and cursor.ahead().is_name and cursor.ahead(2).upper != "FROM":
        cursor.note(
            cursor.problem(
                "expected an expression, found 'FROM'", "name columns, or write * for all of them"
            )
        )
        return distinct, (), True
    items: list[SelectItem | Star] = []
    lost = False
    while True:
        if items and _ends_list(cursor):
            hint = f"remove the comma before {cursor.token.upper or 'the end'}"
            found = cursor.token.shown()
            cursor.note(cursor.problem(f"expected an expression, found {found}", hint))
            break
        try:
            items.append(select_item(cursor))
        except Problem as problem:
            if cursor.at("FROM") and cursor.ahead().upper in ("FROM", ","):
                cursor.advance()  # it is meant as a name
            cursor.recover(problem, ",", "FROM", "INSERT")
            lost = True
        if not cursor.accept(","):
            break
    return distinct, tuple(items), lost


def _ends_list(cursor: Cursor) -> bool:
    return (
        (cursor.at("FROM") and cursor.ahead().upper != ",")
        or cursor.at("WHERE")
        or cursor.at("INSERT", "INTO")
        or cursor.at("GROUP", "BY")
        or cursor.at_end
    )


def _quantifier(cursor: Cursor) -> Distinct | None:
    """DISTINCT behind SELECT, if it stands there; TOP and ALL are refused, and read over."""
    following = cursor.ahead()
    if cursor.at("DISTINCT") and following.upper not in (",", ".") and not ends_items(cursor, 1):
        if following.upper == "ON":
            hint = "over a window, GROUP BY the columns gives the last row of each group"
            raise cursor.problem("DISTINCT ON is not part of this language", hint)
        return Distinct(cursor.advance().start)
    if cursor.at("TOP") and following.kind == "number":
        hint = f"write LIMIT {following.text} at the end of the query"
        cursor.note(cursor.problem("SELECT TOP is not part of this language", hint))
        cursor.index += 2
    elif cursor.at("ALL") and following.upper not in (",", ".", "(") and not ends_items(cursor, 1):
        cursor.note(cursor.problem("SELECT ALL is not part of this language", "write SELECT"))
        cursor.advance()
    return None


def ends_items(cursor: Cursor, step: int) -> bool:
    """Whether what comes after ``step`` tokens can only stand behind an item."""
    token = cursor.ahead(step)
    return token.kind == "end" or token.upper in ("FROM", "AS", "INSERT", "GROUP")


def select_item(cursor: Cursor) -> SelectItem | Star:
    token = cursor.token
    if cursor.accept("*"):
        return _star(cursor, Star(None, token.start, token.end))
    if token.is_name and cursor.ahead(1).upper == "." and cursor.ahead(2).upper == "*":
        qualifier = cursor.name("the name of a stream")
        cursor.index += 2
        return _star(cursor, Star(qualifier, token.start, cursor.read_to))
    read = expression(cursor)
    named = alias(cursor, "the name of the column")
    if named is not None:
        refuse_unstorable(cursor, named)
    return SelectItem(read, named)


def _star(cursor: Cursor, star: Star) -> Star:
    if cursor.token.upper in ("EXCEPT", "EXCLUDE", "REPLACE", "RENAME"):
        raise cursor.unsupported(f"* {cursor.token.upper}", "name the columns")
    if cursor.at("AS"):
        raise cursor.problem("* can't have a name of its own", "name the columns")
    return star


def alias(cursor: Cursor, what: str) -> Name | None:
    """``[[AS] name]``."""
    if cursor.accept("AS"):
        return cursor.name(what)
    token = cursor.token
    if token.kind == "quoted" or (token.kind == "word" and token.upper not in STARTING):
        return cursor.name(what)
    if token.upper in ("GROUP", "ORDER") and cursor.ahead().upper != "BY":
        return cursor.name(what)
    if token.upper in ("PARTITION", "OFFSET", "SET", "LEFT", "RIGHT", "FULL") and (
        cursor.ahead().upper == "," or ends_items(cursor, 1)
    ):
        return cursor.name(what)
    return None
