"""What queries can't do with asynchronous functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from eventflux.base.errors import Diagnostic, Position
from eventflux.base.side_streams import fed_from
from eventflux.functions import FUNCTIONS
from eventflux.functions.declaration import Function
from eventflux.planner import expressions as ex
from eventflux.planner.async_calls import calls_in, calls_of, may_wait, nodes_of, without_lets
from eventflux.planner.clocks import goes_by_clock
from eventflux.planner.describe import expression_text
from eventflux.planner.expressions import Node
from eventflux.planner.plan import Filter, Place, Plan, Query
from eventflux.planner.rewriting import children
from eventflux.planner.settings import read_setting
from eventflux.spi.functions import AsyncFunction, ScalarFunction

_OWN_QUERY = "call it in a query of its own, and read its stream in another"


def problems_of_async_calls(plan: Plan, functions: Mapping[str, object]) -> Iterator[Diagnostic]:
    """What queries can't do with asynchronous functions."""
    if not may_wait(functions):
        return
    for stream in plan.streams.values():
        if stream.watermark is not None:
            for call in calls_in(stream.watermark.expression, functions):
                message = f"{call.function} is asynchronous, which a watermark can't wait for"
                yield _error(stream.watermark.place, message, _OWN_QUERY)
    for whole in plan.queries:
        query = without_lets(whole, functions)
        calls = list(calls_of(query, functions))
        if calls:
            yield from _problems_of_lets(whole, calls[0], functions)
            yield from _problems_of(plan, query, calls, functions)


def _problems_of(
    plan: Plan, query: Query, calls: Iterable[ex.Call], functions: Mapping[str, object]
) -> Iterator[Diagnostic]:
    for call in calls:
        for part in call.arguments:
            for inner in calls_in(part, functions):
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
                yield _error(reader.place, message, hint).as_warning()


def _problems_of_lets(
    query: Query, call: ex.Call, functions: Mapping[str, object]
) -> Iterator[Diagnostic]:
    """Values that would be found twice: before the call, and behind it."""
    lets = (node for node in nodes_of(query) if isinstance(node, ex.Let))
    for let in lets:
        if any(calls_in(let, functions)):
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
    "Unnest": "UNNEST or a table function",
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
