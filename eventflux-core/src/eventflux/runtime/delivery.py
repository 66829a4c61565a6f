"""Delivery tracking: what has to be confirmed before a batch is done with.

One :class:`Delivery` follows everything derived from one batch. Each message handed to a
sink is a share of it, and so is the step that makes them, so that it can't end early.
When the last share is confirmed (or settled by its sink's error strategy) the batch is
settled. Counting a batch, not its rows, costs the same for one row and a thousand.

Where state is stored, everything belongs to an :class:`Epoch` too, from one cut of a checkpoint
to the next: a batch is one share of it, and so is each message that belongs to no batch. What a
batch has left in state is safe when the checkpoint that ends its epoch is published.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Protocol


class Delivery(ABC):
    """The open shares of one batch; ``settle`` is called once, when none is left."""

    __slots__ = ("epoch", "pending")

    def __init__(self, epoch: Epoch | None = None) -> None:
        self.pending = 1
        """Starts with the share of the step itself."""
        self.epoch = epoch
        """The one that it is a share of."""
        if epoch is not None:
            epoch.add(1)

    def add(self, shares: int) -> None:
        self.pending += shares

    def done(self, shares: int = 1) -> None:
        self.pending -= shares
        if self.pending == 0:
            self.settle()

    @abstractmethod
    def settle(self) -> None:
        """Everything is safe."""


class Epoch(Delivery):
    """What is emitted between two cuts. The share that it starts with is that of the time until
    it is cut."""

    __slots__ = ("on_published", "outgrown", "safe")

    def __init__(self) -> None:
        super().__init__()
        self.epoch = self
        self.outgrown: set[str] = set()
        """Streams that have taken, in a later epoch, errors of what was emitted in this one. What
        came of state is not made again, so that one checkpoint has to hold both."""
        self.safe = asyncio.Event()
        """Set when everything emitted in it is confirmed, or settled by an error strategy."""
        self.on_published: list[Callable[[], None]] = []
        """What waits for the checkpoint at its end."""

    def settle(self) -> None:
        self.safe.set()


class CallbackDelivery(Delivery):
    """Tells a function when everything is safe: what ``wait='confirmed'`` waits for. What is
    ``absorbed`` into state that is stored is when the checkpoint at the end of its epoch is
    published."""

    __slots__ = ("_absorbed", "_on_settled")

    def __init__(
        self, on_settled: Callable[[], None], epoch: Epoch | None = None, *, absorbed: bool = False
    ) -> None:
        super().__init__(epoch)
        self._on_settled = on_settled
        self._absorbed = absorbed

    def settle(self) -> None:
        epoch = self.epoch
        if epoch is None or not self._absorbed:
            self._on_settled()
        else:
            epoch.on_published.append(self._on_settled)
        if epoch is not None:
            epoch.done()


class SettlesBatches(Protocol):
    """What a :class:`SourceDelivery` reports to: its source's runner."""

    def settle(self, delivery: SourceDelivery) -> None: ...


class SourceDelivery(Delivery):
    """One batch of a source: its token, its size, and which messages are given back."""

    __slots__ = (
        "_owner", "count", "number", "rejected", "requeue", "size", "token", "unpublished",
    )  # fmt: skip

    def __init__(
        self,
        owner: SettlesBatches,
        token: Any,
        count: int,
        size: int,
        number: int,
        epoch: Epoch | None = None,
    ) -> None:
        super().__init__(epoch)
        self._owner = owner
        self.number = number
        """That of its last message; it orders the batches of one source."""
        self.token = token
        self.count = count
        self.size = size
        """Bytes of all its messages."""
        self.rejected: Sequence[int] = ()
        self.requeue = False
        self.unpublished = False
        """Whether everything is safe but what it has left in state."""

    @property
    def first(self) -> int:
        """The number of its first message."""
        return self.number - self.count + 1

    def settle(self) -> None:
        self._owner.settle(self)
