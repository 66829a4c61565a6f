"""A whole program: its statements one by one, every problem reported, going on at ``;``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eventflux.base.errors import Diagnostic
from eventflux.base.suggest import nearest
from eventflux.sql.ast import Script, Setting, Statement
from eventflux.sql.create import create_stream, dotted, value_text
from eventflux.sql.cursor import Cursor
from eventflux.sql.lexer import Token, lex
from eventflux.sql.refusals import STATEMENT_REFUSALS
from eventflux.sql.select import query
from eventflux.sql.source import Problem, SourceText

_STARTS = ("CREATE", "DEFINE", "INSERT", "SELECT", "FROM", "SET")


def parse_script(source: SourceText) -> tuple[Script, list[Diagnostic]]:
    """Read a program; what could not be read is reported and left out."""
    lexed = lex(source)
    problems = [diagnostic for _, diagnostic in lexed.problems]
    statements: list[Statement] = []
    for tokens in _statements(lexed.tokens):
        if any(tokens[0].start <= offset < tokens[-1].start for offset, _ in lexed.problems):
            continue  # a part of it could not even be cut into tokens
        try:
            statements.append(statement(Cursor(source, tokens)))
        except Problem as problem:
            problems.extend(problem.diagnostics)
    return Script(source, tuple(statements), lexed.comments, bool(problems)), problems


def _statements(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The tokens of each statement that isn't empty, with an ``end`` token after them."""
    current: list[Token] = []
    for token in tokens:
        if token.kind != "end" and (token.upper != ";" or _open_partition(current)):
            current.append(token)
            continue
        if current:
            yield [*current, Token("end", "", "", token.start, token.start)]
        current = []


def _open_partition(tokens: Sequence[Token]) -> bool:
    """Whether these are the start of a PARTITION … BEGIN block that has not ended."""
    if not tokens or tokens[0].upper != "PARTITION" or tokens[-1].upper == "END":
        return False
    return any(token.upper == "BEGIN" for token in tokens)


def statement(cursor: Cursor) -> Statement:
    first = cursor.token
    if first.upper in ("CREATE", "DEFINE"):
        return create_stream(cursor)
    if first.upper in ("INSERT", "SELECT", "FROM"):
        return query(cursor)
    if first.upper == "SET":
        return setting(cursor)
    for words, refusal in STATEMENT_REFUSALS.items():
        if cursor.at(*words):
            raise cursor.problem(refusal.message, refusal.hint)
    match = nearest(first.text, _STARTS) if first.kind == "word" else None
    hint = f"did you mean {match}?" if match else "statements start with " + ", ".join(_STARTS)
    raise cursor.problem(f"{first.shown()} does not start a statement", hint)


def setting(cursor: Cursor) -> Setting:
    """``SET name = value``."""
    start = cursor.advance().start
    key = dotted(cursor, "a setting")
    if not cursor.at("="):
        cursor.unexpected(f"= after {key}")
    cursor.advance()
    value_start = cursor.token.start
    value, quoted = value_text(cursor)
    if cursor.token.kind != "end":
        cursor.unexpected("; after the value")
    return Setting(
        key,
        value,
        quoted,
        start,
        value_start,
        cursor.read_to,
    )
