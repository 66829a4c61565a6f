"""A program as canonical text: what it prints reads back as the same program.

Keywords are upper-case, names as they were written, each column, property and long clause
on a line of its own. A comment stands above what it stood above or in, or behind what it
stood behind on the same line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile

from eventflux.sql.ast import Script, Setting, Statement
from eventflux.sql.lexer import Comment
from eventflux.sql.statement_lines import WIDTH, Line, statement_lines

_LINE_END = re.compile(
    r"[ \t]*(?:/\*(?:(?!\*/|/\*)[^\r\n])*\*/[ \t]*)*(?:--[^\r\n]*)?(?:[\r\n]|\Z)"
)
"""Nothing but comments up to the end of a line."""


def print_script(script: Script) -> str:
    """The whole program, with its comments."""
    printer = _Printer(script)
    for statement in script.statements:
        printer.statement(statement)
    return printer.finish()


class _Printer:
    """Puts statements one after the other and gives each comment its place."""

    def __init__(self, script: Script) -> None:
        self.source = script.source
        self.comments = list(script.comments)
        self.next = 0
        self.out: list[str] = []
        self.in_settings = False
        """Whether the statement before is a SET."""

    def statement(self, statement: Statement) -> None:
        comments = self.taken_until(statement.start)
        lines = statement_lines(statement)
        self.place([*self.taken_until(statement.end), *self.trailing(statement.end)], lines)
        setting = isinstance(statement, Setting)
        plain = setting and not comments and not lines[0].above
        if self.out and not (self.in_settings and plain):
            self.out.append("")
        self.in_settings = setting
        self.apart(comments, statement.start)
        lines = _folded(lines)
        lines[-1].end_with(";")
        for line in lines:
            self.above(line.above, line.indent)
            *first, last = (line.text, *line.more)
            self.out.extend(line.indent + text for text in first)
            self.out.append(line.indent + " ".join((last, *line.behind)))

    def place(self, comments: Iterable[Comment], lines: Sequence[Line]) -> None:
        """Give each comment to the line that it stands behind, else to the one it stands in
        or above, by their order in the text."""
        placed = sorted((line for line in lines if line.end >= 0), key=lambda line: line.start)
        for comment in comments:
            before = [line for line in placed if line.end <= comment.start]
            after = [line for line in placed if line.end > comment.start]
            later = after[0].start if after else None
            if before and self.is_behind(comment, before[-1].end, later):
                before[-1].behind.append(comment.text)
            else:
                (after[0] if after else lines[-1]).above.append(comment.text)

    def trailing(self, end: int) -> list[Comment]:
        """The comments behind a statement on its last line."""
        taken: list[Comment] = []
        for comment in self.comments[self.next :]:
            between = self.source.sql[end : comment.start]
            if between.strip(" \t;") or not self.is_behind(comment, end, None):
                break
            taken.append(comment)
            end = comment.start + len(comment.text)
        self.next += len(taken)
        return taken

    def is_behind(self, comment: Comment, end: int, later: int | None) -> bool:
        """Whether a comment is the last thing on the line where something ends at ``end``;
        ``later`` is where the statement goes on, if it does."""
        line = self.line(comment.start)
        if len(comment.text.splitlines()) > 1 or line != self.line(max(end - 1, 0)):
            return False
        return self.ends_line(comment) if later is None else self.line(later) > line

    def ends_line(self, comment: Comment) -> bool:
        rest = self.source.sql[comment.start + len(comment.text) :]
        return _LINE_END.match(rest) is not None

    def line(self, offset: int) -> int:
        return self.source.position(offset).line

    def taken_until(self, offset: int) -> list[Comment]:
        taken = list(takewhile(lambda comment: comment.start < offset, self.comments[self.next :]))
        self.next += len(taken)
        return taken

    def apart(self, comments: Sequence[Comment], following: int | None) -> None:
        """Put comments above what begins at ``following``, with an empty line where the text
        has any."""
        places = [*(comment.start for comment in comments[1:]), following]
        for comment, place in zip(comments, places, strict=False):
            self.out.append(comment.text)
            end = self.line(comment.start + len(comment.text) - 1)
            if place is not None and self.line(place) > end + 1:
                self.out.append("")

    def above(self, comments: Iterable[str], indent: str = "") -> None:
        self.out.extend(indent + comment for comment in comments)

    def finish(self) -> str:
        left = self.taken_until(len(self.source.sql) + 1)
        if left and self.out:
            self.out.append("")
        self.apart(left, None)
        return "\n".join(self.out) + "\n" if self.out else ""


def _below(line: Line, following: Sequence[Line]) -> list[Line]:
    """The lines that follow and are indented further."""
    return list(takewhile(lambda other: other.level > line.level, following))


def _folded(lines: Sequence[Line]) -> list[Line]:
    """The lines, each select list put behind its SELECT where it fits and no comment is in the
    way."""
    folded: list[Line] = []
    waiting = list(lines)
    while waiting:
        line = waiting.pop(0)
        if line.text in ("SELECT", "SELECT DISTINCT"):
            items = _below(line, waiting)
            text = " ".join((line.text, *(item.text for item in items)))
            free = not any(i.above or i.more for i in items)
            free = free and not any(item.behind for item in items[:-1])
            if len(line.indent + text) <= WIDTH and free:
                line = Line(text, level=line.level, behind=items[-1].behind, above=line.above)
                del waiting[: len(items)]
        folded.append(line)
    return folded
