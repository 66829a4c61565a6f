"""What is known of an app, asked by stream and query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from eventflux.base.error_columns import whose_errors
from eventflux.base.insight import Fate, Holding
from eventflux.base.late_columns import whose_late
from eventflux.base.side_streams import owner_of
from eventflux.planner.plan import Plan, Query
from eventflux.runtime.standing import Standing


class Facts(msgspec.Struct, frozen=True):
    """A plan, the settings of its app, and how that stands."""

    plan: Plan
    settings: Mapping[str, str]
    standing: Standing

    def published(self, stream: str) -> int:
        """How many rows a stream has had; of errors and late rows also those that nobody read."""
        read = self.standing.stats["streams"].get(stream, {}).get("published", 0)
        return max(read, self._beside(stream))

    def _beside(self, stream: str) -> int:
        """How many rows failed, or were late, that the stream ``stream`` has."""
        if (failing := whose_errors(stream)) is not None:
            return self.standing.stats["streams"].get(failing, {}).get("errors", 0)
        readers = (q for q in self.plan.queries if q.source == whose_late(stream))
        return sum(self.counters(query)["late"] for query in readers)

    def counters(self, query: Query) -> dict[str, int]:
        return self.standing.stats["queries"][query.name]

    def holding(self, query: Query) -> Holding | None:
        """What a query holds, if it has state."""
        return self.standing.insight.holdings.get(query.name)

    def fate(self, query: Query) -> Fate | None:
        """What became of the last row that the query read, where that is known."""
        return self.standing.insight.fates.get(query.name)

    def error(self, stream: str) -> str:
        """The last error of a stream itself; empty if there is none."""
        return self.standing.errors.get((stream, None), "")

    def error_in(self, query: Query) -> str:
        """The last error of a query; empty if there is none."""
        return self.standing.errors.get((self.errors_home(query), query.name), "")

    def errors_home(self, query: Query) -> str:
        """The stream that the errors of a query belong to: not one inside the query."""
        homes = (stream for stream, name in self.standing.errors if name == query.name)
        return next(homes, query.source)

    def last_s(self, stream: str) -> float | None:
        """How many seconds ago the last row came, where that is known."""
        sink = self.standing.sinks.get(stream)
        return self.standing.last_s.get(stream) if sink is None else sink.last_s

    def unread(self, stream: str) -> bool:
        """Whether a stream at the side of another has nobody in the program who reads it."""
        return owner_of(stream) is not None and stream not in self.plan.streams

    def enters(self, stream: str) -> bool:
        """Whether rows come in by a stream itself, from outside or as errors."""
        known = self.plan.streams.get(stream)
        return known is None or known.role == "source" or owner_of(stream) is not None

    def streams_to(self, stream: str) -> Iterator[str]:
        """``stream`` and all whose rows can reach it, each once, the nearest first."""
        found, waiting = {stream}, [stream]
        while waiting:
            name = waiting.pop(0)
            yield name
            before = [query.source for query in self.plan.writers(name)]
            owner = owner_of(name)
            for other in before if owner is None else [*before, owner]:
                if other not in found:
                    found.add(other)
                    waiting.append(other)

    def sources_of(self, stream: str) -> Iterator[str]:
        """The streams with a source whose rows can reach ``stream``."""
        return (name for name in self.streams_to(stream) if name in self.standing.sources)
