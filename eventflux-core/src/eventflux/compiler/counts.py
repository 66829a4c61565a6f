"""What happened to the rows of a query, counted where it can't be derived."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from eventflux.compiler.graph import Graph


class QueryCounts(msgspec.Struct):
    """Counters that generated code keeps for one query.

    ``taken`` are the rows that got through the filters without failing, counted only where
    the query has a filter; ``merged`` those of them that share the output row of another
    in a logical batch. ``fired`` rows were made by windows that closed, or by UNNEST; others of
    them could not be made (``fired_failed``), or did not pass HAVING (``fired_filtered``) or
    DISTINCT and LIMIT (``fired_dropped``).
    ``late``, ``dropped`` and ``queued`` are for operators that turn rows away or hold them
    back: too late, beyond a limit, or until later.
    """

    taken: int = 0
    merged: int = 0
    failed: int = 0
    late: int = 0
    dropped: int = 0
    queued: int = 0
    fired: int = 0
    fired_failed: int = 0
    fired_filtered: int = 0
    fired_dropped: int = 0
    discarded: int = 0

    def told(self, received: int, *, filters: bool, apart: bool) -> dict[str, int]:
        """All counters of the query, those that follow from others among them.

        Args:
            received: the rows of the stream that it reads.
            filters: whether the query has a filter.
            apart: whether the rows that come out are counted apart, as fired.
        """
        unseen = self.failed + self.late + self.dropped + self.queued
        taken = self.taken if filters else received - unseen
        absorbed = taken if apart else self.merged
        return {
            "in": received,
            "passed": taken - absorbed,
            "filtered": received - unseen - taken,
            "absorbed": absorbed,
            "late": self.late,
            "failed": self.failed,
            "dropped": self.dropped,
            "queued": self.queued,
            "fired": self.fired,
            "fired_failed": self.fired_failed,
            "fired_filtered": self.fired_filtered,
            "fired_dropped": self.fired_dropped,
            "discarded": self.discarded,
        }


def counters_of(
    graph: Graph, counts: Mapping[int, QueryCounts], received: Mapping[str, int]
) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
    """All counters of each query, and how many rows each stream has had, ``received`` from outside
    or given by queries."""
    published = dict(received)
    found: dict[int, dict[str, int]] = {}
    for pipeline in graph.in_order:
        found[pipeline.index] = told = counts[pipeline.index].told(
            published[pipeline.query.source],
            filters=pipeline.turns_rows_away,
            apart=pipeline.counts_apart,
        )
        published[pipeline.query.target] += told["passed"] + told["fired"]
    of_queries: dict[str, dict[str, int]] = {}
    for pipeline in graph.pipelines:
        name, told = pipeline.query.name, found[pipeline.index]
        of_queries[name] = _both(of_queries[name], told) if name in of_queries else told
    return of_queries, published


def _both(first: Mapping[str, int], then: Mapping[str, int]) -> dict[str, int]:
    """The counters of a query of two parts: rows come into one, and pass the other."""
    return {name: first[name] + then[name] for name in then} | {
        "in": first["in"],
        "passed": then["passed"],
    }
