"""Delimited text by RFC 4180, one record at a time, with the line that each begins in.

Records end with LF, CRLF or CR. A field that begins with a quote ends with one, holds anything
between, and a doubled quote for a quote; elsewhere a quote is a character like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_FIELDS = 1000
"""How many fields a record may have."""

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How fields are written; each but ``null`` is one character, ``escape`` may be empty."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    null: str = ""
    """What an unquoted field that is NULL holds."""
    trim: bool = False
    """Whether blanks around unquoted fields don't count."""

    @property
    def blanks(self) -> str:
        """The characters that don't count around an unquoted field."""
        return "".join(c for c in " \t" if self.trim and c != self.delimiter)


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its fields, ``None`` for NULL, or what is wrong with it."""

    line: int
    fields: list[str | None]
    error: str | None = None


class RecordReader:
    """Takes a text apart, slowly and with exact errors."""

    def __init__(self, dialect: Dialect) -> None:
        delimiter, quote = re.escape(dialect.delimiter), re.escape(dialect.quote)
        escape = re.escape(dialect.escape)
        self._blanks = dialect.blanks
        blanks = f"[{self._blanks}]*+" if self._blanks else ""
        escaped = rf"|{escape}(?:.|\Z)" if escape else ""
        self._dialect = dialect
        self._opening = re.compile(f"{blanks}{quote}")
        self._inside = re.compile(f"(?:[^{quote}{escape}]|{quote}{quote}{escaped})*+", re.DOTALL)
        self._closing = re.compile(f"{quote}{blanks}")
        self._bare = re.compile(rf"(?:[^{delimiter}\r\n{escape}]{escaped})*+", re.DOTALL)
        self._doubled = dialect.quote * 2
        self._escaped = re.compile(f"{quote}({quote})|{escape}(.)" if escape else "(?!)", re.DOTALL)
        self._escaped_bare = re.compile(f"{escape}(.)", re.DOTALL)

    def records(self, text: str) -> Iterator[Record]:
        """The records of ``text``, empty lines left out; an error is one of its record alone."""
        at, line = (1 if text.startswith("\ufeff") else 0), 1
        while at < len(text):
            start = at
            record, at = self._record(text, at, line)
            line += sum(1 for _ in _LINE_END.finditer(text, start, at))
            if record is not None:
                yield record

    def _record(self, text: str, at: int, line: int) -> tuple[Record | None, int]:
        fields: list[str | None] = []
        start = at
        while True:
            try:
                value, at = self._field(text, at)
            except _Malformed as error:
                end = _LINE_END.search(text, error.at)
                at = len(text) if end is None else end.end()
                return Record(line, [], f"field {len(fields) + 1}: {error}"), at
            fields.append(value)
            if text.startswith(self._dialect.delimiter, at):
                at += 1
                continue
            end = _LINE_END.match(text, at)
            empty = not text[start:at].strip(self._blanks)
            at = at if end is None else end.end()
            return (None if empty else Record(line, fields)), at

    def _field(self, text: str, at: int) -> tuple[str | None, int]:
        """The value of the field at ``at``, and where it ends."""
        opening = self._opening.match(text, at)
        if opening is None:
            return self._bare_field(text, at)
        inside = self._inside.match(text, opening.end())
        assert inside is not None
        closing = self._closing.match(text, inside.end())
        if closing is None:
            raise _Malformed("the quote that it begins with is not closed", len(text))
        end = closing.end()
        if end < len(text) and text[end] not in (self._dialect.delimiter, "\r", "\n"):
            raise _Malformed(
                f"expected {self._dialect.delimiter!r} or the end of the line after the closing "
                f"quote, got {text[end]!r}",
                end,
            )
        return self._unquoted(inside.group()), end

    def _bare_field(self, text: str, at: int) -> tuple[str | None, int]:
        bare = self._bare.match(text, at)
        assert bare is not None
        value = bare.group()
        if self._blanks:
            value = value.strip(self._blanks)
        if value == self._dialect.null:
            return None, bare.end()
        if self._dialect.escape:
            value = self._escaped_bare.sub(r"\1", value)
        return value, bare.end()

    def _unquoted(self, inside: str) -> str:
        if self._dialect.escape:
            return self._escaped.sub(lambda found: found[1] or found[2], inside)
        return inside.replace(self._doubled, self._dialect.quote)


class _Malformed(Exception):
    """A field is not well formed; reading goes on behind the line of ``at``."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at
