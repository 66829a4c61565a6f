"""What stands behind a key of ORDER BY, and ORDER BY in the parentheses of an aggregate.

``array_agg(x ORDER BY y DESC)`` and ``array_agg(x) WITHIN GROUP (ORDER BY y DESC)`` are calls with
further arguments in the tree: for each key a call of :data:`ORDER_BY` or :data:`WITHIN_GROUP`, of
the key itself, ``'desc'`` or ``'asc'``, and ``'first'`` or ``'last'`` for where NULLs stand.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import TokenType

from eventflux.sql.cursor import Cursor
from eventflux.sql.lexer import Token
from eventflux.sql.trees import TreeBuilder
from eventflux.sql.vocabulary import ORDER_BY, WITHIN_GROUP


def direction(cursor: Cursor) -> tuple[bool, bool]:
    """``[ASC | DESC] [NULLS FIRST | NULLS LAST]``: whether a key is descending, and whether NULLs
    stand first."""
    descending = cursor.accept("DESC") is not None
    if not descending:
        cursor.accept("ASC")
    nulls_first = False
    if cursor.accept("NULLS"):
        if not (cursor.at("FIRST") or cursor.at("LAST")):
            cursor.unexpected("FIRST or LAST after NULLS")
        nulls_first = cursor.advance().upper == "FIRST"
    return descending, nulls_first


def order_in_call(
    cursor: Cursor, out: TreeBuilder, expression: Callable[[], None], some: bool
) -> bool:
    """Read ``ORDER BY key {, key}`` where it comes next, behind the arguments of a call if there
    are ``some``; gives whether there are some then."""
    if not cursor.at("ORDER", "BY"):
        return some
    _keys(cursor, out, expression, some, ORDER_BY)
    return True


def within_group(
    cursor: Cursor, out: TreeBuilder, expression: Callable[[], None], some: bool
) -> None:
    """Read ``) WITHIN GROUP (ORDER BY key {, key}`` where it comes next; the parenthesis that
    follows closes the call."""
    if not cursor.at(")", "WITHIN", "GROUP"):
        return
    cursor.accept(")", "WITHIN", "GROUP")
    if not cursor.at("(", "ORDER", "BY"):
        cursor.unexpected("(ORDER BY …) after WITHIN GROUP", "write WITHIN GROUP (ORDER BY x)")
    cursor.advance()
    _keys(cursor, out, expression, some, WITHIN_GROUP)


def _keys(
    cursor: Cursor, out: TreeBuilder, expression: Callable[[], None], some: bool, name: str
) -> None:
    first = cursor.token
    cursor.accept("ORDER", "BY")
    _key(cursor, out, expression, first if some else None, name)
    while comma := cursor.accept(","):
        _key(cursor, out, expression, comma, name)


def _key(
    cursor: Cursor,
    out: TreeBuilder,
    expression: Callable[[], None],
    comma: Token | None,
    name: str,
) -> None:
    if comma is not None:
        out.emit(TokenType.COMMA, comma, ",")
    first = cursor.token
    out.emit(TokenType.IDENTIFIER, first, name)
    out.emit(TokenType.L_PAREN, first, "(")
    expression()
    descending, nulls_first = direction(cursor)
    for word in ("desc" if descending else "asc", "first" if nulls_first else "last"):
        out.emit(TokenType.COMMA, first, ",")
        out.emit(TokenType.STRING, first, word)
    out.emit(TokenType.R_PAREN, first, ")")
