"""OUTPUT SNAPSHOT over a window: the code that gives all that it holds as one batch (semantics
9.4).

What windows that close give then is none of that: all they do is to forget their rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec.structs import replace

from eventflux.compiler.aggregates import results
from eventflux.compiler.batch_windows import contents_name
from eventflux.compiler.bodies import counts_name, failing_fired
from eventflux.compiler.clauses import BatchRows
from eventflux.compiler.environment import Writer
from eventflux.compiler.flushes import results_of_group, scope_of_group, scope_of_row
from eventflux.compiler.forever import write_forget, write_last
from eventflux.compiler.pieces import Scope
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.source import Source
from eventflux.operators.length_batch import LengthBatchWindow


def write_snapshot(
    source: Source, writer: Writer, pipeline: Pipeline, name: str, target: str
) -> None:
    """Write ``name(due, held)``, which gives a row for each row that is held, or for each group of
    each window that is open; ``target`` is the function that takes them."""
    names, counts = writer.names, counts_name(writer, pipeline)
    due, held, out, times = (names.fresh(n) for n in ("due", "held", "out", "times"))
    rows = BatchRows(writer, pipeline, out, ())
    with source.block(f"def {name}({due}, {held}):"):
        body = Source(names)
        rows.start(body)
        with (
            _each(body, writer, pipeline, held) as scope,
            failing_fired(body, writer, pipeline),
        ):
            rows.append(body, scope, (), f"{counts}.fired_filtered += 1")
        rows.arrange(body, counts, "fired_dropped", taken=False)
        with body.block(f"if {out}:"):
            body.line(f"{counts}.fired += len({out})")
            body.line(f"{times} = [{due}] * len({out})")
            body.line(f"{target}({out}, {times}, {times})")
        source.include(body)


@contextmanager
def _each(source: Source, writer: Writer, pipeline: Pipeline, held: str) -> Iterator[Scope]:
    """The loop over all that is ``held``: rows, or the groups or rows of windows."""
    names = writer.names
    if not pipeline.in_batches:
        columns, scope = scope_of_row(writer, pipeline, ("", ""))
        row = [names.fresh("member"), *columns, f"*{names.fresh('rest')}"]
        with source.block(f"for {', '.join(row)} in {held}:"):
            yield scope
        return
    start, end, live = (names.fresh(n) for n in ("start", "end", "live"))
    with source.block(f"for {start}, {end}, {live} in {held}:"):
        if pipeline.aggregate is None:
            columns, scope = scope_of_row(writer, pipeline, (start, end))
            with source.block(f"for {', '.join([*columns, names.fresh('time')])}, in {live}:"):
                yield scope
            return
        key, group = names.fresh("key"), names.fresh("group")
        with source.block(f"for {key}, {group} in {live}.items():"):
            scope = scope_of_group(pipeline, key, group, (start, end))
            found = results_of_group(source, writer, pipeline, group, key)
            yield replace(scope, aggregates=found)


def write_end(source: Source, writer: Writer, pipeline: Pipeline, name: str) -> None:
    """Write what a window calls that closes: nothing is given, but what outlives it lasts."""
    names, layout = writer.names, pipeline.layout
    operator = writer.env.live.operators[pipeline.index]
    counted = isinstance(operator, LengthBatchWindow)
    parameters = [names.fresh(n) for n in ("start", "end", "live", "first")]
    now, live = parameters[1:3]
    if counted:
        now, live = names.fresh("place"), contents_name(writer, pipeline)
        parameters = [now]
    with source.block(f"def {name}({', '.join(parameters)}):"):
        write_forget(source, writer, pipeline, now)
        if pipeline.forever and layout is not None:
            key, group = names.fresh("key"), names.fresh("group")
            groups = f"{live}.by_key" if counted else live
            with source.block(f"for {key}, {group} in {groups}.items():"):
                found = results(layout, group, names)
                write_last(source, writer, pipeline, key, found)
        if counted:
            source.line(f"{live}.clear()")
