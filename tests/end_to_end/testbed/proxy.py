"""A line between the process and the broker that can be slow, cut or silent."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import threading
from collections.abc import Callable

PIECE = 16 * 1024


class Proxy:
    """Forwards TCP connections to a port of this machine. Use it in ``with``.

    A cut is a reset in the middle of the stream: a random part of what is under way still
    arrives, so that frames are torn at any byte.
    """

    def __init__(self, target: int, *, seed: int, bytes_per_second: float | None = None) -> None:
        """Prepare.

        Args:
            target: the port that connections lead to.
            seed: of the random parts.
            bytes_per_second: the most that goes through in each direction of a connection.
        """
        self._target = target
        self._random = random.Random(seed)
        self.bytes_per_second = bytes_per_second
        """May be changed at any time."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._work, name="proxy", daemon=True)
        self._lines: set[_Line] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.cuts = 0
        """How many connections were cut."""

    def __enter__(self) -> Proxy:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._listener.close()

    def cut(self) -> int:
        """Cut all connections that there are now; how many."""
        return self._call(self._cut_all)

    def cut_one(self) -> int:
        """Cut one of the connections, by chance; 1, or 0 where there is none."""
        return self._call(self._cut_one)

    def _call(self, work: Callable[[], int]) -> int:
        async def run() -> int:
            return work()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)

    def _cut_all(self) -> int:
        lines = list(self._lines)
        for line in lines:
            line.cut()
        self.cuts += len(lines)
        return len(lines)

    def _cut_one(self) -> int:
        if not self._lines:
            return 0
        self._random.choice(sorted(self._lines, key=lambda line: line.number)).cut()
        self.cuts += 1
        return 1

    def _work(self) -> None:
        asyncio.set_event_loop(self._loop)
        serving = self._loop.create_task(asyncio.start_server(self._serve, sock=self._listener))
        try:
            self._loop.run_forever()
            for line in list(self._lines):
                line.cut()
            serving.result().close()
            left = asyncio.all_tasks(self._loop)
            for task in left:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        finally:
            self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            beyond = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            _reset(writer)
            return
        line = _Line(len(self._lines) + self.cuts, self._random, self)
        self._lines.add(line)
        try:
            await line.run((reader, writer), beyond)
        finally:
            self._lines.discard(line)


class _Line:
    """One connection through the proxy, both directions."""

    def __init__(self, number: int, draw: random.Random, proxy: Proxy) -> None:
        self.number = number
        self._random = draw
        self._proxy = proxy
        self._cut = asyncio.Event()

    def cut(self) -> None:
        self._cut.set()

    async def run(
        self,
        near: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        far: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        forwards = {
            asyncio.create_task(self._forward(near[0], far[1])),
            asyncio.create_task(self._forward(far[0], near[1])),
        }
        cut = asyncio.create_task(self._cut.wait())
        try:
            while forwards and not cut.done():
                done, _ = await asyncio.wait({*forwards, cut}, return_when=asyncio.FIRST_COMPLETED)
                forwards -= done
        finally:
            for task in (*forwards, cut):
                task.cancel()
            await asyncio.gather(*forwards, cut, return_exceptions=True)
            _reset(near[1])
            _reset(far[1])

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(PIECE):
                limit = self._proxy.bytes_per_second
                try:
                    if limit is not None:
                        await asyncio.sleep(len(piece) / limit)
                except asyncio.CancelledError:
                    writer.write(piece[: self._random.randrange(len(piece) + 1)])
                    raise
                writer.write(piece)
                await writer.drain()
            writer.write_eof()
        except OSError:
            self._cut.set()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close a connection by a reset, once what was written is with the system."""
    line = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
