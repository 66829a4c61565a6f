"""The tokens of an expression as text: keywords in upper case, spaced in the one way."""

from __future__ import annotations

from collections.abc import Sequence

from eventflux.sql.call_forms import FUNCTION_WORDS, TRIMS
from eventflux.sql.cursor import RESERVED
from eventflux.sql.durations import is_interval
from eventflux.sql.lexer import Token

_CASTS = ("CAST", "TRY_CAST")
_CLOSING = (")", "]")
_VALUES = ("NULL", "TRUE", "FALSE", "END")


def tokens_text(tokens: Sequence[Token]) -> str:
    """The tokens of an expression, keywords in upper case, spaced in the one way."""
    parts: list[str] = []
    before: Token | None = None
    operand, is_type, sign = True, False, False
    called = opened = False  # whether the token before this one opens the parenthesis of a call
    for index, token in enumerate(tokens):
        call = index + 1 < len(tokens) and tokens[index + 1].upper == "(" and operand
        name = operand and (call or token.upper not in RESERVED)
        each_once = opened and _is_quantifier(tokens, index)
        name = name and not (
            each_once
            or _is_distinct(tokens, index)
            or _starts_interval(tokens, index)
            or _is_of_order(tokens, index)
            or _is_side(tokens, index)
            or _is_of_zone(tokens, index)
        )
        if before is not None and not _tight(before, token, sign, operand):
            parts.append(" ")
        parts.append(
            _token_text(token, keyword=is_type or not name or (call and token.upper in _CASTS))
        )
        sign = operand and token.upper in ("-", "+")
        is_type = token.upper == "AS" or (is_type and token.upper != ")")
        operand = each_once or begins_operand(tokens, index, operand)
        opened = token.upper == "(" and called
        called = call and token.upper not in _CASTS
        before = token
    return "".join(parts)


def _tight(before: Token, token: Token, sign: bool, operand: bool) -> bool:
    """Whether nothing stands between two tokens; ``operand`` says that a value begins here."""
    if sign:
        return token.upper != "-"
    if token.upper in (")", "]", ",", ".", ":") or before.upper in ("(", "[", ".", ":"):
        return True
    return token.upper in ("(", "[") and not operand


def _is_distinct(tokens: Sequence[Token], index: int) -> bool:
    """Whether this is the DISTINCT of IS [NOT] DISTINCT FROM, and no name."""
    around = [token.upper for token in tokens[max(index - 1, 0) : index + 2]]
    return around in (["IS", "DISTINCT", "FROM"], ["NOT", "DISTINCT", "FROM"])


def _is_of_order(tokens: Sequence[Token], index: int) -> bool:
    """Whether this is the NULLS of NULLS FIRST, the FIRST behind it, the GROUP of WITHIN GROUP, or
    the ORDER of ORDER BY: no two names stand side by side."""
    before, here, behind = (
        tokens[at].upper if 0 <= at < len(tokens) else "" for at in range(index - 1, index + 2)
    )
    ends = ("FIRST", "LAST")
    return (
        (here == "NULLS" and behind in ends)
        or (before == "NULLS" and here in ends)
        or _is_group(tokens, index)
        or (here == "ORDER" and behind == "BY")
    )


def _is_group(tokens: Sequence[Token], index: int) -> bool:
    """Whether this is the GROUP of WITHIN GROUP."""
    return index > 0 and tokens[index].upper == "GROUP" and tokens[index - 1].upper == "WITHIN"


def _is_side(tokens: Sequence[Token], index: int) -> bool:
    """Whether this is the LEADING of TRIM(LEADING 'x' FROM s), or its like, and no name."""
    here, following = tokens[index], tokens[index + 1].upper if index + 1 < len(tokens) else ")"
    opened = index > 1 and [t.upper for t in tokens[index - 2 : index]] == ["TRIM", "("]
    return opened and here.kind == "word" and here.upper in TRIMS and following not in (",", ")")


def _is_of_zone(tokens: Sequence[Token], index: int) -> bool:
    """Whether this is the TIME of AT TIME ZONE, and no name."""
    around = [token.upper for token in tokens[max(index - 1, 0) : index + 2]]
    return around == ["AT", "TIME", "ZONE"]


def _is_quantifier(tokens: Sequence[Token], index: int) -> bool:
    """Whether the first word in the parentheses of a call is DISTINCT, and no column."""
    following = tokens[index + 1].upper if index + 1 < len(tokens) else ")"
    return tokens[index].upper == "DISTINCT" and following not in (",", ")")


def _starts_interval(tokens: Sequence[Token], index: int) -> bool:
    """Whether this is the INTERVAL of INTERVAL '5' MINUTE, and no name."""
    return index + 1 < len(tokens) and is_interval(tokens[index], tokens[index + 1])


def _is_unit(tokens: Sequence[Token], index: int) -> bool:
    """Whether this is the MINUTE of INTERVAL '5' MINUTE; INTERVAL '5 min' has its own."""
    if tokens[index].kind != "word" or tokens[index].upper in RESERVED:
        return False
    start = index - (3 if index > 2 and tokens[index - 2].upper == "-" else 2)
    return start >= 0 and _starts_interval(tokens, start)


def begins_operand(tokens: Sequence[Token], index: int, operand: bool) -> bool:
    """Whether a value begins behind the token at ``index``, which was one if ``operand``."""
    token = tokens[index]
    if _starts_interval(tokens, index) or _is_group(tokens, index) or _is_side(tokens, index):
        return True
    if _is_unit(tokens, index) or _is_of_zone(tokens, index):
        return False
    if token.upper == "NOT" and not operand:  # of NOT LIKE and the like
        return False
    if token.kind == "word" and token.upper in RESERVED:
        function = operand and token.upper in FUNCTION_WORDS
        return not function and token.upper not in _VALUES
    if token.kind == "word":  # between two values it is an operator, such as ILIKE
        return not operand
    return token.kind == "symbol" and token.upper not in _CLOSING


def _token_text(token: Token, keyword: bool) -> str:
    if token.kind == "string":
        return string_text(token.text)
    if token.kind == "quoted":
        return quoted_text(token.text)
    return token.upper if keyword and token.kind == "word" else token.text


def string_text(text: str) -> str:
    """A text as a string of SQL."""
    return "'" + text.replace("'", "''") + "'"


def quoted_text(text: str) -> str:
    """A name in double quotes."""
    return '"' + text.replace('"', '""') + '"'
