"""``SELECT``, ``INSERT INTO … SELECT``, ``FROM … SELECT … INSERT INTO`` and their clauses."""

from __future__ import annotations

from dataclasses import replace

from eventflux.base.error_columns import errors_of
from eventflux.base.suggest import nearest
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
from eventflux.sql.create import listed
from eventflux.sql.cursor import RESERVED, STATEMENT_STARTS, Cursor
from eventflux.sql.expressions import expression
from eventflux.sql.names import refuse_unstorable
from eventflux.sql.refusals import CLAUSE_REFUSALS, NO_LIMIT, SOURCE_REFUSALS, TABLE_FUNCTIONS
from eventflux.sql.source import Problem
from eventflux.sql.windows import at_window, window
from eventflux.sql.words import PLANNED, words

_NO_ALIAS = RESERVED | words(
    "WINDOW GROUP ORDER LIMIT OFFSET EMIT OUTPUT INSERT WITH USING WITHIN INNER LEFT RIGHT FULL "
    "CROSS NATURAL DEDUPLICATE UNIDIRECTIONAL PARTITION QUALIFY FETCH LATERAL FOR SET UPDATE "
    "DELETE UPSERT CREATE DEFINE OVER FILTER"
)
"""Words that can't be an alias without AS: something else starts there."""

_LATE_ROWS = f"streams of late rows are {PLANNED}"
_AFTER_QUERY = ("INSERT", "CREATE", "DEFINE")
"""Where reading goes on after a clause that could not be read."""


def query(cursor: Cursor) -> Query:
    """A query in any of its forms, up to the end of the statement."""
    start = cursor.token.start
    target: Name | None = None
    if cursor.at("INSERT"):
        target = insert_into(cursor)
    columns, columns_lost = column_list(cursor)
    columns_end = cursor.read_to
    if target is not None and not (cursor.at("SELECT") or cursor.at("FROM")):
        _refuse_clause(cursor)
        if cursor.at("VALUES"):
            raise cursor.unsupported("INSERT … VALUES", "send rows with app.input(…).send(…)")
        close = nearest(cursor.token.text, ["SELECT"]) if cursor.token.kind == "word" else None
        cursor.unexpected("SELECT", f"did you mean {close}?" if close else None)
    selected = _from_first(cursor) if cursor.at("FROM") else _select_first(cursor)
    if cursor.token.kind != "end" and cursor.token.upper not in STATEMENT_STARTS:
        cursor.note(_unexpected_clause(cursor))
        cursor.skip_statement()
        selected = replace(selected, clauses_lost=True)
    if cursor.at("INSERT") and not (target and _at_insert_select(cursor)):
        if target is not None:
            raise cursor.problem("this query already has a target", "keep one INSERT INTO")
        target = insert_into(cursor)
        columns, columns_lost = column_list(cursor)
        columns_end = cursor.read_to
        if cursor.token.kind != "end" and cursor.token.upper not in STATEMENT_STARTS:
            cursor.note(_unexpected_clause(cursor))
            cursor.skip_statement()
    if columns_lost:
        selected, columns = replace(selected, items_lost=True), None
    return Query(selected, target, start, cursor.read_to, columns, columns_end)


def _unexpected_clause(cursor: Cursor) -> Problem:
    try:
        _refuse_clause(cursor)
    except Problem as problem:
        return problem
    return cursor.problem(
        f"expected a clause or ;, found {cursor.token.shown()}",
        _misplaced(cursor)
        or _STRAY.get(cursor.token.upper)
        or _misspelt_before(cursor, "WHERE", "GROUP BY", "WINDOW")
        or _read_as_alias(cursor),
    )


_STRAY = {
    ")": "remove it, or add the ( that it closes",
    ",": "conditions are joined by AND; numbers have a point: 1.5",
}
"""Hints for what follows a complete query."""


def _read_as_alias(cursor: Cursor) -> str | None:
    """Whether the word before was taken for another name of the stream."""
    stream, before = cursor.tokens[max(cursor.index - 2, 0)], cursor.tokens[cursor.index - 1]
    taken = before.kind == "word" and stream.is_name and stream.upper not in RESERVED
    return f"{before.text} was read as another name of {stream.text}" if taken else None


def _at_insert_select(cursor: Cursor) -> bool:
    """Whether a statement of its own starts here: ``INSERT INTO name SELECT``."""
    return cursor.at("INSERT", "INTO") and cursor.ahead(3).upper in ("SELECT", "FROM")


def column_list(cursor: Cursor) -> tuple[tuple[Name, ...] | None, bool]:
    """``(a, b)`` after INSERT INTO, if it is there, and whether some of it could not be read."""
    if not cursor.at("(") or cursor.ahead().upper in ("SELECT", "FROM", "("):
        return None, False
    cursor.advance()
    names, lost = listed(
        cursor, lambda at: at.name("the name of a column"), "column", "SELECT", "FROM"
    )
    return tuple(names), lost or not names


def insert_into(cursor: Cursor) -> Name:
    """``INSERT INTO name``."""
    cursor.expect("INSERT")
    if cursor.ahead().upper == "EVENTS" and cursor.token.upper in ("CURRENT", "EXPIRED", "ALL"):
        which = cursor.token.upper
        means = "it means the same" if which == "CURRENT" else "it emits current rows"
        cursor.note(
            cursor.unsupported(f"INSERT {which} EVENTS INTO", f"write INSERT INTO: {means}")
        )
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
    return name


def _select_first(cursor: Cursor) -> Select:
    start = cursor.token.start
    items, items_lost = select_list(cursor)
    if not cursor.at("FROM"):
        cursor.recover(Problem() if items_lost else _missing_from(cursor), "FROM")
        if not cursor.at("FROM"):
            raise Problem()  # reported already
        items_lost = True
    cursor.advance()
    read = source(cursor)
    steps: list[Where | WindowSpec] = []
    group, lost = None, False
    try:
        _read_steps(cursor, steps)
        group = group_by(cursor)
    except Problem as problem:
        cursor.recover(problem, *_AFTER_QUERY)
        lost = True
    return Select(items, read, tuple(steps), group, start, items_lost, lost)


def _missing_from(cursor: Cursor) -> Problem:
    try:
        _refuse_clause(cursor)
    except Problem as problem:
        return problem
    found = f"expected a comma or FROM, found {cursor.token.shown()}"
    if cursor.token.kind == "end" or cursor.token.upper in ("WHERE", "GROUP", "INSERT"):
        return cursor.problem(found, "every query reads a stream: SELECT … FROM S")
    hint = _misspelt_before(cursor, "FROM")
    if hint is None and cursor.token.is_name:
        hint = f"put a comma before {cursor.token.text}, if it is a column"
    return cursor.problem(found, hint)


def _misspelt_before(cursor: Cursor, *keywords: str) -> str | None:
    """Whether the word before, read as an alias, was to be a keyword."""
    before = cursor.tokens[cursor.index - 1]
    match = nearest(before.text, keywords) if before.kind == "word" else None
    return f"did you mean {match} in place of {before.text}?" if match else None


def _from_first(cursor: Cursor) -> Select:
    start = cursor.advance().start
    read = source(cursor)
    steps: list[Where | WindowSpec] = []
    lost = False
    try:
        _read_steps(cursor, steps)
        _refuse_clause(cursor)
        if not cursor.at("SELECT"):
            cursor.unexpected("SELECT, WHERE or a window", _misplaced(cursor))
    except Problem as problem:
        cursor.recover(problem, "SELECT")
        if not cursor.at("SELECT"):
            raise Problem() from None  # reported already
        lost = True
    items, items_lost = select_list(cursor)
    group = None
    try:
        if cursor.at("WHERE") or at_window(cursor):
            raise cursor.problem(
                f"{cursor.token.text.upper()} must stand before SELECT in this form",
                "FROM S WHERE … WINDOW(…) SELECT … GROUP BY …",
            )
        group = group_by(cursor)
    except Problem as problem:
        cursor.recover(problem, *_AFTER_QUERY)
        lost = True
    return Select(items, read, tuple(steps), group, start, items_lost, lost)


def select_list(cursor: Cursor) -> tuple[tuple[SelectItem | Star, ...], bool]:
    """The items after SELECT, and whether some of them could not be read."""
    cursor.expect("SELECT")
    _refuse_quantifier(cursor)
    if cursor.at("FROM") and cursor.ahead().is_name and cursor.ahead(2).upper != "FROM":
        cursor.note(
            cursor.problem(
                "expected an expression, found 'FROM'", "name columns, or write * for all of them"
            )
        )
        return (), True
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
    return tuple(items), lost


def _ends_list(cursor: Cursor) -> bool:
    return (
        (cursor.at("FROM") and cursor.ahead().upper != ",")
        or cursor.at("WHERE")
        or cursor.at("INSERT", "INTO")
        or cursor.at("GROUP", "BY")
        or cursor.token.kind == "end"
    )


def _refuse_quantifier(cursor: Cursor) -> None:
    """Refuse DISTINCT, TOP and ALL after SELECT, and read on behind them."""
    following = cursor.ahead()
    if cursor.at("DISTINCT") and following.upper not in (",", ".") and not _ends_items(cursor, 1):
        cursor.note(cursor.unsupported("SELECT DISTINCT", "GROUP BY the columns over a window"))
        cursor.advance()
    elif cursor.at("TOP") and following.kind == "number":
        cursor.note(cursor.unsupported("SELECT TOP", NO_LIMIT))
        cursor.index += 2
    elif cursor.at("ALL") and following.upper not in (",", ".", "(") and not _ends_items(cursor, 1):
        cursor.note(cursor.problem("SELECT ALL is not part of this language", "write SELECT"))
        cursor.advance()


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
    """``name [.errors] [[AS] alias]``."""
    if cursor.at("("):
        what = (
            "a subquery in FROM" if cursor.ahead().upper in ("SELECT", "FROM") else "( after FROM"
        )
        raise cursor.unsupported(what, "write it as a query of its own, into a stream")
    if cursor.ahead().upper == "(" and cursor.token.upper in TABLE_FUNCTIONS:
        raise cursor.unsupported(*TABLE_FUNCTIONS[cursor.token.upper])
    stream = cursor.name("the name of a stream")
    if cursor.at("."):
        stream = _part(cursor, stream)
    if cursor.at("["):
        raise cursor.unsupported("a filter in brackets", "write WHERE")
    refuse_source(cursor)
    found = Source(stream, alias(cursor, "an alias"))
    refuse_source(cursor)
    return found


def _part(cursor: Cursor, stream: Name) -> Name:
    """``.errors`` behind the name of a stream: the stream of its errors."""
    part = cursor.ahead()
    if part.upper == "LATE":
        raise cursor.unsupported(f"reading {stream}.{part.text}", _LATE_ROWS)
    if part.upper != "ERRORS":
        raise cursor.problem(
            "a stream's name has one part", f'quote it if it holds a dot: "{stream}.{part.text}"'
        )
    cursor.index += 2
    return Name(errors_of(stream.text), stream.start, part.end, stream.quoted)


def refuse_source(cursor: Cursor) -> None:
    refusal = SOURCE_REFUSALS.get(cursor.token.upper)
    if refusal is not None and refusal.applies(cursor):
        raise cursor.problem(refusal.message, refusal.hint)


def _read_steps(cursor: Cursor, steps: list[Where | WindowSpec]) -> None:
    """Add WHERE and the window to ``steps``, by their position in the text."""
    while True:
        if not (steps and cursor.at(",")):
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
            return


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
    return GroupBy(tuple(keys), first.start)


def _refuse_clause(cursor: Cursor) -> None:
    refusal = CLAUSE_REFUSALS.get(cursor.token.upper)
    if refusal is not None and refusal.applies(cursor):
        raise cursor.problem(refusal.message, refusal.hint)


def _misplaced(cursor: Cursor) -> str | None:
    if cursor.token.upper in ("WHERE", "WINDOW", "#"):
        return "WHERE and the window stand after FROM, before GROUP BY"
    return None
