"""What stands in an expression where it can't: said by its name, else as well as one can guess."""

from __future__ import annotations

from eventflux.base.durations import unit_ms
from eventflux.sql.cursor import RESERVED, Cursor
from eventflux.sql.lexer import Token
from eventflux.sql.refusals import OPERAND_REFUSALS, OPERATOR_REFUSALS
from eventflux.sql.words import words

_AFTER_NAMES = words(
    "+ - * / % = == != <> < <= > >= AND OR LIKE ILIKE || , ) FROM AS IS IN BETWEEN"
)


def refuse_operator(cursor: Cursor) -> None:
    """
    Raises:
        Problem: the token, where an operator may stand, is one that the language lacks.
    """
    token = cursor.token
    refusal = OPERATOR_REFUSALS.get(token.upper)
    if refusal is not None and refusal.applies(cursor):
        raise cursor.problem(refusal.message, refusal.hint)
    before = cursor.tokens[cursor.index - 1] if cursor.index else None
    if before is not None and before.kind == "number" and token.kind in ("number", "word"):
        if before.end == token.start:
            raise cursor.problem(
                f"'{before.text}{token.text}' is not a number", "write 12, 1.5 or 1.5e-3", before
            )
        if len(token.text) > 1 and unit_ms(token.text) is not None:
            raise cursor.problem(
                f"{before.text} {token.text} is a duration, which an expression has as an INTERVAL",
                f"write INTERVAL '{before.text}' {token.text.upper()}",
                before,
            )


def refuse_operand(cursor: Cursor) -> None:
    """
    Raises:
        Problem: the token, where a value has to stand, begins none and is no name.
    """
    token = cursor.token
    if token.kind == "symbol" and token.text[:1].isdecimal():
        following = cursor.ahead()
        whole = token.text + (following.text if following.start == token.end else "")
        raise cursor.problem(
            f"{whole!r} is not a number", "write 12, 1.5 or 1.5e-3; a text stands in single quotes"
        )
    meant = _misread(cursor, token)
    if meant is not None:
        cursor.unexpected("an expression", meant)
    refusal = OPERAND_REFUSALS.get(token.upper)
    if refusal is not None and refusal.applies(cursor):
        raise cursor.problem(refusal.message, refusal.hint)
    if not token.is_name or token.upper in RESERVED:
        hint = None
        if token.kind == "word" and cursor.ahead().upper in _AFTER_NAMES:
            hint = f'put it in double quotes to use it as a name: "{token.text}"'
        cursor.unexpected("an expression", hint)


def _misread(cursor: Cursor, token: Token) -> str | None:
    """What a sign that can't begin a value was meant as, together with the one before."""
    before = cursor.tokens[cursor.index - 1] if cursor.index else None
    if before is None or before.end != token.start:
        return None
    return {"=<": "write <=", "**": "multiply: x * x"}.get(before.upper + token.upper)
