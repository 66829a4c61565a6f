"""From SQL text to a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from eventflux.base.error_columns import whose_errors
from eventflux.base.errors import Diagnostic, Position, SqlError
from eventflux.base.suggest import did_you_mean
from eventflux.base.types import Schema
from eventflux.planner.assignment import assign, listed, merged_shape
from eventflux.planner.cycles import find_cycles
from eventflux.planner.error_streams import errors_stream
from eventflux.planner.fingerprint import fingerprint
from eventflux.planner.plan import Place, Plan, Project, Stream
from eventflux.planner.plan import Query as PlannedQuery
from eventflux.planner.queries import BoundSelect, bind_select, place_of
from eventflux.planner.scope import NO_COLUMNS, Shape
from eventflux.planner.settings import parse_setting
from eventflux.planner.streams import StreamOption, declare, is_reserved, reserved_name
from eventflux.spi.functions import ScalarFunction
from eventflux.sql.ast import DEFAULT_TARGET, CreateStream, Query, Script, Setting
from eventflux.sql.script import parse_script
from eventflux.sql.source import Problem, SourceText

_HOW_TO_DECLARE = "declare it: CREATE STREAM name (column type, …)"


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and what its author should look at."""

    plan: Plan
    warnings: tuple[Diagnostic, ...]
    options: Mapping[str, Mapping[str, StreamOption]]
    """The options of each stream that has any, as its WITH clause gives them."""


def plan_sql(
    sql: str, *, functions: Mapping[str, ScalarFunction] | None = None, name: str = "<sql>"
) -> Planned:
    """Parse, bind and validate a program.

    ``functions`` are the scalar functions by lower-case name and alias; ``name`` is what
    messages call the text.

    Raises:
        SqlError: with all problems of the program, in the order of the text.
    """
    draft = draft_plan(sql, functions=functions, name=name)
    if draft.problems:
        raise SqlError(in_order(draft.problems), sql, name)
    return Planned(draft.plan, draft.warnings, draft.options)


@dataclass(frozen=True, slots=True)
class Draft:
    """What could be understood of a program, and everything that is wrong in it.

    The plan can be used only if there are no problems; until then it tells which streams
    there are, so that their options can be looked at too.
    """

    plan: Plan
    problems: tuple[Diagnostic, ...]
    warnings: tuple[Diagnostic, ...]
    unread: frozenset[str]
    """Names of streams that statements may define which could not be read."""
    unclear_columns: frozenset[str]
    """Streams not all of whose columns and types are known."""
    unclear_options: frozenset[str]
    """Streams not all of whose options are known, or what kind of stream they are."""
    options: Mapping[str, Mapping[str, StreamOption]]
    """The options of each stream that has any, as its WITH clause gives them."""
    setting_places: Mapping[str, Place]
    """Where each of the plan's settings stands."""


def draft_plan(
    sql: str, *, functions: Mapping[str, ScalarFunction] | None = None, name: str = "<sql>"
) -> Draft:
    """Like :func:`plan_sql`, but give the problems beside what could be understood."""
    script, problems = parse_script(SourceText(sql, name))
    planner = _Planner(script, functions or {}, problems)
    plan = planner.plan()
    return Draft(
        plan,
        tuple(in_order(planner.problems)),
        tuple(in_order(planner.warnings)),
        script.unread,
        frozenset(name for name, shape in planner.shapes.items() if not shape.is_whole),
        frozenset(planner.unclear_options),
        planner.options,
        planner.setting_places,
    )


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Each once, in the order of the text; those from outside the text last."""
    return sorted(set(diagnostics), key=_order)


_AFTER_ALL = Position(2**63, 0)


def _order(diagnostic: Diagnostic) -> tuple[bool, Position, str]:
    outside = diagnostic.file is not None
    return outside, diagnostic.position or _AFTER_ALL, diagnostic.message


@dataclass(slots=True)
class _Planner:
    script: Script
    functions: Mapping[str, ScalarFunction]
    problems: list[Diagnostic]
    warnings: list[Diagnostic] = field(default_factory=list)
    streams: dict[str, Stream] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    """The columns of every stream that queries may read, as far as they are known."""
    unclear_options: set[str] = field(default_factory=set)
    options: dict[str, dict[str, StreamOption]] = field(default_factory=dict)
    setting_places: dict[str, Place] = field(default_factory=dict)

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
            self.planned(number, query, bound[number]) for number, query in enumerate(queries, 1)
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
            self.setting_places[statement.key] = place_of(self.source, statement.start)

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
            declared = declare(self.source, statement)
            self.problems.extend(declared.problems)
            self.warnings.extend(declared.warnings)
            self.streams[name], self.shapes[name] = declared.stream, declared.shape
            if declared.options:
                self.options[name] = declared.options
            if not declared.options_known:
                self.unclear_options.add(name)

    def declared_again(self, statement: CreateStream, first: CreateStream) -> None:
        name = statement.name
        place = self.source.position(first.name.start)
        message = f"stream {name.text!r} is already defined at {place}"
        if not statement.if_not_exists:
            self.report(name.start, message, "rename or remove one")
        elif _shape(statement) != _shape(first):
            message += ", and otherwise: this definition is skipped"
            self.warnings.append(self.source.warning(name.start, message))

    def report(self, offset: int, message: str, hint: str | None = None) -> None:
        self.problems.extend(self.source.problem(offset, message, hint).diagnostics)

    def refuse_reserved_targets(self, queries: list[Query]) -> None:
        for query in queries:
            if query.target is not None and is_reserved(query.target.text):
                self.report(query.target.start, *reserved_name(query.target.text))

    def refuse_unknown_sources(self, queries: list[Query]) -> None:
        for name in self.script.unread - self.streams.keys():
            self.shapes[name] = NO_COLUMNS
        known = {*self.streams, *map(target_of, queries)}
        for query in queries:
            read = query.select.source.stream
            failing = whose_errors(read.text)
            if failing in known:
                place = place_of(self.source, read.start)
                declared = self.streams.get(failing)
                schema = Schema(()) if declared is None else declared.schema
                self.streams[read.text] = stream = errors_stream(failing, schema, place)
                self.shapes[read.text] = Shape(stream.schema)
            elif read.text not in known and read.text not in self.shapes:
                name = failing or read.text
                hint = did_you_mean(name, known) if known else _HOW_TO_DECLARE
                self.report(read.start, f"unknown stream {name!r}", hint)
                self.shapes[read.text] = NO_COLUMNS

    def refuse_cycles(self, queries: list[Query]) -> None:
        edges = {(query.select.source.stream.text, target_of(query)): query for query in queries}
        errors = [(failing, name) for name in self.streams if (failing := whose_errors(name))]
        for cycle in find_cycles([*edges, *errors]):
            written = [edges[edge] for edge in pairwise(cycle) if edge in edges]
            closing = max(written, key=lambda query: query.start)
            offset = closing.target.start if closing.target else closing.start
            self.report(
                offset,
                f"these queries feed each other in a cycle: {' -> '.join(cycle)}",
                "insert into another stream",
            )
            for stream in cycle:
                self.shapes.setdefault(stream, NO_COLUMNS)

    def bind_queries(self, queries: list[Query]) -> dict[int, BoundSelect]:
        """Bind each query once its input is known; streams that nobody declared follow from
        the queries that write to them."""
        waiting = dict(enumerate(queries, 1))
        bound: dict[int, BoundSelect] = {}
        progress = True
        while progress:
            progress = False
            for number, query in list(waiting.items()):
                shape = self.shapes.get(query.select.source.stream.text)
                if shape is None:
                    continue
                bound[number] = self.bind(query, shape)
                self.problems.extend(bound[number].problems)
                self.warnings.extend(bound[number].warnings)
                del waiting[number]
                progress = True
                self.infer(target_of(query), queries, waiting, bound)
        return bound

    def bind(self, query: Query, shape: Shape) -> BoundSelect:
        bound = bind_select(self.source, query, shape, self.functions)
        try:
            return listed(self.source, query, bound)
        except Problem as problem:
            return replace(bound, open=True, problems=(*bound.problems, *problem.diagnostics))

    def infer(
        self,
        target: str,
        queries: list[Query],
        waiting: Mapping[int, Query],
        bound: Mapping[int, BoundSelect],
    ) -> None:
        """Define the stream ``target`` if nobody declared it and all its writers are bound."""
        if target in self.shapes:
            return
        numbers = [number for number, query in enumerate(queries, 1) if target_of(query) == target]
        if any(number in waiting for number in numbers):
            return
        writers = [(queries[number - 1], bound[number]) for number in numbers]
        try:
            self.shapes[target] = shape = merged_shape(self.source, target, writers)
        except Problem as problem:
            self.problems.extend(problem.diagnostics)
            self.shapes[target] = NO_COLUMNS
            return
        place = place_of(self.source, writers[0][0].start)
        self.streams[target] = Stream(
            target, shape.schema, "internal", None, None, None, False, place
        )

    def planned(self, number: int, query: Query, bound: BoundSelect) -> PlannedQuery | None:
        target = target_of(query)
        shape = self.shapes[target]
        if bound.open or shape.open:
            return None
        try:
            items, warnings = assign(self.source, query, bound, target, shape)
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
    columns = [
        (column.name.text, column.type, column.not_null, column.metadata and column.metadata.name)
        for column in statement.columns
    ]
    return columns, [(option.key, option.value) for option in statement.properties]


def target_of(query: Query) -> str:
    return query.target.text if query.target is not None else DEFAULT_TARGET
