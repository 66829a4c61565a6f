"""``async for row in app.subscribe(…)``: a bounded queue between the app and a reader."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections import deque
from collections.abc import Sequence
from typing import Literal, Self

from eventflux.base.errors import BackpressureError, UsageError
from eventflux.base.rows import Row
from eventflux.runtime.room import Room

FullPolicy = Literal["wait", "drop_oldest", "fail"]
"""What happens when the reader is slower than the stream: the sources wait, the oldest
rows go, or the reader gets :class:`BackpressureError`."""


class Subscription:
    """The rows of one stream, for one reader, which may be on any event loop.

    It ends when the app stops, after the rows that it still holds. With ``wait`` it may hold
    more than ``limit`` rows by what one step makes.
    """

    def __init__(self, stream: str, limit: int, full: FullPolicy) -> None:
        self.stream = stream
        self.room: Room | None = Room() if full == "wait" else None
        self.dropped = 0
        """Rows that ``drop_oldest`` or ``fail`` let go."""
        self.failed = 0
        self._limit = limit
        self._full = full
        self._rows: deque[Row] = deque()
        self._lock = threading.Lock()
        self._reader: asyncio.Future[None] | None = None
        self.closed = False
        """Whether no more rows will come."""
        self._overflowed = False
        self._app_loop: asyncio.AbstractEventLoop | None = None

    def attach(self, app_loop: asyncio.AbstractEventLoop) -> None:
        """The app runs on this loop from now on."""
        self._app_loop = app_loop

    def release(self) -> None:
        """Nobody waits for the reader any more: the app is stopping."""
        if self.room is not None:
            self._limit = sys.maxsize
            self._make_room()

    def take(self, rows: Sequence[Row]) -> None:
        """Called on the app's loop."""
        with self._lock:
            if self.closed or self._overflowed:
                return
            if self._full == "fail" and len(self._rows) + len(rows) > self._limit:
                kept = self._limit - len(self._rows)
                self._rows.extend(rows[:kept])
                self.dropped += len(rows) - kept
                self._overflowed = True
            else:
                self._rows.extend(rows)
            while self._full == "drop_oldest" and len(self._rows) > self._limit:
                self._rows.popleft()
                self.dropped += 1
            if self.room is not None and len(self._rows) >= self._limit:
                self.room.set_full(True)
        self._wake()

    def close(self) -> None:
        """No more rows come; the reader ends after those that wait. From any thread."""
        self.closed = True
        self._make_room()
        self._wake()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Row:
        """The next row.

        Raises:
            BackpressureError: the subscription was full and had been told to fail.
        """
        while True:
            with self._lock:
                if self._rows:
                    row = self._rows.popleft()
                    if self.room is not None and self.room.full and self._has_room():
                        self._make_room()
                    return row
                if self._overflowed:
                    raise BackpressureError(
                        f"the subscription to {self.stream!r} was full with {self._limit} rows "
                        f"and {self.dropped} more came",
                        "read faster, raise limit, or subscribe with full='wait' or 'drop_oldest'",
                    )
                if self.closed:
                    raise StopAsyncIteration
                if self._reader is not None and not self._reader.done():
                    raise UsageError(f"the subscription to {self.stream!r} already has a reader")
                self._reader = asyncio.get_running_loop().create_future()
                reader = self._reader
            await reader

    def _has_room(self) -> bool:
        return len(self._rows) <= self._limit // 2

    def _make_room(self) -> None:
        room, loop = self.room, self._app_loop
        if room is not None and loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(room.set_full, False)

    def _wake(self) -> None:
        with self._lock:
            reader, self._reader = self._reader, None
        if reader is None:
            return
        loop = reader.get_loop()
        if loop.is_closed():
            return
        loop.call_soon_threadsafe(_resolve, reader)


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
