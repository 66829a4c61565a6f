"""``CREATE FUNCTION``: an expression of SQL under a name, or a Python function under its path."""

from __future__ import annotations

import dataclasses
from typing import Literal

from msgspec.structs import replace

from eventflux.sql.ast import CreateFunction, Expr, Parameter
from eventflux.sql.create import listed
from eventflux.sql.cursor import STATEMENT_STARTS, Cursor
from eventflux.sql.data_types import data_type
from eventflux.sql.expressions import expression
from eventflux.sql.lexer import Token, lex
from eventflux.sql.source import Problem, SourceText

_SHAPE = "CREATE FUNCTION double(x INT) RETURNS INT AS 'x * 2'"


def create_function(cursor: Cursor) -> CreateFunction:
    """``CREATE FUNCTION name ([name type {, …}]) RETURNS [SETOF] type [LANGUAGE language] AS
    'body'``."""
    start = cursor.advance().start
    cursor.expect("FUNCTION")
    name = cursor.name("the name of a function")
    if not cursor.at("("):
        cursor.unexpected(f"( and the parameters of {name}", f"write {_SHAPE}")
    cursor.advance()
    parameters: list[Parameter] = []
    lost = False
    if not cursor.accept(")"):
        parameters, lost = listed(cursor, _parameter, "parameter")
    if not cursor.accept("RETURNS"):
        cursor.unexpected("RETURNS and the type of the result", f"write {_SHAPE}")
    several = _several(cursor)
    returns = data_type(cursor)
    language = _language(cursor)
    if several is not None and language != "PYTHON":
        cursor.note(
            cursor.problem(
                "a function written in SQL gives one value",
                "LANGUAGE PYTHON AS 'module:generator' gives several; UNNEST makes rows of a list",
                several,
            )
        )
    if not cursor.accept("AS"):
        cursor.unexpected("AS and what the function does", f"write {_SHAPE}")
    body = cursor.token
    if body.kind != "string" and body.upper != "$$":
        cursor.unexpected("what the function does, in single quotes", f"write {_SHAPE}")
    cursor.advance()
    in_python = language == "PYTHON"
    if in_python and body.upper == "$$":
        raise cursor.problem(
            "a Python function stands in a module, not in the SQL",
            "put it into a file beside this one: LANGUAGE PYTHON AS 'module:function'",
            body,
        )
    read = None if in_python else _body(cursor.source, body)
    if cursor.token.kind != "end" and cursor.token.upper not in STATEMENT_STARTS:
        cursor.note(cursor.problem(f"expected ;, found {cursor.token.shown()}"))
        cursor.skip_statement()
    if lost:
        raise Problem()
    return CreateFunction(
        name, tuple(parameters), returns, language, body, read, start, cursor.read_to,
        several is not None,
    )  # fmt: skip


def _several(cursor: Cursor) -> Token | None:
    """``SETOF``, if it stands there."""
    if cursor.at("TABLE"):
        raise cursor.problem(
            "RETURNS TABLE (…) is not part of this language",
            "write RETURNS SETOF STRING; several values of a row are one OBJECT: RETURNS SETOF "
            "OBJECT",
        )
    return cursor.accept("SETOF")


def _language(cursor: Cursor) -> Literal["SQL", "PYTHON"] | None:
    if not cursor.accept("LANGUAGE"):
        return None
    named = cursor.name("a language")
    match named.text.upper():
        case "SQL" | "PYTHON" as language:
            return language
    raise cursor.source.problem(
        named.start,
        f"functions can't be written in {named}",
        "LANGUAGE PYTHON AS 'module:function', or SQL",
    )


def _parameter(cursor: Cursor) -> Parameter:
    name = cursor.name("the name of a parameter")
    if cursor.at(",") or cursor.at(")"):
        raise cursor.problem(f"the parameter {name} has no type", f"write {name} STRING")
    return Parameter(name, data_type(cursor), cursor.read_to)


def _body(source: SourceText, body: Token) -> Expr:
    """The expression in a text, its tokens at their places in the program.

    Raises:
        Problem: it is none.
    """
    text, places = _inside(source, body)
    lexed = lex(SourceText(text, source.name))
    if lexed.problems:
        raise Problem(
            *(
                dataclasses.replace(found, position=source.position(places[offset]))
                for offset, found in lexed.problems
            )
        )
    tokens = [
        replace(token, start=places[token.start], end=places[max(token.end - 1, 0)] + 1)
        for token in lexed.tokens[:-1]
    ]
    if not tokens:
        raise source.problem(body.start, "the body of the function is empty", f"write {_SHAPE}")
    if tokens[0].upper in ("SELECT", "RETURN", "BEGIN"):
        raise source.problem(
            tokens[0].start,
            f"the body of a function is an expression, found {tokens[0].upper}",
            f"write {_SHAPE}",
        )
    cursor = Cursor(source, [*tokens, Token("end", "", "", body.end - 1, body.end - 1)])
    read = expression(cursor)
    if not cursor.at_end:
        raise cursor.problem(
            f"expected the end of the function, found {cursor.token.shown()}",
            "the body of a function is one expression",
        )
    return read


def _inside(source: SourceText, body: Token) -> tuple[str, list[int]]:
    """What stands between the quotes, and the place of each character in the program, with
    that of the closing quote behind them."""
    if body.upper == "$$":
        start, end = body.start + 2, body.end - 2
        return source.sql[start:end], list(range(start, end + 1))
    places: list[int] = []
    at = body.start + 1
    while at < body.end - 1:
        places.append(at)
        at += 2 if source.sql[at] == "'" else 1
    return body.text, [*places, body.end - 1]
