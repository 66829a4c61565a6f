"""``state.ttl``: how long state is kept that nothing else bounds."""

from __future__ import annotations

import msgspec

from eventflux.planner.aggregates import FOREVER, SKETCHES
from eventflux.planner.expressions import Node
from eventflux.planner.fingerprint import fingerprint
from eventflux.planner.plan import Aggregate, Plan, Project, Query, Windowed, chain
from eventflux.planner.rewriting import rewrite
from eventflux.planner.windows import FirstUnique, Unique


def with_ttl(root: Project, ttl_ms: int) -> Project:
    """``root`` with this time to live for the state that has no bound: the groups of an aggregate
    without a window, or of what outlives windows that close, and the keys of a ``unique`` or
    ``firstUnique`` window of its own. Groups that EMIT EVERY tells of live long enough for that."""
    operators = chain(root)
    window = next((one.window for one in operators if isinstance(one, Windowed)), None)
    emit = root.emit
    of_groups = ttl_ms if emit is None else max(ttl_ms, emit.every_ms or 0)
    functions = {c.function for one in operators if isinstance(one, Aggregate) for c in one.calls}
    outlives = window is None or (window.family == "batch" and bool(functions & FOREVER))

    def replace(node: Node) -> Node | None:
        if isinstance(node, Windowed) and node.shared:
            return node
        match node:
            case Aggregate(keys=keys, state_ttl_ms=None) if keys and outlives:
                return msgspec.structs.replace(node, state_ttl_ms=of_groups)
            case Unique(ttl_ms=None) | FirstUnique(ttl_ms=None) if not (
                functions & (SKETCHES | FOREVER)
            ):
                return msgspec.structs.replace(node, ttl_ms=ttl_ms)
        return None

    return rewrite(root, replace)


def with_default_ttl(plan: Plan, ttl_ms: int) -> Plan:
    """``plan`` with this time to live in the queries that have none of their own."""

    def bounded(query: Query) -> Query:
        root = with_ttl(query.root, ttl_ms)
        if root == query.root:
            return query
        unnamed = plan.streams[query.source].unnamed_of is not None
        return msgspec.structs.replace(
            query, root=root, fingerprint=fingerprint(root, unnamed=unnamed)
        )

    return msgspec.structs.replace(plan, queries=tuple(map(bounded, plan.queries)))
