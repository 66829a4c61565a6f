"""What generated code is bound to, and a function of it under construction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Protocol

import msgspec

from eventflux.base.clock import Clock
from eventflux.base.late_columns import whose_late
from eventflux.base.rows import field_names
from eventflux.base.types import Schema
from eventflux.compiler.aggregates import RUNTIME
from eventflux.compiler.calls import Ambient
from eventflux.compiler.expressions import ExpressionWriter
from eventflux.compiler.graph import Graph
from eventflux.compiler.outlets import RowOutlet
from eventflux.compiler.pieces import Variable
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.source import Bindings, Names, Source
from eventflux.operators.delayed import DelayedRows
from eventflux.operators.departures import Departures
from eventflux.operators.entries import EntryWindow
from eventflux.operators.forever import Forever
from eventflux.operators.length_batch import LengthBatchWindow
from eventflux.operators.limited import LimitedRows
from eventflux.operators.panes import Panes
from eventflux.operators.records import Stateful
from eventflux.operators.running import RunningAggregate
from eventflux.operators.sessions import Sessions
from eventflux.operators.sliding import SlidingRows
from eventflux.operators.snapshots import Telling
from eventflux.operators.timers import Timers
from eventflux.operators.triggers import TriggerTimes
from eventflux.operators.tumbling import TumblingWindow
from eventflux.operators.watermarks import Watermark, Watermarks
from eventflux.spi.functions import ScalarFunction

BatchWindow = TumblingWindow | LengthBatchWindow
ManyWindows = Panes | Sessions | DelayedRows | LimitedRows
"""What tells its flush what to give, as it holds more than that."""
Operator = RunningAggregate | SlidingRows | EntryWindow | BatchWindow | ManyWindows


Batch = Callable[[Any, Any, Any], None]
"""Takes the rows of a logical batch, their event times and their places."""


class FailFired(Protocol):
    """Takes what failed of a query that time had given something to do, and of which row."""

    def __call__(self, index: int, error: Exception, row: Any = None) -> None: ...


class Live(msgspec.Struct, frozen=True):
    """What queries and triggers keep while an app runs, by the indexes of the queries and the names
    of the triggers' streams."""

    watermarks: Watermarks
    followed: Mapping[int, Watermark]
    """The watermarks that queries go by; the others go by the clock."""
    accumulators: Mapping[int, type]
    """The classes of groups."""
    operators: Mapping[int, Operator]
    forever: Mapping[int, Forever]
    """What outlives the windows of some queries."""
    ticks: Mapping[int, Telling]
    """What has queries of EMIT EVERY, and of OUTPUT SNAPSHOT, tell of groups."""
    waiting: Mapping[int, DelayedRows]
    """The rows of queries of EMIT FINAL that wait."""
    departures: Mapping[int, Departures]
    """What has rows leave windows that tell of it."""
    triggers: Mapping[str, TriggerTimes]

    @property
    def beside(self) -> dict[str, Mapping[int, Stateful]]:
        """What queries keep beside their operators (:data:`eventflux.compiler.state.BESIDE`)."""
        return {"forever": self.forever, "ticks": self.ticks, "waiting": self.waiting}


class Environment(msgspec.Struct):
    """What generated code is bound to: the live parts of one app."""

    graph: Graph
    functions: Mapping[str, ScalarFunction]
    own_names: Mapping[str, type]
    """The classes of what aggregates of the program's own keep, by their names in code."""
    row_types: Mapping[str, type]
    payload_types: Mapping[str, type]
    live: Live
    counts: Mapping[int, Any]
    clock: Clock
    timers: Timers
    fail: Callable[[int, Any, Exception], None]
    fail_time: Callable[[str, Any], None]
    fail_fired: FailFired
    fail_entry: Callable[[str, Any, Exception], None]
    """Takes a row of a stream that no query sees."""
    late: Callable[[int, Any, int], None]
    """Takes a row that is late for a query, with its event time."""
    bounds_future: bool
    """Whether rows far ahead of the clock move no watermark."""
    asks_now: bool
    """Whether an expression asks for the time of the clock."""
    ambient: Ambient
    """What calls may name besides their arguments."""
    batches: dict[str, Batch]
    """What takes the logical batches of streams, of those that have been compiled."""
    all_outlets: list[RowOutlet] = msgspec.field(default_factory=list)
    tracked: bool = False
    """Whether code notes what it changes, for a store."""

    def outlets(self, stream: str) -> list[RowOutlet]:
        """Where the rows of a stream are collected."""
        return [outlet for outlet in self.all_outlets if stream in outlet.streams]

    def is_read(self, stream: str) -> bool:
        """Whether a query or an outlet takes the rows of a stream."""
        return bool(self.graph.readers(stream) or self.outlets(stream))

    def late_streams(self) -> list[str]:
        """Those of late rows that are read."""
        streams = self.graph.plan.streams
        return [name for name in streams if whose_late(name) is not None and self.is_read(name)]

    def sets_timers(self) -> bool:
        """Whether anything can be due, so that rows that move the clock have to look."""
        if self.live.triggers or self.live.watermarks.roots:
            return True
        return any(p.held_back or p.gives_departures for p in self.graph.pipelines)

    def shows_clock(self) -> bool:
        """Whether the clock has to show the time of the row at hand while a step runs."""
        return self.asks_now or bool(self.late_streams())


@cache
def _common() -> tuple[Names, Bindings]:
    """What all generated functions have."""
    names = Names()
    for name in ("error", "make", "step"):
        names.fresh(name)
    bindings = Bindings(names)
    for name, value in RUNTIME.items():
        bindings.bind(name, value)
    return names, bindings


class Writer:
    """One generated function under construction, with all that its lines refer to."""

    def __init__(self, env: Environment) -> None:
        self.env = env
        names, bindings = _common()
        self.names = names.copy()
        self.bindings = bindings.copy(self.names)
        self.expressions = ExpressionWriter(self.names, self.bindings, env.functions, env.ambient)
        for name, value in env.own_names.items():
            self.bindings.bind(name, value)

    def bind(self, hint: str, value: Any) -> str:
        return self.bindings.bind(hint, value)

    def row_type(self, stream: str) -> str:
        return self.bind(f"Row_{stream}", self.env.row_types[stream])

    def payload_type(self, stream: str) -> str:
        return self.bind(f"Payload_{stream}", self.env.payload_types[stream])

    def group_type(self, pipeline: Pipeline) -> str:
        made = self.env.live.accumulators[pipeline.index]
        return self.bind(f"Group_{pipeline.query.name}", made)

    def schema(self, stream: str) -> Schema:
        return self.env.graph.plan.streams[stream].schema

    def outlets(self, stream: str) -> list[tuple[RowOutlet, str]]:
        """The outlets that collect the rows of ``stream``, and their names."""
        return [(o, self.bind(f"outlet_{stream}", o)) for o in self.env.outlets(stream)]

    def loads(
        self, source: Source, stream: str, row: str, *, payload: bool = False
    ) -> dict[str, Variable]:
        """The columns of a row object, or of a ``payload`` row."""
        schema = self.schema(stream)
        if payload:
            schema = schema.payload
        return {
            column.name: Variable(source.load(field_name, f"{row}.{field_name}"), column.nullable)
            for column, field_name in zip(schema.columns, field_names(schema), strict=True)
        }
