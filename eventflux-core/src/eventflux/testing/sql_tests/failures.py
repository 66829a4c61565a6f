"""What a test that fails has to say, in lines for a terminal or for pytest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from eventflux.base.errors import Diagnostic
from eventflux.base.timestamps import timestamp_text
from eventflux.testing.sql_tests.differences import Line
from eventflux.testing.sql_tests.statements import SqlTest

Style: TypeAlias = Literal["place", "plain", "missing", "added", "hint"]

_STYLES: dict[str, Style] = {"-": "missing", "+": "added", " ": "plain"}


class TestFailed(Exception):
    """A test does not give what it says."""

    __test__ = False  # pytest takes it for a class of tests

    def __init__(
        self,
        test: SqlTest,
        offset: int,
        message: str,
        *,
        lines: Sequence[Line] = (),
        first: str = "",
        hints: Sequence[str] = (),
        what: str = "rows",
        now_ms: int | None = None,
    ) -> None:
        super().__init__(message)
        self.test = test
        self.diagnostic = Diagnostic(message, test.source.position(offset))
        self._lines = lines
        self._first = first
        self._hints = hints
        self._what = what
        self._now_ms = now_ms
        self.cut = ""
        """How the rows were cut, where it fails only then."""

    def shown(self) -> Iterator[tuple[Style, str]]:
        """The lines to show, without their ends, each with its style."""
        source = self.test.source
        head, *excerpt = self.diagnostic.render(source.sql, source.name).splitlines()
        yield "place", head
        yield from (("plain", line) for line in excerpt)
        if self.test.name:
            yield "plain", f"  test: {self.test.name}"
        if self._now_ms is not None:
            yield "plain", f"  clock: {timestamp_text(self._now_ms)}"
        if self.cut:
            yield "plain", f"  rows cut otherwise: {self.cut}"
        if self._lines:
            yield "plain", f"  {self._what} (- expected, + came):"
            for line in self._lines:
                yield _STYLES[line.mark], f"    {line.mark} {line.text}"
        if self._first:
            yield "plain", f"  first difference: {self._first}"
        for hint in self._hints:
            yield "hint", f"  hint: {hint}"
        if self.cut:
            yield (
                "hint",
                "  hint: as written the test passes, and how rows are batched must not show: a "
                "function of yours remembers something, or this is to be reported",
            )

    def text(self) -> str:
        return "\n".join(line for _, line in self.shown())
