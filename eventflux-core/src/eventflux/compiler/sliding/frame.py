"""What the code of all sliding windows has in common: how a row enters, how one is taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from msgspec.structs import replace

from eventflux.compiler.aggregates import results, write_removal
from eventflux.compiler.environment import Writer
from eventflux.compiler.folding import (
    key_text,
    key_variables,
    state_name,
    write_key_parts,
    write_touch,
)
from eventflux.compiler.pieces import Scope, Variable
from eventflux.compiler.pipeline import Pipeline
from eventflux.compiler.places import Arrival
from eventflux.compiler.source import Source
from eventflux.compiler.ticks import write_note
from eventflux.operators.groups import Groups
from eventflux.operators.records import Gone
from eventflux.planner.expressions import Expression

Then = Callable[[Scope], None]
"""Writes what follows for a row that is in the window, given the scope of its output."""


class Sliding:
    """Writes how a row enters one kind of window, in steps; by default each does nothing.

    Until :meth:`make_room` the row may fail, and must leave no trace then; afterwards it can't.
    """

    def __init__(
        self,
        source: Source,
        writer: Writer,
        pipeline: Pipeline,
        scope: Scope,
        arrival: Arrival,
        expired: Then | None = None,
    ) -> None:
        """``expired`` writes what follows for a row that has left the window."""
        self.source = source
        self.writer = writer
        self.pipeline = pipeline
        self.scope = scope
        self.arrival = arrival
        self.expired = expired
        self.operator = writer.env.live.operators[pipeline.index]
        self.place = arrival.place
        self.order = ""
        """The number of the row, where the aggregates need one."""
        self.begin()

    def begin(self) -> None:
        """Bind what the window's code uses, and evaluate what the window goes by."""

    def read_row(self) -> None:
        """Evaluate what a row is known by again."""

    @contextmanager
    def admitting(self) -> Iterator[None]:
        """The block of the rows that the window lets in."""
        yield

    def make_room(self) -> None:
        """What leaves before the row enters."""

    def put(self, group: str | None, arguments: Sequence[Variable]) -> None:
        """Add the row, that is about to be folded into ``group``, or into none."""

    def settle(self) -> None:
        """What leaves because the row has entered, maybe the row itself."""

    def leave_by(self, now: str) -> str:
        """Take out what time alone has made leave by ``now``, where it does; gives the text of when
        the next row leaves, ``None`` for never."""
        raise TypeError(f"rows of {type(self.pipeline.window).__name__} wait for others to leave")

    @contextmanager
    def emitting(self) -> Iterator[None]:
        """The block of the rows that give one."""
        yield

    def bind(self, hint: str, value: object) -> str:
        return self.writer.bind(f"{hint}_{self.pipeline.query.name}", value)

    def fresh(self, hint: str) -> str:
        return self.writer.names.fresh(hint)

    def key(self, columns: Sequence[Expression]) -> str:
        """Evaluate the value of ``columns``, by which a window knows rows again; gives its name."""
        parts = write_key_parts(self.source, self.writer, columns, self.scope)
        name = self.fresh("key")
        self.source.line(f"{name} = {key_text(parts)}")
        return name

    def count_dropped(self) -> None:
        counts = self.bind("counts", self.writer.env.counts[self.pipeline.index])
        counter = "fired_dropped" if self.pipeline.waits else "dropped"
        self.source.line(f"{counts}.{counter} += 1")

    def wait_for_departure(self) -> None:
        """Have time tell of the row when it leaves, where that is asked for."""
        if self.pipeline.gives_departures:
            departures = self.writer.env.live.departures[self.pipeline.index]
            self.source.line(f"{self.bind('departures', departures)}.wait({self.place})")

    def keep_order(self, newest: str, condition: str) -> None:
        """Bring the place of a row that may have gone back forward to ``newest``, which is there
        where ``condition`` holds."""
        if not self.arrival.in_order:
            given, self.place = self.place, self.fresh("place")
            ordered = f"not {condition} or {newest} <= {given}"
            self.source.line(f"{self.place} = {given} if {ordered} else {newest}")

    def kept_texts(self) -> list[str]:
        """What is kept of the row, to tell of it when it leaves."""
        return [self.writer.expressions.value(column, self.scope) for column in self.pipeline.kept]

    def leave_group(
        self,
        groups: Groups | None,
        member: str,
        arguments: Sequence[str],
        kept: Sequence[str],
        order: str = "",
    ) -> None:
        """Take a row back out of the accumulator ``member``, which is ``None`` for one that a
        filter behind the window kept out, and tell of it where that is asked for; ``kept`` are the
        names of what is told."""
        with self._if_member(member):
            if groups is not None:
                self._take_back(groups, member, arguments, order)
            if self.expired is not None:
                self.expired(self._expired_scope(member, kept))

    def _expired_scope(self, member: str, kept: Sequence[str]) -> Scope:
        """The scope of the output row of one that has left."""
        pipeline, layout = self.pipeline, self.pipeline.layout
        columns = {
            column.name: Variable(name, column.nullable)
            for column, name in zip(pipeline.kept, kept, strict=True)
        }
        scope = Scope(columns, not_null=pipeline.not_null)
        if layout is None:
            return scope
        keys = key_variables(pipeline, f"{member}.key")
        values = results(layout, member, self.writer.names)
        return replace(scope, keys=keys, aggregates=values)

    def _take_back(self, groups: Groups, member: str, arguments: Sequence[str], order: str) -> None:
        """A group goes with the last of its rows.

        Where the oldest rows leave, the last one of a group need not be taken out of it first; in
        other windows it may be the row that is about to give the values of its group, and so it
        may where rows that leave are told of.
        """
        layout = self.pipeline.layout
        assert layout is not None
        variables = [
            Variable(name, argument.nullable)
            for name, argument in zip(arguments, layout.arguments, strict=True)
        ]
        place = self.arrival.place
        write_note(self.source, self.writer, self.pipeline, place, f"{member}.key")
        state = state_name(self.writer, self.pipeline) if self.writer.env.tracked else ""
        write_touch(self.source, self.writer, state, f"{member}.key", member)
        if layout.keeps_empty_groups:
            write_removal(self.source, layout, member, variables, order)
        elif layout.leaving == "oldest" and not layout.emptied:
            rows = self.fresh("n")
            self.source.line(f"{rows} = {member}.n - 1")
            with self.source.block(f"if {rows}:"):
                write_removal(self.source, layout, member, variables, order, rows)
            with self.source.block("else:"):
                self._drop(groups, member, state)
        else:
            write_removal(self.source, layout, member, variables, order)
            with self.source.block(f"if not {member}.n:"):
                self._drop(groups, member, state)

    def _drop(self, groups: Groups, member: str, state: str) -> None:
        by_key = self.bind("groups", groups.by_key)
        self.source.line(f"del {by_key}[{member}.key]")
        if self.writer.env.tracked:
            gone = self.writer.bind("GONE", Gone.ONE)
            self.source.line(f"{state}.changed[{member}.key] = {gone}")

    @contextmanager
    def _if_member(self, member: str) -> Iterator[None]:
        if not self.pipeline.after:
            yield
            return
        with self.source.block(f"if {member} is not None:"):
            yield
