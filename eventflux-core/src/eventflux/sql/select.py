"""``SELECT``, ``INSERT INTO … SELECT``, ``FROM … SELECT … INSERT INTO`` and their clauses."""

from __future__ import annotations

from eventflux.sql.ast import (
    GroupBy,
    Name,
    Query,
    Select,
    SelectItem,
    Source,
    Star,
    Where,
    WindowSpec,
)
from eventflux.sql.cursor import RESERVED, Cursor
from eventflux.sql.expressions import expression
from eventflux.sql.refusals import CLAUSE_REFUSALS, SOURCE_REFUSALS, TABLE_FUNCTIONS
from eventflux.sql.windows import at_window, window
from eventflux.sql.words import words

_NO_ALIAS = RESERVED | words(
    "WINDOW GROUP ORDER LIMIT OFFSET EMIT OUTPUT INSERT WITH USING WITHIN INNER LEFT RIGHT FULL "
    "CROSS NATURAL DEDUPLICATE UNIDIRECTIONAL PARTITION QUALIFY FETCH LATERAL FOR SET UPDATE "
    "DELETE UPSERT CREATE DEFINE OVER FILTER"
)
"""Words that can't be an alias without AS: something else starts there."""


def query(cursor: Cursor) -> Query:
    """A query in any of its forms, up to the end of the statement."""
    start = cursor.token.start
    target: Name | None = None
    if cursor.at("INSERT"):
        target = insert_into(cursor)
        if not (cursor.at("SELECT") or cursor.at("FROM")):
            _refuse_clause(cursor)
            if cursor.at("VALUES"):
                raise cursor.unsupported("INSERT … VALUES", "send rows with app.input(…).send(…)")
            cursor.unexpected("SELECT")
    selected = _from_first(cursor) if cursor.at("FROM") else _select_first(cursor)
    if cursor.at("INSERT"):
        if target is not None:
            raise cursor.problem("this query already has a target", "keep one INSERT INTO")
        target = insert_into(cursor)
    _refuse_clause(cursor)
    if cursor.token.kind != "end":
        cursor.unexpected("a clause or ;", _misplaced(cursor))
    return Query(selected, target, start, cursor.read_to)


def insert_into(cursor: Cursor) -> Name:
    """``INSERT INTO name``."""
    cursor.expect("INSERT")
    if cursor.ahead().upper == "EVENTS" and cursor.token.upper in ("CURRENT", "EXPIRED", "ALL"):
        if cursor.at("CURRENT"):
            raise cursor.unsupported(
                "INSERT CURRENT EVENTS INTO", "write INSERT INTO: it means the same"
            )
        raise cursor.unsupported(
            f"INSERT {cursor.token.upper} EVENTS INTO", "write INSERT INTO: it emits current rows"
        )
    if cursor.at("OVERWRITE") or cursor.at("OR"):
        raise cursor.problem(
            f"INSERT {cursor.token.upper} is not part of this language", "write INSERT INTO"
        )
    cursor.expect("INTO", "after INSERT")
    name = cursor.name("the name of a stream")
    if cursor.at("."):
        raise cursor.problem("INSERT INTO takes the plain name of a stream")
    if cursor.at("("):
        raise cursor.unsupported(
            "a column list after INSERT INTO", "select all columns in the target's order"
        )
    return name


def _select_first(cursor: Cursor) -> Select:
    start = cursor.token.start
    items = select_list(cursor)
    if not cursor.at("FROM"):
        _refuse_clause(cursor)
        ended = cursor.token.kind == "end"
        hint = "every query reads a stream: SELECT … FROM S" if ended else None
        cursor.unexpected("a comma or FROM", hint)
    cursor.advance()
    read = source(cursor)
    steps = _steps(cursor)
    group = group_by(cursor)
    return Select(items, read, steps, group, start)


def _from_first(cursor: Cursor) -> Select:
    start = cursor.advance().start
    read = source(cursor)
    steps = _steps(cursor)
    _refuse_clause(cursor)
    if not cursor.at("SELECT"):
        cursor.unexpected("SELECT, WHERE or a window", _misplaced(cursor))
    items = select_list(cursor)
    if cursor.at("WHERE") or at_window(cursor):
        raise cursor.problem(f"{cursor.token.text.upper()} must stand before SELECT in this form")
    return Select(items, read, steps, group_by(cursor), start)


def select_list(cursor: Cursor) -> tuple[SelectItem | Star, ...]:
    cursor.expect("SELECT")
    following = cursor.ahead()
    if cursor.at("DISTINCT") and following.upper not in (",", ".") and not _ends_items(cursor, 1):
        raise cursor.unsupported("SELECT DISTINCT", "GROUP BY the columns over a window")
    if cursor.at("TOP") and following.kind == "number":
        raise cursor.unsupported("SELECT TOP")
    if cursor.at("ALL") and following.upper not in (",", ".", "(") and not _ends_items(cursor, 1):
        raise cursor.problem("SELECT ALL is not part of this language", "write SELECT")
    items = [select_item(cursor)]
    while cursor.accept(","):
        items.append(select_item(cursor))
    return tuple(items)


def _ends_items(cursor: Cursor, step: int) -> bool:
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
    if cursor.at("UNNEST", "("):
        raise cursor.unsupported("UNNEST")
    read = expression(cursor)
    return SelectItem(read, alias(cursor, "the name of the column"))


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
    if token.kind == "quoted" or (token.kind == "word" and token.upper not in _NO_ALIAS):
        return cursor.name(what)
    if token.upper in ("GROUP", "ORDER") and cursor.ahead().upper != "BY":
        return cursor.name(what)
    if token.upper in ("PARTITION", "OFFSET", "SET", "LEFT", "RIGHT", "FULL") and (
        cursor.ahead().upper == "," or _ends_items(cursor, 1)
    ):
        return cursor.name(what)
    return None


def source(cursor: Cursor) -> Source:
    """``name [[AS] alias]``."""
    if cursor.at("("):
        what = (
            "a subquery in FROM" if cursor.ahead().upper in ("SELECT", "FROM") else "( after FROM"
        )
        raise cursor.unsupported(what, "write it as a query of its own, into a stream")
    if cursor.ahead().upper == "(" and cursor.token.upper in TABLE_FUNCTIONS:
        raise cursor.unsupported(*TABLE_FUNCTIONS[cursor.token.upper])
    stream = cursor.name("the name of a stream")
    if cursor.at("."):
        part = cursor.ahead()
        if part.upper in ("ERRORS", "LATE"):
            raise cursor.unsupported(f"reading {stream}.{part.text}", None)
        raise cursor.problem(
            "a stream's name has one part", f'quote it if it holds a dot: "{stream}.{part.text}"'
        )
    if cursor.at("["):
        raise cursor.unsupported("a filter in brackets", "write WHERE")
    refuse_source(cursor)
    found = Source(stream, alias(cursor, "an alias"))
    refuse_source(cursor)
    return found


def refuse_source(cursor: Cursor) -> None:
    refusal = SOURCE_REFUSALS.get(cursor.token.upper)
    if refusal is not None and refusal.applies(cursor):
        raise cursor.problem(refusal.message, refusal.hint)


def _steps(cursor: Cursor) -> tuple[Where | WindowSpec, ...]:
    """WHERE and the window, by their position in the text."""
    steps: list[Where | WindowSpec] = []
    while True:
        refuse_source(cursor)
        if at_window(cursor):
            if any(isinstance(step, WindowSpec) for step in steps):
                raise cursor.problem(
                    "a stream can have one window", "put the second one into another query"
                )
            steps.append(window(cursor))
        elif cursor.at("WHERE"):
            start = cursor.advance().start
            if steps and isinstance(steps[-1], Where):
                raise cursor.problem("a second WHERE", "join the conditions with AND")
            steps.append(Where(expression(cursor), start))
        else:
            return tuple(steps)


def group_by(cursor: Cursor) -> GroupBy | None:
    _refuse_clause(cursor)
    first = cursor.accept("GROUP", "BY")
    if first is None:
        return None
    for word in ("ROLLUP", "CUBE", "GROUPING", "ALL"):
        if cursor.at(word) and (
            cursor.ahead().upper in ("(", "SETS") or (word == "ALL" and _ends_items(cursor, 1))
        ):
            raise cursor.unsupported(f"GROUP BY {word}", "name the columns")
    keys = [expression(cursor)]
    while cursor.accept(","):
        keys.append(expression(cursor))
    _refuse_clause(cursor)
    return GroupBy(tuple(keys), first.start)


def _refuse_clause(cursor: Cursor) -> None:
    refusal = CLAUSE_REFUSALS.get(cursor.token.upper)
    if refusal is not None and refusal.applies(cursor):
        raise cursor.problem(refusal.message, refusal.hint)


def _misplaced(cursor: Cursor) -> str | None:
    if cursor.token.upper in ("WHERE", "WINDOW", "#"):
        return "WHERE and the window stand after FROM, before GROUP BY"
    return None
