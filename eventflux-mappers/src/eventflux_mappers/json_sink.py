"""Rows to JSON: one object a row, the columns by name and in order."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from eventflux.base.rows import Row
from eventflux.spi import Encoded, MapperError, SinkMapper


class JsonSinkMapper(SinkMapper):
    """Writes a batch as lines in one call and cuts them apart: JSON text holds no line end.

    NULL, NaN and the infinities are written as ``null``.
    """

    def __init__(self) -> None:
        encoder = msgspec.json.Encoder()
        self._encode_lines = encoder.encode_lines
        self._encode_one = encoder.encode

    def encode(self, rows: Sequence[Row]) -> Encoded:
        try:
            if len(rows) == 1:
                return Encoded([self._encode_one(rows[0])])
            payloads = self._encode_lines(rows).split(b"\n")
        except (ValueError, OverflowError, TypeError):
            return self._each(rows)
        payloads.pop()
        return Encoded(payloads)

    def _each(self, rows: Sequence[Row]) -> Encoded:
        payloads: list[bytes] = []
        errors: list[MapperError] = []
        for index, row in enumerate(rows):
            try:
                payloads.append(self._encode_one(row))
            except (ValueError, OverflowError, TypeError) as error:
                errors.append(MapperError(index, f"{_culprit(row)}: {error}"))
        return Encoded(payloads, errors)


def _culprit(row: Row) -> str:
    for field in msgspec.structs.fields(row):
        try:
            msgspec.json.encode(getattr(row, field.name))
        except (ValueError, OverflowError, TypeError):
            return f"column {field.encode_name!r}"
    return "the row"
