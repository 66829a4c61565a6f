"""Queries that call asynchronous functions, cut in two where the calls are.

``INSERT INTO T SELECT a, score(b) AS s FROM S WHERE a > 0 AND score(b) > 1`` is run as::

    q:  S          -> q/asked     rows of S with a > 0, and the arguments
    (the runtime calls score, and puts the rows with the results into q/answered)
    q:  q/answered -> T           the rest, a result being a column

What stands before the cut is done for each row as it comes. Rows under way belong to the batch
that they came with, which is acknowledged when all that came of them is safe.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from eventflux.base.types import Column, DataType, Schema
from eventflux.planner import expressions as ex
from eventflux.planner.async_calls import calls_in, calls_of, may_wait, without_lets
from eventflux.planner.describe import expression_text
from eventflux.planner.expressions import Expression, Node
from eventflux.planner.plan import Filter, Item, Place, Plan, Project, Query, Relation, Scan, Stream
from eventflux.planner.rewriting import rewrite


class AsyncCall(msgspec.Struct, frozen=True):
    """A call: of which function, and which columns of the asked row are its arguments."""

    function: str
    first: int
    count: int


class Stage(msgspec.Struct, frozen=True):
    """Where a query is cut: rows of ``asked``, the first ``columns`` of which are those of the
    query's ``source``, go on as rows of ``answered``, which have the results behind those."""

    query: str
    source: str
    asked: str
    answered: str
    columns: int
    calls: tuple[AsyncCall, ...]


def with_stages(plan: Plan, functions: Mapping[str, object]) -> tuple[Plan, tuple[Stage, ...]]:
    """The plan with its queries cut where they call asynchronous functions; calls of the same
    with the same arguments are one."""
    if not may_wait(functions):
        return plan, ()
    streams = dict(plan.streams)
    queries: list[Query] = []
    stages: list[Stage] = []
    taken = set(streams)
    for whole in plan.queries:
        query = without_lets(whole, functions)
        calls = list(dict.fromkeys(calls_of(query, functions)))
        if not calls:
            queries.append(query)
            continue
        cut = _Cut(query, calls, functions, taken)
        queries += [cut.asking(), cut.answered()]
        streams.update((stream.name, stream) for stream in cut.streams())
        stages.append(cut.stage())
    if not stages:
        return plan, ()
    return msgspec.structs.replace(plan, streams=streams, queries=tuple(queries)), tuple(stages)


class _Cut:
    """One query, cut."""

    def __init__(
        self,
        query: Query,
        calls: list[ex.Call],
        functions: Mapping[str, object],
        names: set[str],
    ) -> None:
        """``names`` are those of streams, which get its own."""
        self.query, self.calls, self.functions = query, calls, functions
        self._asked = _free(f"{query.name}/asked", names)
        self._answered = _free(f"{query.name}/answered", names)
        scan = query.operators[0]
        assert isinstance(scan, Scan), "a chain begins with its scan"
        self.scan = scan
        self.own = tuple(
            msgspec.structs.replace(column, metadata=None) for column in scan.schema.columns
        )
        self.arguments = [argument for call in calls for argument in call.arguments]
        taken = {column.name for column in self.own}
        self.given = [_free(f"argument {i}", taken) for i in range(1, len(self.arguments) + 1)]
        self.results = [_free(expression_text(call), taken) for call in calls]
        self.before: list[Expression] = []
        self.behind: list[Expression] = []
        self.places: dict[Expression, Place] = {}
        for operator in query.operators[1:-1]:
            assert isinstance(operator, Filter), "any other is refused"
            for condition in _conjuncts(operator.condition):
                waits = any(calls_in(condition, functions))
                (self.behind if waits else self.before).append(condition)
                self.places[condition] = operator.place

    def asking(self) -> Query:
        asked = [*(ex.Column(c.name, c.type, c.nullable) for c in self.own), *self.arguments]
        names = [*(column.name for column in self.own), *self.given]
        items = tuple(
            _item(name, value, self.query.place) for name, value in zip(names, asked, strict=True)
        )
        root = Project(self._filtered(self.scan, self.before), items)
        return msgspec.structs.replace(self.query, target=self._asked, root=root)

    def answered(self) -> Query:
        results = {
            call: ex.Column(name, call.type, True)
            for call, name in zip(self.calls, self.results, strict=True)
        }

        def answer(node: Node) -> Node | None:
            return results.get(node) if isinstance(node, ex.Call) else None

        scan = Scan(self._answered, self._answered_schema)
        behind = self._filtered(scan, self.behind)
        root = msgspec.structs.replace(
            self.query.root,
            input=rewrite(behind, answer),
            items=tuple(
                msgspec.structs.replace(item, expression=rewrite(item.expression, answer))
                for item in self.query.root.items
            ),
        )
        return msgspec.structs.replace(self.query, source=self._answered, root=root)

    def streams(self) -> Iterator[Stream]:
        given = zip(self.given, self.arguments, strict=True)
        asked = (*self.own, *(Column(name, a.type, a.nullable) for name, a in given))
        yield self._stream(self._asked, Schema(asked))
        yield self._stream(self._answered, self._answered_schema)

    def stage(self) -> Stage:
        calls, first = [], len(self.own)
        for call in self.calls:
            calls.append(AsyncCall(call.function, first, len(call.arguments)))
            first += len(call.arguments)
        return Stage(
            self.query.name, self.query.source, self._asked, self._answered, len(self.own),
            tuple(calls),
        )  # fmt: skip

    @property
    def _answered_schema(self) -> Schema:
        results = zip(self.results, self.calls, strict=True)
        return Schema((*self.own, *(Column(name, call.type, True) for name, call in results)))

    def _stream(self, name: str, schema: Schema) -> Stream:
        return Stream(
            name=name,
            schema=schema,
            role="internal",
            extension=None,
            format=None,
            event_time=None,
            declared=False,
            place=self.query.place,
            unnamed_of=self.query.name,
        )

    def _filtered(self, relation: Relation, conditions: Iterable[Expression]) -> Relation:
        for condition in conditions:
            relation = Filter(relation, condition, self.places[condition])
        return relation


def _conjuncts(condition: Expression) -> Iterator[Expression]:
    """Conditions that are all TRUE exactly when this one is."""
    if isinstance(condition, ex.Logical) and condition.operator == "AND":
        for operand in condition.operands:
            yield from _conjuncts(operand)
    else:
        yield condition


def _item(name: str, value: Expression, place: Place) -> Item:
    checked = value.type.is_integer or value.type is DataType.TIMESTAMP
    checked = checked and not isinstance(value, ex.Column | ex.Literal)
    return Item(name, value, value.type, False, checked, False, place)


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "'"
    taken.add(name)
    return name
