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
    └── StreamFailed          a stream's ``fail`` strategy stopped the app
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


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

    def render(self, sql: str, name: str = "<sql>") -> str:
        """The problem with its place, the offending line, a caret and the hint."""
        where = name
        excerpt: list[str] = []
        if self.position is not None:
            line, column = self.position.line, self.position.column
            where = f"{name}:{line}:{column}"
            lines = sql.splitlines()
            if 1 <= line <= len(lines):
                gutter = f"{line:>5} | "
                text = lines[line - 1].replace("\t", " ")
                excerpt = [gutter + text, " " * (len(gutter) - 2) + "| " + " " * (column - 1) + "^"]
        parts = [f"{where}: {self.severity}: {self.message}", *excerpt]
        if self.hint:
            parts.append(f"  hint: {self.hint}")
        return "\n".join(parts)


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

    def __init__(self, diagnostics: Sequence[Diagnostic], sql: str, name: str = "<sql>") -> None:
        self.diagnostics = tuple(diagnostics)
        self.sql = sql
        self.name = name
        super().__init__("\n".join(d.render(sql, name) for d in self.diagnostics))


class OptionError(EventFluxError):
    """An option, a setting or a configuration file is wrong."""


class MissingPackageError(EventFluxError):
    """Something that the SQL names comes with a package that is not installed."""

    def __init__(self, message: str, packages: Sequence[str]) -> None:
        self.packages = tuple(packages)
        super().__init__(message, "pip install " + " ".join(self.packages))


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


class StreamFailed(EventFluxError):
    """A stream's ``fail`` strategy stopped the app."""
