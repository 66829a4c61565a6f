"""What windows have in common that rows leave in any order: rows are kept as tuples."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

from eventflux.compiler.pieces import Variable
from eventflux.compiler.sliding.frame import Sliding
from eventflux.operators.entries import EntryWindow


class Entries(Sliding):
    """Keeps an entry of each row: the accumulator that it is folded into, or ``None``; the
    arguments of the aggregates; what is told of it when it leaves; its number, where that is
    needed; what the window itself goes by."""

    window: EntryWindow
    name: str
    """Of the operator in generated code."""
    numbered = False
    """Whether the window itself needs the number of a row."""

    def begin(self) -> None:
        assert isinstance(self.operator, EntryWindow)
        self.window = self.operator
        self.name = self.bind("window", self.window)
        layout = self.pipeline.layout
        self.holds = self.window.groups is not None or self.pipeline.tells_rows
        """Whether anything of a row is kept but what the window goes by."""
        self._arguments = 0 if layout is None else len(layout.arguments)
        if self.numbered or (layout is not None and layout.numbers_rows):
            self.order = self.fresh("order")

    def entry(self, group: str | None, arguments: Sequence[Variable], *own: str) -> str:
        """The text of the entry of a row; ``own`` is what the window goes by."""
        parts: list[str] = []
        if self.holds:
            values = [*(a.text for a in arguments), *self.kept_texts()]
            if not group:
                values = ["None"] * (self._arguments + len(self.pipeline.kept))
            parts = [str(group), *values]
            if self.order:
                self.source.line(f"{self.order} = {self.name}.entered = {self.name}.entered + 1")
                parts.append(self.order)
        parts += own
        return f"({', '.join(parts)},)" if parts else "None"

    def keep(self, key: str, entry: str) -> None:
        """Put an entry at ``key``."""
        entries = self.window.entries
        by_key = self.bind("by_key", entries.by_key)
        if self.writer.env.tracked:
            by_key = f"{self.bind('entries', entries)}.changed[{key}] = {by_key}"
        self.source.line(f"{by_key}[{key}] = {entry}")

    def leave(self, entry: str, own: int = 0) -> None:
        """Take back the row of an entry that has ``own`` values of the window at its end."""
        if not self.holds:
            return
        member = self.fresh("left")
        old = [self.fresh("old") for _ in range(self._arguments)]
        kept = [self.fresh("kept") for _ in self.pipeline.kept]
        order = [self.fresh("order")] if self.order else []
        unused = [self.fresh("own") for _ in range(own)]
        self.source.line(f"{', '.join([member, *old, *kept, *order, *unused])}, = {entry}")
        self.leave_group(self.window.groups, member, old, kept, *order)

    def oldest_first(self, entries: str) -> str:
        """The text of ``entries`` in the order in which their rows came, where rows that leave are
        told of; they have numbers then."""
        if not self.pipeline.gives_expired:
            return entries
        number = itemgetter(1 + self._arguments + len(self.pipeline.kept))
        return f"sorted({entries}, key={self.bind('number', number)})"

    def leave_all(self, entries: str, own: int = 0) -> None:
        """Take back the rows of all of ``entries``."""
        entry = self.fresh("entry")
        with self.source.block(f"for {entry} in {entries}:"):
            self.leave(entry, own)
