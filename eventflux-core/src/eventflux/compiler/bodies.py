"""The parts that a query's code has in every shape: conditions, items, folding, failing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from eventflux.base.types import DataType, integer_range
from eventflux.compiler.aggregates import Argument, Layout, results, write_update
from eventflux.compiler.environment import BatchWindow, Environment, ManyWindows, Writer
from eventflux.compiler.facts import facts_when_true
from eventflux.compiler.pieces import Piece, Scope, Variable
from eventflux.compiler.pipeline import Pipeline, key_columns
from eventflux.compiler.source import Source, cold, is_simple
from eventflux.operators import scalars
from eventflux.operators.groups import Groups
from eventflux.planner.expressions import EVENT_TIME, Expression
from eventflux.planner.plan import Filter, Having, Item, Place


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
    operator = env.live.operators[pipeline.index]
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
        new = writer.group_type(pipeline)
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
