"""Named channels of payloads, shared by the whole process: what ``memory`` reads and writes."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self

from eventflux.base.errors import InputError, UsageError


class Message(bytes):
    """A payload and its METADATA by name: ``Message(b"{}", {"key": "a", "headers.source": "b"})``.

    It is equal to its payload.
    """

    metadata: Mapping[str, Any]

    def __new__(cls, payload: bytes, metadata: Mapping[str, Any]) -> Self:
        message = super().__new__(cls, payload)
        message.metadata = metadata
        return message


class Channel:
    """A first-in-first-out queue of payloads (``bytes``, or :class:`Message`), safe to use from
    any thread.

    Readers of one channel share its payloads: each goes to one of them.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._payloads: deque[bytes] = deque()
        self._changed = threading.Condition()
        self._waiting: set[asyncio.Future[None]] = set()
        self._ended = False

    def __len__(self) -> int:
        return len(self._payloads)

    def __repr__(self) -> str:
        return f"<channel {self.name!r}: {len(self)} payloads>"

    @property
    def ended(self) -> bool:
        return self._ended

    def put(self, payloads: Iterable[bytes]) -> None:
        """Append payloads. Never waits.

        Raises:
            InputError: something is not ``bytes``; nothing was appended then.
            UsageError: the channel was ended.
        """
        if isinstance(payloads, bytes | bytearray | memoryview | str):
            raise InputError(f"put() takes several payloads: put([{payloads!r:.40}])")
        added = list(payloads)
        for payload in added:
            if not isinstance(payload, bytes):
                raise InputError(
                    f"channel {self.name!r} holds bytes, not {type(payload).__name__}",
                    "encode text first: text.encode()",
                )
        with self._changed:
            if self._ended:
                raise UsageError(f"channel {self.name!r} was ended")
            self._payloads.extend(added)
            self._wake()

    def put_back(self, payloads: Sequence[bytes]) -> None:
        """Give payloads back to the front, in their order, even after the end."""
        with self._changed:
            self._payloads.extendleft(reversed(payloads))
            self._wake()

    def take(self, count: int | None = None, *, timeout: float = 0.0) -> list[bytes]:
        """Take payloads from the front.

        Args:
            count: at most so many; all that wait, and at least one, when not given.
            timeout: seconds to wait until there are ``count`` (without one: any).

        Returns:
            what there was when the wait ended; fewer, or none, after the timeout.
        """
        wanted = 1 if count is None else count
        with self._changed:
            self._changed.wait_for(lambda: len(self._payloads) >= wanted or self._ended, timeout)
            taken = self._pop(len(self._payloads) if count is None else count, None)
            self._wake()
            return taken

    def end(self) -> None:
        """Say that no more will be put: sources end when they have read what is here."""
        with self._changed:
            self._ended = True
            self._wake()

    async def receive(self, messages: int, size: int) -> list[bytes]:
        """Wait for one payload and take all within the limits (in number and bytes).

        One that is larger than ``size`` comes alone. Cancelling it loses nothing.

        Returns:
            the payloads; none when the channel is empty and has ended.
        """
        await self._until(lambda: bool(self._payloads) or self._ended)
        with self._changed:
            taken = self._pop(messages, size)
            self._wake()
            return taken

    async def room(self, capacity: int) -> None:
        """Wait until fewer than ``capacity`` payloads are here."""
        await self._until(lambda: len(self._payloads) < capacity)

    def _pop(self, messages: int, size: int | None) -> list[bytes]:
        taken: list[bytes] = []
        while self._payloads and len(taken) < messages:
            if size is not None:
                size -= len(self._payloads[0])
                if size < 0 and taken:
                    break
            taken.append(self._payloads.popleft())
        return taken

    async def _until(self, ready: Callable[[], bool]) -> None:
        while True:
            with self._changed:
                if ready():
                    return
                woken = asyncio.get_running_loop().create_future()
                self._waiting.add(woken)
            try:
                await woken
            finally:
                with self._changed:
                    self._waiting.discard(woken)

    def _wake(self) -> None:
        self._changed.notify_all()
        for woken in self._waiting:
            try:
                woken.get_loop().call_soon_threadsafe(_resolve, woken)
            except RuntimeError:
                continue  # that loop was closed while its task waited: nobody to wake
        self._waiting.clear()


def _resolve(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)


_channels: dict[str, Channel] = {}
_lock = threading.Lock()


def channel(name: str) -> Channel:
    """The channel of this name, made when first asked for."""
    with _lock:
        return _channels.setdefault(name, Channel(name))


def reset() -> None:
    """Forget all channels; what they hold is gone. For tests."""
    with _lock:
        _channels.clear()
