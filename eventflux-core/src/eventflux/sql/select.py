"""``SELECT`` and its clauses, ``UNION ALL``, ``WITH … AS`` and subqueries in FROM."""

from __future__ import annotations

from msgspec.structs import replace

from eventflux.base.connection_columns import connection_of
from eventflux.base.error_columns import errors_of
from eventflux.base.late_columns import late_of
from eventflux.base.suggest import nearest
from eventflux.sql.ast import (
    Body,
    Clauses,
    Name,
    Select,
    Source,
    Subquery,
    View,
    Where,
    WindowSpec,
)
from eventflux.sql.clauses import CLAUSE_ORDER, clauses, refuse_clause
from eventflux.sql.create import column_list
from eventflux.sql.cursor import RESERVED, Cursor
from eventflux.sql.expressions import MAX_NESTING, expression
from eventflux.sql.items import alias, select_list
from eventflux.sql.output import output_rate
from eventflux.sql.refusals import ROWS_REFUSAL, SOURCE_REFUSALS, TABLE_FUNCTIONS
from eventflux.sql.source import Problem
from eventflux.sql.table_functions import at_window_function, window_function
from eventflux.sql.windows import at_window, window

_AFTER_QUERY = ("UNION", "INSERT", "CREATE", "DEFINE")
"""Where reading goes on after a clause that could not be read."""


def body(cursor: Cursor, views: tuple[View, ...] = ()) -> Body:
    """``[WITH …] SELECT … {UNION ALL SELECT …}``; ``views`` are those of a WITH before it."""
    start = cursor.token.start
    if at_with(cursor):
        views += with_views(cursor)
    selects = [_select(cursor)]
    while cursor.at("UNION"):
        if not cursor.accept("UNION", "ALL"):
            message = "UNION without ALL would have to remember every row of an endless stream"
            cursor.note(cursor.problem(message, "write UNION ALL"))
            cursor.advance()
            cursor.accept("DISTINCT")
        selects.append(_select(cursor))
    if len(selects) > 1:
        _refuse_clauses_of_all(cursor, selects[-1].clauses)
    return Body(views, tuple(selects), start)


def _refuse_clauses_of_all(cursor: Cursor, last: Clauses) -> None:
    """What stands behind UNION ALL belongs to all of it in SQL, and to the last SELECT as it
    reads: neither is guessed."""
    whole = "FROM (SELECT … UNION ALL SELECT …)"
    for name, clause in (
        ("ORDER BY", last.order_by), ("LIMIT", last.limit), ("OFFSET", last.offset),
        ("OUTPUT", last.output),
    ):  # fmt: skip
        if clause is not None:
            message = f"{name} behind UNION ALL could mean the last SELECT or all of them"
            hint = f"put what it is for in parentheses: SELECT … {whole} {name} …"
            cursor.note(cursor.source.problem(clause.start, message, hint))
            return


def with_output(cursor: Cursor, found: Body) -> Body:
    """``found`` with the OUTPUT clause that the cursor is at, which belongs to all of it."""
    output = output_rate(cursor)
    *others, last = found.selects
    if last.clauses.output is not None and output is not None:
        cursor.note(cursor.source.problem(output.start, "a second OUTPUT", "keep one"))
        return found
    last = replace(last, clauses=replace(last.clauses, output=output))
    if others:
        _refuse_clauses_of_all(cursor, last.clauses)
    return replace(found, selects=(*others, last))


def without_clauses(found: Body) -> Body:
    """``found`` whose last clauses could not be read."""
    *others, last = found.selects
    return replace(found, selects=(*others, replace(last, clauses_lost=True)))


def without_items(found: Body) -> Body:
    """``found`` of which nobody knows what its items are for."""
    selects = tuple(replace(select, items_lost=True) for select in found.selects)
    return replace(found, selects=selects)


def at_with(cursor: Cursor) -> bool:
    return cursor.at("WITH") and cursor.ahead().upper != "("


def with_views(cursor: Cursor) -> tuple[View, ...]:
    """``WITH name [(columns)] AS (SELECT …) {, …}``."""
    cursor.expect("WITH")
    if cursor.at("RECURSIVE") and cursor.ahead().upper not in ("AS", "("):
        raise cursor.problem(
            "WITH RECURSIVE has no meaning over endless streams",
            "a query can't feed itself: write each step as a query of its own",
        )
    views = [_view(cursor)]
    while cursor.accept(","):
        view = _view(cursor)
        if any(view.name.text == other.name.text for other in views):
            message = f"WITH names {view.name.text!r} twice"
            cursor.note(cursor.source.problem(view.name.start, message, "rename one"))
        views.append(view)
    return tuple(views)


def _view(cursor: Cursor) -> View:
    name = cursor.name("a name for the query in parentheses")
    columns, lost = column_list(cursor)
    if not cursor.accept("AS"):
        cursor.unexpected(f"AS after {name}", f"write WITH {name} AS (SELECT …)")
    if not cursor.at("("):
        cursor.unexpected("( after AS", f"write WITH {name} AS (SELECT …)")
    found = _in_parentheses(cursor)
    if lost:
        found, columns = without_items(found), None
    return View(name, columns, found, name.start, cursor.read_to)


def _in_parentheses(cursor: Cursor) -> Body:
    """``(SELECT …)``."""
    opening = cursor.advance()
    cursor.depth += 1
    try:
        if cursor.depth > MAX_NESTING:
            raise cursor.problem(
                f"subqueries nest deeper than {MAX_NESTING} levels",
                "write some as queries of their own, with CREATE VIEW",
                opening,
            )
        found = body(cursor)
        if not cursor.at(")"):
            cursor.recover(unexpected_clause(cursor, ")"), ")")
            found = without_clauses(found)
        if not cursor.at(")"):
            raise Problem()  # reported already
    finally:
        cursor.depth -= 1
    cursor.advance()
    return found


def unexpected_clause(cursor: Cursor, end: str = ";") -> Problem:
    """What is wrong with the token behind a query, which ends with ``end``."""
    try:
        refuse_clause(cursor)
    except Problem as problem:
        return problem
    return cursor.problem(
        f"expected a clause or {end}, found {cursor.token.shown()}",
        _misplaced(cursor)
        or _STRAY.get(cursor.token.upper)
        or _misspelt_before(cursor, "WHERE", "GROUP BY", "WINDOW")
        or _read_as_alias(cursor),
    )


_STRAY = {
    ")": "remove it, or add the ( that it closes",
    ",": "conditions are joined by AND; numbers have a point: 1.5",
    "WITH": "WITH (…) stands at the end of a whole query; options of a stream at its definition",
}
"""Hints for what follows a complete query."""


def _read_as_alias(cursor: Cursor) -> str | None:
    """Whether the word before was taken for another name of the stream."""
    stream, before = cursor.tokens[max(cursor.index - 2, 0)], cursor.tokens[cursor.index - 1]
    taken = before.kind == "word" and stream.is_name and stream.upper not in RESERVED
    return f"{before.text} was read as another name of {stream.text}" if taken else None


def _select(cursor: Cursor) -> Select:
    if cursor.at("FROM"):
        return _from_first(cursor)
    if not cursor.at("SELECT"):
        hint = None
        if cursor.at("(") and cursor.ahead().upper in ("SELECT", "FROM", "WITH"):
            hint = "remove the parentheses"
        elif cursor.token.kind == "word":
            close = nearest(cursor.token.text, ["SELECT"])
            hint = f"did you mean {close}?" if close else None
        cursor.unexpected("SELECT", hint)
    return _select_first(cursor)


def _select_first(cursor: Cursor) -> Select:
    start = cursor.token.start
    distinct, items, items_lost = select_list(cursor)
    if not cursor.at("FROM"):
        cursor.recover(Problem() if items_lost else _missing_from(cursor), "FROM")
        if not cursor.at("FROM"):
            raise Problem()  # reported already
        items_lost = True
    cursor.advance()
    steps: list[Where | WindowSpec] = []
    read = source(cursor, steps)
    found, lost = Clauses(), False
    try:
        _read_steps(cursor, steps)
        found = clauses(cursor)
    except Problem as problem:
        cursor.recover(problem, *_AFTER_QUERY)
        lost = True
    return Select(
        items, read, tuple(steps), found, start, cursor.read_to, distinct, items_lost, lost
    )


def _missing_from(cursor: Cursor) -> Problem:
    try:
        refuse_clause(cursor)
    except Problem as problem:
        return problem
    found = f"expected a comma or FROM, found {cursor.token.shown()}"
    if cursor.at_end or cursor.token.upper in ("WHERE", "GROUP", "INSERT"):
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
    steps: list[Where | WindowSpec] = []
    read = source(cursor, steps)
    lost = False
    try:
        _read_steps(cursor, steps)
        refuse_clause(cursor)
        if not cursor.at("SELECT"):
            cursor.unexpected("SELECT, WHERE or a window", _misplaced(cursor))
    except Problem as problem:
        cursor.recover(problem, "SELECT")
        if not cursor.at("SELECT"):
            raise Problem() from None  # reported already
        lost = True
    distinct, items, items_lost = select_list(cursor)
    found = Clauses()
    try:
        if cursor.at("WHERE") or at_window(cursor):
            raise cursor.problem(
                f"{cursor.token.text.upper()} must stand before SELECT in this form",
                "FROM S WHERE … WINDOW(…) SELECT … GROUP BY …",
            )
        found = clauses(cursor)
    except Problem as problem:
        cursor.recover(problem, *_AFTER_QUERY)
        lost = True
    return Select(
        items, read, tuple(steps), found, start, cursor.read_to, distinct, items_lost, lost
    )


def source(cursor: Cursor, steps: list[Where | WindowSpec]) -> Source | Subquery:
    """``name [.errors | .late | .connection] [[AS] alias]``, ``(SELECT …) [[AS] alias]``, or
    ``TUMBLE(TABLE name, …) [[AS] alias]``, whose window is added to ``steps``."""
    if cursor.at("("):
        return _subquery(cursor)
    if at_window_function(cursor):
        stream, called = window_function(cursor)
        steps.append(called)
        refuse_source(cursor)
        return Source(stream, alias(cursor, "an alias"))
    if cursor.ahead().upper == "(" and cursor.token.upper in TABLE_FUNCTIONS:
        raise cursor.unsupported(*TABLE_FUNCTIONS[cursor.token.upper])
    if cursor.at("SELECT"):
        cursor.unexpected(
            "the name of a stream", "put a subquery in parentheses: (SELECT …) AS name"
        )
    stream = stream_name(cursor)
    if cursor.at("["):
        raise cursor.unsupported("a filter in brackets", "write WHERE")
    refuse_source(cursor)
    found = Source(stream, alias(cursor, "an alias"))
    refuse_source(cursor)
    return found


def stream_name(cursor: Cursor) -> Name:
    """``name [.errors | .late | .connection]``."""
    stream = cursor.name("the name of a stream")
    return _part(cursor, stream) if cursor.at(".") else stream


_PARTS = {"ERRORS": errors_of, "LATE": late_of, "CONNECTION": connection_of}


def _part(cursor: Cursor, stream: Name) -> Name:
    """``.errors``, ``.late`` or ``.connection`` behind a stream's name: a stream at its side."""
    part = cursor.ahead()
    if part.upper not in _PARTS:
        hint = f'quote it if it holds a dot: "{stream}.{part.text}"'
        if (meant := nearest(part.text, map(str.lower, _PARTS))) is not None:
            hint = f"did you mean {stream}.{meant}?"
        raise cursor.problem("a stream's name has one part", hint)
    cursor.index += 2
    return Name(_PARTS[part.upper](stream.text), stream.start, part.end, stream.quoted)


def _subquery(cursor: Cursor) -> Subquery:
    start = cursor.token.start
    if cursor.ahead().upper not in ("SELECT", "FROM", "WITH"):
        hint = "a subquery selects, it inserts nothing"
        if cursor.ahead().upper != "INSERT":
            hint = "remove the parentheses"
        cursor.unexpected("the name of a stream, or (SELECT …)", hint)
    found = _in_parentheses(cursor)
    closed = cursor.read_to
    refuse_source(cursor)
    named = alias(cursor, "an alias")
    if named is not None and cursor.at("("):
        raise cursor.problem(
            "a column list after the alias is not part of this language",
            "name the columns in the subquery, with AS",
        )
    refuse_source(cursor)
    return Subquery(found, named, start, closed)


def refuse_source(cursor: Cursor) -> None:
    refusal = SOURCE_REFUSALS.get(cursor.token.upper)
    if refusal is not None and ROWS_REFUSAL.applies(cursor):
        refusal = ROWS_REFUSAL
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


def _misplaced(cursor: Cursor) -> str | None:
    if cursor.token.upper in ("WHERE", "WINDOW", "#"):
        return "WHERE and the window stand after FROM, before GROUP BY"
    if cursor.token.upper in ("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "EMIT", "OUTPUT"):
        return f"clauses stand once each, in this order: {CLAUSE_ORDER}"
    return None
