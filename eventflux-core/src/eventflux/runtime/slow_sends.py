"""Names a sink whose send goes on and on: the other side is slow, or its plugin hangs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from eventflux.runtime.sink_queue import Outgoing
from eventflux.runtime.specs import SinkSpec

logger = logging.getLogger("eventflux.runtime")


class SlowSends:
    """Looks every ``limit`` seconds at the oldest send under way, and tells once of one that was
    under way at the last look already, unless ``condition`` says what it waits for."""

    def __init__(
        self,
        spec: SinkSpec,
        limit: float,
        oldest: Callable[[], Outgoing | None],
        condition: Callable[[], str | None],
    ) -> None:
        self._spec = spec
        self._limit = limit
        self._oldest = oldest
        self._condition = condition
        self._seen: Outgoing | None = None
        self._told: Outgoing | None = None
        self._next: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Look from now on."""
        self.stop()
        self._next = asyncio.get_running_loop().call_later(self._limit, self._look)

    def stop(self) -> None:
        """Look no more."""
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _look(self) -> None:
        oldest = self._oldest()
        late = oldest is not None and oldest is self._seen and oldest is not self._told
        if oldest is not None and late and self._condition() is None:
            self._told = oldest
            logger.warning(
                "%s: send of %d message%s by %s has not returned for %g s; "
                "is the other side slow, or does it hang?",
                self._spec.label,
                oldest.count,
                "" if oldest.count == 1 else "s",
                self._spec.connector_by,
                self._limit,
            )
        self._seen = oldest
        self.start()
