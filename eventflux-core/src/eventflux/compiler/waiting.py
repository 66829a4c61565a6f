"""EMIT FINAL over values that run on: rows wait until the watermark has passed them, and then enter
in order of time (semantics 5.16)."""

from __future__ import annotations

from collections.abc import Callable

from eventflux.base.types import DataType
from eventflux.compiler.environment import Writer
from eventflux.compiler.pieces import Scope, Variable
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.places import Arrival, unless_late
from eventflux.compiler.source import Source
from eventflux.operators.delayed import DelayedRows
from eventflux.operators.packing import pack, pack_any
from eventflux.operators.timers import Time
from eventflux.planner.plan import Plan


def waiting_of(plan: Plan, pipeline: Pipeline, time: Time, rank: int) -> DelayedRows:
    """What holds the rows of a query of EMIT FINAL, whole, until ``time`` has passed them."""
    columns = plan.streams[pipeline.query.source].schema.columns
    exact = any(column.type in (DataType.DECIMAL, DataType.OBJECT) for column in columns)
    return DelayedRows(1, pack_any if exact else pack, time, rank)


def write_wait(
    source: Source,
    writer: Writer,
    pipeline: Pipeline,
    scope: Scope,
    arrival: Arrival,
    count: Callable[[], None],
) -> None:
    """Have a row wait; one that the watermark has passed is late. ``count`` writes how one that
    waits is counted."""
    late = f"{arrival.place} < {arrival.mark}"
    with unless_late(source, writer, pipeline, late, arrival.row, arrival.time):
        held = writer.bind(
            f"waiting_{pipeline.query.name}", writer.env.live.waiting[pipeline.index]
        )
        values = [scope.columns[name].text for name in writer.schema(pipeline.query.source).names]
        source.line(f"{held}.add({arrival.place}, ({', '.join([*values, arrival.time])},))")
        count()


def waited(writer: Writer, pipeline: Pipeline) -> tuple[Scope, list[str], str]:
    """The names of a row that has waited, and the text that makes it."""
    schema = writer.schema(pipeline.query.source)
    columns = {c.name: Variable(writer.names.fresh(c.name), c.nullable) for c in schema.columns}
    names = [variable.text for variable in columns.values()]
    row = f"{writer.row_type(pipeline.query.source)}({', '.join(names)})"
    return Scope(columns), names, row
