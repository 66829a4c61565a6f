"""Which streams have a function of their own, and are not inlined wherever they are emitted."""

from __future__ import annotations

from eventflux.compiler.graph import Graph

INLINE_BODIES = 3
"""A stream emitted at several places is inlined up to this many query bodies."""
INLINE_DEPTH = 12
"""Chained queries nest this deep before a function is made (CPython allows 20 blocks)."""


def streams_apart(graph: Graph, stream: str) -> frozenset[str]:
    """Those behind ``stream`` that would be inlined at several places, and are too large for it."""
    sites = _emission_sites(graph, stream)
    several = (name for name, count in sites.items() if count > 1)
    return frozenset(name for name in several if _bodies(graph, name) > INLINE_BODIES)


def _emission_sites(graph: Graph, stream: str) -> dict[str, int]:
    """How many places would emit each stream if all were inlined (2 means several)."""
    sites: dict[str, int] = {stream: 1}
    waiting = [stream]
    while waiting:
        for pipeline in graph.readers(waiting.pop()):
            target = pipeline.query.target
            if pipeline.hands_on and sites.get(target, 0) < 2:
                sites[target] = 2 if pipeline.gives_expired else sites.get(target, 0) + 1
                waiting.append(target)
    return sites


def _bodies(graph: Graph, stream: str) -> int:
    """How many query bodies inlining ``stream`` makes, counted up to beyond the limit."""
    total = 0
    waiting = [stream]
    while waiting and total <= INLINE_BODIES:
        for pipeline in graph.readers(waiting.pop()):
            total += 1
            if pipeline.hands_on:
                waiting.append(pipeline.query.target)
    return total
