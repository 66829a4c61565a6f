"""The code that makes several rows of one: of the elements of lists, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import zip_longest

from msgspec.structs import replace

from eventflux.compiler.environment import Writer
from eventflux.compiler.pieces import Scope, Variable
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.source import Source


@contextmanager
def each_row(source: Source, writer: Writer, pipeline: Pipeline, scope: Scope) -> Iterator[Scope]:
    """The block that is run for each row that a query makes of that of ``scope``; where it makes
    but one, no block."""
    if pipeline.unnest is None:
        yield scope
        return
    calls = pipeline.unnest.calls
    names = [writer.names.fresh("element") for _ in calls]
    values = ", ".join(writer.expressions.several(call, scope) for call in calls)
    if len(calls) > 1:
        values = f"{writer.bind('side_by_side', zip_longest)}({values})"
    with source.block(f"for {', '.join(names)} in {values}:", pipeline.unnest.place):
        elements = (Variable(n, call.nullable) for n, call in zip(names, calls, strict=True))
        yield replace(scope, elements=tuple(elements))
