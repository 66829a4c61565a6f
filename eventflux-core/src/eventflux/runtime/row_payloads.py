"""Stand in for a mapper where a connector gives and takes rows, not payloads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from eventflux.base.errors import InputError
from eventflux.base.rows import Row, values_of
from eventflux.runtime.values import RowMaker
from eventflux.spi.mapper import Decoded, Encoded, MapperError, SinkMapper, SourceMapper


class RowPayloadDecoder(SourceMapper):
    """Makes rows of tuples of column values."""

    def __init__(self, maker: RowMaker) -> None:
        self._maker = maker

    def decode(self, payloads: Sequence[Any]) -> Decoded:
        rows: list[Row] = []
        errors: list[MapperError] = []
        for index, payload in enumerate(payloads):
            try:
                rows.append(self._maker.make(payload))
            except InputError as error:
                errors.append(MapperError(index, error.message))
        return Decoded(rows, errors)


class RowPayloadEncoder(SinkMapper):
    """Makes tuples of column values of rows."""

    def encode(self, rows: Sequence[Row]) -> Encoded:
        return Encoded(cast("list[bytes]", [values_of(row) for row in rows]))
