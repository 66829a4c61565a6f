"""Where time-bounded operators put a row, and whether it is too late for them (semantics 9.0).

Every row in generated code has two texts: ``time``, its event time, and ``now``, the clock at its
arrival (in the batch shape ``place``, which is carried from query to query). A query under a
watermark, one that has an entry in :attr:`Environment.watermarks`, puts rows at their event time;
any other puts them where the clock stood.

Under a watermark an operator first asks whether the row is late, by a test of its own::

    with unless_late(source, writer, pipeline, test, row, time):
        ...    # the row is not late

``test`` is the text of the condition. For panes it is ``late_for_panes(…)``; a sliding window of
``d`` ms has ``f"{time} <= {mark} - {d}"``. ``mark`` is the watermark as text: what
:func:`mark_of` gives, or the local variable that a shape has for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from eventflux.base.errors import RowError
from eventflux.compiler.environment import Writer
from eventflux.compiler.pieces import Scope
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.source import Source, cold
from eventflux.planner.expressions import Column


def mark_of(writer: Writer, pipeline: Pipeline) -> str:
    """The text of the query's watermark, wherever the code stands."""
    watermark = writer.env.live.followed[pipeline.index]
    return f"{writer.bind('watermark', watermark)}.mark"


def late_for_panes(panes: str, lateness: int, time: str, mark: str) -> str:
    """The condition that a row comes after its window has closed, ``panes`` being the operator."""
    bound = f"{mark} - {lateness}" if lateness else mark
    return f"{time} < {bound} and {panes}.is_late({time})"


class Arrival(msgspec.Struct, frozen=True):
    """The names of a row, of its place and of its event time, and the text of the watermark, where
    its query goes by one.

    The place is where the clock stood, or the event time where the stream of the row has a
    watermark; a row that a window gave stands where that put it. ``in_order`` says that all timers
    due up to the place have fired, and that no row before it has a later place.
    """

    row: str
    place: str
    time: str
    mark: str
    in_order: bool


def write_time(source: Source, writer: Writer, column: Column, scope: Scope) -> str:
    """Read the time of a row from a column of its own; gives its name. NULL makes the row fail."""
    found = scope.column(column.name)
    time = writer.names.fresh("time")
    source.line(f"{time} = {found.text}")
    if found.nullable:
        with source.block(f"if {time} is None:"):
            source.line(f"raise {writer.bind('no_time', _no_time)}({column.name!a})")
    return time


def _no_time(column: str) -> RowError:
    return RowError(f"NULL in column '{column}', which a window of time goes by")


@contextmanager
def unless_late(
    source: Source, writer: Writer, pipeline: Pipeline, test: str, row: str, time: str
) -> Iterator[None]:
    """The block of rows for which ``test`` is false; the others go to the late rows of the
    stream, and change nothing else. ``row`` is the text of the whole row."""
    late = writer.bind("late", writer.env.late)
    with source.block(f"if {test}:"):
        source.line(f"{late}({pipeline.index}, {cold(row)}, {time})")
    with source.block("else:"):
        yield
