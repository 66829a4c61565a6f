"""What the streams of an app have given, and asserts about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from eventflux.base.durations import format_duration
from eventflux.base.timestamps import timestamp_text
from eventflux.base.types import Column
from eventflux.testing.app_runner import AppRunner
from eventflux.testing.sql_tests.binding import BoundAssert
from eventflux.testing.sql_tests.differences import Comparison, Line, shortened
from eventflux.testing.sql_tests.failures import TestFailed
from eventflux.testing.sql_tests.statements import AssertCount, AssertValues, SqlTest
from eventflux.testing.sql_tests.values import counted, literals

_SHOWN = 20
"""How many rows are shown where none, or a number of them, were expected."""

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """When an assert looks, and when the next timer is due, if one is set."""

    now_ms: int
    due_ms: int | None
    begun: bool
    """Whether something has happened that sets the clock."""


class Given:
    """The rows of each stream since the last assert about it, over all starts of the app."""

    def __init__(self, test: SqlTest, columns: Mapping[str, Sequence[Column]]) -> None:
        self._test = test
        self._columns = columns
        self._rows: dict[str, list[Row]] = {name: [] for name in columns}
        self._asserted: dict[str, list[Row]] = {name: [] for name in columns}
        """What earlier asserts have taken."""
        self._seen: dict[str, int] = {}
        """How many rows of the app that runs have been pulled."""

    def watch(self, runner: AppRunner) -> None:
        """Look at the streams of an app that has just been made."""
        self._seen = dict.fromkeys(self._columns, 0)
        for stream in self._columns:
            runner.keep(stream)

    def pull(self, runner: AppRunner) -> None:
        """Take over what the streams of the app have given."""
        for stream, seen in self._seen.items():
            rows = runner.rows(stream)
            self._rows[stream] += rows[seen:]
            self._seen[stream] = len(rows)

    def check(self, bound: BoundAssert, moment: Moment) -> None:
        """Compare what was given with what an assert says, and begin anew for its streams.

        Raises:
            TestFailed: it is something else.
        """
        match bound.statement:
            case AssertValues() as statement:
                self._check_values(bound, statement, moment)
            case AssertCount() as statement:
                self._check_count(bound, statement, moment)
            case _:
                self._check_none(bound, moment)

    def _check_values(self, bound: BoundAssert, statement: AssertValues, moment: Moment) -> None:
        (stream,) = bound.streams
        places = [self._columns[stream].index(column) for column in bound.columns]
        earlier = list(self._asserted[stream])
        whole = self._take(stream)
        came = [tuple(row[place] for place in places) for row in whole]
        compared = Comparison(bound.columns, bound.rows, came)
        if compared.same or (statement.any_order and compared.same_in_other_order):
            return
        message = f"stream {stream!r} gave other rows than expected"
        if len(came) != len(bound.rows):
            expected = "1 was" if len(bound.rows) == 1 else f"{len(bound.rows):,} were"
            message = f"stream {stream!r} gave {_none_or(came)}, {expected} expected"
        hints = []
        if compared.same_in_other_order:
            hints.append(_ANY_ORDER)
        if len(bound.columns) == len(self._columns[stream]):
            hints += self._given_elsewhere(stream, bound, compared)
            if not came and compared.is_end_of(earlier):
                hints.append(_EARLIER)
        if not hints and compared.is_beginning:
            hints += _due(moment)
        unordered = statement.any_order
        self._fail(
            bound,
            moment,
            message,
            compared.unordered_lines() if unordered else compared.lines(),
            first="" if unordered or not came else compared.first(),
            hints=hints,
        )

    def _given_elsewhere(
        self, stream: str, bound: BoundAssert, compared: Comparison
    ) -> Iterator[str]:
        """A hint, where another stream gave what was expected of this one."""
        types = [column.type for column in bound.columns]
        for other, columns in self._columns.items():
            rows = self._rows[other]
            alike = other != stream and [column.type for column in columns] == types
            if alike and len(rows) == len(bound.rows) and compared.is_end_of(rows):
                yield f"stream {other!r} gave these rows"

    def _check_count(self, bound: BoundAssert, statement: AssertCount, moment: Moment) -> None:
        (stream,) = bound.streams
        came = self._take(stream)
        if len(came) == statement.count:
            return
        expected = "1 was" if statement.count == 1 else f"{statement.count:,} were"
        message = f"stream {stream!r} gave {_none_or(came)}, {expected} expected"
        hints = list(_due(moment)) if len(came) < statement.count else []
        self._fail(bound, moment, message, self._lines(stream, came), hints=hints)

    def _check_none(self, bound: BoundAssert, moment: Moment) -> None:
        given = {stream: rows for stream in bound.streams if (rows := self._take(stream))}
        if not given:
            return
        (stream, rows), *others = given.items()
        message = f"stream {stream!r} gave {_none_or(rows)}, none was expected"
        hints = [f"stream {name!r} gave {_none_or(its_rows)}, too" for name, its_rows in others]
        self._fail(bound, moment, message, self._lines(stream, rows), hints=hints)

    def _lines(self, stream: str, rows: Sequence[Row]) -> list[Line]:
        return shortened([Line("+", literals(row, self._columns[stream])) for row in rows], _SHOWN)

    def _take(self, stream: str) -> list[Row]:
        rows, self._rows[stream] = self._rows[stream], []
        self._asserted[stream] += rows
        return rows

    def _fail(
        self,
        bound: BoundAssert,
        moment: Moment,
        message: str,
        lines: Sequence[Line],
        *,
        first: str = "",
        hints: Sequence[str] = (),
    ) -> NoReturn:
        raise TestFailed(
            self._test,
            bound.statement.start,
            message,
            lines=lines,
            first=first,
            hints=hints,
            now_ms=moment.now_ms,
        )


_ANY_ORDER = "these are the rows, in another order: IN ANY ORDER behind them allows that"
_EARLIER = "an earlier ASSERT has had these rows: each tells of those since the one before it"


def _none_or(rows: Sequence[Row]) -> str:
    return counted(len(rows), "row") if rows else "no row"


def _due(moment: Moment) -> Iterator[str]:
    """A hint, where more comes when time passes."""
    if not moment.begun:
        yield "nothing has happened yet: the clock goes from the first row or ADVANCE TIME on"
    elif moment.due_ms is not None:
        left = format_duration(max(moment.due_ms - moment.now_ms, 0))
        yield (
            f"a timer is due at {timestamp_text(moment.due_ms)}, in {left}: ADVANCE TIME, or a row "
            "from then, gets there"
        )
