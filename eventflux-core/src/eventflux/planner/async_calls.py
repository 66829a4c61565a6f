"""Where queries call asynchronous functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from eventflux.planner import expressions as ex
from eventflux.planner.describe import spelled_out
from eventflux.planner.expressions import Node
from eventflux.planner.plan import Query
from eventflux.planner.rewriting import rewrite, walk
from eventflux.spi.functions import AsyncFunction


def may_wait(functions: Mapping[str, object]) -> bool:
    """Whether there is a function for whose answer a query could wait."""
    return any(isinstance(function, AsyncFunction) for function in functions.values())


def without_lets(query: Query, functions: Mapping[str, object]) -> Query:
    """The query without the Lets that asynchronous calls stand in: what is called is known by its
    arguments, and equal calls are one anyway."""

    def spelled(node: Node) -> Node | None:
        if isinstance(node, ex.Let) and any(calls_in(node, functions)):
            return rewrite(spelled_out(node), spelled)
        return None

    items = tuple(
        msgspec.structs.replace(item, expression=rewrite(item.expression, spelled))
        for item in query.root.items
    )
    root = msgspec.structs.replace(rewrite(query.root, spelled), items=items)
    return query if root == query.root else msgspec.structs.replace(query, root=root)


def nodes_of(query: Query) -> Iterator[Node]:
    """Everything in a query: its operators and expressions."""
    yield from walk(query.root)
    for item in query.root.items:
        yield from walk(item.expression)


def calls_of(query: Query, functions: Mapping[str, object]) -> Iterator[ex.Call]:
    """The calls of asynchronous functions in a query."""
    return _asynchronous(nodes_of(query), functions)


def calls_in(node: Node, functions: Mapping[str, object]) -> Iterator[ex.Call]:
    """Those in a part of one."""
    return _asynchronous(walk(node), functions)


def _asynchronous(nodes: Iterable[Node], functions: Mapping[str, object]) -> Iterator[ex.Call]:
    def waits(call: ex.Call) -> bool:
        return isinstance(functions.get(call.function.lower()), AsyncFunction)

    return (node for node in nodes if isinstance(node, ex.Call) and waits(node))
