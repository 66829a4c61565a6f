"""What comes with a message's body: read only where somebody looks at it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from pamqp.commands import Basic
from pamqp.header import ContentHeader

from eventflux_rabbitmq.properties import TEXTS

_log = logging.getLogger("eventflux.rabbitmq")

Note: TypeAlias = "tuple[bytes, bytes] | Envelope"
"""What comes with a body: of the method frame all from the consumer's tag on, and the payload
of the header frame; or both, read already."""


class Envelope:
    """Where a message came from, and its properties."""

    __slots__ = ("_header", "_properties", "exchange", "redelivered", "routing_key")

    def __init__(
        self,
        redelivered: bool,
        exchange: str,
        routing_key: str,
        *,
        header: bytes = b"",
        properties: Basic.Properties | None = None,
    ) -> None:
        """Either the payload of the header frame, or the properties that it holds."""
        self.redelivered = redelivered
        self.exchange = exchange
        self.routing_key = routing_key
        self._header = header
        self._properties = properties

    @classmethod
    def of(cls, note: Note) -> Envelope:
        """Read what the tap has kept."""
        if isinstance(note, Envelope):
            return note
        method, header = note
        return cls(_redelivered(method), _exchange(method), _routing_key(method), header=header)

    @property
    def properties(self) -> Basic.Properties:
        """Its properties; none where they can't be read, which is logged."""
        if self._properties is None:
            decoded = ContentHeader()
            try:
                decoded.unmarshal(self._header)
                self._properties = decoded.properties
            except Exception as error:  # the library raises what it likes for what it can't read
                self._properties = Basic.Properties()
                _log.warning(
                    "the properties of a message with routing key %r can't be read and count as "
                    "missing: %s",
                    self.routing_key,
                    error,
                )
        return self._properties

    @property
    def headers(self) -> Mapping[str, Any]:
        return self.properties.headers or {}

    def deliveries(self, queue: str) -> int:
        """How often the message has been delivered from ``queue``, this time included; a queue
        that doesn't count tells of one time before only."""
        before = self.headers.get("x-delivery-count")
        if not isinstance(before, int):
            before = int(self.redelivered)
        return 1 + before + _returns(self.headers.get("x-death"), queue)


def _returns(deaths: Any, queue: str) -> int:
    """How often a message was rejected from ``queue`` and came back through an exchange."""
    if not isinstance(deaths, list):
        return 0
    return sum(
        int(death.get("count") or 0)
        for death in deaths
        if isinstance(death, Mapping)
        and death.get("queue") == queue
        and death.get("reason") in ("rejected", "delivery_limit")
    )


def deliveries_of(notes: Sequence[Note | None] | None, queue: str) -> list[int] | None:
    """How often each message has been delivered; ``None`` where all came for the first time."""
    if notes is None:
        return None
    counts = [1 if note is None else _count(note, queue) for note in notes]
    return counts if max(counts) > 1 else None


def _count(note: Note, queue: str) -> int:
    if not isinstance(note, Envelope):
        method, header = note
        if b"x-delivery-count" not in header and b"x-death" not in header:
            return 1 + method[method[0] + 9]
    return Envelope.of(note).deliveries(queue)


def _redelivered(method: bytes) -> bool:
    return bool(method[method[0] + 9])


def _exchange(method: bytes) -> str:
    start = method[0] + 11
    return method[start : start + method[start - 1]].decode(errors="replace")


def _routing_key(method: bytes) -> str:
    start = method[0] + 11
    start += method[start - 1] + 1
    return method[start : start + method[start - 1]].decode(errors="replace")


_OF_METHOD: Mapping[str, Callable[[bytes], Any]] = {
    "redelivered": _redelivered,
    "exchange": _exchange,
    "routing_key": _routing_key,
}
"""What the method frame says, for which no header has to be read."""


class MetadataReader:
    """Gives the METADATA that a stream's columns read: by name, a value a message."""

    def __init__(self, names: Sequence[str], queue: str) -> None:
        self._of_method = {name: _OF_METHOD[name] for name in names if name in _OF_METHOD}
        self._of_header = {
            name: _reader(name, queue) for name in names if name not in self._of_method
        }

    def read(self, notes: Sequence[Note | None]) -> dict[str, list[Any]]:
        """The values of each name, of messages that came with these notes."""
        columns: dict[str, list[Any]] = {}
        for name, read in self._of_method.items():
            columns[name] = [
                read(note[0]) if isinstance(note, tuple) else getattr(note, name, None)
                for note in notes
            ]
        if self._of_header:
            envelopes = [None if note is None else Envelope.of(note) for note in notes]
            for name, look_up in self._of_header.items():
                columns[name] = [None if one is None else look_up(one) for one in envelopes]
        return columns


def _reader(name: str, queue: str) -> Callable[[Envelope], Any]:
    if name.startswith("headers."):
        header = name.removeprefix("headers.")
        return lambda envelope: _plain(envelope.headers.get(header))
    if name == "headers":
        return lambda envelope: _plain(envelope.properties.headers)
    if name == "delivery_count":
        return lambda envelope: envelope.deliveries(queue)
    attribute = "message_type" if name == "type" else name
    convert = {"timestamp": _plain, "expiration": _milliseconds}.get(name)
    if convert is not None:
        return lambda envelope: convert(getattr(envelope.properties, attribute))
    assert name in (*TEXTS, "user_id", "priority"), name
    return lambda envelope: getattr(envelope.properties, attribute)


def _plain(value: Any) -> Any:
    """A header's value as the engine has such values."""
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    if isinstance(value, bytearray):
        return bytes(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value


def _milliseconds(expiration: str | None) -> int | None:
    return int(expiration) if expiration is not None and expiration.isdecimal() else None
