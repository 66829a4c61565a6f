"""Sources and sinks that are one function pass the conformance kit.

An acking one is not among them: it has one batch under way at a time, as its generator asks for.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence

from eventflux.spi import Disconnected, Refusal, Secret
from eventflux.spi.sink_functions import sink_factory
from eventflux.spi.source_functions import source_factory
from eventflux.testing import SinkConformance, SourceConformance


class Other:
    """The other side: messages that wait, those that came, and what happens to the next."""

    def __init__(self) -> None:
        self.waiting: deque[bytes] = deque()
        self.changed = asyncio.Event()
        self.given = 0
        self.arrived: list[bytes] = []
        self.cut = False
        self.refusal: Refusal | None = None


OTHER: list[Other] = []


async def numbers(feed: str, token: Secret | None = None) -> AsyncGenerator[bytes, None]:
    """what the other side has"""
    other = OTHER[-1]
    while True:
        while other.waiting and not other.cut:
            other.given += 1
            yield other.waiting.popleft()
        if other.cut:
            other.cut = False
            raise Disconnected("cut")
        other.changed.clear()
        await other.changed.wait()


async def kept(payload: bytes, shelf: str, token: Secret | None = None) -> Refusal | None:
    """keeps what comes"""
    other = OTHER[-1]
    if other.cut:
        other.cut = False
        raise Disconnected("cut")
    refusal, other.refusal = other.refusal, None
    if refusal is None:
        other.arrived.append(payload)
    return refusal


class TestFunctionSource(SourceConformance):
    factory = source_factory("numbers", numbers, formats=["*"])

    async def start(self) -> None:
        OTHER.append(Other())

    async def stop(self) -> None:
        OTHER.clear()

    def options(self) -> Mapping[str, str]:
        return {"numbers.feed": "odd", "numbers.token": "the-token-of-numbers"}

    async def put(self, payloads: Sequence[bytes]) -> None:
        OTHER[-1].waiting.extend(payloads)
        OTHER[-1].changed.set()

    async def handed_over(self) -> int:
        return OTHER[-1].given

    async def cut(self) -> None:
        OTHER[-1].cut = True
        OTHER[-1].changed.set()


class TestFunctionSink(SinkConformance):
    factory = sink_factory("kept", kept, formats=["*"])

    async def start(self) -> None:
        OTHER.append(Other())

    async def stop(self) -> None:
        OTHER.clear()

    def options(self) -> Mapping[str, str]:
        return {"kept.shelf": "low", "kept.token": "the-token-of-kept"}

    async def arrived(self) -> Sequence[bytes]:
        return OTHER[-1].arrived

    async def cut(self) -> None:
        OTHER[-1].cut = True

    async def refuse_next(self, *, transient: bool) -> None:
        OTHER[-1].refusal = Refusal(0, "not this one", transient)
