"""Reads what the broker sends to consumers, in bulk; pure, no I/O."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar

from eventflux_rabbitmq.frames import (
    BODY,
    DELIVER,
    FRAME_OVERHEAD,
    HAS_HEADERS,
    HEADER,
    METHOD,
    Content,
    ProtocolError,
    frame_head,
    long_long,
    method_head,
)
from eventflux_rabbitmq.inbox import MESSAGE_OVERHEAD, Inbox
from eventflux_rabbitmq.incoming import Incoming

_tag_and_flag = Struct(">QB")
"""A delivery tag, and whether the message has been delivered before."""


class Deliveries(Incoming):
    """Reads what the one consumer of a channel is sent into an inbox."""

    __slots__ = ("_inbox", "_note_all")

    begun_by: ClassVar[int] = DELIVER

    def __init__(self, channel: int, inbox: Inbox, *, note_all: bool = False) -> None:
        """``note_all``: note what comes with each body, not only with those that are delivered
        again or have headers, where a count of deliveries may be."""
        super().__init__(channel)
        self._note_all = note_all
        self._inbox = inbox

    def _take(self, content: Content) -> None:
        method, header = content.method, content.header
        if self._note_all or method[method[0] + 9] or header[12] & HAS_HEADERS:
            self._inbox.notes[self._inbox.next_tag] = method, header
        self._inbox.add(content.body)

    def _feed_masses(self, data: bytes, position: int, end: int) -> int:
        """Read messages that are here as a whole with at most one body frame: nearly all."""
        inbox, channel = self._inbox, self._channel
        append = inbox.bodies.append
        first = tag = inbox.next_tag
        notes, note_all = inbox.notes, self._note_all
        size = 0
        read_method, read_head = method_head.unpack_from, frame_head.unpack_from
        read_number, read_tag = long_long.unpack_from, _tag_and_flag.unpack_from
        while end - position > 30:
            kind, of_channel, length, method = read_method(data, position)
            header = position + length + FRAME_OVERHEAD
            if method != DELIVER or of_channel != channel or kind != METHOD:
                break
            if header + 22 > end:
                break
            kind, of_channel, length = read_head(data, header)
            if kind != HEADER or of_channel != channel:
                break
            body = header + length + FRAME_OVERHEAD
            body_length = read_number(data, header + 11)[0]
            if body_length:
                after = body + body_length + FRAME_OVERHEAD
                if after > end or read_head(data, body) != (BODY, channel, body_length):
                    break
                content = data[body + 7 : after - 1]
            else:
                after = body
                if after > end:
                    break
                content = b""
            number, again = read_tag(data, position + 12 + data[position + 11])
            if number != tag:
                raise _wrong_tag(tag, number)
            if data[after - 1] != 0xCE:
                raise ProtocolError("a frame does not end where it should")
            if again or note_all or data[header + 19] & HAS_HEADERS:
                notes[tag] = data[position + 11 : header - 1], data[header + 7 : body - 1]
            append(content)
            size += body_length
            tag += 1
            position = after
        inbox.bytes += size + (tag - first) * MESSAGE_OVERHEAD
        return position

    def _check(self, content: Content) -> None:
        tag = long_long.unpack_from(content.method, 1 + content.method[0])[0]
        if tag != self._inbox.next_tag:
            raise _wrong_tag(self._inbox.next_tag, tag)


def _wrong_tag(expected: int, tag: int) -> ProtocolError:
    return ProtocolError(f"expected delivery tag {expected}, got {tag}")
