"""Keys and properties of messages that differ from event to event."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from eventflux.base.rows import Row
from eventflux.spi import ConnectorContext, Refusal, SinkBatch
from eventflux_rabbitmq.option_checks import SHORT_TEXT_LIMIT
from eventflux_rabbitmq.options import SinkOptions
from eventflux_rabbitmq.outgoing import Messages

_HEADERS_LIMIT = 64 * 1024
"""Characters of all header texts of a message: with more its header may not fit in a frame."""
_LONGEST_TTL = 2**32 - 1
_LATEST = 253_402_300_799


class _Unfit(Exception):
    """A value that the protocol has no place for; the text says which and why."""


@dataclass(slots=True)
class Stamped:
    """Messages to publish, and those of the batch that can't be."""

    messages: Messages
    places: Sequence[int]
    """Of each message its index in the batch."""
    refused: Sequence[Refusal]


def constant_properties(options: SinkOptions) -> dict[str, Any]:
    """The properties that all messages of a sink have."""
    properties: dict[str, Any] = {"delivery_mode": 2 if options.persistent else 1}
    if options.content_type is not None:
        properties["content_type"] = options.content_type
    headers = {name: template.constant for name, template in options.headers.items()}
    constants = {name: text for name, text in headers.items() if text is not None}
    if constants:
        properties["headers"] = constants
    return properties


class Stamper:
    """Gives each message of a batch its routing key and properties."""

    def __init__(self, options: SinkOptions, context: ConnectorContext) -> None:
        row_type = context.row_type
        templates = {
            name: template for name, template in options.headers.items() if template.columns
        }
        self._constant = constant_properties(options)
        self._constant_key = options.routing_key.constant
        self._key: Callable[[Row], str] | None = None
        self._headers: list[tuple[str, Callable[[Row], str]]] = []
        if row_type is not None:
            if self._constant_key is None:
                self._key = options.routing_key.renderer(row_type)
            self._headers = [(name, t.renderer(row_type)) for name, t in templates.items()]
        self.wants_rows = bool(self._key or self._headers)
        self._keys_differ = self._key is not None or "routing_key" in context.metadata
        others = [name for name in context.metadata if name not in ("routing_key", "message_id")]
        self._properties_differ = bool(self._headers or others)
        self._ids_differ = "message_id" in context.metadata

    @property
    def needed(self) -> bool:
        """Whether anything differs at all."""
        return self._keys_differ or self._properties_differ or self._ids_differ

    def stamp(self, batch: SinkBatch) -> Stamped:
        """The messages of a batch; one whose values don't fit is refused for good, alone."""
        count = len(batch.payloads)
        given: dict[str, Sequence[Any]] = dict(batch.metadata or {})
        rows: Sequence[Any] = batch.rows or [None] * count
        own_keys, own_ids = given.pop("routing_key", None), given.pop("message_id", None)
        unfit: dict[int, str] = {}
        messages = Messages(batch.payloads, batch.message_ids)
        if self._keys_differ:
            messages.keys = _each(self._key_of, own_keys or [None] * count, rows, unfit)
        if self._properties_differ:
            messages.properties = self._all_properties(given, rows, unfit)
        if own_ids is not None:
            ids: Sequence[str | None] = batch.message_ids or [None] * count
            messages.message_ids = _each(_message_id, own_ids, ids, unfit)
        if not unfit:
            return Stamped(messages, range(count), ())
        places = [place for place in range(count) if place not in unfit]
        refused = [Refusal(i, why, transient=False) for i, why in sorted(unfit.items())]
        return Stamped(messages.some(places), places, refused)

    def _key_of(self, key: str | None, row: Row) -> str:
        if key is None:
            key = self._constant_key if self._key is None else self._key(row)
        return _short("routing_key", key)

    def _all_properties(
        self, metadata: Mapping[str, Sequence[Any]], rows: Sequence[Row], unfit: dict[int, str]
    ) -> list[dict[str, Any] | None]:
        own: Sequence[Mapping[str, Any]] = [{}] * len(rows)
        if metadata:
            names = tuple(metadata)
            columns = zip(*metadata.values(), strict=True)
            own = [dict(zip(names, values, strict=True)) for values in columns]
        return _each(self._properties_of, own, rows, unfit)

    def _properties_of(self, metadata: Mapping[str, Any], row: Row) -> dict[str, Any] | None:
        """All properties of a message but its id; ``None`` if they are those of the options."""
        headers: dict[str, Any] = {name: render(row) for name, render in self._headers}
        own: dict[str, Any] = {}
        every = metadata.get("headers")
        if every is not None:
            headers |= _header_table(every)
        for name, value in metadata.items():
            if value is None or name == "headers":
                continue
            if name.startswith("headers."):
                headers[name.removeprefix("headers.")] = _header(name, value)
            else:
                convert: Callable[[str, Any], Any] = _CONVERT.get(name, _short)
                own[_ATTRIBUTES.get(name, name)] = convert(name, value)
        if headers:
            if sum(len(text) for text in headers.values() if isinstance(text, str)) > (
                _HEADERS_LIMIT
            ):
                raise _Unfit(f"its headers are longer than {_HEADERS_LIMIT} characters")
            own["headers"] = {**self._constant.get("headers", {}), **headers}
        return {**self._constant, **own} if own else None


def _each(
    make: Callable[[Any, Any], Any],
    first: Sequence[Any],
    second: Sequence[Any],
    unfit: dict[int, str],
) -> list[Any]:
    """What ``make`` makes of each pair: ``None`` of one that ``unfit`` then says why of."""
    made: list[Any] = []
    for index, (one, other) in enumerate(zip(first, second, strict=True)):
        try:
            made.append(make(one, other))
        except _Unfit as error:
            unfit.setdefault(index, str(error))
            made.append(None)
    return made


def _message_id(own: Any, given: str | None) -> str | None:
    return given if own is None else _short("message_id", own)


_ATTRIBUTES = {"type": "message_type"}
"""Properties that the client library calls otherwise."""


def _short(name: str, value: Any) -> str:
    text = value if isinstance(value, str) else str(value)
    if len(text) * 4 > SHORT_TEXT_LIMIT and len(text.encode()) > SHORT_TEXT_LIMIT:
        size = len(text.encode())
        raise _Unfit(f"its {name} is {size} bytes long; {SHORT_TEXT_LIMIT} are allowed")
    return text


def _priority(name: str, value: Any) -> int:
    if not 0 <= value <= 255:
        raise _Unfit(f"its {name} is {value}; 0 to 255 are allowed")
    return int(value)


def _timestamp(name: str, value: Any) -> datetime:
    seconds = value // 1000
    if not 0 <= seconds <= _LATEST:
        raise _Unfit(f"its {name} is {value}, which is not a moment of the years 1970 to 9999")
    return datetime.fromtimestamp(seconds, UTC)


def _expiration(name: str, value: Any) -> str:
    if not 0 <= value <= _LONGEST_TTL:
        raise _Unfit(f"its {name} is {value}; 0 to {_LONGEST_TTL} ms are allowed")
    return str(value)


_CONVERT: Mapping[str, Callable[[str, Any], Any]] = {
    "priority": _priority,
    "timestamp": _timestamp,
    "expiration": _expiration,
}


def _header_table(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _Unfit(f"its headers are {value!r:.80}, which is no mapping of names to values")
    return {_short("header's name", name): _header(name, inner) for name, inner in value.items()}


def _header(name: str, value: Any) -> Any:
    """A value as the protocol's tables have it."""
    if isinstance(value, bool | str | float) or value is None:
        return value
    if isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise _Unfit(f"its {name} holds {value}, a number beyond 64 bits")
        return value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes):
        return bytearray(value)
    if isinstance(value, Mapping):
        return {_short(name, key): _header(name, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_header(name, inner) for inner in value]
    raise _Unfit(f"its {name} holds a {type(value).__name__}, which a header can't be")
