"""Handing recognised tokens to sqlglot, and taking its trees.

sqlglot's parser takes some twenty calls a level of nesting. So each inner expression (in
parentheses, an argument, a part of CASE) is built on its own and stands in the outer one
as a name, in whose place its tree is put afterwards.
"""

from __future__ import annotations

from sqlglot import Token as SqlglotToken
from sqlglot import TokenType, exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel, SqlglotError

from eventflux.sql.lexer import Token
from eventflux.sql.source import SourceText


class TreeBuilder:
    """Collects the tokens of one expression and builds its tree."""

    def __init__(self, source: SourceText) -> None:
        self._source = source
        self._tokens: list[SqlglotToken] = []
        self._parts: list[exp.Expr] = []
        self._part_mark = "\0part "
        while self._part_mark in source.sql:
            self._part_mark = "\0" + self._part_mark

    @property
    def mark(self) -> int:
        """The place behind the last token, for :meth:`fold`."""
        return len(self._tokens)

    @property
    def last(self) -> TokenType | None:
        """The kind of the last token."""
        return self._tokens[-1].token_type if self._tokens else None

    def emit(self, kind: TokenType, token: Token, text: str | None = None) -> None:
        """Add a token of ``kind`` in the place of ``token``, with another text if given."""
        place = self._source.position(token.start)
        text = token.text if text is None else text
        self._tokens.append(
            SqlglotToken(kind, text, place.line, place.column, token.start, token.end - 1)
        )

    def fold(self, mark: int) -> None:
        """Make what was added since ``mark`` one part of what follows."""
        tokens = self._tokens[mark:]
        first = tokens[0]
        self._parts.append(self._built(tokens))
        name = f"{self._part_mark}{len(self._parts) - 1}"
        self._tokens[mark:] = [
            SqlglotToken(TokenType.IDENTIFIER, name, first.line, first.col, first.start, first.end)
        ]

    def open_call(self, mark: int, name: str) -> None:
        """Make what was added since ``mark`` the first argument of a call, and await the next."""
        if self.mark - mark > 1:
            self.fold(mark)
        operand = self._tokens[mark]

        def token(kind: TokenType, text: str) -> SqlglotToken:
            return SqlglotToken(kind, text, operand.line, operand.col, operand.start, operand.end)

        self._tokens[mark:] = [
            token(TokenType.IDENTIFIER, name),
            token(TokenType.L_PAREN, "("),
            operand,
            token(TokenType.COMMA, ","),
        ]

    def swap(self, mark: int) -> None:
        """Change the places of the two arguments, a token each, added since ``mark``."""
        first, comma, second = self._tokens[mark:]
        self._tokens[mark:] = [second, comma, first]

    def tree(self) -> exp.Expr:
        """The tree of the whole expression.

        Raises:
            Problem: sqlglot can't read it.
        """
        return self._built(self._tokens)

    def _built(self, tokens: list[SqlglotToken]) -> exp.Expr:
        parser = Dialect.get_or_raise(None).parser(error_level=ErrorLevel.IMMEDIATE)
        message = "this expression can't be read"
        try:
            trees = parser.parse_into(exp.Condition, tokens, self._source.sql)
        except SqlglotError as error:
            detail = str(error).split("\n", 1)[0].rstrip(".")
            raise self._source.problem(tokens[0].start, f"{message}: {detail}") from None
        tree = trees[0] if len(trees) == 1 else None
        if tree is None:
            raise self._source.problem(tokens[0].start, message)
        return self._with_parts(tree)

    def _with_parts(self, tree: exp.Expr) -> exp.Expr:
        waiting = [tree]
        while waiting:
            node = waiting.pop()
            if isinstance(node, exp.Column) and node.name.startswith(self._part_mark):
                part = self._parts[int(node.name.removeprefix(self._part_mark))]
                if node is tree:
                    return part
                node.replace(part)
            else:
                waiting.extend(node.iter_expressions())
        return tree


def depth_of(tree: exp.Expr) -> int:
    """The depth of a tree; a chain of ANDs, of ORs or of || counts once, parentheses don't."""
    deepest, waiting = 0, [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        for child in node.iter_expressions():
            same = type(child) is type(node) and isinstance(node, exp.Connector | exp.DPipe)
            flat = same or isinstance(child, exp.Paren | exp.If)
            waiting.append((child, depth if flat else depth + 1))
    return deepest
