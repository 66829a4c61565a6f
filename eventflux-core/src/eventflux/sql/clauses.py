"""The clauses after FROM, WHERE and window: from GROUP BY to OUTPUT."""

from __future__ import annotations

from eventflux.sql.ast import Clauses, Count, Emit, GroupBy, Having, OrderBy, OrderKey
from eventflux.sql.cursor import Cursor
from eventflux.sql.durations import duration
from eventflux.sql.expressions import expression
from eventflux.sql.items import ends_items
from eventflux.sql.numbers import whole_number
from eventflux.sql.ordering import direction
from eventflux.sql.output import output_rate
from eventflux.sql.refusals import CLAUSE_REFUSALS

CLAUSE_ORDER = "WHERE, GROUP BY, HAVING, ORDER BY, LIMIT, OFFSET, EMIT, OUTPUT"
"""The order in which clauses stand, for messages."""
_MOST_ROWS = 2**64
"""Behind LIMIT, where MySQL's 18446744073709551615 stands for all."""


def clauses(cursor: Cursor) -> Clauses:
    """All clauses from GROUP BY on, in their order."""
    return Clauses(
        _group_by(cursor),
        _having(cursor),
        _order_by(cursor),
        _count(cursor, "LIMIT"),
        _count(cursor, "OFFSET"),
        _emit(cursor),
        output_rate(cursor),
    )


def refuse_clause(cursor: Cursor) -> None:
    refusal = CLAUSE_REFUSALS.get(cursor.token.upper)
    if refusal is not None and refusal.applies(cursor):
        raise cursor.problem(refusal.message, refusal.hint)


def _group_by(cursor: Cursor) -> GroupBy | None:
    refuse_clause(cursor)
    first = cursor.accept("GROUP", "BY")
    if first is None:
        return None
    for word in ("ROLLUP", "CUBE", "GROUPING", "ALL"):
        if cursor.at(word) and (
            cursor.ahead().upper in ("(", "SETS") or (word == "ALL" and ends_items(cursor, 1))
        ):
            raise cursor.unsupported(f"GROUP BY {word}", "name the columns")
    keys = [expression(cursor)]
    while cursor.accept(","):
        keys.append(expression(cursor))
    return GroupBy(tuple(keys), first.start)


def _having(cursor: Cursor) -> Having | None:
    first = cursor.accept("HAVING")
    return None if first is None else Having(expression(cursor), first.start)


def _order_by(cursor: Cursor) -> OrderBy | None:
    first = cursor.accept("ORDER", "BY")
    if first is None:
        return None
    keys = [_order_key(cursor)]
    while cursor.accept(","):
        keys.append(_order_key(cursor))
    return OrderBy(tuple(keys), first.start, cursor.read_to)


def _order_key(cursor: Cursor) -> OrderKey:
    """``expression [ASC | DESC] [NULLS FIRST | NULLS LAST]``."""
    read = expression(cursor)
    return OrderKey(read, *direction(cursor))


def _count(cursor: Cursor, word: str) -> Count | None:
    """``LIMIT n`` or ``OFFSET n``."""
    first = cursor.accept(word)
    if first is None:
        return None
    token = cursor.token
    count = whole_number(token.text, _MOST_ROWS) if token.kind == "number" else None
    if count is None:
        cursor.unexpected(f"a whole number, 0 or more, after {word}", f"write {word} 10")
    cursor.advance()
    if word == "LIMIT" and cursor.at(","):
        other = cursor.ahead().text if cursor.ahead().kind == "number" else "10"
        raise cursor.problem("LIMIT takes one number", f"write LIMIT {other} OFFSET {token.text}")
    if cursor.at("ROW") or cursor.at("ROWS"):
        message = f"{cursor.token.upper} means nothing here"
        raise cursor.problem(message, f"write {word} {token.text}")
    if word == "OFFSET" and cursor.at("LIMIT"):
        raise cursor.problem("LIMIT stands before OFFSET", f"write LIMIT … OFFSET {token.text}")
    return Count(count, first.start, cursor.read_to)


def _emit(cursor: Cursor) -> Emit | None:
    """``EMIT CHANGES | FINAL | EVERY duration``."""
    first = cursor.accept("EMIT")
    if first is None:
        return None
    if cursor.accept("CHANGES"):
        return Emit("changes", None, first.start, cursor.read_to)
    if cursor.accept("FINAL"):
        return Emit("final", None, first.start, cursor.read_to)
    if not cursor.accept("EVERY"):
        cursor.unexpected("CHANGES, FINAL or EVERY after EMIT", "write EMIT EVERY 5 SECONDS")
    every = duration(cursor, "the time between emissions")
    return Emit("every", every, first.start, cursor.read_to)
