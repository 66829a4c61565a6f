"""Rows that are passed on later."""

from __future__ import annotations

from eventflux.compiler.batch_windows.entering import Entering
from eventflux.compiler.folding import write_kept
from eventflux.planner.windows import Delay


def write_delay(e: Entering) -> None:
    """Hold a row back that is not late."""
    window, place, mark = e.pipeline.window, e.arrival.place, e.arrival.mark
    assert isinstance(window, Delay)
    late = f"{place} <= {mark} - {window.size_ms}" if mark else ""
    with e.unless_late(late), e.passing() as passed:
        kept = write_kept(e.source, e.writer, e.pipeline, passed, e.arrival.time)
        e.source.line(f"{e.name}.add({place}, {kept})")
        e.count()
