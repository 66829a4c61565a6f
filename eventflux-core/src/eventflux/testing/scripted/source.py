"""A queue at a broker, and a source that reads it."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from eventflux.base.types import DataType
from eventflux.spi import (
    ConnectorContext,
    Disconnected,
    EndOfStream,
    Options,
    Positions,
    ReceiveLimits,
    Source,
    SourceBatch,
    SourceFactory,
    SourceKind,
)
from eventflux.testing.scripted.faults import (
    Delay,
    Hang,
    Lose,
    Script,
    ScriptedOptions,
    play_open,
    turns,
)


@dataclass
class ScriptedQueue:
    """What a :class:`ScriptedSource` reads: a queue at a broker.

    ``waiting`` are the numbers of messages to deliver, ``open`` those delivered and not
    settled. ``log`` records what happens to each number: ``acked``, ``rejected``,
    ``requeued``.
    """

    messages: list[Any] = field(default_factory=list)
    ids: list[str] | None = None
    metadata: Mapping[str, Sequence[Any]] | None = None
    """What messages have beside their payloads: by name, a value a message."""
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
        await play_open(self._opens.next())
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
            await turns(fault.turns)
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
            metadata=metadata
            and {name: [values[n] for n in numbers] for name, values in metadata.items()},
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


class ScriptedSourceFactory(SourceFactory):
    """Registers a scripted source by ``name``; each start makes a source of ``queue``.
    ``metadata`` are the names and types that METADATA columns may read, ``prefetch`` is how many
    messages the other side is said to hand over before one is acknowledged."""

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
        prefetch: int | None = None,
        **scripts: Any,
    ) -> None:
        self._prefetch = prefetch
        self.metadata = metadata or {}  # type: ignore[misc]  # of this one connector
        self._queue = queue
        self._scripts: Mapping[str, Any] = scripts
        self.made: list[ScriptedSource] = []

    def prefetch(self, options: Any) -> int | None:
        return self._prefetch

    def create(self, options: Any, context: ConnectorContext) -> ScriptedSource:
        source = ScriptedSource(self._queue, **self._scripts)
        self.made.append(source)
        return source
