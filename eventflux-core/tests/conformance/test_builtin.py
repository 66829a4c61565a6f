"""The built-in connectors pass the conformance kit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eventflux import memory
from eventflux.builtin.factories import MemorySinkFactory, MemorySourceFactory
from eventflux.testing import SinkConformance, SourceConformance

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
