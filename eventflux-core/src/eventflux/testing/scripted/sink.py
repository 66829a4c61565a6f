"""What arrives at a broker, and a sink that writes to it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from eventflux.base.rows import Row
from eventflux.base.types import DataType
from eventflux.spi import (
    ConnectorContext,
    Disconnected,
    Options,
    Refusal,
    Sink,
    SinkBatch,
    SinkFactory,
)
from eventflux.testing.scripted.faults import (
    Delay,
    Hang,
    Lose,
    Refuse,
    Script,
    ScriptedOptions,
    play_open,
    turns,
)


@dataclass
class ScriptedTarget:
    """What a :class:`ScriptedSink` writes to: ``arrived`` is what is safe, in the order of
    its arrival, with its message ids, its metadata where the stream has some (by name, a value
    a message), and its row where the sink wants it."""

    arrived: list[Any] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    metadata: dict[str, list[Any]] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

    def keep(self, batch: SinkBatch, index: int) -> None:
        self.arrived.append(batch.payloads[index])
        self.ids.append("" if batch.message_ids is None else batch.message_ids[index])
        for name, values in (batch.metadata or {}).items():
            self.metadata.setdefault(name, []).append(values[index])
        if batch.rows is not None:
            self.rows.append(batch.rows[index])


class ScriptedSink(Sink):
    """Writes to a :class:`ScriptedTarget`. ``opens`` scripts the calls of ``open``, ``sends``
    those of ``send``. A lost connection fails every ``send`` that is under way."""

    def __init__(
        self,
        target: ScriptedTarget,
        *,
        opens: Script | None = None,
        sends: Script | None = None,
        wants_rows: bool = False,
    ) -> None:
        self.target = target
        self.wants_rows = wants_rows
        self.calls: list[str] = []
        self.largest_batch = 0
        self.most_under_way = 0
        self._under_way = 0
        self._opens = opens or Script()
        self._sends = sends or Script()
        self._lost: asyncio.Future[str] | None = None

    async def open(self) -> None:
        self.calls.append("open")
        await play_open(self._opens.next())
        self._lost = asyncio.get_running_loop().create_future()

    async def send(self, batch: SinkBatch) -> Sequence[Refusal]:
        lost = self._lost
        if lost is None or lost.done():
            raise Disconnected("send on a closed connection")
        count = len(batch.payloads)
        self._under_way += count
        self.largest_batch = max(self.largest_batch, count)
        self.most_under_way = max(self.most_under_way, self._under_way)
        try:
            return await self._play_send(batch, lost)
        finally:
            self._under_way -= count

    async def _play_send(self, batch: SinkBatch, lost: asyncio.Future[str]) -> Sequence[Refusal]:
        fault = self._sends.next()
        if isinstance(fault, Lose):
            self._keep(batch, range(min(fault.kept, len(batch.payloads))))
            if not lost.done():
                lost.set_result(fault.reason)
            raise Disconnected(fault.reason)
        refused: dict[int, Refusal] = {}
        if isinstance(fault, Refuse):
            await turns(fault.turns)
            for index in fault.indices:
                if index < len(batch.payloads):
                    refused[index] = Refusal(index, fault.reason, fault.transient, fault.hint)
        if isinstance(fault, Delay):
            await turns(fault.turns)
        if isinstance(fault, Hang):
            await lost
        if lost.done():
            raise Disconnected(lost.result())
        self._keep(batch, [i for i in range(len(batch.payloads)) if i not in refused])
        return list(refused.values())

    def _keep(self, batch: SinkBatch, indices: Iterable[int]) -> None:
        for index in indices:
            self.target.keep(batch, index)

    def lose(self, reason: str = "scripted loss") -> None:
        """Cut the connection now."""
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(reason)

    async def close(self) -> None:
        self.calls.append("close")
        self.lose("closed")


class ScriptedSinkFactory(SinkFactory):
    """Registers a scripted sink; each start makes a sink of ``target``. ``metadata`` are the
    names and types that METADATA columns may set."""

    name: ClassVar[str] = "scripted"
    doc: ClassVar[str] = "a sink that follows a script, for tests"
    options: ClassVar[type[Options]] = ScriptedOptions
    formats: ClassVar[Sequence[str]] = ("*",)

    def __init__(
        self,
        target: ScriptedTarget,
        *,
        metadata: Mapping[str, DataType] | None = None,
        **scripts: Any,
    ) -> None:
        self.metadata = metadata or {}  # type: ignore[misc]  # of this one connector
        self._target = target
        self._scripts: Mapping[str, Any] = scripts
        self.made: list[ScriptedSink] = []

    def create(self, options: Any, context: ConnectorContext) -> ScriptedSink:
        sink = ScriptedSink(self._target, **self._scripts)
        self.made.append(sink)
        return sink
