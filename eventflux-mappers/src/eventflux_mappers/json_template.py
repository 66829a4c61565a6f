"""Documents by a template: JSON text with ``{{column}}`` in the place of values.

Within a string a value is its text, escaped, and NULL is nothing; elsewhere a value is JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from eventflux.base.errors import OptionError
from eventflux.base.rows import Row, values_of
from eventflux.base.suggest import did_you_mean
from eventflux.base.types import DataType
from eventflux.spi import MapperContext
from eventflux_mappers.json_documents import TIMESTAMP_FIELD, json_form
from eventflux_mappers.options import JsonSinkOptions

STREAM_NAME = "_streamName"
_NAME = "[^{}]*?"
_TOKEN = r'\{\{(?:\s*(?P<name>NAMES)\s*\}\})?|\\.|"'

_SAMPLES: dict[DataType, Any] = {
    DataType.STRING: 'a "text"',
    DataType.INT: -1,
    DataType.LONG: -1,
    DataType.FLOAT: -1.5,
    DataType.DOUBLE: -1.5,
    DataType.BOOL: True,
    DataType.DECIMAL: Decimal("-1.50"),
    DataType.TIMESTAMP: 0,
    DataType.BYTES: b"bytes",
    DataType.OBJECT: {"a": ["text", -1, None]},
}

_encode = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True)
class _Placeholder:
    name: str
    in_string: bool


class Template:
    """A template for the rows of one stream."""

    def __init__(self, options: JsonSinkOptions, context: MapperContext) -> None:
        """Read and try it.

        Raises:
            OptionError: it names what is not there, or gives no JSON.
        """
        for name, useless in (
            ("omit-nulls", options.omit_nulls),
            ("include-timestamp", options.include_timestamp),
        ):
            if useless:
                raise OptionError(
                    f"option 'json.{name}' has no effect with 'json.template'",
                    "the template alone says what is written",
                )
        columns = {column.name: at for at, column in enumerate(context.schema.columns)}
        self._takes: list[Callable[[Sequence[Any]], list[bytes]]] = []
        self._places: list[int | None] = []
        """Of each placeholder the position of its column; ``None`` for the event time."""
        text = b""
        for piece in _pieces(options.template or "", columns):
            if isinstance(piece, str):
                text += piece.encode().replace(b"%", b"%%")
            elif piece.name in columns:
                position = columns[piece.name]
                form = json_form(context.schema.columns[position], options)
                self._takes.append(_writer(form, piece.in_string))
                self._places.append(position)
                text += b"%b"
            elif piece.name == TIMESTAMP_FIELD:
                self._takes.append(_writer(None, piece.in_string))
                self._places.append(None)
                text += b"%b"
            elif piece.name == STREAM_NAME:
                (name_text,) = _writer(None, piece.in_string)([context.stream])
                text += name_text.replace(b"%", b"%%")
            else:
                known = (*columns, TIMESTAMP_FIELD, STREAM_NAME)
                raise OptionError(
                    f"option 'json.template': nothing is called '{piece.name}'",
                    did_you_mean(piece.name, known),
                )
        self._format = text
        self.timed = None in self._places
        """Whether it has the event time."""
        self._try(context)

    def write(self, rows: Sequence[Row], times: Sequence[int] | None) -> list[bytes]:
        """A document a row; ``times`` are needed where the template is ``timed``."""
        if not self._places:
            return [self._format % ()] * len(rows)
        columns = list(zip(*map(values_of, rows), strict=True))
        parts: list[list[bytes]] = []
        for take, place in zip(self._takes, self._places, strict=True):
            parts.append(take((times or ()) if place is None else columns[place] if rows else ()))
        return list(map(self._format.__mod__, zip(*parts, strict=True)))

    def _try(self, context: MapperContext) -> None:
        for null in (False, True):
            row = context.row_type(
                *[
                    None if null and column.nullable else _SAMPLES[column.type]
                    for column in context.schema.columns
                ]
            )
            (sample,) = self.write([row], [0])
            try:
                msgspec.json.decode(sample)
            except msgspec.DecodeError as error:
                shown = sample.decode()
                values = "NULLs" if null else "sample values"
                raise OptionError(
                    f"option 'json.template' gives no JSON: {error}",
                    f"with {values} it is {shown if len(shown) <= 200 else shown[:200] + '…'}",
                ) from None


def _pieces(template: str, columns: Iterable[str]) -> Iterator[str | _Placeholder]:
    """The texts and placeholders of a template, in order.

    Raises:
        OptionError: a ``{{`` begins no placeholder.
    """
    names = [re.escape(name) for name in columns if "{" in name or "}" in name]
    tokens = re.compile(_TOKEN.replace("NAMES", "|".join([*names, _NAME])), re.DOTALL)
    start, in_string = 0, False
    for token in tokens.finditer(template):
        if token[0] == '"':
            in_string = not in_string
        elif token["name"] is not None:
            yield template[start : token.start()]
            yield _Placeholder(token["name"], in_string)
            start = token.end()
        elif token[0] == "{{":
            shown = template[token.start() : token.start() + 20]
            raise OptionError(
                f"option 'json.template': no placeholder begins at {shown!r}",
                r"write {{column}}, and braces that mean themselves {\u007b",
            )
    yield template[start:]


def _writer(
    form: Callable[[Any], Any] | None, in_string: bool
) -> Callable[[Sequence[Any]], list[bytes]]:
    """What writes the values of a column for one placeholder."""

    def write(values: Sequence[Any]) -> list[bytes]:
        lines = _encode.encode_lines(values if form is None else list(map(form, values)))
        parts = lines.split(b"\n")
        parts.pop()
        return list(map(_within_string, parts)) if in_string else parts

    return write


def _within_string(part: bytes) -> bytes:
    """The JSON text of a value as part of a string."""
    if part.startswith(b'"'):
        return part[1:-1]
    if part == b"null":
        return b""
    return _encode.encode(part.decode())[1:-1] if part[:1] in (b"{", b"[") else part
