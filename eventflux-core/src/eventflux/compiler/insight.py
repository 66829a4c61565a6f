"""What can be seen inside a compiled app: what its queries hold and wait for, and what becomes of
the last row that each of them reads.

Nothing of this costs rows anything: what windows hold is read from their operators and timers, and
the fate of a row is computed anew, by code that is made when somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from eventflux.base.clock import BEGINNING_MS
from eventflux.base.errors import Position
from eventflux.base.insight import Fate, Holding, InputMark, Insight
from eventflux.base.literals import literal
from eventflux.base.rows import Row, values_of
from eventflux.compiler.bodies import condition_text, item_texts
from eventflux.compiler.calls import overload_of
from eventflux.compiler.environment import Environment, Writer
from eventflux.compiler.generated import Generated
from eventflux.compiler.pieces import Scope
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.source import Source
from eventflux.functions import FUNCTIONS
from eventflux.functions.declaration import Inline
from eventflux.operators.external_batches import ExternalBatches
from eventflux.operators.timers import NEVER
from eventflux.operators.triggers import TriggerTimes
from eventflux.operators.watermarks import END_OF_TIME, Watermark
from eventflux.planner import expressions as e
from eventflux.planner.expressions import EVENT_TIME
from eventflux.planner.plan import Filter, Having
from eventflux.planner.rewriting import walk

_COUNTED = 10_000
"""The rows of so many groups are counted: it takes a millisecond."""

LOOKED_AT = 16
"""So many of the last rows of a stream at most."""

_Judge = Callable[[Any], tuple[int | None, Any]]
"""From a row to the number of the condition that turns it away, or to the row made of it."""


def holding_of(env: Environment, pipeline: Pipeline) -> Holding:
    """What a query with state holds, and what it waits for."""
    waits = pipeline.index in env.live.waiting
    operator: Any = (env.live.waiting if waits else env.live.operators)[pipeline.index]
    watermark = env.live.followed.get(pipeline.index)
    kept = operator.size()[0]
    rows: int | None = operator.pending() if kept <= _COUNTED else None
    if isinstance(operator, ExternalBatches) and not pipeline.snapshot:
        own = operator.own
        return Holding(kept, rows, _known(own.next_due), _known(own.mark))
    rank = {env.graph.rank[pipeline.index]}
    first = (env.timers if watermark is None else watermark).first(rank)
    due = None if first is None else first[0]
    if pipeline.snapshot:  # what closes before gives nothing
        due = _known(env.live.ticks[pipeline.index].next_due)
    if watermark is None:
        return Holding(kept, rows, due)
    return Holding(kept, rows, due, _known(watermark.mark), tuple(_inputs(env, watermark)))


def _inputs(env: Environment, watermark: Watermark) -> Iterator[InputMark]:
    """What moves a watermark: where a source has partitions these, and the stream itself once a
    row has come by none."""
    names = {
        id(part): name
        for root in env.live.watermarks.roots.values()
        for name, part in root.partitions.items()
    }
    for root in watermark.roots:
        if not root.partitions or root.mark != BEGINNING_MS:
            partition, options = names.get(id(root)), root.options
            # One that is alone moves the watermark itself.
            mark = _known(watermark.mark if len(watermark.roots) == 1 else root.mark)
            yield InputMark(root.name, partition, mark, root.idle, root.ended, options.idle)


def _known(time: int) -> int | None:
    return None if time in (BEGINNING_MS, END_OF_TIME, NEVER, -NEVER) else time


class LastRows:
    """The last rows that entered by each stream, and what becomes of them."""

    def __init__(self, env: Environment, generated: Generated) -> None:
        self._env = env
        self._generated = generated
        self._judges: dict[int, _Judge] = {}
        """The code that was made for queries, by their index."""
        self._seen: dict[str, tuple[Sequence[Row], Sequence[Sequence[Any]] | None]] = {}
        """The last rows of each stream, and their METADATA columns where they are without them."""

    def see(
        self, stream: str, rows: Sequence[Row], metadata: Sequence[Sequence[Any]] | None = None
    ) -> None:
        """``rows`` were taken; ``metadata`` are the columns of these, and maybe of more."""
        if metadata is not None:
            first = max(len(rows) - LOOKED_AT, 0)
            metadata = [column[first : len(rows)] for column in metadata]
        self._seen[stream] = rows[-LOOKED_AT:], metadata

    def fates(self) -> dict[str, Fate]:
        """What becomes of them in the queries that they lead to, by the names of those: of the
        last that comes so far. State is not looked at: nothing is known of what is behind it."""
        graph = self._env.graph
        order = graph.in_order
        open_ones = {p.index for p in order if _can_be_judged(self._env, p)}
        last_parts = {p.query.name: p.index for p in graph.pipelines}
        found: dict[str, Fate] = {}
        for number in range(1, LOOKED_AT + 1):
            rows = {
                stream: self._whole(stream, number, kept, metadata)
                for stream, (kept, metadata) in self._seen.items()
                if len(kept) >= number
            }
            if not rows or len(found) == len(open_ones):
                break
            for pipeline in order:
                row = rows.get(pipeline.query.source)
                if row is None or pipeline.index not in open_ones:
                    continue
                fate, made = self._judged(pipeline, row)
                if made is None or pipeline.index == last_parts[pipeline.query.name]:
                    found.setdefault(pipeline.query.name, fate)
                if made is not None:
                    rows.setdefault(pipeline.query.target, made)
        return found

    def _whole(
        self,
        stream: str,
        number: int,
        rows: Sequence[Row],
        metadata: Sequence[Sequence[Any]] | None,
    ) -> Row:
        """The ``number``-th row from the end, with its METADATA columns."""
        row = rows[-number]
        if not metadata:
            return row
        schema = self._env.graph.plan.streams[stream].schema
        values = dict(zip(schema.payload.names, values_of(row), strict=True))
        beside = zip(schema.metadata, metadata, strict=True)
        # A step that was cut takes fewer rows than it was given.
        values |= {column.name: given[len(rows) - number] for column, given in beside}
        whole: Row = self._env.row_types[stream](*(values[name] for name in schema.names))
        return whole

    def _judged(self, pipeline: Pipeline, row: Row) -> tuple[Fate, Row | None]:
        """The fate of a row, and the row that is made of it at once."""
        schema = self._env.graph.plan.streams[pipeline.query.source].schema
        columns = zip(schema.columns, values_of(row), strict=True)
        values = {column.name: literal(value, column.type) for column, value in columns}
        judge = self._judges.get(pipeline.index)
        if judge is None:
            writer, source = _write_judge(self._env, pipeline)
            judge = self._generated.run(source, writer, ("judge",), "last row")["judge"]
            self._judges[pipeline.index] = judge
        turned_away: int | None
        try:
            turned_away, made = judge(row)
        except Exception as error:  # the row failed in the query for the same reason
            return Fate("failed", values, error=str(error)), None
        if turned_away is not None:
            place = _conditions(pipeline)[turned_away].place
            return Fate("filtered", values, Position(place.line, place.column)), None
        if pipeline.unnest is not None:
            return Fate("unnested", values), None
        return Fate("entered" if made is None else "passed", values), made


def _conditions(pipeline: Pipeline) -> tuple[Filter | Having, ...]:
    """Those that a row meets without looking at state."""
    having = () if pipeline.stateful else pipeline.clauses.having
    return (*pipeline.filters, *having)


def _write_judge(env: Environment, pipeline: Pipeline) -> tuple[Writer, Source]:
    """Write ``judge(row)``: the number of the condition that turns the row away, and the row that
    is made of it where no state is between."""
    writer = Writer(env)
    judge, row = writer.names.fresh("judge"), writer.names.fresh("row")
    source = Source(writer.names)
    with source.block(f"def {judge}({row}):"):
        scope = Scope(writer.loads(source, pipeline.query.source, row))
        for number, condition in enumerate(_conditions(pipeline)):
            one: Any = (condition,)
            text, scope = condition_text(writer, one, scope)
            with source.block(f"if not ({text}):", condition.place):
                source.line(f"return {number}, None")
        if pipeline.stateful or pipeline.unnest or pipeline.clauses.swallow_one:
            source.line("return None, None")
        else:
            target = pipeline.query.target
            values = [(text, place) for text, _, place in item_texts(writer, pipeline, scope)]
            source.call(f"return None, {writer.row_type(target)}(", values, ")")
    return writer, source


def _can_be_judged(env: Environment, pipeline: Pipeline) -> bool:
    expressions = [condition.condition for condition in _conditions(pipeline)]
    if not pipeline.stateful and pipeline.unnest is None:
        expressions += [item.expression for item in pipeline.items]
    return all(_leaves_no_trace(env, expression) for expression in expressions)


def _leaves_no_trace(env: Environment, expression: e.Expression) -> bool:
    """Whether it may be computed once more: the same comes of it, and nothing else."""
    nodes = list(walk(expression))
    if EVENT_TIME in nodes:
        return False  # a row is kept without it
    return all(_is_constant(env, node) for node in nodes if isinstance(node, e.Call))


def _is_constant(env: Environment, call: e.Call) -> bool:
    """Whether a function gives the same of the same arguments, at any time."""
    declared = FUNCTIONS.get(call.function.lower())
    if declared is None:
        registered = env.functions.get(call.function.lower())
        return registered is not None and registered.deterministic
    code = overload_of(call).code
    asks = isinstance(code, Inline) and any(f"{{{name}" in code.text for name in env.ambient)
    return declared.deterministic and not asks


def insight_of(env: Environment, last: LastRows, triggers: Mapping[str, TriggerTimes]) -> Insight:
    """All that can be seen now."""
    return Insight(
        env.clock.now_ms(),
        {p.query.name: holding_of(env, p) for p in env.graph.pipelines if p.stateful},
        last.fates(),
        {name: _known(trigger.next_due) for name, trigger in triggers.items()},
    )
