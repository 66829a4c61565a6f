"""Windows: ``WINDOW('tumbling', d)``, ``WINDOW TUMBLING(d)``, ``#window.tumbling(d)``."""

from __future__ import annotations

from eventflux.base.suggest import nearest
from eventflux.sql.ast import WindowSpec
from eventflux.sql.cursor import Cursor
from eventflux.sql.durations import duration
from eventflux.sql.lexer import Token
from eventflux.sql.words import words

_KINDS = {"tumbling": "tumbling", "tumble": "tumbling", "timebatch": "timebatch"}
_LATER = {
    name.lower(): name
    for name in words(
        "length lengthBatch time hop hopping sliding session externalTime externalTimeBatch sort "
        "unique firstUnique delay expression frequent lossyFrequent cron timeLength "
        "lossyCounting lossless"
    )
}
_HINT = "this version has tumbling(size [, offset]) and timeBatch(size [, start])"


def at_window(cursor: Cursor) -> bool:
    following = cursor.ahead()
    if cursor.at("#"):
        return True
    return cursor.at("WINDOW") and (following.upper == "(" or following.is_name)


def window(cursor: Cursor) -> WindowSpec:
    """One window specification, in any of its three forms."""
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
    return _arguments(cursor, kind, first)


def _opened(cursor: Cursor) -> None:
    if not cursor.at("("):
        cursor.unexpected("( after the window's name", "write WINDOW('tumbling', 5 MINUTES)")
    cursor.advance()


def _kind(cursor: Cursor, token: Token) -> str:
    name = token.text.lower()
    if token.kind != "string" and not token.is_name:
        cursor.unexpected("the name of a window", _HINT)
    if name in _LATER:
        raise cursor.unsupported(f"the window {_LATER[name]}", _HINT)
    if name not in _KINDS:
        match = nearest(name, [*_KINDS, *_LATER])
        raise cursor.problem(
            f"unknown window {token.text!r}", f"did you mean {match}?" if match else _HINT
        )
    cursor.advance()
    return _KINDS[name]


def _arguments(cursor: Cursor, kind: str, first: Token) -> WindowSpec:
    shown = "timeBatch" if kind == "timebatch" else kind
    if cursor.at(")"):
        raise cursor.problem(f"{shown} needs its size", f"write {shown}(5 MINUTES)")
    size = duration(cursor, "the window's size")
    offset = None
    second = "start" if kind == "timebatch" else "offset"
    if cursor.accept(","):
        offset_token = cursor.token
        offset = duration(cursor, f"the window's {second}", zero=True)
        if kind == "tumbling" and offset >= size:
            raise cursor.problem(
                "the window's offset must be less than its size",
                "drop whole sizes from it",
                offset_token,
            )
    if cursor.at(","):
        raise cursor.problem(f"{shown} takes a size and an optional {second}, nothing more")
    if not cursor.at(")"):
        cursor.unexpected(", or )")
    cursor.advance()
    return WindowSpec(kind, size, offset, first.start, cursor.read_to)
