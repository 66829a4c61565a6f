"""The sink ``spool``: a file for each message.

At least once: a message counts as sent when its file and the folder's entry are on the disk. Sent
again after a failure, it may be there twice; both names then end with the same message id.
"""

from __future__ import annotations

import asyncio
import errno
import itertools
import os
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from eventflux.spi import Disconnected, Misconfigured, Refusal, Sink, SinkBatch
from eventflux_spool.plugin import SpoolSinkOptions

_FULL = {errno.ENOSPC, errno.EDQUOT}


class SpoolSink(Sink):
    """A file gets its name when it is complete: until then the name begins with a dot.

    Names sort in the order of the messages: the time of their batch, their number in it.
    """

    def __init__(self, options: SpoolSinkOptions) -> None:
        self._folder = Path(options.folder)
        self._suffix = options.suffix
        self._numbers = itertools.count()
        self._turn = asyncio.Lock()
        self.peer = f"the folder {self._folder}"

    async def open(self) -> None:
        if not await asyncio.to_thread(os.access, self._folder, os.W_OK | os.X_OK):
            raise Misconfigured(
                f"{self._folder} is no folder that can be written to",
                "create it, or correct spool.folder",
            )

    async def send(self, batch: SinkBatch) -> Sequence[Refusal]:
        # Several sends may be under way, and their messages must leave in order.
        async with self._turn:
            return await asyncio.to_thread(self._write_all, batch)

    async def close(self) -> None:
        """Nothing stays open between two batches."""

    def _write_all(self, batch: SinkBatch) -> list[Refusal]:
        refusals: list[Refusal] = []
        ids = batch.message_ids or [""] * len(batch.payloads)
        try:
            for index, (payload, message_id) in enumerate(zip(batch.payloads, ids, strict=True)):
                try:
                    self._write(payload, self._name(message_id))
                except OSError as error:
                    if error.errno not in _FULL:
                        raise
                    refusals.append(Refusal(index, f"the disk is full: {error}", transient=True))
            self._sync_folder()
        except OSError as error:
            raise Disconnected(f"{type(error).__name__}: {error}") from error
        return refusals

    def _name(self, message_id: str) -> str:
        stamp = f"{time.time_ns():020}-{next(self._numbers) % 1_000_000:06}"
        return f"{stamp}-{quote(message_id, safe='')[:150]}{self._suffix}"

    def _write(self, payload: bytes, name: str) -> None:
        unfinished = self._folder / f".{name}"
        with unfinished.open("wb") as file:
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(self._folder / name)

    def _sync_folder(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
