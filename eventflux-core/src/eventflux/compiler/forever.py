"""The code of aggregates that outlive the windows that close: ``min_forever``, ``max_forever``."""

from __future__ import annotations

from collections.abc import Sequence

from eventflux.compiler.environment import Writer
from eventflux.compiler.pieces import Variable
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.source import Source


def write_forget(source: Source, writer: Writer, pipeline: Pipeline, now: str) -> None:
    """What is due when a window closes at ``now``: groups may have been idle for too long."""
    aggregate = pipeline.aggregate
    if not pipeline.forever or aggregate is None or aggregate.state_ttl_ms is None:
        return
    forget = f"{_forever(writer, pipeline)}.forget({now})"
    if not pipeline.gives_early or pipeline.tells_window:
        source.line(forget)
        return
    with source.block(f"if {_closing(writer, pipeline)}:"):
        source.line(forget)


def write_forever(
    source: Source, writer: Writer, pipeline: Pipeline, key: str, found: Sequence[Variable]
) -> tuple[Variable, ...]:
    """The aggregates of a group within one window as ``found``, with what all windows before
    have come to. It lasts, unless the window only gives what changed and goes on."""
    if not pipeline.forever:
        return tuple(found)
    values, forever = writer.names.fresh("forever"), _forever(writer, pipeline)
    take = f"{forever}.last"
    if pipeline.tells_window:
        take = f"{forever}.so_far"
    elif pipeline.gives_early:
        take = f"({forever}.last if {_closing(writer, pipeline)} else {forever}.so_far)"
    source.line(f"{values} = {take}({key}, {_own(pipeline, found)})")
    results = list(found)
    for place, index in enumerate(pipeline.forever):
        results[index] = Variable(f"{values}[{place}]", found[index].nullable)
    return tuple(results)


def write_last(
    source: Source, writer: Writer, pipeline: Pipeline, key: str, found: Sequence[Variable]
) -> None:
    """Have those of a group of a window that closes last, though nothing is given of it."""
    source.line(f"{_forever(writer, pipeline)}.last({key}, {_own(pipeline, found)})")


def _own(pipeline: Pipeline, found: Sequence[Variable]) -> str:
    return f"({', '.join(found[index].text for index in pipeline.forever)},)"


def _closing(writer: Writer, pipeline: Pipeline) -> str:
    """The text that what is given is of a window that closes, and does not go on."""
    operator = writer.env.live.operators[pipeline.index]
    return f"{writer.bind(f'window_{pipeline.query.name}', operator)}.closing"


def _forever(writer: Writer, pipeline: Pipeline) -> str:
    return writer.bind(f"forever_{pipeline.query.name}", writer.env.live.forever[pipeline.index])
