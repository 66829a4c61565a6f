"""How a row enters a batch window, in code: which contents take it, and what is due before and
after."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
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
from eventflux.compiler.places import Arrival, late_for_panes, unless_late, write_time
from eventflux.compiler.sessions import write_session_entry
from eventflux.compiler.source import Source
from eventflux.operators.delayed import DelayedRows
from eventflux.operators.external_batches import ExternalBatches
from eventflux.operators.length_batch import LengthBatchWindow
from eventflux.operators.panes import Panes
from eventflux.operators.sessions import Sessions
from eventflux.operators.tumbling import BufferedRows, TumblingWindow
from eventflux.planner.windows import Delay, ExternalTimeBatch


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
            _enter_panes(source, writer, pipeline, scope, arrival, count, window)
        case DelayedRows():
            _delay(source, writer, pipeline, scope, arrival, count, name)
        case Sessions():
            write_session_entry(source, writer, pipeline, scope, arrival, count, window)
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


def _enter_panes(
    source: Source,
    writer: Writer,
    pipeline: Pipeline,
    scope: Scope,
    arrival: Arrival,
    count: Callable[[], None],
    panes: Panes,
) -> None:
    """Into each pane of its place; where time has reached the end of one, its row is given
    again."""
    name = writer.bind(f"window_{pipeline.query.name}", panes)
    place, time, mark, lateness = arrival.place, arrival.time, arrival.mark, 0
    if isinstance(panes, ExternalBatches):
        assert isinstance(pipeline.window, ExternalTimeBatch)
        place = time = write_time(source, writer, pipeline.window.column, scope)
        mark = f"{name}.own.mark"
    elif mark:
        lateness = writer.env.watermarks[pipeline.index].lateness

    def enter() -> None:
        """When nothing of the row can fail any more: what is over by it, then its own panes."""
        if isinstance(panes, ExternalBatches):
            _move_on(source, panes, name, place, arrival)
        elif pipeline.gives_changes:
            source.line(f"{name}.place = {arrival.place}")
        with source.block(f"if not {name}.start <= {place} < {name}.end:"):
            source.line(f"{name}.enter({place})")

    with ExitStack() as not_late:
        if mark:
            late = late_for_panes(name, lateness, place, mark)
            not_late.enter_context(unless_late(source, writer, pipeline, late, arrival.row, time))
        with passing(source, writer, pipeline.after, scope) as passed:
            _fill_panes(source, writer, pipeline, passed, arrival.time, name, enter, lateness)
            count()
        if pipeline.after:
            with source.block("else:"):
                enter()


def _fill_panes(
    source: Source,
    writer: Writer,
    pipeline: Pipeline,
    scope: Scope,
    time: str,
    name: str,
    enter: Callable[[], None],
    lateness: int,
) -> None:
    pane = writer.names.fresh("pane")
    with ExitStack() as each:

        def begin() -> None:
            enter()
            each.enter_context(source.block(f"for {pane} in {name}.entered:"))

        again = pane
        if pipeline.folds_batches:
            groups = Pane(f"{pane}.live", f"{pane}.contents")
            folded = write_fold(source, writer, pipeline, scope, begin, pane=groups)
            again = f"{pane}, {key_text(folded.keys)}"
        else:
            kept = write_kept(source, writer, pipeline, scope, time)
            begin()
            source.line(f"{pane}.live.append({kept})")
        if pipeline.gives_changes:
            source.line(f"{name}.give_again({again})")
        elif lateness:
            with source.block(f"if {pane}.given:"):
                source.line(f"{name}.give_again({again})")


def _move_on(
    source: Source, panes: ExternalBatches, name: str, place: str, arrival: Arrival
) -> None:
    """Have the time of a row close the batches that are over by it."""
    source.line(f"{name}.place = {arrival.place}")
    if panes.times_out:
        source.line(f"{name}.seen()")
    with source.block(f"if {place} > {name}.own.mark:"):
        source.line(f"{name}.own.advance({place})")


def _delay(
    source: Source,
    writer: Writer,
    pipeline: Pipeline,
    scope: Scope,
    arrival: Arrival,
    count: Callable[[], None],
    name: str,
) -> None:
    """Hold a row back that is not late."""
    window = pipeline.window
    assert isinstance(window, Delay)
    place, row, time = arrival.place, arrival.row, arrival.time
    with ExitStack() as not_late:
        if arrival.mark:
            late = f"{place} <= {arrival.mark} - {window.size_ms}"
            not_late.enter_context(unless_late(source, writer, pipeline, late, row, time))
        with passing(source, writer, pipeline.after, scope) as passed:
            kept = write_kept(source, writer, pipeline, passed, arrival.time)
            source.line(f"{name}.add({place}, {kept})")
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
