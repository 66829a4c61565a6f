"""Connectors that do what a script says: lose the connection, refuse, take their time.

They stand for a broker and its client. A :class:`ScriptedQueue` keeps what was put until it
is settled, and delivers again what a lost connection left open; a :class:`ScriptedTarget`
records what arrived and is safe. Faults are taken from scripts, one entry a call, so a test
says exactly what goes wrong, or draws it at random. Nothing here waits for time: delays
are turns of the event loop.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from eventflux.base.rows import Row
from eventflux.base.types import DataType
from eventflux.spi import (
    ConnectorContext,
    Disconnected,
    EndOfStream,
    Misconfigured,
    Options,
    Positions,
    ReceiveLimits,
    Refusal,
    Sink,
    SinkBatch,
    SinkFactory,
    Source,
    SourceBatch,
    SourceFactory,
    SourceKind,
)


@dataclass(frozen=True, slots=True)
class Lose:
    """The connection goes. In a ``send`` script ``kept`` messages of the batch are safe on
    the other side, though nobody learns of it."""

    reason: str = "scripted loss"
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Refuse:
    """An ``open`` is refused for good; of a ``send`` the messages at these indices are, after
    so many turns of the event loop."""

    indices: Sequence[int] = ()
    transient: bool = False
    reason: str = "scripted refusal"
    hint: str | None = None
    turns: int = 0


@dataclass(frozen=True, slots=True)
class Delay:
    """The call takes so many turns of the event loop, then works."""

    turns: int


@dataclass(frozen=True, slots=True)
class Hang:
    """The call never returns, until it is cancelled or the connection goes."""


Fault = Lose | Refuse | Delay | Hang | None
"""One entry of a script; ``None`` is a call that works."""


class Script:
    """Faults in order, one for each call; when they are used up, every call works."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._faults = iter(faults)

    def next(self) -> Fault:
        return next(self._faults, None)


async def _turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@dataclass
class ScriptedQueue:
    """What a :class:`ScriptedSource` reads: a queue at a broker.

    ``waiting`` are the numbers of messages to deliver, ``open`` those delivered and not
    settled. ``log`` records what happens to each number: ``acked``, ``rejected``,
    ``requeued``.
    """

    messages: list[Any] = field(default_factory=list)
    ids: list[str] | None = None
    metadata: Sequence[Mapping[str, Any]] | None = None
    """What each message has beside its payload."""
    delivered: Counter[int] | None = None
    """How often each number has been delivered, if the queue counts that."""
    waiting: deque[int] = field(default_factory=deque)
    open: set[int] = field(default_factory=set)
    acked: list[int] = field(default_factory=list)
    rejected: list[int] = field(default_factory=list)
    requeued: list[int] = field(default_factory=list)
    on_ack: Callable[[int], None] | None = None
    """Called with each acknowledged number, in the moment of the acknowledgement."""
    finite: bool = False
    _waiters: list[asyncio.Future[None]] = field(default_factory=list)

    def put(self, *payloads: Any) -> None:
        for payload in payloads:
            self.waiting.append(len(self.messages))
            self.messages.append(payload)
        self._wake()

    def end(self) -> None:
        """After what waits nothing will come."""
        self.finite = True
        self._wake()

    def give_back(self, numbers: Iterable[int]) -> None:
        """Deliver these again, before all others."""
        back = sorted(set(numbers) & self.open, reverse=True)
        self.open.difference_update(back)
        self.waiting.extendleft(back)
        if back:
            self._wake()

    def _wake(self) -> None:
        """Let who waits look again; called on the app's loop, or before it starts."""
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done() and not waiter.get_loop().is_closed():
                waiter.set_result(None)

    async def take(self, messages: int, size: int) -> list[int]:
        while not self.waiting:
            if self.finite and not self.open:
                raise EndOfStream
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter
        taken: list[int] = []
        taken_size = 0
        while self.waiting and len(taken) < messages:
            payload = self.messages[self.waiting[0]]
            taken_size += len(payload) if isinstance(payload, bytes) else 1
            if taken and taken_size > size:
                break
            taken.append(self.waiting.popleft())
        self.open.update(taken)
        return taken


class ScriptedSource(Source):
    """Reads a :class:`ScriptedQueue`. ``opens`` scripts the calls of ``open``, ``receives``
    those of ``receive``. ``finite`` queues end once everything is settled."""

    def __init__(
        self,
        queue: ScriptedQueue,
        *,
        opens: Script | None = None,
        receives: Script | None = None,
        max_batch: int | None = None,
    ) -> None:
        self.queue = queue
        self.calls: list[str] = []
        self._opens = opens or Script()
        self._receives = receives or Script()
        self._max_batch = max_batch
        self._epoch = 0
        self._connected = False
        self._stopped = False
        self._delivered: set[int] = set()

    async def open(self, positions: Positions | None) -> None:
        self.calls.append("open")
        await _play_open(self._opens.next())
        self._epoch += 1
        self._connected = True

    async def receive(self, limits: ReceiveLimits) -> SourceBatch:
        if not self._connected or self._stopped:
            raise Disconnected("receive on a closed connection")
        fault = self._receives.next()
        if isinstance(fault, Lose):
            self._lose()
            raise Disconnected(fault.reason)
        if isinstance(fault, Delay):
            await _turns(fault.turns)
        if isinstance(fault, Hang):
            await asyncio.Event().wait()
        messages = min(limits.messages, self._max_batch or limits.messages)
        numbers = await self.queue.take(messages, limits.bytes)
        self._delivered.update(numbers)
        ids, metadata, delivered = self.queue.ids, self.queue.metadata, self.queue.delivered
        if delivered is not None:
            delivered.update(numbers)
        return SourceBatch(
            [self.queue.messages[number] for number in numbers],
            token=(self._epoch, numbers),
            metadata=None if metadata is None else [metadata[number] for number in numbers],
            message_ids=None if ids is None else [ids[number] for number in numbers],
            deliveries=None if delivered is None else [delivered[n] for n in numbers],
        )

    def settle(self, token: Any, rejected: Sequence[int] = (), *, requeue: bool = False) -> None:
        epoch, numbers = token
        if epoch != self._epoch or not self._connected:
            return
        bad = set(rejected)
        self._delivered.difference_update(numbers)
        for index, number in enumerate(numbers):
            if index not in bad:
                self.queue.open.discard(number)
                self.queue.acked.append(number)
                if self.queue.on_ack is not None:
                    self.queue.on_ack(number)
            elif not requeue:
                self.queue.open.discard(number)
                self.queue.rejected.append(number)
        if requeue:
            back = [numbers[index] for index in sorted(bad)]
            self.queue.requeued.extend(back)
            self.queue.give_back(back)
        if self.queue.finite and not self.queue.open:
            self.queue.end()

    async def stop(self) -> None:
        self.calls.append("stop")
        self._stopped = True

    async def close(self) -> None:
        self.calls.append("close")
        self._lose()

    def _lose(self) -> None:
        self._connected = False
        self.queue.give_back(self._delivered)
        self._delivered.clear()


@dataclass
class ScriptedTarget:
    """What a :class:`ScriptedSink` writes to: ``arrived`` is what is safe, in the order of
    its arrival, with its message ids, its metadata where the stream has some, and its row
    where the sink wants it."""

    arrived: list[Any] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    metadata: list[Mapping[str, Any]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def keep(self, batch: SinkBatch, index: int) -> None:
        self.arrived.append(batch.payloads[index])
        self.ids.append("" if batch.message_ids is None else batch.message_ids[index])
        if batch.metadata is not None:
            self.metadata.append(batch.metadata[index])
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
        await _play_open(self._opens.next())
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
            await _turns(fault.turns)
            for index in fault.indices:
                if index < len(batch.payloads):
                    refused[index] = Refusal(index, fault.reason, fault.transient, fault.hint)
        if isinstance(fault, Delay):
            await _turns(fault.turns)
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


async def _play_open(fault: Fault) -> None:
    if isinstance(fault, Lose):
        raise Disconnected(fault.reason)
    if isinstance(fault, Refuse):
        raise Misconfigured(fault.reason, fault.hint)
    if isinstance(fault, Delay):
        await _turns(fault.turns)
    if isinstance(fault, Hang):
        await asyncio.Event().wait()


class ScriptedOptions(Options, prefix="scripted"):
    """None: what happens is given to the factory."""


class ScriptedSourceFactory(SourceFactory):
    """Registers a scripted source by ``name``; each start makes a source of ``queue``.
    ``metadata`` are the names and types that METADATA columns may read."""

    name: ClassVar[str] = "scripted"
    doc: ClassVar[str] = "a source that follows a script, for tests"
    kind: ClassVar[SourceKind] = "acking"
    options: ClassVar[type[Options]] = ScriptedOptions
    formats: ClassVar[Sequence[str]] = ("*",)

    def __init__(
        self,
        queue: ScriptedQueue,
        *,
        metadata: Mapping[str, DataType] | None = None,
        **scripts: Any,
    ) -> None:
        self.metadata = metadata or {}  # type: ignore[misc]  # of this one connector
        self._queue = queue
        self._scripts: Mapping[str, Any] = scripts
        self.made: list[ScriptedSource] = []

    def create(self, options: Any, context: ConnectorContext) -> ScriptedSource:
        source = ScriptedSource(self._queue, **self._scripts)
        self.made.append(source)
        return source


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
