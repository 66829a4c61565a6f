"""Test files: finding them, and reading each as its tests."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeAlias

from eventflux.base.errors import Diagnostic, OptionError, SqlError
from eventflux.planner import in_order
from eventflux.sql.cursor import Cursor
from eventflux.sql.lexer import lex
from eventflux.sql.script import statement_tokens
from eventflux.sql.source import Problem, SourceText
from eventflux.testing.sql_tests import grammar
from eventflux.testing.sql_tests.statements import (
    Advance,
    App,
    Command,
    Expected,
    Insert,
    SqlTest,
    Statement,
)

SUFFIX = ".eventflux-test"


def find_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files themselves, and the test files in folders and below, in order. Folders whose names
    begin with a dot are passed over."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, inner, names in os.walk(path):
            inner[:] = sorted(name for name in inner if not name.startswith("."))
            yield from (Path(folder, name) for name in sorted(names) if name.endswith(SUFFIX))


def read_tests(path: Path, name: str | None = None) -> list[SqlTest]:
    """The tests of a file, which messages call ``name``; by default as it is given.

    Raises:
        SqlError: it can't be read as tests; all that is wrong is told, with its places.
        OptionError: it is no text.
    """
    name = name or str(path)
    try:
        text = path.read_bytes().decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise OptionError(f"{name} is not UTF-8 text: {error}") from None
    source = SourceText(text, name)
    reader = _Reader(source, path.parent)
    tests = reader.tests()
    if reader.problems:
        raise SqlError(in_order(reader.problems), text, name)
    return tests


_State: TypeAlias = Literal["up", "crashed", "stopped", "unmade"]


@dataclass(slots=True)
class _Draft:
    """A test that is being read."""

    name: str
    start: int
    app: App | None
    statements: list[Statement] = field(default_factory=list)
    state: _State = "up"
    """Of the app, where the test has been read to."""
    whole: bool = True
    """Whether all of its statements could be read."""


class _Reader:
    """Reads the statements of one file into tests, and keeps what is wrong."""

    def __init__(self, source: SourceText, folder: Path) -> None:
        self.problems: list[Diagnostic] = []
        self._source = source
        self._folder = folder
        self._drafts: list[_Draft] = []
        self._shared: App | None = None
        """The app of all tests that have none of their own."""
        self._lost_app = False
        self._expected: Expected | None = None

    def tests(self) -> list[SqlTest]:
        lexed = lex(self._source)
        self.problems += (diagnostic for _, diagnostic in lexed.problems)
        for tokens in statement_tokens(lexed.tokens):
            start, end = tokens[0].start, tokens[-1].start
            if any(start <= offset < end for offset, _ in lexed.problems):
                self._lose(tokens[0].upper)
                continue
            cursor = Cursor(self._source, tokens)
            try:
                self._take(cursor)
            except Problem as problem:
                self.problems += problem.diagnostics
                self._lose(tokens[0].upper)
        self._refuse_expectation("no statement follows EXPECT ERROR")
        self._check_shared()
        return [self._made(draft) for draft in self._drafts if draft.app is not None]

    def _lose(self, word: str) -> None:
        """Remember that a statement could not be read: what follows may lack it."""
        self._expected = None
        if word == "APP":
            self._lost_app = True
        if self._drafts:
            self._drafts[-1].whole = False

    def _take(self, cursor: Cursor) -> None:
        match cursor.token.upper:
            case "TEST":
                self._refuse_expectation("EXPECT ERROR stands right before what fails")
                self._begin(cursor)
            case "APP":
                self._take_app(cursor)
            case "EXPECT":
                self._refuse_expectation("EXPECT ERROR stands right before what fails")
                self._expected = grammar.expected(cursor)
            case _:
                self._take_statement(cursor)
        grammar.end(cursor)

    def _begin(self, cursor: Cursor) -> None:
        start = cursor.token.start
        name = grammar.title(cursor)
        first = next((draft for draft in self._drafts if draft.name == name), None)
        if first is not None:
            place = self._source.position(first.start)
            self._problem(start, f"there is a test {name!r} already, at {place}", "rename one")
        elif self._drafts and not self._drafts[0].name:
            before = self._drafts[0]
            self._problem(before.start, "this belongs to no test", "begin one with TEST 'name';")
            before.name = "?"
        self._drafts.append(_Draft(name, start, self._shared))

    def _take_app(self, cursor: Cursor) -> None:
        start = cursor.token.start
        draft = self._drafts[-1] if self._drafts else None
        made = replace(grammar.app(cursor, self._folder), expected=self._pop_expected())
        if draft is None and self._shared is None:
            self._shared = made
        elif draft is not None and not draft.statements and draft.app is self._shared:
            draft.app = made
            if made.expected is not None:
                draft.state = "unmade"
        else:
            hint = "it stands first in the file, or first in a test"
            self._problem(start, "another APP can't follow here", hint)

    def _take_statement(self, cursor: Cursor) -> None:
        start = cursor.token.start
        read = grammar.statement(cursor)
        if not self._drafts:
            unmade = self._shared is not None and self._shared.expected is not None
            state: _State = "unmade" if unmade else "up"
            self._drafts.append(_Draft("", start, self._shared, state=state))
        draft = self._drafts[-1]
        expected = self._pop_expected()
        if expected is not None:
            if not isinstance(read, Insert | Advance | Command):
                self._problem(expected.start, "an assert raises no error", _EXPECTABLE)
            else:
                read = replace(read, expected=expected)
        self._check_state(draft, read)
        draft.statements.append(read)

    def _check_state(self, draft: _Draft, read: Statement) -> None:
        """Refuse what the app can't do where it is, and follow it to where it is then."""
        word = read.word if isinstance(read, Command) else ""
        asserts = not isinstance(read, Insert | Advance | Command)
        told: tuple[str, str] | None = None
        match draft.state:
            case "unmade":
                told = "the app is not made: it has the error that is expected", _ANEW
            case "stopped" if not asserts:
                told = "the app has been stopped", _ANEW
            case "crashed" if not asserts and not isinstance(read, Advance) and word != "RESTORE":
                told = "the app has crashed and is down", "RESTORE starts it again"
            case "up" if word == "RESTORE":
                told = "nothing has crashed", "RESTORE stands behind CRASH"
        if told is not None and draft.whole:
            self._problem(read.start, *told)
        match word:
            case "CRASH":
                draft.state = "crashed"
            case "RESTORE":
                draft.state = "up"
            case "STOP":
                draft.state = "stopped"

    def _check_shared(self) -> None:
        named = [draft for draft in self._drafts if draft.name]
        if not self._drafts:
            if self._shared is not None:  # that it has no errors, or has one, is a test too
                self._drafts.append(_Draft("", self._shared.start, self._shared))
            elif not self.problems:
                self._problem(0, "there is no test in this file", "it begins with APP 'file.sql';")
        elif self._shared is not None and self._shared.expected is not None and named:
            hint = "give the program to the test that expects the error"
            self._problem(self._shared.expected.start, "no test could run without its app", hint)
        for draft in self._drafts:
            if draft.app is None and draft.whole and not self._lost_app:
                hint = "APP 'orders.sql'; stands first in the file, or first in a test"
                self._problem(draft.start, "there is no APP: which program is tested?", hint)

    def _made(self, draft: _Draft) -> SqlTest:
        assert draft.app is not None
        return SqlTest(draft.name, draft.app, tuple(draft.statements), draft.start, self._source)

    def _pop_expected(self) -> Expected | None:
        expected, self._expected = self._expected, None
        return expected

    def _refuse_expectation(self, message: str) -> None:
        if (expected := self._pop_expected()) is not None:
            self._problem(expected.start, message, _EXPECTABLE)

    def _problem(self, offset: int, message: str, hint: str | None = None) -> None:
        self.problems += self._source.problem(offset, message, hint).diagnostics


_ANEW = "TEST 'name'; begins anew, with the app as it starts"
_EXPECTABLE = "it is about the APP, INSERT, ADVANCE TIME, RESTORE or STOP that follows"
