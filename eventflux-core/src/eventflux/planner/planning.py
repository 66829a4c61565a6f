"""From SQL text to a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from eventflux.base.errors import Diagnostic, Position, SqlError
from eventflux.base.late_columns import whose_late
from eventflux.base.types import Schema
from eventflux.planner.assignment import assign
from eventflux.planner.async_problems import problems_of_async_calls
from eventflux.planner.bind_own import check_bodies
from eventflux.planner.binder import Binder
from eventflux.planner.declarations import Declared, declare_all
from eventflux.planner.expired import bind_events
from eventflux.planner.fingerprint import fingerprint
from eventflux.planner.inference import listed, merged_shape, union
from eventflux.planner.known import Known
from eventflux.planner.late_streams import late_stream, never_late, streams_with_late_rows
from eventflux.planner.lone_rows import doubtful_clauses
from eventflux.planner.named_windows import named_windows, unread_windows, with_windows
from eventflux.planner.output import limited as limit
from eventflux.planner.own_functions import Functions, OwnFunctions, own_functions
from eventflux.planner.parts import Part, Target, free, take_apart
from eventflux.planner.places import place_of
from eventflux.planner.plan import Place, Plan, Project, Stream
from eventflux.planner.plan import Query as PlannedQuery
from eventflux.planner.queries import BoundSelect, bind_select
from eventflux.planner.query_options import QueryOptions, query_options
from eventflux.planner.reading import (
    refuse_cycles,
    refuse_reserved_targets,
    refuse_unknown_sources,
    without_writes_to_views,
)
from eventflux.planner.scope import NO_COLUMNS, Scope, Shape
from eventflux.planner.set_statements import set_statements
from eventflux.planner.settings import read_setting
from eventflux.planner.state_ttl import with_default_ttl, with_ttl
from eventflux.planner.streams import PutIn, StreamOption
from eventflux.planner.targets import doubtful_targets
from eventflux.planner.watermarks import problems_of_watermarks
from eventflux.spi.own_aggregates import SqlCallable
from eventflux.sql.ast import Script
from eventflux.sql.script import parse_script
from eventflux.sql.source import Problem, SourceText


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and what its author should look at."""

    plan: Plan
    warnings: tuple[Diagnostic, ...]
    options: Mapping[str, Mapping[str, StreamOption]]
    """The options of each stream that has any, as its WITH clause gives them."""
    functions: Mapping[str, SqlCallable]
    """Those in Python that the program defines itself, by lower-case name."""


def plan_sql(
    sql: str,
    *,
    functions: Mapping[str, SqlCallable] | None = None,
    name: str = "<sql>",
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
    ttl = int(read_setting(draft.plan.settings, "state.ttl"))
    plan = with_default_ttl(draft.plan, ttl) if ttl else draft.plan
    return Planned(plan, draft.warnings, draft.options, draft.functions)


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
    query_options: Mapping[str, Mapping[str, StreamOption]]
    """The options of each query that has some of its own."""
    setting_places: Mapping[str, Place]
    """Where each of the plan's settings stands."""
    functions: Mapping[str, SqlCallable]
    """Those in Python that the program defines itself, by lower-case name."""


def draft_plan(
    sql: str,
    *,
    functions: Mapping[str, SqlCallable] | None = None,
    name: str = "<sql>",
    put_in: PutIn | None = None,
) -> Draft:
    """Like :func:`plan_sql`, but give the problems beside what could be understood.

    ``put_in`` puts variables into the values of options.
    """
    script, problems = parse_script(SourceText(sql, name))
    registered = functions or {}
    defined = own_functions(script.source, script.statements, registered, script.unread)
    known = Known(script.source, problems)
    planner = _Planner(script, {**registered, **defined.found}, known, put_in, defined=defined)
    plan = planner.plan()
    return Draft(
        plan,
        tuple(in_order(known.problems)),
        tuple(in_order(known.warnings)),
        script.unread,
        frozenset(name for name, shape in known.shapes.items() if not shape.is_whole),
        frozenset(planner.declared.unclear_options),
        planner.declared.options,
        planner.query_options,
        planner.setting_places,
        planner.defined.in_python,
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
    functions: Functions
    known: Known
    put_in: PutIn | None = None
    declared: Declared = field(default_factory=Declared)
    query_options: dict[str, dict[str, StreamOption]] = field(default_factory=dict)
    setting_places: dict[str, Place] = field(default_factory=dict)
    own: QueryOptions = field(default_factory=QueryOptions)
    """What queries say of themselves."""
    names: set[str] = field(default_factory=set)
    """Those of parts, and of the streams that they write."""
    defined: OwnFunctions = field(default_factory=OwnFunctions)
    """The functions that the program defines itself."""
    given_ttls: set[int] = field(default_factory=set)
    """The statements whose ``state.ttl`` bounds something."""
    given_ends: set[int] = field(default_factory=set)
    """The statements whose ``emit`` holds something back."""

    @property
    def source(self) -> SourceText:
        return self.script.source

    def plan(self) -> Plan:
        known = self.known
        settings = set_statements(self.source, self.script.statements)
        known.problems.extend(settings.problems)
        self.setting_places = settings.places
        self.define_functions()
        self.declared = declare_all(known, self.script.statements, self.functions, self.put_in)
        statements = self.declared.statements
        known.warnings.extend(self.script.warnings)
        options = self.own = query_options(self.source, self.script.statements, self.put_in)
        known.problems.extend(options.problems)
        apart = take_apart(statements, known.streams, options.names)
        for part in apart.parts:
            if part.statement in options.errors:
                self.query_options[part.name] = options.errors[part.statement]
        windows = named_windows(statements)
        windowed = with_windows(self.source, apart.parts, windows)
        known.problems.extend(windowed.problems)
        for name in apart.unread:
            message = f"nothing reads {name.text!r} of WITH: it is left out"
            known.warn(name.start, message)
        parts = without_writes_to_views(known, windowed.parts)
        refuse_reserved_targets(known, parts)
        known.warnings += doubtful_targets(self.source, parts, known.streams)
        refuse_unknown_sources(known, parts, self.script.unread)
        refuse_cycles(known, parts)
        self.names = {*known.streams, *(n for p in parts for n in (p.name, p.target.stream))}
        bound = self.bind_parts(parts)
        planned = [query for part in parts for query in self.planned(part, bound[part.name])]
        left_out = {part.target.stream for part in parts if not part.kept}
        streams = {
            name: stream
            for name, stream in sorted(known.streams.items(), key=_declared_first)
            if name not in left_out
        }
        plan = Plan(streams, tuple(planned), settings.texts)
        if not known.problems:
            self.refuse_idle_options({p.statement: p.reads for p in parts if p.reads in windows})
        if not known.problems:  # with them it is not known what comes in batches
            known.report(doubtful_clauses(plan))
            known.warnings += unread_windows(self.source, plan, windows)
        self.look_at_watermarks(plan, parts)
        known.report(problems_of_async_calls(plan, self.functions))
        return plan

    def refuse_idle_options(self, windows: Mapping[int, str]) -> None:
        """``windows`` are those that statements read."""
        for statement, ttl in self.own.ttls.items():
            if statement in self.given_ttls:
                continue
            why, hint = "the state of this query has a bound", "leave it out"
            if (name := windows.get(statement)) is not None:
                why = f"what {name!r} holds, CREATE WINDOW says"
                hint = "a time to live of its keys stands there: WINDOW('unique', key, 1 HOUR)"
            self.known.refuse(ttl.start, f"state.ttl bounds nothing here: {why}", hint)

        for statement, start in self.own.ends.items():
            if statement not in self.given_ends:
                message = "emit = 'end' is for OUTPUT FIRST, which gives its row at once without it"
                self.known.refuse(start, message, "leave it out")

    def look_at_watermarks(self, plan: Plan, parts: Sequence[Part]) -> None:
        """What is wrong with them, once it is wholly known what feeds each stream."""
        named = {name for query in plan.queries for name in (query.source, query.target)}
        if len(plan.queries) < sum(part.kept for part in parts) or not named <= plan.streams.keys():
            return
        self.known.problems.extend(problems_of_watermarks(plan))
        known = streams_with_late_rows(plan)
        for part in parts:
            late = whose_late(part.reads)
            if late is not None and part.read_name and late not in known:
                self.known.refuse(part.read_name.start, *never_late(late))

    def define_functions(self) -> None:
        self.known.problems.extend(self.defined.problems)
        nothing = Scope(self.source, "", None, Schema(()))
        self.known.report(check_bodies(Binder(nothing, self.functions, ""), self.defined))

    def bind_parts(self, parts: Sequence[Part]) -> dict[str, BoundSelect]:
        """Bind each part once its input is known; streams that nobody declared follow from
        the parts that write to them."""
        waiting = {part.name: part for part in parts}
        bound: dict[str, BoundSelect] = {}
        progress = True
        while progress:
            progress = False
            for name, part in list(waiting.items()):
                shape = self.known.shapes.get(part.reads) or self.late_shape(part)
                if shape is None:
                    continue
                bound[name] = self.bind(part, shape)
                self.known.problems.extend(bound[name].problems)
                self.known.warnings.extend(bound[name].warnings)
                del waiting[name]
                progress = True
                self.infer(part.target, parts, waiting, bound)
        return bound

    def late_shape(self, part: Part) -> Shape | None:
        """The shape of late rows, once that of their stream is known."""
        owner = whose_late(part.reads)
        if owner not in self.known.shapes or part.read_name is None:
            return None
        of = self.known.shapes[owner]
        stream = late_stream(owner, of.schema, place_of(self.source, part.read_name.start))
        self.known.streams[part.reads] = stream
        self.known.shapes[part.reads] = shape = Shape(stream.schema, of.untyped, of.open)
        return shape

    def bind(self, part: Part, shape: Shape) -> BoundSelect:
        below = free(f"{part.name}/passed", set(self.names))
        bound = bind_select(self.source, part, shape, self.functions, below)
        try:
            return listed(self.source, part, bound)
        except Problem as problem:
            return replace(bound, open=True, problems=(*bound.problems, *problem.diagnostics))

    def infer(
        self,
        target: Target,
        parts: Sequence[Part],
        waiting: Mapping[str, Part],
        bound: Mapping[str, BoundSelect],
    ) -> None:
        """Define the stream of ``target`` if nobody declared it and all its writers are bound."""
        if target.stream in self.known.shapes:
            return
        writers = [part for part in parts if part.target.stream == target.stream]
        if any(part.name in waiting for part in writers):
            return
        try:
            named = [(part, self.named(part, bound)) for part in writers]
            shape = merged_shape(self.source, target.shown, named)
        except Problem as problem:
            self.known.problems.extend(problem.diagnostics)
            self.known.shapes[target.stream] = NO_COLUMNS
            return
        self.known.shapes[target.stream] = shape
        self.known.streams[target.stream] = Stream(
            name=target.stream,
            schema=shape.schema,
            role="internal",
            extension=None,
            format=None,
            event_time=None,
            declared=False,
            place=place_of(self.source, writers[0].start),
            view=target.view,
            unnamed_of=target.unnamed_of,
        )

    def named(self, part: Part, bound: Mapping[str, BoundSelect]) -> BoundSelect:
        """What a part gives, under the names that its stream has for it."""
        own = bound[part.name]
        return own if part.first is None else union(self.source, part, own, bound[part.first.name])

    def planned(self, part: Part, bound: BoundSelect) -> list[PlannedQuery]:
        """The query of a part, behind the one below it, if there is one; none where something is
        wrong."""
        target = part.target
        shape = self.known.shapes[target.stream]
        if bound.open or shape.open:
            return []
        try:
            items, warnings = assign(self.source, part, bound, target.shown, shape)
        except Problem as problem:
            self.known.problems.extend(problem.diagnostics)
            return []
        self.known.warnings.extend(warnings)
        if not part.kept:
            return []
        try:
            events = bind_events(self.source, target.events, part.select, bound)
        except Problem as problem:
            self.known.problems.extend(problem.diagnostics)
            return []
        root = Project(bound.relation, items, bound.emit, events)
        ttl = self.own.ttls.get(part.statement)
        if ttl is not None and (kept := with_ttl(root, ttl.ms)) != root:
            root = kept
            self.given_ttls.add(part.statement)
        below = []
        if (passed := bound.passed) is not None:
            self.known.streams[passed.name] = passed.stream(self.source, part)
            below.append(passed.query(self.source, part))
            if part.statement in self.own.errors:
                self.query_options[passed.name] = self.own.errors[part.statement]
        query = PlannedQuery(
            name=part.name,
            source=part.reads if passed is None else passed.name,
            target=target.stream,
            root=root,
            place=place_of(self.source, part.start),
            sql=self.source.sql[part.start : part.end],
            fingerprint=fingerprint(root, unnamed=part.reads_unnamed or passed is not None),
            named=part.named,
        )
        return [*below, *self.limited(part, bound, query, shape.schema)]

    def limited(
        self, part: Part, bound: BoundSelect, query: PlannedQuery, schema: Schema
    ) -> list[PlannedQuery]:
        """A query, and the one behind it that its OUTPUT clause makes, if there is one."""
        output = part.select.clauses.output
        if output is None or (bound.emit is not None and bound.emit.mode == "snapshot"):
            return [query]
        if len(query.root.items) < len(schema.columns):  # one without a type is in no item
            return [query]
        keys = bound.keys if part.select.clauses.group_by is not None else ()
        name = free(f"{part.name}/limited", set(self.names))
        at_end = output.mode == "first" and part.statement in self.own.ends
        if at_end:
            self.given_ends.add(part.statement)
        whole, stream, behind = limit(
            self.source, part, query, output, name, schema, keys, at_end=at_end
        )
        self.known.streams[name] = stream
        if part.statement in self.own.errors:
            self.query_options[name] = self.own.errors[part.statement]
        return [whole, behind]


def _declared_first(named: tuple[str, Stream]) -> tuple[bool, int, int]:
    stream = named[1]
    return not stream.declared, stream.place.line, stream.place.column
