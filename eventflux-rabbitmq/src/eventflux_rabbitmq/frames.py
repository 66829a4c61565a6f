"""AMQP 0-9-1 frames of the messages themselves; pure, no I/O.

Three kinds of frames come once a message: deliveries, confirms and publishes. They are
read from and written to bytes here and in the modules beside, without an object for each;
everything else of the protocol is the client library's.

A frame is: type (1 byte), channel (2), size (4), payload, the byte 0xCE. A message is a
method frame, a header frame with the body's size, and body frames if there is a body.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct

METHOD, HEADER, BODY, HEARTBEAT = 1, 2, 3, 8
FRAME_END = b"\xce"
FRAME_OVERHEAD = 8
"""Bytes of a frame beside its payload."""
HEARTBEAT_FRAME = b"\x08\x00\x00\x00\x00\x00\x00\xce"

_BASIC = 60
DELIVER = (_BASIC << 16) | 60
RETURN = (_BASIC << 16) | 50
ACK = (_BASIC << 16) | 80
NACK = (_BASIC << 16) | 120
_REJECT = (_BASIC << 16) | 90

frame_head = Struct(">BHI")
method_head = Struct(">BHII")
long_long = Struct(">Q")
settlement = Struct(">BHIIQBB")
HAS_HEADERS = 0x20
"""In the 13th byte of a header frame's payload: the message has headers."""
SETTLEMENT_PAYLOAD = settlement.size - FRAME_OVERHEAD


class ProtocolError(Exception):
    """The broker sent what it must not; the connection is to be given up."""


class Content:
    """A message whose method frame has been read and whose body is not complete."""

    __slots__ = ("header", "method", "missing", "parts")

    def __init__(self, method: bytes) -> None:
        self.method = method
        self.header = b""
        self.missing = 0
        self.parts: list[bytes] = []

    def add(self, kind: int, payload: bytes) -> bool:
        """Take the next frame of this message; whether that was the last."""
        if not self.header:
            if kind != HEADER or len(payload) < 14:
                raise ProtocolError(f"expected a header frame, got a frame of type {kind}")
            self.header = payload
            self.missing = long_long.unpack_from(payload, 4)[0]
        else:
            if kind != BODY:
                raise ProtocolError(f"expected a body frame, got a frame of type {kind}")
            self.parts.append(payload)
            self.missing -= len(payload)
            if self.missing < 0:
                raise ProtocolError("a body is longer than its header said")
        return self.missing == 0

    @property
    def body(self) -> bytes:
        return self.parts[0] if len(self.parts) == 1 else b"".join(self.parts)

    def feed(self, channel: int, data: bytes, position: int, end: int) -> tuple[int, bool]:
        """Read frames at ``position`` until the message is complete or they are at an end.

        Returns:
            the position after the last frame read, and whether the message is complete.
        """
        while end - position >= FRAME_OVERHEAD:
            kind, of_channel, length = frame_head.unpack_from(data, position)
            after = position + length + FRAME_OVERHEAD
            if of_channel != channel or after > end:
                break
            check_end(data, after)
            complete = self.add(kind, data[position + 7 : after - 1])
            position = after
            if complete:
                return position, True
        return position, False


def check_end(data: bytes, after: int) -> None:
    if data[after - 1] != 0xCE:
        raise ProtocolError("a frame does not end where it should")


def acknowledge(channel: int, tag: int) -> bytes:
    """The frame that acknowledges every delivery up to ``tag``."""
    return settlement.pack(METHOD, channel, SETTLEMENT_PAYLOAD, ACK, tag, 1, 0xCE)


def reject(channel: int, tags: Sequence[int], *, requeue: bool) -> bytes:
    """The frames that reject these deliveries alone."""
    pack = settlement.pack
    return b"".join(
        pack(METHOD, channel, SETTLEMENT_PAYLOAD, _REJECT, tag, requeue, 0xCE) for tag in tags
    )
