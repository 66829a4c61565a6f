"""The last messages of a sink, for clients that come late."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence


class Recent:
    """At most so many messages and bytes, the newest."""

    def __init__(self, max_messages: int, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._payloads: deque[bytes] = deque(maxlen=max_messages)
        self._max_messages = max_messages
        self._bytes = 0

    def add(self, payloads: Sequence[bytes]) -> None:
        kept = self._payloads
        new = payloads[-self._max_messages :]
        for _ in range(len(kept) + len(new) - self._max_messages):
            self._bytes -= len(kept.popleft())
        kept.extend(new)
        self._bytes += sum(map(len, new))
        while self._bytes > self._max_bytes:
            self._bytes -= len(kept.popleft())

    @property
    def payloads(self) -> Sequence[bytes]:
        """The oldest first."""
        return list(self._payloads)
