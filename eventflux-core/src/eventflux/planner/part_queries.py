"""The queries that a bound part becomes: its own, behind one that passes rows on to it where it
needs that, and before the one that its OUTPUT clause makes."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from eventflux.base.types import Schema
from eventflux.planner.assignment import assign
from eventflux.planner.bounds import Growth, growths
from eventflux.planner.expired import bind_events
from eventflux.planner.fingerprint import fingerprint
from eventflux.planner.known import Known
from eventflux.planner.output import limited
from eventflux.planner.parts import Part, free
from eventflux.planner.places import place_of
from eventflux.planner.plan import Project, Query
from eventflux.planner.queries import BoundSelect
from eventflux.planner.query_options import QueryOptions
from eventflux.planner.state_ttl import with_ttl
from eventflux.planner.streams import StreamOption
from eventflux.sql.source import Problem


class PartQueries(msgspec.Struct):
    """Makes the queries of parts, with the options of their statements."""

    known: Known
    options: QueryOptions
    names: Collection[str]
    """Those that are taken."""
    errors: dict[str, dict[str, StreamOption]] = msgspec.field(default_factory=dict)
    """The options of error strategies, by query."""
    given_ttls: set[int] = msgspec.field(default_factory=set)
    """The statements whose ``state.ttl`` bounds something."""
    growing: dict[int, Growth] = msgspec.field(default_factory=dict)
    """What grows without end, one of each statement that has such state."""
    given_ends: set[int] = msgspec.field(default_factory=set)
    """The statements whose ``emit`` holds something back."""

    def take_errors(self, part: Part, query: str) -> None:
        """What is said of the errors of a statement holds for all its queries."""
        if part.statement in self.options.errors:
            self.errors[query] = self.options.errors[part.statement]

    def of(self, part: Part, bound: BoundSelect) -> list[Query]:
        """Those of a part, in order; none where something is wrong."""
        known, source, target = self.known, self.known.source, part.target
        shape = known.shapes[target.stream]
        if bound.open or shape.open:
            return []
        try:
            items, warnings = assign(source, part, bound, target.shown, shape)
            known.warnings.extend(warnings)
            if not part.kept:
                return []
            events = bind_events(source, target.events, part.select, bound)
        except Problem as problem:
            known.problems.extend(problem.diagnostics)
            return []
        root = Project(bound.relation, items, bound.emit, events)
        ttl = self.options.ttls.get(part.statement)
        if ttl is not None and (kept := with_ttl(root, ttl.ms)) != root:
            root = kept
            self.given_ttls.add(part.statement)
        below = []
        if (passed := bound.passed) is not None:
            known.streams[passed.name] = passed.stream(source, part)
            below.append(passed.query(source, part))
            self.take_errors(part, passed.name)
        query = Query(
            name=part.name,
            source=part.reads if passed is None else passed.name,
            target=target.stream,
            root=root,
            place=place_of(source, part.start),
            sql=source.sql[part.start : part.end],
            fingerprint=fingerprint(root, unnamed=part.reads_unnamed or passed is not None),
            named=part.named,
        )
        self.growing.update((part.statement, growth) for growth in growths(query))
        return [*below, *self._limited(part, bound, query, shape.schema)]

    def _limited(self, part: Part, bound: BoundSelect, query: Query, schema: Schema) -> list[Query]:
        """A query, and the one behind it that its OUTPUT clause makes, if there is one."""
        output = part.select.clauses.output
        if output is None or (bound.emit is not None and bound.emit.mode == "snapshot"):
            return [query]
        if len(query.root.items) < len(schema.columns):  # one without a type is in no item
            return [query]
        keys = bound.keys if part.select.clauses.group_by is not None else ()
        name = free(f"{part.name}/limited", set(self.names))
        at_end = output.mode == "first" and part.statement in self.options.ends
        if at_end:
            self.given_ends.add(part.statement)
        whole, stream, behind = limited(
            self.known.source, part, query, output, name, schema, keys, at_end=at_end
        )
        self.known.streams[name] = stream
        self.take_errors(part, name)
        return [whole, behind]

    def refuse_idle_options(self, windows: Mapping[int, str]) -> None:
        """Refuse options that change nothing; ``windows`` are those that statements read."""
        for statement, ttl in self.options.ttls.items():
            if statement in self.given_ttls:
                continue
            why, hint = "the state of this query has a bound", "leave it out"
            if (growth := self.growing.get(statement)) is not None:
                why, hint = f"it does not end {growth.what}", growth.hint
            if (name := windows.get(statement)) is not None:
                why = f"what {name!r} holds, CREATE WINDOW says"
                hint = "a time to live of its keys stands there: WINDOW('unique', key, 1 HOUR)"
            self.known.refuse(ttl.start, f"state.ttl bounds nothing here: {why}", hint)
        for statement, start in self.options.ends.items():
            if statement not in self.given_ends:
                message = "emit = 'end' is for OUTPUT FIRST, which gives its row at once without it"
                self.known.refuse(start, message, "leave it out")
