"""The code of aggregates that outlive the windows that close: ``min_forever``, ``max_forever``."""

from __future__ import annotations

from collections.abc import Sequence

from eventflux.compiler.bodies import Writer
from eventflux.compiler.pieces import Variable
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.source import Source


def write_forget(source: Source, writer: Writer, pipeline: Pipeline, now: str) -> None:
    """What is due when windows close at ``now``: groups may have been idle for too long."""
    aggregate = pipeline.aggregate
    if pipeline.forever and aggregate is not None and aggregate.state_ttl_ms is not None:
        source.line(f"{_forever(writer, pipeline)}.forget({now})")


def write_forever(
    source: Source, writer: Writer, pipeline: Pipeline, key: str, found: Sequence[Variable]
) -> tuple[Variable, ...]:
    """The aggregates of a group within one window as ``found``, with what all windows before
    have come to. It lasts, unless the window only gives what changed and goes on."""
    if not pipeline.forever:
        return tuple(found)
    own = ", ".join(found[index].text for index in pipeline.forever)
    values, forever = writer.names.fresh("forever"), _forever(writer, pipeline)
    take = f"{forever}.last"
    if pipeline.gives_early:
        operator = writer.bind(
            f"window_{pipeline.query.name}", writer.env.operators[pipeline.index]
        )
        take = f"({forever}.last if {operator}.closing else {forever}.so_far)"
    source.line(f"{values} = {take}({key}, ({own},))")
    results = list(found)
    for place, index in enumerate(pipeline.forever):
        results[index] = Variable(f"{values}[{place}]", found[index].nullable)
    return tuple(results)


def _forever(writer: Writer, pipeline: Pipeline) -> str:
    return writer.bind(f"forever_{pipeline.query.name}", writer.env.forever[pipeline.index])
