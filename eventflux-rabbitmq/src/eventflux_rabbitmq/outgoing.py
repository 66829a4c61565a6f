"""Writes the frames that publish messages, in bulk; pure, no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, TypeVar

from pamqp.commands import Basic
from pamqp.frame import marshal
from pamqp.header import ContentHeader

from eventflux_rabbitmq.frames import BODY, FRAME_END, FRAME_OVERHEAD, frame_head

CHUNK_BYTES = 256 * 1024
"""How much is written in one piece: between pieces heartbeats and the like get in."""
_CACHED = 4096
"""The most entries of a cache; a full one is emptied."""
_ABOUT_AN_ID = 40

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(slots=True)
class Messages:
    """Messages to publish, in order; ``None`` for what does not differ among them."""

    payloads: Sequence[bytes]
    message_ids: Sequence[str | None] | None = None
    """One a message, each at most 255 bytes of UTF-8."""
    keys: Sequence[str] | None = None
    """Their routing keys."""
    properties: Sequence[Mapping[str, Any] | None] | None = None
    """All properties but the id, as the client library calls them, for those that have some of
    their own."""

    def key(self, index: int) -> str | None:
        """The routing key of its own, if it has one."""
        return None if self.keys is None else self.keys[index]

    def some(self, places: Sequence[int]) -> Messages:
        """The messages at these places alone."""

        def kept(column: Sequence[Any] | None) -> list[Any] | None:
            return None if column is None else [column[place] for place in places]

        payloads = [self.payloads[place] for place in places]
        return Messages(payloads, kept(self.message_ids), kept(self.keys), kept(self.properties))


class Publisher:
    """Writes the frames that publish to one exchange.

    What is the same for all messages is made once: those that differ in body and id only cost
    a look-up and a join, those with a key of their own one look-up more; those with properties
    of their own pay for the encoder.
    """

    def __init__(
        self,
        channel: int,
        frame_max: int,
        *,
        exchange: str,
        routing_key: str,
        mandatory: bool,
        properties: Mapping[str, Any],
    ) -> None:
        """Args are those of ``basic.publish``; ``frame_max`` is the connection's, 0: no limit.

        ``properties`` has none that stand behind the message id.
        """
        self._channel = channel
        self._body_limit = (frame_max or 131_072) - FRAME_OVERHEAD
        self._exchange = exchange
        self._mandatory = mandatory
        self._routing_key = routing_key
        self._properties = dict(properties)
        self._method = self._make_method(routing_key)
        self._prefixes: dict[int, bytes] = {}
        self._templates: dict[tuple[int, int], tuple[bytes, bytes]] = {}
        self._methods: dict[str, bytes] = {}
        self._headers: dict[tuple[int, int], tuple[bytes, bytes]] = {}

    def marshal(self, messages: Messages) -> list[bytes]:
        """The bytes that publish ``messages``, in pieces of about :data:`CHUNK_BYTES`."""
        if messages.keys is not None or messages.properties is not None:
            return self._marshal_each(messages)
        pieces: list[bytes] = []
        parts: list[bytes] = []
        size = 0
        limit = self._body_limit
        prefixes, templates = self._prefixes, self._templates
        ids = repeat(None) if messages.message_ids is None else messages.message_ids
        for body, message_id in zip(messages.payloads, ids, strict=False):
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

    def _marshal_each(self, messages: Messages) -> list[bytes]:
        """As :meth:`marshal` where keys or properties differ."""
        pieces: list[bytes] = []
        parts: list[bytes] = []
        size = 0
        methods, count = self._methods, len(messages.payloads)
        keys = messages.keys or [self._routing_key] * count
        own = messages.properties or [None] * count
        ids: Sequence[str | None] = messages.message_ids or [None] * count
        for body, key, properties, message_id in zip(
            messages.payloads, keys, own, ids, strict=True
        ):
            parts.append(methods.get(key) or self._keep_method(key))
            header = self._header(len(body), properties, message_id)
            parts += header
            parts += (body, FRAME_END) if 0 < len(body) <= self._body_limit else self._split(body)
            size += len(body) + len(header[0]) + _ABOUT_AN_ID
            if size >= CHUNK_BYTES:
                pieces.append(b"".join(parts))
                parts.clear()
                size = 0
        if parts:
            pieces.append(b"".join(parts))
        return pieces

    def _header(
        self, length: int, properties: Mapping[str, Any] | None, message_id: str | None
    ) -> Sequence[bytes]:
        """What stands between the method frame of a message and its body."""
        if properties is None and message_id is not None:
            encoded = message_id.encode()
            size = length, len(encoded)
            header = self._headers.get(size)
            if header is None:
                header = _kept(self._headers, size, self._around_id(*size))
            return header[0], encoded, header[1]
        base = self._properties if properties is None else properties
        made = Basic.Properties(**base, message_id=message_id)
        header_frame = marshal(ContentHeader(body_size=length, properties=made), self._channel)
        return (header_frame, self._body_head(length))

    def _make_method(self, routing_key: str) -> bytes:
        method = Basic.Publish(
            exchange=self._exchange, routing_key=routing_key, mandatory=self._mandatory
        )
        return marshal(method, self._channel)

    def _keep_method(self, routing_key: str) -> bytes:
        return _kept(self._methods, routing_key, self._make_method(routing_key))

    def _make_prefix(self, length: int) -> bytes:
        """All bytes of a message of this length that stand before its body."""
        prefix = self._method + b"".join(self._header(length, None, None))
        return _kept(self._prefixes, length, prefix)

    def _make_template(self, length: int, width: int) -> tuple[bytes, bytes]:
        """What stands before and after a message id of ``width`` bytes."""
        before, after = self._around_id(length, width)
        return _kept(self._templates, (length, width), (self._method + before, after))

    def _around_id(self, length: int, width: int) -> tuple[bytes, bytes]:
        """The header's bytes before and after a message id: it is the last property."""
        properties = Basic.Properties(**self._properties, message_id="i" * width)
        header = marshal(ContentHeader(body_size=length, properties=properties), self._channel)
        return header[: -width - 1], FRAME_END + self._body_head(length)

    def _body_head(self, length: int) -> bytes:
        """The head of the only body frame, if there is exactly one."""
        if 0 < length <= self._body_limit:
            return frame_head.pack(BODY, self._channel, length)
        return b""

    def _split(self, body: bytes) -> list[bytes]:
        """The body frames of a body that is not one frame: several, or none."""
        parts: list[bytes] = []
        for start in range(0, len(body), self._body_limit):
            part = body[start : start + self._body_limit]
            parts += (frame_head.pack(BODY, self._channel, len(part)), part, FRAME_END)
        return parts


def _kept(cache: dict[Key, Value], key: Key, value: Value) -> Value:
    if len(cache) >= _CACHED:
        cache.clear()
    cache[key] = value
    return value
