"""Every error that EventFlux raises.

::

    EventFluxError
    ├── SqlError              the SQL can't be parsed or bound (all its problems at once)
    ├── OptionError           an option, a setting or a configuration file is wrong
    ├── MissingPackageError   a connector, mapper or function needs a package to be installed
    ├── PluginError           a plugin can't be loaded or broke its contract
    ├── StartError            the app could not start
    │   ├── UnreachableError  something outside didn't answer within ``app.start.timeout``
    │   └── RefusedError      credentials, a queue or an exchange were refused
    ├── InputError            a row given to the API does not fit its stream
    ├── RowError              one row or message could not be processed
    ├── UsageError            the API was called at the wrong time or from the wrong place
    ├── BackpressureError     a bounded subscription was told to fail rather than wait
    ├── StateError            stored state can't be read
    └── StreamFailed          a stream's ``fail`` strategy stopped the app
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from eventflux.base.redaction import Redaction


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the SQL text; both numbers count from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem found in a program."""

    message: str
    position: Position | None = None
    hint: str | None = None
    severity: Literal["error", "warning"] = "error"
    file: str | None = None
    """The file that ``position`` is a place of, where that isn't the SQL: only its line counts."""

    def as_warning(self) -> Diagnostic:
        return replace(self, severity="warning")

    def render(self, sql: str, name: str = "<sql>", secrets: Collection[str] = ()) -> str:
        """The problem with its place, the offending line, a caret and the hint.

        ``secrets`` are the names of options whose values are not shown, beside those whose
        names say so.
        """
        return self.rendered(name, Redaction(sql, secrets))

    def rendered(self, name: str, text: Redaction) -> str:
        """As :meth:`render`, of a text whose secrets have been found."""
        if self.file is not None:
            where = self.file if self.position is None else f"{self.file}:{self.position.line}"
            return self._parts(where, [])
        if self.position is None:
            return self._parts(name, [])
        line, column = self.position.line, self.position.column
        excerpt: list[str] = []
        shown = text.excerpt(line, column)
        if shown is not None:
            excerpted, at = shown
            gutter = f"{line:>5} | "
            caret = " " * (len(gutter) - 2) + "| " + " " * (at - 1) + "^"
            excerpt = [gutter + excerpted.replace("\t", " "), caret]
        return self._parts(f"{name}:{line}:{column}", excerpt)

    def _parts(self, where: str, excerpt: list[str]) -> str:
        parts = [f"{where}: {self.severity}: {self.message}", *excerpt]
        if self.hint:
            parts.append(f"  hint: {self.hint}")
        return "\n".join(parts)


def redacted(diagnostics: Iterable[Diagnostic], text: Redaction) -> Iterator[Diagnostic]:
    """The problems of a program, without the values that are secret in it."""
    for diagnostic in diagnostics:
        hint = diagnostic.hint and text.message(diagnostic.hint)
        yield replace(diagnostic, message=text.message(diagnostic.message), hint=hint)


class EventFluxError(Exception):
    """The base of all errors of EventFlux."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message}\n  hint: {self.hint}"


class SqlError(EventFluxError):
    """The SQL can't be parsed or bound; :attr:`diagnostics` holds each problem."""

    def __init__(
        self,
        diagnostics: Sequence[Diagnostic],
        sql: str,
        name: str = "<sql>",
        secrets: Collection[str] = (),
    ) -> None:
        text = Redaction(sql, secrets)
        self.diagnostics = tuple(redacted(diagnostics, text))
        self.name = name
        super().__init__("\n".join(d.rendered(name, text) for d in self.diagnostics))


class OptionError(EventFluxError):
    """An option, a setting or a configuration file is wrong."""


class PlannedError(OptionError):
    """Something that the SQL names is planned for a later version."""


class MissingPackageError(EventFluxError):
    """Something that the SQL names comes with a package that is not installed."""

    def __init__(self, message: str, packages: Sequence[str]) -> None:
        self.packages = tuple(packages)
        super().__init__(message, "pip install " + shlex.join(self.packages))


class PluginError(EventFluxError):
    """A plugin can't be loaded or broke its contract."""


class StartError(EventFluxError):
    """The app could not start; everything already started was closed again."""


class UnreachableError(StartError):
    """Something outside didn't answer within ``app.start.timeout``."""


class RefusedError(StartError):
    """The other side refused: credentials, a missing queue or exchange, …"""


class InputError(EventFluxError):
    """A row given to the API does not fit its stream."""


class RowError(EventFluxError):
    """One row or message could not be processed; its neighbours are untouched."""


class UsageError(EventFluxError):
    """The API was called at the wrong time or from the wrong place."""


class BackpressureError(EventFluxError):
    """A bounded subscription was full and had been told to fail."""


class StateError(EventFluxError):
    """Stored state can't be read: it is damaged, or another version of EventFlux wrote it."""


class StreamFailed(EventFluxError):
    """A stream's ``fail`` strategy stopped the app."""
