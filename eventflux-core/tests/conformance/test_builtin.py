"""The built-in connectors pass the conformance kit."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Mapping, Sequence

from eventflux import memory
from eventflux.builtin.factories import (
    ConsoleSinkFactory,
    ConsoleSourceFactory,
    LogSinkFactory,
    MemorySinkFactory,
    MemorySourceFactory,
    TimerSourceFactory,
)
from eventflux.spi import Source
from eventflux.testing import SinkConformance, SourceConformance
from eventflux.testing.conformance.connections import ConnectorConformance

CHANNEL = "conformance"


class TestMemorySource(SourceConformance):
    factory = MemorySourceFactory()

    async def stop(self) -> None:
        memory.reset()

    def options(self) -> Mapping[str, str]:
        return {"memory.channel": CHANNEL}

    async def put(self, payloads: Sequence[bytes]) -> None:
        memory.channel(CHANNEL).put(payloads)


class TestMemorySink(SinkConformance):
    factory = MemorySinkFactory()

    async def start(self) -> None:
        self.seen: list[bytes] = []

    async def stop(self) -> None:
        memory.reset()

    def options(self) -> Mapping[str, str]:
        return {"memory.channel": CHANNEL}

    async def arrived(self) -> Sequence[bytes]:
        self.seen += memory.channel(CHANNEL).take()
        return self.seen


class Pipe:
    """Stands for the standard input or output."""

    async def start(self) -> None:
        self.reading, self.writing = os.pipe()
        self.replaced = sys.stdin, sys.stdout
        sys.stdin = os.fdopen(self.reading, closefd=False)
        sys.stdout = os.fdopen(self.writing, "w", closefd=False)

    async def stop(self) -> None:
        sys.stdout.flush()
        sys.stdin, sys.stdout = self.replaced
        os.close(self.reading)
        os.close(self.writing)

    def options(self) -> Mapping[str, str]:
        return {}


class TestConsoleSource(Pipe, SourceConformance):
    factory = ConsoleSourceFactory()

    async def put(self, payloads: Sequence[bytes]) -> None:
        os.write(self.writing, b"".join(payload + b"\n" for payload in payloads))


class TestConsoleSink(Pipe, SinkConformance):
    factory = ConsoleSinkFactory()

    async def start(self) -> None:
        await super().start()
        os.set_blocking(self.reading, False)
        self.seen = b""

    async def arrived(self) -> Sequence[bytes]:
        with contextlib.suppress(BlockingIOError):
            self.seen += os.read(self.reading, 2**16)
        return self.seen.splitlines()


class TestLogSink(SinkConformance):
    factory = LogSinkFactory()

    async def start(self) -> None:
        self.lines: list[bytes] = []
        self.handler = logging.Handler()
        self.handler.emit = lambda record: self.lines.append(  # type: ignore[method-assign]
            record.getMessage().removeprefix("[LOG] ").encode()
        )
        self.log = logging.getLogger("eventflux.stream.Conformance")
        self.log.addHandler(self.handler)
        self.log.setLevel(logging.INFO)

    async def stop(self) -> None:
        self.log.removeHandler(self.handler)
        self.log.setLevel(logging.NOTSET)

    def options(self) -> Mapping[str, str]:
        return {}

    async def arrived(self) -> Sequence[bytes]:
        return self.lines


class TestTimer(ConnectorConformance):
    """Nobody puts its rows, so the rules of giving them do not apply."""

    factory = TimerSourceFactory()
    columns = "tick STRING"

    def options(self) -> Mapping[str, str]:
        return {"timer.interval": "5ms"}

    async def opened_once(self, connector: Source) -> None:
        await connector.open(None)
