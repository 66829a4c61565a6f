"""Rows that are late for a query, given to who reads the late rows of its stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventflux.base.clock import Clock, ManualClock
from eventflux.base.late_columns import late_of
from eventflux.base.rows import Row, values_of
from eventflux.compiler.arrival import Arrived
from eventflux.compiler.counts import QueryCounts
from eventflux.compiler.environment import Batch, Live
from eventflux.compiler.graph import Graph
from eventflux.operators.external_batches import ExternalBatches
from eventflux.operators.timed import TimedRows
from eventflux.operators.watermarks import Watermark


class LateRows:
    """Counts late rows, and passes them on."""

    __slots__ = (
        "_arrived", "_batches", "_clock", "_counts", "_graph", "_live", "_received", "_row_types",
    )  # fmt: skip

    def __init__(
        self,
        graph: Graph,
        live: Live,
        row_types: Mapping[str, type[Row]],
        counts: Mapping[int, QueryCounts],
        received: dict[str, int],
        clock: Clock,
        arrived: Arrived,
        batches: Mapping[str, Batch],
    ) -> None:
        """``batches`` are what streams are processed by, those that are there at each moment."""
        self._graph = graph
        self._live = live
        self._row_types = row_types
        self._counts = counts
        self._received = received
        self._clock = clock
        self._arrived = arrived
        self._batches = batches

    def take(self, index: int, row: Any, time: int) -> None:
        """A row that is late for a query, and its event time: as a late row it stands where the
        clock does."""
        self._counts[index].late += 1
        query = self._graph.plan.queries[index]
        stream = late_of(query.source)
        batch = self._batches.get(stream)
        if batch is None:
            return
        self._received[stream] += 1
        late = self._late_row(stream, row, query.name, self._mark(index))
        clock = self._clock
        now = clock.now_ms() if isinstance(clock, ManualClock) else self._arrived.ms
        batch([late], [time], [now])

    def _mark(self, index: int) -> int:
        live = self._live
        by_column = self._graph.pipelines[index].by_column
        watermark = live.operators[index] if by_column else live.followed[index]
        assert isinstance(watermark, Watermark | TimedRows | ExternalBatches)
        return watermark.mark

    def _late_row(self, stream: str, row: Any, query: str, mark: int) -> Row:
        of = dict(zip(row.__struct_encode_fields__, values_of(row), strict=True))
        of |= {"late_query": query, "late_watermark": mark}
        names = self._graph.plan.streams[stream].schema.names
        return self._row_types[stream](*(of[name] for name in names))
