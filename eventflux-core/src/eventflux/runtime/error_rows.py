"""What can't be processed, in words, and as a row of a stream of errors."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from eventflux.base.error_columns import DEAD_LETTER_COLUMNS, PLACE_COLUMNS
from eventflux.base.errors import Position, StreamFailed
from eventflux.base.rows import Row, values_of
from eventflux.base.types import Schema

MAPPING, REFUSED, TOO_MANY_DELIVERIES = "MappingError", "Refused", "TooManyDeliveries"
"""Values of ``errorType``; errors of a query or a callback have the name of their class."""


class Problem(msgspec.Struct):
    """One row or message that can't be processed."""

    stream: str
    """The stream whose error it is."""
    what: str
    """What happened, for the log: ``message 7 can't be decoded``."""
    message: str
    kind: str
    """What ``errorType`` says."""
    original: Any
    """The row, or the payload where there is no row; ``None`` if it belongs to no single one."""
    attempts: int = 1
    query: str | None = None
    position: Position | None = None
    label: str = ""
    """What an error of the app names; by default the stream."""
    hint: str | None = None
    cause: BaseException | None = None
    metadata: Mapping[str, Any] = msgspec.field(default_factory=dict)
    """METADATA of a message that gave no row, by column."""

    def told(self) -> str:
        """The problem with its place and the row, for a log line or an error."""
        where = "" if self.query is None else f"query {self.query!r}: "
        place = "" if self.position is None else f" ({self.position})"
        shown = isinstance(self.original, Row) and self.query is not None
        row = f"; the row was {_shortened(repr(self.original))}" if shown else ""
        return f"{where}{self.message}{place}{row}"

    def failure(self) -> StreamFailed:
        """The error of an app that stops because of it."""
        label = self.label or f"stream {self.stream!r}"
        error = StreamFailed(f"{label}: {self.what}: {self.told()}", self.hint)
        error.__cause__ = self.cause
        return error


class ErrorRows:
    """Makes the rows of one stream of errors: the columns of error rows by their names and
    types, and in others what METADATA they have, else NULL. Only ``<name>.errors`` has
    METADATA: a dead-letter stream may serve many streams."""

    def __init__(self, schema: Schema, row_type: type[Row], *, metadata: bool) -> None:
        own = {column.name: column.type for column in (*DEAD_LETTER_COLUMNS, *PLACE_COLUMNS)}
        self.metadata = tuple(c.name for c in schema.columns if metadata and c.name not in own)
        """The METADATA columns."""
        self._row_type = row_type
        self._getters: list[Callable[[Problem, int], Any]] = [
            _GETTERS[column.name]
            if own.get(column.name) is column.type
            else _metadata_getter(column.name if column.name in self.metadata else "")
            for column in schema.columns
        ]

    def make(self, problem: Problem, now_ms: int) -> Row:
        return self._row_type(*(get(problem, now_ms) for get in self._getters))


_encode = msgspec.json.Encoder(enc_hook=str, decimal_format="number").encode


def original_text(original: Any) -> str:
    """A row as JSON, a payload as its text or in base64, nothing as the empty text."""
    if original is None:
        return ""
    if isinstance(original, bytes | bytearray | memoryview):
        payload = bytes(original)
        try:
            return payload.decode()
        except UnicodeDecodeError:
            return b64encode(payload).decode()
    try:
        return _encode(original).decode()
    except (TypeError, ValueError, OverflowError):
        return repr(original)  # a text with half of a surrogate pair in it


def _metadata_getter(name: str) -> Callable[[Problem, int], Any]:
    def get(problem: Problem, now_ms: int) -> Any:
        row = problem.original
        if name and isinstance(row, Row):
            return dict(zip(row.__struct_encode_fields__, values_of(row), strict=True)).get(name)
        return problem.metadata.get(name)

    return get


_GETTERS: dict[str, Callable[[Problem, int], Any]] = {
    "originalEvent": lambda problem, now_ms: original_text(problem.original),
    "errorMessage": lambda problem, now_ms: problem.message,
    "errorType": lambda problem, now_ms: problem.kind,
    "timestamp": lambda problem, now_ms: now_ms,
    "attemptCount": lambda problem, now_ms: problem.attempts,
    "streamName": lambda problem, now_ms: problem.stream,
    "query": lambda problem, now_ms: problem.query,
    "line": lambda problem, now_ms: problem.position and problem.position.line,
    "column": lambda problem, now_ms: problem.position and problem.position.column,
}


def _shortened(text: str) -> str:
    return text if len(text) <= 300 else text[:297] + "..."
