"""EMIT EVERY and OUTPUT SNAPSHOT: how code notes what there is to tell, and what tells of it
(semantics 5.16, 9.4)."""

from __future__ import annotations

from functools import partial
from zoneinfo import ZoneInfo

from eventflux.base.types import DataType
from eventflux.compiler.environment import Operator, Writer
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.source import Source
from eventflux.operators.entries import EntryWindow
from eventflux.operators.grids import grid_of
from eventflux.operators.groups import Groups
from eventflux.operators.length_batch import LengthBatchWindow
from eventflux.operators.packing import pack, pack_any
from eventflux.operators.panes import Panes
from eventflux.operators.running import RunningAggregate
from eventflux.operators.sessions import Sessions
from eventflux.operators.sliding import SlidingRows
from eventflux.operators.snapshots import GroupSnapshots, Snapshots, Telling
from eventflux.operators.ticks import GiveGroups, Ticks, by_window, telling_groups
from eventflux.operators.timers import Time


def ticks_of(
    pipeline: Pipeline,
    operator: Operator,
    time: Time,
    rank: int,
    zone: ZoneInfo | None,
) -> Telling:
    """When a query of EMIT EVERY tells of the groups of its ``operator`` that have changed, or one
    of OUTPUT SNAPSHOT of all."""
    assert pipeline.every_ms is not None
    if pipeline.tells_window:
        return _snapshots(pipeline, operator, time, rank)
    assert pipeline.aggregate is not None, "without a window there are groups to tell of"
    keys = len(pipeline.aggregate.keys)
    exact = pack_any if pipeline.keeps(DataType.DECIMAL, DataType.OBJECT) else pack
    if pipeline.snapshot:
        assert isinstance(operator, RunningAggregate | SlidingRows | EntryWindow)
        assert operator.groups is not None
        return GroupSnapshots(operator.groups.by_key, pipeline.every_ms, keys, exact, time, rank)
    windows = isinstance(operator, Panes | Sessions)
    grid = grid_of(pipeline.every_ms, 0, zone)
    ticks = Ticks(grid, keys + windows, exact, time, rank, in_windows=windows)
    if isinstance(operator, Panes | Sessions):
        tell = operator.tell
        ticks.tell = lambda due, changed: tell(due, by_window(changed, keys))
    if isinstance(operator, Sessions):
        operator.ticks = ticks
    return ticks


def _snapshots(pipeline: Pipeline, operator: Operator, time: Time, rank: int) -> Snapshots:
    """When a query tells of what its window, ``operator``, holds."""
    assert pipeline.every_ms is not None
    snapshots = Snapshots(pipeline.every_ms, time, rank)
    if isinstance(operator, SlidingRows | EntryWindow):
        snapshots.held = partial(operator.told_rows, len(pipeline.kept))
        return snapshots
    if isinstance(operator, Panes | Sessions):
        operator.before_closing = snapshots.end
    assert isinstance(operator, Panes | Sessions | LengthBatchWindow)
    snapshots.held = operator.open_windows
    return snapshots


def tell_of_groups(ticks: Telling, pipeline: Pipeline, groups: Groups, give: GiveGroups) -> None:
    """Have ``ticks`` give, of a query without batches, a row for each group that has changed."""
    may_be_empty = pipeline.layout is not None and pipeline.layout.keeps_empty_groups
    ticks.tell = telling_groups(groups, give, may_be_empty=may_be_empty)


def write_note(source: Source, writer: Writer, pipeline: Pipeline, place: str, *keys: str) -> None:
    """Note that a group has changed, by the parts of its key, where it is told of that at a
    tick, or that the window has a row, where all of that is told of."""
    if not pipeline.ticks:
        return
    ticks = writer.bind(f"ticks_{pipeline.query.name}", writer.env.live.ticks[pipeline.index])
    if pipeline.tells_window:
        source.line(f"{ticks}.wait({place})")
    else:
        key = keys[0] if len(keys) == 1 else f"({', '.join(keys)})"
        source.line(f"{ticks}.note({key}, {place})")
