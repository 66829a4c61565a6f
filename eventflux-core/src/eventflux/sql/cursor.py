"""Reading the tokens of one statement, from left to right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from eventflux.base.errors import Diagnostic
from eventflux.sql.ast import Name
from eventflux.sql.lexer import Comment, Token
from eventflux.sql.source import Problem, SourceText
from eventflux.sql.words import PLANNED, words

RESERVED = words(
    "SELECT FROM WHERE AND OR NOT IN IS LIKE BETWEEN CASE WHEN THEN ELSE END NULL TRUE FALSE AS "
    "BY ON INTO HAVING UNION INTERSECT EXCEPT JOIN"
)
"""Words that are never names unless quoted."""

STARTING = RESERVED | words(
    "WINDOW GROUP ORDER LIMIT OFFSET EMIT OUTPUT INSERT WITH USING WITHIN INNER LEFT RIGHT FULL "
    "CROSS NATURAL DEDUPLICATE UNIDIRECTIONAL PARTITION QUALIFY FETCH LATERAL FOR SET UPDATE "
    "DELETE UPSERT CREATE DEFINE OVER FILTER"
)
"""Words that are no alias without AS and no unit: something else starts there."""

STATEMENT_STARTS = ("CREATE", "DEFINE", "INSERT", "SELECT", "FROM", "SET")


class Cursor:
    """A place in the tokens of a statement, the last of which is of kind ``end``."""

    def __init__(self, source: SourceText, tokens: Sequence[Token]) -> None:
        self.source = source
        self.tokens = tokens
        self.index = 0
        self.depth = 0
        """In how many subqueries the cursor stands."""
        self.problems: list[Diagnostic] = []
        """What was wrong, and yet the statement could be read on."""
        self.warnings: list[Diagnostic] = []
        self.comments: list[Comment] = []
        """What was written and means nothing, as comments."""

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    @property
    def read_to(self) -> int:
        """Where the last token that was read ends."""
        return self.tokens[self.index - 1].end

    def ahead(self, count: int = 1) -> Token:
        return self.tokens[min(self.index + count, len(self.tokens) - 1)]

    def advance(self) -> Token:
        token = self.token
        if token.kind != "end":
            self.index += 1
        return token

    def at(self, first: str, *words: str) -> bool:
        """Whether these keywords or symbols come next."""
        if self.tokens[self.index].upper != first:
            return False
        return all(self.ahead(step).upper == word for step, word in enumerate(words, 1))

    @property
    def at_end(self) -> bool:
        """Whether the statement or the subquery ends here."""
        return self.token.kind == "end" or (self.depth > 0 and self.token.upper == ")")

    def accept(self, *words: str) -> Token | None:
        """Step over these keywords or symbols if they come next; gives the first."""
        if not self.at(*words):
            return None
        first = self.token
        self.index += len(words)
        return first

    def expect(self, word: str, where: str = "") -> Token:
        if self.token.upper != word:
            self.unexpected(f"{word}{' ' + where if where else ''}")
        return self.advance()

    def name(self, what: str) -> Name:
        """Read a name; any word that is not reserved, or a quoted one."""
        token = self.token
        if token.kind == "quoted" or (token.kind == "word" and token.upper not in RESERVED):
            self.advance()
            return Name(token.text, token.start, token.end, token.kind == "quoted")
        if token.kind == "word":
            raise self.problem(
                f"expected {what}, found the keyword {token.upper}",
                f'put it in double quotes to use it as a name: "{token.text}"',
            )
        if token.kind == "number":
            raise self.problem(
                f"expected {what}, found {token.shown()}",
                "a name begins with a letter or _, or stands in double quotes",
            )
        if token.kind == "string":
            raise self.problem(
                f"expected {what}, found {token.shown()}",
                "names stand bare or in double quotes; single quotes make a string",
            )
        self.unexpected(what)

    def note(self, problem: Problem) -> None:
        """Keep a problem and read on."""
        self.problems.extend(problem.diagnostics)

    def warn(self, offset: int, message: str, hint: str | None = None) -> None:
        self.warnings.append(self.source.warning(offset, message, hint))

    def recover(self, problem: Problem, *stops: str, depth: int = 0) -> None:
        """Keep a problem and go to the next of ``stops`` that stands in ``depth`` pairs of
        parentheses of this subquery, else to the end of it, or of the statement."""
        self.note(problem)
        opened = 0
        for token in self.tokens[: self.index]:
            opened += (token.upper == "(") - (token.upper == ")")
        while self.token.kind != "end":
            symbol = self.token.upper
            if opened <= self.depth + depth and symbol in stops:
                return
            if self.depth and opened <= self.depth and symbol == ")":
                return
            opened += (symbol == "(") - (symbol == ")")
            self.advance()

    def skip_statement(self) -> None:
        """Go to the end of the statement, or to where the next one seems to start."""
        while self.token.kind != "end" and self.token.upper not in STATEMENT_STARTS:
            self.advance()

    def unexpected(self, expected: str, hint: str | None = None) -> NoReturn:
        raise self.problem(f"expected {expected}, found {self.token.shown()}", hint)

    def problem(self, message: str, hint: str | None = None, token: Token | None = None) -> Problem:
        return self.source.problem((token or self.token).start, message, hint)

    def unsupported(
        self, what: str, hint: str | None = None, token: Token | None = None
    ) -> Problem:
        """What the language has and this version has not."""
        return self.problem(f"{what} is not supported yet", hint or PLANNED, token)
