"""Ids of outgoing messages: made when somebody looks, the same over resends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import overload

_LONGEST_SOURCE_ID = 96
"""Characters; ids of messages are short texts in most transports."""


class MessageIds(Sequence[str]):
    """The ids ``prefix-<hex>`` of consecutive messages, of one width, made on access."""

    __slots__ = ("_first", "_prefix", "_size")

    def __init__(self, prefix: str, first: int, size: int) -> None:
        self._prefix = prefix
        self._first = first
        self._size = size

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if type(index) is int and 0 <= index < self._size:
            return f"{self._prefix}-{self._first + index:012x}"
        places = range(self._first, self._first + self._size)[index]
        if isinstance(places, int):
            return f"{self._prefix}-{places:012x}"
        if places.step == 1:
            return MessageIds(self._prefix, places.start, len(places))
        return [f"{self._prefix}-{place:012x}" for place in places]

    def __iter__(self) -> Iterator[str]:
        prefix = self._prefix
        return (f"{prefix}-{n:012x}" for n in range(self._first, self._first + self._size))

    def followed_by(self, other: Sequence[str]) -> MessageIds | None:
        """Both as one if ``other`` goes on where this ends, else ``None``."""
        if (
            isinstance(other, MessageIds)
            and other._prefix == self._prefix
            and other._first == self._first + self._size
        ):
            return MessageIds(self._prefix, self._first, self._size + other._size)
        return None


class SourceId:
    """The id of the message that results come from. What a message gives is numbered, so
    that its results have the same ids whenever it is processed again."""

    __slots__ = ("_given", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._given: dict[str, int] = {}

    def results(self, stream: str, count: int) -> list[str]:
        """The ids of the next ``count`` results in ``stream``."""
        first = self._given.get(stream, 0)
        self._given[stream] = first + count
        prefix = f"{self._text}-{stream}"
        if len(self._text) > _LONGEST_SOURCE_ID or len(stream) > _LONGEST_SOURCE_ID:
            named = f"{self._text}\n{stream}".encode()
            prefix = blake2b(named, digest_size=16).hexdigest()
        return [f"{prefix}-{ordinal}" for ordinal in range(first, first + count)]


def joined(parts: Sequence[Sequence[str]]) -> Sequence[str]:
    """The ids of all parts in one sequence, still unmade where they are consecutive."""
    whole: MessageIds | None = None
    for position, part in enumerate(parts):
        if position == 0:
            whole = part if isinstance(part, MessageIds) else None
        elif whole is not None:
            whole = whole.followed_by(part)
    if whole is not None:
        return whole
    return [message_id for part in parts for message_id in part]
