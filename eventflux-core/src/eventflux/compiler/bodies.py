"""The parts that a query's code has in every shape: conditions, items, failing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec.structs import replace

from eventflux.base.types import DataType, integer_range
from eventflux.compiler.environment import Writer
from eventflux.compiler.facts import facts_when_true
from eventflux.compiler.pieces import Piece, Scope, Variable
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.source import Source, is_simple
from eventflux.operators import scalars
from eventflux.planner.expressions import EVENT_TIME
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


@contextmanager
def failing_fired(source: Source, writer: Writer, pipeline: Pipeline) -> Iterator[None]:
    """As :func:`failing_alone`, of a row that comes out for none that comes in."""
    fail = writer.bind("fail_fired", writer.env.fail_fired)
    with failing_alone(source, pipeline, f"{fail}({pipeline.index}, error)"):
        yield


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


def with_time(scope: Scope, time: str) -> Scope:
    """``scope`` with the event time of the row as a column that its group keeps."""
    return replace(scope, columns={**scope.columns, EVENT_TIME.name: Variable(time, False)})


def counts_name(writer: Writer, pipeline: Pipeline) -> str:
    """The name of the counters of a query."""
    return writer.bind(f"counts_{pipeline.query.name}", writer.env.counts[pipeline.index])


def window_name(writer: Writer, pipeline: Pipeline) -> str:
    """The name of the window of a query."""
    operator = writer.env.live.operators[pipeline.index]
    return writer.bind(f"window_{pipeline.query.name}", operator)
