"""Rows of a query that OUTPUT … EVERY limits."""

from __future__ import annotations

from eventflux.compiler.batch_windows.entering import Entering
from eventflux.compiler.bodies import counts_name
from eventflux.compiler.folding import key_text, write_kept, write_key_parts
from eventflux.planner.windows import OutputRows, OutputTime


def write_limited(e: Entering) -> None:
    """Hand a row over, and count those that never come out because of it."""
    window, place = e.pipeline.window, e.arrival.place
    assert isinstance(window, OutputRows | OutputTime)
    with e.passing() as passed:
        keys = write_key_parts(e.source, e.writer, window.keys, passed)
        kept = write_kept(e.source, e.writer, e.pipeline, passed, e.arrival.time)
        name = counts_name(e.writer, e.pipeline)
        dropped = f"{e.name}.add({place}, {key_text(keys)}, {kept})"
        e.source.line(f"{name}.dropped += {dropped}")
        e.count()
