"""Parts bound in turn: each once its input is known. A stream that nobody declared follows from the
parts that write to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from msgspec.structs import replace

from eventflux.base.late_columns import whose_late
from eventflux.planner.inference import listed, merged_shape, union
from eventflux.planner.known import Known
from eventflux.planner.late_streams import late_stream
from eventflux.planner.own_functions import Functions
from eventflux.planner.parts import Part, Target, free
from eventflux.planner.places import place_of
from eventflux.planner.plan import Stream
from eventflux.planner.queries import BoundSelect, bind_select
from eventflux.planner.scope import NO_COLUMNS, Shape
from eventflux.sql.source import Problem


def bind_parts(
    known: Known, parts: Sequence[Part], functions: Functions, names: Collection[str]
) -> dict[str, BoundSelect]:
    """What parts are bound to, by their names; ``names`` are those that are taken."""
    bound: dict[str, BoundSelect] = {}
    progress = True
    while progress:
        progress = False
        for part in parts:
            if part.name in bound:
                continue
            shape = known.shapes.get(part.reads) or _late_shape(known, part)
            if shape is None:
                continue
            bound[part.name] = own = _bind(known, part, shape, functions, names)
            known.problems.extend(own.problems)
            known.warnings.extend(own.warnings)
            progress = True
            _infer(known, part.target, parts, bound)
    return bound


def _late_shape(known: Known, part: Part) -> Shape | None:
    """The shape of late rows, once that of their stream is known."""
    owner = whose_late(part.reads)
    if owner not in known.shapes or part.read_name is None:
        return None
    of = known.shapes[owner]
    stream = late_stream(owner, of.schema, place_of(known.source, part.read_name.start))
    known.streams[part.reads] = stream
    known.shapes[part.reads] = shape = Shape(stream.schema, of.untyped, of.open)
    return shape


def _bind(
    known: Known, part: Part, shape: Shape, functions: Functions, names: Collection[str]
) -> BoundSelect:
    below = free(f"{part.name}/passed", set(names))
    bound = bind_select(known.source, part, shape, functions, below)
    try:
        return listed(known.source, part, bound)
    except Problem as problem:
        return replace(bound, open=True, problems=(*bound.problems, *problem.diagnostics))


def _infer(
    known: Known, target: Target, parts: Sequence[Part], bound: Mapping[str, BoundSelect]
) -> None:
    """Define the stream of ``target`` if nobody declared it and all its writers are bound."""
    if target.stream in known.shapes:
        return
    writers = [part for part in parts if part.target.stream == target.stream]
    if any(part.name not in bound for part in writers):
        return
    try:
        named = [(part, _named(known, part, bound)) for part in writers]
        shape = merged_shape(known.source, target.shown, named)
    except Problem as problem:
        known.problems.extend(problem.diagnostics)
        known.shapes[target.stream] = NO_COLUMNS
        return
    known.shapes[target.stream] = shape
    known.streams[target.stream] = Stream(
        name=target.stream,
        schema=shape.schema,
        role="internal",
        extension=None,
        format=None,
        event_time=None,
        declared=False,
        place=place_of(known.source, writers[0].start),
        view=target.view,
        unnamed_of=target.unnamed_of,
    )


def _named(known: Known, part: Part, bound: Mapping[str, BoundSelect]) -> BoundSelect:
    """What a part gives, under the names that its stream has for it."""
    own = bound[part.name]
    return own if part.first is None else union(known.source, part, own, bound[part.first.name])
