"""The end of an app without a store: what is unfinished comes out, in order of the queries."""

from __future__ import annotations

from eventflux.base.clock import Clock
from eventflux.compiler.environment import Live
from eventflux.compiler.graph import Graph
from eventflux.operators.external_batches import ExternalBatches
from eventflux.operators.length_batch import LengthBatchWindow
from eventflux.operators.limited import LimitedRows
from eventflux.operators.timers import Timers


def close_windows(graph: Graph, live: Live, timers: Timers, clock: Clock) -> None:
    """Close all windows: what time would close as if all time had passed, the others now,
    each when nothing before it can give a row any more."""
    for pipeline in graph.in_order:
        window = live.operators.get(pipeline.index)
        if not isinstance(window, LengthBatchWindow | ExternalBatches | LimitedRows):
            continue
        before = graph.ranks_before(pipeline)
        if pipeline.snapshot:
            before.add(graph.rank[pipeline.index])
        live.watermarks.run_out(before)
        timers.run_out(before)
        if not isinstance(window, LimitedRows):
            window.close(clock.now_ms())
        elif window.counts:
            window.close()
    live.watermarks.run_out()
    timers.run_out()


def give_what_is_limited(graph: Graph, live: Live) -> None:
    """Give out what OUTPUT holds back."""
    for pipeline in graph.in_order:
        held = live.operators.get(pipeline.index)
        if isinstance(held, LimitedRows):
            held.close()
