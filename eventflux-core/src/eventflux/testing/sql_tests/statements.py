"""What a test file says, as plain data. Offsets are those in its text."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal, TypeAlias

from eventflux.sql.ast import Name
from eventflux.sql.source import SourceText


@dataclass(frozen=True, slots=True)
class Value:
    """A literal; a number that is written without a point is an ``int``."""

    value: str | int | Decimal | bool | bytes | None
    start: int


@dataclass(frozen=True, slots=True)
class RowOfValues:
    values: tuple[Value, ...]
    start: int


@dataclass(frozen=True, slots=True)
class Values:
    """``[(columns)] VALUES (…), (…)``; without columns all of the stream are meant, in order."""

    columns: tuple[Name, ...]
    rows: tuple[RowOfValues, ...]


@dataclass(frozen=True, slots=True)
class At:
    """A time: epoch milliseconds, or ``relative`` to what the clock shows."""

    ms: int
    relative: bool = False

    def on(self, now_ms: int) -> int:
        """The time in epoch milliseconds when the clock shows ``now_ms``."""
        return now_ms + self.ms if self.relative else self.ms


@dataclass(frozen=True, slots=True)
class Expected:
    """``EXPECT ERROR 'text'`` before a statement."""

    text: str
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fallible(_Placed):
    """What EXPECT ERROR may stand before."""

    expected: Expected | None = None


@dataclass(frozen=True, slots=True)
class App(_Fallible):
    """``APP 'file'`` or ``APP $$ … $$``: the program. Places in a program that stands in the test
    file are those of that file."""

    sql: str
    file: str
    """What messages call it."""
    folder: Path
    """Where it stands, and the Python files whose functions it names."""
    config: Path | None


@dataclass(frozen=True, slots=True)
class Insert(_Fallible):
    stream: Name
    values: Values
    at: At | None


@dataclass(frozen=True, slots=True)
class Advance(_Fallible):
    """``ADVANCE TIME``: by a duration, or to a moment."""

    to: At


@dataclass(frozen=True, slots=True)
class Command(_Fallible):
    """A statement of one word."""

    word: Literal["CHECKPOINT", "CRASH", "RESTORE", "STOP"]


@dataclass(frozen=True, slots=True)
class AssertValues(_Placed):
    stream: Name
    values: Values
    any_order: bool


@dataclass(frozen=True, slots=True)
class AssertCount(_Placed):
    stream: Name
    count: int


@dataclass(frozen=True, slots=True)
class AssertNoOutput(_Placed):
    """``ASSERT NO OUTPUT [ON …]``; without streams all that have results are meant."""

    streams: tuple[Name, ...]


Action: TypeAlias = Insert | Advance | Command
"""What makes something happen."""

Statement: TypeAlias = Action | AssertValues | AssertCount | AssertNoOutput


@dataclass(frozen=True, slots=True)
class SqlTest:
    """One test: its app is made anew, and its statements follow one another."""

    name: str
    """Empty for the only test of a file that gives it none."""
    app: App
    statements: tuple[Statement, ...]
    start: int
    source: SourceText
