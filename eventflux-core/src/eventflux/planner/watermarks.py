"""Which watermark each query goes by (semantics 9.0).

A root is a stream that rows enter by from outside. What a query emits carries the watermark of
what it reads on, so that a stream goes by the least of all roots that feed it, through windows
too. Errors, late rows and notices of connections are no rows of the source any more: their
streams go by the app's clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from eventflux.base.errors import Diagnostic, Position
from eventflux.planner.plan import Emission, Plan, Query, Watermark, Windowed
from eventflux.planner.windows import FirstUnique, OutputTime, Unique

Roots = frozenset[str]


def roots_of(plan: Plan) -> dict[str, Roots]:
    """For each stream the roots that feed it, itself if it is one."""
    written = {query.target for query in plan.queries}
    roots = {
        name: Roots([name]) if name not in written or stream.role == "source" else Roots()
        for name, stream in plan.streams.items()
    }
    growing = True
    while growing:
        growing = False
        for query in plan.queries:
            more = roots[query.target] | roots[query.source]
            growing = growing or more != roots[query.target]
            roots[query.target] = more
    return roots


def watermarks_of(plan: Plan) -> dict[str, Roots]:
    """For each stream the roots whose watermarks its rows carry; none where it has the clock
    of the app. A stream that is fed by some roots with a watermark and some without has none
    of its own that time could go by."""
    marked = {name for name, stream in plan.streams.items() if stream.watermark is not None}
    return {name: roots if roots <= marked else Roots() for name, roots in roots_of(plan).items()}


def problems_of_watermarks(plan: Plan) -> Iterator[Diagnostic]:
    """A watermark that queries write past, and windows whose rows have no clock in common."""
    for name, stream in plan.streams.items():
        if stream.watermark is not None and (writers := plan.writers(name)):
            yield Diagnostic(
                f"{name!r} has a WATERMARK, and query {writers[0].name!r} inserts into it: what a "
                "query inserts carries the watermark of what it reads",
                _position(stream.watermark),
                f"declare WATERMARK FOR on {writers[0].source!r}, or insert into another stream",
            )
    roots = roots_of(plan)
    for query in plan.queries:
        window, emit = window_of(query), query.root.emit
        if window is not None and (window.window.timed or _leaves_by_time(query, window)):
            what = "OUTPUT" if isinstance(window.window, OutputTime) else "window"
            yield from _mixed(plan, query, what, window, roots)
        elif emit is not None and emit.by_time:
            what = "OUTPUT" if emit.mode == "snapshot" else f"EMIT {emit.mode.upper()}"
            yield from _mixed(plan, query, what, emit, roots)
        if emit is not None and is_final(query):
            yield from _never_final(plan, query, emit, roots)


def _leaves_by_time(query: Query, window: Windowed) -> bool:
    """Whether it is told of rows that a time to live has leave."""
    kept = window.window
    timed = isinstance(kept, Unique | FirstUnique) and kept.ttl_ms is not None
    return timed and query.root.events is not None


def _mixed(
    plan: Plan, query: Query, what: str, timed: Windowed | Emission, roots: Mapping[str, Roots]
) -> Iterator[Diagnostic]:
    fed_by = sorted(roots[query.source])
    marked = [name for name in fed_by if plan.streams[name].watermark is not None]
    others = [name for name in fed_by if plan.streams[name].watermark is None]
    if marked and others:
        yield Diagnostic(
            f"query {query.name!r}: its {what} gets rows of {_listed(marked)} with a watermark and "
            f"rows of {_listed(others)} without one",
            _position(timed),
            _hint(plan, others[0], "read them in a query of their own", "leave it out everywhere"),
        )


def _never_final(
    plan: Plan, query: Query, emit: Emission, roots: Mapping[str, Roots]
) -> Iterator[Diagnostic]:
    fed_by = sorted(roots[query.source])
    without = "leave EMIT FINAL out: each row comes at once"
    if not any(plan.streams[name].watermark is not None for name in fed_by):
        yield Diagnostic(
            f"query {query.name!r}: EMIT FINAL gives a row when none can come before it any more: "
            f"that is told by a watermark, of which there is none for {_listed(fed_by)}",
            _position(emit),
            _hint(plan, fed_by[0], without, without),
        )


def _hint(plan: Plan, stream: str, without: str, otherwise: str) -> str:
    """How the rows of ``stream`` come to have a watermark: ``otherwise`` says what else to do, and
    ``without`` what to do where they can have none."""
    root = plan.streams[stream]
    if root.trigger is not None or not root.declared:
        return f"rows of {stream} go by the app's clock alone, so {without}"
    return f"add WATERMARK FOR … AS … to CREATE STREAM {stream}, or {otherwise}"


def is_final(query: Query) -> bool:
    """Whether its rows wait for the watermark before they enter (EMIT FINAL)."""
    return query.root.emit is not None and query.root.emit.mode == "final"


def window_of(query: Query) -> Windowed | None:
    """The window of a query, if it has one."""
    return next((o for o in query.operators if isinstance(o, Windowed)), None)


def _position(node: Watermark | Windowed | Emission) -> Position:
    return Position(node.place.line, node.place.column)


def _listed(names: list[str]) -> str:
    return ", ".join(map(repr, names))
