"""Rows to JSON: one object a row, the columns by name and in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from eventflux.base.rows import Row
from eventflux.spi import Encoded, MapperContext, MapperError, SinkMapper, TimedSinkMapper
from eventflux_mappers.json_documents import document_maker
from eventflux_mappers.json_template import Template
from eventflux_mappers.options import JsonSinkOptions

_UNENCODABLE = (ValueError, OverflowError, TypeError, RecursionError)

Write = Callable[[Sequence[Row], Sequence[int] | None], list[bytes]]
"""Writes rows, with their event times where they are asked for, or raises one of _UNENCODABLE."""


def json_sink(options: JsonSinkOptions, context: MapperContext) -> SinkMapper:
    """The mapper for these options; ``OptionError`` for what they can't mean."""
    write: Write
    if options.template is not None:
        template = Template(options, context)
        write, timed = template.write, template.timed
    else:
        write, timed = _object_writer(options, context), options.include_timestamp
    if options.pretty_print:
        write = _indented(write)
    return TimedJsonSinkMapper(write) if timed else JsonSinkMapper(write)


class JsonSinkMapper(SinkMapper):
    """Writes a document a row; one that can't be written fails alone."""

    def __init__(self, write: Write) -> None:
        self._write = write

    def encode(self, rows: Sequence[Row]) -> Encoded:
        try:
            return Encoded(self._write(rows, None))
        except _UNENCODABLE:
            return _one_by_one(self._write, rows, None)


class TimedJsonSinkMapper(TimedSinkMapper):
    """The same where documents hold the event time."""

    def __init__(self, write: Write) -> None:
        self._write = write

    def encode_timed(self, rows: Sequence[Row], times: Sequence[int]) -> Encoded:
        try:
            return Encoded(self._write(rows, times))
        except _UNENCODABLE:
            return _one_by_one(self._write, rows, times)


def _object_writer(options: JsonSinkOptions, context: MapperContext) -> Write:
    """Writes a batch as lines in one call and cuts them apart: JSON text holds no line end.

    NULL, NaN and the infinities are written as ``null``.
    """
    encoder = msgspec.json.Encoder(decimal_format="number")
    encode_lines, encode_one = encoder.encode_lines, encoder.encode
    make = document_maker(options, context)

    def write(rows: Sequence[Row], times: Sequence[int] | None) -> list[bytes]:
        documents: Sequence[Any] = rows
        if make is not None:
            documents = list(map(make, rows) if times is None else map(make, rows, times))
        if len(documents) == 1:
            return [encode_one(documents[0])]
        payloads = encode_lines(documents).split(b"\n")
        payloads.pop()
        return payloads

    return write


def _indented(write: Write) -> Write:
    def write_indented(rows: Sequence[Row], times: Sequence[int] | None) -> list[bytes]:
        return [msgspec.json.format(payload, indent=2) for payload in write(rows, times)]

    return write_indented


def _one_by_one(write: Write, rows: Sequence[Row], times: Sequence[int] | None) -> Encoded:
    """What can be written, and which rows can't be."""
    payloads: list[bytes] = []
    errors: list[MapperError] = []
    for index, row in enumerate(rows):
        try:
            payloads += write([row], None if times is None else [times[index]])
        except _UNENCODABLE as error:
            errors.append(MapperError(index, f"{_culprit(row)}: {error}"))
    return Encoded(payloads, errors)


def _culprit(row: Row) -> str:
    for field in msgspec.structs.fields(row):
        try:
            msgspec.json.encode(getattr(row, field.name))
        except _UNENCODABLE:
            return f"column {field.encode_name!r}"
    return "the row"
