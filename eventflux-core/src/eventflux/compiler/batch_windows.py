"""How a row enters a batch window, in code: which contents take it, and what is due before and
after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from eventflux.compiler.bodies import (
    BatchWindow,
    Pane,
    Writer,
    key_text,
    passing,
    write_fold,
    write_kept,
)
from eventflux.compiler.pieces import Scope, Variable
from eventflux.compiler.pipeline import EVENT_TIME, Pipeline
from eventflux.compiler.places import Arrival, late_for_panes, unless_late
from eventflux.compiler.source import Source
from eventflux.operators.length_batch import LengthBatchWindow
from eventflux.operators.panes import Panes
from eventflux.operators.tumbling import BufferedRows, TumblingWindow


def write_entry(
    source: Source,
    writer: Writer,
    pipeline: Pipeline,
    scope: Scope,
    arrival: Arrival,
    count: Callable[[], None],
) -> None:
    """Put a row that passed the filters before a window into it, when nothing of the row can
    fail any more; ``count`` writes how a row that passes those behind the window is counted."""
    window = writer.env.operators[pipeline.index]
    name = writer.bind(f"window_{pipeline.query.name}", window)
    match window:
        case TumblingWindow():
            _enter_in_time(source, writer, pipeline, scope, arrival, count, name)
        case Panes():
            _enter_pane(source, writer, pipeline, scope, arrival, count, name)
        case LengthBatchWindow():
            with passing(source, writer, pipeline.after, scope) as passed:
                _put(source, writer, pipeline, passed, arrival.time)
                count()
            source.line(f"{name}.rows += 1")
            with source.block(f"if {name}.rows == {window.length}:"):
                source.line(f"{name}.close({arrival.place})")
        case _:
            raise TypeError(f"no row enters {type(window).__name__}")


def _enter_in_time(
    source: Source,
    writer: Writer,
    pipeline: Pipeline,
    scope: Scope,
    arrival: Arrival,
    count: Callable[[], None],
    name: str,
) -> None:
    """Into the batch of its place, which is opened first where it is not the open one."""

    def open_if(condition: str) -> None:
        with source.block(f"if {condition}:"):
            source.line(f"{name}.enter({arrival.place})")

    def open_anyway() -> None:
        open_if(f"{arrival.place} >= {name}.end")

    def open_first(contents: str) -> None:
        open_if(f"not {contents}")

    with passing(source, writer, pipeline.after, scope) as passed:
        # In order and without conditions behind it an open window is never empty.
        if arrival.in_order and not pipeline.after:
            _put(source, writer, pipeline, passed, arrival.time, on_first=open_first)
        else:
            _put(source, writer, pipeline, passed, arrival.time, before=open_anyway)
        count()
    if pipeline.after:
        with source.block("else:"):
            open_anyway()


def _enter_pane(
    source: Source,
    writer: Writer,
    pipeline: Pipeline,
    scope: Scope,
    arrival: Arrival,
    count: Callable[[], None],
    name: str,
) -> None:
    """Into the pane of its event time; where the watermark has reached the end of that, its row
    is given again."""
    time = arrival.time
    late = late_for_panes(writer, pipeline, name, time, arrival.mark)
    with (
        unless_late(source, writer, pipeline, late, arrival.row, time),
        passing(source, writer, pipeline.after, scope) as passed,
    ):
        current = writer.names.fresh("pane")

        def enter() -> None:
            with source.block(f"if not {name}.start <= {time} < {name}.end:"):
                source.line(f"{name}.enter({time})")
            source.line(f"{current} = {name}.current")

        again = ""
        if pipeline.folds_batches:
            pane = Pane(current, f"{name}.contents")
            folded = write_fold(source, writer, pipeline, passed, enter, pane=pane)
            again = key_text(folded.keys)
        else:
            kept = write_kept(source, writer, pipeline, passed, time)
            enter()
            source.line(f"{current}.append({kept})")
        if writer.env.watermarks[pipeline.index].lateness:
            with source.block(f"if {name}.given:"):
                source.line(f"{name}.give_again({again})")
        count()


def _put(
    source: Source,
    writer: Writer,
    pipeline: Pipeline,
    scope: Scope,
    time: str,
    *,
    before: Callable[[], None] | None = None,
    on_first: Callable[[str], None] | None = None,
) -> None:
    """Fold a row into its group, or keep what is needed of it. ``before`` writes what is due
    before any state changes, ``on_first`` what is due before the first row only."""
    if pipeline.folds_batches:
        scope = replace(scope, columns={**scope.columns, EVENT_TIME.name: Variable(time, False)})
        write_fold(source, writer, pipeline, scope, before, on_first)
        return
    rows = buffered_rows(writer, pipeline)
    kept = write_kept(source, writer, pipeline, scope, time)
    if before is not None:
        before()
    if on_first is not None:
        on_first(rows)
    source.line(f"{rows}.append({kept})")


def contents_name(writer: Writer, pipeline: Pipeline) -> str:
    """The name of what a window has collected."""
    window = writer.env.operators[pipeline.index]
    assert isinstance(window, BatchWindow)
    return writer.bind(f"contents_{pipeline.query.name}", window.contents)


def buffered_rows(writer: Writer, pipeline: Pipeline) -> str:
    """The name of the list in which a window without groups keeps its rows."""
    window = writer.env.operators[pipeline.index]
    assert isinstance(window, BatchWindow)
    assert isinstance(window.contents, BufferedRows)
    return writer.bind(f"batch_{pipeline.query.name}", window.contents.rows)
