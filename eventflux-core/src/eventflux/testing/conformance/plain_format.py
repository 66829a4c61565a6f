"""The format of the tests of connectors: a payload is the value of the only column, BYTES."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from eventflux.base.rows import Row, values_of
from eventflux.spi import (
    Decoded,
    Encoded,
    MapperContext,
    MapperError,
    Options,
    SinkMapper,
    SinkMapperFactory,
    SourceMapper,
    SourceMapperFactory,
)

NAME = "conformance"


class NoOptions(Options):
    """None."""


class _Decoder(SourceMapper):
    def __init__(self, context: MapperContext, malformed: bytes | None) -> None:
        self._row = context.row_type
        self._malformed = malformed

    def decode(self, payloads: Sequence[bytes]) -> Decoded:
        errors = [
            MapperError(index, "malformed")
            for index, payload in enumerate(payloads)
            if payload == self._malformed
        ]
        good = [payload for payload in payloads if payload != self._malformed]
        return Decoded([self._row(payload) for payload in good], errors)


class _Encoder(SinkMapper):
    def encode(self, rows: Sequence[Row]) -> Encoded:
        return Encoded([values_of(row)[0] for row in rows])


class PlainSourceMapperFactory(SourceMapperFactory):
    """Decodes all payloads but ``malformed``."""

    name: ClassVar[str] = NAME
    doc: ClassVar[str] = "each payload as it is"
    options: ClassVar[type[Options]] = NoOptions

    def __init__(self, malformed: bytes | None = None) -> None:
        self._malformed = malformed

    def create(self, options: Any, context: MapperContext) -> SourceMapper:
        return _Decoder(context, self._malformed)


class PlainSinkMapperFactory(SinkMapperFactory):
    name: ClassVar[str] = NAME
    doc: ClassVar[str] = "each payload as it is"
    options: ClassVar[type[Options]] = NoOptions

    def create(self, options: Any, context: MapperContext) -> SinkMapper:
        return _Encoder()
