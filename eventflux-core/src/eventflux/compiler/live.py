"""What the queries and triggers of an app keep while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventflux.compiler.aggregates import RUNTIME, Layout, class_source
from eventflux.compiler.environment import Live
from eventflux.compiler.generated import Generated
from eventflux.compiler.graph import Graph
from eventflux.compiler.operators import departures_of, forever_of, operator_of
from eventflux.compiler.sliding.expression import condition_layout
from eventflux.compiler.ticks import ticks_of
from eventflux.compiler.triggers import triggers_of
from eventflux.compiler.waiting import waiting_of
from eventflux.operators.keyed import marked
from eventflux.operators.timers import Time, Timers
from eventflux.operators.watermarks import WatermarkOptions, Watermarks
from eventflux.planner.settings import time_zone


def live_of(
    graph: Graph,
    own: Mapping[str, Any],
    generated: Generated,
    timers: Timers,
    options: Mapping[str, WatermarkOptions],
) -> Live:
    """All of an app, empty.

    Args:
        graph: its queries.
        own: what classes of groups refer to by name, of aggregates of the program's own.
        generated: runs the source of these classes.
        timers: those of the app's clock.
        options: those of watermarks, by the streams that have some.
    """
    plan, rank = graph.plan, graph.rank
    stateful = [p for p in graph.pipelines if p.stateful]
    timed = [p for p in stateful if p.follows_time]
    watermarks = Watermarks(
        {
            name: options.get(name, WatermarkOptions())
            for name, stream in plan.streams.items()
            if stream.watermark is not None
        },
        (graph.roots(p) for p in timed),
        timers,
    )
    found = ((p.index, watermarks.of(graph.roots(p))) for p in timed)
    followed = {index: watermark for index, watermark in found if watermark is not None}
    times: dict[int, Time] = {p.index: followed.get(p.index, timers) for p in stateful}
    zone = time_zone(plan.settings)

    def class_of(layout: Layout, name: str) -> type:
        known = {**RUNTIME, **own}
        made: type = generated.run(class_source(layout, name), known, (name,), name)[name]
        return made

    accumulators: dict[int, type] = {}
    conditions: dict[int, type] = {}
    for pipeline in graph.pipelines:
        number = pipeline.index + 1
        if pipeline.layout is not None:
            accumulators[pipeline.index] = marked(class_of(pipeline.layout, f"Group_{number}"))
        judged = condition_layout(pipeline)
        if judged is not None:
            conditions[pipeline.index] = class_of(judged, f"Window_{number}")
    operators = {
        p.index: operator_of(
            p,
            accumulators.get(p.index),
            conditions.get(p.index),
            timers,
            times[p.index],
            rank[p.index],
            zone,
        )
        for p in stateful
    }
    return Live(
        watermarks=watermarks,
        followed=followed,
        accumulators=accumulators,
        operators=operators,
        forever={p.index: kept for p in stateful if (kept := forever_of(p)) is not None},
        ticks={
            p.index: ticks_of(p, operators[p.index], times[p.index], rank[p.index], zone)
            for p in stateful
            if p.ticks
        },
        waiting={
            p.index: waiting_of(plan, p, followed[p.index], rank[p.index])
            for p in stateful
            if p.waits
        },
        departures={
            p.index: departures_of(p, operators[p.index], times[p.index], rank[p.index])
            for p in stateful
            if p.gives_departures
        },
        triggers=triggers_of(plan, timers, zone),
    )
