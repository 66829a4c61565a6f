"""Tells, as rows of ``<name>.connection``, how the connection of a source or sink goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from eventflux.base.clock import Clock
from eventflux.base.connection_columns import ConnectionEvent, connection_of
from eventflux.base.rows import Row
from eventflux.runtime.engine import Engine


class Notices:
    """Those of one stream. They are processed at once, between the rows before and behind; no
    source has to acknowledge them, so that they are lost with the process. Nobody pays for
    them while nobody reads them.

    ``process`` takes rows of the stream of connections through the engine.
    """

    def __init__(
        self,
        stream: str,
        engine: Engine,
        process: Callable[[str, list[Row]], None],
        clock: Clock,
        *,
        live: bool,
    ) -> None:
        self._stream, self._beside = stream, connection_of(stream)
        self._engine = engine
        self._process = process
        self._clock = clock
        self._live = live
        self._reason: str | None = None
        self._since = 0
        self._lost_at = 0.0

    def started(self, peer: str | None) -> None:
        """The connection stands, and rows are taken from now on."""
        self._tell(self._clock.now_ms(), peer, "connected")

    def lost(self, peer: str | None, reason: str) -> None:
        """The connection is gone."""
        self._reason, self._since = reason, self._clock.now_ms()
        self._lost_at = asyncio.get_running_loop().time()
        self._tell(self._since, peer, "disconnected", reason=reason)

    def back(self, peer: str | None) -> None:
        """The connection stands again. Of a live source what was sent meanwhile is gone."""
        duration = round((asyncio.get_running_loop().time() - self._lost_at) * 1000)
        events: list[ConnectionEvent] = ["connected", "gap"] if self._live else ["connected"]
        self._tell(
            self._clock.now_ms(), peer, *events,
            reason=self._reason, since=self._since, duration=duration,
        )  # fmt: skip

    def _tell(
        self,
        now: int,
        peer: str | None,
        *events: ConnectionEvent,
        reason: str | None = None,
        since: int | None = None,
        duration: int | None = None,
    ) -> None:
        if not self._engine.is_read(self._beside):
            return
        make = self._engine.row_type(self._beside)
        rows: list[Row] = [
            make(event, self._stream, peer, reason, now, since, duration) for event in events
        ]
        self._process(self._beside, rows)
