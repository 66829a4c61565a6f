"""Binding one query: the chain of operators, and the columns that it puts out."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from eventflux.base.durations import format_duration
from eventflux.base.errors import Diagnostic
from eventflux.planner import expressions as ex
from eventflux.planner.binding.binder import Binder
from eventflux.planner.binding.unnest import refuse_clauses
from eventflux.planner.binding.windows import bind_window, check_descriptor
from eventflux.planner.calls import AggregateCall
from eventflux.planner.clauses import BoundClauses, above_keys, bind_clauses
from eventflux.planner.conversion import UNKNOWN
from eventflux.planner.emission import bind_emit
from eventflux.planner.expressions import Expression
from eventflux.planner.group_keys import bind_group_keys
from eventflux.planner.output import bind_snapshot
from eventflux.planner.own_functions import Functions
from eventflux.planner.parts import Part
from eventflux.planner.passing import Passed, Passing, refuse_bounds, take_below
from eventflux.planner.places import place_of
from eventflux.planner.plan import (
    Aggregate,
    Emission,
    Filter,
    Relation,
    Scan,
    Unnest,
    Windowed,
)
from eventflux.planner.rewriting import walk
from eventflux.planner.scope import WINDOW_BOUNDS, Scope, Shape
from eventflux.planner.windows import AnyWindow, Hop, LengthBatch, Session
from eventflux.sql.ast import Expr, Star, Where, WindowSpec
from eventflux.sql.source import Problem, SourceText

_MANY_WINDOWS = 1000
"""What a row may be in without a word."""


class Output(msgspec.Struct, frozen=True):
    """One column of a select list, before the target's types are known."""

    name: str
    expression: Expression
    start: int


class BoundSelect(msgspec.Struct, frozen=True):
    relation: Relation
    emit: Emission | None
    passed: Passed | None
    """The query whose rows it reads, where it takes those that a window passes on."""
    outputs: tuple[Output, ...]
    keys: tuple[Expression, ...]
    calls: tuple[AggregateCall, ...]
    warnings: tuple[Diagnostic, ...]
    problems: tuple[Diagnostic, ...]
    """Everything that is wrong in the query; what could not be bound stands as unknown."""
    open: bool
    """Whether there may be more outputs than are known, because of an error."""


def bind_select(
    source: SourceText,
    part: Part,
    shape: Shape,
    functions: Functions,
    below: str,
) -> BoundSelect:
    """Bind a SELECT that reads a stream of this shape; ``below`` is what a query below it would
    be called."""
    return _SelectBinder(source, part, shape, functions, below).bind()


class _SelectBinder:
    def __init__(
        self,
        source: SourceText,
        part: Part,
        shape: Shape,
        functions: Functions,
        below: str,
    ) -> None:
        self.source = source
        self.select = select = part.select
        self.stream = part.reads
        self.functions = functions
        self.shape = shape
        alias = select.source.alias.text if select.source.alias else None
        self.scope = Scope(source, part.reads_shown, alias, shape.schema, shape.untyped, shape.open)
        self.windowed = select.clauses_lost or any(
            not isinstance(step, Where) for step in select.steps
        )
        self.bounded = self.windowed
        """Whether its rows have the bounds of a window."""
        self.window: AnyWindow | None = None
        self.expired = part.target.events is not None
        self.passing: Passing | None = None
        self.below = below
        self.open = select.items_lost or (
            shape.open and any(isinstance(item, Star) for item in select.items)
        )
        self.unnested: list[ex.Call] = []
        """What gives several rows for one."""
        self.unnested_at = 0
        """Where the first of it stands."""
        self.diagnostics: list[Diagnostic] = []
        self.warnings: list[Diagnostic] = []

    def bind(self) -> BoundSelect:
        relation = self.steps(Scan(self.stream, self.scope.schema))
        calls: list[AggregateCall] = []
        outputs = self.outputs(calls)
        keys = self.keys(outputs)
        clauses = self.clauses(outputs, calls)
        aggregated = bool(calls) or self.select.clauses.group_by is not None
        passing = self.passing if aggregated or self.filters_behind_last else None
        keeps_last: tuple[Expression, ...] = ()
        if passing is not None:
            self.windowed, self.window = False, None
            relation = passing.scan(self.below, self.scope.schema)
        elif self.passing is not None and isinstance(self.window, Session):
            keeps_last = self.window.keys
            keys = list(keeps_last)
        if keeps_last or aggregated:
            outputs = [
                replace(output, expression=above_keys(output.expression, keys))
                for output in outputs
            ]
            clauses = clauses.above(keys)
            bare = self.bare_column(outputs)
            grouped = bool(keeps_last) or self.select.clauses.group_by is not None
            per_row = self.windowed and not (grouped or self.gives_latest) and bare is not None
            if per_row and bare is not None:
                self.warnings.append(self.per_row_warning(bare))
            place = place_of(self.source, (self.select.clauses.group_by or self.select).start)
            relation = Aggregate(relation, tuple(keys), tuple(calls), per_row, place)
        if self.unnested:
            start = self.unnested_at
            self.diagnostics.extend(
                refuse_clauses(self.source, self.select, self.unnested, bool(calls), start)
            )
            relation = Unnest(relation, tuple(self.unnested), place_of(self.source, start))
        relation = clauses.over(relation)
        passed = None
        if passing is not None:
            placed = [(output.expression, output.start) for output in outputs]
            for node, start in (*placed, (relation, passing.step.start)):
                self.diagnostics.extend(refuse_bounds(self.source, node, start))
            values = [output.expression for output in outputs]
            schema = self.scope.schema
            passed, relation = take_below(self.below, passing, relation, values, schema)
        return BoundSelect(
            relation,
            self.emission(relation, bool(calls)),
            passed,
            tuple(outputs),
            tuple(keys),
            tuple(calls),
            tuple(dict.fromkeys(self.warnings)),
            tuple(self.diagnostics),
            self.open,
        )

    @property
    def gives_latest(self) -> bool:
        """Whether its aggregates are told of while its window goes on, and a bare column beside
        them is that of the latest row."""
        emit, output = self.select.clauses.emit, self.select.clauses.output
        changes = emit is not None and emit.mode == "changes"
        snapshot = output is not None and output.mode == "snapshot"
        return snapshot or (isinstance(self.window, LengthBatch) and changes)

    @property
    def filters_behind_last(self) -> bool:
        """Whether it filters what DEDUPLICATE … KEEP LAST gives."""
        passing = self.passing
        return passing is not None and passing.gives_last and bool(passing.behind)

    def emission(self, relation: Relation, aggregates: bool) -> Emission | None:
        aggregates = aggregates or self.select.clauses.group_by is not None
        emit, output = self.select.clauses.emit, self.select.clauses.output
        try:
            if output is not None and output.mode == "snapshot":
                holds = aggregates or (self.window is not None and self.passing is None)
                return bind_snapshot(self.source, output, emit, holds)
            return bind_emit(self.source, emit, relation, aggregates)
        except Problem as problem:
            self.diagnostics.extend(problem.diagnostics)
            return None

    def binder(
        self, clause: str, calls: list[AggregateCall] | None = None, windowed: bool = False
    ) -> Binder:
        return Binder(
            self.scope, self.functions, clause, calls, windowed, self.warnings, self.window,
            self.expired,
        )  # fmt: skip

    def steps(self, relation: Relation) -> Relation:
        for step in self.select.steps:
            place = place_of(self.source, step.start)
            try:
                if isinstance(step, Where):
                    condition = self.binder("WHERE").condition(step.condition)
                    relation = Filter(relation, condition, place)
                    if self.passing is not None:
                        self.passing = self.passing.filtered(condition, place)
                else:
                    scope = self.scope
                    if step.descriptor is not None:
                        self.scope = replace(scope, bounds=True)
                        check_descriptor(step.descriptor, scope, self.shape)
                    window = bind_window(step, scope, self.functions)
                    if isinstance(window, Hop):
                        self.warnings.extend(self.hop_warnings(step, window))
                    relation = Windowed(relation, window, place, step.shared)
                    self.windowed = window.family == "batch"
                    self.bounded = window.bounded
                    self.window = window
                    if step.keep == "last" or window.family == "passing":
                        self.passing = Passing(step, relation)
            except Problem as problem:
                self.diagnostics.extend(problem.diagnostics)
        return relation

    def outputs(self, calls: list[AggregateCall]) -> list[Output]:
        binder = self.binder("SELECT", calls, self.bounded)
        binder.unnested = self.unnested
        outputs: list[Output] = []
        for item in self.select.items:
            if isinstance(item, Star):
                outputs.extend(self.star(item))
                continue
            name = (
                item.alias.text if item.alias else self.default_name(item.expression, len(outputs))
            )
            bound, several = UNKNOWN, bool(self.unnested)
            try:
                bound = binder.expression(item.expression)
            except Problem as problem:
                self.diagnostics.extend(problem.diagnostics)
            if self.unnested and not several:
                self.unnested_at = item.start
            outputs.append(Output(name, bound, item.start))
        self.refuse_duplicates(outputs)
        return outputs

    def star(self, star: Star) -> list[Output]:
        if star.qualifier is not None:
            try:
                self.scope.check_qualifier(star.qualifier.text, star.qualifier.start)
            except Problem as problem:
                self.diagnostics.extend(problem.diagnostics)
                self.open = True
                return []
        schema = self.scope.schema
        if schema.metadata and not schema.payload.columns:
            empty = self.source.problem(
                star.start, "* leaves METADATA columns out, and there is no other", "name them"
            )
            self.diagnostics.extend(empty.diagnostics)
            self.open = True
        names = dict.fromkeys(schema.payload.names)
        if self.scope.bounds:
            names |= dict.fromkeys(WINDOW_BOUNDS)
        return [Output(name, self.scope.column(name, star.start), star.start) for name in names]

    @staticmethod
    def default_name(expression: Expr, position: int) -> str:
        tokens = expression.tokens
        is_column = tokens[-1].is_name and (
            len(tokens) == 1 or (len(tokens) == 3 and tokens[1].upper == ".")
        )
        constant = tokens[0].upper in ("NULL", "TRUE", "FALSE")
        return tokens[-1].text if is_column and not constant else f"expr_{position}"

    def refuse_duplicates(self, outputs: list[Output]) -> None:
        seen: set[str] = set()
        for output in outputs:
            if output.name in seen:
                problem = self.source.problem(
                    output.start,
                    f"two columns of this query are called {output.name!r}",
                    "name one with AS",
                )
                self.diagnostics.extend(problem.diagnostics)
            seen.add(output.name)

    def keys(self, outputs: list[Output]) -> list[Expression]:
        group_by = self.select.clauses.group_by
        named = [(output.name, output.expression) for output in outputs]
        binder = self.binder("GROUP BY", windowed=self.bounded)
        keys, problems = bind_group_keys(
            () if group_by is None else group_by.keys, named, binder, self.open
        )
        self.diagnostics.extend(problems)
        return keys

    def clauses(self, outputs: list[Output], calls: list[AggregateCall]) -> BoundClauses:
        """What stands behind GROUP BY, as expressions over the rows below any Aggregate."""
        aliases = {output.name: output.expression for output in outputs}

        def binder(clause: str) -> Binder:
            scope = replace(self.scope, aliases=aliases, aliases_first=clause == "ORDER BY")
            warnings = self.warnings
            return Binder(
                scope, self.functions, clause, calls, self.windowed, warnings, self.window,
                self.expired,
            )  # fmt: skip

        expressions = [output.expression for output in outputs]
        bound = bind_clauses(self.source, self.select, expressions, binder, self.open)
        self.diagnostics.extend(bound.problems)
        return bound

    def hop_warnings(self, spec: WindowSpec, window: Hop) -> Iterator[Diagnostic]:
        size, slide = format_duration(window.size_ms), format_duration(window.slide_ms)
        first, second = ("slide", "size") if spec.descriptor else ("size", "slide")
        if window.slide_ms > window.size_ms:
            yield self.source.warning(
                spec.start,
                "the window's slide is more than its size: rows between two windows are in none",
                f"the {first} stands before the {second}: swap them if that is not meant",
            )
        elif (windows := window.size_ms // window.slide_ms) > _MANY_WINDOWS:
            yield self.source.warning(
                spec.start,
                f"each row is in {windows} windows, which are open at once: that costs time "
                "and memory",
                f"lengthen the slide, or write WINDOW('time', {size}) … "
                f"OUTPUT SNAPSHOT EVERY {slide}, which keeps each row once",
            )

    @staticmethod
    def bare_column(outputs: list[Output]) -> Output | None:
        for output in outputs:
            if any(isinstance(node, ex.Column) for node in walk(output.expression)):
                return output
        return None

    def per_row_warning(self, output: Output) -> Diagnostic:
        return self.source.warning(
            output.start,
            f"{output.name!r} is neither grouped nor aggregated: the window gives one row for each "
            "input row, with the values so far",
            "GROUP BY it for one row a group, or leave it out for one row a window",
        )
