"""Windows that pass rows on later, under aggregates: they become queries of their own.

Aggregates have no window then (semantics 5.11): they are over the rows as these come out. So

    SELECT k, sum(v) FROM S WINDOW('delay', 30 SECONDS) GROUP BY k

is planned as two queries, ``query_1/passed``, which hands on the columns that are read, and
``query_1`` over what that gives. DEDUPLICATE … KEEP LAST passes rows on, too.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from eventflux.base.errors import Diagnostic
from eventflux.base.types import Schema
from eventflux.planner import expressions as ex
from eventflux.planner.expressions import Expression, Node
from eventflux.planner.fingerprint import fingerprint
from eventflux.planner.parts import Part
from eventflux.planner.places import place_of
from eventflux.planner.plan import (
    Aggregate,
    Filter,
    Item,
    Place,
    Project,
    Query,
    Relation,
    Scan,
    Stream,
    Windowed,
)
from eventflux.planner.rewriting import rewrite, walk
from eventflux.planner.windows import Session
from eventflux.sql.ast import WindowSpec
from eventflux.sql.source import SourceText


class Passing(msgspec.Struct, frozen=True):
    """A window that passes rows on, with what is below it, and the filters behind it."""

    step: WindowSpec
    relation: Relation
    """Up to the window."""
    behind: tuple[tuple[Expression, Place], ...] = ()

    @property
    def gives_last(self) -> bool:
        """Whether it is DEDUPLICATE … KEEP LAST."""
        return self.step.keep == "last"

    def filtered(self, condition: Expression, place: Place) -> Passing:
        return replace(self, behind=(*self.behind, (condition, place)))

    def scan(self, name: str, schema: Schema) -> Relation:
        """What stands above it as a query of its own called ``name``: its filters, over all
        columns of ``schema``."""
        relation: Relation = Scan(name, schema)
        for condition, place in self.behind:
            relation = Filter(relation, condition, place)
        return relation


class Passed(msgspec.Struct, frozen=True):
    """The query below another: its name, which is that of its stream too, and what it gives."""

    name: str
    passing: Passing
    schema: Schema

    def query(self, source: SourceText, part: Part) -> Query:
        step = self.passing.step
        place = place_of(source, step.start)
        relation = self.passing.relation
        if self.passing.gives_last:
            assert isinstance(relation, Windowed)
            assert isinstance(relation.window, Session)
            relation = Aggregate(relation, relation.window.keys, (), False, place)
        items = []
        for column in self.schema.columns:
            value: Expression = ex.Column(column.name, column.type, column.nullable)
            if isinstance(relation, Aggregate) and value in relation.keys:
                value = ex.KeyValue(relation.keys.index(value), column.type, column.nullable)
            items.append(
                Item(
                    name=column.name,
                    expression=value,
                    type=column.type,
                    not_null=False,
                    check_range=False,
                    truncate=False,
                    place=place,
                    digits=column.digits,
                )
            )
        root = Project(relation, tuple(items))
        return Query(
            name=self.name,
            source=part.reads,
            target=self.name,
            root=root,
            place=place,
            sql=source.sql[step.start : step.end],
            fingerprint=fingerprint(root, unnamed=part.reads_unnamed),
            named=part.named,
        )

    def stream(self, source: SourceText, part: Part) -> Stream:
        return Stream(
            name=self.name,
            schema=self.schema,
            role="internal",
            extension=None,
            format=None,
            event_time=None,
            declared=False,
            place=place_of(source, self.passing.step.start),
            unnamed_of=part.name,
        )


def take_below(
    name: str, passing: Passing, relation: Relation, outputs: Iterable[Expression], schema: Schema
) -> tuple[Passed, Relation]:
    """What the query ``name`` below gives, and ``relation`` reading that: those columns of
    ``schema`` that it or its ``outputs`` read."""
    nodes: list[Node] = [*walk(relation)]
    for output in outputs:
        nodes += walk(output)
    read = {node.name for node in nodes if isinstance(node, ex.Column)}
    kept = Schema(
        tuple(
            msgspec.structs.replace(column, metadata=None)
            for column in schema.columns
            if column.name in read
        )
    )

    def narrowed(node: Node) -> Node | None:
        return Scan(name, kept) if isinstance(node, Scan) else None

    return Passed(name, passing, kept), rewrite(relation, narrowed)


def refuse_bounds(source: SourceText, part: Node, start: int) -> tuple[Diagnostic, ...]:
    """What is wrong with a part that stands at ``start``, over rows that have left their window."""
    for node in walk(part):
        if isinstance(node, ex.WindowBound):
            return source.problem(
                start,
                f"window_{node.which}() is of a window, and aggregates are over what DEDUPLICATE … "
                "KEEP LAST has passed on",
                "select it in a subquery, and aggregate over that",
            ).diagnostics
    return ()
