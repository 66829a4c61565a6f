"""What arrives on one channel, read in bulk; pure, no I/O."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from eventflux_rabbitmq.frames import FRAME_OVERHEAD, METHOD, Content, check_end, method_head


class Incoming(ABC):
    """Reads the frames of one channel: those that come in masses all at once, and any message,
    however the bytes of it arrive."""

    __slots__ = ("_channel", "_open")

    begun_by: ClassVar[int]
    """The method that a message begins with."""

    def __init__(self, channel: int) -> None:
        self._channel = channel
        self._open: Content | None = None

    def feed(self, data: bytes, start: int, end: int) -> int:
        """Read what stands at ``start``.

        Args:
            data: bytes of the connection; a frame begins at ``start``.
            start: where to begin.
            end: how much of ``data`` counts.

        Returns:
            the position after the last frame read: ``start`` when the first frame is not
            complete, of another channel or not for this reader.

        Raises:
            ProtocolError: the frames make no sense.
        """
        position: int = start
        while True:
            if self._open is None:
                position = self._feed_masses(data, position, end)
                position = self._begin(data, position, end)
                if self._open is None:
                    return position
            position, complete = self._open.feed(self._channel, data, position, end)
            if not complete:
                return position
            whole, self._open = self._open, None
            self._take(whole)

    @abstractmethod
    def _feed_masses(self, data: bytes, position: int, end: int) -> int:
        """Read the frames that come in masses, as far as they are here as a whole."""

    @abstractmethod
    def _take(self, content: Content) -> None:
        """Take a message that has arrived in pieces."""

    def _begin(self, data: bytes, position: int, end: int) -> int:
        """Read the method frame of a message that is not here as a whole."""
        if end - position < 12:
            return position
        kind, channel, length, method = method_head.unpack_from(data, position)
        after: int = position + length + FRAME_OVERHEAD
        if kind != METHOD or channel != self._channel or method != self.begun_by or after > end:
            return position
        check_end(data, after)
        self._open = Content(data[position + 11 : after - 1])
        self._check(self._open)
        return after

    def _check(self, content: Content) -> None:
        """Refuse a message by its method frame, with ``ProtocolError``."""
