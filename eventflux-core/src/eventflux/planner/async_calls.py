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
from dataclasses import dataclass, replace

import msgspec

from eventflux.base.errors import Diagnostic, Position
from eventflux.base.side_streams import fed_from
from eventflux.base.types import Column, DataType, Schema
from eventflux.functions import FUNCTIONS
from eventflux.functions.declaration import Function
from eventflux.planner import expressions as ex
from eventflux.planner.clocks import goes_by_clock
from eventflux.planner.describe import expression_text, spelled_out
from eventflux.planner.expressions import Expression, Node
from eventflux.planner.plan import Filter, Item, Place, Plan, Project, Query, Relation, Scan, Stream
from eventflux.planner.rewriting import children, rewrite, walk
from eventflux.planner.settings import read_setting
from eventflux.spi.functions import AsyncFunction, ScalarFunction

_OWN_QUERY = "call it in a query of its own, and read its stream in another"


@dataclass(frozen=True, slots=True)
class AsyncCall:
    """A call: of which function, and which columns of the asked row are its arguments."""

    function: str
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a query is cut: rows of ``asked``, the first ``columns`` of which are those of the
    query's ``source``, go on as rows of ``answered``, which have the results behind those."""

    query: str
    source: str
    asked: str
    answered: str
    columns: int
    calls: tuple[AsyncCall, ...]


def problems_of_async_calls(plan: Plan, functions: Mapping[str, object]) -> Iterator[Diagnostic]:
    """What queries can't do with asynchronous functions."""
    for stream in plan.streams.values():
        if stream.watermark is not None:
            for call in _calls_in(stream.watermark.expression, functions):
                message = f"{call.function} is asynchronous, which a watermark can't wait for"
                yield _error(stream.watermark.place, message, _OWN_QUERY)
    for whole in plan.queries:
        query = _without_lets(whole, functions)
        calls = list(_calls_of(query, functions))
        if calls:
            yield from _problems_of_lets(whole, calls[0], functions)
            yield from _problems_of(plan, query, calls, functions)


def _problems_of(
    plan: Plan, query: Query, calls: Iterable[ex.Call], functions: Mapping[str, object]
) -> Iterator[Diagnostic]:
    for call in calls:
        for part in call.arguments:
            for inner in _calls_in(part, functions):
                message = f"{call.function} waits for {inner.function}: both are asynchronous"
                yield _error(query.place, message, f"call {inner.function} in a query of its own")
    name = next(iter(calls)).function
    for operator in query.operators[1:-1]:
        if not isinstance(operator, Filter):
            kind = _KINDS.get(type(operator).__name__, type(operator).__name__.upper())
            message = f"{name} is asynchronous, and its query has {kind}"
            yield _error(query.place, message, _OWN_QUERY)
            return
    if query.root.emit is not None:
        yield _error(query.place, f"{name} is asynchronous, and its query has EMIT", _OWN_QUERY)
    for source in _upstream(plan, query.source):
        stream = plan.streams.get(source)
        if stream is not None and stream.watermark is not None:
            yield _error(
                query.place,
                f"{name} is asynchronous, and the watermark of {source} can't wait for its rows",
                f"leave WATERMARK out of {source}: windows go by the clock then",
            )
    if read_setting(plan.settings, "app.time") == "event":
        yield from _doubtful_times(plan, query, name)


def _doubtful_times(plan: Plan, query: Query, name: str) -> Iterator[Diagnostic]:
    """Warnings for what goes by a clock that the query's input has moved on."""
    below = [query.target]
    for stream in below:
        for reader in plan.readers(stream):
            if reader.target not in below:
                below.append(reader.target)
            if goes_by_clock(reader):
                message = (
                    f"time in query {reader.name!r} is that of the app's rows, which may have "
                    f"moved on when {name}, which is asynchronous, answers"
                )
                hint = "WINDOW('externalTime', …) and externalTimeBatch go by a column"
                yield replace(_error(reader.place, message, hint), severity="warning")


def _problems_of_lets(
    query: Query, call: ex.Call, functions: Mapping[str, object]
) -> Iterator[Diagnostic]:
    """Values that would be found twice: before the call, and behind it."""
    lets = (node for node in _nodes(query) if isinstance(node, ex.Let))
    for let in lets:
        if any(_calls_in(let, functions)):
            for value in let.values:
                if _varies(value, functions):
                    text = expression_text(value)
                    message = f"{call.function} is asynchronous, and {text} is used on both sides"
                    yield _error(query.place, message, f"find {text} in a query of its own")


def _varies(node: Node, functions: Mapping[str, object]) -> bool:
    """Whether its value may be another next time, but for what asynchronous functions give."""
    if isinstance(node, ex.Call):
        name = node.function.lower()
        declared = FUNCTIONS.get(name) or functions.get(name)
        if isinstance(declared, AsyncFunction):
            return False
        if isinstance(declared, Function | ScalarFunction) and not declared.deterministic:
            return True
    return any(_varies(part, functions) for part in children(node))


_KINDS = {
    "Windowed": "a window",
    "Aggregate": "aggregates",
    "OrderBy": "ORDER BY",
    "Unnest": "UNNEST",
}


def _error(place: Place, message: str, hint: str) -> Diagnostic:
    return Diagnostic(message, Position(place.line, place.column), hint)


def _upstream(plan: Plan, stream: str) -> list[str]:
    """The streams whose rows lead to ``stream``, itself first."""
    found = [stream]
    for name in found:
        above = [query.source for query in plan.writers(name)]
        owner = fed_from(name)
        found += [n for n in (*above, owner) if n is not None and n not in found]
    return found


def _without_lets(query: Query, functions: Mapping[str, object]) -> Query:
    """The query without the Lets that asynchronous calls stand in: what is called is known by its
    arguments, and equal calls are one anyway."""

    def spelled(node: Node) -> Node | None:
        if isinstance(node, ex.Let) and any(_calls_in(node, functions)):
            return rewrite(spelled_out(node), spelled)
        return None

    items = tuple(
        msgspec.structs.replace(item, expression=rewrite(item.expression, spelled))
        for item in query.root.items
    )
    root = msgspec.structs.replace(rewrite(query.root, spelled), items=items)
    return query if root == query.root else msgspec.structs.replace(query, root=root)


def _nodes(query: Query) -> Iterator[Node]:
    yield from walk(query.root)
    for item in query.root.items:
        yield from walk(item.expression)


def _calls_of(query: Query, functions: Mapping[str, object]) -> Iterator[ex.Call]:
    for node in _nodes(query):
        if isinstance(node, ex.Call) and _is_async(node, functions):
            yield node


def _calls_in(node: Node, functions: Mapping[str, object]) -> Iterator[ex.Call]:
    for part in walk(node):
        if isinstance(part, ex.Call) and _is_async(part, functions):
            yield part


def _is_async(call: ex.Call, functions: Mapping[str, object]) -> bool:
    return isinstance(functions.get(call.function.lower()), AsyncFunction)


def with_stages(plan: Plan, functions: Mapping[str, object]) -> tuple[Plan, tuple[Stage, ...]]:
    """The plan with its queries cut where they call asynchronous functions; calls of the same
    with the same arguments are one."""
    streams = dict(plan.streams)
    queries: list[Query] = []
    stages: list[Stage] = []
    taken = set(streams)
    for whole in plan.queries:
        query = _without_lets(whole, functions)
        calls = list(dict.fromkeys(_calls_of(query, functions)))
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
                waits = any(_calls_in(condition, functions))
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
