"""Passwords in the text of a program: hidden wherever a part of the text is shown.

An error shows the line that it is about, and a line may hold a password too. Which options are
secret is said by the connectors; where a package is missing, or the text can't even be read,
what an option is called must do.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

HIDDEN = "***"

_TELLING = r"p[a-z]?s+[owr]{1,4}d?|pwd|passphrase|secret|token|credential|api.?key|private.?key"
_GAP = r"(?:\s|--[^\n]*\n|/\*.*?\*/)*"
_STRING = r"(?!'\$\{(?:\w+|file:[^}']*)\}')'(?:[^']|'')*(?:'|\Z)"
"""A string, but for one that is a reference to what is secret."""
_QUOTED = r"""\"[^"\n]*\"?|`[^`\n]*`?"""
"""A name in quotes, written where a string was meant."""
_WORDS = r"""[^\s,();'"`]+(?:[ \t]+[^\s,();'"`=]+)*"""
_USER_INFO = re.compile(r"(?<=://)[^/\s'\"@]*:[^/\s'\"]*(?=@)")
_SHORT = 4
"""A text shorter than this is hidden in messages only where it stands in quotes."""


class Redaction:
    """Hides the values of secret options in one text and in what is said about it.

    Args:
        sql: the text of a program.
        secrets: full names of options that are secret, a family as what its names begin with; one
            without a dot is found without quotes, too.
    """

    def __init__(self, sql: str, secrets: Collection[str] = ()) -> None:
        known = "".join(f"|{_known(name)}" for name in sorted(secrets))
        begin = r"""(?<![\w.-])(?:["'`]|(?=[\w-]*\.))"""  # of a quoted or a dotted name
        bare = "|".join(re.escape(name) for name in sorted(secrets) if "." not in name) or "(?!)"
        key = (
            rf"""(?:{begin}[\w.-]*(?:{_TELLING}{known})[\w.-]*+["'`]?+"""
            rf"""|(?<![\w.-])(?:{bare})(?![\w.-]))"""
        )
        self._value = re.compile(
            rf"(?P<key>{key}{_GAP}(?:={{1,2}}{_GAP})?)(?P<value>{_STRING}(?:\s*{_STRING})*)"
            rf"|(?P<key2>{key}{_GAP}={{1,2}}{_GAP})(?P<value2>{_QUOTED}|{_WORDS})",
            re.IGNORECASE | re.DOTALL,
        )
        self._sql = sql
        self._text = self.hide(sql)
        self._values = sorted(set(self._secret_texts()), key=len, reverse=True)

    def excerpt(self, line: int, column: int) -> tuple[str, int] | None:
        """A line of the text, and where on it the column is; both count from 1."""
        lines = self._text.splitlines()
        if not 1 <= line <= len(lines):
            return None
        before = self._sql.splitlines(keepends=True)
        start = "".join(before[: line - 1]) + before[line - 1][: column - 1]
        shown = self.hide(start)
        return lines[line - 1], len(shown) - _line_start(shown) + 1

    def message(self, text: str) -> str:
        """What is said about the text, without the values that are secret in it."""
        for value in self._values:
            if len(value) >= _SHORT:
                text = text.replace(value, HIDDEN)
            else:
                text = text.replace(f"'{value}'", f"'{HIDDEN}'")
        return without_credentials(text)

    def hide(self, text: str) -> str:
        """A part of the text from its beginning; each line of it stays a line."""
        text = self._value.sub(_hidden, text)
        return without_credentials(text)

    def _secret_texts(self) -> Iterator[str]:
        for match in self._value.finditer(self._sql):
            if match["value2"] is not None:
                written = match["value2"].strip('"`')
                yield from filter(None, (written, *written.split()))
                continue
            for string in re.findall(_STRING, match["value"]):
                inner = string[1:].removesuffix("'")
                yield from filter(None, (inner, inner.replace("''", "'")))


def _known(name: str) -> str:
    """What finds the option ``name``, or all of a family, whose names begin with ``name``."""
    return re.escape(name) + ("" if name.endswith(".") else r"(?![\w.-])")


def without_credentials(text: str) -> str:
    """A text without the user and password of the addresses in it."""
    return _USER_INFO.sub(HIDDEN, text)


def _hidden(match: re.Match[str]) -> str:
    if match["value2"] is not None:
        return match["key2"] + HIDDEN
    lines = f"\n{HIDDEN}" * match["value"].count("\n")
    return f"{match['key']}'{HIDDEN}{lines}'"


def _line_start(text: str) -> int:
    lines = text.splitlines(keepends=True)
    return len(text) if not lines or lines[-1][-1] in "\r\n" else len(text) - len(lines[-1])
