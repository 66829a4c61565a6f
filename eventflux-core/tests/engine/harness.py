"""Drives a compiled app and writes down all that it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar

from eventflux.app.watermarks import watermark_options
from eventflux.base.clock import Clock, ManualClock
from eventflux.base.failures import RowFailure
from eventflux.base.rows import Row, values_of
from eventflux.base.state_records import apply
from eventflux.compiler import Program, compile_plan
from eventflux.operators.watermarks import WatermarkOptions
from eventflux.planner import Planned, plan_sql
from eventflux.planner.plan import Plan
from eventflux.runtime.stream_options import StreamOptions
from eventflux.spi.own_aggregates import SqlCallable

from .oracle import Failure

Values = tuple[Any, ...]
Logged = tuple[str, Values]
"""A row as it was published: its stream and its values."""


class SteppedClock:
    """A clock of its own, like the wall clock, that a test sets."""

    moved_by_rows: ClassVar[bool] = False

    def __init__(self, now: int) -> None:
        self.now = now

    def now_ms(self) -> int:
        return self.now


class Compiled:
    """A compiled app, by default under a clock that only rows and ``advance`` move.

    Each group of ``observed`` streams has one outlet, so that the order across its streams
    shows; by default that is one group with every stream of the app.
    """

    def __init__(
        self,
        plan: Plan,
        functions: Mapping[str, SqlCallable] | None = None,
        observed: Sequence[Sequence[str]] | None = None,
        clock: Clock | None = None,
        watermarks: Mapping[str, WatermarkOptions] | None = None,
    ) -> None:
        self.plan = plan
        self.program: Program = compile_plan(
            plan, functions=functions or {}, clock=clock or ManualClock(), watermarks=watermarks
        )
        self.program.on_failure = self._failed
        self.failures: list[Failure] = []
        self.errors: list[RowFailure] = []
        self._types = {name: self.program.row_type(name) for name in plan.streams}
        self._streams = {kind: name for name, kind in self._types.items()}
        groups = [list(plan.streams)] if observed is None else observed
        self._outlets = [self.program.outlet(group) for group in groups]

    def send(self, stream: str, rows: Sequence[Values], times: Sequence[int] | None = None) -> None:
        """Independent rows, in one step."""
        self.program.step(stream, self._rows(stream, rows), times)

    def send_batch(self, stream: str, rows: Sequence[Values], time: int | None = None) -> None:
        """One logical batch."""
        self.program.step_batch(stream, self._rows(stream, rows), time)

    def advance(self, now: int) -> None:
        self.program.advance(now)

    def take(self) -> list[list[Logged]]:
        """What each group of observed streams has published since the last call."""
        return [
            [(self._streams[type(row)], values_of(row)) for row in outlet.take()]
            for outlet in self._outlets
        ]

    def counters(self) -> dict[str, dict[str, int]]:
        return self.program.counters()

    def saved(self) -> dict[str, dict[bytes, bytes]]:
        """All state as a store would hold it."""
        records: dict[str, dict[bytes, bytes]] = {}
        self.program.track_state()
        apply(self.program.cut_state(), records)
        return records

    def restore(self, saved: dict[str, dict[bytes, bytes]]) -> None:
        self.program.load_state({state: of_state.items() for state, of_state in saved.items()})

    def _rows(self, stream: str, rows: Sequence[Values]) -> list[Row]:
        return [self._types[stream](*values) for values in rows]

    def _failed(self, failure: RowFailure) -> None:
        values = None if failure.row is None else values_of(failure.row)
        self.failures.append(Failure(failure.stream, failure.query, values))
        self.errors.append(failure)


def compiled(
    sql: str,
    functions: Mapping[str, SqlCallable] | None = None,
    clock: Clock | None = None,
) -> Compiled:
    """The app of a program, with what its streams say of their watermarks; all its streams are
    observed together."""
    planned = _planned(sql, tuple((functions or {}).items()))
    options = {
        stream: StreamOptions.parse({name: given.text.reveal() for name, given in of.items()})
        for stream, of in planned.options.items()
        if planned.plan.streams[stream].watermark is not None
    }
    watermarks = {stream: watermark_options(known) for stream, known in options.items()}
    return Compiled(planned.plan, functions, clock=clock, watermarks=watermarks)


@lru_cache(maxsize=16)
def _planned(sql: str, functions: tuple[tuple[str, SqlCallable], ...]) -> Planned:
    """Planned once for the many times that a property runs an app."""
    return plan_sql(sql, functions=dict(functions))


def run(sql: str, rows: Sequence[Values], stream: str = "S") -> dict[str, list[Values]]:
    """The rows of every stream when ``rows`` go into one."""
    app = compiled(sql)
    app.send(stream, rows)
    found: dict[str, list[Values]] = {name: [] for name in app.plan.streams}
    for name, values in app.take()[0]:
        found[name].append(values)
    return found
