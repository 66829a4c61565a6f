"""Windows of which several are open at once: panes by a watermark, the clock, or a column."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from eventflux.compiler.batch_windows.entering import Entering
from eventflux.compiler.folding import Pane, key_text, write_fold, write_kept
from eventflux.compiler.pieces import Scope
from eventflux.compiler.places import late_for_panes, write_time
from eventflux.compiler.ticks import write_note
from eventflux.operators.external_batches import ExternalBatches
from eventflux.operators.panes import Panes
from eventflux.planner.windows import ExternalTimeBatch


def write_panes(e: Entering, panes: Panes) -> None:
    """Into each pane of its place; where time has reached the end of one, its row is given
    again."""
    name, place, mark, lateness = e.name, e.arrival.place, e.arrival.mark, 0
    time = None
    if isinstance(panes, ExternalBatches):
        assert isinstance(e.pipeline.window, ExternalTimeBatch)
        place = time = write_time(e.source, e.writer, e.pipeline.window.column, e.scope)
        mark = f"{name}.own.mark"
    elif mark:
        lateness = e.writer.env.live.followed[e.pipeline.index].lateness

    def enter() -> None:
        """When nothing of the row can fail any more: what is over by it, then its own panes."""
        if isinstance(panes, ExternalBatches):
            _move_on(e, panes, place)
        elif e.pipeline.gives_changes or (e.pipeline.ticks and lateness):
            e.source.line(f"{name}.place = {e.arrival.place}")
        with e.source.block(f"if not {name}.start <= {place} < {name}.end:"):
            e.source.line(f"{name}.enter({place})")

    late = late_for_panes(name, lateness, place, mark) if mark else ""
    with e.unless_late(late, time):
        with e.passing() as passed:
            _fill(e, passed, enter, lateness)
            e.count()
        if e.pipeline.after:
            with e.source.block("else:"):
                enter()


def _fill(e: Entering, scope: Scope, enter: Callable[[], None], lateness: int) -> None:
    pane, name = e.writer.names.fresh("pane"), e.name
    with ExitStack() as each:

        def begin() -> None:
            enter()
            each.enter_context(e.source.block(f"for {pane} in {name}.entered:"))

        again, keys = pane, []
        if e.pipeline.folds_batches:
            groups = Pane(f"{pane}.live", f"{pane}.contents")
            folded = write_fold(e.source, e.writer, e.pipeline, scope, begin, pane=groups)
            again, keys = f"{pane}, {key_text(folded.keys)}", [key.text for key in folded.keys]
        else:
            kept = write_kept(e.source, e.writer, e.pipeline, scope, e.arrival.time)
            begin()
            e.source.line(f"{pane}.live.append({kept})")
        if e.pipeline.gives_changes:
            e.source.line(f"{name}.give_again({again})")
        elif lateness and not e.pipeline.tells_window:
            with e.source.block(f"if {pane}.given:"):
                e.source.line(f"{name}.give_again({again})")
            if e.pipeline.ticks:
                with e.source.block("else:"):
                    write_note(
                        e.source, e.writer, e.pipeline, e.arrival.place, f"{pane}.end", *keys
                    )
        else:
            write_note(e.source, e.writer, e.pipeline, e.arrival.place, f"{pane}.end", *keys)


def _move_on(e: Entering, panes: ExternalBatches, time: str) -> None:
    """Have the time of a row close the batches that are over by it."""
    name = e.name
    e.source.line(f"{name}.place = {e.arrival.place}")
    if e.pipeline.gives_batches_expired:
        e.source.line(f"{name}.left_at = {e.arrival.time}")
    if panes.times_out:
        e.source.line(f"{name}.seen()")
    with e.source.block(f"if {time} > {name}.own.mark:"):
        e.source.line(f"{name}.own.advance({time})")
