"""How a row enters a session, in code."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from eventflux.compiler.bodies import (
    Pane,
    Writer,
    key_text,
    passing,
    write_fold,
    write_kept,
    write_key_parts,
)
from eventflux.compiler.pieces import Scope
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.places import Arrival, unless_late
from eventflux.compiler.source import Source
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


def write_session_entry(
    source: Source,
    writer: Writer,
    pipeline: Pipeline,
    scope: Scope,
    arrival: Arrival,
    count: Callable[[], None],
    sessions: Sessions,
) -> None:
    """Put a row into the session that it belongs to, which it may open, extend, or join with
    others. A row that a filter behind the window drops does that too."""
    name = writer.bind(f"window_{pipeline.query.name}", sessions)
    place = arrival.place
    key = _session_key(source, writer, session_keys(pipeline), scope)
    session = writer.names.fresh("session")

    def enter() -> None:
        alone = writer.bind(f"alone_{pipeline.query.name}", sessions.alone)
        source.line(f"{session} = {alone}.get({key})")
        gap = sessions.gap
        apart = f"not {session}.start - {gap} < {place} < {session}.last + {gap}"
        with source.block(f"if {session} is None or {apart}:"):
            source.line(f"{session} = {name}.enter({key}, {place})")
        with source.block("else:"):
            if writer.env.tracked:
                state = writer.bind(f"sessions_{pipeline.query.name}", sessions.state)
                with source.block(f"if {session}.mark is not {state}.mark:"):
                    source.line(f"{state}.touch({session}.number, {session})")
            with source.block(f"if {place} > {session}.last:"):
                source.line(f"{session}.last = {place}")
            with source.block(f"elif {place} < {session}.start:"):
                source.line(f"{session}.start = {place}")

    window = pipeline.window
    assert isinstance(window, w.Session)
    reach = window.gap_ms + window.latency_ms
    lateness = writer.env.watermarks[pipeline.index].lateness if arrival.mark else 0

    def give(again: str) -> None:
        """The row that a session has come to, of one that is over, or where changes are given."""
        if pipeline.gives_changes:
            source.line(f"{name}.place = {place}")
            if lateness:
                source.line(f"{name}.is_over({session})")
            source.line(f"{name}.give_again({again})")
        elif lateness:
            over = f"({session}.given or {session}.last + {reach} <= {arrival.mark})"
            with source.block(f"if {over} and {name}.is_over({session}):"):
                source.line(f"{name}.give_again({again})")

    def put() -> None:
        with passing(source, writer, pipeline.after, scope) as passed:
            again = session
            if pipeline.folds_batches:
                pane = Pane(f"{session}.live", "")
                folded = write_fold(source, writer, pipeline, passed, enter, pane=pane)
                again = f"{session}, {key_text(folded.keys)}"
            else:
                kept = write_kept(source, writer, pipeline, passed, arrival.time)
                enter()
                source.line(f"{session}.live.append({kept})")
            give(again)
            count()
        if pipeline.after:
            with source.block("else:"):
                enter()
                if lateness:
                    source.line(f"{name}.is_over({session})")

    if not arrival.mark:
        put()
        return
    over = f"{place} + {reach + lateness} <= {arrival.mark}"
    late = f"{over} and {name}.is_late({key}, {place})"
    with unless_late(source, writer, pipeline, late, arrival.row, arrival.time):
        put()


def _session_key(source: Source, writer: Writer, keys: Iterable[Expression], scope: Scope) -> str:
    parts = write_key_parts(source, writer, keys, scope)
    key = writer.names.fresh("session_key")
    source.line(f"{key} = {key_text(parts)}")
    return key
