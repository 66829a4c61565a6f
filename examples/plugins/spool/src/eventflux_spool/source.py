"""The source ``spool``: a folder as a queue.

At least once: a file is deleted when everything that came of it is confirmed, and not before.
A process that dies leaves it where it is, and the next one reads it again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eventflux.spi import (
    Disconnected,
    EndOfStream,
    Misconfigured,
    Positions,
    ReceiveLimits,
    Source,
    SourceBatch,
)
from eventflux_spool.plugin import SpoolSourceOptions


class SpoolSource(Source):
    """Files that begin with a dot are still being written and left alone.

    The event loop must not wait for a disk, so all that touches files runs in a thread:
    ``settle``, which must not block, only notes what is to be done and starts one.
    """

    def __init__(self, options: SpoolSourceOptions) -> None:
        self._options = options
        self._folder = Path(options.folder)
        self._rejected = self._folder / options.rejected
        self._given: set[str] = set()
        """Names of files that were handed over and are still in the folder."""
        self._done: list[str] = []
        self._bad: list[str] = []
        self._connection: object = None
        """What tokens of this opening have in them; ``None`` when closed."""
        self._tidying: asyncio.Future[None] | None = None
        self._failure: OSError | None = None
        """Why a settled file could not be put away."""
        self.peer = f"the folder {self._folder}"

    async def open(self, positions: Positions | None) -> None:
        # Whatever an earlier connection handed over and nobody settled is delivered again.
        self._given.clear()
        self._done.clear()
        self._bad.clear()
        self._failure = None
        if not await asyncio.to_thread(self._folder.is_dir):
            raise Misconfigured(
                f"{self._folder} is no folder", "create it, or correct spool.folder"
            )
        self._connection = object()

    async def receive(self, limits: ReceiveLimits) -> SourceBatch:
        while True:
            # Cancelled here, nothing is lost: files count as given only after this line.
            names, payloads = await asyncio.to_thread(self._work, limits)
            if names:
                self._given.update(names)
                return SourceBatch(payloads, token=(self._connection, names), message_ids=names)
            if not self._options.follow:
                raise EndOfStream
            await asyncio.sleep(self._options.poll_interval / 1000)

    def settle(self, token: Any, rejected: Sequence[int] = (), *, requeue: bool = False) -> None:
        connection, names = token
        if connection is not self._connection:
            return
        refused = set(rejected)
        for index, name in enumerate(names):
            if index not in refused:
                self._done.append(name)
            elif requeue:
                self._given.discard(name)
            else:
                self._bad.append(name)
        if self._tidying is None or self._tidying.done():
            self._tidying = asyncio.ensure_future(self._tidy())

    async def close(self) -> None:
        self._connection = None
        if self._tidying is not None:
            await self._tidying
        await self._tidy()

    async def _tidy(self) -> None:
        """Put away what is settled; the next ``receive`` tells why it could not be."""
        try:
            while self._done or self._bad:
                await asyncio.to_thread(self._put_away)
        except OSError as error:
            self._failure = error

    def _work(self, limits: ReceiveLimits) -> tuple[list[str], list[bytes]]:
        try:
            if self._failure is not None:
                raise self._failure
            return self._look(limits)
        except OSError as error:
            raise Disconnected(f"{type(error).__name__}: {error}") from error

    def _put_away(self) -> None:
        """Delete what is done, and set aside what is bad.

        A file is gone before its name is forgotten: who looks meanwhile doesn't find it again.
        """
        done, self._done = self._done, []
        bad, self._bad = self._bad, []
        for name in done:
            (self._folder / name).unlink(missing_ok=True)
        if bad:
            self._rejected.mkdir(parents=True, exist_ok=True)
        for name in bad:
            with contextlib.suppress(FileNotFoundError):
                (self._folder / name).replace(self._rejected / name)
        self._given.difference_update(done, bad)

    def _look(self, limits: ReceiveLimits) -> tuple[list[str], list[bytes]]:
        """The next files in order of name, within the limits but at least one."""
        names: list[str] = []
        payloads: list[bytes] = []
        size = 0
        for file in sorted(self._folder.iterdir()):
            if file.name.startswith(".") or file.name in self._given or not file.is_file():
                continue
            payload = file.read_bytes()
            size += len(payload)
            if names and size > limits.bytes:
                break
            names.append(file.name)
            payloads.append(payload)
            if len(names) == limits.messages:
                break
        return names, payloads
