"""Messages that have come and wait to be processed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sender:
    """A client of a server: what the request that opened its connection says."""

    address: str
    """``host:port``."""
    headers: Mapping[str, str]
    """By name in lower case."""
    query: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Arrival:
    """What holds for all messages of one read from the network."""

    time: int
    """When they came, epoch ms."""
    sender: Sender | None = None
    """Whom they came from; nobody if it is the server."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Messages in their order; of each whether it is a text, and its arrival."""

    payloads: list[bytes]
    texts: list[bool]
    arrivals: list[Arrival]


class Inbox:
    """Bounded: who fills it is told to pause by ``pause(True)``, and to go on by ``pause(False)``
    once half of it has been taken. What one read from the network gives always fits in."""

    def __init__(
        self,
        max_messages: int,
        max_bytes: int,
        pause: Callable[[bool], None] = lambda paused: None,
    ) -> None:
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        self.pause = pause
        self._payloads: list[bytes] = []
        self._texts: list[bool] = []
        self._arrivals: list[Arrival] = []
        self._taken = 0
        """How many at the front have been taken; they are let go of in one go."""
        self.bytes = 0
        self.paused = False

    def __len__(self) -> int:
        return len(self._payloads) - self._taken

    def put(self, payloads: Sequence[bytes], texts: Sequence[bool], arrival: Arrival) -> None:
        """Add messages that came together."""
        self._payloads += payloads
        self._texts += texts
        self._arrivals += [arrival] * len(payloads)
        self.bytes += sum(map(len, payloads))
        if not self.paused and (len(self) > self._max_messages or self.bytes > self._max_bytes):
            self.paused = True
            self.pause(True)

    def take(self, messages: int, size: int) -> Taken:
        """The next ones, within so many messages and bytes; a larger message comes alone."""
        begin = self._taken
        if not begin and len(self._payloads) <= messages and self.bytes <= size:
            taken = Taken(self._payloads, self._texts, self._arrivals)
            self._clear()
        else:
            end = begin + _count_within(self._payloads, begin, messages, size)
            taken = Taken(
                self._payloads[begin:end], self._texts[begin:end], self._arrivals[begin:end]
            )
            self.bytes -= sum(map(len, taken.payloads))
            self._taken = end
            if end > len(self):
                self._let_go()
        if (
            self.paused
            and 2 * len(self) <= self._max_messages
            and 2 * self.bytes <= self._max_bytes
        ):
            self.paused = False
            self.pause(False)
        return taken

    def discard(self) -> int:
        """Let go of all that waits; how many messages that is."""
        discarded = len(self)
        self._clear()
        return discarded

    def _let_go(self) -> None:
        for column in (self._payloads, self._texts, self._arrivals):
            del column[: self._taken]
        self._taken = 0

    def _clear(self) -> None:
        self._payloads, self._texts, self._arrivals = [], [], []
        self._taken = self.bytes = 0


def _count_within(payloads: Sequence[bytes], begin: int, messages: int, size: int) -> int:
    """How many from ``begin`` on are within the limits, one at the least."""
    total = 0
    last = min(begin + messages, len(payloads))
    for index in range(begin, last):
        total += len(payloads[index])
        if total > size and index > begin:
            return index - begin
    return last - begin
