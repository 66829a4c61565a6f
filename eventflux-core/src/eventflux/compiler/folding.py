"""How rows are folded into the accumulators of their groups: keys, arguments, the fold itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec
from msgspec.structs import replace

from eventflux.compiler.aggregates import Argument, Layout, results, write_update
from eventflux.compiler.bodies import assign_simple
from eventflux.compiler.environment import BatchWindow, Environment, ManyWindows, Writer
from eventflux.compiler.pieces import Scope, Variable
from eventflux.compiler.pipeline import Pipeline, key_columns
from eventflux.compiler.source import Source, cold
from eventflux.operators.groups import Groups
from eventflux.planner.expressions import Expression


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


def groups_name(writer: Writer, pipeline: Pipeline) -> str:
    """The name of the groups of an aggregate by their keys."""
    by_key = groups_of(writer.env, pipeline).by_key
    return writer.bind(f"groups_{pipeline.query.name}", by_key)


def state_name(writer: Writer, pipeline: Pipeline) -> str:
    """The name of the groups of an aggregate, as what notes changes."""
    return writer.bind(f"state_{pipeline.query.name}", groups_of(writer.env, pipeline))


def write_touch(source: Source, writer: Writer, state: str, key: str, accumulator: str) -> None:
    """Note that a group of ``state`` is about to change, where it is tracked."""
    if writer.env.tracked:
        with source.block(f"if {accumulator}.mark is not {state}.mark:"):
            source.line(f"{state}.touch({key}, {accumulator})")


class Pane(msgspec.Struct, frozen=True):
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
        groups = groups_name(writer, pipeline)
        state = state_name(writer, pipeline) if writer.env.tracked else ""
    assert pipeline.aggregate is not None
    keys = write_key_parts(source, writer, pipeline.aggregate.keys, scope)
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
