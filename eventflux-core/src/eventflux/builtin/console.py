"""The ``console`` connector: standard input and output, one payload a line."""

from __future__ import annotations

import asyncio
import os
import select
import sys
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from eventflux.spi import (
    EndOfStream,
    Misconfigured,
    Positions,
    ReceiveLimits,
    Refusal,
    Sink,
    SinkBatch,
    Source,
    SourceBatch,
)

_READ_SIZE = 256 * 1024
_WRITE_SIZE = select.PIPE_BUF
"""A pipe that is ready takes so much without blocking."""


async def _ready(fd: int, add: Callable[..., Any], remove: Callable[[int], Any]) -> None:
    """Wait until ``fd`` is ready; files and the null device always are."""
    woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    try:
        add(fd, _resolve, woken)
    except PermissionError:  # epoll's word for «this never blocks»
        await asyncio.sleep(0)
        return
    try:
        await woken
    finally:
        remove(fd)


def _resolve(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)


class ConsoleSource(Source):
    """Reads lines of standard input, without their line ends; empty ones are skipped.

    It ends with the input. Lines read ahead and not yet taken are gone when it closes.
    """

    _reading: ClassVar[dict[int, str]] = {}
    """The stream that reads each descriptor: the bytes of one input can't be shared."""

    def __init__(self, stream: str) -> None:
        self._stream = stream
        self._fd: int | None = None
        self._lines: deque[bytes] = deque()
        self._begun: list[bytes] = []
        """The pieces of a line whose end has not come yet."""
        self._ended = False

    async def open(self, positions: Positions | None) -> None:
        try:
            fd = sys.stdin.fileno()
        except (AttributeError, OSError, ValueError) as error:
            raise Misconfigured("standard input is not open") from error
        reader = self._reading.setdefault(fd, self._stream)
        if reader != self._stream:
            raise Misconfigured(f"standard input is already read by stream '{reader}'")
        self._fd = fd

    async def receive(self, limits: ReceiveLimits) -> SourceBatch:
        while not self._lines:
            await self._read()
        taken: list[bytes] = []
        size = limits.bytes
        while self._lines and len(taken) < limits.messages:
            size -= len(self._lines[0])
            if size < 0 and taken:
                break
            taken.append(self._lines.popleft())
        return SourceBatch(taken)

    async def _read(self) -> None:
        if self._ended or self._fd is None:
            raise EndOfStream
        loop = asyncio.get_running_loop()
        await _ready(self._fd, loop.add_reader, loop.remove_reader)
        try:
            data = os.read(self._fd, _READ_SIZE)
        except BlockingIOError:
            return  # somebody else was faster
        self._ended = not data
        *lines, begun = data.split(b"\n")
        if self._ended:
            lines = [b""]  # the end of the input ends its last line
        if lines:
            lines[0] = b"".join([*self._begun, lines[0]])
            self._begun.clear()
        self._begun.append(begun)
        self._lines.extend(line for line in map(_without_return, lines) if line)

    async def close(self) -> None:
        if self._fd is not None:
            self._reading.pop(self._fd, None)
            self._fd = None


def _without_return(line: bytes) -> bytes:
    return line[:-1] if line.endswith(b"\r") else line


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()
"""One writer at a time on each loop, so that lines of several streams don't mix."""


class ConsoleSink(Sink):
    """Writes each payload and a line end to standard output, without holding the loop while
    the reader of the output is slow."""

    def __init__(self) -> None:
        self._fd: int | None = None

    async def open(self) -> None:
        if sys.stdout is None or sys.stdout.closed:
            raise Misconfigured("standard output is not open")
        sys.stdout.flush()
        try:
            self._fd = sys.stdout.fileno()
        except OSError:
            self._fd = None  # a notebook's: text in this process

    async def send(self, batch: SinkBatch) -> Sequence[Refusal]:
        data = memoryview(b"\n".join([*batch.payloads, b""]))
        written = 0
        async with _turns.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
            try:
                while written < len(data):
                    written += await self._write(data[written:])
            except OSError as error:
                reason = f"standard output can't be written: {error.strerror or error}"
                return _unwritten(batch.payloads, written, reason)
        return ()

    async def _write(self, data: memoryview) -> int:
        if self._fd is None:
            sys.stdout.write(bytes(data).decode("utf-8", "backslashreplace"))
            return len(data)
        if not select.select((), (self._fd,), (), 0)[1]:
            loop = asyncio.get_running_loop()
            await _ready(self._fd, loop.add_writer, loop.remove_writer)
        try:
            return os.write(self._fd, data[:_WRITE_SIZE])
        except BlockingIOError:
            return 0

    async def close(self) -> None:
        """Standard output belongs to the process."""


def _unwritten(payloads: Sequence[bytes], written: int, reason: str) -> list[Refusal]:
    refused = []
    for index, payload in enumerate(payloads):
        written -= len(payload) + 1
        if written < 0:
            refused.append(Refusal(index, reason, transient=False))
    return refused
