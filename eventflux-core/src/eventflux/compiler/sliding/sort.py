"""The window of the first rows in an order: sort."""

from __future__ import annotations

from collections.abc import Sequence

from eventflux.compiler.pieces import Variable
from eventflux.compiler.sliding.entries import Entries
from eventflux.operators.sort import SortedRows
from eventflux.planner import windows as w


class Sort(Entries):
    """The new row enters at its place in the order, then the last one leaves."""

    numbered = True

    def begin(self) -> None:
        super().begin()
        window = self.pipeline.window
        assert isinstance(window, w.Sort)
        assert isinstance(self.window, SortedRows)
        self.held = self.window.held
        self.rows = window.rows
        scope = self.scope
        self.values = tuple(scope.column(key.column.name).text for key in window.keys)

    def put(self, group: str | None, arguments: Sequence[Variable]) -> None:
        rank = f"{self.name}.rank({', '.join(self.values)})"
        entry = self.entry(group, arguments, *self.values)
        self.source.line(f"{self.name}.insert({rank}, {entry})")

    def settle(self) -> None:
        held = self.bind("held", self.held)
        with self.source.block(f"if len({held}) > {self.rows}:"):
            self.leave(f"{self.name}.pop_last()", len(self.values))
