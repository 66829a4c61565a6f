"""From SQL text to a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from eventflux.base.errors import Diagnostic, Position, SqlError
from eventflux.base.suggest import did_you_mean
from eventflux.base.types import Schema
from eventflux.planner.assignment import assign, merged_schema
from eventflux.planner.cycles import find_cycles
from eventflux.planner.fingerprint import fingerprint
from eventflux.planner.plan import Plan, Project, Stream
from eventflux.planner.plan import Query as PlannedQuery
from eventflux.planner.queries import BoundSelect, bind_select, place_of
from eventflux.planner.settings import parse_setting
from eventflux.planner.streams import SETTING_NAMES, declare, reserved_name
from eventflux.spi.functions import ScalarFunction
from eventflux.sql.ast import CreateStream, Query, Script, Setting
from eventflux.sql.script import parse_script
from eventflux.sql.source import Problem, SourceText

DEFAULT_TARGET = "OutputStream"
"""Where the rows of a SELECT without INSERT go."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and what its author should look at."""

    plan: Plan
    warnings: tuple[Diagnostic, ...]


def plan_sql(
    sql: str, *, functions: Mapping[str, ScalarFunction] | None = None, name: str = "<sql>"
) -> Planned:
    """Parse, bind and validate a program.

    ``functions`` are the scalar functions by lower-case name and alias; ``name`` is what
    messages call the text.

    Raises:
        SqlError: with all problems of the program, in the order of the text.
    """
    source = SourceText(sql, name)
    script, problems = parse_script(source)
    planner = _Planner(script, functions or {}, problems)
    plan = planner.plan()
    if planner.problems:
        raise SqlError(sorted(set(planner.problems), key=_order), sql, name)
    return Planned(plan, tuple(sorted(planner.warnings, key=_order)))


def _order(diagnostic: Diagnostic) -> tuple[Position, str]:
    return diagnostic.position or Position(0, 0), diagnostic.message


@dataclass(slots=True)
class _Planner:
    script: Script
    functions: Mapping[str, ScalarFunction]
    problems: list[Diagnostic]
    warnings: list[Diagnostic] = field(default_factory=list)
    streams: dict[str, Stream] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    """Streams that exist but could not be understood: nothing more is said about them."""

    @property
    def source(self) -> SourceText:
        return self.script.source

    def plan(self) -> Plan:
        queries = [
            statement for statement in self.script.statements if isinstance(statement, Query)
        ]
        settings = self.settings()
        self.declare_streams()
        self.refuse_reserved_targets(queries)
        self.refuse_unknown_sources(queries)
        self.refuse_cycles(queries)
        bound = self.bind_queries(queries)
        planned = tuple(
            self.planned(number, query, bound[number])
            for number, query in enumerate(queries, 1)
            if number in bound and target_of(query) in self.streams
        )
        streams = dict(sorted(self.streams.items(), key=_declared_first))
        return Plan(streams, tuple(query for query in planned if query is not None), settings)

    def settings(self) -> dict[str, str]:
        settings: dict[str, str] = {}
        seen: set[str] = set()
        for statement in self.script.statements:
            if not isinstance(statement, Setting):
                continue
            try:
                if statement.key in seen:
                    raise self.source.problem(statement.start, f"{statement.key} is set twice")
                seen.add(statement.key)
                self.set(statement, settings)
            except Problem as problem:
                self.problems.extend(problem.diagnostics)
        return settings

    def set(self, statement: Setting, settings: dict[str, str]) -> None:
        try:
            parse_setting(statement.key, statement.value if statement.value is not None else "")
        except KeyError as error:
            raise self.source.problem(statement.start, *error.args) from None
        except ValueError as error:
            if statement.value is not None:
                raise self.source.problem(statement.value_start, str(error)) from None
        if statement.value is not None:
            settings[statement.key] = statement.value

    def declare_streams(self) -> None:
        first: dict[str, CreateStream] = {}
        for statement in self.script.statements:
            if not isinstance(statement, CreateStream):
                continue
            name = statement.name.text
            if name in first:
                self.declared_again(statement, first[name])
                continue
            first[name] = statement
            try:
                self.streams[name] = declare(self.source, statement)
            except Problem as problem:
                self.problems.extend(problem.diagnostics)
                self.broken.add(name)

    def declared_again(self, statement: CreateStream, first: CreateStream) -> None:
        name = statement.name
        place = self.source.position(first.name.start)
        message = f"stream {name.text!r} is already defined at {place}"
        if not statement.if_not_exists:
            self.report(name.start, message)
        elif _shape(statement) != _shape(first):
            message += ", and otherwise: this definition is skipped"
            self.warnings.append(self.source.warning(name.start, message))

    def report(self, offset: int, message: str, hint: str | None = None) -> None:
        self.problems.extend(self.source.problem(offset, message, hint).diagnostics)

    def refuse_reserved_targets(self, queries: list[Query]) -> None:
        for query in queries:
            if query.target is not None and query.target.text in SETTING_NAMES:
                self.report(query.target.start, *reserved_name(query.target.text))

    def refuse_unknown_sources(self, queries: list[Query]) -> None:
        known = {*self.streams, *self.broken, *map(target_of, queries)}
        for query in queries:
            read = query.select.source.stream
            if read.text in known:
                continue
            self.broken.add(read.text)
            if not self.script.broken:
                self.report(
                    read.start, f"unknown stream {read.text!r}", did_you_mean(read.text, known)
                )

    def refuse_cycles(self, queries: list[Query]) -> None:
        edges = {(query.select.source.stream.text, target_of(query)): query for query in queries}
        for cycle in find_cycles(edges):
            closing = max((edges[edge] for edge in pairwise(cycle)), key=lambda q: q.start)
            offset = closing.target.start if closing.target else closing.start
            self.report(
                offset,
                f"these queries feed each other in a cycle: {' -> '.join(cycle)}",
                "insert into another stream",
            )
            self.broken.update(stream for stream in cycle if stream not in self.streams)

    def bind_queries(self, queries: list[Query]) -> dict[int, BoundSelect]:
        """Bind each query once its input is known; streams that nobody declared follow from
        the queries that write to them."""
        waiting = dict(enumerate(queries, 1))
        bound: dict[int, BoundSelect] = {}
        progress = True
        while progress:
            progress = False
            for number, query in list(waiting.items()):
                stream = query.select.source.stream.text
                if stream in self.streams:
                    self.bind_query(number, query, self.streams[stream].schema, bound)
                elif stream in self.broken:
                    self.give_up(target_of(query))
                else:
                    continue
                del waiting[number]
                progress = True
                self.infer(target_of(query), queries, waiting, bound)
        return bound

    def bind_query(
        self, number: int, query: Query, schema: Schema, bound: dict[int, BoundSelect]
    ) -> None:
        try:
            bound[number] = bind_select(self.source, query, schema, self.functions)
        except Problem as problem:
            self.problems.extend(problem.diagnostics)
            self.give_up(target_of(query))
        else:
            self.warnings.extend(bound[number].warnings)

    def give_up(self, stream: str) -> None:
        if stream not in self.streams:
            self.broken.add(stream)

    def infer(
        self,
        target: str,
        queries: list[Query],
        waiting: Mapping[int, Query],
        bound: Mapping[int, BoundSelect],
    ) -> None:
        """Define the stream ``target`` if nobody declared it and all its writers are bound."""
        if target in self.streams or target in self.broken:
            return
        numbers = [number for number, query in enumerate(queries, 1) if target_of(query) == target]
        if any(number in waiting for number in numbers):
            return
        writers = [(queries[number - 1], bound[number]) for number in numbers if number in bound]
        try:
            schema = merged_schema(self.source, target, writers)
        except Problem as problem:
            self.problems.extend(problem.diagnostics)
            self.broken.add(target)
            return
        place = place_of(self.source, writers[0][0].start)
        self.streams[target] = Stream(
            target, schema, "internal", None, None, None, {}, False, place
        )

    def planned(self, number: int, query: Query, bound: BoundSelect) -> PlannedQuery | None:
        target = target_of(query)
        try:
            items, warnings = assign(self.source, query, bound, target, self.streams[target].schema)
        except Problem as problem:
            self.problems.extend(problem.diagnostics)
            return None
        self.warnings.extend(warnings)
        root = Project(bound.relation, items)
        return PlannedQuery(
            name=f"query_{number}",
            source=query.select.source.stream.text,
            target=target,
            root=root,
            place=place_of(self.source, query.start),
            sql=self.source.sql[query.start : query.end],
            fingerprint=fingerprint(root),
        )


def _declared_first(named: tuple[str, Stream]) -> tuple[bool, int, int]:
    stream = named[1]
    return not stream.declared, stream.place.line, stream.place.column


def _shape(statement: CreateStream) -> tuple[object, ...]:
    """What a definition says, whatever its place in the text."""
    columns = [(column.name.text, column.type, column.not_null) for column in statement.columns]
    return columns, [(option.key, option.value) for option in statement.properties]


def target_of(query: Query) -> str:
    return query.target.text if query.target is not None else DEFAULT_TARGET
