"""Which data structure holds the state of a query."""

from __future__ import annotations

from eventflux.base.state_records import StateInfo
from eventflux.base.types import DataType
from eventflux.compiler.bodies import Operator
from eventflux.compiler.pipeline import Pipeline
from eventflux.operators.accumulators import Codec
from eventflux.operators.groups import Groups
from eventflux.operators.length_batch import LengthBatchWindow
from eventflux.operators.packing import pack, pack_any
from eventflux.operators.running import RunningAggregate
from eventflux.operators.sliding import SlidingRows
from eventflux.operators.timers import Timers
from eventflux.operators.tumbling import BufferedRows, GroupedRows, TumblingWindow
from eventflux.planner.describe import expression_text
from eventflux.planner.windows import LengthBatch, Tumbling


def operator_of(
    pipeline: Pipeline, accumulator: type | None, timers: Timers, rank: int
) -> Operator:
    """The state of a query that has some.

    ``accumulator`` is the class of its groups, where it aggregates; ``rank`` orders windows that
    close at the same time.
    """
    keys = len(pipeline.aggregate.keys) if pipeline.aggregate is not None else 0
    exact = pack_any if pipeline.keeps(DataType.DECIMAL, DataType.OBJECT) else pack
    codec = None
    if pipeline.layout is not None and accumulator is not None:
        codec = Codec(accumulator, pipeline.layout.fields())
    window = pipeline.window
    if window is None:
        assert codec is not None, "without a window only an aggregate has state"
        return RunningAggregate(Groups(codec, keys, exact))
    if window.family == "sliding":
        assert codec is not None, "without aggregates nothing is held"
        assert pipeline.layout is not None
        groups = Groups(codec, keys, exact)
        return SlidingRows(groups, len(pipeline.layout.arguments), window.timed, exact)
    contents: BufferedRows | GroupedRows = BufferedRows(exact)
    if pipeline.folds_batches:
        assert codec is not None, "what folds is an aggregate"
        contents = GroupedRows(codec, keys, exact, ordered=True)
    match window:
        case LengthBatch(rows=rows):
            return LengthBatchWindow(contents, rows)
        case Tumbling(size_ms=size, origin_ms=origin):
            return TumblingWindow(contents, size, origin, timers, rank)
    raise TypeError(f"nothing holds the rows of {type(window).__name__}")


def state_info(pipeline: Pipeline) -> StateInfo:
    """What the state of a query is, for people."""
    keys = () if pipeline.aggregate is None else pipeline.aggregate.keys
    window = pipeline.window
    kind = "running aggregate" if window is None else f"{type(window).__name__} window"
    return StateInfo(pipeline.query.name, kind, tuple(map(expression_text, keys)))
