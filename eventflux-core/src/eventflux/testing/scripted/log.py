"""A log with partitions, and a source that reads it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from eventflux.spi import (
    ConnectorContext,
    EndOfStream,
    Options,
    Positions,
    ReceiveLimits,
    Source,
    SourceBatch,
    SourceFactory,
    SourceKind,
)
from eventflux.testing.scripted.faults import ScriptedOptions


@dataclass
class ScriptedLog:
    """What a :class:`ScriptedLogSource` reads: messages stay where they are, each in a partition.

    ``assigned`` are the partitions that the source reads; ``records`` are all messages with
    theirs, in the order in which they were put. ``opened_at`` has what each source was opened at.
    """

    assigned: list[str]
    records: list[tuple[str, Any]] = field(default_factory=list)
    finite: bool = False
    opened_at: list[Positions | None] = field(default_factory=list)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, partition: str, *payloads: Any) -> None:
        self.records += [(partition, payload) for payload in payloads]
        self._changed.set()

    def end(self) -> None:
        """After what is there nothing will come."""
        self.finite = True
        self._changed.set()

    async def read(
        self, positions: Mapping[str, int], messages: int, size: int
    ) -> list[tuple[str, Any]]:
        """The next messages of the assigned partitions behind these positions; at least one."""
        while not (found := self._behind(positions)):
            if self.finite:
                raise EndOfStream
            self._changed.clear()
            await self._changed.wait()
        taken: list[tuple[str, Any]] = []
        for partition, payload in found[:messages]:
            size -= len(payload)
            if taken and size < 0:
                break
            taken.append((partition, payload))
        return taken

    def _behind(self, positions: Mapping[str, int]) -> list[tuple[str, Any]]:
        seen: defaultdict[str, int] = defaultdict(int)
        found: list[tuple[str, Any]] = []
        for partition, payload in self.records:
            seen[partition] += 1
            if partition in self.assigned and seen[partition] > positions.get(partition, 0):
                found.append((partition, payload))
        return found


class ScriptedLogSource(Source):
    """Reads a :class:`ScriptedLog` from its positions on."""

    def __init__(self, log: ScriptedLog) -> None:
        self._log = log
        self._next: dict[str, int] = {}

    async def open(self, positions: Positions | None) -> None:
        self._log.opened_at.append(positions)
        self._next = dict(positions or {})

    async def receive(self, limits: ReceiveLimits) -> SourceBatch:
        records = await self._log.read(self._next, limits.messages, limits.bytes)
        for partition, _ in records:
            self._next[partition] = self._next.get(partition, 0) + 1
        return SourceBatch(
            [payload for _, payload in records],
            partitions=[partition for partition, _ in records],
            positions={p: self._next.get(p, 0) for p in self._log.assigned},
        )

    async def close(self) -> None:
        """Nothing is open."""


class ScriptedLogFactory(SourceFactory):
    """Registers a source by ``name``; each start makes one of ``log``."""

    name: ClassVar[str] = "scripted-log"
    doc: ClassVar[str] = "a log with partitions that a test writes"
    kind: ClassVar[SourceKind] = "replayable"
    options: ClassVar[type[Options]] = ScriptedOptions
    formats: ClassVar[Sequence[str]] = ("*",)

    def __init__(self, log: ScriptedLog) -> None:
        self.log = log

    def create(self, options: Any, context: ConnectorContext) -> ScriptedLogSource:
        return ScriptedLogSource(self.log)
