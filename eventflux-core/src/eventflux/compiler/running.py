"""The code of aggregates without a window: values since the start, or since a group was idle for
as long as it lives."""

from __future__ import annotations

from collections.abc import Sequence

from eventflux.compiler.environment import Writer
from eventflux.compiler.folding import write_fold
from eventflux.compiler.pieces import Scope, Variable
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.places import Arrival
from eventflux.compiler.source import Source


def write_running(
    source: Source, writer: Writer, pipeline: Pipeline, scope: Scope, arrival: Arrival
) -> Scope:
    """Fold a row into its group; gives the scope of the output row."""
    if not pipeline.expires:
        return write_fold(source, writer, pipeline, scope)
    operator = writer.bind(
        f"expiring_{pipeline.query.name}", writer.env.live.operators[pipeline.index]
    )
    now = arrival.mark or arrival.place

    def forget() -> None:
        source.line(f"{operator}.forget({now})")

    def renew(group: str, arguments: Sequence[Variable]) -> None:
        source.line(f"{operator}.renew({group}, {arrival.place})")

    return write_fold(source, writer, pipeline, scope, forget, on_group=renew)
