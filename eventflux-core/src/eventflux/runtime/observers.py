"""Who watches streams from Python: callbacks and subscriptions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from eventflux.base.errors import EventFluxError, StreamFailed
from eventflux.base.rows import Row
from eventflux.runtime.error_policy import ErrorPolicy
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
    strategy of its stream and does not change what comes after."""

    room: Room | None = None

    def __init__(
        self,
        stream: str,
        call: Callable[[Any], object],
        *,
        batch: bool,
        policy: ErrorPolicy,
        drops: bool,
        fail: Callable[[EventFluxError], None],
    ) -> None:
        self._stream = stream
        self._call = call
        self._batch = batch
        self._policy = policy
        self._drops = drops
        self._fail = fail
        self.failed = 0
        self.dropped = 0

    def take(self, rows: Sequence[Row]) -> None:
        if self._batch:
            self._call_with(rows, len(rows))
            return
        for row in rows:
            if not self._call_with(row, 1) and not self._drops:
                return

    def _call_with(self, argument: Any, count: int) -> bool:
        try:
            self._call(argument)
        except Exception as error:
            self.failed += count
            name = getattr(self._call, "__qualname__", repr(self._call))
            problem = f"the callback {name} raised {type(error).__name__}: {error}"
            if self._drops:
                self._policy.log_dropped(problem)
            else:
                failure = StreamFailed(f"stream {self._stream!r}: {problem}")
                failure.__cause__ = error
                self._fail(failure)
            return False
        return True
