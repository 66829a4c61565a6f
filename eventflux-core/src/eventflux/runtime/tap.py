"""A tap: the rows of a stream as they pass, for somebody who only looks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from eventflux.base.rows import Row
from eventflux.runtime.room import Room


class Tap:
    """Holds up to ``limit`` rows of a stream until they are taken. What comes meanwhile is left
    out and counted: the app waits for no tap, and pays for a row that is left out nothing but the
    row itself."""

    room: Room | None = None
    failed = dropped = 0

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rows: list[Row] = []
        self._left_out = 0
        self._filled = asyncio.Event()
        self.closed = False

    def take(self, rows: Sequence[Row]) -> None:
        """Called on the app's loop, after each step that made some."""
        space = self._limit - len(self._rows)
        if space >= len(rows):
            self._rows.extend(rows)
        else:
            self._rows.extend(rows[:space])
            self._left_out += len(rows) - space
        self._filled.set()

    def close(self) -> None:
        """No more rows come."""
        self.closed = True
        self._filled.set()

    async def rows(self) -> tuple[list[Row], int]:
        """Wait for rows: those that are held, and how many were left out behind them; none when no
        more come."""
        await self._filled.wait()
        rows, self._rows = self._rows, []
        left_out, self._left_out = self._left_out, 0
        if not self.closed:
            self._filled.clear()
        return rows, left_out
