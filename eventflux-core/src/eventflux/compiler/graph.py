"""The queries of a plan, by what they read and write."""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappop, heappush

from eventflux.base.late_columns import whose_late
from eventflux.compiler.aggregates.own import NO_OWN, OwnAggregate
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.taking_apart import pipeline_of
from eventflux.planner.plan import Plan
from eventflux.planner.watermarks import watermarks_of


class Graph:
    """The queries of a plan by what they read and write, in an order fit for code."""

    def __init__(self, plan: Plan, own: Mapping[str, OwnAggregate] = NO_OWN) -> None:
        self.plan = plan
        self._watermarks = watermarks_of(plan)
        self.pipelines = tuple(
            pipeline_of(i, q, bool(self._watermarks[q.source]), own)
            for i, q in enumerate(plan.queries)
        )
        self._readers: dict[str, list[Pipeline]] = {name: [] for name in plan.streams}
        for pipeline in self.pipelines:
            self._readers[pipeline.query.source].append(pipeline)
        self.in_order = tuple(self._topological())
        """The queries in order of declaration, but each after all that feed it."""
        self.rank = {p.index: rank for rank, p in enumerate(self.in_order)}
        """Each query's place in topological order, for timers due at the same time."""
        batches = [p.query.target for p in self.pipelines if p.gives_batches]
        late = [name for name in plan.streams if whose_late(name) is not None]
        self._behind_batches = {
            behind.index for stream in (*batches, *late) for behind in self.reachable(stream)
        }

    def readers(self, stream: str) -> list[Pipeline]:
        """The queries that read ``stream``, in order of declaration."""
        return self._readers[stream]

    def reachable(self, stream: str) -> list[Pipeline]:
        """All queries that rows of ``stream`` can reach, through windows too."""
        found: dict[int, Pipeline] = {}
        waiting = [stream]
        while waiting:
            for pipeline in self._readers[waiting.pop()]:
                if pipeline.index not in found:
                    found[pipeline.index] = pipeline
                    waiting.append(pipeline.query.target)
        return list(found.values())

    def entered_windows(self, stream: str) -> list[Pipeline]:
        """The queries whose windows, or groups with a time to live, rows of ``stream`` enter
        themselves, not through a flush."""
        found: list[Pipeline] = []
        seen = {stream}
        waiting = [stream]
        while waiting:
            for pipeline in self._readers[waiting.pop()]:
                target = pipeline.query.target
                if pipeline.window is not None or pipeline.follows_time:
                    found.append(pipeline)
                if not pipeline.held_back and target not in seen:
                    seen.add(target)
                    waiting.append(target)
        return found

    def roots(self, pipeline: Pipeline) -> frozenset[str]:
        """The streams by whose watermarks the query goes; none where it is the app's clock."""
        return self._watermarks[pipeline.query.source]

    def follows_batches(self, pipeline: Pipeline) -> bool:
        """Whether rows that come several at once, or that a window turned away, can reach the
        query."""
        return pipeline.index in self._behind_batches

    def ranks_before(self, pipeline: Pipeline) -> set[int]:
        """The ranks of the queries whose rows can reach the query."""
        before = {pipeline.query.source}
        ranks: set[int] = set()
        for other in reversed(self.in_order):
            if other.query.target in before:
                before.add(other.query.source)
                ranks.add(self.rank[other.index])
        return ranks

    def _topological(self) -> list[Pipeline]:
        unwritten = {
            name: sum(p.query.target == name for p in self.pipelines) for name in self.plan.streams
        }
        ready = [p.index for p in self.pipelines if not unwritten[p.query.source]]
        order: list[Pipeline] = []
        while ready:
            pipeline = self.pipelines[heappop(ready)]
            order.append(pipeline)
            target = pipeline.query.target
            unwritten[target] -= 1
            if not unwritten[target]:
                for reader in self._readers[target]:
                    heappush(ready, reader.index)
        return order
