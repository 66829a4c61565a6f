"""Runs of rows, each less than a gap behind the one before."""

from __future__ import annotations

from eventflux.compiler.batch_windows.entering import Entering
from eventflux.compiler.folding import Pane, key_text, write_fold, write_kept, write_key_parts
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.ticks import write_note
from eventflux.operators.sessions import Sessions
from eventflux.planner import windows as w
from eventflux.planner.expressions import Expression


def session_keys(pipeline: Pipeline) -> tuple[Expression, ...]:
    """What sessions are told apart by: the window's columns, else the keys of GROUP BY."""
    window = pipeline.window
    assert isinstance(window, w.Session)
    if window.keys or pipeline.aggregate is None:
        return window.keys
    return pipeline.aggregate.keys


def write_session(e: Entering, sessions: Sessions) -> None:
    """Put a row into the session that it belongs to, which it may open, extend, or join with
    others. A row that a filter behind the window drops does that too."""
    window, place, mark = e.pipeline.window, e.arrival.place, e.arrival.mark
    assert isinstance(window, w.Session)
    reach = window.gap_ms + window.latency_ms
    lateness = e.writer.env.live.followed[e.pipeline.index].lateness if mark else 0
    key, session = _session_key(e), e.writer.names.fresh("session")

    def enter() -> None:
        _write_lookup(e, sessions, session, key)

    late = ""
    if mark:
        over = f"{place} + {reach + lateness} <= {mark}"
        late = f"{over} and {e.name}.is_late({key}, {place})"
    with e.unless_late(late):
        with e.passing() as passed:
            again, keys = session, []
            if e.pipeline.folds_batches:
                pane = Pane(f"{session}.live", "")
                folded = write_fold(e.source, e.writer, e.pipeline, passed, enter, pane=pane)
                again = f"{session}, {key_text(folded.keys)}"
                keys = [key.text for key in folded.keys]
            else:
                kept = write_kept(e.source, e.writer, e.pipeline, passed, e.arrival.time)
                enter()
                e.source.line(f"{session}.live.append({kept})")
            if e.pipeline.gives_changes:
                e.source.line(f"{e.name}.place = {place}")
                if lateness:
                    e.source.line(f"{e.name}.is_over({session})")
                e.source.line(f"{e.name}.give_again({again})")
            elif lateness and e.pipeline.tells_window:
                e.source.line(f"{e.name}.is_over({session})")
                _write_note(e, session, keys)
            elif lateness:
                known = f"({session}.given or {session}.last + {reach} <= {mark})"
                with e.source.block(f"if {known} and {e.name}.is_over({session}):"):
                    if e.pipeline.ticks:
                        e.source.line(f"{e.name}.place = {place}")
                    e.source.line(f"{e.name}.give_again({again})")
                if e.pipeline.ticks:
                    with e.source.block("else:"):
                        _write_note(e, session, keys)
            else:
                _write_note(e, session, keys)
            e.count()
        if e.pipeline.after:
            with e.source.block("else:"):
                enter()
                if lateness:
                    e.source.line(f"{e.name}.is_over({session})")


def _write_note(e: Entering, session: str, keys: list[str]) -> None:
    write_note(e.source, e.writer, e.pipeline, e.arrival.place, f"{session}.number", *keys)


def _write_lookup(e: Entering, sessions: Sessions, session: str, key: str) -> None:
    """Find the session of the row, or make it; it reaches to the row then."""
    place, gap, query = e.arrival.place, sessions.gap, e.pipeline.query.name
    alone = e.writer.bind(f"alone_{query}", sessions.alone)
    e.source.line(f"{session} = {alone}.get({key})")
    apart = f"not {session}.start - {gap} < {place} < {session}.last + {gap}"
    with e.source.block(f"if {session} is None or {apart}:"):
        e.source.line(f"{session} = {e.name}.enter({key}, {place})")
    with e.source.block("else:"):
        if e.writer.env.tracked:
            state = e.writer.bind(f"sessions_{query}", sessions.state)
            with e.source.block(f"if {session}.mark is not {state}.mark:"):
                e.source.line(f"{state}.touch({session}.number, {session})")
        with e.source.block(f"if {place} > {session}.last:"):
            e.source.line(f"{session}.last = {place}")
        with e.source.block(f"elif {place} < {session}.start:"):
            e.source.line(f"{session}.start = {place}")


def _session_key(e: Entering) -> str:
    parts = write_key_parts(e.source, e.writer, session_keys(e.pipeline), e.scope)
    key = e.writer.names.fresh("session_key")
    e.source.line(f"{key} = {key_text(parts)}")
    return key
