"""What is known of a program while it is planned, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from eventflux.base.errors import Diagnostic
from eventflux.planner.plan import Stream
from eventflux.planner.scope import Shape
from eventflux.sql.source import SourceText


class Known(msgspec.Struct):
    """Streams and problems, as they are found."""

    source: SourceText
    problems: list[Diagnostic]
    warnings: list[Diagnostic] = msgspec.field(default_factory=list)
    streams: dict[str, Stream] = msgspec.field(default_factory=dict)
    shapes: dict[str, Shape] = msgspec.field(default_factory=dict)
    """The columns of every stream that queries may read, as far as they are known."""

    def refuse(self, offset: int, message: str, hint: str | None = None) -> None:
        """Report a problem at an offset in the text."""
        self.problems.extend(self.source.problem(offset, message, hint).diagnostics)

    def warn(self, offset: int, message: str, hint: str | None = None) -> None:
        """Report what may be meant otherwise."""
        self.warnings.append(self.source.warning(offset, message, hint))

    def report(self, found: Iterable[Diagnostic]) -> None:
        """Report warnings and problems."""
        for one in found:
            (self.warnings if one.severity == "warning" else self.problems).append(one)
