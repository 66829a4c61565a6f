"""The text of a program, and where in it something stands."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from eventflux.base.errors import Diagnostic, Position


@dataclass(frozen=True, slots=True)
class SourceText:
    """SQL text that turns offsets into lines and columns."""

    sql: str = field(repr=False)
    name: str = "<sql>"
    _starts: list[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = [0]
        for line in self.sql.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        object.__setattr__(self, "_starts", starts)

    def position(self, offset: int) -> Position:
        """The line and column of ``offset``; the end of the text stays on its last line."""
        offset = max(0, min(offset, len(self.sql)))
        line = bisect_right(self._starts, offset)
        ends_line = line > 1 and self._starts[line - 1] == len(self.sql)
        if ends_line and not self.sql.endswith(("\n", "\r")):
            line -= 1
        return Position(line, offset - self._starts[line - 1] + 1)

    def problem(self, offset: int, message: str, hint: str | None = None) -> Problem:
        """An error at ``offset``, to be raised."""
        return Problem(Diagnostic(message, self.position(offset), hint))

    def warning(self, offset: int, message: str, hint: str | None = None) -> Diagnostic:
        return Diagnostic(message, self.position(offset), hint, severity="warning")


class Problem(Exception):
    """One or more problems found in one part of a program; never leaves the front end."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("; ".join(diagnostic.message for diagnostic in diagnostics))
        self.diagnostics = diagnostics
