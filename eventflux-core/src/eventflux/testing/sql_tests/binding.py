"""The names and values of a test, looked up in its app: what is wrong is told with its places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from eventflux.app.build import whole_plan
from eventflux.app.inputs import can_be_watched, refuse_input
from eventflux.app.outputs import result_streams
from eventflux.base.error_columns import whose_errors
from eventflux.base.errors import Diagnostic, SqlError, UsageError
from eventflux.base.side_streams import owner_of
from eventflux.base.suggest import did_you_mean
from eventflux.base.types import Column
from eventflux.planner.plan import Plan
from eventflux.sql.ast import Name
from eventflux.sql.source import Problem, SourceText
from eventflux.testing.sql_tests.statements import (
    Advance,
    AssertCount,
    AssertNoOutput,
    AssertValues,
    Command,
    Insert,
    SqlTest,
    Statement,
)
from eventflux.testing.sql_tests.values import bound as bound_values


@dataclass(frozen=True, slots=True)
class BoundInsert:
    """Rows by column name; or what is wrong with them, where an error is expected."""

    statement: Insert
    rows: Sequence[dict[str, Any]] = ()
    problem: Diagnostic | None = None


@dataclass(frozen=True, slots=True)
class BoundAssert:
    """Of ASSERT … VALUES the rows with their columns, and where those are in the stream's; of the
    others the streams alone."""

    statement: AssertValues | AssertCount | AssertNoOutput
    streams: Sequence[str]
    columns: Sequence[Column] = ()
    rows: Sequence[tuple[Any, ...]] = ()


BoundStatement: TypeAlias = BoundInsert | BoundAssert | Advance | Command


@dataclass(slots=True)
class BoundTest:
    statements: list[BoundStatement]
    columns: dict[str, tuple[Column, ...]]
    """Those of each stream whose rows are kept."""
    read: set[str]
    """The streams that the test or the program looks at."""


def bind(test: SqlTest, plan: Plan) -> BoundTest:
    """A test with its names and values looked up in the plan of its app.

    Raises:
        SqlError: there are no such streams or columns, or values don't fit; all together.
    """
    binder = _Binder(test.source, plan)
    statements = []
    problems: list[Diagnostic] = []
    for statement in test.statements:
        try:
            statements.append(binder.bound(statement))
        except Problem as problem:
            problems += problem.diagnostics
    if problems:
        raise SqlError(problems, test.source.sql, test.source.name)
    asserted = {s for each in statements if isinstance(each, BoundAssert) for s in each.streams}
    return BoundTest(statements, binder.kept(asserted), binder.read(asserted))


class _Binder:
    def __init__(self, source: SourceText, plan: Plan) -> None:
        self._source = source
        self._plan = plan
        self._streams = whole_plan(plan).streams
        self._results = [stream.name for stream in result_streams(plan)]

    def bound(self, statement: Statement) -> BoundStatement:
        match statement:
            case Insert():
                return self._insert(statement)
            case AssertValues():
                stream = self._watchable(statement.stream)
                schema = self._streams[stream].schema
                columns, rows = bound_values(statement.values, schema, self._source, stored=False)
                return BoundAssert(statement, [stream], columns, rows)
            case AssertCount():
                return BoundAssert(statement, [self._watchable(statement.stream)])
            case AssertNoOutput():
                named = list(map(self._watchable, statement.streams))
                return BoundAssert(statement, named or self._results)
        return statement

    def kept(self, asserted: set[str]) -> dict[str, tuple[Column, ...]]:
        """The columns of the streams that asserts name, of all that queries write, and of the
        errors of all."""
        written = {name for name in self._plan.streams if self._plan.writers(name)}
        errors = {name for name in self._streams if whose_errors(name) is not None}
        wanted = asserted | written | errors
        return {
            name: stream.schema.columns
            for name, stream in self._streams.items()
            if name in wanted and can_be_watched(self._plan, name)
        }

    def read(self, asserted: set[str]) -> set[str]:
        return {n for n in self._streams if n in asserted or self._plan.readers(n)}

    def _insert(self, insert: Insert) -> BoundInsert:
        try:
            stream = self._source_of(insert.stream)
            schema = self._streams[stream].schema
            columns, rows = bound_values(insert.values, schema, self._source, stored=True)
        except Problem as problem:
            if insert.expected is None:
                raise
            return BoundInsert(insert, problem=problem.diagnostics[0])
        names = [column.name for column in columns]
        return BoundInsert(insert, [dict(zip(names, row, strict=True)) for row in rows])

    def _source_of(self, name: Name) -> str:
        if name.text not in self._plan.streams and owner_of(name.text) is None:
            raise self._unknown(name)
        try:
            refuse_input(self._plan, name.text)
        except UsageError as error:
            raise self._source.problem(name.start, error.message) from None
        return name.text

    def _watchable(self, name: Name) -> str:
        if not can_be_watched(self._plan, name.text):
            raise self._unknown(name)
        return name.text

    def _unknown(self, name: Name) -> Problem:
        known = [n for n, s in self._plan.streams.items() if s.unnamed_of is None]
        message = f"the app has no stream {name.text!r}"
        return self._source.problem(name.start, message, did_you_mean(name.text, known))
