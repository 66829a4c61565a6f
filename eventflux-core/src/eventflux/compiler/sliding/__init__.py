"""The code of sliding windows: rows that leave are taken back from their groups.

A sliding window is a running aggregate that forgets. For each row that enters, generated code
evaluates keys and arguments, so that a row that fails leaves no trace; takes the rows that leave
out of their groups; puts the new one in; folds it into its group; and goes on with the row's
own output. Nothing happens between rows: what a clock has made old leaves when the next row
comes, before anybody can see it.

:mod:`.frame` is what all have in common, and the steps that each window writes in its own way.
"""

from __future__ import annotations

from contextlib import ExitStack

from eventflux.compiler.bodies import passing
from eventflux.compiler.environment import Writer
from eventflux.compiler.folding import write_fold
from eventflux.compiler.pieces import Scope
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.places import Arrival
from eventflux.compiler.sliding.columns import Columns
from eventflux.compiler.sliding.expression import Expression
from eventflux.compiler.sliding.frame import Sliding, Then
from eventflux.compiler.sliding.frequent import Frequent, LossyFrequent
from eventflux.compiler.sliding.keyed import FirstUnique, Unique
from eventflux.compiler.sliding.sort import Sort
from eventflux.compiler.sliding.timed import Timed
from eventflux.compiler.source import Source
from eventflux.planner import windows as w

__all__ = ["Then", "write_leave", "write_slide"]

_WRITERS: dict[type, type[Sliding]] = {
    w.Length: Columns,
    w.Time: Columns,
    w.TimeLength: Columns,
    w.ExternalTime: Timed,
    w.Expression: Expression,
    w.Sort: Sort,
    w.Unique: Unique,
    w.FirstUnique: FirstUnique,
    w.Frequent: Frequent,
    w.LossyFrequent: LossyFrequent,
}


def _kind(pipeline: Pipeline) -> type[Sliding]:
    if pipeline.by_watermark and isinstance(pipeline.window, w.Time | w.TimeLength):
        return Timed
    return _WRITERS[type(pipeline.window)]


def write_leave(
    source: Source, writer: Writer, pipeline: Pipeline, now: str, expired: Then | None = None
) -> None:
    """Take out the rows that have left the window of ``pipeline`` by ``now``, a tick, at which
    their groups are told of; the function returns when the next one leaves. ``expired`` writes
    what follows for each."""
    arrival = Arrival("", f"{now} - 1", "", "", in_order=True)
    window = _kind(pipeline)(source, writer, pipeline, Scope(), arrival, expired)
    source.line(f"return {window.leave_by(now)}")


def write_slide(
    source: Source,
    writer: Writer,
    pipeline: Pipeline,
    scope: Scope,
    arrival: Arrival,
    then: Then,
    expired: Then | None = None,
) -> None:
    """Have a row enter the window of ``pipeline``; ``then`` writes what follows for one that
    gives a row, ``expired`` for one that leaves because of it, where that is told of."""
    window = _kind(pipeline)(source, writer, pipeline, scope, arrival, expired)
    window.read_row()
    with ExitStack() as admitted:
        admitted.enter_context(window.admitting())
        with passing(source, writer, pipeline.after, scope) as passed:
            if pipeline.aggregate is not None:
                passed = write_fold(
                    source,
                    writer,
                    pipeline,
                    passed,
                    window.make_room,
                    on_group=window.put,
                    order=window.order,
                )
            else:
                window.make_room()
                window.put("True" if pipeline.tells_rows else None, ())
            window.settle()
            with window.emitting():
                then(passed)
        if pipeline.after:
            with source.block("else:"):
                window.make_room()
                window.put(None, ())
                window.settle()
