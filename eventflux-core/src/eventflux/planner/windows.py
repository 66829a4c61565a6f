"""The windows of a plan (semantics 5): what each is bounded by, as plain data.

A ``sliding`` window gives a row for each row that enters, at once, over what it holds then; a
``batch`` window gives its rows when it closes; a ``passing`` one hands each row on later.
Lengths of time are milliseconds.
"""

from __future__ import annotations

from typing import ClassVar, TypeAlias
from typing import Literal as OneOf

from eventflux.base.types import DataType
from eventflux.planner.calls import AggregateCall
from eventflux.planner.expressions import Column, Literal, Node
from eventflux.planner.expressions import Expression as AnyExpression

Family = OneOf["sliding", "batch", "passing"]
OutputMode = OneOf["all", "first", "last", "snapshot"]


class Window(Node, frozen=True):
    """The base of all windows."""

    family: ClassVar[Family]
    timed: ClassVar[bool] = False
    """Whether the app's clock, or a watermark, moves it on."""
    bounded: ClassVar[bool] = False
    """Whether its batches have a start and an end in time."""

    @property
    def read(self) -> tuple[AnyExpression, ...]:
        """What it goes by itself."""
        return ()


class Length(Window, frozen=True):
    """The newest ``rows`` rows."""

    family: ClassVar[Family] = "sliding"
    rows: int


class LengthBatch(Window, frozen=True):
    """Batches of ``rows`` rows."""

    family: ClassVar[Family] = "batch"
    rows: int


class Time(Window, frozen=True):
    """The rows of the last ``size_ms``."""

    family: ClassVar[Family] = "sliding"
    timed: ClassVar[bool] = True
    size_ms: int


class TimeLength(Window, frozen=True):
    """The rows of the last ``size_ms``, and of these the newest ``rows``."""

    family: ClassVar[Family] = "sliding"
    timed: ClassVar[bool] = True
    size_ms: int
    rows: int


class Tumbling(Window, frozen=True):
    """Batches of rows by their place in time, on a fixed grid.

    Boundaries are ``origin + k * size_ms``; without ``origin_ms`` the first row's place is the
    origin (``timeBatch``).
    """

    family: ClassVar[Family] = "batch"
    timed: ClassVar[bool] = True
    bounded: ClassVar[bool] = True
    size_ms: int
    origin_ms: int | None
    fixed: OneOf[True] | None = None
    """Whether whole days, too, are 24 hours from ``origin_ms`` on, whatever the app's time zone."""


class Hop(Window, frozen=True):
    """At each boundary ``offset_ms + k * slide_ms`` the rows of the ``size_ms`` before it."""

    family: ClassVar[Family] = "batch"
    timed: ClassVar[bool] = True
    bounded: ClassVar[bool] = True
    size_ms: int
    slide_ms: int
    offset_ms: int


ONE_RUN: tuple[AnyExpression, ...] = (Literal(True, DataType.BOOL),)
"""The keys of sessions that all rows have together, whatever the groups of a query."""


class Session(Window, frozen=True):
    """Runs of rows, each less than ``gap_ms`` behind the one before.

    There is a run for each value of ``keys``, where there are some; without them, for each group
    of the query. A row that is late by up to ``latency_ms`` still joins its run.
    """

    family: ClassVar[Family] = "batch"
    timed: ClassVar[bool] = True
    bounded: ClassVar[bool] = True
    gap_ms: int
    keys: tuple[AnyExpression, ...]
    latency_ms: int

    @property
    def read(self) -> tuple[AnyExpression, ...]:
        return self.keys


class ExternalTime(Window, frozen=True):
    """The rows whose ``column`` (epoch ms) is less than ``size_ms`` behind its largest value."""

    family: ClassVar[Family] = "sliding"
    column: Column
    size_ms: int

    @property
    def read(self) -> tuple[AnyExpression, ...]:
        return (self.column,)


class ExternalTimeBatch(Window, frozen=True):
    """Batches on a grid over ``column`` (epoch ms), from its first value or from ``start_ms``;
    with ``timeout_ms`` also when no row has come for so long by the app's clock."""

    family: ClassVar[Family] = "batch"
    bounded: ClassVar[bool] = True
    column: Column
    size_ms: int
    start_ms: int | None
    timeout_ms: int | None

    @property
    def read(self) -> tuple[AnyExpression, ...]:
        return (self.column,)


class SortKey(Node, frozen=True):
    """A column by which rows are ordered."""

    column: Column
    descending: bool


class Sort(Window, frozen=True):
    """The first ``rows`` rows in the order of ``keys``, of two equal ones the earlier first."""

    family: ClassVar[Family] = "sliding"
    rows: int
    keys: tuple[SortKey, ...]

    @property
    def read(self) -> tuple[AnyExpression, ...]:
        return tuple(key.column for key in self.keys)


class Unique(Window, frozen=True):
    """The newest row for each value of ``columns``, for up to ``ttl_ms``."""

    family: ClassVar[Family] = "sliding"
    columns: tuple[Column, ...]
    ttl_ms: int | None

    @property
    def read(self) -> tuple[AnyExpression, ...]:
        return self.columns


class FirstUnique(Window, frozen=True):
    """The first row for each value of ``columns``; a value is forgotten ``ttl_ms`` after it."""

    family: ClassVar[Family] = "sliding"
    columns: tuple[AnyExpression, ...]
    ttl_ms: int | None

    @property
    def read(self) -> tuple[AnyExpression, ...]:
        return self.columns


class Expression(Window, frozen=True):
    """The newest rows of which ``condition`` is true: when one enters, the oldest leave until it
    is, or none is left. It reads the aggregates ``calls`` of all rows that are held."""

    family: ClassVar[Family] = "sliding"
    condition: AnyExpression
    calls: tuple[AggregateCall, ...]


class Delay(Window, frozen=True):
    """Each row, ``size_ms`` after its place in time."""

    family: ClassVar[Family] = "passing"
    timed: ClassVar[bool] = True
    size_ms: int


class Frequent(Window, frozen=True):
    """The latest row of each of the most frequent values of ``columns`` (all columns without),
    found with ``counters`` counters (Misra and Gries, "Finding repeated elements", 1982)."""

    family: ClassVar[Family] = "sliding"
    counters: int
    columns: tuple[Column, ...]

    @property
    def read(self) -> tuple[AnyExpression, ...]:
        return self.columns


class LossyFrequent(Window, frozen=True):
    """The latest row of each value of ``columns`` that makes up a share of at least ``support``
    of all rows, with an ``error`` (Manku and Motwani, "Approximate Frequency Counts over Data
    Streams", VLDB 2002)."""

    family: ClassVar[Family] = "sliding"
    support: float
    error: float
    columns: tuple[Column, ...]

    @property
    def read(self) -> tuple[AnyExpression, ...]:
        return self.columns


class Cron(Window, frozen=True):
    """Batches that end at the times of a cron ``expression``."""

    family: ClassVar[Family] = "batch"
    timed: ClassVar[bool] = True
    bounded: ClassVar[bool] = True
    expression: str


class OutputRows(Window, frozen=True):
    """OUTPUT EVERY so many ``rows``: of each batch of these all, the first or the last, of each
    group of ``keys``. The first is given at once, or ``at_end``, as the others are."""

    family: ClassVar[Family] = "passing"
    mode: OutputMode
    rows: int
    keys: tuple[Column, ...]
    at_end: bool

    @property
    def read(self) -> tuple[AnyExpression, ...]:
        return self.keys


class OutputTime(Window, frozen=True):
    """OUTPUT EVERY ``every_ms``: of the rows of each period all, the first or the last, of each
    group of ``keys``, or at its end the latest row of all (``snapshot``)."""

    family: ClassVar[Family] = "passing"
    timed: ClassVar[bool] = True
    mode: OutputMode
    every_ms: int
    keys: tuple[Column, ...]
    at_end: bool

    @property
    def read(self) -> tuple[AnyExpression, ...]:
        return self.keys


AnyWindow: TypeAlias = (
    Length
    | LengthBatch
    | Time
    | TimeLength
    | Tumbling
    | Hop
    | Session
    | ExternalTime
    | ExternalTimeBatch
    | Sort
    | Unique
    | FirstUnique
    | Expression
    | Delay
    | Frequent
    | LossyFrequent
    | Cron
    | OutputRows
    | OutputTime
)
