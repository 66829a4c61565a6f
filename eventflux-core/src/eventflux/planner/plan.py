"""The plan of an app: streams and queries as plain immutable data.

The local compiler, ``explain`` and any other engine read the same plan. It holds no
callables and nothing of the parser.
"""

from __future__ import annotations

from typing import Literal as OneOf
from typing import TypeAlias, Union

import msgspec

from eventflux.base.types import DataType, Digits, Schema
from eventflux.planner.calls import AggregateCall, OrderKey
from eventflux.planner.expressions import Call, Expression, Node
from eventflux.planner.windows import AnyWindow


class Place(msgspec.Struct, frozen=True):
    """Where something stands in the SQL; both numbers count from 1."""

    line: int
    column: int


class Watermark(msgspec.Struct, frozen=True):
    """``WATERMARK FOR column AS expression``: the event time of the rows of a stream, and up to
    where it is complete once a row has come."""

    column: str
    expression: Expression
    place: Place


class Trigger(msgspec.Struct, frozen=True):
    """When a trigger gives a row: every so many milliseconds, at the times of a cron expression,
    or with neither once at the start. ``catch_up`` says whether each time that was missed gives a
    row, and not the first of them alone."""

    every_ms: int | None
    cron: str | None
    catch_up: bool


class Stream(msgspec.Struct, frozen=True):
    """A stream of the app.

    The options of its connector and format are no part of a plan: there are passwords among
    them. ``declared`` is false for a stream that exists only because a query inserts into it,
    or because it is a view or part of a query.
    """

    name: str
    schema: Schema
    role: OneOf["source", "sink", "internal"]
    extension: str | None
    format: str | None
    event_time: str | None
    declared: bool
    place: Place
    binding_places: dict[str, Place] = {}
    """Where the values of ``extension`` and ``format`` stand, of those that are set."""
    metadata_places: dict[str, Place] = {}
    """Where each METADATA column says what it holds, by the column's name."""
    view: bool = False
    """Whether CREATE VIEW defines it."""
    watermark: Watermark | None = None
    """Set where rows enter under a watermark; its column is ``event_time`` too."""
    trigger: Trigger | None = None
    """Set for the stream of a trigger."""
    unnamed_of: str | None = None
    """The query whose WITH or subquery it carries the rows of; nothing else can use it."""
    window: AnyWindow | None = None
    """What CREATE WINDOW says that queries see of its rows: each that reads it begins with it."""


class Scan(Node, frozen=True):
    """The rows of a stream as they are published."""

    stream: str
    schema: Schema


class Filter(Node, frozen=True):
    """Passes the rows for which ``condition`` is TRUE."""

    input: Relation
    condition: Expression
    place: Place


class Windowed(Node, frozen=True):
    """Holds rows back in a ``window``, or lets what is above see those that it holds."""

    input: Relation
    window: AnyWindow
    place: Place
    shared: bool = False
    """Whether it is that of the stream, the same in all queries that read it."""


class Aggregate(Node, frozen=True):
    """Groups rows by ``keys`` and folds ``calls`` over each group.

    Over a batch window: one row a group when the batch is flushed, or with ``per_row`` one for
    each row of the batch with the values so far. Without a window: one for each row that
    comes in, with the values since the start; over a sliding one, over what it holds.
    ``keys`` and arguments read the input's columns; what stands above reads
    :class:`KeyValue`, :class:`AggregateValue`, and :class:`Column` for bare columns (of the
    group's last row).
    """

    input: Relation
    keys: tuple[Expression, ...]
    calls: tuple[AggregateCall, ...]
    per_row: bool
    place: Place
    state_ttl_ms: int | None = None
    """How long a group is kept after its last row, without a window; ``None``: for ever."""


class Unnest(Node, frozen=True):
    """Makes several rows of each, or none: one for each value that ``calls`` give, side by side.

    A call is of ``unnest``, which gives the elements of a list, or of a table function. What
    stands above reads the values as :class:`Element`; the rows of one row are one logical batch.
    """

    input: Relation
    calls: tuple[Call, ...]
    place: Place


class Having(Node, frozen=True):
    """Passes the rows for which ``condition`` is TRUE, when they are given out."""

    input: Relation
    condition: Expression
    place: Place


class Distinct(Node, frozen=True):
    """Passes the first of the rows of a logical batch that are equal as the Project above makes
    them."""

    input: Relation
    place: Place


class OrderBy(Node, frozen=True):
    """Orders the rows of a logical batch; equal ones stay as they are."""

    input: Relation
    keys: tuple[OrderKey, ...]
    place: Place


class Limit(Node, frozen=True):
    """Passes at most ``limit`` rows of a logical batch, without the first ``offset``."""

    input: Relation
    limit: int | None
    offset: int
    place: Place

    @property
    def swallows_one(self) -> bool:
        """Whether nothing is left of a batch of one."""
        return self.limit == 0 or self.offset > 0


class Item(msgspec.Struct, frozen=True):
    """One column of a select list, converted to the type and nullability of the target's.

    ``not_null`` says that a NULL here fails the row: the target column is NOT NULL and the
    expression is not known to be. ``check_range`` says that the value has to be checked
    against the range of INT or LONG where it is stored, or rounded to the ``digits`` of a
    DECIMAL, ``truncate`` that a number with a fraction is cut to an integer there.
    """

    name: str
    expression: Expression
    type: DataType
    not_null: bool
    check_range: bool
    truncate: bool
    place: Place
    digits: Digits | None = None


class Emission(msgspec.Struct, frozen=True):
    """When rows come out that would come otherwise by themselves (semantics 5.16): with each
    input row (``changes``), when nothing can change them any more (``final``), or at intervals of
    ``every_ms`` those that changed, or all of them (``snapshot``, which is OUTPUT SNAPSHOT, 9.4).
    ``place`` is that of the clause."""

    mode: OneOf["changes", "final", "every", "snapshot"]
    every_ms: int | None
    place: Place

    @property
    def by_time(self) -> bool:
        """Whether time has rows come."""
        return self.mode != "changes"


class Events(msgspec.Struct, frozen=True):
    """Rows come out when they leave the window (``expired``), or then, too (``all``)."""

    which: OneOf["expired", "all"]
    place: Place


class Project(Node, frozen=True):
    """Makes the output row: one item for each column of the target, in its order."""

    input: Relation
    items: tuple[Item, ...]
    emit: Emission | None = None
    events: Events | None = None


Relation: TypeAlias = Union[  # noqa: UP007
    Scan, Filter, Windowed, Aggregate, Unnest, Having, Distinct, OrderBy, Limit, Project
]


def chain(relation: Relation) -> tuple[Relation, ...]:
    """``relation`` and all below it as rows meet them: the scan first."""
    operators: list[Relation] = [relation]
    while not isinstance(operators[-1], Scan):
        operators.append(operators[-1].input)
    return tuple(reversed(operators))


class Query(msgspec.Struct, frozen=True):
    """``INSERT INTO target SELECT …``.

    ``root`` is a chain from :class:`Project` down to one :class:`Scan`. ``name`` is the
    query's own or ``query_N``, N being its 1-based place among the queries; for a view that of
    the view. Each SELECT of a UNION ALL, of WITH and in FROM is a query too, and has a name
    below that of the whole: ``query_1/2``, ``query_1/recent``.
    """

    name: str
    source: str
    target: str
    root: Project
    place: Place
    sql: str
    """Its text as the user wrote it, for messages and comments."""
    fingerprint: str
    """A digest of its canonical plan and its input schema (not of names, aliases, places)."""
    named: bool = False
    """Whether the program gives it its name: its state is known by that, too."""

    @property
    def operators(self) -> tuple[Relation, ...]:
        """Those of the chain as rows meet them: the scan first, the projection last."""
        return chain(self.root)


class Plan(msgspec.Struct, frozen=True):
    """A whole app. ``settings`` are the SET statements; streams stand in order of definition,
    the undeclared ones last, queries in order of declaration."""

    streams: dict[str, Stream]
    queries: tuple[Query, ...]
    settings: dict[str, str]

    def readers(self, stream: str) -> tuple[Query, ...]:
        """The queries that read ``stream``, in order of declaration."""
        return tuple(query for query in self.queries if query.source == stream)

    def writers(self, stream: str) -> tuple[Query, ...]:
        """The queries that insert into ``stream``, in order of declaration."""
        return tuple(query for query in self.queries if query.target == stream)
