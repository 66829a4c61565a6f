"""The statements of test files: each reads its tokens, as those of programs do."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from eventflux.base.durations import parse_duration
from eventflux.base.suggest import did_you_mean, nearest
from eventflux.base.timestamps import in_range, parse_timestamp
from eventflux.sql.ast import Name
from eventflux.sql.cursor import Cursor
from eventflux.sql.durations import duration
from eventflux.sql.lexer import Token
from eventflux.sql.select import stream_name
from eventflux.testing.sql_tests.statements import (
    Advance,
    App,
    AssertCount,
    AssertNoOutput,
    AssertValues,
    At,
    Command,
    Expected,
    Insert,
    RowOfValues,
    Statement,
    Value,
    Values,
)

STARTS = (
    "APP", "TEST", "INSERT INTO", "ADVANCE TIME", "ASSERT STREAM", "ASSERT NO OUTPUT",
    "EXPECT ERROR", "CHECKPOINT", "CRASH", "RESTORE", "STOP",
)  # fmt: skip
"""How statements begin."""

_OF_PROGRAMS = ("CREATE", "DEFINE", "SELECT", "FROM", "WITH", "SET", "PARTITION")
_CONSTANTS = {"TRUE": True, "FALSE": False, "NULL": None}


def statement(cursor: Cursor) -> Statement:
    """A statement of a test: all but TEST, APP and EXPECT ERROR.

    Raises:
        Problem: it is none.
    """
    read = _READERS.get(cursor.token.upper)
    if read is None:
        raise _no_statement(cursor)
    return read(cursor)


def app(cursor: Cursor, folder: Path) -> App:
    """``APP 'file' | $$ program $$ [CONFIG 'file']``; files are looked for from ``folder`` on."""
    start = cursor.advance().start
    token = cursor.token
    source = cursor.source
    if token.upper == "$$":
        cursor.advance()
        inside = source.sql[token.start + 2 : token.end - 2]
        sql, file = _blank(source.sql[: token.start + 2]) + inside, source.name
        modules = folder
    else:
        path = _file(cursor, folder, "the file of the program, or the program between $$ and $$")
        sql, file = _text(cursor, path, token), str(Path(source.name).parent / token.text)
        modules = path.parent
    config = None
    if cursor.accept("CONFIG"):
        config = _file(cursor, folder, "the configuration file")
    return App(sql, file, modules, config, start=start)


def title(cursor: Cursor) -> str:
    """``TEST 'name'``."""
    cursor.advance()
    token = cursor.token
    text = _string(cursor, "the name of the test, in single quotes")
    if not text.strip() or not text.isprintable():
        raise cursor.problem("a test's name is one line that says what it shows", token=token)
    return text


def expected(cursor: Cursor) -> Expected:
    """``EXPECT ERROR 'text'``."""
    start = cursor.advance().start
    cursor.expect("ERROR", "after EXPECT")
    token = cursor.token
    text = " ".join(_string(cursor, "a part of the error's text, in single quotes").split())
    if not text:
        raise cursor.problem(
            "an empty text is a part of every error", "tell some words of it", token
        )
    return Expected(text, start)


def end(cursor: Cursor) -> None:
    """The end of a statement.

    Raises:
        Problem: something else comes.
    """
    token = cursor.token
    if token.kind == "end":
        return
    starts = {word.split()[0] for word in STARTS}
    hint = f"end the statement before {token.upper} with ;" if token.upper in starts else None
    if token.kind == "word" and hint is None and (meant := nearest(token.text, _BEHIND)):
        hint = f"did you mean {meant}?"
    raise cursor.problem(f"expected ;, found {token.shown()}", hint)


_BEHIND = ("AT", "IN ANY ORDER", "ON", "CONFIG")


def _no_statement(cursor: Cursor) -> Exception:
    token = cursor.token
    if token.upper in _OF_PROGRAMS:
        hint = "the program stands in a file, APP 'orders.sql', or between marks, APP $$ … $$"
        return cursor.problem(f"{token.upper} is a statement of programs, not of tests", hint)
    meant = nearest(token.text, [start.split()[0] for start in STARTS])
    full = next((start for start in STARTS if meant and start.startswith(meant)), None)
    hint = f"did you mean {full}?" if full else "statements are " + ", ".join(STARTS)
    return cursor.problem(f"{token.shown()} does not start a statement of a test", hint)


def _insert(cursor: Cursor) -> Insert:
    """``INSERT INTO stream [(columns)] VALUES (…), … [AT time]``."""
    start = cursor.advance().start
    cursor.expect("INTO", "after INSERT")
    stream = stream_name(cursor)
    if cursor.at("SELECT"):
        raise cursor.problem("a test inserts rows of values", "write INSERT INTO … VALUES (…)")
    values = _values(cursor)
    at = None
    if cursor.accept("AT"):
        at = _time(cursor, "the time of the rows")
    return Insert(stream, values, at, start=start)


def _advance(cursor: Cursor) -> Advance:
    """``ADVANCE TIME duration`` or ``ADVANCE TIME TO time``."""
    start = cursor.advance().start
    cursor.expect("TIME", "after ADVANCE")
    if cursor.accept("TO"):
        to = _time(cursor, "the time to go to")
    else:
        to = At(duration(cursor, "a duration after ADVANCE TIME"), relative=True)
    return Advance(to, start=start)


def _command(cursor: Cursor) -> Command:
    token = cursor.advance()
    match token.upper:
        case "CHECKPOINT" | "CRASH" | "RESTORE" | "STOP" as word:
            return Command(word, start=token.start)
    raise AssertionError(token.upper)


def _assert(cursor: Cursor) -> Statement:
    """``ASSERT STREAM name …`` or ``ASSERT NO OUTPUT [ON name, …]``."""
    start = cursor.advance().start
    if cursor.accept("NO", "OUTPUT"):
        streams = []
        if cursor.accept("ON"):
            streams.append(stream_name(cursor))
            while cursor.accept(","):
                streams.append(stream_name(cursor))
        return AssertNoOutput(tuple(streams), start=start)
    if not cursor.accept("STREAM"):
        cursor.unexpected(
            "STREAM or NO OUTPUT after ASSERT",
            "write ASSERT STREAM name VALUES (…), ASSERT STREAM name COUNT 3, or ASSERT NO OUTPUT",
        )
    stream = stream_name(cursor)
    if cursor.accept("COUNT"):
        return AssertCount(stream, _count(cursor), start=start)
    values = _values(cursor, " or COUNT")
    any_order = cursor.accept("IN") is not None
    if any_order:
        cursor.expect("ANY", "ORDER after IN")
        cursor.expect("ORDER", "after IN ANY")
    return AssertValues(stream, values, any_order, start=start)


def _count(cursor: Cursor) -> int:
    token = cursor.token
    if token.kind != "number" or not token.text.isdecimal():
        cursor.unexpected("a number of rows after COUNT")
    cursor.advance()
    return int(token.text)


_READERS: dict[str, Callable[[Cursor], Statement]] = {
    "INSERT": _insert,
    "ADVANCE": _advance,
    "ASSERT": _assert,
    "CHECKPOINT": _command,
    "CRASH": _command,
    "RESTORE": _command,
    "STOP": _command,
}


def _values(cursor: Cursor, otherwise: str = "") -> Values:
    columns: list[Name] = []
    if cursor.accept("("):
        columns.append(cursor.name("the name of a column"))
        while cursor.accept(","):
            columns.append(cursor.name("the name of a column"))
        cursor.expect(")", "behind the columns")
    if not cursor.at("VALUES"):
        meant = nearest(cursor.token.text, ["VALUES", "COUNT"] if otherwise else ["VALUES"])
        cursor.unexpected(f"VALUES{otherwise}", f"did you mean {meant}?" if meant else None)
    cursor.advance()
    rows = [_row(cursor)]
    while cursor.accept(","):
        rows.append(_row(cursor))
    return Values(tuple(columns), tuple(rows))


def _row(cursor: Cursor) -> RowOfValues:
    if not cursor.at("("):
        cursor.unexpected("( and the values of a row", "each row stands in parentheses: (1, 'a')")
    start = cursor.advance().start
    values = [_value(cursor)]
    while cursor.accept(","):
        values.append(_value(cursor))
    if not cursor.at(")"):
        cursor.unexpected(", or ) behind a value", "values are literals: nothing is computed")
    cursor.advance()
    return RowOfValues(tuple(values), start)


def _value(cursor: Cursor) -> Value:
    token = cursor.token
    if token.kind == "string":
        cursor.advance()
        return Value(token.text, token.start)
    if token.upper in _CONSTANTS:
        cursor.advance()
        return Value(_CONSTANTS[token.upper], token.start)
    if token.upper == "X" and cursor.ahead().kind == "string":
        return _bytes(cursor)
    negative = cursor.accept("-") is not None
    if not negative:
        cursor.accept("+")
    number = cursor.token
    if number.kind != "number":
        cursor.unexpected(
            "a value",
            "values are 'text', 5, -1.5, TRUE, NULL and X'0AFF' (bytes); moments and nested data "
            "stand as text, as '2026-01-01 12:00:00' and '{\"a\": 1}'",
        )
    cursor.advance()
    value = int(number.text) if number.text.isdecimal() else Decimal(number.text)
    return Value(-value if negative else value, token.start)


def _bytes(cursor: Cursor) -> Value:
    """``X'0AFF'``."""
    start = cursor.advance().start
    token = cursor.advance()
    try:
        return Value(bytes.fromhex(token.text), start)
    except ValueError:
        raise cursor.problem("X'…' holds pairs of hexadecimal digits", token=token) from None


def _time(cursor: Cursor, what: str) -> At:
    """``'2026-01-01 12:00:00'``, ``'+5s'``, or epoch milliseconds."""
    shapes = "times are '2026-01-01 12:00:00', '+5s' and '-5s' from now on, or epoch milliseconds"
    token = cursor.token
    if token.kind != "string":
        negative = cursor.accept("-") is not None
        number = cursor.token
        if number.kind != "number" or not number.text.isdecimal():
            cursor.unexpected(what, shapes)
        cursor.advance()
        ms = -int(number.text) if negative else int(number.text)
        if not in_range(ms):
            raise cursor.problem(f"{ms} is no time", shapes, token)
        return At(ms)
    cursor.advance()
    text = token.text.strip()
    if text[:1] in ("+", "-"):
        try:
            size = parse_duration(text[1:])
        except (ValueError, ArithmeticError) as error:
            raise cursor.problem(str(error), shapes, token) from None
        return At(-size if text[0] == "-" else size, relative=True)
    moment = parse_timestamp(text)
    if moment is None:
        raise cursor.problem(f"{text!r} is no time", shapes, token)
    return At(moment)


def _string(cursor: Cursor, what: str) -> str:
    token = cursor.token
    if token.kind != "string":
        cursor.unexpected(what)
    cursor.advance()
    return token.text


def _file(cursor: Cursor, folder: Path, what: str) -> Path:
    token = cursor.token
    path = folder / _string(cursor, what)
    if not path.is_file():
        beside = path.parent
        known = [f.name for f in beside.iterdir() if f.is_file()] if beside.is_dir() else []
        meant = nearest(path.name, known)
        hint = did_you_mean(path.name, known) if meant else "it is looked for beside the test file"
        raise cursor.problem(f"there is no file {token.text!r}", hint, token)
    return path


def _text(cursor: Cursor, path: Path, token: Token) -> str:
    try:
        return path.read_text(encoding="utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise cursor.problem(f"{token.text!r} can't be read: {error}", token=token) from None


def _blank(text: str) -> str:
    """As many lines and columns of nothing."""
    return "".join(char if char in "\r\n" else " " for char in text)
