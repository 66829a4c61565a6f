"""Calls that standard SQL writes with words between their arguments.

    SUBSTRING(s FROM start FOR length)      POSITION(part IN s)
    TRIM(LEADING 'x' FROM s)                EXTRACT(YEAR FROM ts)
    ARRAY[a, b]                             CURRENT_TIMESTAMP

Each is handed on as a plain call: ``substring(s, start, length)``.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import TokenType

from eventflux.sql.cursor import Cursor
from eventflux.sql.lexer import Token
from eventflux.sql.trees import TreeBuilder
from eventflux.sql.vocabulary import CALL_MARK

TRIMS = {"LEADING": "ltrim", "TRAILING": "rtrim", "BOTH": "trim"}
WORDED = ("TRIM", "SUBSTRING", "SUBSTR", "POSITION", "EXTRACT")
"""The names of calls that may have words between their arguments."""
FUNCTION_WORDS = ("AND", "OR", "LIKE")
"""Operators that are functions where a value has to stand: ``like(s, 'a%')``."""
Read = Callable[[], None]


def bare_call(cursor: Cursor, out: TreeBuilder, expression: Read) -> bool:
    """Read ``CURRENT_TIMESTAMP`` or ``ARRAY[…]``; false if neither stands here."""
    token, following = cursor.token, cursor.ahead().upper
    if token.kind != "word":
        return False
    if token.upper == "CURRENT_TIMESTAMP" and following not in ("(", "."):
        cursor.advance()
        _open(out, token, token.text)
        out.emit(TokenType.R_PAREN, token, ")")
        return True
    if token.upper != "ARRAY" or following != "[":
        return False
    cursor.advance()
    opening = cursor.advance()
    _open(out, token, token.text)
    if not cursor.at("]"):
        expression()
        while cursor.at(","):
            out.emit(TokenType.COMMA, cursor.advance())
            expression()
    if not cursor.at("]"):
        place = cursor.source.position(opening.start)
        cursor.unexpected("a comma or ]", f"the [ at {place} is not closed")
    out.emit(TokenType.R_PAREN, cursor.advance(), ")")
    return True


def worded_arguments(
    cursor: Cursor, out: TreeBuilder, name: Token, expression: Read, joined: Read
) -> bool:
    """Read the name and the arguments of a call that may have words between them, up to a comma
    or the ``)``; false, with nothing read, where it is none of those.

    The cursor stands behind the ``(``.
    """
    if cursor.at(")"):
        return False
    match name.upper:
        case "TRIM":
            _trim(cursor, out, name, expression)
        case "SUBSTRING" | "SUBSTR":
            _open(out, name, name.text)
            expression()
            if _between(cursor, out, "FROM"):
                expression()
                if _between(cursor, out, "FOR"):
                    expression()
        case "POSITION":
            _open(out, name, name.text)
            mark = out.mark
            joined()
            if out.mark - mark > 1:
                out.fold(mark)
            if _between(cursor, out, "IN"):
                expression()
        case "EXTRACT" if cursor.token.kind == "word" and cursor.ahead().upper == "FROM":
            _open(out, name, name.text)
            out.emit(TokenType.STRING, cursor.advance())
            _between(cursor, out, "FROM")
            expression()
        case _:
            return False
    return True


def _trim(cursor: Cursor, out: TreeBuilder, name: Token, expression: Read) -> None:
    """``[LEADING | TRAILING | BOTH] [characters] FROM s``, or what stands in any call."""
    word = cursor.token.upper
    placed = word in TRIMS and cursor.ahead().upper not in (",", ")")
    if placed:
        cursor.advance()
    _open(out, name, TRIMS[word] if placed else name.text)
    mark = out.mark
    if placed and cursor.accept("FROM"):
        expression()
        return
    expression()
    if _between(cursor, out, "FROM"):
        expression()
        out.swap(mark)
    elif placed:
        cursor.unexpected(f"FROM in TRIM({word} …)", f"write TRIM({word} 'x' FROM s)")


def _between(cursor: Cursor, out: TreeBuilder, word: str) -> bool:
    """Step over ``word`` as over a comma, if it comes next."""
    found = cursor.accept(word)
    if found is not None:
        out.emit(TokenType.COMMA, found, ",")
    return found is not None


def has_comma_in_call(cursor: Cursor) -> bool:
    """Whether a comma stands between the arguments of the call that begins at the cursor."""
    depth = 0
    for token in cursor.tokens[cursor.index + 1 :]:
        depth += (token.upper in ("(", "[")) - (token.upper in (")", "]"))
        if depth == 1 and token.upper == ",":
            return True
        if depth <= 0:
            break
    return False


def _open(out: TreeBuilder, token: Token, name: str) -> None:
    out.emit(TokenType.IDENTIFIER, token, CALL_MARK + name)
    out.emit(TokenType.L_PAREN, token, "(")
