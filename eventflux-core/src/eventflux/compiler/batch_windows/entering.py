"""A row before a window that gives batches, and what writes the code of how it enters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import msgspec

from eventflux.compiler.bodies import passing, window_name
from eventflux.compiler.environment import Operator, Writer
from eventflux.compiler.pieces import Scope
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.places import Arrival, unless_late
from eventflux.compiler.source import Source


class Entering(msgspec.Struct, frozen=True):
    """The row has passed the filters before the window; ``count`` writes how one is counted that
    passes those behind it. Nothing is changed before all that can fail of a row has been done."""

    source: Source
    writer: Writer
    pipeline: Pipeline
    scope: Scope
    arrival: Arrival
    count: Callable[[], None]

    @property
    def window(self) -> Operator:
        return self.writer.env.live.operators[self.pipeline.index]

    @property
    def name(self) -> str:
        """The window's in generated code."""
        return window_name(self.writer, self.pipeline)

    def passing(self) -> AbstractContextManager[Scope]:
        """The block of rows that pass the filters behind the window."""
        return passing(self.source, self.writer, self.pipeline.after, self.scope)

    @contextmanager
    def unless_late(self, test: str, time: str | None = None) -> Iterator[None]:
        """The block of rows that are not late, which ``test`` says; all are with none. ``time`` is
        what late rows have for their event time, if not their own."""
        if not test:
            yield
            return
        own = time if time is not None else self.arrival.time
        row = self.arrival.row
        with unless_late(self.source, self.writer, self.pipeline, test, row, own):
            yield
