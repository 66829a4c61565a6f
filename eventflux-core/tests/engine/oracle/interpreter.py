"""Runs a plan one event at a time, depth first, as semantics 0.1, 0.3 and 5.5 say it."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cmp_to_key, reduce
from itertools import zip_longest
from typing import Any

from eventflux.base.clock import VIRTUAL_EPOCH_MS
from eventflux.planner.calls import AggregateCall, OrderKey
from eventflux.planner.plan import (
    Aggregate,
    Distinct,
    Filter,
    Having,
    Item,
    Limit,
    OrderBy,
    Plan,
    Query,
    Relation,
    Scan,
    Unnest,
    Windowed,
)
from eventflux.planner.windows import Tumbling
from eventflux.spi.functions import ScalarFunction

from .evaluate import INTEGER_RANGES, Environment, Value, evaluate

Values = tuple[Value, ...]
COUNTERS = (
    "in", "passed", "filtered", "absorbed", "late", "failed", "dropped", "queued", "fired",
    "fired_failed", "fired_filtered", "fired_dropped", "discarded",
)  # fmt: skip


@dataclass(frozen=True)
class Event:
    """A row with its event time and its place on the clock."""

    row: Mapping[str, Value]
    time: int
    place: int


@dataclass(frozen=True)
class Failure:
    """A row that a query could not process; no ``values`` where a flush failed to make one."""

    stream: str
    query: str | None
    values: Values | None


@dataclass
class Group:
    """The rows of one group: what each aggregate's argument was, and the newest row."""

    keys: Sequence[Value]
    arguments: list[Sequence[Value]] = field(default_factory=list)
    newest: Event | None = None


@dataclass(frozen=True)
class Candidate:
    """A row that came out, and what ORDER BY sorts it by."""

    event: Event
    keys: Sequence[Value]


@dataclass
class Window:
    """The open batch of a window, if there is one."""

    origin: int | None
    start: int | None = None
    end: int | None = None
    closed_until: int | None = None
    opened: int = 0
    """The how-manieth opening of any window this was, for ties of timers."""
    kept: list[tuple[Event, Sequence[Value], Sequence[Value]]] = field(default_factory=list)
    """Each row with its group keys and its aggregates' arguments."""


class RunningQuery:
    """A query's chain of relations taken apart, with its state and its counters."""

    def __init__(self, query: Query) -> None:
        self.name, self.source, self.target = query.name, query.source, query.target
        self.items = query.root.items
        self.before: list[Filter] = []
        self.after: list[Filter] = []
        self.tumbling: Tumbling | None = None
        self.aggregate: Aggregate | None = None
        self.unnest: Unnest | None = None
        self.having: list[Having] = []
        self.distinct = False
        self.order: Sequence[OrderKey] = ()
        self.limit: Limit | None = None
        relation: Relation = query.root.input
        while not isinstance(relation, Scan):
            match relation:
                case Filter():
                    self.before.insert(0, relation)
                case Windowed():
                    assert isinstance(relation.window, Tumbling)
                    self.tumbling, self.after, self.before = relation.window, self.before, []
                case Aggregate():
                    self.aggregate = relation
                case Unnest():
                    self.unnest = relation
                case Having():
                    self.having = [relation]
                case Distinct():
                    self.distinct = True
                case OrderBy():
                    self.order = relation.keys
                case Limit():
                    self.limit = relation
            relation = relation.input
        self.window = Window(self.tumbling.origin_ms if self.tumbling else None)
        self.groups: dict[Values, Group] = {}
        self.counts = dict.fromkeys(COUNTERS, 0)


class Interpreter:
    """An app; its clock is moved by :meth:`advance`, and by rows if ``moved_by_rows``.

    ``published`` holds every row of every stream in the order in which they came about,
    ``failures`` every row that failed.
    """

    def __init__(
        self,
        plan: Plan,
        functions: Mapping[str, ScalarFunction] | None = None,
        *,
        moved_by_rows: bool = True,
    ) -> None:
        self.plan = plan
        self.functions = functions or {}
        self.moved_by_rows = moved_by_rows
        self.queries = [RunningQuery(query) for query in plan.queries]
        self.published: list[tuple[str, Values]] = []
        self.failures: list[Failure] = []
        self.clock: int | None = None
        self._openings = 0
        self._ranked = self._by_rank()

    # Input

    def send(self, stream: str, values: Values, time: int | None = None) -> None:
        """One event."""
        self.send_batch(stream, [values], time)

    def send_batch(self, stream: str, rows: Iterable[Values], time: int | None = None) -> None:
        """One logical batch."""
        names = self.plan.streams[stream].schema.names
        timed: list[tuple[Mapping[str, Value], int | None]] = []
        column = self.plan.streams[stream].event_time
        for values in rows:
            row = dict(zip(names, values, strict=True))
            own = row[column] if column is not None and time is None else time
            if column is not None and own is None:
                self.failures.append(Failure(stream, None, tuple(values)))
            else:
                timed.append((row, own))
        if not timed:
            return
        latest = max((own for _, own in timed if own is not None), default=None)
        if latest is not None and self.moved_by_rows:
            self.advance(latest)
        elif self.clock is None:
            self.clock = VIRTUAL_EPOCH_MS
        now = self.clock
        assert now is not None
        self._publish(stream, [Event(r, now if t is None else t, now) for r, t in timed])

    def advance(self, now: int) -> None:
        """Fire what is due up to ``now``, in order of due time, then of queries, then of
        creation; the clock never goes back."""
        while True:
            due = [
                (q.window.end, rank, q.window.opened, q)
                for rank, q in enumerate(self._ranked)
                if q.window.end is not None and q.window.end <= now
            ]
            if not due:
                break
            end, _, _, query = min(due, key=lambda timer: timer[:3])
            self._set_clock(end)
            self._flush(query)
        self._set_clock(now)

    def flush(self) -> None:
        """Close all windows, in the order in which they are due."""
        while (due := self.next_due()) is not None:
            self.advance(due)

    def discard(self) -> None:
        """Drop what windows hold, counting it."""
        for query in self.queries:
            window = query.window
            query.counts["discarded"] += len(window.kept)
            window.closed_until = window.end if window.end is not None else window.closed_until
            window.start, window.end, window.kept = None, None, []

    def next_due(self) -> int | None:
        """When the first open window ends."""
        ends = [q.window.end for q in self.queries if q.window.end is not None]
        return min(ends, default=None)

    def counters(self) -> dict[str, dict[str, int]]:
        return {query.name: dict(query.counts) for query in self.queries}

    # Streams

    def _publish(self, stream: str, batch: list[Event]) -> None:
        if not batch:
            return
        self.published += [(stream, tuple(event.row.values())) for event in batch]
        for query in self.queries:
            if query.source == stream:
                self._read(query, batch)

    def _read(self, query: RunningQuery, batch: list[Event]) -> None:
        query.counts["in"] += len(batch)
        if query.tumbling is not None:
            for event in batch:
                self._enter(query, event)
        elif query.unnest is not None:
            self._publish(query.target, self._unnested(query, query.unnest, batch))
        elif query.aggregate is not None:
            self._publish(query.target, self._fold(query, query.aggregate, batch))
        else:
            self._publish(query.target, self._map(query, batch))

    def _map(self, query: RunningQuery, batch: list[Event]) -> list[Event]:
        out: list[Candidate] = []
        for event in batch:
            env = self._environment(event.row)
            try:
                if not self._passes(query.before, env):
                    query.counts["filtered"] += 1
                    continue
                self._give(query, out, env, event, "filtered")
            except Exception:
                self._fail(query, event)
        return self._arranged(query, out, "passed", "dropped")

    def _unnested(self, query: RunningQuery, unnest: Unnest, batch: list[Event]) -> list[Event]:
        """Several rows of each that passes, or none of one of which any fails."""
        out: list[Candidate] = []
        for event in batch:
            env = self._environment(event.row)
            made: list[Candidate] = []
            try:
                if not self._passes(query.before, env):
                    query.counts["filtered"] += 1
                    continue
                lists = [list(evaluate(call, env) or ()) for call in unnest.calls]
                for elements in zip_longest(*lists):
                    self._give(query, made, replace(env, elements=elements), event, "filtered")
            except Exception:
                self._fail(query, event)
                continue
            query.counts["absorbed"] += 1
            out += made
        return self._arranged(query, out, "fired", "fired_dropped")

    def _fold(self, query: RunningQuery, aggregate: Aggregate, batch: list[Event]) -> list[Event]:
        """Running aggregates: one row for each group that the batch touched."""
        touched: dict[Values, Sequence[Value]] = {}
        for event in batch:
            env = self._environment(event.row)
            try:
                if not self._passes(query.before, env):
                    query.counts["filtered"] += 1
                    continue
                keys, arguments = self._keys_and_arguments(aggregate, env)
            except Exception:
                self._fail(query, event)
                continue
            identity = _identity(keys)
            group = query.groups.setdefault(identity, Group(keys))
            group.arguments.append(arguments)
            group.newest = event
            if identity in touched:
                query.counts["absorbed"] += 1
            touched.setdefault(identity, keys)
        out: list[Candidate] = []
        for identity, keys in touched.items():
            group = query.groups[identity]
            assert group.newest is not None
            newest = group.newest
            values = _aggregates(aggregate.calls, group.arguments)
            try:
                env = self._environment(newest.row, keys, values)
                self._give(query, out, env, newest, "filtered")
            except Exception:
                self._fail(query, newest)
        return self._arranged(query, out, "passed", "dropped")

    # Windows

    def _enter(self, query: RunningQuery, event: Event) -> None:
        env = self._environment(event.row)
        keys: Sequence[Value] = ()
        arguments: Sequence[Value] = ()
        try:
            if not self._passes(query.before, env):
                query.counts["filtered"] += 1
                return
            kept = self._passes(query.after, env)
            if kept and query.aggregate is not None:
                keys, arguments = self._keys_and_arguments(query.aggregate, env)
        except Exception:
            self._fail(query, event)
            return
        self._open(query, event.place)
        query.counts["absorbed" if kept else "filtered"] += 1
        if kept:
            query.window.kept.append((event, keys, arguments))

    def _open(self, query: RunningQuery, place: int) -> None:
        """Make sure that the batch which takes a row at ``place`` is the open one."""
        window = query.window
        if window.end is not None and place < window.end:
            return
        self._flush(query)
        assert query.tumbling is not None
        size = query.tumbling.size_ms
        if window.origin is None:
            window.origin = place
        if window.closed_until is not None:
            place = max(place, window.closed_until)
        window.start = window.origin + math.floor((place - window.origin) / size) * size
        window.end = window.start + size
        self._openings += 1
        window.opened = self._openings

    def _flush(self, query: RunningQuery) -> None:
        window = query.window
        if window.start is None or window.end is None:
            return
        bounds = (window.start, window.end)
        kept, window.kept = window.kept, []
        window.start, window.end, window.closed_until = None, None, window.end
        aggregate = query.aggregate
        out: list[Candidate] = []
        if aggregate is None:
            for event, _, _ in kept:
                self._fire(query, out, self._environment(event.row, window=bounds), event.time)
        elif aggregate.per_row:
            so_far: list[Sequence[Value]] = []
            for event, _, arguments in kept:
                so_far.append(arguments)
                values = _aggregates(aggregate.calls, so_far)
                env = self._environment(event.row, (), values, bounds)
                self._fire(query, out, env, event.time)
        else:
            groups: dict[Values, Group] = {}
            for event, keys, arguments in kept:
                group = groups.setdefault(_identity(keys), Group(keys))
                group.arguments.append(arguments)
                group.newest = event
            for group in groups.values():
                assert group.newest is not None
                values = _aggregates(aggregate.calls, group.arguments)
                env = self._environment(group.newest.row, group.keys, values, bounds)
                self._fire(query, out, env, bounds[1] - 1)
        self._publish(query.target, self._arranged(query, out, "fired", "fired_dropped"))

    def _fire(self, query: RunningQuery, out: list[Candidate], env: Environment, time: int) -> None:
        try:
            self._give(query, out, env, Event({}, time, time), "fired_filtered")
        except Exception:
            query.counts["fired_failed"] += 1
            self.failures.append(Failure(query.source, query.name, None))

    # What comes out

    def _give(
        self,
        query: RunningQuery,
        out: list[Candidate],
        env: Environment,
        cause: Event,
        counter: str,
    ) -> None:
        if not self._passes(query.having, env):
            query.counts[counter] += 1
            return
        keys = [evaluate(key.expression, env) for key in query.order]
        event = Event(self._project(query, env), cause.time, cause.place)
        out.append(Candidate(event, keys))

    def _arranged(
        self, query: RunningQuery, found: list[Candidate], given: str, dropped: str
    ) -> list[Event]:
        """What DISTINCT, ORDER BY, OFFSET and LIMIT make of the rows of a batch."""
        kept = list(found)
        if query.distinct:
            first: dict[Values, Candidate] = {}
            for candidate in found:
                first.setdefault(_identity(list(candidate.event.row.values())), candidate)
            kept = list(first.values())
        kept.sort(key=cmp_to_key(lambda one, other: _ordered(query.order, one.keys, other.keys)))
        if query.limit is not None:
            kept = kept[query.limit.offset :]
            if query.limit.limit is not None:
                kept = kept[: query.limit.limit]
        query.counts[given] += len(kept)
        query.counts[dropped] += len(found) - len(kept)
        return [candidate.event for candidate in kept]

    # Parts of a query

    def _environment(
        self,
        row: Mapping[str, Value],
        keys: Sequence[Value] = (),
        aggregates: Sequence[Value] = (),
        window: tuple[int, int] = (0, 0),
    ) -> Environment:
        return Environment(row, keys, aggregates, window=window, functions=self.functions)

    def _passes(self, filters: Sequence[Filter | Having], env: Environment) -> bool:
        return all(evaluate(filter.condition, env) is True for filter in filters)

    def _keys_and_arguments(
        self, aggregate: Aggregate, env: Environment
    ) -> tuple[Sequence[Value], Sequence[Value]]:
        keys = [evaluate(key, env) for key in aggregate.keys]
        arguments = [
            None if call.argument is None else evaluate(call.argument, env)
            for call in aggregate.calls
        ]
        return keys, arguments

    def _project(self, query: RunningQuery, env: Environment) -> dict[str, Value]:
        return {item.name: _stored(item, evaluate(item.expression, env)) for item in query.items}

    def _fail(self, query: RunningQuery, event: Event) -> None:
        query.counts["failed"] += 1
        self.failures.append(Failure(query.source, query.name, tuple(event.row.values())))

    def _set_clock(self, now: int) -> None:
        self.clock = now if self.clock is None else max(self.clock, now)

    def _by_rank(self) -> list[RunningQuery]:
        """The queries in order of declaration, but each after all that feed it."""
        ranked: list[RunningQuery] = []
        waiting = list(self.queries)
        while waiting:
            following = next(
                query
                for query in waiting
                if not any(other.target == query.source for other in waiting)
            )
            waiting.remove(following)
            ranked.append(following)
        return ranked


def _stored(item: Item, value: Value) -> Value:
    """A value as it is stored in its column; raises where it can't be."""
    if value is None:
        if item.not_null:
            raise ValueError(f"NULL in {item.name}")
        return None
    if item.truncate:
        value = int(value)
    if item.check_range:
        low, high = INTEGER_RANGES[item.type]
        if not low <= value <= high:
            raise ValueError(f"{value} in {item.name}")
    return value


def _ordered(keys: Sequence[OrderKey], one: Sequence[Value], other: Sequence[Value]) -> int:
    """Below 0 if ``one`` stands before ``other``, above if behind it."""
    for key, a, b in zip(keys, one, other, strict=True):
        if a is None or b is None:
            order = (a is None) - (b is None)  # a NULL stands last
            order = -order if key.nulls_first else order
        else:
            order = _compared(a, b)
            order = -order if key.descending else order
        if order:
            return order
    return 0


def _compared(a: Any, b: Any) -> int:
    """NaN is above all numbers."""
    if a != a or b != b:
        return int(a != a) - int(b != b)
    return int(a > b) - int(a < b)


def _identity(keys: Sequence[Value]) -> Values:
    """Group keys as a dict can tell them apart: NaN is one group."""
    return tuple("NaN" if key != key else (key,) for key in keys)


def _aggregates(calls: Sequence[AggregateCall], rows: Sequence[Sequence[Value]]) -> list[Value]:
    return [_aggregate(call, [row[i] for row in rows]) for i, call in enumerate(calls)]


def _aggregate(call: AggregateCall, arguments: Sequence[Value]) -> Value:
    if call.argument is None:
        return len(arguments)
    present: list[Any] = [argument for argument in arguments if argument is not None]
    if call.function == "count":
        return len(present)
    if not present:
        return None
    if call.function in ("sum", "avg"):
        total = reduce(operator.add, present)
        return total if call.function == "sum" else total / len(present)
    ordered = [value for value in present if value == value]
    if not ordered:
        return math.nan
    return min(ordered) if call.function == "min" else max(ordered)
