"""Who watches streams from Python: callbacks and subscriptions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from eventflux.base.interruption import is_interruption
from eventflux.base.rows import Row
from eventflux.runtime.error_policy import Decision
from eventflux.runtime.error_rows import Problem
from eventflux.runtime.room import Room


class Observer(Protocol):
    """Takes the rows of a stream, on the app's loop, after each step that made some."""

    room: Room | None
    """Full while sources should wait; ``None`` if the observer never is."""
    failed: int
    """Rows that it raised on."""
    dropped: int
    """Rows that it let go because it was full."""

    def take(self, rows: Sequence[Row]) -> None: ...


class Callback:
    """Calls ``f(row)``, or with ``batch`` ``f(rows)``; one that raises follows the error
    strategy of its stream and does not change what comes after.

    ``report`` is told of each row that it raised on, with what is to become of it.
    """

    room: Room | None = None

    def __init__(
        self,
        stream: str,
        call: Callable[[Any], object],
        *,
        batch: bool,
        decision: Decision,
        report: Callable[[Problem, Decision], None],
    ) -> None:
        self._stream = stream
        self._call = call
        self._batch = batch
        self._decision = decision
        self._report = report
        self.failed = 0
        self.dropped = 0

    def take(self, rows: Sequence[Row]) -> None:
        if self._batch:
            self._call_with(rows, rows)
            return
        for row in rows:
            if not self._call_with(row, (row,)) and self._decision == "fail":
                return

    def _call_with(self, argument: Any, rows: Sequence[Row]) -> bool:
        try:
            self._call(argument)
        except BaseException as error:
            if is_interruption(error):
                raise
            self.failed += len(rows)
            name = getattr(self._call, "__qualname__", repr(self._call))
            kind = type(error).__name__
            for row in rows:
                problem = Problem(
                    stream=self._stream,
                    what=f"a row failed in the callback {name}",
                    message=f"{kind}: {error}",
                    kind=kind,
                    original=row,
                    cause=error,
                )
                self._report(problem, self._decision)
            return False
        return True
