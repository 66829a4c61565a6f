"""From SQL text to a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from eventflux.base.errors import Diagnostic, Position, SqlError
from eventflux.base.late_columns import whose_late
from eventflux.base.types import Schema
from eventflux.planner.async_problems import problems_of_async_calls
from eventflux.planner.binding.binder import Binder
from eventflux.planner.binding.own import check_bodies
from eventflux.planner.bound_parts import bind_parts
from eventflux.planner.declarations import declare_all
from eventflux.planner.known import Known
from eventflux.planner.late_streams import never_late, streams_with_late_rows
from eventflux.planner.lone_rows import doubtful_clauses
from eventflux.planner.named_windows import named_windows, unread_windows, with_windows
from eventflux.planner.own_functions import Functions, OwnFunctions, own_functions
from eventflux.planner.part_queries import PartQueries
from eventflux.planner.parts import Part, take_apart
from eventflux.planner.plan import Place, Plan, Stream
from eventflux.planner.query_options import query_options
from eventflux.planner.reading import (
    refuse_cycles,
    refuse_reserved_targets,
    refuse_unknown_sources,
    without_writes_to_views,
)
from eventflux.planner.scope import Scope
from eventflux.planner.set_statements import set_statements
from eventflux.planner.settings import read_setting
from eventflux.planner.state_ttl import with_default_ttl
from eventflux.planner.streams import PutIn, StreamOption
from eventflux.planner.targets import doubtful_targets
from eventflux.planner.watermarks import problems_of_watermarks
from eventflux.spi.own_aggregates import SqlCallable
from eventflux.sql.script import parse_script
from eventflux.sql.source import SourceText


class Planned(msgspec.Struct, frozen=True):
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


class Draft(msgspec.Struct, frozen=True):
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
    source, statements = script.source, script.statements
    known = Known(source, problems, list(script.warnings))
    settings = set_statements(source, statements)
    known.problems.extend(settings.problems)
    registered = functions or {}
    defined = own_functions(source, statements, registered, script.unread)
    callables: Functions = {**registered, **defined.found}
    _check_functions(known, callables, defined)
    declared = declare_all(known, statements, callables, put_in)
    options = query_options(source, statements, put_in)
    known.problems.extend(options.problems)
    apart = take_apart(declared.statements, known.streams, options.names)
    windows = named_windows(declared.statements)
    windowed = with_windows(source, apart.parts, windows)
    known.problems.extend(windowed.problems)
    for unread in apart.unread:
        known.warn(unread.start, f"nothing reads {unread.text!r} of WITH: it is left out")
    parts = without_writes_to_views(known, windowed.parts)
    refuse_reserved_targets(known, parts)
    known.warnings += doubtful_targets(source, parts, known.streams)
    refuse_unknown_sources(known, parts, script.unread)
    refuse_cycles(known, parts)
    names = {*known.streams, *(n for p in parts for n in (p.name, p.target.stream))}
    queries = PartQueries(known, options, names)
    for part in apart.parts:
        queries.take_errors(part, part.name)
    bound = bind_parts(known, parts, callables, names)
    planned = [query for part in parts for query in queries.of(part, bound[part.name])]
    plan = Plan(_streams(known, parts), tuple(planned), settings.texts)
    if not known.problems:
        queries.refuse_idle_options({p.statement: p.reads for p in parts if p.reads in windows})
    if not known.problems:  # with them it is not known what comes in batches
        known.report(doubtful_clauses(plan))
        known.warnings += unread_windows(source, plan, windows)
    _look_at_watermarks(known, plan, parts)
    known.report(problems_of_async_calls(plan, callables))
    return Draft(
        plan=plan,
        problems=tuple(in_order(known.problems)),
        warnings=tuple(in_order(known.warnings)),
        unread=script.unread,
        unclear_columns=frozenset(n for n, shape in known.shapes.items() if not shape.is_whole),
        unclear_options=frozenset(declared.unclear_options),
        options=declared.options,
        query_options=queries.errors,
        setting_places=settings.places,
        functions=defined.in_python,
    )


def _check_functions(known: Known, functions: Functions, defined: OwnFunctions) -> None:
    known.problems.extend(defined.problems)
    nothing = Scope(known.source, "", None, Schema(()))
    known.report(check_bodies(Binder(nothing, functions, ""), defined))


def _streams(known: Known, parts: Iterable[Part]) -> dict[str, Stream]:
    """Those of the plan: declared ones first, in the order of the text."""
    left_out = {part.target.stream for part in parts if not part.kept}
    streams = sorted(known.streams.items(), key=_declared_first)
    return {name: stream for name, stream in streams if name not in left_out}


def _declared_first(named: tuple[str, Stream]) -> tuple[bool, int, int]:
    stream = named[1]
    return not stream.declared, stream.place.line, stream.place.column


def _look_at_watermarks(known: Known, plan: Plan, parts: Sequence[Part]) -> None:
    """What is wrong with them, once it is wholly known what feeds each stream."""
    named = {name for query in plan.queries for name in (query.source, query.target)}
    if len(plan.queries) < sum(part.kept for part in parts) or not named <= plan.streams.keys():
        return
    known.problems.extend(problems_of_watermarks(plan))
    with_late_rows = streams_with_late_rows(plan)
    for part in parts:
        late = whose_late(part.reads)
        if late is not None and part.read_name and late not in with_late_rows:
            known.refuse(part.read_name.start, *never_late(late))


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Each once, in the order of the text; those from outside the text last."""
    return sorted(set(diagnostics), key=_order)


_AFTER_ALL = Position(2**63, 0)


def _order(diagnostic: Diagnostic) -> tuple[bool, Position, str]:
    outside = diagnostic.file is not None
    return outside, diagnostic.position or _AFTER_ALL, diagnostic.message
