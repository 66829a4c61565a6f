"""A query's plan as the steps that its code takes, in order."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from eventflux.base.types import DataType
from eventflux.compiler.aggregates import Layout, Leaving
from eventflux.compiler.facts import Facts
from eventflux.compiler.leaving import (
    leaves_by_clock,
    leaves_by_time,
    leaving_of,
    may_leave_at_once,
)
from eventflux.compiler.raising import may_raise
from eventflux.planner import expressions as e
from eventflux.planner import windows as w
from eventflux.planner.aggregates import FOREVER
from eventflux.planner.calls import OrderKey
from eventflux.planner.expressions import EVENT_TIME
from eventflux.planner.plan import (
    Aggregate,
    Filter,
    Having,
    Item,
    Limit,
    Query,
    Unnest,
)
from eventflux.planner.rewriting import columns_of
from eventflux.planner.windows import AnyWindow, LengthBatch

_UNBOUNDED = (LengthBatch, w.Delay, w.OutputRows, w.OutputTime)
"""Windows that hold rows back and have no start and end in time."""


def key_columns(aggregate: Aggregate) -> tuple[e.Column, ...]:
    """The keys of a group as columns of its last row: none of a stream is called so."""
    keys = enumerate(aggregate.keys)
    return tuple(e.Column(f"\0{i}", key.type, key.nullable) for i, key in keys)


class Clauses(msgspec.Struct, frozen=True):
    """What is done to the rows of a logical batch that come out, in order."""

    having: tuple[Having, ...] = ()
    """At most one."""
    distinct: bool = False
    order: tuple[OrderKey, ...] = ()
    limit: Limit | None = None

    @property
    def arrange(self) -> bool:
        """Whether rows may change their order, or be dropped."""
        return self.distinct or bool(self.order) or self.limit is not None

    @property
    def swallow_one(self) -> bool:
        """Whether they leave nothing of a batch of one."""
        return self.limit is not None and self.limit.swallows_one

    def expressions(self) -> Iterator[e.Expression]:
        yield from (having.condition for having in self.having)
        yield from (key.expression for key in self.order)


class Pipeline(msgspec.Struct, frozen=True):
    """Filters, then perhaps a window, filters again, perhaps an aggregate, then the clauses that
    look at what comes out, and the items."""

    index: int
    """The place of the query among the app's queries, from 0."""
    query: Query
    before: tuple[Filter, ...]
    window: AnyWindow | None
    after: tuple[Filter, ...]
    aggregate: Aggregate | None
    clauses: Clauses
    items: tuple[Item, ...]
    not_null: Facts
    """Columns that are not NULL behind all filters."""
    bare: tuple[e.Column, ...]
    """Columns that the clauses and items read of a row itself, not of an aggregate."""
    layout: Layout | None
    by_watermark: bool
    """Whether time, for its window, is a watermark."""
    unnest: Unnest | None = None
    """What makes several rows of each, which are a logical batch; then there is no state."""

    @property
    def reads_event_time(self) -> bool:
        """Whether it asks for the event time of its rows: by eventTimestamp()."""
        return any(EVENT_TIME in columns_of(expression) for expression in self.expressions())

    @property
    def gives_changes(self) -> bool:
        """Whether rows that enter its batch window give what their group has come to."""
        emit = self.query.root.emit
        return emit is not None and emit.mode == "changes"

    @property
    def every_ms(self) -> int | None:
        """How far the ticks are apart at which it tells of groups that have changed."""
        emit = self.query.root.emit
        return None if emit is None else emit.every_ms

    @property
    def ticks(self) -> bool:
        return self.every_ms is not None

    @property
    def snapshot(self) -> bool:
        """Whether it tells of all that it holds, at the end of a period."""
        emit = self.query.root.emit
        return emit is not None and emit.mode == "snapshot"

    @property
    def tells_window(self) -> bool:
        """Whether that is what its window holds: rows, or the groups of windows that are open."""
        return self.snapshot and (self.aggregate is None or self.in_batches)

    @property
    def waits(self) -> bool:
        """Whether its rows wait for the watermark before they enter."""
        emit = self.query.root.emit
        return emit is not None and emit.mode == "final"

    @property
    def gives_current(self) -> bool:
        """Whether rows come out for those that enter its window."""
        events = self.query.root.events
        return events is None or events.which == "all"

    @property
    def gives_expired(self) -> bool:
        """Whether rows come out for those that leave its window, one by one."""
        return self.query.root.events is not None and not self.in_batches

    @property
    def gives_batches_expired(self) -> bool:
        """Whether they do for the rows of a window that has closed, when the next one does."""
        return self.query.root.events is not None and self.in_batches

    @property
    def kept(self) -> tuple[e.Column, ...]:
        """The columns that its window, which slides, keeps of a row to tell of it later."""
        return self.bare if self.tells_rows else ()

    @property
    def tells_rows(self) -> bool:
        """Whether its window, which slides, tells of rows that have entered before: of those that
        leave, or of all."""
        return self.gives_expired or (self.tells_window and not self.in_batches)

    @property
    def gives_departures(self) -> bool:
        """Whether rows come out for those that time alone makes leave its window."""
        return self.gives_expired and self.leaves_by_clock

    @property
    def fired_from(self) -> bool:
        """Whether time has rows come out, and not only those that come in."""
        return self.held_back or self.gives_departures

    @property
    def gives_batches(self) -> bool:
        """Whether rows come out several at once, though those that it reads come one by one."""
        return self.fired_from or self.unnest is not None

    @property
    def hands_on(self) -> bool:
        """Whether a row that comes in gives its own, which is taken as it comes."""
        return not self.held_back and self.unnest is None

    @property
    def counts_apart(self) -> bool:
        """Whether the rows that come out are others than those that came in, and counted so."""
        return not self.hands_on or not self.gives_current

    @property
    def gives_early(self) -> bool:
        """Whether its batch window gives rows before it closes."""
        return self.gives_changes or self.ticks

    @property
    def filters(self) -> tuple[Filter, ...]:
        return self.before + self.after

    @property
    def in_batches(self) -> bool:
        """Whether rows wait in a window for a row of their own, or for none."""
        return self.window is not None and self.window.family != "sliding"

    @property
    def held_back(self) -> bool:
        """Whether its rows come out later than those that it reads come in."""
        return self.in_batches or self.ticks or self.waits

    @property
    def leaving(self) -> Leaving:
        """Which rows leave the accumulators that they have been folded into."""
        return leaving_of(self.window, self.by_watermark)

    @property
    def order_shows(self) -> bool:
        """Whether it shows in which order rows leave that leave at one time: they are told of, or
        taken back from accumulators that have the oldest first."""
        return self.gives_departures or (self.layout is not None and self.leaving == "oldest")

    @property
    def by_column(self) -> bool:
        """Whether a column of its rows is the time of its window."""
        return isinstance(self.window, w.ExternalTime | w.ExternalTimeBatch)

    @property
    def leaves_by_time(self) -> bool:
        """Whether rows of its window leave in order of their time, in whatever order they came."""
        return leaves_by_time(self.window, self.by_watermark)

    @property
    def turns_rows_away(self) -> bool:
        """Whether conditions decide which of its rows it takes, as they come."""
        return bool(self.filters) or (bool(self.clauses.having) and not self.held_back)

    @property
    def may_leave_at_once(self) -> bool:
        """Whether a row that enters its window can leave it in the same step."""
        return may_leave_at_once(self.window, self.by_watermark)

    @property
    def folds_batches(self) -> bool:
        """Whether a window's rows go straight into accumulators, one row a group at the end."""
        return self.in_batches and self.aggregate is not None and not self.per_row

    @property
    def gives_groups(self) -> bool:
        """Whether what it gives later is a row for each of some groups."""
        return self.folds_batches or (self.ticks and self.aggregate is not None)

    @property
    def leaves_by_clock(self) -> bool:
        """Whether time alone makes rows leave its window, though nothing comes."""
        return leaves_by_clock(self.window)

    @property
    def forever(self) -> tuple[int, ...]:
        """Which of its aggregates outlive the windows that close."""
        if self.aggregate is None or self.window is None or self.window.family != "batch":
            return ()
        calls = enumerate(self.aggregate.calls)
        return tuple(index for index, call in calls if call.function in FOREVER)

    @property
    def flushed_by_time(self) -> bool:
        """Whether its window has a start and an end; else a row fills it."""
        return self.in_batches and not isinstance(self.window, _UNBOUNDED)

    @property
    def per_row(self) -> bool:
        return self.aggregate is not None and self.aggregate.per_row

    @property
    def expires(self) -> bool:
        """Whether its groups have a time to live."""
        return self.layout is not None and self.layout.expires

    @property
    def follows_time(self) -> bool:
        """Whether the clock, or a watermark, ends what it keeps."""
        timed = self.window is not None and self.window.timed
        return self.expires or self.ticks or self.waits or self.gives_departures or timed

    @property
    def stateful(self) -> bool:
        return self.window is not None or self.aggregate is not None

    @property
    def may_fail(self) -> bool:
        """Whether any row can make its code raise."""
        match self.window:
            case w.ExternalTime(column=column) | w.ExternalTimeBatch(column=column):
                if column.nullable:
                    return True
        items = any(i.check_range or i.truncate or i.not_null for i in self.items)
        return items or any(map(may_raise, self.expressions()))

    def keeps(self, *types: DataType) -> bool:
        """Whether its state holds values of one of ``types``."""
        kept: list[e.Expression] = list(self.bare)
        if self.aggregate is not None:
            kept += self.aggregate.keys
            kept += _asked(self.aggregate)
        if self.window is not None:
            kept += self.window.read
        return any(expression.type in types for expression in kept)

    def expressions(self) -> Iterator[e.Expression]:
        """All expressions of the query."""
        for condition in self.filters:
            yield condition.condition
        if self.window is not None:
            yield from self.window.read
        if self.aggregate is not None:
            yield from self.aggregate.keys
            yield from _asked(self.aggregate)
        yield from () if self.unnest is None else self.unnest.calls
        yield from self.clauses.expressions()
        for item in self.items:
            yield item.expression


def _asked(aggregate: Aggregate) -> Iterator[e.Expression]:
    """The arguments and conditions of its calls, and what these are ordered by."""
    for call in aggregate.calls:
        yield from (part for part in (call.argument, call.filter) if part is not None)
        yield from (key.expression for key in call.order)
