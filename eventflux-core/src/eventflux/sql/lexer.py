"""Tokens: sqlglot's tokenizer, held to the lexical rules of EventFlux SQL.

sqlglot knows more lexical forms than this language has (template blocks, hints, keywords of
several words, commands that swallow the rest of a statement) and does not know back-quoted
names in its plain dialect. So the text is masked first, at the same length: comments are
kept aside and blanked, strings, quoted names and words keep their place but not their
content. sqlglot cuts what is left, and each token takes its text from the original.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec
from sqlglot.errors import TokenError
from sqlglot.tokens import Tokenizer

from eventflux.base.errors import Diagnostic
from eventflux.sql.source import SourceText

Kind = Literal["word", "quoted", "string", "number", "symbol", "end"]


class Token(msgspec.Struct, frozen=True):
    """A piece of the text. ``upper`` is the upper-case text of a word or a symbol, so that
    quoted names and strings never look like a keyword."""

    kind: Kind
    text: str
    upper: str
    start: int
    end: int

    @property
    def is_name(self) -> bool:
        return self.kind in ("word", "quoted")

    def shown(self) -> str:
        """The token as a message names it."""
        if self.kind == "end":
            return "the end of the statement"
        if self.kind == "string":
            return f"the string '{self.text if len(self.text) <= 30 else self.text[:27] + '...'}'"
        if self.kind == "quoted":
            return f'"{self.text}"'
        return repr(self.text)


class Comment(msgspec.Struct, frozen=True):
    """``text`` is the comment with its marks."""

    text: str
    start: int


class Lexed(msgspec.Struct, frozen=True):
    tokens: tuple[Token, ...]
    comments: tuple[Comment, ...]
    problems: tuple[tuple[int, Diagnostic], ...]
    """What is lexically wrong, each with its offset."""
    readable_to: int
    """Where a string or comment begins that is never closed, else the end of the text."""


_PIECE = re.compile(
    r"""
    (?P<string>'(?:[^']|'')*')
  | (?P<quoted>"(?:[^"\r\n]|"")*")
  | (?P<back>`(?:[^`\r\n]|``)*`)
  | (?P<line>--[^\n\r]*)
  | (?P<block>/\*)
  | (?P<body>\$\$.*?\$\$)
  | (?P<open>['"`])
  | (?P<plain>(?:[\w \t\r\n\f\v(){}\[\],.;:+*%<>=!|&^~?@\#\\]|\$(?!\$.*?\$\$)|-(?!-)|/(?!\*))+)
  | (?P<odd>[^\w \t\r\n\f\v(){}\[\],.;:+*%<>=!|&^~?@\#\\$'"`/-]+|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_CURLY = frozenset("‘’‚‛“”„‟´")
"""What word processors make of quotes."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_BLOCK_MARK = re.compile(r"/\*|\*/")
_PLAIN_WORD = re.compile(r"(?<!\w)(?<!\d\.)[^\W\d]\w*")
_WORD = re.compile(r"[^\W\d]\w*\Z")
_NUMBER = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\Z", re.ASCII)


def lex(source: SourceText) -> Lexed:
    """Cut the text into tokens; the last one is of kind ``end``.

    What is lexically wrong is reported and left out, so that the rest can still be read.
    """
    masked = _Mask(source)
    if (half := _SURROGATE.search(source.sql)) is not None:
        masked.report(
            half.start(),
            f"the text holds half a character, U+{ord(half.group()):04X}",
            "SQL is Unicode text: it was decoded wrongly",
        )
    try:
        raw = Tokenizer().tokenize("".join(masked.parts))
    except TokenError as error:  # what the mask lets through is always cut; a guard all the same
        masked.report(0, f"the text can't be cut into tokens: {error}")
        raw = []
    tokens = [_token(source.sql, token.start, token.end + 1) for token in raw]
    tokens = _with_fractions(tokens)
    size = len(source.sql)
    tokens.append(Token("end", "", "", size, size))
    return Lexed(tuple(tokens), tuple(masked.comments), tuple(masked.problems), masked.end)


class _Mask:
    """The text as sqlglot shall see it, of the same length, in ``parts``."""

    def __init__(self, source: SourceText) -> None:
        self.source = source
        self.parts: list[str] = []
        self.comments: list[Comment] = []
        self.problems: list[tuple[int, Diagnostic]] = []
        self.end = len(source.sql)
        offset = 0
        while offset < len(source.sql):
            match = _PIECE.match(source.sql, offset)
            assert match is not None, "the last alternative takes any character"
            offset += len(self.piece(match.lastgroup or "odd", match.group(), offset))

    def piece(self, kind: str, text: str, offset: int) -> str:
        """Mask the piece of text at ``offset``; gives what of the text it took."""
        if kind in ("line", "block"):
            return self.comment(kind, text, offset)
        if kind == "open":
            return self.unclosed(text, offset)
        if kind in ("quoted", "back"):
            if len(text) == 2:
                self.report(offset, "a quoted name can't be empty")
            self.parts.append('"' + "_" * (len(text) - 2) + '"')
        elif kind in ("string", "body"):
            self.parts.append("'" + "_" * (len(text) - 2) + "'")
        elif kind == "odd":
            self.odd_characters(offset, text)
            self.parts.append(" " * len(text))
        else:
            self.parts.append(_PLAIN_WORD.sub(lambda word: "_" * len(word.group()), text))
        return text

    def comment(self, kind: str, text: str, offset: int) -> str:
        if kind == "block":
            end = _block_end(self.source.sql, offset)
            text = self.source.sql[offset:end]
            if end is None:
                self.report(offset, "this comment is never closed", "add */")
                self.end = offset
        self.comments.append(Comment(text, offset))
        self.parts.append(_blank(text))
        return text

    def unclosed(self, quote: str, offset: int) -> str:
        """A string goes on to the end of the text, a quoted name to the end of its line."""
        rest = self.source.sql[offset:]
        if quote == "'":
            self.report(
                offset,
                "this string is never closed",
                "add ' at its end, or look for one missing before it; inside, write it twice: "
                "'it''s'",
            )
            self.end = offset
        else:
            rest = re.split(r"[\r\n]", rest, maxsplit=1)[0]
            self.report(offset, "this quoted name is not closed on its line", f"add {quote}")
        self.parts.append(_blank(rest))
        return rest

    def odd_characters(self, offset: int, text: str) -> None:
        if offset == 0 and text == "\ufeff":  # the mark that some editors put before all text
            return
        chars = list(dict.fromkeys(text))[:5]
        shown = ", ".join(char if char.isprintable() else f"U+{ord(char):04X}" for char in chars)
        self.report(
            offset,
            f"the character {shown} means nothing here"
            if len(chars) == 1
            else f"the characters {shown} mean nothing here",
            "write straight quotes: 'text'"
            if _CURLY.issuperset(chars)
            else "outside of 'strings' and \"quoted names\" only letters, digits, _ and operators "
            "stand",
        )

    def report(self, offset: int, message: str, hint: str | None = None) -> None:
        diagnostic = Diagnostic(message, self.source.position(offset), hint)
        self.problems.append((offset, diagnostic))


def _block_end(sql: str, start: int) -> int | None:
    """Where the comment that begins at ``start`` is closed, comments in it too."""
    depth = 0
    for mark in _BLOCK_MARK.finditer(sql, start):
        depth += 1 if mark.group() == "/*" else -1
        if depth == 0:
            return mark.end()
    return None


def _blank(text: str) -> str:
    return re.sub(r"[^\r\n]", " ", text)


def _token(sql: str, start: int, end: int) -> Token:
    text = sql[start:end]
    if text[0] == "'":
        return Token("string", text[1:-1].replace("''", "'"), "", start, end)
    if text[0] in '"`':
        quote = text[0]
        return Token("quoted", text[1:-1].replace(quote * 2, quote), "", start, end)
    if text[0] == "$" and len(text) > 1:
        return Token("symbol", text, "$$", start, end)
    if _NUMBER.match(text):
        return Token("number", text, "", start, end)
    upper = text.upper() if text.isascii() else text
    return Token("word" if _WORD.match(text) else "symbol", text, upper, start, end)


def _with_fractions(tokens: list[Token]) -> list[Token]:
    """The tokens, with ``.5`` as one number where no name stands right before it."""
    joined: list[Token] = []
    for token in tokens:
        point = joined[-1] if joined else None
        if (
            point is None
            or token.kind != "number"
            or point.upper != "."
            or point.end != token.start
        ):
            joined.append(token)
            continue
        before = joined[-2] if len(joined) > 1 else None
        touching = before is not None and before.end == point.start
        if touching and before is not None and (before.kind != "symbol" or before.upper in ")]"):
            joined.append(token)
        else:
            joined[-1] = Token("number", "." + token.text, "", point.start, token.end)
    return joined
