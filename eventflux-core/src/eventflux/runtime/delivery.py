"""Delivery tracking: what has to be confirmed before a batch is done with.

One :class:`Delivery` follows everything derived from one batch. Each message handed to a
sink is a share of it, and so is the step that makes them, so that it can't end early.
When the last share is confirmed (or settled by its sink's error strategy) the batch is
settled. Counting a batch, not its rows, costs the same for one row and a thousand.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Protocol


class Delivery(ABC):
    """The open shares of one batch; ``settle`` is called once, when none is left."""

    __slots__ = ("pending",)

    def __init__(self) -> None:
        self.pending = 1
        """Starts with the share of the step itself."""

    def add(self, shares: int) -> None:
        self.pending += shares

    def done(self, shares: int = 1) -> None:
        self.pending -= shares
        if self.pending == 0:
            self.settle()

    @abstractmethod
    def settle(self) -> None:
        """Everything is safe."""


class CallbackDelivery(Delivery):
    """Tells a function when everything is safe: what ``wait='confirmed'`` waits for."""

    __slots__ = ("_on_settled",)

    def __init__(self, on_settled: Callable[[], None]) -> None:
        super().__init__()
        self._on_settled = on_settled

    def settle(self) -> None:
        self._on_settled()


class SettlesBatches(Protocol):
    """What a :class:`SourceDelivery` reports to: its source's runner."""

    def settle(self, delivery: SourceDelivery) -> None: ...


class SourceDelivery(Delivery):
    """One batch of a source: its token, its size, and which messages are given back."""

    __slots__ = ("_owner", "count", "number", "rejected", "requeue", "size", "token")

    def __init__(
        self, owner: SettlesBatches, token: Any, count: int, size: int, number: int
    ) -> None:
        self.pending = 1
        self._owner = owner
        self.number = number
        """That of its last message; it orders the batches of one source."""
        self.token = token
        self.count = count
        self.size = size
        """Bytes of all its messages."""
        self.rejected: Sequence[int] = ()
        self.requeue = False

    @property
    def first(self) -> int:
        """The number of its first message."""
        return self.number - self.count + 1

    def settle(self) -> None:
        self._owner.settle(self)
