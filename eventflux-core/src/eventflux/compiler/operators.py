"""Which data structure holds the state of a query."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from eventflux.base.state_records import StateInfo
from eventflux.base.types import DataType
from eventflux.compiler.batch_windows import session_keys
from eventflux.compiler.environment import Operator
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.sliding.expression import condition_layout
from eventflux.operators.accumulators import Codec
from eventflux.operators.contents import BufferedRows, GroupedRows
from eventflux.operators.delayed import DelayedRows
from eventflux.operators.departures import Departures
from eventflux.operators.entries import EntryWindow
from eventflux.operators.expiring import ExpiringAggregate
from eventflux.operators.external_batches import ExternalBatches
from eventflux.operators.forever import Forever
from eventflux.operators.frequent import FrequentRows, LossyFrequentRows
from eventflux.operators.grids import DAY_MS, FixedGrid, grid_of
from eventflux.operators.groups import Groups
from eventflux.operators.keyed import Keys
from eventflux.operators.length_batch import ChangingBatch, LeavingBatch, LengthBatchWindow
from eventflux.operators.limited import LimitedRows, Mode
from eventflux.operators.packing import Pack, pack, pack_any
from eventflux.operators.panes import Panes
from eventflux.operators.running import RunningAggregate
from eventflux.operators.sessions import Sessions
from eventflux.operators.sliding import JudgedRows, SlidingRows
from eventflux.operators.sort import SortedRows
from eventflux.operators.spans import Hops, Tiles
from eventflux.operators.timed import TimedRows
from eventflux.operators.timers import Time, Timers
from eventflux.operators.tumbling import TumblingWindow
from eventflux.operators.unique import UniqueRows
from eventflux.planner import windows as w
from eventflux.planner.describe import expression_text
from eventflux.planner.windows import LengthBatch, Tumbling


def operator_of(
    pipeline: Pipeline,
    accumulator: type | None,
    condition: type | None,
    timers: Timers,
    time: Time,
    rank: int,
    zone: ZoneInfo | None,
) -> Operator:
    """The state of a query that has some.

    Args:
        accumulator: the class of its groups, where it aggregates.
        condition: the class of what a condition of its window reads.
        timers: those of the app's clock.
        time: what it goes by: these, or a watermark.
        rank: orders windows that close at the same time.
        zone: the time zone of windows of whole days.
    """
    keys = len(pipeline.aggregate.keys) if pipeline.aggregate is not None else 0
    exact = pack_any if pipeline.keeps(DataType.DECIMAL, DataType.OBJECT) else pack
    codec = None
    if pipeline.layout is not None and accumulator is not None:
        codec = Codec(accumulator, pipeline.layout.fields())
    window = pipeline.window
    if window is None:
        assert codec is not None, "without a window only an aggregate has state"
        running = Groups(codec, keys, exact)
        ttl = None if pipeline.aggregate is None else pipeline.aggregate.state_ttl_ms
        return RunningAggregate(running) if ttl is None else ExpiringAggregate(running, ttl)
    if pipeline.leaves_by_time:
        return TimedRows(None if codec is None else Groups(codec, keys, exact), exact)
    if window.family == "sliding":
        groups = None if codec is None else Groups(codec, keys, exact)
        return _sliding(pipeline, groups, exact, condition)

    def contents(*tag: bytes) -> BufferedRows | GroupedRows:
        if not pipeline.folds_batches:
            return BufferedRows(exact, b"".join((*tag, b"r")))
        assert codec is not None, "what folds is an aggregate"
        return GroupedRows(codec, keys, exact, tag=b"".join((*tag, b"g")), ordered=True)

    leave = pipeline.gives_batches_expired
    alone = time is timers and not (pipeline.gives_early or leave)
    match window:
        case LengthBatch(rows=rows):
            kept = contents()
            if pipeline.gives_changes and isinstance(kept, GroupedRows):
                return ChangingBatch(kept, rows)
            if pipeline.gives_batches_expired and isinstance(kept, BufferedRows):
                return LeavingBatch(kept, rows, BufferedRows(exact, b"b"))
            return LengthBatchWindow(kept, rows)
        case Tumbling(size_ms=size, origin_ms=origin, fixed=fixed):
            grid = grid_of(size, origin, None if fixed else zone)
            if alone:
                return TumblingWindow(contents(), grid, timers, rank)
            return Panes(contents, Tiles(grid), time, rank, leave=leave)
        case w.Cron(expression=expression):
            from eventflux.operators.cron_grid import CronGrid  # of a library that few need

            cron = CronGrid(expression, zone)
            if alone:
                return TumblingWindow(contents(), cron, timers, rank)
            return Panes(contents, Tiles(cron), time, rank, leave=leave)
        case w.Hop(size_ms=size, slide_ms=slide, offset_ms=offset):
            hops = Hops(grid_of(slide, offset, None if size % DAY_MS else zone), size)
            return Panes(contents, hops, time, rank, leave=leave)
        case w.Delay(size_ms=size):
            return DelayedRows(size, exact, time, rank)
        case w.OutputRows() | w.OutputTime():
            return _limited(window, exact, time, rank)
        case w.ExternalTimeBatch(size_ms=size, start_ms=start, timeout_ms=timeout):
            tiles = Tiles(FixedGrid(size, start))
            return ExternalBatches(contents, tiles, timers, rank, timeout, leave=leave)
        case w.Session(gap_ms=gap, latency_ms=latency):
            own = Keys(len(session_keys(pipeline)), exact)
            folds = codec if pipeline.folds_batches else None
            return Sessions(gap, latency, own, folds, Keys(keys, exact), exact, time, rank)
    raise TypeError(f"nothing holds the rows of {type(window).__name__}")


def departures_of(pipeline: Pipeline, operator: Operator, time: Time, rank: int) -> Departures:
    """What has rows leave the window of a query by time alone."""
    window = pipeline.window
    if isinstance(window, w.Unique | w.FirstUnique):
        assert isinstance(operator, UniqueRows)
        assert window.ttl_ms is not None
        return Departures(operator.oldest_place, window.ttl_ms, time, rank)
    assert isinstance(window, w.Time | w.TimeLength)
    assert isinstance(operator, SlidingRows | TimedRows)
    times = operator.times
    assert times is not None
    return Departures(lambda: times[0] if times else None, window.size_ms, time, rank)


def forever_of(pipeline: Pipeline) -> Forever | None:
    """What outlives the windows of a query, beside its operator."""
    aggregate = pipeline.aggregate
    if aggregate is None or not pipeline.forever:
        return None
    exact = pack_any if pipeline.keeps(DataType.DECIMAL) else pack
    highest = [aggregate.calls[index].function == "max_forever" for index in pipeline.forever]
    return Forever(highest, Keys(len(aggregate.keys), exact), exact, aggregate.state_ttl_ms)


def _limited(
    window: w.OutputRows | w.OutputTime, exact: Pack, time: Time, rank: int
) -> LimitedRows:
    """What holds the rows of a query behind which OUTPUT stands."""
    mode: Mode = window.mode if window.mode != "first" or window.at_end else "first at once"
    rows = window.rows if isinstance(window, w.OutputRows) else None
    every = None if isinstance(window, w.OutputRows) else window.every_ms
    return LimitedRows(mode, rows, every, len(window.keys), exact, time, rank)


def _sliding(
    pipeline: Pipeline, groups: Groups | None, exact: Pack, condition: type | None
) -> SlidingRows | EntryWindow:
    """What holds the rows of a sliding window, which are folded into ``groups``, if any."""
    arguments = () if pipeline.layout is None else pipeline.layout.arguments
    values = len(arguments) + len(pipeline.kept)
    match pipeline.window:
        case w.Length() | w.Time() | w.TimeLength() as window:
            figured = [i for i, a in enumerate(arguments) if a.figures is not None]
            apart = [i for i in figured if not arguments[i].nullable]
            return SlidingRows(groups, values, window.timed, exact, figured, apart)
        case w.Expression():
            judging = condition_layout(pipeline)
            assert judging is not None
            assert condition is not None
            count = values + len(judging.arguments)
            return JudgedRows(groups, count, Codec(condition, judging.fields()), exact)
        case w.Sort(keys=by):
            return SortedRows(groups, [key.descending for key in by], exact)
        case w.Unique(columns=columns, ttl_ms=ttl) | w.FirstUnique(columns=columns, ttl_ms=ttl):
            own, numbered = Keys(len(columns), exact), pipeline.order_shows
            return UniqueRows(groups, own, ttl is not None, exact, numbered=numbered)
        case w.Frequent(counters=counters, columns=columns):
            return FrequentRows(counters, groups, Keys(len(columns), exact), exact)
        case w.LossyFrequent(support=support, error=error, columns=columns):
            return LossyFrequentRows(support, error, groups, Keys(len(columns), exact), exact)
    raise TypeError(f"nothing holds the rows of {type(pipeline.window).__name__}")


def state_info(pipeline: Pipeline, form: str) -> StateInfo:
    """What the state of a query is, for people, and its form."""
    keys = () if pipeline.aggregate is None else pipeline.aggregate.keys
    window = pipeline.window
    kind = "running aggregate" if window is None else f"{type(window).__name__} window"
    if isinstance(window, w.OutputRows | w.OutputTime):
        kind = "rows that OUTPUT holds"
    return StateInfo(pipeline.query.name, kind, tuple(map(expression_text, keys)), form)
