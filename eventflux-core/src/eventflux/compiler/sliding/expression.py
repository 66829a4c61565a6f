"""The window of the newest rows of which a condition is true: expression."""

from __future__ import annotations

from collections.abc import Sequence

from eventflux.compiler.aggregates import Layout, layout_of, results, write_removal, write_update
from eventflux.compiler.folding import write_arguments
from eventflux.compiler.pieces import Scope, Variable
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.sliding.columns import Columns
from eventflux.operators.sliding import JudgedRows
from eventflux.planner import windows as w


def condition_layout(pipeline: Pipeline) -> Layout | None:
    """What the condition of a window reads of its rows, where it has one."""
    window = pipeline.window
    if not isinstance(window, w.Expression):
        return None
    return layout_of(window.calls, frozenset(), (), False, "oldest")


class Expression(Columns):
    """The row enters, then the oldest leave until the condition holds. Behind the arguments of
    the query's aggregates each row keeps those of the condition's."""

    def begin(self) -> None:
        super().begin()
        assert isinstance(self.rows, JudgedRows)
        layout = condition_layout(self.pipeline)
        assert layout is not None
        self.judging = layout
        self.judged = write_arguments(self.source, self.writer, layout, self.scope)
        self.whole = f"{self.bind('window', self.rows)}.whole"

    def make_room(self) -> None:
        """Nothing leaves before the row is in."""

    def put(self, group: str | None, arguments: Sequence[Variable]) -> None:
        asked = list(arguments) or [Variable("None", True)] * self.arguments
        super().put(group, [*asked, *self.judged])
        write_update(self.source, self.judging, self.whole, self.judged, [])

    def settle(self) -> None:
        scope = Scope({}, aggregates=results(self.judging, self.whole, self.writer.names))
        window = self.pipeline.window
        assert isinstance(window, w.Expression)
        holds = self.writer.expressions.truth(window.condition, scope)
        with self.source.block(f"while {self.members} and not ({holds}):"):
            old = self.take_oldest()
            own = old[self.arguments : self.arguments + len(self.judged)]
            judged = [
                Variable(name, argument.nullable)
                for name, argument in zip(own, self.judging.arguments, strict=True)
            ]
            write_removal(self.source, self.judging, self.whole, judged)
