"""AMQP 0-9-1 frames of the messages themselves, in bulk; pure, no I/O.

Three kinds of frames come once a message: deliveries, confirms and publishes. They are
read from and written to bytes here, without an object for each; everything else of the
protocol is the client library's.

A frame is: type (1 byte), channel (2), size (4), payload, the byte 0xCE. A message is a
method frame, a header frame with the body's size, and body frames if there is a body.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import repeat
from struct import Struct
from typing import Any

from pamqp.commands import Basic
from pamqp.frame import marshal
from pamqp.header import ContentHeader

from eventflux_rabbitmq.inbox import MESSAGE_OVERHEAD, Inbox

METHOD, HEADER, BODY, HEARTBEAT = 1, 2, 3, 8
FRAME_END = b"\xce"
FRAME_OVERHEAD = 8
"""Bytes of a frame beside its payload."""
HEARTBEAT_FRAME = b"\x08\x00\x00\x00\x00\x00\x00\xce"
CHUNK_BYTES = 256 * 1024
"""How much is written in one piece: between pieces heartbeats and the like get in."""

_BASIC = 60
_DELIVER = (_BASIC << 16) | 60
_RETURN = (_BASIC << 16) | 50
_ACK = (_BASIC << 16) | 80
_REJECT = (_BASIC << 16) | 90
_NACK = (_BASIC << 16) | 120

_frame_head = Struct(">BHI")
_method_head = Struct(">BHII")
_long_long = Struct(">Q")
_settlement = Struct(">BHIIQBB")
_SETTLEMENT_PAYLOAD = _settlement.size - FRAME_OVERHEAD

_CACHED_LENGTHS = 4096
_ABOUT_AN_ID = 40


class ProtocolError(Exception):
    """The broker sent what it must not; the connection is to be given up."""


class _Content:
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
            self.missing = _long_long.unpack_from(payload, 4)[0]
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
            kind, of_channel, length = _frame_head.unpack_from(data, position)
            after = position + length + FRAME_OVERHEAD
            if of_channel != channel or after > end:
                break
            _check_end(data, after)
            complete = self.add(kind, data[position + 7 : after - 1])
            position = after
            if complete:
                return position, True
        return position, False


def _check_end(data: bytes, after: int) -> None:
    if data[after - 1] != 0xCE:
        raise ProtocolError("a frame does not end where it should")


class Deliveries:
    """Reads what the one consumer of a channel is sent into an inbox."""

    __slots__ = ("_channel", "_inbox", "_open")

    def __init__(self, channel: int, inbox: Inbox) -> None:
        self._channel = channel
        self._inbox = inbox
        self._open: _Content | None = None

    def feed(self, data: bytes, start: int, end: int) -> int:
        """Read the deliveries that stand at ``start``.

        Args:
            data: bytes of the connection; a frame begins at ``start``.
            start: where to begin.
            end: how much of ``data`` counts.

        Returns:
            the position after the last frame read: ``start`` when the first frame is not
            complete, of another channel or not part of a delivery.

        Raises:
            ProtocolError: the frames make no sense, or a delivery tag is not the next.
        """
        position: int = start
        while True:
            if self._open is None:
                position = self._feed_whole(data, position, end)
                position = self._begin(data, position, end)
                if self._open is None:
                    return position
            position, complete = self._open.feed(self._channel, data, position, end)
            if not complete:
                return position
            self._inbox.add(self._open.body)
            self._open = None

    def _feed_whole(self, data: bytes, position: int, end: int) -> int:
        """Read messages that are here as a whole with at most one body frame: nearly all."""
        inbox, channel = self._inbox, self._channel
        append = inbox.bodies.append
        first = tag = inbox.next_tag
        size = 0
        read_method, read_head = _method_head.unpack_from, _frame_head.unpack_from
        read_number = _long_long.unpack_from
        while end - position > 30:
            kind, of_channel, length, method = read_method(data, position)
            header = position + length + FRAME_OVERHEAD
            if method != _DELIVER or of_channel != channel or kind != METHOD:
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
            _check_tag(data, position, tag)
            if data[after - 1] != 0xCE:
                raise ProtocolError("a frame does not end where it should")
            append(content)
            size += body_length
            tag += 1
            position = after
        inbox.bytes += size + (tag - first) * MESSAGE_OVERHEAD
        return position

    def _begin(self, data: bytes, position: int, end: int) -> int:
        """Read the method frame of a delivery that is not here as a whole."""
        if end - position < 12:
            return position
        kind, channel, length, method = _method_head.unpack_from(data, position)
        after: int = position + length + FRAME_OVERHEAD
        if kind != METHOD or channel != self._channel or method != _DELIVER or after > end:
            return position
        _check_end(data, after)
        _check_tag(data, position, self._inbox.next_tag)
        self._open = _Content(b"")
        return after


def _check_tag(data: bytes, method: int, expected: int) -> None:
    tag = _long_long.unpack_from(data, method + 12 + data[method + 11])[0]
    if tag != expected:
        raise ProtocolError(f"expected delivery tag {expected}, got {tag}")


@dataclass(frozen=True, slots=True)
class Returned:
    """A message that no queue took."""

    reply_code: int
    reply_text: str
    exchange: str
    routing_key: str
    message_id: str | None
    body: bytes


class Confirms:
    """Reads the answers to what a confirm channel published.

    Messages are counted from 1. The broker answers in any order: state is the greatest
    number up to which all are answered, and the few above it.
    """

    __slots__ = ("_above", "_channel", "_on_return", "_open", "low", "nacked")

    def __init__(self, channel: int, on_return: Callable[[Returned], None]) -> None:
        self._channel = channel
        self._on_return = on_return
        self._open: _Content | None = None
        self._above: set[int] = set()
        self.low = 0
        """Every message up to this number has its answer."""
        self.nacked: set[int] = set()
        """The numbers of those that the broker did not take."""

    def answered(self, number: int) -> bool:
        """Whether the broker has answered the message of this number."""
        return number <= self.low or number in self._above

    def feed(self, data: bytes, start: int, end: int) -> int:
        """Read the answers that stand at ``start``; see :meth:`Deliveries.feed`."""
        position: int = start
        while True:
            if self._open is None:
                position = self._feed_settlements(data, position, end)
                position = self._begin(data, position, end)
                if self._open is None:
                    return position
            position, complete = self._open.feed(self._channel, data, position, end)
            if not complete:
                return position
            returned, self._open = _returned(self._open), None
            self._on_return(returned)

    def _feed_settlements(self, data: bytes, position: int, end: int) -> int:
        while end - position >= _settlement.size:
            kind, channel, _, method, number, flags, frame_end = _settlement.unpack_from(
                data, position
            )
            if kind != METHOD or channel != self._channel or method not in (_ACK, _NACK):
                break
            if frame_end != 0xCE:
                raise ProtocolError("a frame does not end where it should")
            self._settle(number, multiple=bool(flags & 1), nacked=method == _NACK)
            position += _settlement.size
        return position

    def _settle(self, number: int, *, multiple: bool, nacked: bool) -> None:
        above = self._above
        if multiple:
            if nacked:
                self.nacked.update(n for n in range(self.low + 1, number + 1) if n not in above)
            if number > self.low:
                self.low = number
                if above:
                    above.difference_update([n for n in above if n <= number])
        else:
            if nacked and not self.answered(number):
                self.nacked.add(number)
            if number == self.low + 1:
                self.low = number
            elif number > self.low:
                above.add(number)
        while above and self.low + 1 in above:
            self.low += 1
            above.remove(self.low)

    def _begin(self, data: bytes, position: int, end: int) -> int:
        if end - position < 12:
            return position
        kind, channel, length, method = _method_head.unpack_from(data, position)
        after: int = position + length + FRAME_OVERHEAD
        if kind != METHOD or channel != self._channel or method != _RETURN or after > end:
            return position
        _check_end(data, after)
        self._open = _Content(data[position + 11 : after - 1])
        return after


def _returned(content: _Content) -> Returned:
    method, header = Basic.Return(), ContentHeader()
    method.unmarshal(content.method)
    header.unmarshal(content.header)
    return Returned(
        reply_code=method.reply_code or 0,
        reply_text=method.reply_text or "",
        exchange=method.exchange or "",
        routing_key=method.routing_key or "",
        message_id=header.properties.message_id,
        body=content.body,
    )


def acknowledge(channel: int, tag: int) -> bytes:
    """The frame that acknowledges every delivery up to ``tag``."""
    return _settlement.pack(METHOD, channel, _SETTLEMENT_PAYLOAD, _ACK, tag, 1, 0xCE)


def reject(channel: int, tags: Sequence[int], *, requeue: bool) -> bytes:
    """The frames that reject these deliveries alone."""
    pack = _settlement.pack
    return b"".join(
        pack(METHOD, channel, _SETTLEMENT_PAYLOAD, _REJECT, tag, requeue, 0xCE) for tag in tags
    )


class Publisher:
    """Writes the frames that publish messages with equal properties to one place."""

    __slots__ = ("_body_limit", "_channel", "_method", "_prefixes", "_properties", "_templates")

    def __init__(
        self,
        channel: int,
        frame_max: int,
        *,
        exchange: str,
        routing_key: str,
        mandatory: bool,
        persistent: bool,
        content_type: str | None,
    ) -> None:
        """Args are those of ``basic.publish``; ``frame_max`` is the connection's, 0: no limit."""
        self._channel = channel
        self._body_limit = (frame_max or 131_072) - FRAME_OVERHEAD
        self._method = marshal(
            Basic.Publish(exchange=exchange, routing_key=routing_key, mandatory=mandatory), channel
        )
        self._properties: dict[str, Any] = {"delivery_mode": 2 if persistent else 1}
        if content_type is not None:
            self._properties["content_type"] = content_type
        self._prefixes: dict[int, bytes] = {}
        self._templates: dict[tuple[int, int], tuple[bytes, bytes]] = {}

    def marshal(
        self, bodies: Sequence[bytes], message_ids: Sequence[str] | None = None
    ) -> list[bytes]:
        """The bytes that publish ``bodies``, in pieces of about :data:`CHUNK_BYTES`.

        Args:
            bodies: one a message.
            message_ids: one a message, each at most 255 bytes of UTF-8.
        """
        pieces: list[bytes] = []
        parts: list[bytes] = []
        size = 0
        limit = self._body_limit
        prefixes, templates = self._prefixes, self._templates
        ids = repeat(None) if message_ids is None else message_ids
        for body, message_id in zip(bodies, ids, strict=False):
            length = len(body)
            if message_id is None:
                before = prefixes.get(length) or self._make_prefix(length)
                parts.append(before)
            else:
                encoded = message_id.encode()
                template = templates.get((length, len(encoded)))
                before, after = template or self._make_template(length, len(encoded))
                parts += (before, encoded, after)
            if 0 < length <= limit:
                parts += (body, FRAME_END)
            else:
                parts += self._split(body)
            size += len(before) + length + _ABOUT_AN_ID
            if size >= CHUNK_BYTES:
                pieces.append(b"".join(parts))
                parts.clear()
                size = 0
        if parts:
            pieces.append(b"".join(parts))
        return pieces

    def _make_prefix(self, length: int) -> bytes:
        """All bytes of a message of this length that stand before its body."""
        header = ContentHeader(body_size=length, properties=Basic.Properties(**self._properties))
        prefix = self._method + marshal(header, self._channel) + self._body_head(length)
        if len(self._prefixes) >= _CACHED_LENGTHS:
            self._prefixes.clear()
        self._prefixes[length] = prefix
        return prefix

    def _make_template(self, length: int, width: int) -> tuple[bytes, bytes]:
        """What stands before and after a message id of ``width`` bytes: it is the last property."""
        properties = Basic.Properties(**self._properties, message_id="i" * width)
        header = marshal(ContentHeader(body_size=length, properties=properties), self._channel)
        template = (
            self._method + header[: -width - 1],
            FRAME_END + self._body_head(length),
        )
        if len(self._templates) >= _CACHED_LENGTHS:
            self._templates.clear()
        self._templates[length, width] = template
        return template

    def _body_head(self, length: int) -> bytes:
        """The head of the only body frame, if there is exactly one."""
        if 0 < length <= self._body_limit:
            return _frame_head.pack(BODY, self._channel, length)
        return b""

    def _split(self, body: bytes) -> list[bytes]:
        """The body frames of a body that is not one frame: several, or none."""
        parts: list[bytes] = []
        for start in range(0, len(body), self._body_limit):
            part = body[start : start + self._body_limit]
            parts += (_frame_head.pack(BODY, self._channel, len(part)), part, FRAME_END)
        return parts
