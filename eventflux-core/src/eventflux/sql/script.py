"""A whole program: its statements one by one, every problem reported, going on at ``;``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from eventflux.base.errors import Diagnostic
from eventflux.base.suggest import nearest
from eventflux.sql.annotations import annotated, applies_to_nothing, read_annotations
from eventflux.sql.ast import DEFAULT_TARGET, Script, Setting, Statement
from eventflux.sql.create import create_stream, dotted, value_text
from eventflux.sql.create_function import create_function
from eventflux.sql.create_window import create_window
from eventflux.sql.cursor import STATEMENT_STARTS, Cursor
from eventflux.sql.lexer import Token, lex
from eventflux.sql.queries import create_view, query
from eventflux.sql.refusals import STATEMENT_REFUSALS
from eventflux.sql.source import Problem, SourceText
from eventflux.sql.triggers import create_trigger
from eventflux.sql.words import words

_WORD = re.compile(r"\w+")
_BEFORE_NAMES = words("STREAM INTO EXISTS TABLE VIEW WINDOW TRIGGER AGGREGATION FUNCTION UPDATE")


def parse_script(source: SourceText) -> tuple[Script, list[Diagnostic]]:
    """Read a program; what could not be read is reported and left out."""
    lexed = lex(source)
    problems = [diagnostic for _, diagnostic in lexed.problems]
    unread = set(_WORD.findall(source.sql, lexed.readable_to))
    statements: list[Statement] = []
    warnings: list[Diagnostic] = []
    comments = list(lexed.comments)
    for tokens in statement_tokens(lexed.tokens):
        start, end = tokens[0].start, tokens[-1].start
        if any(start <= offset < end for offset, _ in lexed.problems):
            # a part of it could not even be cut into tokens
            unread.update(_WORD.findall(source.sql, start, end))
            continue
        cursor = Cursor(source, tokens)
        while cursor.token.kind != "end":
            first = cursor.index
            try:
                if first:
                    cursor.note(_missing_semicolon(cursor))
                before = read_annotations(cursor)
                statements.extend(before.settings)
                if cursor.at_end:
                    applies_to_nothing(cursor, before)
                else:
                    statements.append(annotated(cursor, before, statement(cursor)))
            except Problem as problem:
                cursor.note(problem)
                unread.update(_names_defined_by(tokens[first:]))
                break
        problems.extend(cursor.problems)
        warnings.extend(cursor.warnings)
        comments.extend(cursor.comments)
    script = Script(
        source,
        tuple(statements),
        tuple(sorted(comments, key=lambda comment: comment.start)),
        frozenset(unread),
        tuple(warnings),
    )
    return script, problems


def _missing_semicolon(cursor: Cursor) -> Problem:
    return cursor.problem(
        f"expected ;, found {cursor.token.shown()}",
        f"end the statement before {cursor.token.upper} with ;",
    )


def _names_defined_by(tokens: Sequence[Token]) -> set[str]:
    """The names that a statement which could not be read may define: what stands after STREAM
    or INTO, else any name in it."""
    named = {
        name.text
        for before, name in pairwise(tokens)
        if before.upper in _BEFORE_NAMES and name.is_name
    }
    queries = tokens[0].upper in ("SELECT", "FROM", "WITH")
    if named or queries:
        return named or {DEFAULT_TARGET}
    return {token.text for token in tokens if token.is_name}


def statement_tokens(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
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
        create = _CREATES.get(cursor.ahead().upper, create_stream)
        return create(cursor)
    if first.upper in ("INSERT", "SELECT", "FROM", "WITH"):
        return query(cursor)
    if first.upper == "SET":
        return setting(cursor)
    for start, refusal in STATEMENT_REFUSALS.items():
        if cursor.at(*start):
            raise cursor.problem(refusal.message, refusal.hint)
    match = nearest(first.text, STATEMENT_STARTS) if first.kind == "word" else None
    hint = (
        f"did you mean {match}?"
        if match
        else "statements start with " + ", ".join(STATEMENT_STARTS)
    )
    raise cursor.problem(f"{first.shown()} does not start a statement", hint)


_CREATES: dict[str, Callable[[Cursor], Statement]] = {
    "VIEW": create_view,
    "FUNCTION": create_function,
    "TRIGGER": create_trigger,
    "WINDOW": create_window,
}
"""What reads a definition, by the word after CREATE."""


def setting(cursor: Cursor) -> Setting:
    """``SET name = value``."""
    start = cursor.advance().start
    key = dotted(cursor, "a setting")
    if not cursor.at("="):
        cursor.unexpected(f"= after {key}")
    cursor.advance()
    value_start = cursor.token.start
    value, quoted = value_text(cursor)
    if cursor.token.kind != "end" and cursor.token.upper not in STATEMENT_STARTS:
        cursor.note(cursor.problem(f"expected ; after the value, found {cursor.token.shown()}"))
        cursor.skip_statement()
    return Setting(
        key,
        value,
        quoted,
        start,
        value_start,
        cursor.read_to,
    )
