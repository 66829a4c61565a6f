"""Windows of which one is open at a time: by the clock, or by a number of rows."""

from __future__ import annotations

from collections.abc import Callable

from eventflux.compiler.batch_windows.entering import Entering
from eventflux.compiler.bodies import with_time
from eventflux.compiler.environment import BatchWindow, Writer
from eventflux.compiler.folding import key_text, write_fold, write_kept
from eventflux.compiler.pieces import Scope
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.ticks import write_note
from eventflux.operators.contents import BufferedRows
from eventflux.operators.length_batch import LengthBatchWindow


def write_timed(e: Entering) -> None:
    """Into the batch of its place, which is opened first where it is not the open one."""
    name, place = e.name, e.arrival.place

    def open_if(condition: str) -> None:
        with e.source.block(f"if {condition}:"):
            e.source.line(f"{name}.enter({place})")

    def open_anyway() -> None:
        open_if(f"{place} >= {name}.end")

    def open_first(contents: str) -> None:
        open_if(f"not {contents}")

    with e.passing() as passed:
        # In order and without conditions behind it an open window is never empty.
        if e.arrival.in_order and not e.pipeline.after:
            _put(e, passed, on_first=open_first)
        else:
            _put(e, passed, before=open_anyway)
        e.count()
    if e.pipeline.after:
        with e.source.block("else:"):
            open_anyway()


def write_counted(e: Entering, window: LengthBatchWindow) -> None:
    """Into the batch, which its last row closes. Where changes are given, it gives its own."""
    with e.passing() as passed:
        folded = _put(e, passed)
        if e.pipeline.gives_changes:
            e.source.line(f"{e.name}.give_change({e.arrival.place}, {key_text(folded.keys)})")
        write_note(e.source, e.writer, e.pipeline, e.arrival.place)
        e.count()
    e.source.line(f"{e.name}.rows += 1")
    with e.source.block(f"if {e.name}.rows == {window.length}:"):
        time = f", {e.arrival.time}" if e.pipeline.gives_batches_expired else ""
        e.source.line(f"{e.name}.close({e.arrival.place}{time})")


def _put(
    e: Entering,
    scope: Scope,
    *,
    before: Callable[[], None] | None = None,
    on_first: Callable[[str], None] | None = None,
) -> Scope:
    """Fold a row into its group, or keep what is needed of it. ``before`` writes what is due
    before any state changes, ``on_first`` what is due before the first row only. Gives the scope of
    what the row has come to."""
    time = e.arrival.time
    if e.pipeline.folds_batches:
        scope = with_time(scope, time)
        return write_fold(e.source, e.writer, e.pipeline, scope, before, on_first)
    rows = buffered_rows(e.writer, e.pipeline)
    kept = write_kept(e.source, e.writer, e.pipeline, scope, time)
    if before is not None:
        before()
    if on_first is not None:
        on_first(rows)
    e.source.line(f"{rows}.append({kept})")
    return scope


def contents_name(writer: Writer, pipeline: Pipeline) -> str:
    """The name of what a window has collected."""
    window = writer.env.live.operators[pipeline.index]
    assert isinstance(window, BatchWindow)
    return writer.bind(f"contents_{pipeline.query.name}", window.contents)


def buffered_rows(writer: Writer, pipeline: Pipeline) -> str:
    """The name of the list in which a window without groups keeps its rows."""
    window = writer.env.live.operators[pipeline.index]
    assert isinstance(window, BatchWindow)
    assert isinstance(window.contents, BufferedRows)
    return writer.bind(f"batch_{pipeline.query.name}", window.contents.rows)
