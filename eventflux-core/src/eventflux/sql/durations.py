"""Durations: ``5 MINUTES``, ``1 min 30 sec``, ``0.5 s``, ``INTERVAL '10' SECOND``, ``250`` (ms)."""

from __future__ import annotations

from decimal import Decimal

from eventflux.base.decimals import written_decimal
from eventflux.base.durations import LONGEST_MS, parse_duration, unit_ms
from eventflux.base.suggest import nearest
from eventflux.sql.cursor import RESERVED, STARTING, Cursor
from eventflux.sql.lexer import Token
from eventflux.sql.words import words

_UNITS = words("milliseconds seconds minutes hours days weeks")
_DAY = Decimal(86_400_000)
_CALENDAR = {
    **dict.fromkeys(("MONTH", "MONTHS"), 30 * _DAY),
    **dict.fromkeys(("YEAR", "YEARS"), 365 * _DAY),
}
_BEHIND = STARTING | {"KEEP"}
"""What can stand behind a duration, and is no unit."""


def duration(cursor: Cursor, what: str, *, zero: bool = False) -> int:
    """Read a duration in whole milliseconds, more than 0 unless ``zero``."""
    first = cursor.token
    if first.upper == "INTERVAL":
        total = _interval(cursor)
    elif first.kind == "string":
        total = _quoted(cursor)
    elif first.kind == "number":
        total = _parts(cursor)
    else:
        cursor.unexpected(
            what, "durations are 250 (ms), 5 SECONDS, 1 min 30 sec, INTERVAL '10' SECOND"
        )
    if total >= LONGEST_MS:
        raise cursor.problem(f"{what} is too long", token=first)
    ms = int(total)
    if ms == 0 and not (zero and total == 0):
        raise cursor.problem(f"{what} must be at least 1 ms", token=first)
    return ms


def is_interval(token: Token, following: Token) -> bool:
    """Whether ``token`` begins an interval, and is no name."""
    value = following.kind in ("string", "number") or following.upper == "-"
    return token.upper == "INTERVAL" and value


def interval(cursor: Cursor) -> int:
    """``INTERVAL '10' SECOND`` of an expression, in milliseconds, a fraction of one cut off.

    It may be negative; a MONTH has 30 days, a YEAR 365.
    """
    first = cursor.token
    total = _interval(cursor, anywhere=True)
    if abs(total) >= LONGEST_MS:
        raise cursor.problem("this interval is too long", token=first)
    return int(total)


def _interval(cursor: Cursor, *, anywhere: bool = False) -> Decimal:
    """``INTERVAL '10' SECOND`` or ``INTERVAL '1 min 30 sec'``.

    ``anywhere``: outside of windows it can be negative, and of months or years.
    """
    cursor.advance()
    negative = anywhere and cursor.accept("-") is not None
    token = cursor.token
    if token.kind not in ("string", "number"):
        cursor.unexpected("a number in quotes after INTERVAL", "write INTERVAL '10' SECOND")
    text = token.text.strip()
    if anywhere and text.startswith("-"):
        negative, text = not negative, text[1:]
    if token.kind == "string" and text[:1].isdecimal() and text[-1:].isalpha():
        return -_quoted(cursor, text) if negative else _quoted(cursor, text)
    cursor.advance()
    if not text.isascii() or not text.replace(".", "", 1).isdecimal():
        raise cursor.problem(f"{text!r} is not a number", "write INTERVAL '10' SECOND", token)
    size = Decimal(text)
    if anywhere and cursor.token.upper in _CALENDAR:
        size *= _CALENDAR[cursor.advance().upper]
    else:
        size *= _unit(cursor)
    return -size if negative else size


def _quoted(cursor: Cursor, text: str | None = None) -> Decimal:
    token = cursor.advance()
    try:
        return Decimal(parse_duration(token.text if text is None else text))
    except (ValueError, ArithmeticError) as error:
        raise cursor.problem(str(error), token=token) from None


def _parts(cursor: Cursor) -> Decimal:
    total = _number(cursor)
    if not cursor.token.is_name or cursor.token.upper in _BEHIND:
        return total
    total *= _unit(cursor)
    while cursor.token.kind == "number":
        part = _number(cursor)
        total += part * _unit(cursor)
    return total


def _number(cursor: Cursor) -> Decimal:
    number = written_decimal(cursor.token.text)
    if number >= LONGEST_MS:
        raise cursor.problem(f"{cursor.token.text} is too long for a duration")
    cursor.advance()
    return number


def _unit(cursor: Cursor) -> Decimal:
    token = cursor.token
    if token.kind != "word" or token.upper in RESERVED:
        cursor.unexpected("a unit such as SECONDS")
    if token.upper in _CALENDAR:
        raise cursor.problem(f"{token.upper} has no fixed length", "use DAYS or WEEKS")
    ms = unit_ms(token.text)
    if ms is None:
        match = nearest(token.text, _UNITS)
        known = "units are ms, SECONDS, MINUTES, HOURS, DAYS, WEEKS"
        raise cursor.problem(
            f"unknown unit {token.text!r}", f"did you mean {match.upper()}?" if match else known
        )
    cursor.advance()
    return ms
