"""The parts that a query's code has in every shape: conditions, items, folding, failing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from eventflux.base.rows import field_names
from eventflux.base.types import DataType, Schema, integer_range
from eventflux.compiler.aggregates import RUNTIME, Argument, Layout, results, write_update
from eventflux.compiler.calls import Ambient
from eventflux.compiler.expressions import ExpressionWriter
from eventflux.compiler.facts import facts_when_true
from eventflux.compiler.graph import Graph
from eventflux.compiler.pieces import Piece, Scope, Variable
from eventflux.compiler.pipeline import Pipeline, key_columns
from eventflux.compiler.source import Bindings, Names, Source, cold, is_simple
from eventflux.operators import scalars
from eventflux.operators.delayed import DelayedRows
from eventflux.operators.departures import Departures
from eventflux.operators.entries import EntryWindow
from eventflux.operators.forever import Forever
from eventflux.operators.groups import Groups
from eventflux.operators.length_batch import LengthBatchWindow
from eventflux.operators.limited import LimitedRows
from eventflux.operators.panes import Panes
from eventflux.operators.running import RunningAggregate
from eventflux.operators.sessions import Sessions
from eventflux.operators.sliding import SlidingRows
from eventflux.operators.snapshots import Telling
from eventflux.operators.tumbling import TumblingWindow
from eventflux.operators.watermarks import Root, Watermark
from eventflux.planner.expressions import EVENT_TIME, Expression
from eventflux.planner.plan import Filter, Having, Item, Place
from eventflux.spi.functions import ScalarFunction

BatchWindow = TumblingWindow | LengthBatchWindow
ManyWindows = Panes | Sessions | DelayedRows | LimitedRows
"""What tells its flush what to give, as it holds more than that."""
Operator = RunningAggregate | SlidingRows | EntryWindow | BatchWindow | ManyWindows


class FailFired(Protocol):
    """Takes what failed of a query that time had given something to do, and of which row."""

    def __call__(self, index: int, error: Exception, row: Any = None) -> None: ...


class RowOutlet:
    """Collects the rows of some streams in a list that is another one after each take, and
    their event times beside them where it is ``timed``. ``split`` are METADATA columns of its one
    stream: their values are collected in ``metadata``, a list each, and rows without them."""

    __slots__ = ("metadata", "rows", "split", "streams", "timed", "times")

    def __init__(
        self, streams: frozenset[str], timed: bool = False, split: Sequence[str] = ()
    ) -> None:
        self.streams = streams
        self.timed = timed
        self.split = split
        self.rows: list[Any] = []
        self.times: list[int] = []
        self.metadata: list[list[Any]] = [[] for _ in split]

    def take(self) -> list[Any]:
        """The rows collected since the last call."""
        taken, self.rows = self.rows, []
        return taken

    def take_with_times(self) -> tuple[list[Any], list[int]]:
        """As :meth:`take`, with the event time of each row."""
        times, self.times = self.times, []
        return self.take(), times

    def take_metadata(self) -> list[list[Any]]:
        """The METADATA columns of the rows that are taken next."""
        metadata, self.metadata = self.metadata, [[] for _ in self.split]
        return metadata


@dataclass(slots=True)
class Environment:
    """What generated code is bound to: the live parts of one app."""

    graph: Graph
    functions: Mapping[str, ScalarFunction]
    own_names: Mapping[str, type]
    """The classes of what aggregates of the program's own keep, by their names in code."""
    row_types: Mapping[str, type]
    payload_types: Mapping[str, type]
    operators: Mapping[int, Operator]
    forever: Mapping[int, Forever]
    """What outlives the windows of some queries."""
    accumulators: Mapping[int, type]
    counts: Mapping[int, Any]
    outlets: Callable[[str], list[RowOutlet]]
    """Where the rows of a stream are collected."""
    clock: Any
    timers: Any
    fail: Callable[[int, Any, Exception], None]
    fail_time: Callable[[str, Any], None]
    fail_fired: FailFired
    fail_entry: Callable[[str, Any, Exception], None]
    """Takes a row of a stream that no query sees."""
    late: Callable[[int, Any, int], None]
    """Takes a row that is late for a query, with its event time."""
    roots: Mapping[str, Root]
    """The streams that move watermarks."""
    watermarks: Mapping[int, Watermark]
    """Those that queries go by, by their index; the others go by the clock."""
    bounds_future: bool
    """Whether rows far ahead of the clock move no watermark."""
    shows_clock: Callable[[], bool]
    """Whether the clock has to show the time of the row at hand while a step runs."""
    ticks: Mapping[int, Telling]
    """What has queries of EMIT EVERY, and of OUTPUT SNAPSHOT, tell of groups, by their index."""
    waiting: Mapping[int, DelayedRows]
    """The rows of queries of EMIT FINAL that wait, by their index."""
    ambient: Ambient
    """What calls may name besides their arguments."""
    batches: Mapping[str, Callable[[Any, Any, Any], None]]
    """What takes the rows of a logical batch of a stream, their event times and their places."""
    departures: Mapping[int, Departures]
    """What has rows leave windows that tell of it, by the index of their query."""
    tracked: bool = False
    """Whether code notes what it changes, for a store."""


class Writer:
    """One generated function under construction, with all that its lines refer to."""

    def __init__(self, env: Environment) -> None:
        self.env = env
        self.names = Names()
        for name in ("error", "make", "step"):
            self.names.fresh(name)
        self.bindings = Bindings(self.names)
        self.expressions = ExpressionWriter(self.names, self.bindings, env.functions, env.ambient)
        for name, value in {**RUNTIME, **env.own_names}.items():
            self.bindings.bind(name, value)

    def bind(self, hint: str, value: Any) -> str:
        return self.bindings.bind(hint, value)

    def row_type(self, stream: str) -> str:
        return self.bind(f"Row_{stream}", self.env.row_types[stream])

    def payload_type(self, stream: str) -> str:
        return self.bind(f"Payload_{stream}", self.env.payload_types[stream])

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


def write_title(source: Source, pipeline: Pipeline) -> None:
    """A comment that marks where the body of a query starts."""
    query = pipeline.query
    text = ascii(" ".join(query.sql.split()))[1:-1]
    text = text if len(text) <= 70 else text[:67] + "..."
    name = ascii(query.name)[1:-1]
    source.line(f"# {name}, line {query.place.line}: {text}", query.place)


Conditions = tuple[Filter, ...] | tuple[Having, ...]


def condition_text(writer: Writer, filters: Conditions, scope: Scope) -> tuple[str, Scope]:
    """The text that all filters are TRUE, and the scope of the rows that pass."""
    texts: list[str] = []
    for condition in (f.condition for f in filters):
        text = writer.expressions.truth(condition, scope)
        texts.append(text[1:-1] if len(filters) == 1 and _wrapped(text) else text)
        scope = scope.knowing(facts_when_true(condition))
    return " and ".join(texts), scope


def _wrapped(text: str) -> bool:
    """Whether the first parenthesis of a text closes at its very end."""
    depth = 0
    if any(quote in text for quote in "'\""):
        return False
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return character == ")" and position == len(text) - 1
    return False


@contextmanager
def passing(source: Source, writer: Writer, filters: Conditions, scope: Scope) -> Iterator[Scope]:
    """The block that only rows passing the conditions of WHERE or HAVING reach."""
    if not filters:
        yield scope
        return
    text, inside = condition_text(writer, filters, scope)
    with source.block(f"if {text}:", filters[0].place):
        yield inside


@contextmanager
def failing_alone(source: Source, pipeline: Pipeline, handler: str) -> Iterator[None]:
    """A ``try`` around the code of one row, where that code can raise at all."""
    if not pipeline.may_fail:
        yield
        return
    with source.block("try:"):
        yield
    with source.block("except Exception as error:"):
        source.line(handler)


def item_texts(writer: Writer, pipeline: Pipeline, scope: Scope) -> list[tuple[str, bool, Place]]:
    """For each column of the output: its text, whether it may be ``None``, its place."""
    return [_item_text(writer, item, scope) for item in pipeline.items]


def _item_text(writer: Writer, item: Item, scope: Scope) -> tuple[str, bool, Place]:
    piece = writer.expressions.piece(item.expression, scope)
    core = piece.core
    if item.truncate:
        core = f"int({core})"
    if item.check_range and item.type is DataType.DECIMAL:
        shown = f"{item.type}{item.digits or ''}"
        store = writer.bind("store", scalars.storing(item.name, shown, item.digits))
        core = f"{store}({core})"
    elif item.check_range:
        low, high = integer_range(item.type)
        refuse = writer.bind("fail_out_of_range", scalars.fail_out_of_range)
        name = core if is_simple(core) else writer.names.fresh("t")
        checked = core if is_simple(core) else f"({name} := {core})"
        core = (
            f"({name} if {low} <= {checked} <= {high}"
            f" else {refuse}({name}, {item.name!a}, {str(item.type)!a}))"
        )
    if not piece.nulls:
        return core, False, item.place
    if item.not_null:
        refuse = writer.bind("fail_null", scalars.fail_null)
        tests = " or ".join(f"{tested} {condition}" for tested, condition in piece.nulls)
        return f"({refuse}({item.name!a}) if {tests} else {core})", False, item.place
    whole = piece.whole if core == piece.core else None
    return Piece(piece.nulls, core, whole).value, True, item.place


def assign_simple(
    source: Source, writer: Writer, hint: str, text: str, place: Place | None = None
) -> str:
    """A name or token for ``text``, assigned first where it is more than that; ``place`` is
    where its SQL stands."""
    if is_simple(text):
        return text
    name = writer.names.fresh(hint)
    source.line(f"{name} = {text}", place)
    return name


def write_keys(
    source: Source, writer: Writer, pipeline: Pipeline, scope: Scope
) -> tuple[Variable, ...]:
    """Evaluate the GROUP BY keys."""
    assert pipeline.aggregate is not None
    return write_key_parts(source, writer, pipeline.aggregate.keys, scope)


def write_key_parts(
    source: Source, writer: Writer, expressions: Iterable[Expression], scope: Scope
) -> tuple[Variable, ...]:
    """Evaluate what a key is made of: there is but one NaN in keys."""
    keys: list[Variable] = []
    for expression in expressions:
        piece = writer.expressions.piece(expression, scope)
        name = assign_simple(source, writer, "key", piece.value)
        if expression.type.is_floating:
            value, name = name, writer.names.fresh("key")
            source.line(f"{name} = {value} if {value} == {value} else NAN")
        keys.append(Variable(name, piece.nullable))
    return tuple(keys)


def key_variables(pipeline: Pipeline, key: str) -> tuple[Variable, ...]:
    """The variables of the GROUP BY keys, read from the dict key ``key``."""
    assert pipeline.aggregate is not None
    keys = pipeline.aggregate.keys
    texts = [key] if len(keys) == 1 else [f"{key}[{i}]" for i in range(len(keys))]
    return tuple(Variable(t, k.nullable) for t, k in zip(texts, keys, strict=True))


def with_time(scope: Scope, time: str) -> Scope:
    """``scope`` with the event time of the row as a column that its group keeps."""
    return replace(scope, columns={**scope.columns, EVENT_TIME.name: Variable(time, False)})


def with_keys(pipeline: Pipeline, scope: Scope, keys: tuple[Variable, ...]) -> Scope:
    """``scope`` with the keys of the row as columns that its group keeps."""
    assert pipeline.aggregate is not None
    named = zip(key_columns(pipeline.aggregate), keys, strict=True)
    return replace(scope, columns={**scope.columns, **{c.name: key for c, key in named}})


def key_text(keys: tuple[Variable, ...]) -> str:
    """The text of the dict key that has these parts."""
    if len(keys) == 1:
        return keys[0].text
    return f"({', '.join(key.text for key in keys)}{',' if keys else ''})"


def write_arguments(source: Source, writer: Writer, layout: Layout, scope: Scope) -> list[Variable]:
    """Evaluate the arguments of aggregates before any state changes."""
    variables: list[Variable] = []
    for argument in layout.arguments:
        value = _argument_value(writer, argument, scope)
        name = assign_simple(source, writer, "value", value.text)
        variables.append(Variable(name, value.nullable))
    return variables


def _argument_value(writer: Writer, argument: Argument, scope: Scope) -> Variable:
    piece = writer.expressions.piece(argument.expression, scope)
    keys = [writer.expressions.value(key.expression, scope) for key in argument.order]
    if not argument.boxed:
        if not keys:
            return Variable(piece.value, piece.nullable)
        if not piece.nullable:
            return Variable(f"[{', '.join([piece.value, *keys])}]", False)
        value = writer.names.fresh("value")
        listed = f"[{', '.join([value, *keys])}]"
        return Variable(f"({listed} if ({value} := {piece.value}) is not None else None)", True)
    listed = f"[{', '.join([piece.value, *keys])}]"
    if argument.condition is None:
        return Variable(listed, False)
    passes = writer.expressions.truth(argument.condition, scope)
    return Variable(f"({listed} if {passes} else None)", True)


def groups_of(env: Environment, pipeline: Pipeline) -> Groups:
    """The groups that an aggregate folds its rows into."""
    operator = env.operators[pipeline.index]
    assert not isinstance(operator, ManyWindows), "each pane has groups of its own"
    groups = operator.contents if isinstance(operator, BatchWindow) else operator.groups
    assert isinstance(groups, Groups)
    return groups


def counts_name(writer: Writer, pipeline: Pipeline) -> str:
    """The name of the counters of a query."""
    return writer.bind(f"counts_{pipeline.query.name}", writer.env.counts[pipeline.index])


def state_name(writer: Writer, pipeline: Pipeline) -> str:
    """The name of the groups of an aggregate, as what notes changes."""
    return writer.bind(f"state_{pipeline.query.name}", groups_of(writer.env, pipeline))


def write_touch(source: Source, writer: Writer, state: str, key: str, accumulator: str) -> None:
    """Note that a group of ``state`` is about to change, where it is tracked."""
    if writer.env.tracked:
        with source.block(f"if {accumulator}.mark is not {state}.mark:"):
            source.line(f"{state}.touch({key}, {accumulator})")


@dataclass(frozen=True, slots=True)
class Pane:
    """The texts of the groups of one of several windows, and of what notes their changes, empty
    where nothing needs to."""

    groups: str
    state: str


def write_fold(
    source: Source,
    writer: Writer,
    pipeline: Pipeline,
    scope: Scope,
    before: Callable[[], None] | None = None,
    on_first: Callable[[str], None] | None = None,
    on_group: Callable[[str, Sequence[Variable]], None] | None = None,
    order: str = "",
    pane: Pane | None = None,
) -> Scope:
    """Fold a row into the accumulator of its group; gives the scope of the output row.

    ``before`` writes what is due before any state changes, when nothing can fail any more,
    ``on_first`` what is due before the first row of a group only, ``on_group`` what is due with
    the group and the arguments. ``order`` is the number of the row, where the layout needs it.
    ``pane`` has the groups, where they are not the query's own.
    """
    assert pipeline.layout is not None
    if pane is not None:
        groups, state = pane.groups, pane.state if writer.env.tracked else ""
    else:
        by_key = groups_of(writer.env, pipeline).by_key
        groups = writer.bind(f"groups_{pipeline.query.name}", by_key)
        state = state_name(writer, pipeline) if writer.env.tracked else ""
    keys = write_keys(source, writer, pipeline, scope)
    if pipeline.ticks:
        scope = with_keys(pipeline, scope, keys)
    arguments = write_arguments(source, writer, pipeline.layout, scope)
    last = [
        assign_simple(source, writer, "last", scope.column(column.name).text)
        for column in pipeline.layout.last
    ]
    if before is not None:
        before()
    accumulator = writer.names.fresh("group")
    key = key_text(keys)
    if pipeline.leaving == "never":
        with source.block("try:"):
            source.line(f"{accumulator} = {groups}[{key}]")
        missing = "except KeyError:"
    else:
        source.line(f"{accumulator} = {groups}.get({key})")
        missing = f"if {accumulator} is None:"
    with source.block(missing):
        if on_first is not None:
            on_first(groups)
        new = writer.bind(f"Group_{pipeline.query.name}", writer.env.accumulators[pipeline.index])
        known = cold(key)
        source.line(f"{accumulator} = {groups}[{known}] = {new}()")
        if pipeline.layout.knows_key:
            source.line(f"{accumulator}.key = {known}")
        if state:
            source.line(f"{state}.touch({known}, {accumulator})")
    if state:
        with source.block("else:"):
            write_touch(source, writer, state, key, accumulator)
    if on_group is not None:
        on_group(accumulator, arguments)
    hands = write_update(source, pipeline.layout, accumulator, arguments, last, order)
    return Scope(
        columns=scope.columns,
        keys=keys,
        aggregates=results(pipeline.layout, accumulator, writer.names, hands),
        not_null=scope.not_null,
    )


def write_kept(source: Source, writer: Writer, pipeline: Pipeline, scope: Scope, time: str) -> str:
    """Evaluate what a window keeps of a row, a tuple: bare columns, arguments, event time."""
    values = [writer.expressions.value(column, scope) for column in pipeline.bare]
    if pipeline.layout is not None:
        for argument in pipeline.layout.arguments:
            values.append(_argument_value(writer, argument, scope).text)
    kept = writer.names.fresh("kept")
    source.line(f"{kept} = ({', '.join([*values, time])},)")
    return kept
