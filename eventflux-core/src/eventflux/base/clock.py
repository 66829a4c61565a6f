"""The clock of an app: what the time is, and who moves it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import ClassVar, Protocol

VIRTUAL_EPOCH_MS = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000)
"""Where a virtual clock starts when nothing says otherwise."""

BEGINNING_MS = -(2**63)
"""Before any time that a row can have."""


class Clock(Protocol):
    """Milliseconds since the epoch."""

    moved_by_rows: ClassVar[bool]
    """Whether the time of a row moves the clock (event and virtual time)."""

    def now_ms(self) -> int: ...


class SystemClock:
    """The wall clock."""

    moved_by_rows: ClassVar[bool] = False

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


class ManualClock:
    """A clock that stands still until a row or a caller moves it, and never goes back.

    It serves event time (``SET app.time = 'event'``) and virtual time (tests, replays).
    Before the first row it has no time of its own and shows :data:`VIRTUAL_EPOCH_MS`.
    """

    moved_by_rows: ClassVar[bool] = True

    def __init__(self, seed: int | None = None) -> None:
        """``seed`` is what random() and uuid() start from, so that each run gives the same."""
        self.time: int | None = None
        self.seed = seed

    def now_ms(self) -> int:
        return VIRTUAL_EPOCH_MS if self.time is None else self.time

    def advance_to(self, now_ms: int) -> None:
        """Move to ``now_ms`` if that is later than what the clock was set to."""
        if now_ms > (BEGINNING_MS if self.time is None else self.time):
            self.time = now_ms

    def reset(self, now_ms: int | None) -> None:
        """Set the clock, backwards too: what restoring a snapshot does."""
        self.time = now_ms
