"""Windows: ``WINDOW('tumbling', d)``, ``WINDOW TUMBLING(d)``, ``#window.tumbling(d)``."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal

from msgspec.structs import replace

from eventflux.base.decimals import written_decimal
from eventflux.base.suggest import nearest
from eventflux.sql.ast import Expr, Name, WindowArgument, WindowSpec
from eventflux.sql.cursor import Cursor
from eventflux.sql.durations import duration
from eventflux.sql.expressions import expression
from eventflux.sql.lexer import Token, lex
from eventflux.sql.numbers import COUNT, whole_number
from eventflux.sql.source import Problem, SourceText
from eventflux.sql.window_kinds import (
    NO_WINDOWS,
    WINDOW_KINDS,
    WINDOW_NAMES,
    Parameter,
    WindowKind,
)

_HINT = "windows are " + ", ".join(kind.name for kind in WINDOW_KINDS.values())


_LEAST_SHARE = Decimal("1e-9")
_QUOTES = re.compile(r"''((?:[^']|'''')*)''")
"""A text inside of a text: its quotes are doubled, as they would not be alone."""


def at_window(cursor: Cursor) -> bool:
    following = cursor.ahead()
    if cursor.at("#") or cursor.at("DEDUPLICATE", "BY"):
        return True
    return cursor.at("WINDOW") and (following.upper == "(" or following.is_name)


def window(cursor: Cursor) -> WindowSpec:
    """One window specification, in any of its three forms, or DEDUPLICATE."""
    if cursor.at("DEDUPLICATE"):
        return _deduplicate(cursor)
    first = cursor.advance()
    if first.upper == "#":
        if not cursor.at("WINDOW") or cursor.ahead().upper not in (".", ":"):
            raise cursor.unsupported(
                "a stream function (#…)", "a window is written #window.tumbling(5 min)"
            )
        cursor.advance()
        cursor.advance()
        kind = _kind(cursor, cursor.token)
        _opened(cursor)
    elif cursor.accept("("):
        if cursor.token.kind != "string":
            cursor.unexpected("the window's name in quotes", "write WINDOW('tumbling', 5 MINUTES)")
        kind = _kind(cursor, cursor.token)
        if not cursor.at(")"):
            cursor.expect(",", "after the window's name")
    else:
        kind = _kind(cursor, cursor.token)
        _opened(cursor)
    return WindowSpec(kind.name.lower(), _arguments(cursor, kind), first.start, cursor.read_to)


def bare_window(cursor: Cursor) -> WindowSpec:
    """``length(5)``, as it stands in a definition."""
    start = cursor.token.start
    kind = _kind(cursor, cursor.token)
    _opened(cursor)
    return WindowSpec(kind.name.lower(), _arguments(cursor, kind), start, cursor.read_to)


def _deduplicate(cursor: Cursor) -> WindowSpec:
    """``DEDUPLICATE BY key {, key} WITHIN duration [KEEP FIRST | KEEP LAST]``."""
    first = cursor.advance()
    cursor.advance()
    columns = [_key(cursor)]
    while cursor.accept(","):
        columns.append(_key(cursor))
    if not cursor.at("WITHIN"):
        cursor.unexpected("WITHIN after what it goes by", "write DEDUPLICATE BY id WITHIN 1 HOUR")
    start = cursor.advance().end
    within = duration(cursor, "the time within which a row is a repetition")
    time = WindowArgument("time to live", within, start, cursor.read_to)
    keep: Literal["first", "last"] = "first"
    if cursor.accept("KEEP"):
        if not (cursor.at("FIRST") or cursor.at("LAST")):
            cursor.unexpected("FIRST or LAST after KEEP")
        keep = "first" if cursor.advance().upper == "FIRST" else "last"
    kind, arguments = "firstunique", (*columns, time)
    if keep == "last":
        kind, arguments = "session", (replace(time, parameter="gap"), *columns)
    return WindowSpec(kind, arguments, first.start, cursor.read_to, keep)


def _key(cursor: Cursor) -> WindowArgument:
    """A column, or another expression."""
    start = cursor.token.start
    value: Name | Expr
    if cursor.token.is_name and cursor.ahead().upper in (",", "WITHIN"):
        value = cursor.name("a column of the stream")
    else:
        value = expression(cursor)
    return WindowArgument("column", value, start, cursor.read_to)


def _opened(cursor: Cursor) -> None:
    if not cursor.at("("):
        cursor.unexpected("( after the window's name", "write WINDOW('tumbling', 5 MINUTES)")
    cursor.advance()


def _kind(cursor: Cursor, token: Token) -> WindowKind:
    name = token.text.lower()
    if token.kind != "string" and not token.is_name:
        cursor.unexpected("the name of a window", _HINT)
    if name in NO_WINDOWS:
        raise cursor.problem(f"there is no window {token.text!r}", NO_WINDOWS[name])
    if name not in WINDOW_NAMES:
        match = nearest(name, WINDOW_NAMES)
        known = WINDOW_KINDS[WINDOW_NAMES[match]].name if match else None
        raise cursor.problem(
            f"unknown window {token.text!r}", f"did you mean {known}?" if known else _HINT
        )
    cursor.advance()
    return WINDOW_KINDS[WINDOW_NAMES[name]]


def _arguments(cursor: Cursor, kind: WindowKind) -> tuple[WindowArgument, ...]:
    """What stands in the parentheses, with the closing one."""
    read: list[WindowArgument] = []
    more = not cursor.at(")")
    for parameter in kind.parameters:
        wanted = not parameter.optional or parameter is kind.parameters[-1]
        while more and (wanted or _fits(cursor.token, parameter)):
            read.append(_argument(cursor, parameter))
            more = cursor.accept(",") is not None
            wanted = False
            if not parameter.many:
                break
        if wanted and not parameter.optional:
            raise cursor.problem(
                f"{kind.name} needs its {parameter.name}",
                f"write {kind.name}({kind.example}){kind.beside}",
            )
    if more:
        raise cursor.problem(f"{kind.name} takes {kind.described}, nothing more")
    if not cursor.at(")"):
        cursor.unexpected(", or )")
    cursor.advance()
    return tuple(read)


def _fits(token: Token, parameter: Parameter) -> bool:
    """Whether an argument for ``parameter`` begins here."""
    match parameter.kind:
        case "duration":
            return token.kind in ("number", "string") or token.upper == "INTERVAL"
        case "count" | "share":
            return token.kind == "number"
        case "text" | "condition":
            return token.kind == "string"
    return token.is_name


def _argument(cursor: Cursor, parameter: Parameter) -> WindowArgument:
    start = cursor.token.start
    descending = False
    value: int | Decimal | str | Name
    match parameter.kind:
        case "duration":
            value = duration(cursor, f"the window's {parameter.name}", zero=parameter.zero)
        case "count":
            value = _count(cursor, parameter.name)
        case "share":
            value = _share(cursor, parameter.name)
        case "condition":
            return _condition(cursor, parameter.name)
        case "text":
            if cursor.token.kind != "string":
                cursor.unexpected(f"the window's {parameter.name} in quotes")
            value = cursor.advance().text
        case _:
            value = cursor.name(f"a {parameter.name} of the stream")
            descending = parameter.kind == "ordered column" and _descends(cursor)
    return WindowArgument(parameter.name, value, start, cursor.read_to, descending)


def _condition(cursor: Cursor, what: str) -> WindowArgument:
    """A condition in quotes, each of its parts where it stands in the text."""
    token = cursor.token
    if token.kind != "string":
        cursor.unexpected(f"the window's {what} in quotes", "write 'count() <= 10'")
    cursor.advance()
    sql = cursor.source.sql
    inside = _QUOTES.sub(r" '\1' ", sql[token.start + 1 : token.end - 1])
    lexed = lex(SourceText(" " * (token.start + 1) + inside))
    end = Token("end", "", "", token.end - 1, token.end - 1)
    read = Cursor(cursor.source, (*lexed.tokens[:-1], end))
    if lexed.problems:
        raise Problem(*(problem for _, problem in lexed.problems))
    condition = expression(read)
    cursor.problems.extend(read.problems)
    if not read.at_end:
        read.unexpected("the end of the condition")
    return WindowArgument(what, token.text, token.start, token.end, condition=condition)


def _count(cursor: Cursor, what: str) -> int:
    token = cursor.token
    if token.kind != "number":
        cursor.unexpected(f"the window's {what}", COUNT)
    count = whole_number(token.text)
    if not count:
        raise cursor.problem(f"the window's {what} is {COUNT}, not {token.text}")
    cursor.advance()
    return count


def _share(cursor: Cursor, what: str) -> Decimal:
    token = cursor.token
    if token.kind != "number":
        cursor.unexpected(f"the window's {what}", "a number above 0 and up to 1, as 0.1")
    value = written_decimal(token.text)
    if not 0 < value <= 1:
        raise cursor.problem(f"the window's {what} is above 0 and up to 1, not {token.text}")
    if value < _LEAST_SHARE:
        raise cursor.problem(f"the window's {what} is at least {_LEAST_SHARE}, not {token.text}")
    cursor.advance()
    return value


def _descends(cursor: Cursor) -> bool:
    """Read the order behind a column, ``'asc'`` if there is none."""
    if not (cursor.at(",") and cursor.ahead().kind == "string"):
        return False
    cursor.advance()
    order = cursor.advance()
    if order.text.lower() not in ("asc", "desc"):
        raise cursor.problem(f"an order is 'asc' or 'desc', not {order.text!r}", token=order)
    return order.text.lower() == "desc"
