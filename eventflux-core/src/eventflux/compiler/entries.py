"""Rows that enter by a stream with ``WATERMARK FOR``: their event time, and how far they move it.

Both shapes write the same: :meth:`Entry.write_entry` reads and checks a row's event time, and
:meth:`Entry.write_move` moves the watermark when the row, with all that came of it, has been
processed.
"""

from __future__ import annotations

from eventflux.base.clock import BEGINNING_MS
from eventflux.base.errors import RowError
from eventflux.base.timestamps import timestamp_text
from eventflux.compiler.bodies import assign_simple
from eventflux.compiler.environment import Environment, Writer
from eventflux.compiler.pieces import Scope, Variable
from eventflux.compiler.raising import may_raise
from eventflux.compiler.source import Source
from eventflux.operators.watermarks import Root, Watermark

Columns = dict[str, Variable]


def write_event_time(
    source: Source, writer: Writer, stream: str, column: Variable, row: str, time: str
) -> None:
    """Read the event time of a row from its column into ``time``; a row without goes no further."""
    source.line(f"{time} = {column.text}")
    if column.nullable:
        fail_time = writer.bind("fail_time", writer.env.fail_time)
        with source.block(f"if {time} is None:"):
            source.line(f"{fail_time}({stream!a}, {row})")
            source.line("continue")


class Entry:
    """Writes how the rows of one stream get their event time and move its watermark.

    ``limit`` is the text of the latest event time that is not too far in the future; ``None``
    where none is. ``partition`` is the name of the root of a row's partition, where rows have one.
    """

    def __init__(
        self,
        writer: Writer,
        stream: str,
        root: Root,
        limit: str | None,
        partition: str | None = None,
    ) -> None:
        watermark = writer.env.graph.plan.streams[stream].watermark
        assert watermark is not None
        self.writer = writer
        self.stream = stream
        self.root = root
        self.column = watermark.column
        self.expression = watermark.expression
        self.place = watermark.place
        self.limit = limit
        self.partition = partition
        self.mark = writer.names.fresh("mark")
        self.moved = ""

    @property
    def own(self) -> Watermark | None:
        """The watermark that rows of the stream alone move, which is in the variable
        :attr:`mark` then."""
        alone = len(self.root.moves) == 1 and len(self.root.moves[0].roots) == 1
        return self.root.moves[0] if alone and self.partition is None else None

    def begin(self, source: Source) -> None:
        """Write what stands before the loop over rows."""
        if self.own is not None:
            source.line(f"{self.mark} = {self.writer.bind('watermark', self.own)}.mark")

    def write_entry(self, source: Source, columns: Columns, row: str, time: str) -> Columns:
        """Read the event time into ``time``; a row that has none that can be used goes no
        further. Gives the columns of the others."""
        write_event_time(source, self.writer, self.stream, columns[self.column], row, time)
        fail = self.writer.bind("fail_entry", self.writer.env.fail_entry)
        if self.limit is not None and self.root.options.future_fails:
            refusal = self.writer.bind("in_the_future", in_the_future)
            with source.block(f"if {time} > {self.limit}:"):
                source.line(f"{fail}({self.stream!a}, {row}, {refusal}({time}))")
                source.line("continue")
        columns = columns | {self.column: Variable(time, False)}
        if self.root.moves and may_raise(self.expression):
            with source.block("try:"):
                self._evaluate(source, columns)
            with source.block("except Exception as error:"):
                source.line(f"{fail}({self.stream!a}, {row}, error)")
                source.line("continue")
        return columns

    def _evaluate(self, source: Source, columns: Columns) -> None:
        text = self.writer.expressions.value(self.expression, Scope(columns))
        self.moved = assign_simple(source, self.writer, "moved", text, self.place)

    def moves(self, source: Source, columns: Columns, time: str, mark: str) -> str:
        """Evaluate the watermark of a row, if that is not done; gives the condition that it
        takes the stream's on from ``mark``."""
        if not may_raise(self.expression):
            self._evaluate(source, columns)
        condition = f"{self.moved} > {mark}"
        if self.writer.expressions.piece(self.expression, Scope(columns)).nullable:
            condition = f"{self.moved} is not None and {condition}"
        if self.limit is not None and not self.root.options.future_fails:
            condition += f" and {time} <= {self.limit}"
        return condition

    def write_move(self, source: Source, columns: Columns, time: str, now: str) -> None:
        """Move the watermark behind a row, and fire what is due then."""
        if self.own is not None:
            watermark = self.writer.bind("watermark", self.own)
            with source.block(f"if {self.moves(source, columns, time, self.mark)}:", self.place):
                with source.block(f"if {self.moved} < {watermark}.next_due:"):
                    source.line(f"{watermark}.mark = {self.moved}")
                with source.block("else:"):
                    source.line(f"{watermark}.advance({self.moved})")
                source.line(f"{self.mark} = {self.moved}")
        elif self.root.moves:
            root = self.partition or self.writer.bind(f"root_{self.stream}", self.root)
            condition = self.moves(source, columns, time, f"{root}.mark")
            source.line(f"{root}.seen_at = {now}")
            with source.block(f"if {condition}:", self.place):
                source.line(f"{root}.move({self.moved})")
            with source.block(f"elif {root}.idle:"):
                source.line(f"{root}.wake()")


def write_entering(env: Environment, stream: str, root: Root) -> tuple[Writer, Source]:
    """Write ``entering(rows, limit)`` for a logical batch: the rows that have an event time, those
    times, and for each where it takes the watermark, ``None`` for nowhere."""
    writer = Writer(env)
    names = writer.names
    rows, limit, row, time = (names.fresh(n) for n in ("rows", "limit", "row", "time"))
    entered, times, marks = (names.fresh(n) for n in ("entered", "times", "marks"))
    entry = Entry(writer, stream, root, limit if env.bounds_future else None)
    source = Source(names)
    with source.block(f"def entering({rows}, {limit}):"):
        source.line(f"{entered}, {times}, {marks} = [], [], []")
        loop = Source(names)
        with loop.block(f"for {row} in {rows}:"):
            columns = entry.write_entry(loop, writer.loads(loop, stream, row), row, time)
            loop.line(f"{entered}.append({row})")
            loop.line(f"{times}.append({time})")
            if root.moves:
                moves = entry.moves(loop, columns, time, str(BEGINNING_MS))
                loop.line(f"{marks}.append({entry.moved} if {moves} else None)")
        source.include(loop)
        source.line(f"return {entered}, {times}, {marks}")
    return writer, source


def in_the_future(time: int) -> RowError:
    """The error of a row that is more than ``watermark.max-future`` ahead of the clock."""
    return RowError(
        f"the event time {timestamp_text(time)} is further ahead of the clock than "
        "watermark.max-future"
    )
