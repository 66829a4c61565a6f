"""How long to wait before the next try."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventflux.spi.reconnection import Reconnection


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential back-off with jitter, in seconds.

    The wait doubles from ``initial`` up to ``cap``; what has gone on for longer than
    ``patience`` waits up to ``late_cap``. Jitter takes away up to half of a wait, so that
    many clients of a broker that comes back don't all arrive at once.
    """

    initial: float = 0.1
    cap: float = 1.0
    late_cap: float = 30.0
    patience: float = 60.0
    random: Callable[[], float] = field(default=random.random, repr=False)

    def paced(self, asked: Reconnection) -> Backoff:
        """This one, with the pauses that a connector's options ask for."""
        longest = asked.max_delay
        return replace(self, initial=asked.delay, cap=longest, late_cap=longest)

    def delay(self, attempt: int, elapsed: float) -> float:
        """Seconds to wait before try number ``attempt`` (1 is the first after the failure),
        ``elapsed`` seconds after the failure."""
        limit = self.cap if elapsed < self.patience else self.late_cap
        full = min(self.initial * 2.0 ** min(attempt - 1, 32), limit)
        return full * (1.0 - 0.5 * self.random())
